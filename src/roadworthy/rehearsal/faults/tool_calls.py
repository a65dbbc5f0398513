"""The model calls tools otherwise than it did: one that does not exist, with broken arguments, two at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from roadworthy.rehearsal.faults.fault import Fault, Question, ToolCall, Turn

UNKNOWN = "no_such_tool"
BROKEN = '{"query": "abc'


def unknown_tool() -> Fault:
    """One call of a tool that nobody offered, in the place of a usual one; then as usual."""
    return _once("the model calls a tool that does not exist", lambda call: replace(call, name=UNKNOWN))


def broken_arguments() -> Fault:
    """One call whose arguments end in the middle; then as usual.

    Anthropic's messages carry arguments as an object: without a stream they arrive empty.
    """
    return _once("the model breaks off a tool call's arguments", lambda call: replace(call, arguments=BROKEN))


def two_calls() -> Fault:
    """One message with two calls: of two tools, or of one tool twice where there is one only; then as usual."""

    def reword(turn: Turn, question: Question) -> Turn:
        if not turn.tool_calls or question.number or not question.parallel or question.another is None:
            return turn
        return replace(turn, tool_calls=(*turn.tool_calls, question.another))

    return Fault("the model calls two tools at once", reword=reword)


def _once(name: str, change: Callable[[ToolCall], ToolCall]) -> Fault:
    def reword(turn: Turn, question: Question) -> Turn:
        if not turn.tool_calls or question.number or question.forced:
            return turn
        return replace(turn, tool_calls=(change(turn.tool_calls[0]), *turn.tool_calls[1:]))

    return Fault(name, reword=reword)
