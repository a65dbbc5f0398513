"""The model has nothing to say, or will not say it."""

from __future__ import annotations

from collections.abc import Callable

from roadworthy.rehearsal.faults.fault import Fault, Question, Turn

REFUSAL = "I'm sorry, but I can't help with that request."


def no_content() -> Fault:
    """The content is null."""
    return _once("the model's content is null", Turn)


def empty_content() -> Fault:
    """The content is a text without a character."""
    return _once("the model's content is empty", lambda: Turn(text=""))


def refusal() -> Fault:
    """The model declines, in the place that the provider has for that."""
    return _once("the model refuses to answer", lambda: Turn(refusal=REFUSAL))


def _once(name: str, said: Callable[[], Turn]) -> Fault:
    """One final answer; a second try gets the usual one."""

    def reword(turn: Turn, question: Question) -> Turn:
        return said() if turn.final and question.number == 0 else turn

    return Fault(name, reword=reword)
