"""The model says the right JSON, with words around it."""

from __future__ import annotations

from roadworthy.rehearsal.faults.fault import Fault
from roadworthy.rehearsal.faults.json_answer import json_answer

BEFORE, AFTER = "Here is the answer in the format you asked for:\n\n", "\n\nLet me know if it helps."


def wrapped_in_prose() -> Fault:
    """A sentence before the answer, and one after it."""
    return json_answer("the model puts words around its JSON", lambda text, _question: f"{BEFORE}{text}{AFTER}")
