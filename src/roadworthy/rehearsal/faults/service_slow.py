"""A service is slow: it answers, later than usual."""

from __future__ import annotations

from roadworthy.rehearsal.faults.fault import Fault


def service_slow(name: str, seconds: float) -> Fault:
    """Each answer of the declared service `name` begins `seconds` late."""
    return Fault(f"{name} answers {seconds:g} s later", late=(name, seconds))
