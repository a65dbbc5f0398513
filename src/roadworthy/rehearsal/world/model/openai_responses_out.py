"""OpenAI's responses: what comes out, as one object or as a stream of events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from roadworthy.rehearsal.faults.fault import Turn
from roadworthy.rehearsal.world.model.conversation import Conversation, Message
from roadworthy.rehearsal.world.model.wire import Ledger, Stamp, Stored, pieces


def write(turn: Turn, conversation: Conversation, stamp: Stamp, ledger: Ledger) -> bytes:
    """The body of an answer; it is kept where the request does not forbid it."""
    _keep(turn, conversation, stamp, ledger)
    return msgspec.json.encode(_response(turn, conversation, stamp, _items(turn, stamp)))


def stream(turn: Turn, conversation: Conversation, stamp: Stamp, ledger: Ledger) -> Iterator[bytes]:
    """The events of a streamed answer."""
    _keep(turn, conversation, stamp, ledger)
    items = _items(turn, stamp)
    under_way = _response(turn, conversation, stamp, []) | {
        "status": "in_progress",
        "completed_at": None,
        "incomplete_details": None,
        "usage": None,
    }
    number = 0
    for event in _events(items, under_way):
        yield _event(event, number)
        number += 1
    whole = _response(turn, conversation, stamp, items)
    yield _event({"type": f"response.{whole['status']}", "response": whole}, number)


def _events(items: list[dict[str, Any]], under_way: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"type": "response.created", "response": under_way}
    yield {"type": "response.in_progress", "response": under_way}
    for index, item in enumerate(items):
        place = {"item_id": item["id"], "output_index": index}
        empty: dict[str, Any] = {"content": []} if item["type"] == "message" else {"arguments": ""}
        begun = {**item, **empty, "status": "in_progress"}
        yield {"type": "response.output_item.added", "output_index": index, "item": begun}
        if item["type"] == "message":
            for number, part in enumerate(item["content"]):
                yield from _part_events(part, {**place, "content_index": number})
        else:
            kind = "response.function_call_arguments"
            for piece in pieces(item["arguments"]):
                yield {"type": f"{kind}.delta", **place, "delta": piece}
            yield {"type": f"{kind}.done", **place, "name": item["name"], "arguments": item["arguments"]}
        yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _part_events(part: dict[str, Any], place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    key = "refusal" if part["type"] == "refusal" else "text"
    kind = "response.refusal" if key == "refusal" else "response.output_text"
    extra: dict[str, Any] = {} if key == "refusal" else {"logprobs": []}
    yield {"type": "response.content_part.added", **place, "part": {**part, key: ""}}
    for piece in pieces(part[key]):
        yield {"type": f"{kind}.delta", **place, **extra, "delta": piece}
    yield {"type": f"{kind}.done", **place, **extra, key: part[key]}
    yield {"type": "response.content_part.done", **place, "part": part}


def _event(event: dict[str, Any], number: int) -> bytes:
    encoded = msgspec.json.encode({**event, "sequence_number": number})
    return b"event: %b\ndata: %b\n\n" % (event["type"].encode(), encoded)


def _items(turn: Turn, stamp: Stamp) -> list[dict[str, Any]]:
    status = "incomplete" if turn.finish in ("length", "content_filter") else "completed"
    items: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    if turn.text is not None:
        parts.append({"type": "output_text", "text": turn.text, "annotations": [], "logprobs": []})
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
                "status": "completed",
            }
        )
    return items


def _response(turn: Turn, conversation: Conversation, stamp: Stamp, items: list[dict[str, Any]]) -> dict[str, Any]:
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
        "output": items,
        "parallel_tool_calls": conversation.parallel_tool_calls,
        "previous_response_id": asked.get("previous_response_id"),
        "reasoning": {"effort": None, "summary": None, **(asked.get("reasoning") or {})},
        "service_tier": "default",
        "store": asked.get("store") is not False,
        "temperature": _or(asked.get("temperature"), 1.0),
        "text": {"format": {"type": "text"}, "verbosity": "medium", **(asked.get("text") or {})},
        "tool_choice": asked.get("tool_choice") or "auto",
        "tools": [_tool(tool) for tool in asked.get("tools") or ()],
        "top_p": _or(asked.get("top_p"), 1.0),
        "truncation": asked.get("truncation") or "disabled",
        "usage": {
            "input_tokens": stamp.input_tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": stamp.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
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


def _keep(turn: Turn, conversation: Conversation, stamp: Stamp, ledger: Ledger) -> None:
    if conversation.body.get("store") is False:
        return
    names, ids = tuple(call.name for call in turn.tool_calls), tuple(call.id for call in turn.tool_calls)
    said = Message("assistant", turn.text or turn.refusal or "", names, ids)
    # Instructions are not carried over to the next request.
    own = conversation.messages[1:] if conversation.body.get("instructions") else conversation.messages
    ledger.store(_id(stamp), Stored((*own, said), frozenset(ids)))


def _id(stamp: Stamp) -> str:
    return f"resp_{stamp.number:048x}"
