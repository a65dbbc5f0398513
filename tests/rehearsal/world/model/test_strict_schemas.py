"""Every schema that strict mode takes gets an answer that fits it, checked by an independent validator.

Strict mode takes: strings with a pattern or a format, numbers with bounds and steps, arrays with bounds, objects that
are closed and require all their properties, enums, constants, `anyOf`, lists of types, definitions, and references to
these or to the root (OpenAI's guide to structured outputs; Anthropic's takes a part of it).
"""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from roadworthy.rehearsal.world.model.answers import with_canary
from roadworthy.rehearsal.world.model.openai_rules import check_strict

CANARY = "rw0123456789ab"
PATTERNS = [
    r"^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$",
    r"^@[a-zA-Z0-9_]+$",
    r"^\+?[1-9]\d{1,14}$",
    r"^(?:[01]\d|2[0-3]):[0-5]\d$",
    r"^#(?:[0-9a-fA-F]{3}){1,2}$",
    r"^[^aeiou\W\d]+$",
    r"^ORD-\d{6}-[A-Z]{2}$|^RET-\d+$",
    r"\S+",
    r"^$",
    r"^.{5,9}$",
    r"^[\w\-./]+$",
    r"^v\d+(\.\d+){0,2}(-[a-z]+)?$",
    r"^[A-Z]{3}$",
    r"^(?P<year>\d{4})-(?P=year)$",
    r"\bcat\b",
    r"^\u00e9+$",
]
FORMATS = ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"]
NAMES = st.one_of(
    st.sampled_from(["answer", "id", "name", "anyOf", "$ref", "type", "properties", "required", "a b", "ü", ""]),
    st.text(max_size=5),
)
PLAIN: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(-5, 5), st.text(max_size=4)
)


def texts() -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.just({"type": "string"}),
        st.sampled_from(PATTERNS).map(lambda pattern: {"type": "string", "pattern": pattern}),
        st.sampled_from(FORMATS).map(lambda name: {"type": "string", "format": name}),
        st.tuples(st.integers(0, 30), st.integers(0, 30)).map(
            lambda pair: {"type": "string", "minLength": min(pair), "maxLength": max(pair)}
        ),
    )


@st.composite
def numbers(draw: st.DrawFn) -> dict[str, Any]:
    """Bounds around a number that fits, so that one always does."""
    kind = draw(st.sampled_from(["integer", "number"]))
    step = draw(st.sampled_from([None, 1, 2, 3, 5, 10, 0.5, 0.25, 0.1, 0.01]))
    if kind == "integer" and step is not None and step < 1:
        step = None
    fits = draw(st.integers(-1000, 1000)) * (step or 1)
    schema: dict[str, Any] = {"type": kind}
    if step is not None:
        schema["multipleOf"] = step
    below, above = draw(st.integers(0, 50)), draw(st.integers(0, 50))
    low = draw(st.sampled_from([None, "minimum", "exclusiveMinimum"]))
    if low is not None:
        schema[low] = fits - below - (low == "exclusiveMinimum")
    high = draw(st.sampled_from([None, "maximum", "exclusiveMaximum"]))
    if high is not None:
        schema[high] = fits + above + (high == "exclusiveMaximum")
    return schema


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"]} if isinstance(schema.get("type"), str) else schema


SCALARS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    texts(),
    numbers(),
    st.sampled_from([{"type": "boolean"}, {"type": "null"}]),
    st.lists(PLAIN, min_size=1, max_size=4).map(lambda choices: {"enum": choices}),
    st.lists(st.text(max_size=4), min_size=1, max_size=4).map(lambda choices: {"type": "string", "enum": choices}),
    PLAIN.map(lambda value: {"const": value}),
    st.sampled_from(
        [
            {"$ref": "#/$defs/Tree"},
            {"$ref": "#/$defs/Chain"},
            {"$ref": "#/$defs/Colour"},
            {"$ref": "#/$defs/Even", "description": "one"},
            {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
            {"type": "array", "items": {"$ref": "#"}},
        ]
    ),
)
SCALARS = st.one_of(SCALARS, SCALARS.map(nullable))


def closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def objects(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(NAMES, inner, max_size=4).map(closed)


def lists(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    def build(items: dict[str, Any], bounds: tuple[int, int], has: tuple[bool, bool]) -> dict[str, Any]:
        made: dict[str, Any] = {"type": "array", "items": items}
        made.update({"minItems": min(bounds)} if has[0] else {})
        made.update({"maxItems": max(bounds)} if has[1] else {})
        return made

    return st.builds(
        build, inner, st.tuples(st.integers(0, 4), st.integers(0, 4)), st.tuples(st.booleans(), st.booleans())
    )


def unions(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    tagged = st.lists(inner, min_size=1, max_size=3).map(
        lambda parts: {
            "anyOf": [
                closed({"kind": {"type": "string", "const": f"k{i}"}, "of": part}) for i, part in enumerate(parts)
            ]
        }
    )
    return st.one_of(st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"anyOf": parts}), tagged)


DEFINITIONS = {
    "Tree": closed({"value": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}),
    "Chain": closed({"value": {"type": "number"}, "next": {"anyOf": [{"$ref": "#/$defs/Chain"}, {"type": "null"}]}}),
    "Colour": {"type": "string", "enum": ["red", "green"]},
    "Even": {"type": "integer", "multipleOf": 2, "minimum": 7},
}
INNER = st.recursive(SCALARS, lambda inner: st.one_of(objects(inner), lists(inner), unions(inner)), max_leaves=10)
ROOTS = st.dictionaries(NAMES, INNER, min_size=1, max_size=4).map(closed)


@given(ROOTS, st.sampled_from([CANARY, None]))
@settings(max_examples=200, deadline=None)
def test_a_strict_schema_is_obeyed(root: dict[str, Any], canary: str | None) -> None:
    schema = {**root, "$defs": DEFINITIONS}
    check_strict(schema, "response_format 'x'", "response_format")

    value = with_canary(schema, canary)

    assert (
        list(Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).iter_errors(value)) == []
    )
