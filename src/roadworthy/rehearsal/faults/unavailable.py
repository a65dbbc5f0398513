"""The provider is overloaded and does not say for how long."""

from __future__ import annotations

from roadworthy.rehearsal.faults.fault import Fault, Question, Refusal


def unavailable() -> Fault:
    """Every call gets 429 or 503, without `Retry-After`: how often a client tries is left to it.

    The first request gets 429, the next one 503, and so on, and each the same for all its calls: a client that tries
    only one of them again would otherwise be stopped by the other. So both are met, also where an agent mixes requests
    up and asks for all of them with one's canary.
    """
    met: dict[str | None, int] = {}

    def refuse(question: Question) -> Refusal:
        if met.setdefault(question.canary, len(met)) % 2 == 0:
            return Refusal(429, "rate_limit", "Rate limit reached for requests per minute.")
        return Refusal(503, "overloaded", "The engine is currently overloaded, please try again later.")

    return Fault("the provider answers 429 or 503 to everything", refuse=refuse)
