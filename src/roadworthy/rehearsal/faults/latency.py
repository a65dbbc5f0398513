"""The provider takes as long as providers do: no defect, but without it requests hardly overlap."""

from __future__ import annotations

import random

from roadworthy.rehearsal.faults.fault import Fault, Question

SHORTEST, LONGEST = 0.1, 0.4
"""Seconds: what a hosted model takes for a short answer, and enough for requests to interleave."""


def latency(seed: int = 0) -> Fault:
    """Each call takes 100 to 400 ms, drawn from the seed, the request's canary and the turn: repeatable."""

    def hold(question: Question) -> float:
        rng = random.Random(f"{seed} {question.canary} {question.turn}")  # noqa: S311 - repeatable, not secret
        return rng.uniform(SHORTEST, LONGEST)

    return Fault("the provider takes 100 to 400 ms for each call", hold=hold)
