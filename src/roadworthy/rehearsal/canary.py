"""Canaries: a word in each request that must come back in its answer and in no other."""

from __future__ import annotations

import random
import re

PATTERN = re.compile(r"rw[0-9a-f]{12}", re.IGNORECASE)
"""Letters and digits alone, so that it survives JSON, URLs, shells and case folding."""


def new_canary(rng: random.Random) -> str:
    """A canary that no other request of this run has (48 random bits)."""
    return f"rw{rng.getrandbits(48):012x}"


def canaries_in(text: str) -> tuple[str, ...]:
    """Every canary in `text`, each once, in order of appearance."""
    return tuple(dict.fromkeys(match.lower() for match in PATTERN.findall(text)))
