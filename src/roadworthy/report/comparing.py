"""Two reports of one agent compared: what got better, what got worse, what is new and what is gone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from roadworthy.errors import UsageError
from roadworthy.findings import REPORT_VERSION, Change, Comparison, Outcome, Report

RANK = {"pass": 0, "waived": 1, "warning": 2, "fail": 3}
"""What a tested scenario came to, best first. `not tested` is neither better nor worse than anything."""
MEND = "give the JSON report of an earlier run: roadworthy rehearse --format json --output before.json"


def earlier_report(path: Path) -> dict[str, Any]:
    """The JSON report at `path`. Raises UsageError for a file that is none, or of another version."""
    try:
        if path.is_dir():
            path = path / "report.json"
        read = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"--compare {path}: {error.strerror}\n  {MEND}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--compare {path}: this is no JSON\n  {MEND}") from error
    rows = read.get("verdicts") if isinstance(read, dict) else None
    if not isinstance(rows, list) or read.get("verb") != "rehearse" or not isinstance(read.get("agent"), str):
        raise UsageError(f"--compare {path}: this is no report of a rehearsal\n  {MEND}")
    if read.get("version") != REPORT_VERSION:
        raise UsageError(
            f"--compare {path}: a report of version {read.get('version')}, and this reads version {REPORT_VERSION}\n"
            f"  {MEND}"
        )
    outcomes = [str(outcome) for outcome in Outcome]
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("code"), str) or row.get("verdict") not in outcomes:
            raise UsageError(f"--compare {path}: a verdict in it has no code or no outcome\n  {MEND}")
    report: dict[str, Any] = read
    return report


def compared(before: Mapping[str, Any], after: Report, name: str) -> Comparison:
    """What changed from the report `before` to `after`; `name` says which report it is compared with."""
    rows = before["verdicts"]
    earlier = {row["code"]: _state(row["verdict"], row.get("severity"), row.get("waived")) for row in rows}
    now = {verdict.code: _state(verdict.verdict, verdict.severity, verdict.waived) for verdict in after.verdicts}
    both = [Change(code, earlier[code], state) for code, state in now.items() if code in earlier]
    by = {
        change: RANK[now[change.code]] - RANK[earlier[change.code]]
        for change in both
        if earlier[change.code] in RANK and now[change.code] in RANK
    }
    return Comparison(
        with_report=name,
        agent=before["agent"],
        better=tuple(change for change in by if by[change] < 0),
        worse=tuple(change for change in by if by[change] > 0),
        other=tuple(change for change in both if change not in by and change.before != change.after),
        new=tuple(Change(code, None, state) for code, state in now.items() if code not in earlier),
        gone=tuple(Change(code, state, None) for code, state in earlier.items() if code not in now),
        same=sum(change.before == change.after for change in both),
    )


def _state(verdict: str, severity: str | None, waived: str | None) -> str:
    if verdict != Outcome.FAIL:
        return str(verdict)
    if waived is not None:
        return "waived"
    return "fail" if severity in (None, "error") else "warning"
