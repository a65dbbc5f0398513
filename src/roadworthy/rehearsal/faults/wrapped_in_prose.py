"""The model says the right JSON, with words around it."""

from __future__ import annotations

from dataclasses import replace

from roadworthy.rehearsal.faults.fault import Fault, Question, Turn


def wrapped_in_prose() -> Fault:
    """The final answer of a call that asked for JSON, without a schema that the provider guarantees."""

    def reword(turn: Turn, question: Question) -> Turn:
        if not turn.final or turn.text is None or not question.wants_json or question.strict_schema:
            return turn
        said = f"Here is the answer in the format you asked for:\n\n{turn.text}\n\nLet me know if it helps."
        return replace(turn, text=said)

    return Fault("the model puts words around its JSON", reword=reword)
