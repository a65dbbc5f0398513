"""`roadworthy explain`: what a code stands for: what is done, what must hold, the cause, the fix, an example."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from roadworthy.cli.output import COLORS
from roadworthy.report.screen import Screen, painted, screen_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from roadworthy.hazards.explaining import Explanation


CHOOSING = {"scan": "--select", "check": "--only", "rehearse": "--only"}
"""The option by which each verb is told to look for one code alone."""


@click.command
@click.argument("code", required=False)
@click.option("--color", type=click.Choice(list(COLORS)), default="auto", show_default=True)
def command(code: str | None, color: str) -> None:
    """Explain a code: cause, evidence, fix, before and after.

    CODE is a code (ENV302) or a hazard (ENV). Without one, all codes are listed by hazard.
    """
    from roadworthy.hazards import all_hazards
    from roadworthy.hazards.explaining import explanation

    screen = screen_of(sys.stdout, color=COLORS[color])
    if code is None:
        text = listing([explanation(hazard.prefix) for hazard in all_hazards()], screen)
    else:
        text = render(explanation(code), screen)
    click.echo(text, nl=False, color=True)


def render(explained: Explanation, screen: Screen) -> str:
    """One explanation as text for `screen`."""
    return painted(screen, *_parts(explained))


def listing(hazards: Iterable[Explanation], screen: Screen) -> str:
    """Every code with its title, below its hazard."""
    from rich.text import Text

    from roadworthy.report.terminal import labelled

    parts: list[RenderableType] = []
    for hazard in hazards:
        parts += [Text.assemble((hazard.code, "bold"), f"  {hazard.title}"), labelled(hazard.codes), Text()]
    parts.append(Text("roadworthy explain CODE says what is done, what must hold, and how to mend it."))
    return painted(screen, *parts)


def _parts(explained: Explanation) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    from roadworthy.report.terminal import labelled

    yield Text.assemble((explained.code, "bold"), "  ", (explained.title, "bold"))
    if explained.verb:
        yield Text(explained.hazard, "dim")
    yield Text()
    if explained.verb and explained.summary:
        yield Text(explained.summary)
        yield Text()
    fix = "\n".join(dict.fromkeys(filter(None, (explained.fix, explained.mend))))
    yield labelled(
        [
            ("done", explained.done),
            ("must hold", explained.must_hold),
            ("why", explained.why),
            ("cause", explained.cause),
            ("fix", fix),
            ("not tested", explained.not_tested),
        ]
    )
    yield Text()
    for name, code in (("before", explained.before), ("after", explained.after)):
        if code:
            yield Text(name, "bold")
            yield Padding(Text(code.rstrip()), (0, 0, 1, 4))
    if explained.verb:
        yield labelled([("run", f"roadworthy {explained.verb} {CHOOSING[explained.verb]} {explained.code}")])
    else:
        yield labelled(explained.codes)
