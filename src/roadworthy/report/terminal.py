"""The report as people read it: the table, each failure with its evidence, and what was not tested."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TextIO

from rich.console import Group
from rich.table import Table
from rich.text import Text

from roadworthy.findings import Outcome, Report, Severity, StageSummary, Verdict
from roadworthy.report.exit_status import CLEAN, FAILING, exit_status
from roadworthy.report.findings_shown import findings_by_hazard, hazards_counted
from roadworthy.report.screen import Screen, painted, screen_of
from roadworthy.report.visible import no_commands, one_line, visible
from roadworthy.report.wording import (
    again,
    changes_told,
    cost_of_a_request,
    counts,
    duration,
    excerpt,
    stale_waivers,
    told_of,
)

if TYPE_CHECKING:
    from rich.console import OverflowMethod, RenderableType

OUTPUT_LINES = 12
"""Lines of the agent's own output below a failure."""
ROOM_FOR_HAZARDS = 110
"""Columns from which the table also names each hazard."""
LABEL_WIDTH = 8
"""Two spaces and the longest label; codes are as long."""

Row = tuple[str, str | Text | None]
"""A label and what stands beside it; None leaves the row out."""


def write(report: Report, to: TextIO, *, color: bool | None = None) -> None:
    """Write `report` to `to`, as wide and as coloured as it can show (`color` overrides)."""
    from roadworthy.hazards import all_hazards

    titles = {hazard.prefix: hazard.title for hazard in all_hazards()}
    to.write(no_commands(render(report, screen_of(to, color=color), titles)))


def render(report: Report, screen: Screen, hazards: Mapping[str, str]) -> str:
    """`report` as text for `screen`; `hazards` maps a prefix (`ENV`) to the hazard's title."""
    return painted(screen, *_parts(report, screen, hazards))


def mark(row: Verdict, screen: Screen) -> Text:
    """✓ passed, ✗ failed, ! failed and only a warning or waived, – not tested."""
    match row.verdict:
        case Outcome.PASS:
            return Text(screen.mark("✓", "+"), "green")
        case Outcome.NOT_TESTED:
            return Text(screen.mark("–", "-"), "dim")
    if row.waived is not None or row.severity is not Severity.ERROR:
        return Text("!", "yellow")
    return Text(screen.mark("✗", "x"), "bold red")


