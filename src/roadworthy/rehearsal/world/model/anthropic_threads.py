"""Anthropic's threads: conversations that the provider holds, so that a request brings only what is new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from roadworthy.rehearsal.faults.fault import Refusal
from roadworthy.rehearsal.world.model.ledger import Ledger
from roadworthy.rehearsal.world.model.wire import Body, MistakeError, invalid

CREATE_ONLY = ("system", "tools")
"""What a thread is created with, and no later request may repeat."""


class ThreadAsked(msgspec.Struct):
    """The parameter `thread`."""

    type: Literal["create", "continue"]
    previous_message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """What is held under the id of a thread's last answer: messages and the create-only parameters, in JSON."""

    body: bytes


def whole(body: Body, ledger: Ledger) -> Body:
    """The body with all that the provider holds of its thread put before what it brings."""
    given = body.get("thread")
    if not isinstance(given, dict) or given.get("type") != "continue":
        return body
    name = given.get("previous_message_id")
    if not isinstance(name, str):
        raise invalid("thread.continue.previous_message_id: Field required")
    held = ledger.stored(name, Thread)
    if held is None:
        message = f"No usable thread state was found for previous_message_id {name}. Send the whole conversation."
        raise MistakeError(Refusal(404, "not_found", message), code="thread_not_found")
    for parameter in CREATE_ONLY:
        if parameter in body:
            raise invalid(f"{parameter}: may not be sent with a thread that is continued")
    before = msgspec.json.decode(held.body)
    new = body.get("messages")
    return {**body, **before, "messages": before["messages"] + new if isinstance(new, list) else new}


def hold(body: Mapping[str, Any], answer: dict[str, Any], ledger: Ledger) -> None:
    """Keep the conversation with this answer, where the request asks for a thread."""
    if not body.get("thread"):
        return
    said = {"role": "assistant", "content": answer["content"]}
    kept = {name: body[name] for name in CREATE_ONLY if name in body} | {"messages": [*body["messages"], said]}
    thread = Thread(msgspec.json.encode(kept))
    ledger.store(answer["id"], thread, len(thread.body))
