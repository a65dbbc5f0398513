"""A service is down: nothing listens at its address."""

from __future__ import annotations

from roadworthy.rehearsal.faults.fault import Fault


def service_refuses(name: str) -> Fault:
    """Open connections to the declared service `name` are reset, new ones refused."""
    return Fault(f"{name} refuses connections", service=(name, "refuse"))
