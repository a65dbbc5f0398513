"""The report as GitHub workflow commands, which annotate the diff, and as the job's summary in Markdown."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from roadworthy.findings import Check, Finding, Outcome, Report, Severity, Verdict
from roadworthy.report.exit_status import counts_as_failure
from roadworthy.report.visible import one_line, visible
from roadworthy.report.wording import (
    Told,
    again,
    counts,
    duration,
    excerpt,
    findings_of,
    from_here,
    place_of,
    stale_waivers,
    told_of,
)

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
SUMMARY = "GITHUB_STEP_SUMMARY"
OUTPUT_LINES = 50
"""Lines of output below a failure in the summary, of which GitHub takes 1 MiB a step."""


def write(report: Report, to: TextIO, environ: Mapping[str, str] = os.environ) -> None:
    """Write the commands to `to`, and append the summary to the file that `environ` names, if it does."""
    to.write(render(report))
    if path := environ.get(SUMMARY):
        with Path(path).open("a", encoding="utf-8") as summary_file:
            summary_file.write(summary(report))


def render(report: Report) -> str:
    """One command a line for each failure and finding, one for all that was not tested; then the counts."""
    lines = [*_commands(report), one_line(counts(report))]
    return "".join(f"{line}\n" for line in lines)


def summary(report: Report) -> str:
    """`report` in Markdown: the table, and each failure with its evidence in a folded part."""
    return "\n".join([f"## {_plain(report.agent)}: {counts(report)}", "", *_summary_lines(report), ""])


def _commands(report: Report) -> Iterator[str]:
    for verdict in report.verdicts:
        if verdict.verdict is Outcome.FAIL:
            yield _verdict(verdict, report)
    for check in report.checks:
        if check.verdict is Outcome.FAIL and not findings_of(check, report):
            yield _command(_level(check.severity, report), " ".join(check.codes), check.item, told_of(check))
    for finding in report.findings:
        yield _finding(finding, report)
    for code, told_of_it in stale_waivers(report):
        yield _command("warning", f"{code} waiver", told_of_it, [])
    untested = [row for row in report.verdicts if row.verdict is Outcome.NOT_TESTED]
    if untested:
        told: Told = [(row.code, row.reason or "no reason given") for row in untested]
        yield _command("notice", "not tested", f"{len(untested)} not tested", told)


def _verdict(verdict: Verdict, report: Report) -> str:
    waived = verdict.waived is not None
    return _command(
        "notice" if waived else _level(verdict.severity, report),
        f"{verdict.code} waived" if waived else verdict.code,
        verdict.title,
        [*told_of(verdict), ("again", again(report, verdict.code))],
        file=from_here(report, verdict.where.path) if verdict.where else None,
        line=verdict.where.line if verdict.where else None,
    )


def _level(severity: Severity, report: Report) -> str:
    return "error" if counts_as_failure(severity, report.strict) else COMMANDS[severity]


def _finding(finding: Finding, report: Report) -> str:
    waived = finding.waived is not None
    return _command(
        "notice" if waived else _level(finding.severity, report),
        f"{finding.code} waived" if waived else finding.code,
        finding.message,
        told_of(finding),
        file=None if finding.path is None else from_here(report, finding.path),
        line=finding.line,
        col=finding.column,
        endLine=finding.end_line,
    )


def _command(name: str, title: str, message: str, told: Told, **place: str | int | None) -> str:
    """`::name file=…,line=…,title=…::message`, escaped as the runner's own toolkit does."""
    properties = {**place, "title": title}
    written = ",".join(
        f"{key}={_escaped(one_line(str(value))).replace(':', '%3A').replace(',', '%2C')}"
        for key, value in properties.items()
        if value is not None
    )
    lines = "\n".join([message, *(f"{label}: {text}" for label, text in told if text)])
    return f"::{name} {written}::{_escaped(visible(lines))}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _summary_lines(report: Report) -> Iterator[str]:
    yield from ("|  | code | what was done, and what came of it | time |", "|--|--|--|--:|")
    for verdict in report.verdicts:
        tested = verdict.verdict is not Outcome.NOT_TESTED
        told = verdict.title if tested else f"{verdict.title} (not tested: {verdict.reason})"
        time = duration(verdict.seconds) if tested else ""
        yield f"| {_mark(verdict)} | {_plain(verdict.code)} | {_plain(told)} | {time} |"
    for check in report.checks:
        told = f"{check.group}: {check.item}" + (f" ({check.reason})" if check.reason else "")
        yield f"| {_mark(check)} | {_plain(' '.join(check.codes))} | {_plain(told)} |  |"
    for finding in report.findings:
        yield f"| ✗ | {_plain(finding.code)} | {_plain(f'{place_of(finding)} {finding.message}')} |  |"
    for code, told in stale_waivers(report):
        yield from ("", f"{_plain(code)}: {_plain(told)}")
    for verdict in report.verdicts:
        if verdict.verdict is Outcome.FAIL:
            yield from _details(verdict, report)


def _details(verdict: Verdict, report: Report) -> Iterator[str]:
    told = [*told_of(verdict), ("again", again(report, verdict.code))]
    lines = [f"{label:8}{visible(text)}" for label, text in told if text]
    text = "\n".join([*lines, *excerpt(verdict.output, OUTPUT_LINES)])
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    yield from ("", "<details>", f"<summary>{_plain(verdict.code)} {_plain(verdict.title)}</summary>", "")
    yield from (f"{fence}text", text, fence, "</details>")


def _mark(row: Verdict | Check) -> str:
    if row.verdict is Outcome.FAIL and isinstance(row, Verdict) and row.waived is not None:
        return "!"
    return {Outcome.PASS: "✓", Outcome.FAIL: "✗", Outcome.NOT_TESTED: "–"}[row.verdict]


def _plain(text: str) -> str:
    """`text` on one line with nothing in it that Markdown or HTML reads: as character references."""
    return re.sub(r"[^\w\s.,;:/'\"=+%()–✓✗-]", lambda match: f"&#{ord(match[0])};", one_line(text))
