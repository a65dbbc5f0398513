"""The provider is overloaded and does not say for how long."""

from __future__ import annotations

from typing import Literal

from roadworthy.rehearsal.faults.fault import Fault, Question, Refusal


def unavailable(status: Literal[429, 503] = 503) -> Fault:
    """Every call gets 429 or 503, without `Retry-After`: how often a client tries is left to it."""

    def refuse(_question: Question) -> Refusal:
        if status == 429:
            return Refusal(429, "rate_limit", "Rate limit reached for requests per minute.")
        return Refusal(503, "overloaded", "The engine is currently overloaded, please try again later.")

    return Fault(f"the provider answers {status} to everything", refuse=refuse)
