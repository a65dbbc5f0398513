"""A conversation that takes its time and is longer than usual: whoever goes on with it is seen to."""

from __future__ import annotations

from roadworthy.rehearsal.faults.fault import Fault, Question, Turn


def long_conversation(first: float, later: float) -> Fault:
    """The first call is held for `first` seconds, each further one for `later`.

    The model's second turn calls a tool once more, whatever it would have been, so that a conversation of two turns
    has a third one.
    """

    def reword(turn: Turn, question: Question) -> Turn:
        if question.number != 1 or question.another is None or question.forced:
            return turn
        return Turn(tool_calls=(question.another,), finish="tool_calls")

    return Fault(
        f"the first model call is held for {first:g} s, later ones for {later:g} s",
        hold=lambda question: later if question.number else first,
        reword=reword,
    )
