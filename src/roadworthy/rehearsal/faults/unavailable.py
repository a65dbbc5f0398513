"""The provider is overloaded and does not say for how long."""

from __future__ import annotations

from roadworthy.rehearsal.faults.fault import Fault, Question, Refusal


def unavailable() -> Fault:
    """Every call gets 429 or 503, without `Retry-After`: how often a client tries is left to it.

    Which of the two is drawn from the request's canary and stays the same for all its calls: a client that tries
    only one of them again would otherwise be stopped by the other.
    """

    def refuse(question: Question) -> Refusal:
        if question.canary is not None and question.canary[-1] in "02468ace":
            return Refusal(429, "rate_limit", "Rate limit reached for requests per minute.")
        return Refusal(503, "overloaded", "The engine is currently overloaded, please try again later.")

    return Fault("the provider answers 429 or 503 to everything", refuse=refuse)
