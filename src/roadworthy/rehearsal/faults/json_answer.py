"""The model's JSON, changed: what every fault of its form or its keys shares."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from roadworthy.rehearsal.faults.fault import Fault, Question, Turn


def json_answer(name: str, change: Callable[[str, Question], str | None]) -> Fault:
    """The final answer of a call that asked for JSON, without a schema that the provider guarantees.

    `change` gets the JSON's text and gives another one, or None where there is nothing to change. An answer whose
    beginning the agent has written itself is left alone: no model puts a fence in the middle of its JSON.
    """

    def reword(turn: Turn, question: Question) -> Turn:
        if not turn.final or turn.text is None or not question.wants_json or question.strict_schema:
            return turn
        try:
            json.loads(turn.text)
        except ValueError:
            return turn
        changed = change(turn.text, question)
        return turn if changed is None else replace(turn, text=changed)

    return Fault(name, reword=reword)
