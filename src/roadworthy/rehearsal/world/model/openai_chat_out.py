"""OpenAI's chat completions: what comes out, as one object or as a stream of events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from roadworthy.rehearsal.faults.fault import Turn
from roadworthy.rehearsal.world.model.conversation import Conversation
from roadworthy.rehearsal.world.model.ledger import Ledger
from roadworthy.rehearsal.world.model.openai_logprobs import probable
from roadworthy.rehearsal.world.model.wire import Stamp, pieces


def write(turn: Turn, conversation: Conversation, stamp: Stamp, _ledger: Ledger) -> bytes:
    """The body of an answer."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": turn.text,
        "refusal": turn.refusal,
        "annotations": [],
    }
    if turn.tool_calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in turn.tool_calls
        ]
    logprobs = _logprobs({"content": turn.text, "refusal": turn.refusal}, conversation)
    body = _frame(conversation, stamp, "chat.completion")
    body["choices"] = [
        {"index": index, "message": message, "logprobs": logprobs, "finish_reason": turn.finish}
        for index in range(conversation.choices)
    ]
    body["usage"] = _usage(stamp, conversation)
    return msgspec.json.encode(body)


def stream(turn: Turn, conversation: Conversation, stamp: Stamp, _ledger: Ledger) -> Iterator[bytes]:
    """The events of a streamed answer."""
    frame = _frame(conversation, stamp, "chat.completion.chunk")
    if conversation.usage_in_stream:
        frame["usage"] = None
    for index in range(conversation.choices):
        for delta in _deltas(turn):
            logprobs = _logprobs(delta, conversation)
            frame["choices"] = [{"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": None}]
            yield _event(frame)
        frame["choices"] = [{"index": index, "delta": {}, "logprobs": None, "finish_reason": turn.finish}]
        yield _event(frame)
    if conversation.usage_in_stream:
        yield _event({**frame, "choices": [], "usage": _usage(stamp, conversation)})
    yield b"data: [DONE]\n\n"


def _logprobs(said: Mapping[str, Any], conversation: Conversation) -> dict[str, Any] | None:
    if conversation.logprobs is None or not (said.get("content") or said.get("refusal")):
        return None
    texts = {name: said.get(name) for name in ("content", "refusal")}
    return {name: probable(text, conversation.logprobs) if text else None for name, text in texts.items()}


def _deltas(turn: Turn) -> Iterator[dict[str, Any]]:
    opening: dict[str, Any] = {"role": "assistant", "content": None if turn.tool_calls else "", "refusal": None}
    if turn.text is None and not turn.tool_calls:
        opening["content"] = None
    yield opening
    for piece in pieces(turn.text):
        yield {"content": piece}
    for piece in pieces(turn.refusal):
        yield {"refusal": piece}
    for index, call in enumerate(turn.tool_calls):
        function = {"name": call.name, "arguments": ""}
        yield {"tool_calls": [{"index": index, "id": call.id, "type": "function", "function": function}]}
        for piece in pieces(call.arguments):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _frame(conversation: Conversation, stamp: Stamp, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{stamp.number:024x}",
        "object": kind,
        "created": stamp.created,
        "model": conversation.model,
        "service_tier": "default",
        "system_fingerprint": "fp_rehearsal",
    }


def _usage(stamp: Stamp, conversation: Conversation) -> dict[str, Any]:
    said = stamp.output_tokens * conversation.choices
    return {
        "prompt_tokens": stamp.input_tokens,
        "completion_tokens": said,
        "total_tokens": stamp.input_tokens + said,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": stamp.thought_tokens * conversation.choices,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _event(value: Mapping[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(value) + b"\n\n"
