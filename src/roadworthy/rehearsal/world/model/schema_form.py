"""Whether something is a JSON Schema at all: providers refuse tools and formats with one that is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

DEEPEST = 64
"""Levels that are looked at: no provider takes a schema that goes deeper."""


def malformed(schema: Any, depth: int = 0) -> str | None:
    """What is wrong, in the words of JSON Schema's validators; None: nothing, as far as a value is built from it."""
    if isinstance(schema, bool):
        return None
    if not isinstance(schema, Mapping):
        return _is_not(schema, "'object', 'boolean'")
    if depth > DEEPEST:
        return f"it goes deeper than {DEEPEST} levels"
    for keyword, value in schema.items():
        if keyword not in KEYWORDS:
            continue
        fits, kind = KEYWORDS[keyword]
        if not fits(value):
            return f"{keyword}: {_is_not(value, kind)}"
        for part in _parts(keyword, value):
            problem = malformed(part, depth + 1)
            if problem is not None:
                return f"{keyword}: {problem}"
    return None


def _is_not(value: Any, kind: str) -> str:
    return f"{value!r:.80} is not of type {kind}"


def _parts(keyword: str, value: Any) -> Iterator[Any]:
    if keyword in ("properties", "$defs", "definitions"):
        yield from value.values()
    elif keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
        yield from value
    elif keyword in ("items", "additionalProperties"):
        yield value


def _of(*kinds: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kinds)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _is_type(value: Any) -> bool:
    return isinstance(value, str) or (_is_names(value) and bool(value))


OBJECT = (_of(dict), "'object'")
ARRAY = (_of(list), "'array'")
NUMBER = (_of(int, float), "'number'")
TEXT = (_of(str), "'string'")
ANY = (lambda _value: True, "")
KEYWORDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(("properties", "$defs", "definitions"), OBJECT),
    **dict.fromkeys(("anyOf", "oneOf", "allOf", "prefixItems", "enum"), ARRAY),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), NUMBER),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), NUMBER),
    **dict.fromkeys(("pattern", "format", "$ref"), TEXT),
    **dict.fromkeys(("items", "additionalProperties"), ANY),
    "required": (_is_names, "'array' of 'string'"),
    "type": (_is_type, "'string', 'array' of 'string'"),
}
"""What the keywords that a value is built from have to be."""
