"""The user's script: which of its replies comes next, as a turn of the model or as a provider's error."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from roadworthy.manifest.model import ScriptedError, ScriptedReply, ScriptEntry, When
from roadworthy.rehearsal.faults.fault import Refusal, ToolCall, Turn
from roadworthy.rehearsal.world.model.answers import filled_in
from roadworthy.rehearsal.world.model.conversation import Conversation

LOWEST_SERVER_ERROR = 500


def scripted(conversation: Conversation, script: Sequence[ScriptEntry]) -> ScriptedReply | None:
    """The reply of the first entry that fits; None: the script has none for this conversation."""
    return next((entry.reply for entry in script if _fits(entry.when, conversation)), None)


def turn_in(reply: ScriptedReply, conversation: Conversation, new_id: Callable[[], str]) -> Turn:
    """What the model says by a reply that is no error."""
    text = None if reply.text is None else filled_in(reply.text, conversation.canary)
    calls = tuple(
        # A canary is letters and digits: it can be put into the JSON as it is.
        ToolCall(new_id(), call.name, filled_in(msgspec.json.encode(call.arguments).decode(), conversation.canary))
        for call in reply.calls
    )
    return Turn(text=text, tool_calls=calls, finish="tool_calls" if calls else "stop")


def refusal_in(error: ScriptedError) -> Refusal:
    """The error as providers give it: the status says of which kind it is."""
    match error.status:
        case 401 | 403:
            return Refusal(error.status, "authentication", error.message)
        case 404:
            return Refusal(error.status, "not_found", error.message)
        case 429:
            return Refusal(error.status, "rate_limit", error.message)
        case 529:
            return Refusal(error.status, "overloaded", error.message)
        case status:
            is_servers = status >= LOWEST_SERVER_ERROR
            return Refusal(status, "server_error" if is_servers else "invalid_request", error.message)


def _fits(when: When, conversation: Conversation) -> bool:
    last = conversation.last_text
    return (
        (when.turn is None or when.turn == conversation.turn_in_request)
        and (when.contains is None or when.contains in last)
        and (when.matches is None or re.search(when.matches, last) is not None)
        and all(
            any(name == tool and text in said for name, said in conversation.results)
            for tool, text in when.result.items()
        )
    )
