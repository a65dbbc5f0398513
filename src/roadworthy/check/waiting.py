"""Ask again until services answer: what is started together does not come up together."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roadworthy.findings import Finding, Report

WORTH_WAITING = ("NET201", "NET202", "NET203")
"""What a service that is still starting shows."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0
"""Seconds between two tries; each is half as long again as the one before."""


def until_answered(ask: Callable[[], Report], patience: float) -> Report:
    """What `ask` says once no service keeps it waiting, at the latest after `patience` seconds."""
    end, pause = time.monotonic() + patience, FIRST_PAUSE
    while True:
        report = ask()
        left = end - time.monotonic()
        if left <= 0 or not any(map(_is_worth_waiting, report.findings)):
            return report
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE)


def _is_worth_waiting(finding: Finding) -> bool:
    return finding.code in WORTH_WAITING and finding.waived is None
