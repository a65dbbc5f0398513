"""A program hangs: it is started, prints nothing and does not end."""

from __future__ import annotations

from roadworthy.rehearsal.faults.fault import NEVER, Fault


def program_endless(name: str) -> Fault:
    """The declared binary `name` never ends; one that was started meanwhile goes on so after the fault's end."""
    return Fault(f"{name} never ends", program=(name, NEVER))
