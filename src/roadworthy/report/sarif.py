"""The report as SARIF 2.1.0, which code hosts and editors show at the lines (OASIS, sarif/v2.1.0)."""

from __future__ import annotations

import json
from typing import Any, TextIO
from urllib.parse import quote

from roadworthy import __version__
from roadworthy.findings import Edit, Finding, Outcome, Report, Severity, Verdict
from roadworthy.report.visible import one_line, visible
from roadworthy.report.wording import from_here, told_of

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def write(report: Report, to: TextIO) -> None:
    """Write `report` to `to`."""
    to.write(render(report))


def render(report: Report) -> str:
    """`report` as one SARIF run: findings, and verdicts that failed, with the rules that they are of."""
    rows: list[Finding | Verdict] = [*report.findings]
    rows += [verdict for verdict in report.verdicts if verdict.verdict is Outcome.FAIL]
    codes = list(dict.fromkeys(row.code for row in rows))
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "roadworthy", "version": __version__, "rules": [_rule(code) for code in codes]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(row, codes.index(row.code), report) for row in rows],
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _unread(report)}],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: str) -> dict[str, Any]:
    from roadworthy.hazards.explaining import explanation

    explained = explanation(code)
    help_text = "\n\n".join(filter(None, [explained.summary, explained.why, explained.mend or explained.fix]))
    return {
        "id": code,
        "name": explained.title,
        "shortDescription": {"text": explained.title},
        "fullDescription": {"text": explained.summary or explained.title},
        "help": {"text": help_text or explained.title},
    }


def _result(row: Finding | Verdict, rule: int, report: Report) -> dict[str, Any]:
    message = row.message if isinstance(row, Finding) else row.title
    told = [f"{label}: {visible(text)}" for label, text in told_of(row) if text and label != "where"]
    result: dict[str, Any] = {
        "ruleId": row.code,
        "ruleIndex": rule,
        "level": LEVELS[row.severity],
        "message": {"text": "\n".join([one_line(message), *told])},
        "partialFingerprints": {"roadworthy/v1": row.fingerprint},
    }
    if (place := _place(row, report)) is not None:
        result["locations"] = [{"physicalLocation": place}]
    if isinstance(row, Finding) and row.edit is not None and row.edit.replacements:
        result["fixes"] = [_fix(row.edit, row.fix, report)]
    if row.waived is not None:
        result["suppressions"] = [{"kind": "external", "justification": one_line(row.waived)}]
    return result


def _fix(edit: Edit, told: str | None, report: Report) -> dict[str, Any]:
    replacements = [
        {
            "deletedRegion": {
                "startLine": each.start[0],
                "startColumn": each.start[1],
                "endLine": each.end[0],
                "endColumn": each.end[1],
            },
            "insertedContent": {"text": each.text},
        }
        for each in edit.replacements
    ]
    change = {"artifactLocation": {"uri": _uri(report, edit.path)}, "replacements": replacements}
    return {"description": {"text": one_line(told or "what --fix does")}, "artifactChanges": [change]}


def _place(row: Finding | Verdict, report: Report) -> dict[str, Any] | None:
    at = row.where if isinstance(row, Verdict) else row
    if at is None or at.path is None:
        return None
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(report, at.path)}}
    if at.line is None:
        return place
    region: dict[str, Any] = {"startLine": at.line}
    if isinstance(at, Finding):
        region |= {key: value for key, value in (("startColumn", at.column), ("endLine", at.end_line)) if value}
    place["region"] = region
    if at.text is not None:
        place["contextRegion"] = {"startLine": at.line, "snippet": {"text": visible(at.text)}}
    return place


def _uri(report: Report, path: str) -> str:
    """A name may hold bytes that are no text: they are written as what they are."""
    return quote(from_here(report, path).encode("utf-8", "surrogateescape"))


def _unread(report: Report) -> list[dict[str, Any]]:
    unread = report.source.unread if report.source is not None else ()
    return [{"level": "warning", "message": {"text": f"not scanned: {each}"}} for each in unread]
