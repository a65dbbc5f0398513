"""Anthropic's messages: what comes out, as one object or as a stream of events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from roadworthy.rehearsal.faults.fault import ToolCall, Turn
from roadworthy.rehearsal.world.model.anthropic_thinking import signature
from roadworthy.rehearsal.world.model.anthropic_threads import hold
from roadworthy.rehearsal.world.model.conversation import Conversation
from roadworthy.rehearsal.world.model.ledger import Ledger
from roadworthy.rehearsal.world.model.wire import Stamp, pieces

STOP_REASONS = {
    "stop": "end_turn",
    "tool_calls": "tool_use",
    "length": "max_tokens",
    "content_filter": "refusal",
}
CUMULATIVE = (
    *("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"),
    *("output_tokens", "output_tokens_details"),
)
"""Parts of the usage that the end of a stream tells once more."""


def write(turn: Turn, conversation: Conversation, stamp: Stamp, ledger: Ledger) -> bytes:
    """The body of an answer; the conversation is held where the request asks for a thread."""
    whole = _message(turn, conversation, stamp)
    hold(conversation.body, whole, ledger)
    return msgspec.json.encode(whole)


def stream(turn: Turn, conversation: Conversation, stamp: Stamp, ledger: Ledger) -> Iterator[bytes]:
    """The events of a streamed answer; the conversation is held as above."""
    whole = _message(turn, conversation, stamp)
    hold(conversation.body, whole, ledger)
    begun = {
        **whole,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "usage": {**whole["usage"], "output_tokens": 1, "output_tokens_details": None},
    }
    yield _event("message_start", message=begun)
    yield _event("ping")
    arguments = iter(turn.tool_calls)
    for index, block in enumerate(whole["content"]):
        opening, deltas = _opened(block, arguments)
        yield _event("content_block_start", index=index, content_block=opening)
        for delta in deltas:
            yield _event("content_block_delta", index=index, delta=delta)
        yield _event("content_block_stop", index=index)
    ended = {name: whole[name] for name in ("stop_reason", "stop_sequence", "stop_details")}
    cumulative = {name: value for name, value in whole["usage"].items() if name in CUMULATIVE}
    yield _event("message_delta", delta=ended, usage=cumulative)
    yield _event("message_stop")


def _opened(block: dict[str, Any], calls: Iterator[ToolCall]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A block as its stream begins it, and what then comes bit by bit."""
    match block["type"]:
        case "thinking":
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(block["thinking"])]
            signed = {"type": "signature_delta", "signature": block["signature"]}
            return {**block, "thinking": "", "signature": ""}, [*deltas, signed]
        case "tool_use":
            bits = ["", *pieces(next(calls).arguments)]
            return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": bit} for bit in bits]
        case _:
            return {**block, "text": ""}, [{"type": "text_delta", "text": piece} for piece in pieces(block["text"])]


def _message(turn: Turn, conversation: Conversation, stamp: Stamp) -> dict[str, Any]:
    refused = turn.refusal is not None or turn.finish == "content_filter"
    texts = [text for text in (turn.text, turn.refusal) if text is not None]
    return {
        "id": f"msg_{stamp.number:024x}",
        "type": "message",
        "role": "assistant",
        "model": conversation.model,
        "content": [
            *_thinking(conversation, stamp),
            *({"type": "text", "text": text} for text in texts),
            *map(_tool_use, turn.tool_calls),
        ],
        "stop_reason": _stop_reason(turn),
        "stop_sequence": turn.stopped_at,
        "stop_details": {"type": "refusal", "category": None, "explanation": None} if refused else None,
        "usage": {
            "input_tokens": max(0, stamp.input_tokens - conversation.cache_read - conversation.cache_written),
            "cache_creation_input_tokens": conversation.cache_written,
            "cache_read_input_tokens": conversation.cache_read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": conversation.cache_written,
                "ephemeral_1h_input_tokens": 0,
            },
            "output_tokens": stamp.output_tokens,
            "output_tokens_details": {"thinking_tokens": stamp.thought_tokens},
            "service_tier": "standard",
        },
    }


def _stop_reason(turn: Turn) -> str:
    if turn.refusal is not None:
        return "refusal"
    return "stop_sequence" if turn.stopped_at is not None else STOP_REASONS[turn.finish]


def _thinking(conversation: Conversation, stamp: Stamp) -> list[dict[str, Any]]:
    if stamp.thought is None:
        return []
    shown = "" if conversation.body["thinking"].get("display") == "omitted" else stamp.thought
    return [{"type": "thinking", "thinking": shown, "signature": signature(shown)}]


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
