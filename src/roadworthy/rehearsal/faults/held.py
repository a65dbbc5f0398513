"""One call takes long: what comes meanwhile finds the agent at work."""

from __future__ import annotations

from roadworthy.rehearsal.faults.fault import Fault


def held(seconds: float) -> Fault:
    """The first call is held for `seconds`, later ones are not."""
    return Fault(
        f"the first model call is held for {seconds:g} s",
        hold=lambda question: seconds if question.number == 0 else 0.0,
    )
