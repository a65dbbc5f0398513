"""OpenAI's responses: what comes out, as one object or as a stream of events."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from roadworthy.rehearsal.faults.fault import Turn
from roadworthy.rehearsal.world.model.conversation import Conversation, Message
from roadworthy.rehearsal.world.model.ledger import Ledger
from roadworthy.rehearsal.world.model.openai_logprobs import probable
from roadworthy.rehearsal.world.model.wire import Stamp, pieces


@dataclass(frozen=True, slots=True)
class Answered:
    """A conversation that a later request may go on with or look up.

    open_calls  ids of the calls in it that still lack their result
    given       the `input` of its last request, in JSON
    response    the response that ended it, in JSON
    """

    messages: tuple[Message, ...]
    open_calls: frozenset[str] = frozenset()
    given: bytes = b""
    response: bytes = b""

    @property
    def size(self) -> int:
        """Characters of its text."""
        return sum(len(message.text) for message in self.messages) + len(self.given) + len(self.response)


def write(turn: Turn, conversation: Conversation, stamp: Stamp, ledger: Ledger) -> bytes:
    """The body of an answer; it is kept where the request does not forbid it."""
    encoded = msgspec.json.encode(_response(turn, conversation, stamp))
    _keep(turn, conversation, stamp, ledger, encoded)
    return encoded


def stream(turn: Turn, conversation: Conversation, stamp: Stamp, ledger: Ledger) -> Iterator[bytes]:
    """The events of a streamed answer; it is kept as well."""
    whole = _response(turn, conversation, stamp)
    _keep(turn, conversation, stamp, ledger, msgspec.json.encode(whole))
    return events(whole)


def events(whole: dict[str, Any], after: int = -1) -> Iterator[bytes]:
    """The events that bring this response, from the one behind number `after`."""
    under_way = whole | {
        "status": "in_progress",
        "completed_at": None,
        "incomplete_details": None,
        "output": [],
        "usage": None,
    }
    for number, event in enumerate(_events(whole, under_way)):
        if number > after:
            encoded = msgspec.json.encode({**event, "sequence_number": number})
            yield b"event: %b\ndata: %b\n\n" % (event["type"].encode(), encoded)


def _events(whole: dict[str, Any], under_way: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"type": "response.created", "response": under_way}
    yield {"type": "response.in_progress", "response": under_way}
    for index, item in enumerate(whole["output"]):
        yield from ITEM_EVENTS[item["type"]](item, {"item_id": item["id"], "output_index": index})
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": f"response.{whole['status']}", "response": whole}


def _begun(item: dict[str, Any], place: dict[str, Any], **empty: Any) -> dict[str, Any]:
    return {"type": "response.output_item.added", "output_index": place["output_index"], "item": {**item, **empty}}


def _reasoning_events(item: dict[str, Any], place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    kind = "response.reasoning_summary"
    yield _begun(item, place, summary=[])
    for number, part in enumerate(item["summary"]):
        here = {**place, "summary_index": number}
        yield {"type": f"{kind}_part.added", **here, "part": {**part, "text": ""}}
        for piece in pieces(part["text"]):
            yield {"type": f"{kind}_text.delta", **here, "delta": piece}
        yield {"type": f"{kind}_text.done", **here, "text": part["text"]}
        yield {"type": f"{kind}_part.done", **here, "part": part}


def _message_events(item: dict[str, Any], place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield _begun(item, place, content=[], status="in_progress")
    for number, part in enumerate(item["content"]):
        yield from _part_events(part, {**place, "content_index": number})


def _call_events(item: dict[str, Any], place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    kind = "response.function_call_arguments"
    yield _begun(item, place, arguments="", status="in_progress")
    for piece in pieces(item["arguments"]):
        yield {"type": f"{kind}.delta", **place, "delta": piece}
    yield {"type": f"{kind}.done", **place, "name": item["name"], "arguments": item["arguments"]}


def _part_events(part: dict[str, Any], place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    key = "refusal" if part["type"] == "refusal" else "text"
    kind = "response.refusal" if key == "refusal" else "response.output_text"
    logprobs = part.get("logprobs", [])
    empty: dict[str, Any] = {key: ""} if key == "refusal" else {key: "", "logprobs": []}
    yield {"type": "response.content_part.added", **place, "part": {**part, **empty}}
    for number, piece in enumerate(pieces(part[key])):
        told: dict[str, Any] = {} if key == "refusal" else {"logprobs": logprobs[number : number + 1]}
        yield {"type": f"{kind}.delta", **place, **told, "delta": piece}
    yield {"type": f"{kind}.done", **place, **({} if key == "refusal" else {"logprobs": logprobs}), key: part[key]}
    yield {"type": "response.content_part.done", **place, "part": part}


ITEM_EVENTS = {"reasoning": _reasoning_events, "message": _message_events, "function_call": _call_events}


def _items(turn: Turn, conversation: Conversation, stamp: Stamp) -> list[dict[str, Any]]:
    status = "incomplete" if turn.finish in ("length", "content_filter") else "completed"
    items: list[dict[str, Any]] = []
    if stamp.thought is not None:
        items.append(_reasoning(stamp.thought, conversation, stamp))
    parts: list[dict[str, Any]] = []
    if turn.text is not None:
        logprobs = [] if conversation.logprobs is None else probable(turn.text, conversation.logprobs)
        parts.append({"type": "output_text", "text": turn.text, "annotations": [], "logprobs": logprobs})
    if turn.refusal is not None:
        parts.append({"type": "refusal", "refusal": turn.refusal})
    if parts:
        items.append(
            {
                "type": "message",
                "id": f"msg_{stamp.number:048x}",
                "status": status,
                "role": "assistant",
                "content": parts,
            }
        )
    for index, call in enumerate(turn.tool_calls):
        items.append(
            {
                "type": "function_call",
                "id": f"fc_{stamp.number:044x}{index:04x}",
                "call_id": call.id,
                "name": call.name,
                "arguments": call.arguments,
                "status": status if call is turn.tool_calls[-1] else "completed",
            }
        )
    return items


def _reasoning(thought: str, conversation: Conversation, stamp: Stamp) -> dict[str, Any]:
    """The thought itself is encrypted; what can be read of it is a summary, where one is asked for."""
    asked = conversation.body["reasoning"]
    wanted = asked.get("summary") or asked.get("generate_summary")
    return {
        "type": "reasoning",
        "id": f"rs_{stamp.number:048x}",
        "summary": [] if wanted is None else [{"type": "summary_text", "text": thought}],
        "encrypted_content": base64.b64encode(thought.encode()).decode(),
    }


def _response(turn: Turn, conversation: Conversation, stamp: Stamp) -> dict[str, Any]:
    asked = conversation.body
    reason = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(turn.finish)
    return {
        "id": _id(stamp),
        "object": "response",
        "created_at": stamp.created,
        "status": "completed" if reason is None else "incomplete",
        "background": bool(asked.get("background")),
        "completed_at": stamp.created if reason is None else None,
        "error": None,
        "incomplete_details": None if reason is None else {"reason": reason},
        "instructions": asked.get("instructions"),
        "max_output_tokens": conversation.max_tokens,
        "model": conversation.model,
        "output": _items(turn, conversation, stamp),
        "parallel_tool_calls": conversation.parallel_tool_calls,
        "previous_response_id": asked.get("previous_response_id"),
        "reasoning": {"effort": None, "summary": None, **(asked.get("reasoning") or {})},
        "service_tier": "default",
        "store": asked.get("store") is not False,
        "temperature": _or(asked.get("temperature"), 1.0),
        "text": {"format": {"type": "text"}, "verbosity": "medium", **(asked.get("text") or {})},
        "tool_choice": asked.get("tool_choice") or "auto",
        "tools": [_tool(tool) for tool in asked.get("tools") or ()],
        "top_logprobs": asked.get("top_logprobs") or 0,
        "top_p": _or(asked.get("top_p"), 1.0),
        "truncation": asked.get("truncation") or "disabled",
        "usage": {
            "input_tokens": stamp.input_tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": stamp.output_tokens,
            "output_tokens_details": {"reasoning_tokens": stamp.thought_tokens},
            "total_tokens": stamp.input_tokens + stamp.output_tokens,
        },
        "user": asked.get("user"),
        "metadata": asked.get("metadata") or {},
    }


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def _tool(tool: dict[str, Any]) -> dict[str, Any]:
    if tool.get("type") != "function":
        return tool
    return {"description": None, "parameters": {}, **tool, "strict": _or(tool.get("strict"), True)}


def _keep(turn: Turn, conversation: Conversation, stamp: Stamp, ledger: Ledger, response: bytes) -> None:
    asked = conversation.body
    if asked.get("store") is False:
        return
    names, ids = tuple(call.name for call in turn.tool_calls), tuple(call.id for call in turn.tool_calls)
    said = Message("assistant", turn.text or turn.refusal or "", names, ids)
    # Instructions are not carried over to the next request.
    own = conversation.messages[1:] if asked.get("instructions") else conversation.messages
    given = msgspec.json.encode(asked.get("input"))
    answered = Answered((*own, said), frozenset(ids), given, response)
    ledger.store(_id(stamp), answered, answered.size)


def _id(stamp: Stamp) -> str:
    return f"resp_{stamp.number:048x}"
