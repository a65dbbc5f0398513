"""What happens during a rehearsal, told as it happens: the engine emits, and knows no terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from roadworthy.findings import Report, StageSummary, Verdict
from roadworthy.rehearsal.options import PlannedScenario


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The plan stands; nothing has been started yet."""

    agent: str
    scenarios: tuple[PlannedScenario, ...]
    stage: StageSummary
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class StageReady:
    """The sandbox and the world around it stand."""

    seconds: float
    """How long it took to set them up."""


@dataclass(frozen=True, slots=True)
class BaselineStarted:
    """The agent is started on the laptop stage, to see that it works and what it uses."""

    requests: int


@dataclass(frozen=True, slots=True)
class BaselineDone:
    """The agent answered on the laptop stage."""

    requests: int
    median_seconds: float
    calls_per_request: float
    tools: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    binaries: tuple[str, ...] = ()
    tools_left_out: tuple[str, ...] = ()
    """Tools that were not called because they may write; `--allow-writes` calls them."""


@dataclass(frozen=True, slots=True)
class ScenarioStarted:
    """The first trial of a scenario begins."""

    code: str


@dataclass(frozen=True, slots=True)
class TrialStarted:
    """One trial begins; `subject` is the variable, binary or service it is about."""

    code: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class ScenarioFinished:
    """A verdict, complete with code, title and seconds."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Note:
    """Something the user should know now: a scenario repeated alone, a tool left out."""

    text: str


@dataclass(frozen=True, slots=True)
class RunFinished:
    """All verdicts are in and everything that was started has ended."""

    report: Report


Event: TypeAlias = (
    RunStarted
    | StageReady
    | BaselineStarted
    | BaselineDone
    | ScenarioStarted
    | TrialStarted
    | ScenarioFinished
    | Note
    | RunFinished
)

Emit: TypeAlias = Callable[[Event], None]
"""Called from the engine's event loop: returns at once and never raises."""
