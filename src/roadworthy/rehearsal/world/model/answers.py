"""The final answer: its shape is what the request asks for, and it holds the request's canary."""

from __future__ import annotations

import json
from typing import Any

from roadworthy.rehearsal.faults.fault import Turn
from roadworthy.rehearsal.world.model.conversation import Conversation
from roadworthy.rehearsal.world.model.examples import Shape, names_quoted_in, shape_in
from roadworthy.rehearsal.world.model.schema import Fits, Hints, fitting
from roadworthy.rehearsal.world.model.schema_rules import Schema

NO_CANARY = "Here is what I found."
ANSWER_NAMES = (
    "answer",
    "final_answer",
    "output",
    "response",
    "reply",
    "result",
    "text",
    "message",
    "content",
    "summary",
)
"""Where several strings are free the canary goes into the first that is named like this: callers return it."""


def final_answer(conversation: Conversation, given: str | None) -> Turn:
    """The turn that ends a conversation. `given` is the user's own answer, with `{{canary}}` in it."""
    if given is not None:
        return Turn(text=filled_in(given, conversation.canary))
    shape = asked_shape(conversation)
    if shape is None:
        return Turn(text=sentence(conversation.canary))
    if shape.schema is not None:
        value = with_canary(shape.schema, conversation.canary)
    else:
        value = _filled(shape.example, conversation.canary)
    return Turn(text=_after(conversation.prefill, json.dumps(value, ensure_ascii=False)))


def filled_in(text: str, canary: str | None) -> str:
    """The user's own text with the request's canary in its place."""
    return text.replace("{{canary}}", canary or "")


def _after(prefill: str, text: str) -> str:
    """What is left of the answer where the agent has written its beginning, white space aside."""
    wanted = "".join(prefill.split())
    if not wanted:
        return text
    seen = ""
    for index, letter in enumerate(text):
        seen += letter.strip()
        if seen == wanted:
            return text[index + 1 :]
    return text


def asks_for_json(conversation: Conversation, given: str | None) -> bool:
    """Whether the final answer has to be JSON: by format, by an example in the prompt, or as the user says."""
    if conversation.answer_format.kind != "text":
        return True
    return given.lstrip().startswith("{") if given is not None else asked_shape(conversation) is not None


def asked_shape(conversation: Conversation) -> Shape | None:
    """The shape asked for: by schema, by an example in the prompt, by names quoted in it; None: plain text."""
    asked = conversation.answer_format
    if asked.kind == "schema":
        return Shape(schema=asked.schema)
    prompts = [message.text for message in conversation.messages if message.role in ("system", "user")]
    for text in prompts:
        shape = shape_in(text)
        if shape is not None:
            return shape
    if asked.kind == "json":
        return Shape(example=dict.fromkeys(names_quoted_in([conversation.prefill, *prompts]) or ["answer"], ""))
    return None


def sentence(canary: str | None) -> str:
    """Plain text: what the model says where no shape is asked for."""
    return NO_CANARY if canary is None else f"Here is what I found for {canary}."


def with_canary(schema: Schema, canary: str | None) -> Any:
    """A value that fits `schema`, with the canary in one free string: one named like an answer, else the first."""
    free: list[str] = []

    def count(name: str, fits: Fits) -> str | None:
        if fits(canary or ""):
            free.append(name)
        return _filler(name, fits)

    fitting(schema, Hints(count))
    if canary is None or not free:
        return fitting(schema, Hints(_filler))
    chosen = _chosen(free)
    position = -1

    def place(name: str, fits: Fits) -> str | None:
        nonlocal position
        if not fits(canary):
            return _filler(name, fits)
        position += 1
        if position != chosen:
            return _filler(name, fits)
        return sentence(canary) if fits(sentence(canary)) else canary

    return fitting(schema, Hints(place))


def _filler(name: str, fits: Fits) -> str | None:
    text = name.replace("_", " ") or "example"
    return text if fits(text) else None


def _chosen(names: list[str]) -> int:
    lowered = [name.lower() for name in names]
    return next((lowered.index(name) for name in ANSWER_NAMES if name in lowered), 0)


def _filled(example: dict[str, Any], canary: str | None) -> dict[str, Any]:
    """The example with its own keys and values, and the canary in one of its strings."""
    free: list[tuple[dict[str, Any], str]] = []

    def copied(value: Any) -> Any:
        if isinstance(value, dict):
            made: dict[str, Any] = {}
            for name, item in value.items():
                if (isinstance(item, str) and "|" not in item) or (item is None and name in ANSWER_NAMES):
                    free.append((made, name))
                made[name] = copied(item)
            return made
        if isinstance(value, list):
            return [copied(item) for item in value]
        return value.split("|")[0].strip(" <>[]\"'") if isinstance(value, str) and "|" in value else value

    made: dict[str, Any] = copied(example)
    if free:
        place, name = free[_chosen([name for _, name in free])]
        place[name] = sentence(canary)
    return made
