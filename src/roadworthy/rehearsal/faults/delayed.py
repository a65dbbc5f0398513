"""The provider is slow."""

from __future__ import annotations

from roadworthy.rehearsal.faults.fault import Fault


def delayed(seconds: float) -> Fault:
    """Every call's answer begins `seconds` late; when streaming, its first byte."""
    return Fault(f"the provider takes {seconds:g} s for each call", hold=lambda _question: seconds)
