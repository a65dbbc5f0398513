"""The plan as a table: what a rehearsal would do here, what each scenario needs, how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from roadworthy.report.screen import Screen, painted
from roadworthy.report.visible import one_line
from roadworthy.report.wording import counted, duration

if TYPE_CHECKING:
    from roadworthy.rehearsal.options import PlannedScenario


def render(planned: Sequence[PlannedScenario], screen: Screen) -> str:
    """One row for each scenario, those that cannot be enforced here with the reason, and the sum."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("code", no_wrap=True)
    table.add_column("what is done", ratio=3)
    table.add_column("needs", ratio=2)
    table.add_column("starts", justify="right")
    table.add_column("time", justify="right", no_wrap=True)
    table.add_column("how", no_wrap=True)
    for scenario in planned:
        title, needs = one_line(scenario.title), one_line(", ".join(scenario.needs))
        if not scenario.enforceable:
            title += f" (not tested: {one_line(scenario.reason or 'not enforced here')})"
        table.add_row(
            Text(one_line(scenario.code)),
            Text(title),
            Text(needs),
            "?" if scenario.trials is None else str(scenario.trials),
            duration(scenario.seconds) if scenario.seconds else "",
            " ".join(["fresh"] * scenario.fresh + ["quiet"] * scenario.quiet),
            style="" if scenario.enforceable else "dim",
        )
    seconds = sum(scenario.seconds for scenario in planned if scenario.enforceable)
    last = counted(len(planned), "scenario") + (f", about {duration(seconds)} one by one" if seconds else "")
    return painted(screen, table, Text(), Text(last, "bold"))
