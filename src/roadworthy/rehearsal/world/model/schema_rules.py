"""What a JSON Schema demands: references followed, parts merged, and whether a value fits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any] | bool
"""JSON Schema also knows `true` (anything) and `false` (nothing)."""

LOWER_BOUNDS = frozenset(
    {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"},
)
UPPER_BOUNDS = frozenset(
    {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"},
)


def flattened(schema: Schema, root: Schema) -> dict[str, Any]:
    """The schema with its `$ref` and `allOf` merged into it; `root` is what references start from."""
    if isinstance(schema, bool):
        return {}
    flat = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
    seen: set[str] = set()
    reference = schema.get("$ref")
    while isinstance(reference, str) and reference not in seen:
        seen.add(reference)
        target = resolved(reference, root)
        flat = merged({key: value for key, value in target.items() if key != "$ref"}, flat)
        reference = target.get("$ref")
    for part in schema.get("allOf", ()):
        flat = merged(flat, flattened(part, root))
    return flattened(flat, root) if "allOf" in flat else flat


def resolved(reference: str, root: Schema) -> Mapping[str, Any]:
    """What `#/$defs/Name` points at; an empty schema where it points nowhere."""
    node: Any = root
    for part in reference.removeprefix("#").split("/"):
        if not part:
            continue
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, Mapping):
            node = node.get(key)
        elif isinstance(node, Sequence) and key.isdigit() and int(key) < len(node):
            node = node[int(key)]
        else:
            return {}
    return node if isinstance(node, Mapping) else {}


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """A schema that holds what both demand, where that can be said in one schema."""
    both = dict(one)
    for key, value in other.items():
        if key not in both:
            both[key] = value
        elif key == "properties":
            both[key] = {**both[key], **value} | {
                name: {"allOf": [both[key][name], value[name]]} for name in both[key] if name in value
            }
        elif key == "required":
            both[key] = [*both[key], *(name for name in value if name not in both[key])]
        elif key in LOWER_BOUNDS:
            both[key] = max(both[key], value)
        elif key in UPPER_BOUNDS:
            both[key] = min(both[key], value)
        elif key == "enum":
            both[key] = [choice for choice in both[key] if choice in value]
        elif key == "type":
            both[key] = _common_types(both[key], value)
        else:
            both[key] = value
    return both


def types_of(flat: Mapping[str, Any]) -> tuple[str, ...]:
    """The types a flattened schema allows, `null` last; guessed from its other keys where it names none."""
    named = flat.get("type")
    if isinstance(named, str):
        return (named,)
    if isinstance(named, Sequence):
        return tuple(sorted((str(name) for name in named), key=lambda name: name == "null"))
    if "properties" in flat or "required" in flat or "additionalProperties" in flat:
        return ("object",)
    if "items" in flat or "prefixItems" in flat or "minItems" in flat:
        return ("array",)
    if "minimum" in flat or "maximum" in flat or "multipleOf" in flat:
        return ("number",)
    return ("string",)


def accepts(schema: Schema, root: Schema, value: Any) -> bool:
    """Whether `value` fits, by the keywords that a value is built from."""
    if isinstance(schema, bool):
        return schema
    flat = flattened(schema, root)
    if "type" in flat and not any(_is_of(value, name) for name in types_of(flat)):
        return False
    if "const" in flat and not _same(value, flat["const"]):
        return False
    if "enum" in flat and not any(_same(value, choice) for choice in flat["enum"]):
        return False
    if "anyOf" in flat and not any(accepts(option, root, value) for option in flat["anyOf"]):
        return False
    if "oneOf" in flat and sum(accepts(option, root, value) for option in flat["oneOf"]) != 1:
        return False
    if isinstance(value, str):
        return _accepts_text(flat, value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _accepts_number(flat, value)
    if isinstance(value, list):
        return _accepts_list(flat, root, value)
    if isinstance(value, dict):
        return _accepts_object(flat, root, value)
    return True


def _accepts_text(flat: Mapping[str, Any], value: str) -> bool:
    if not flat.get("minLength", 0) <= len(value) <= flat.get("maxLength", len(value)):
        return False
    return "pattern" not in flat or found(flat["pattern"], value)


def _accepts_number(flat: Mapping[str, Any], value: float) -> bool:
    step = flat.get("multipleOf")
    return (
        flat.get("minimum", value) <= value <= flat.get("maximum", value)
        and not ("exclusiveMinimum" in flat and value <= flat["exclusiveMinimum"])
        and not ("exclusiveMaximum" in flat and value >= flat["exclusiveMaximum"])
        and not (step and not float(value / step).is_integer())
    )


def _accepts_list(flat: Mapping[str, Any], root: Schema, value: list[Any]) -> bool:
    if not flat.get("minItems", 0) <= len(value) <= flat.get("maxItems", len(value)):
        return False
    if flat.get("uniqueItems") and any(_same(a, b) for i, a in enumerate(value) for b in value[:i]):
        return False
    first = flat.get("prefixItems", ())
    rest = flat.get("items", True)
    return all(accepts(first[index] if index < len(first) else rest, root, item) for index, item in enumerate(value))


def _accepts_object(flat: Mapping[str, Any], root: Schema, value: dict[str, Any]) -> bool:
    if not flat.get("minProperties", 0) <= len(value) <= flat.get("maxProperties", len(value)):
        return False
    if any(name not in value for name in flat.get("required", ())):
        return False
    properties = flat.get("properties", {})
    rest = flat.get("additionalProperties", True)
    return all(accepts(properties.get(name, rest), root, item) for name, item in value.items())


@lru_cache(maxsize=512)
def found(pattern: str, text: str) -> bool:
    """Whether the pattern is found; one that Python does not read demands nothing."""
    try:
        return re.search(pattern, text) is not None
    except (re.error, RecursionError, OverflowError):
        return True


def _common_types(one: Any, other: Any) -> Any:
    first = [one] if isinstance(one, str) else list(one)
    second = [other] if isinstance(other, str) else list(other)
    common = [name for name in first if name in second]
    if "integer" in first + second and "integer" not in common and "number" in first + second:
        common.append("integer")
    return common or second


def _is_of(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    kinds: dict[str, type | tuple[type, ...]] = {
        "string": str,
        "number": (int, float),
        "array": list,
        "object": dict,
        "null": type(None),
    }
    return name in kinds and isinstance(value, kinds[name])


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
