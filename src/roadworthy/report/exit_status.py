"""What a report means for the caller: 0 clean, 1 something fails, 2 nothing could be judged."""

from __future__ import annotations

from collections.abc import Iterable

from roadworthy.findings import Outcome, Report, Severity

CLEAN, FAILING, NOT_RUN = 0, 1, 2


def exit_status(report: Report, *, strict: bool = False, require: Iterable[str] = ()) -> int:
    """The exit status of a verb that wrote `report`.

    `strict` lets warnings fail too. `require` names codes, or prefixes of codes, that must have been tested:
    one that was not, or has no row at all, fails.
    """
    rows = len(report.verdicts) + len(report.checks)
    if rows and report.count(Outcome.NOT_TESTED) == rows and not report.findings:
        return NOT_RUN
    fails = (
        any(
            verdict.verdict is Outcome.FAIL and verdict.waived is None and counts_as_failure(verdict.severity, strict)
            for verdict in report.verdicts
        )
        or any(finding.waived is None and counts_as_failure(finding.severity, strict) for finding in report.findings)
        or any(check.verdict is Outcome.FAIL and counts_as_failure(check.severity, strict) for check in report.checks)
        or bool(untested(report, require))
    )
    return FAILING if fails else CLEAN


def counts_as_failure(severity: Severity, strict: bool) -> bool:
    """Whether what is this severe fails the run."""
    return severity is Severity.ERROR or (strict and severity is Severity.WARNING)


def untested(report: Report, require: Iterable[str]) -> tuple[str, ...]:
    """Which of the required codes or prefixes were not tested, in whole or in part."""
    tested: dict[str, bool] = {}
    for verdict in report.verdicts:
        tested[verdict.code] = verdict.verdict is not Outcome.NOT_TESTED
    for check in report.checks:
        for code in check.codes:  # one may answer several lines
            is_tested = check.verdict is not Outcome.NOT_TESTED and code not in check.untested
            tested[code] = tested.get(code, True) and is_tested
    return tuple(
        required
        for required in require
        if not (met := [was for code, was in tested.items() if code.startswith(required)]) or not all(met)
    )
