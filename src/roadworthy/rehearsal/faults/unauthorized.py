"""The provider does not know the key: revoked, expired, or another environment's."""

from __future__ import annotations

from roadworthy.rehearsal.faults.fault import Fault, Question, Refusal


def unauthorized() -> Fault:
    """401 for every call."""

    def refuse(_question: Question) -> Refusal:
        return Refusal(401, "authentication", "Incorrect API key provided.")

    return Fault("the provider answers 401", refuse=refuse)
