"""The provider refuses what it was sent: an error that no client library tries again."""

from __future__ import annotations

from roadworthy.rehearsal.faults.fault import Fault, Question, Refusal


def bad_request() -> Fault:
    """400 for every call."""

    def refuse(_question: Question) -> Refusal:
        return Refusal(400, "invalid_request", "Invalid value in 'messages': the request was not accepted.")

    return Fault("the provider answers 400", refuse=refuse)
