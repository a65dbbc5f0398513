"""What all sessions of one run share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from roadworthy.findings import Place
from roadworthy.rehearsal.stage.setting import Ground
from roadworthy.rehearsal.stage.stage import Stage
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.world.world import World

if TYPE_CHECKING:
    from roadworthy.rehearsal.stage.run_folder import RunFolder


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The stage, the ground it stands on, and a way to make a world."""

    stage: Stage
    ground: Ground
    terms: Terms
    folder: RunFolder
    new_world: Callable[[Callable[[], float]], World]
    redact: Callable[[str], str]
    secrets: Mapping[str, str]
    """The values of the variables that are declared secret, by name."""
    mentions: Mapping[str, Place]
    seed: int
    warm_after: float = 0.0
    """Seconds that the agent needs after it says that it is ready, as the laptop stage showed."""
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    """By which waivers expire."""
