"""Waivers of the manifest, for findings of a check."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.manifest.waivers import Waiver


def waived(finding: Finding, waiver: Waiver | None, today: date) -> Finding:
    """`finding` with its waiver where that holds today; an expired one is said beside the reason."""
    if waiver is None:
        return finding
    if waiver.has_expired(today):
        told = f"its waiver expired after {waiver.until}: {waiver.reason}"
        return replace(finding, why=f"{finding.why}; {told}" if finding.why else told)
    return replace(finding, waived=waiver.reason)
