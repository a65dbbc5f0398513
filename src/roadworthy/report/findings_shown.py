"""Findings as people read them: by hazard, each with its line of source, why it is one, and its mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from roadworthy.findings import Finding, Report, Severity
from roadworthy.report.screen import Screen
from roadworthy.report.visible import one_line, visible
from roadworthy.report.wording import place_of

if TYPE_CHECKING:
    from rich.console import RenderableType

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}
LONGEST_SOURCE = 200
"""Characters of a line of source that are shown."""
COLUMNS = 4
"""Hazards beside each other in the summary."""


def findings_by_hazard(report: Report, screen: Screen, hazards: Mapping[str, str]) -> Iterator[list[RenderableType]]:
    """A section for each hazard that has findings, in the order of `hazards` (prefix → title)."""
    order = list(hazards)
    by_hazard: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_hazard.setdefault(finding.hazard, []).append(finding)
    for prefix in sorted(by_hazard, key=lambda each: (order.index(each) if each in order else len(order), each)):
        found = by_hazard[prefix]
        title = Text.assemble((one_line(prefix), "bold"), f"  {one_line(hazards.get(prefix, ''))}")
        title.append(f"  {len(found)}", "dim")
        shown: list[RenderableType] = [title]
        said: set[tuple[str, str | None, str | None]] = set()
        for finding in found:
            # What was said of the line above need not be said again: a rule often finds one mistake many times.
            words = (finding.code, finding.why, finding.fix)
            shown.append(_finding(finding, screen, is_new=words not in said))
            said.add(words)
        yield shown


def hazards_counted(report: Report, screen: Screen) -> RenderableType:
    """Each of the classic hazards, and every other one that was found, with how often."""
    from roadworthy.hazards import CLASSIC

    counts = Counter(finding.hazard for finding in report.findings)
    worst = {finding.hazard: finding.severity for finding in sorted(report.findings, key=_mildest_first)}
    prefixes = [*CLASSIC, *sorted(prefix for prefix in counts if prefix not in CLASSIC)]
    grid = Table.grid(padding=(0, 3, 0, 0))
    for _ in range(COLUMNS):
        grid.add_column(no_wrap=True)
    rows = [prefixes[start : start + COLUMNS] for start in range(0, len(prefixes), COLUMNS)]
    for row in rows:
        grid.add_row(*(_count(prefix, counts[prefix], worst.get(prefix), screen) for prefix in row))
    return grid


def _mildest_first(finding: Finding) -> int:
    return -list(Severity).index(finding.severity)


def _count(prefix: str, count: int, worst: Severity | None, screen: Screen) -> Text:
    number = Text(f"{count:>4}", STYLES[worst]) if worst else Text(f"{screen.mark('–', '-'):>4}", "dim")
    return Text.assemble(f"{one_line(prefix):6}", number)


def _finding(finding: Finding, screen: Screen, *, is_new: bool) -> RenderableType:
    lines: list[RenderableType] = [
        Text.assemble(
            (one_line(place_of(finding)), "bold"),
            "  ",
            (f"{one_line(finding.code)} {finding.severity}", STYLES[finding.severity]),
            f"  {one_line(finding.message)}",
            ("" if finding.edit is None else "  (--fix)", "dim"),
        )
    ]
    if finding.text is not None and finding.line is not None:
        lines += _source(finding.text, finding.line, finding.column, screen.mark("│", "|"))
    if is_new:
        lines += [_labelled(label, text) for label, text in (("why", finding.why), ("fix", finding.fix)) if text]
    return Group(*lines)


def _source(text: str, line: int, column: int | None, bar: str) -> Iterator[Text]:
    indent = len(text) - len(text.lstrip())
    shown = visible(text.strip())[:LONGEST_SOURCE]
    margin = f"{line:>6} {bar} "
    yield Text.assemble((margin, "dim"), shown, no_wrap=True, overflow="ellipsis")
    if column is not None and indent < column <= indent + len(shown):
        yield Text.assemble((" " * 7 + f"{bar} ", "dim"), (" " * (column - 1 - indent) + "^", "bold"))


def _labelled(label: str, text: str) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(min_width=7, no_wrap=True, justify="right")
    grid.add_column(overflow="fold")
    grid.add_row(Text(label, "dim"), Text(one_line(text)))
    return grid
