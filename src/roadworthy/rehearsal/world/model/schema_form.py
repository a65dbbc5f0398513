"""Whether something is a JSON Schema at all: providers refuse tools and formats with one that is none."""

from __future__ import annotations

from typing import Any

DEEPEST = 64
"""Levels that are looked at: no provider takes a schema that goes deeper."""

KEYWORDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    **dict.fromkeys(("properties", "$defs", "definitions"), (dict, "'object'")),
    **dict.fromkeys(("anyOf", "oneOf", "allOf", "prefixItems", "enum", "required"), (list, "'array'")),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), ((int, float), "'number'")),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), ((int, float), "'number'")),
    **dict.fromkeys(("minProperties", "maxProperties", "multipleOf"), ((int, float), "'number'")),
    **dict.fromkeys(("pattern", "format", "$ref"), (str, "'string'")),
    **dict.fromkeys(("items", "additionalProperties"), ((dict, bool), "'object', 'boolean'")),
    "type": ((str, list), "'string', 'array'"),
}
"""What the keywords that a value is built from have to be."""
ARRAY_OF_NAMES = "'array' of 'string'"
NAMES = ("required", "type")
"""Those whose arrays hold nothing but strings."""
MAPS = ("properties", "$defs", "definitions")
LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
SINGLE = ("items", "additionalProperties")


def malformed(schema: Any, depth: int = 0) -> str | None:
    """What is wrong, in the words of JSON Schema's validators; None: nothing, as far as a value is built from it.

    It runs for each tool of each request: it is written to be fast.
    """
    if isinstance(schema, bool):
        return None
    if not isinstance(schema, dict):
        return _is_not(schema, "'object', 'boolean'")
    if depth > DEEPEST:
        return f"it goes deeper than {DEEPEST} levels"
    for keyword, value in schema.items():
        known = KEYWORDS.get(keyword)
        if known is None:
            continue
        fits = isinstance(value, known[0])
        if not fits:
            return f"{keyword}: {_is_not(value, known[1])}"
        parts: Any = ()
        if keyword in MAPS:
            parts = value.values()
        elif keyword in LISTS:
            parts = value
        elif keyword in SINGLE:
            parts = (value,)
        elif keyword in NAMES and isinstance(value, list) and not _is_names(value, keyword):
            return f"{keyword}: {_is_not(value, ARRAY_OF_NAMES)}"
        for part in parts:
            problem = malformed(part, depth + 1)
            if problem is not None:
                return f"{keyword}: {problem}"
    return None


def _is_names(value: list[Any], keyword: str) -> bool:
    """An empty array is one of names for `required`, and none for `type`."""
    return all(isinstance(name, str) for name in value) and (keyword != "type" or bool(value))


def _is_not(value: Any, kind: str) -> str:
    return f"{value!r:.80} is not of type {kind}"
