"""What a user asked of a rehearsal, and what the plan says will be done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

StageChoice = Literal["auto", "bubblewrap", "process"]


@dataclass(frozen=True, slots=True)
class Options:
    """One rehearsal as it was asked for; the command line and callers from Python build the same."""

    agent: str | None = None
    """Which of the manifest's agents; None: the only one, or the first."""
    only: tuple[str, ...] = ()
    """Codes or prefixes of codes, in upper case; empty: all."""
    skip: tuple[str, ...] = ()
    quick: bool = False
    """Only the scenarios marked `quick`."""
    jobs: int | None = None
    """Trials side by side; None: as many as the machine carries without noise."""
    seed: int | None = None
    """For canaries, order and simulated latencies; None: a new one, which the report names."""
    stage: StageChoice = "auto"
    keep: Path | None = None
    """The folder that gets the evidence of each trial; None: none is kept."""
    timeout: float | None = None
    """Seconds for the whole run; what was not judged by then is `not tested`."""
    allow_hosts: tuple[str, ...] = ()
    """Undeclared hosts that are passed through to the real ones."""
    allow_writes: bool = False
    """Also call tools that say they delete, send, pay, write or execute."""


@dataclass(frozen=True, slots=True)
class PlannedScenario:
    """What a rehearsal will do for one code on this machine, known before anything is started."""

    code: str
    title: str
    needs: tuple[str, ...] = ()
    """What the stage has to enforce for it."""
    enforceable: bool = True
    reason: str | None = None
    """Why it cannot be enforced here; None when it can."""
    trials: int | None = 1
    """Starts of the agent; None where only the baseline will tell."""
    seconds: float = 0.0
    """Expected duration, an estimate from the manifest's budgets."""
    fresh: bool = False
    """It wants a start of its own."""
    quiet: bool = False
    """It runs alone."""
