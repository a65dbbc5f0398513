"""The provider turns calls away for a while and says how long."""

from __future__ import annotations

from roadworthy.rehearsal.faults.fault import Fault, Question, Refusal


def rate_limited(window: float) -> Fault:
    """429 with `Retry-After` for `window` seconds from the first, each with what is left of them; then all is well."""

    def refuse(question: Question) -> Refusal | None:
        left = window - question.since
        if left <= 0:
            return None
        return Refusal(429, "rate_limit", "Rate limit reached for requests per minute.", retry_after=left)

    return Fault(f"the provider answers 429 with Retry-After for {window:g} s", refuse=refuse)
