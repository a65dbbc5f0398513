"""The account is out of credit: no waiting helps."""

from __future__ import annotations

from roadworthy.rehearsal.faults.fault import Fault, Question, Refusal


def quota_exceeded() -> Fault:
    """429 for good, with the provider's own code for an empty account."""

    def refuse(_question: Question) -> Refusal:
        return Refusal(
            429, "insufficient_quota", "You exceeded your current quota, please check your plan and billing."
        )

    return Fault("the provider says that the quota is used up", refuse=refuse)
