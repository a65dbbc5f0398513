"""The model says the right JSON, in a Markdown fence."""

from __future__ import annotations

from dataclasses import replace

from roadworthy.rehearsal.faults.fault import Fault, Question, Turn


def fenced() -> Fault:
    """The final answer of a call that asked for JSON, without a schema that the provider guarantees."""

    def reword(turn: Turn, question: Question) -> Turn:
        if not turn.final or turn.text is None or not question.wants_json or question.strict_schema:
            return turn
        return replace(turn, text=f"```json\n{turn.text}\n```")

    return Fault("the model puts its JSON in a fence", reword=reword)
