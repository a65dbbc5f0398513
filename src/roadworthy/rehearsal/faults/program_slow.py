"""A program is slow: it does its work, later than usual."""

from __future__ import annotations

from roadworthy.rehearsal.faults.fault import Fault


def program_slow(name: str, seconds: float) -> Fault:
    """The declared binary `name` waits `seconds` before it does anything."""
    return Fault(f"{name} takes {seconds:g} s longer", program=(name, seconds))
