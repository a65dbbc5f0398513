"""What the manifest's waivers came to: which counted, which have expired, and which were for nothing."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import date

from roadworthy.findings import Finding, Outcome, Verdict, WaiverState, WaiverUse
from roadworthy.manifest.waivers import Waiver


def waived(verdict: Verdict, waiver: Waiver | None, today: date) -> Verdict:
    """`verdict` with its waiver, if it failed and the waiver holds today; an expired one is said in a note."""
    if waiver is None or verdict.verdict is not Outcome.FAIL:
        return verdict
    if waiver.has_expired(today):
        return replace(verdict, notes=(*verdict.notes, f"its waiver expired after {waiver.until}: {waiver.reason}"))
    return replace(verdict, waived=waiver.reason)


def waived_finding(finding: Finding, waiver: Waiver | None, today: date) -> Finding:
    """`finding` with its waiver where that holds today; an expired one is said beside the reason."""
    if waiver is None:
        return finding
    if waiver.has_expired(today):
        told = f"its waiver expired after {waiver.until}: {waiver.reason}"
        return replace(finding, why=f"{finding.why}; {told}" if finding.why else told)
    return replace(finding, waived=waiver.reason)


def waiver_uses(
    accept: Mapping[str, Waiver], outcomes: Mapping[str, Outcome], known: Container[str], today: date
) -> tuple[WaiverUse, ...]:
    """What came of each waiver; `outcomes` by code.

    One of a code that was not run, or was not tested, has no state: nothing can be said of it, unless it has
    expired.
    """
    uses = []
    for code, waiver in accept.items():
        state = None
        if code not in known:
            state = WaiverState.UNKNOWN
        elif outcomes.get(code) is Outcome.PASS:
            state = WaiverState.UNUSED
        elif waiver.has_expired(today):
            state = WaiverState.EXPIRED
        elif outcomes.get(code) is Outcome.FAIL:
            state = WaiverState.USED
        until = None if waiver.until is None else waiver.until.isoformat()
        uses.append(WaiverUse(code, waiver.reason, until, state))
    return tuple(uses)
