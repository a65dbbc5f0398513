"""Values that fit a schema, checked by an independent validator."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from roadworthy.rehearsal.world.model.pattern import matching
from roadworthy.rehearsal.world.model.schema import Fits, Hints, fitting

HINTS = Hints(lambda name, fits: "refund" if fits("refund") else None, lambda name: None)
LEAST = Hints(HINTS.text, HINTS.number, optional=False)

PATTERNS = [
    r"^\d{4}-\d{2}-\d{2}$",
    r"^[A-Z]{2,3}-[0-9]+$",
    r"^sk-.+",
    r"^(red|green|blue)$",
    r"[^a-z]",
    r"^\w+@\w+\.com$",
    r"^(?:a|b){2}(c?)\1$",
    r"^[^\s,]{3,}$",
]

LOOKING = [r"^(?!0000)\d{4}$", r"^(?=.*[A-Z])(?=.*\d).{8,}$", r"^(?=.*[a-z])(?=.*[!?])\S{12,20}$"]
"""Lookarounds, as in rules for passwords."""


def texts() -> st.SearchStrategy[dict[str, Any]]:
    bounds = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(
        lambda pair: {"type": "string", "minLength": min(pair), "maxLength": max(pair)}
    )
    return st.one_of(
        st.just({"type": "string"}),
        bounds,
        st.sampled_from(PATTERNS).map(lambda pattern: {"type": "string", "pattern": pattern}),
        st.sampled_from(["date", "date-time", "email", "uuid", "uri", "ipv4"]).map(
            lambda name: {"type": "string", "format": name}
        ),
        st.just({"type": "string", "default": "all", "examples": ["one"]}),
    )


def numbers() -> st.SearchStrategy[dict[str, Any]]:
    edges = st.tuples(st.integers(-50, 50), st.integers(2, 40))
    return st.one_of(
        st.just({"type": "integer"}),
        st.just({"type": ["number", "null"]}),
        edges.map(lambda edge: {"type": "integer", "minimum": edge[0], "maximum": sum(edge)}),
        edges.map(lambda edge: {"type": "integer", "exclusiveMinimum": edge[0], "exclusiveMaximum": sum(edge)}),
        edges.map(lambda edge: {"type": "number", "exclusiveMinimum": edge[0] / 4, "maximum": sum(edge) / 4}),
        edges.map(lambda edge: {"type": "integer", "multipleOf": edge[1], "minimum": edge[0]}),
        edges.map(lambda edge: {"type": "integer", "multipleOf": edge[1], "maximum": -edge[1]}),
        edges.map(lambda edge: {"minimum": edge[0]}),
    )


SCALARS = st.one_of(
    texts(),
    numbers(),
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.lists(st.one_of(st.text(max_size=4), st.integers(), st.none()), min_size=1, max_size=3).map(
        lambda choices: {"enum": choices}
    ),
    st.one_of(st.text(max_size=4), st.booleans(), st.none()).map(lambda value: {"const": value}),
    st.just({"$ref": "#/$defs/Node"}),
    st.just({"$ref": "#/$defs/Colour", "description": "a colour"}),
    st.just({"oneOf": [{"type": "number"}, {"type": "integer"}, {"type": "string"}]}),
)
NAMES = st.sampled_from(["id", "name", "answer", "items", "note"])


def objects(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    def build(properties: dict[str, Any], required: list[str], rest: Any, fewest: int) -> dict[str, Any]:
        made: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": rest}
        made["required"] = [name for name in required if name in properties]
        made["minProperties"] = fewest if rest is not False else 0
        return made

    return st.builds(
        build,
        st.dictionaries(NAMES, inner, max_size=4),
        st.lists(NAMES, unique=True),
        st.one_of(st.booleans(), inner),
        st.integers(0, 3),
    )


def lists(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    simple = st.sampled_from([{"type": "string"}, {"type": "integer"}, {"enum": ["a", "b", "c", "d"]}])
    return st.one_of(
        st.builds(
            lambda items, fewest: {"type": "array", "items": items, "minItems": fewest}, inner, st.integers(0, 3)
        ),
        st.builds(
            lambda items, fewest: {"type": "array", "items": items, "minItems": fewest, "uniqueItems": True},
            simple,
            st.integers(0, 4),
        ),
        st.builds(lambda first: {"type": "array", "prefixItems": first, "items": False}, st.lists(inner, max_size=3)),
        st.just({"type": "array", "maxItems": 0}),
    )


def unions(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    tagged = st.lists(inner, min_size=1, max_size=3).map(
        lambda parts: {
            "oneOf": [
                {"type": "object", "properties": {"kind": {"const": str(index)}, "of": part}, "required": ["kind"]}
                for index, part in enumerate(parts)
            ]
        }
    )
    return st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"anyOf": [*parts, {"type": "null"}]}),
        tagged,
        st.tuples(inner, inner).map(
            lambda parts: {
                "allOf": [
                    {"type": "object", "properties": {"one": parts[0]}, "required": ["one"]},
                    {"properties": {"two": parts[1]}, "required": ["two"]},
                ]
            }
        ),
    )


DEFINITIONS = {
    "Node": {
        "type": "object",
        "properties": {
            "value": {"type": "integer"},
            "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
            "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
        },
        "required": ["value", "children", "next"],
        "additionalProperties": False,
    },
    "Colour": {"type": "string", "enum": ["red", "green"]},
}
SCHEMAS = st.recursive(SCALARS, lambda inner: st.one_of(objects(inner), lists(inner), unions(inner)), max_leaves=8)


@given(SCHEMAS, st.sampled_from([HINTS, LEAST]))
@settings(max_examples=150, deadline=None)
def test_a_value_fits_its_schema(schema: dict[str, Any], hints: Hints) -> None:
    schema = {**schema, "$defs": DEFINITIONS}

    value = fitting(schema, hints)

    assert list(Draft202012Validator(schema).iter_errors(value)) == []


@pytest.mark.parametrize(
    "pattern", [*PATTERNS, r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}$", r"(?i)^yes$", r"^\S+$", "", *LOOKING]
)
def test_a_text_matches_its_pattern(pattern: str) -> None:
    assert re.search(pattern, matching(pattern) or "")


@pytest.mark.parametrize("pattern", [r"(", r"^(?=b)a$", r"((a{999}){999}){999}", r"^[^\s\S]$"])
def test_a_pattern_that_nothing_matches_gives_nothing(pattern: str) -> None:
    assert matching(pattern) is None


@given(st.from_regex(r"(\^?(\[[a-d]-?[e-f]?\]|\\d|\\w|[a-z]|\(a\|b\))(\{1,3\}|\+|\*|\?)?)+\$?", fullmatch=True))
@settings(max_examples=100, deadline=None)
def test_what_is_returned_for_a_pattern_truly_matches(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error:
        return
    text = matching(pattern)

    assert text is None or re.search(pattern, text)


@pytest.mark.parametrize("pattern", [r"(a|b)*\w+\d*\w+[d]\w+\d(a|b)*^(a|b)c+[a-]", r"(a+)+(b+)+(a+)+$^c"])
def test_a_pattern_that_takes_for_ever_is_given_up(pattern: str) -> None:
    began = time.monotonic()

    assert matching(pattern) is None
    assert time.monotonic() - began < 30


def test_lengths_are_kept_beside_a_pattern() -> None:
    text = matching(r"^sk-[a-z]+$", 20, 24)

    assert text is not None
    assert 20 <= len(text) <= 24
    assert re.search(r"^sk-[a-z]+$", text)


def test_optional_properties_stay_out_of_arguments_and_defaults_come_first() -> None:
    schema = {
        "type": "object",
        "properties": {
            "query": {"type": "string"},
            "limit": {"type": "integer", "default": 5},
            "page": {"type": "integer"},
        },
        "required": ["query", "limit"],
    }

    assert fitting(schema, LEAST) == {"query": "refund", "limit": 5}


def test_a_free_string_is_offered_once_and_by_name() -> None:
    asked: list[str] = []

    def text(name: str, fits: Fits) -> str | None:
        asked.append(name)
        return None

    fitting({"type": "object", "properties": {"kind": {"enum": ["a"]}, "answer": {"type": "string"}}}, Hints(text))

    assert asked == ["answer"]


def test_a_schema_that_demands_itself_without_end_comes_to_an_end() -> None:
    schema = {
        "$ref": "#/$defs/A",
        "$defs": {"A": {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "required": ["a"]}},
    }

    assert isinstance(fitting(schema, HINTS), dict)
