"""OpenAI's responses that are kept: looked up, streamed once more, deleted, and what was put into them."""

from __future__ import annotations

from typing import Any

import msgspec

from roadworthy.rehearsal.world.model.openai_responses_out import Answered, events
from roadworthy.rehearsal.world.model.wire import Asked, invalid

USUAL_LIMIT, HIGHEST_LIMIT = 20, 100
"""Items on a page, as the API reference says."""


def retrieve(request: Asked) -> bytes | list[bytes]:
    """`GET /v1/responses/ID`, whole or as a stream; background responses are complete at once here."""
    response = _kept(request).response
    if request.query.get("stream") != "true":
        return response
    return list(events(msgspec.json.decode(response), _whole_number(request, "starting_after", -1)))


def cancel(request: Asked) -> bytes:
    """`POST /v1/responses/ID/cancel`: it has ended before anybody can cancel it."""
    response = _kept(request).response
    if not msgspec.json.decode(response)["background"]:
        raise invalid("Cannot cancel a synchronous response.")
    return response


def delete(request: Asked) -> bytes:
    """`DELETE /v1/responses/ID`: no later request can go on with it."""
    _kept(request)
    request.ledger.forget(request.name)
    return msgspec.json.encode({"id": request.name, "object": "response", "deleted": True})


def input_items(request: Asked) -> bytes:
    """`GET /v1/responses/ID/input_items`: those of that request alone, the last one first."""
    given = msgspec.json.decode(_kept(request).given)
    if not isinstance(given, list):
        given = [{"role": "user", "content": given or ""}]
    items = [_item(item, f"{request.name.removeprefix('resp_')}{number:04x}") for number, item in enumerate(given)]
    if request.query.get("order") != "asc":
        items.reverse()
    ids = [item["id"] for item in items]
    after = request.query.get("after")
    begin = ids.index(after) + 1 if after in ids else 0
    end = begin + min(HIGHEST_LIMIT, max(1, _whole_number(request, "limit", USUAL_LIMIT)))
    page = items[begin:end]
    return msgspec.json.encode(
        {
            "object": "list",
            "data": page,
            "first_id": page[0]["id"] if page else "",
            "last_id": page[-1]["id"] if page else "",
            "has_more": end < len(items),
        }
    )


def _kept(request: Asked) -> Answered:
    answered = request.ledger.stored(request.name, Answered)
    if answered is None:
        raise invalid(f"Response with id '{request.name}' not found.", status=404)
    return answered


def _whole_number(request: Asked, name: str, usual: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else usual


def _item(given: dict[str, Any], number: str) -> dict[str, Any]:
    """An input item as it is listed: with an id, and with its content in parts."""
    kind = given.get("type") or "message"
    if kind != "message":
        status = {} if kind == "reasoning" else {"status": "completed"}
        return {"id": f"{kind}_{number}", **status, **given}
    content = given.get("content")
    said = given.get("role") == "assistant"
    if isinstance(content, str):
        content = [{"type": "output_text" if said else "input_text", "text": content}]
    usual: dict[str, dict[str, Any]] = {"output_text": {"annotations": []}, "input_image": {"detail": "auto"}}
    parts = [{**usual.get(part["type"], {}), **part} for part in content or ()]
    return {"id": f"msg_{number}", "status": "completed", **given, "type": "message", "content": parts}
