"""The provider accepts a call and never answers."""

from __future__ import annotations

from roadworthy.rehearsal.faults.fault import NEVER, Fault


def silent_provider() -> Fault:
    """Connections are accepted, requests read, and not a byte is sent."""
    return Fault("the provider accepts and never answers", hold=lambda _question: NEVER)
