"""Schemas that are none are refused in the provider's words, and never bring the simulated provider down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anthropic
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.rehearsal.world.model.answers import with_canary
from roadworthy.rehearsal.world.model.examples import shape_in
from roadworthy.rehearsal.world.model.schema_form import KEYWORDS, malformed

CANARY = "rw0123456789ab"
MESSAGES: Any = [{"role": "user", "content": f"Where is order 7? {CANARY}"}]
BROKEN: list[tuple[Any, str]] = [
    ({"properties": {"id": "string"}}, "properties: 'string' is not of type 'object', 'boolean'"),
    ({"properties": ["id"]}, "properties: ['id'] is not of type 'object'"),
    ({"required": "id"}, "required: 'id' is not of type 'array'"),
    ({"required": True}, "required: True is not of type"),
    ({"properties": {"id": {"type": 5}}}, "properties: type: 5 is not of type"),
    ({"properties": {"id": {"type": []}}}, "type: [] is not of type 'array' of 'string'"),
    ({"required": ["id", 5]}, "required: ['id', 5] is not of type 'array' of 'string'"),
    ({"properties": {"id": {"type": "array", "items": [{}]}}}, "items: [{}] is not of type 'object', 'boolean'"),
    ({"properties": {"id": {"minimum": "1"}}}, "minimum: '1' is not of type 'number'"),
    ({"properties": {"id": {"anyOf": {"type": "string"}}}}, "anyOf: {'type': 'string'} is not of type 'array'"),
    ({"properties": {"id": {"pattern": None}}}, "pattern: None is not of type 'string'"),
]


@pytest.mark.parametrize(("broken", "words"), BROKEN)
def test_what_is_wrong_is_said(broken: Any, words: str) -> None:
    assert words in (malformed({"type": "object", **broken}) or "")


@pytest.mark.parametrize(
    "sound",
    [
        True,
        {},
        {"type": "object", "properties": {"required": {"type": ["string", "null"], "default": 5}}, "required": []},
        {"properties": {"items": {"type": "array", "items": True}}, "additionalProperties": False},
        {"type": "object", "x-own": 5, "title": "T", "example": {"properties": 1}, "enum": [{"type": 5}]},
    ],
)
def test_what_is_a_schema_is_none_of_that(sound: Any) -> None:
    assert malformed(sound) is None


PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.sampled_from(["object", "array", "string", "#", "("])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from([*KEYWORDS, "const", "a"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(PLAIN)
@settings(max_examples=300, deadline=None)
def test_whatever_is_taken_can_be_answered(schema: Any) -> None:
    if isinstance(schema, dict) and malformed(schema) is None:
        with_canary(schema, CANARY)


def test_what_only_looks_like_a_schema_in_a_prompt_is_an_example() -> None:
    shape = shape_in('Reply as {"properties": {"answer": "your answer"}}')

    assert shape is not None
    assert (shape.schema, shape.example) == (None, {"properties": {"answer": "your answer"}})


@pytest.mark.parametrize("broken", [broken for broken, _ in BROKEN])
def test_each_protocol_refuses_it(
    serve: Callable[..., Any], strict_openai: Any, strict_anthropic: Any, broken: Any
) -> None:
    schema = {"type": "object", **broken}
    served = serve()
    chat = strict_openai(served.url)
    messages = strict_anthropic(served.url)
    function = {"name": "get", "parameters": schema}

    with pytest.raises(openai.BadRequestError, match="Invalid schema for function 'get'"):
        chat.chat.completions.create(model="m", messages=MESSAGES, tools=[{"type": "function", "function": function}])
    with pytest.raises(openai.BadRequestError, match="Invalid schema for response_format 'r'"):
        chat.responses.create(
            model="m",
            input="x",
            text={"format": {"type": "json_schema", "name": "r", "schema": schema, "strict": False}},
        )
    with pytest.raises(anthropic.BadRequestError, match="input_schema: JSON schema is invalid"):
        messages.messages.create(
            model="m", max_tokens=9, messages=MESSAGES, tools=[{"name": "get", "input_schema": schema}]
        )
