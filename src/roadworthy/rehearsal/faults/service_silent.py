"""A service hangs: it is there and says nothing."""

from __future__ import annotations

from roadworthy.rehearsal.faults.fault import Fault


def service_silent(name: str) -> Fault:
    """Open connections to the declared service `name` go silent, new ones hang."""
    return Fault(f"{name} accepts and never answers", service=(name, "silent"))
