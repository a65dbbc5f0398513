"""What is happening while a rehearsal runs: a live view on a terminal, plain lines in a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from roadworthy.findings import Outcome, Verdict
from roadworthy.rehearsal.events import (
    BaselineDone,
    BaselineStarted,
    Emit,
    Event,
    Note,
    RunStarted,
    ScenarioFinished,
    ScenarioStarted,
    StageReady,
    TrialStarted,
)
from roadworthy.report.screen import Screen, console_for
from roadworthy.report.visible import no_commands, one_line
from roadworthy.report.wording import counted, duration

if TYPE_CHECKING:
    from rich.console import RenderableType

REFRESHES = 5
"""A second: enough for a clock, and little work beside what is measured."""


@contextmanager
def live(to: TextIO, screen: Screen) -> Iterator[Emit]:
    """A view that is redrawn in place and leaves nothing behind but failures and notes.

    A thread of Rich's own redraws it until the block is left, however it is left.
    """
    from rich.live import Live
    from rich.text import Text

    view = View(screen)
    console = console_for(screen, to, terminal=True)

    with Live(
        console=console,
        get_renderable=view.render,
        refresh_per_second=REFRESHES,
        transient=True,
        redirect_stdout=False,
    ):

        def emit(event: Event) -> None:
            view.take(event)
            if isinstance(event, Note) or (isinstance(event, ScenarioFinished) and is_failure(event.verdict)):
                console.print(Text(line_of(event) or ""))

        yield emit


def plain(to: TextIO) -> Emit:
    """A line for each event that says something new; nothing is ever taken back."""

    def emit(event: Event) -> None:
        if line := line_of(event):
            to.write(no_commands(f"{line}\n"))
            to.flush()

    return emit


def line_of(event: Event) -> str | None:
    """One event in one line; None for those that only a live view needs."""
    match event:
        case RunStarted():
            seed = "" if event.seed is None else f", seed {event.seed}"
            stage = f"{event.stage.backend}, tier {event.stage.tier}"
            return one_line(f"{event.agent}: {counted(len(event.scenarios), 'scenario')} on {stage}{seed}")
        case BaselineStarted():
            return f"baseline: {counted(event.requests, 'request')} on the laptop stage"
        case BaselineDone():
            return one_line(f"baseline: {_baseline(event)}")
        case ScenarioFinished(verdict):
            return _finished(verdict)
        case Note():
            return one_line(f"note: {event.text}")
        case _:
            return None


def is_failure(verdict: Verdict) -> bool:
    """Whether the verdict is a failure that nobody has waived."""
    return verdict.verdict is Outcome.FAIL and verdict.waived is None


@dataclass(slots=True)
class View:
    """What the live view shows: what is done, what runs, and for how long."""

    screen: Screen
    clock: Callable[[], float] = time.monotonic
    agent: str = ""
    total: int = 0
    phase: str = "setting up"
    started: float = 0.0
    running: dict[str, tuple[str, float]] = field(default_factory=dict)
    """By code: its title and subject, and when it began."""
    titles: dict[str, str] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.started = self.clock()

    def take(self, event: Event) -> None:
        """Change what is shown."""
        match event:
            case RunStarted():
                self.agent, self.total = one_line(event.agent), len(event.scenarios)
                self.titles = {planned.code: one_line(planned.title) for planned in event.scenarios}
            case StageReady():
                self.phase = "stage ready"
            case BaselineStarted():
                self.phase = "the agent on the laptop stage"
            case BaselineDone():
                self.phase = ""
            case ScenarioStarted(code):
                self.running[code] = (self.titles.get(code, ""), self.clock())
            case TrialStarted(code, subject):
                began = self.running[code][1] if code in self.running else self.clock()
                title = self.titles.get(code, "")
                self.running[code] = (f"{title}: {one_line(subject)}" if subject else title, began)
            case ScenarioFinished(verdict):
                self.running.pop(verdict.code, None)
                self.outcomes.append(verdict.verdict)

    def render(self) -> RenderableType:
        """The view as it is now: a line with the counts, and one for each scenario that runs."""
        from rich.text import Text

        now = self.clock()
        counted = [f"{self.outcomes.count(outcome)} {word}" for outcome, word in WORDS.items()]
        done = f"{len(self.outcomes)} of {self.total}" if self.total else ""
        head = [
            self.agent,
            done,
            *(counted if self.outcomes else []),
            duration(now - self.started),
            self.phase,
        ]
        lines = [Text("  ".join(part for part in head if part), "bold")]
        # A copy: the thread that draws is not the one that takes events.
        for code, (title, began) in list(self.running.items()):
            lines.append(Text.assemble(f"  {one_line(code):9} ", (title, "dim"), f"  {duration(now - began)}"))
        for line in lines:
            line.truncate(self.screen.width - 1, overflow="ellipsis" if self.screen.unicode else "crop")
        return Text("\n").join(lines)


WORDS = {Outcome.PASS: "passed", Outcome.FAIL: "failed", Outcome.NOT_TESTED: "not tested"}


def _baseline(event: BaselineDone) -> str:
    parts = [
        f"{counted(event.requests, 'request')}, {duration(event.median_seconds)} each",
        f"{counted(event.calls_per_request, 'model call')} a request",
    ]
    for noun, names in (
        ("tools", event.tools),
        ("services", event.services),
        ("programs", event.binaries),
        ("left out", event.tools_left_out),
    ):
        if names:
            parts.append(f"{noun} {', '.join(names)}")
    return "; ".join(parts)


def _finished(verdict: Verdict) -> str:
    word = "waived" if verdict.waived is not None else WORDS[verdict.verdict]
    tested = verdict.verdict is not Outcome.NOT_TESTED
    rest = f", {duration(verdict.seconds)}" if tested else f" ({verdict.reason})"
    return one_line(f"{word} {verdict.code} {verdict.title}{rest}")
