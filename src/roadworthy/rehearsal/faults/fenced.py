"""The model says the right JSON, in a Markdown fence."""

from __future__ import annotations

from roadworthy.rehearsal.faults.fault import Fault
from roadworthy.rehearsal.faults.json_answer import json_answer


def fenced() -> Fault:
    """The answer is between three back-ticks and `json`, and three back-ticks."""
    return json_answer("the model puts its JSON in a fence", lambda text, _question: f"```json\n{text}\n```")
