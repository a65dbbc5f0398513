"""Where an answer ends before its end: at a text that the request says to stop at, or for want of tokens."""

from __future__ import annotations

from dataclasses import replace

from roadworthy.rehearsal.faults.fault import ToolCall, Turn
from roadworthy.rehearsal.world.model.conversation import Conversation
from roadworthy.rehearsal.world.model.thinking import thought
from roadworthy.rehearsal.world.model.wire import CHARACTERS_A_TOKEN


def bounded(turn: Turn, conversation: Conversation) -> Turn:
    """The turn, cut where the request's own limits cut a real answer.

    Where a limit would cut the canary out of a plain answer, and there is room for the canary alone, it is the
    answer: a real model that is told to be brief is brief.
    """
    if not conversation.stop and conversation.max_tokens is None:
        return turn
    cut = _cut(turn, conversation)
    canary = conversation.canary
    if cut is turn or canary is None or turn.tool_calls or conversation.answer_format.kind != "text":
        return cut
    said_whole = cut.finish == "stop" and canary in (cut.text or "")
    if canary not in (turn.text or "") or said_whole:
        return cut
    brief = Turn(text=canary)
    return brief if _cut(brief, conversation) is brief else cut


def _cut(turn: Turn, conversation: Conversation) -> Turn:
    return _within(_stopped(turn, conversation.stop), conversation)


def _stopped(turn: Turn, stops: tuple[str, ...]) -> Turn:
    """The text up to the first of `stops`: calls that would have come behind it are never made."""
    text = turn.text or ""
    places = [(text.find(stop), stop) for stop in stops if stop in text]
    if not places:
        return turn
    place, stop = min(places)
    return Turn(text=text[:place], stopped_at=stop)


def _within(turn: Turn, conversation: Conversation) -> Turn:
    if conversation.max_tokens is None:
        return turn
    room = conversation.max_tokens * CHARACTERS_A_TOKEN - len(thought(conversation) or "")
    if len(turn.text or "") > room:
        return Turn(text=(turn.text or "")[:room], finish="length")
    room -= len(turn.text or "")
    calls: list[ToolCall] = []
    for call in turn.tool_calls:
        room -= len(call.name)
        if len(call.arguments) <= room:
            calls.append(call)
            room -= len(call.arguments)
            continue
        if room > 0:
            calls.append(replace(call, arguments=call.arguments[:room]))
        return replace(turn, tool_calls=tuple(calls), finish="length")
    return turn
