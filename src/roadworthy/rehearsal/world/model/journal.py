"""The journal's entries: what is kept of a request to a provider. No keys, no bodies."""

from __future__ import annotations

import hashlib
import sys
from functools import lru_cache
from typing import Any

import msgspec

from roadworthy.rehearsal.canary import canaries_in
from roadworthy.rehearsal.faults.fault import Question, Turn
from roadworthy.rehearsal.observed import ModelCall
from roadworthy.rehearsal.world.model.conversation import Conversation
from roadworthy.rehearsal.world.model.wire import Body, tokens_in

RESULT_KEPT = 2_000
"""Characters of a tool's result that an entry keeps."""
VARYING = frozenset({"user", "metadata", "idempotency_key", "safety_identifier", "prompt_cache_key", "service_tier"})
"""What may differ between two tries of one request."""


def note_body(call: ModelCall, raw: bytes, body: Body) -> None:
    """What any body shows: its canaries, and a digest that equal requests share."""
    call.canaries = canaries_in(raw.decode("utf-8", "replace"))
    call.digest = digest(body)
    model = body.get("model")
    call.model = sys.intern(model[:200]) if isinstance(model, str) else ""


def digest(body: Body) -> str:
    """Equal for equal requests, whatever the order of their keys."""
    same = {key: value for key, value in body.items() if key not in VARYING}
    return hashlib.blake2b(msgspec.json.encode(same, order="sorted"), digest_size=12).hexdigest()


def note_conversation(call: ModelCall, conversation: Conversation, wants_json: bool) -> None:
    """What the conversation in it shows. One that the provider holds has its canary there, not in the body."""
    if not call.canaries and conversation.canary is not None:
        call.canaries = (conversation.canary,)
    call.turn = conversation.turn
    call.stream = conversation.stream
    call.tools = _same(tuple(tool.name for tool in conversation.tools))
    call.tool_results = {name: text[:RESULT_KEPT] for name, text in conversation.tool_results.items()}
    call.wants_json = wants_json
    call.strict_schema = conversation.answer_format.strict
    if conversation.answer_format.kind == "schema":
        required = conversation.answer_format.schema.get("required")
        call.required_keys = tuple(map(str, required)) if isinstance(required, list) else ()
    call.parallel = conversation.parallel_tool_calls
    call.forced = conversation.tool_choice.mode == "named"
    call.input_tokens = conversation.input_tokens


def note_turn(call: ModelCall, turn: Turn, thought: str | None = None) -> None:
    """What it was answered with, and thought before."""
    said = (turn.text or "", turn.refusal or "", *(tool.name + tool.arguments for tool in turn.tool_calls))
    call.output_tokens = tokens_in(thought or "", *said)
    call.tool_calls = {tool.id: tool.name for tool in turn.tool_calls}
    call.tool_arguments = {tool.name: _decoded(tool.arguments) for tool in turn.tool_calls}


def question(call: ModelCall, canary: str | None, *, since: float, number: int) -> Question:
    """What a fault may look at."""
    return Question(
        since=since,
        number=number,
        turn=call.turn,
        canary=canary,
        wants_json=call.wants_json,
        strict_schema=call.strict_schema,
        tools=call.tools,
        required_keys=call.required_keys,
        parallel=call.parallel,
        forced=call.forced,
    )


@lru_cache(maxsize=256)
def _same(names: tuple[str, ...]) -> tuple[str, ...]:
    """One tuple for all calls that offer the same tools."""
    return names


def _decoded(arguments: str) -> Any:
    try:
        return msgspec.json.decode(arguments)
    except msgspec.DecodeError:
        return arguments
