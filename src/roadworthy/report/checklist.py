"""The checklist as people read it: seven groups of lines, then what is wrong and how to mend it.

Written without rich: it takes longer to load than all checks take, and a check is the first line of an entrypoint.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TextIO

from roadworthy.findings import Check, Finding, Outcome, Report, Severity
from roadworthy.report.exit_status import CLEAN, FAILING, exit_status
from roadworthy.report.screen import Screen, screen_of
from roadworthy.report.visible import no_commands, one_line
from roadworthy.report.wording import counts, place_of, stale_waivers

STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "1;31",
    "green": "32",
    "yellow": "33",
    "bold green": "1;32",
    "bold yellow": "1;33",
}
ITEM_WIDTH = 46
"""Columns of a line's text; what was seen stands behind it."""
LABEL_WIDTH = 10
"""Two spaces and the longest label; codes are shorter."""
MARKS = {Outcome.PASS: ("✓", "+", "green"), Outcome.NOT_TESTED: ("–", "-", "dim")}


def write(report: Report, to: TextIO, *, color: bool | None = None) -> None:
    """Write `report` to `to`, as wide and as coloured as it can show (`color` overrides)."""
    to.write(no_commands(render(report, screen_of(to, color=color))))


def render(report: Report, screen: Screen) -> str:
    """`report` as text for `screen`."""
    return "".join(f"{line}\n" for line in _lines(report, screen))


def render_failures(report: Report, screen: Screen) -> str:
    """What is wrong and the counts alone: for a check whose lines are in the way of a command's own."""
    return "".join(f"{line}\n" for line in [*_findings(report, screen), _last_line(report, screen)])


def _lines(report: Report, screen: Screen) -> Iterator[str]:
    head = _styled(one_line(report.agent), "bold", screen)
    yield f"{head}  {_styled(one_line(report.manifest or ''), 'dim', screen)}".rstrip()
    for group, checks in groupby(report.checks, key=lambda check: check.group):
        yield ""
        yield _styled(one_line(group), "bold", screen)
        for check in checks:
            yield from _check(check, screen)
    yield ""
    yield from _findings(report, screen)
    for code, told in stale_waivers(report):
        yield from _labelled("waiver", f"{code}: {told}", screen)
    for note in report.notes:
        yield from _labelled("note", note, screen)
    yield _last_line(report, screen)


def _check(check: Check, screen: Screen) -> Iterator[str]:
    mark, item = _mark(check, screen), one_line(check.item)
    is_untested = check.verdict is Outcome.NOT_TESTED
    codes = one_line(" ".join(check.codes))
    start = f"  {mark} {_styled(f'{item:<{ITEM_WIDTH}}', 'dim' if is_untested else '', screen)}"
    if not check.reason:
        yield f"{start} {_styled(codes, 'dim', screen)}".rstrip()
        return
    indent = 4 + ITEM_WIDTH + 1
    room = max(24, screen.width - indent)
    first, *rest = textwrap.wrap(one_line(check.reason), room, break_on_hyphens=False) or [""]
    style = "dim" if check.verdict is not Outcome.FAIL else ""
    yield f"{start} {_styled(first, style, screen)}"
    yield from (f"{' ' * indent}{_styled(line, style, screen)}" for line in rest)
    if check.fix:
        yield f"{' ' * indent}{_styled(one_line(check.fix), 'dim', screen)}"


def _mark(check: Check, screen: Screen) -> str:
    if check.verdict is Outcome.FAIL:
        if check.severity is Severity.ERROR:
            return _styled(screen.mark("✗", "x"), "red", screen)
        return _styled("!", "yellow", screen)
    mark, plain, style = MARKS[check.verdict]
    return _styled(screen.mark(mark, plain), style, screen)


def _findings(report: Report, screen: Screen) -> Iterator[str]:
    for finding in report.findings:
        yield from _finding(finding, report, screen)
        yield ""


def _finding(finding: Finding, report: Report, screen: Screen) -> Iterator[str]:
    is_serious = finding.severity is Severity.ERROR and finding.waived is None
    place = "" if finding.path is None else f"  {one_line(place_of(finding))}"
    code = _styled(f"{one_line(finding.code):<{LABEL_WIDTH}}", "red" if is_serious else "bold yellow", screen)
    yield f"{code}{_styled(one_line(finding.message), 'bold', screen)}{_styled(place, 'dim', screen)}"
    told: Iterable[tuple[str, str | None]] = (
        ("level", _level(finding, report)),
        ("waived", finding.waived),
        ("why", finding.why),
        ("fix", finding.fix),
    )
    for label, text in told:
        if text:
            yield from _labelled(label, text, screen)
    for command in finding.commands:  # to copy: never wrapped
        yield f"{' ' * LABEL_WIDTH}{one_line(command)}"


def _level(finding: Finding, report: Report) -> str | None:
    if finding.waived is not None or finding.severity is Severity.ERROR:
        return None
    if finding.severity is Severity.NOTE:
        return "a note: it never fails the check"
    return "a warning: with --strict it fails the check" if report.strict else None


def _labelled(label: str, text: str, screen: Screen) -> Iterator[str]:
    lines = textwrap.wrap(one_line(text), max(24, screen.width - LABEL_WIDTH), break_on_hyphens=False)
    for at, line in enumerate(lines):
        start = _styled(f"  {label:<{LABEL_WIDTH - 2}}", "dim", screen) if at == 0 else " " * LABEL_WIDTH
        yield f"{start}{line}"


def _last_line(report: Report, screen: Screen) -> str:
    status = exit_status(report, strict=report.strict, require=report.required)
    return _styled(counts(report), {CLEAN: "bold green", FAILING: "red"}.get(status, "bold yellow"), screen)


def _styled(text: str, style: str, screen: Screen) -> str:
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if screen.color and style and text else text
