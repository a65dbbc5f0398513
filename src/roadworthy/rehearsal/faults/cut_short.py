"""The model's answer is cut at its length limit, and says so."""

from __future__ import annotations

from dataclasses import replace

from roadworthy.rehearsal.faults.fault import Fault, Question, Turn

LEFT = 0.6
"""Of the text: more than half, so that it looks like an answer, and never complete JSON."""
TIMES = 3
"""An agent that asks for the rest, again and again, gets it in the end; one that tries once more does not."""


def cut_short() -> Fault:
    """The first 60 % of the final answer, with `finish_reason: length` or the provider's like."""

    def reword(turn: Turn, question: Question) -> Turn:
        if not turn.final or not turn.text or question.number >= TIMES:
            return turn
        return replace(turn, text=turn.text[: max(1, int(len(turn.text) * LEFT))], finish="length")

    return Fault("the model's answer is cut at its length limit", reword=reword)
