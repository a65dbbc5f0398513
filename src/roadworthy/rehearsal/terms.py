"""The figures that every definition of a scenario is made of: D, R, Tm, M, N and G of one manifest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roadworthy.manifest.model import Manifest

SHARE_OF_MODEL = 2 / 3
"""A model call may take two thirds of the deadline: a third is left for tools and one short retry."""
USUAL_CONCURRENCY = 20
"""Requests at once where none are declared: enough to meet in shared state, few enough for any laptop."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The figures of one manifest, in seconds and bytes."""

    manifest: Manifest
    deadline: float
    """D, when a request must be over: `timeouts.request`, else `budgets.answer` (30 s)."""
    ready: float
    """R, when a started agent must be ready: `budgets.ready` (10 s)."""
    model_timeout: float
    """Tm, when a model call must be over: `timeouts.model`, else two thirds of D."""
    memory: int
    """M, what one replica may use: `resources.memory` (512 MiB)."""
    concurrency: int
    """N, requests at once: `budgets.concurrency` (20 where undeclared)."""
    concurrency_declared: bool
    """Whether N is a promise of the manifest's, and so something to be held to."""
    grace: float
    """G, from SIGTERM to the kill: `timeouts.grace` (10 s)."""
    is_entry: bool
    """An `entry:` agent: health, logs, signals and disconnects are its server's."""

    @classmethod
    def of(cls, manifest: Manifest) -> Terms:
        """The figures that `manifest` declares, and the usual ones where it declares none."""
        declared = manifest.timeouts.request
        deadline = manifest.budgets.answer if declared is None else declared
        model = manifest.timeouts.model
        concurrency = manifest.budgets.concurrency
        return cls(
            manifest=manifest,
            deadline=deadline,
            ready=manifest.budgets.ready,
            model_timeout=SHARE_OF_MODEL * deadline if model is None else model,
            memory=manifest.resources.memory,
            concurrency=USUAL_CONCURRENCY if concurrency is None else concurrency,
            concurrency_declared=concurrency is not None,
            grace=manifest.timeouts.grace,
            is_entry=manifest.agent.entry is not None,
        )

    @property
    def is_one_shot(self) -> bool:
        """A command that is started for each request and has no life between them."""
        return self.manifest.agent.input is not None
