"""Anthropic's messages: what comes out, as one object or as a stream of events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from roadworthy.rehearsal.faults.fault import ToolCall, Turn
from roadworthy.rehearsal.world.model.conversation import Conversation
from roadworthy.rehearsal.world.model.wire import Ledger, Stamp, pieces

STOP_REASONS = {
    "stop": "end_turn",
    "tool_calls": "tool_use",
    "length": "max_tokens",
    "content_filter": "refusal",
}


def write(turn: Turn, conversation: Conversation, stamp: Stamp, _ledger: Ledger) -> bytes:
    """The body of an answer."""
    return msgspec.json.encode(_message(turn, conversation, stamp))


def stream(turn: Turn, conversation: Conversation, stamp: Stamp, _ledger: Ledger) -> Iterator[bytes]:
    """The events of a streamed answer."""
    whole = _message(turn, conversation, stamp)
    begun = {
        **whole,
        "content": [],
        "stop_reason": None,
        "stop_details": None,
        "usage": {**whole["usage"], "output_tokens": 1},
    }
    yield _event("message_start", message=begun)
    yield _event("ping")
    texts = [text for text in (turn.text, turn.refusal) if text is not None]
    for index, text in enumerate(texts):
        yield _event("content_block_start", index=index, content_block={"type": "text", "text": ""})
        for piece in pieces(text):
            yield _event("content_block_delta", index=index, delta={"type": "text_delta", "text": piece})
        yield _event("content_block_stop", index=index)
    for index, call in enumerate(turn.tool_calls, start=len(texts)):
        yield _event("content_block_start", index=index, content_block={**_tool_use(call), "input": {}})
        for piece in ["", *pieces(call.arguments)]:
            delta = {"type": "input_json_delta", "partial_json": piece}
            yield _event("content_block_delta", index=index, delta=delta)
        yield _event("content_block_stop", index=index)
    ended = {name: whole[name] for name in ("stop_reason", "stop_sequence", "stop_details")}
    yield _event("message_delta", delta=ended, usage={"output_tokens": stamp.output_tokens})
    yield _event("message_stop")


def _message(turn: Turn, conversation: Conversation, stamp: Stamp) -> dict[str, Any]:
    refused = turn.refusal is not None or turn.finish == "content_filter"
    texts = [text for text in (turn.text, turn.refusal) if text is not None]
    return {
        "id": f"msg_{stamp.number:024x}",
        "type": "message",
        "role": "assistant",
        "model": conversation.model,
        "content": [
            *({"type": "text", "text": text} for text in texts),
            *map(_tool_use, turn.tool_calls),
        ],
        "stop_reason": "refusal" if refused else STOP_REASONS[turn.finish],
        "stop_sequence": None,
        "stop_details": {"type": "refusal", "category": None, "explanation": None} if refused else None,
        "usage": {
            "input_tokens": stamp.input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": stamp.output_tokens,
            "service_tier": "standard",
        },
    }


def _tool_use(call: ToolCall) -> dict[str, Any]:
    """Arguments that are no JSON object arrive empty: this wire has no way to carry them, but as a stream."""
    try:
        arguments = msgspec.json.decode(call.arguments)
    except msgspec.DecodeError:
        arguments = {}
    return {
        "type": "tool_use",
        "id": call.id,
        "name": call.name,
        "input": arguments if isinstance(arguments, dict) else {},
    }


def _event(kind: str, **content: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), msgspec.json.encode({"type": kind, **content}))
