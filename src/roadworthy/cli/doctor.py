"""`roadworthy doctor`: what a rehearsal can enforce on this machine, and how to mend what it cannot."""

from __future__ import annotations

import sys

import click

from roadworthy.cli.output import COLORS
from roadworthy.findings import Report, StageSummary
from roadworthy.report.screen import Screen, painted, screen_of

FAITHFUL = {"A", "B"}
"""The tiers on which every scenario can be judged."""

TIERS = {
    "A": "as strict as a container: namespaces, another user, the kernel's own limits",
    "B": "namespaces without root: a watchdog and processor affinity keep the limits",
    "D": "a plain process: its variables, and the simulated providers through proxy variables",
}


@click.command
@click.option("--format", "wanted", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--color", type=click.Choice(list(COLORS)), default="auto", show_default=True)
def command(wanted: str, color: str) -> int:
    """Say what this machine can enforce, and how to mend the rest.

    Exit status: 0 on tier A or B, where every scenario can be judged, otherwise 1.
    """
    from roadworthy.rehearsal.stage.inspect import examine

    stage = examine()
    if wanted == "json":
        from roadworthy.report.json_report import write

        write(Report("doctor", agent="", stage=stage), sys.stdout)
    else:
        click.echo(render(stage, screen_of(sys.stdout, color=COLORS[color])), nl=False, color=True)
    return 0 if stage.tier in FAITHFUL else 1


def render(stage: StageSummary, screen: Screen) -> str:
    """The tier and what it means, what is enforced, what is missing and why, and what mends it."""
    from rich.text import Text

    from roadworthy.rehearsal.conditions import Feature
    from roadworthy.report.terminal import labelled
    from roadworthy.report.visible import one_line

    good = stage.tier in FAITHFUL
    head = Text(f"Tier {one_line(stage.tier)}: {one_line(stage.backend)}", f"bold {'green' if good else 'red'}")
    parts = [head, labelled([("means", TIERS.get(stage.tier)), ("holds", ", ".join(stage.enforced))]), Text()]
    for missing in stage.missing:
        parts += [
            Text.assemble((one_line(missing.what), "bold yellow"), " is missing"),
            labelled([("why", missing.reason), ("fix", missing.fix)]),
            Text(),
        ]
    lost = [feature for feature in Feature if feature not in stage.enforced]
    last = f"not tested here: what needs {', '.join(lost)}" if lost else "every scenario can be judged here"
    return painted(screen, *parts, Text(last, "bold"))