def labelled(rows: Iterable[Row]) -> RenderableType:
    """Rows of label and text, the texts in one column."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(min_width=LABEL_WIDTH, no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in rows:
        if text:
            grid.add_row(Text(f"  {label}", "dim"), text if isinstance(text, Text) else Text(visible(text)))
    return grid


def stage_rows(stage: StageSummary, said: Mapping[str, str] | None = None) -> Iterator[Row]:
    """Where the agent ran, and for each thing that is not enforced there why, and what mends it.

    `said` maps reasons that stand above already to the code they stand at.
    """
    whole = "" if stage.missing else ": everything is enforced"
    yield "stage", f"{stage.backend}, tier {stage.tier}{whole}"
    for missing in stage.missing:
        code = (said or {}).get(missing.reason)
        yield "lacks", f"{missing.what}: {f'see {code} above' if code else missing.reason}"
        yield "fix", None if code else missing.fix


def _parts(report: Report, screen: Screen, hazards: Mapping[str, str]) -> Iterator[RenderableType]:
    sections = [
        [_headline(report)],
        [_table(report.verdicts, screen, hazards)] if report.verdicts else [],
        *findings_by_hazard(report, screen, hazards),
        *([_failure(verdict, report)] for verdict in _failures(report)),
        list(_not_tested(report.verdicts)),
        [hazards_counted(report, screen)] if report.source is not None else [],
        [labelled(rows)] if (rows := list(_remarks(report))) else [],
    ]
    for section in filter(None, sections):
        yield from section
        yield Text()
    yield _last_line(report)


def _headline(report: Report) -> RenderableType:
    return Text.assemble((one_line(report.agent), "bold"), "  ", (one_line(report.manifest or ""), "dim"))


def _table(verdicts: Iterable[Verdict], screen: Screen, hazards: Mapping[str, str]) -> RenderableType:
    ellipsis: OverflowMethod = "ellipsis" if screen.unicode else "crop"
    wide = screen.width >= ROOM_FOR_HAZARDS
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    if wide:
        table.add_column(no_wrap=True, overflow=ellipsis, max_width=36, style="dim")
    table.add_column(no_wrap=True, overflow=ellipsis, ratio=1)
    table.add_column(no_wrap=True, justify="right", style="dim")
    named = None
    for verdict in verdicts:
        tested = verdict.verdict is not Outcome.NOT_TESTED
        title = one_line(verdict.title) + (" (waived)" if verdict.waived is not None else "")
        hazard = "" if verdict.hazard == named else one_line(hazards.get(verdict.hazard, verdict.hazard))
        named = verdict.hazard
        table.add_row(
            mark(verdict, screen),
            Text(one_line(verdict.code), "" if tested else "dim"),
            *([Text(hazard)] if wide else []),
            Text(title, "" if tested else "dim"),
            duration(verdict.seconds) if tested else "",
        )
    return table


def _failures(report: Report) -> list[Verdict]:
    """What fails the run first, then warnings, then what is waived."""
    order = list(Severity)
    return sorted(
        (verdict for verdict in report.verdicts if verdict.verdict is Outcome.FAIL),
        key=lambda verdict: (verdict.waived is not None, order.index(verdict.severity)),
    )


def _failure(verdict: Verdict, report: Report) -> RenderableType:
    serious = verdict.waived is None and verdict.severity is Severity.ERROR
    warning = (
        "a warning: with --strict it fails the run"
        if report.strict
        else "a warning: it fails the run with --strict only"
    )
    level = {Severity.ERROR: None, Severity.WARNING: warning}
    return Group(
        _heading(verdict.code, verdict.title, serious=serious),
        labelled(
            [
                ("level", level.get(verdict.severity, "a note: it never fails the run")),
                *told_of(verdict),
                ("output", Text("\n".join(excerpt(verdict.output, OUTPUT_LINES)), "dim")),
            ]
        ),
        Text.assemble(("  again   ", "dim"), again(report, verdict.code), no_wrap=True, overflow="ignore"),
    )


def _heading(code: str, title: str, *, serious: bool) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(min_width=LABEL_WIDTH, no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text(one_line(code), f"bold {'red' if serious else 'yellow'}"), Text(one_line(title), "bold"))
    return grid


def _not_tested(verdicts: Iterable[Verdict]) -> Iterator[RenderableType]:
    """The codes by reason and mend: one missing feature stands once, however many scenarios need it."""
    groups: dict[tuple[str | None, str | None], list[str]] = {}
    for verdict in verdicts:
        if verdict.verdict is Outcome.NOT_TESTED:
            groups.setdefault((verdict.reason, verdict.fix), []).append(one_line(verdict.code))
    for (reason, fix), codes in groups.items():
        yield Text.assemble((", ".join(codes), "bold"), (" not tested", "dim"))
        yield labelled([("why", reason), ("fix", fix)])


def _remarks(report: Report) -> Iterator[Row]:
    for verdict in report.verdicts:
        if verdict.verdict is not Outcome.FAIL:
            yield from (("note", f"{verdict.code}: {note}") for note in verdict.notes)
    if report.comparison:
        yield from changes_told(report.comparison)
    yield from (("waiver", f"{code}: {told}") for code, told in stale_waivers(report))
    yield from (("note", note) for note in report.notes)
    mendable = sum(finding.edit is not None for finding in report.findings)
    if mendable and report.source is not None:
        yield "fix", f"{mendable} can be mended with --fix; --diff shows how"
    yield from (("unread", unread) for unread in (report.source.unread if report.source else ()))
    if report.cost:
        yield "cost", cost_of_a_request(report.cost)
    if report.stage:
        said = {verdict.reason: verdict.code for verdict in reversed(report.verdicts) if verdict.reason}
        yield from stage_rows(report.stage, said)
    if report.seed is not None:
        yield "seed", f"{report.seed} (--seed {report.seed} draws the same again)"


def _last_line(report: Report) -> RenderableType:
    style = {CLEAN: "bold green", FAILING: "bold red"}.get(
        exit_status(report, strict=report.strict, require=report.required), "bold yellow"
    )
    return Text(counts(report), style)
