"""Rules that OpenAI's endpoints share: parameters, types and their errors, tools and schemas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from roadworthy.rehearsal.world.model.schema_form import malformed
from roadworthy.rehearsal.world.model.wire import Body, MistakeError, Shape, fitted, invalid, parameters

TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
MOST_STOPS = 4
"""Texts to stop at, as the API reference says."""
MOST_TOOLS = 128
"""Functions that one request may offer, as the API reference says."""
IMAGE_TOKENS = 1000
"""An image's share of the context, roughly; its bytes are not counted."""
KINDS = {
    "int": "an integer",
    "float": "a decimal",
    "str": "a string",
    "bool": "a boolean",
    "array": "an array",
    "object": "an object",
    "null": "null",
}


def known(body: Body, endpoint: str) -> None:
    """Refuse parameters that the endpoint does not have."""
    for name in body:
        if name not in parameters(endpoint):
            raise invalid(f"Unknown parameter: '{name}'.", code="unknown_parameter", param=name)


def read_as(body: Body, shape: type[Shape]) -> Shape:
    """The body as a typed structure; what does not fit is refused in OpenAI's words."""
    return fitted(body, shape, _mistake)


def _mistake(what: str, path: str) -> MistakeError:
    param = path.removeprefix(".")
    lacks = re.match(r"Object missing required field `(.+)`", what)
    if lacks:
        return missing(f"{param}.{lacks[1]}".removeprefix("."))
    types = re.match(r"Expected `(.+)`, got `(.+)`", what)
    if types:
        expected = " or ".join(KINDS.get(name, name) for name in types[1].split(" | ") if name != "null")
        got = KINDS.get(types[2], types[2])
        return invalid(
            f"Invalid type for '{param}': expected {expected}, but got {got} instead.",
            code="invalid_type",
            param=param,
        )
    bound = re.match(r"Expected `(?:int|float)(?: \| null)?` (>=|<=|>|<) (.+)", what)
    if bound:
        side = "below_min" if bound[1].startswith(">") else "above_max"
        return invalid(f"Invalid '{param}': expected a value {bound[1]} {bound[2]}.", code=f"{side}_value", param=param)
    return invalid(f"Invalid value for '{param}': {what}.", code="invalid_value", param=param)


def unknown_value(param: str, got: str, supported: Iterable[str]) -> MistakeError:
    """A value that is none of those the API has for this parameter."""
    listed = ", ".join(f"'{value}'" for value in supported)
    return invalid(f"Invalid value: '{got}'. Supported values are: {listed}.", code="invalid_value", param=param)


def missing(param: str) -> MistakeError:
    """A parameter that has to be there."""
    return invalid(f"Missing required parameter: '{param}'.", code="missing_required_parameter", param=param)


def not_empty(items: list[Any] | None, param: str) -> None:
    """Refuse an array without elements."""
    if items is not None and not items:
        raise invalid(
            f"Invalid '{param}': empty array. Expected an array with minimum length 1.",
            code="empty_array",
            param=param,
        )


def not_more(items: list[Any], most: int, param: str) -> None:
    """Refuse an array with too many elements."""
    if len(items) > most:
        raise invalid(
            f"Invalid '{param}': array too long. Expected an array with maximum length {most}, but got "
            f"an array with length {len(items)} instead.",
            code="array_above_max_length",
            param=param,
        )


def thinks(effort: Any) -> bool:
    """Whether a request that names this effort is one for a model that reasons."""
    return effort is not None and effort != "none"


def check_function(name: str, schema: Mapping[str, Any] | None, param: str) -> None:
    """Refuse a function whose name or parameters the API does not take."""
    if not TOOL_NAME.fullmatch(name):
        raise invalid(
            f"Invalid '{param}.name': string does not match pattern '^[a-zA-Z0-9_-]+$' of at most 64 characters.",
            code="invalid_value",
            param=f"{param}.name",
        )
    if schema and schema.get("type") != "object":
        raise invalid(
            f"Invalid schema for function '{name}': schema must be a JSON Schema of 'type: \"object\"', "
            f"got 'type: \"{schema.get('type')}\"'.",
            code="invalid_function_parameters",
            param=f"{param}.parameters",
        )
    check_schema(schema or {}, f"function '{name}'", f"{param}.parameters")


def check_schema(schema: Any, what: str, param: str) -> None:
    """Refuse a schema that is none."""
    problem = malformed(schema)
    if problem is not None:
        raise _invalid_schema(what, problem, param)


def _invalid_schema(what: str, problem: str, param: str) -> MistakeError:
    return invalid(
        f"Invalid schema for {what}: {problem}",
        code="invalid_json_schema" if "response_format" in what else "invalid_function_parameters",
        param=param,
    )


def check_strict(schema: Any, what: str, param: str, place: tuple[str, ...] = ()) -> None:
    """Refuse a strict schema whose objects are open, or whose properties are not all required."""
    if isinstance(schema, list):
        for item in schema:
            check_strict(item, what, param, place)
        return
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties")
    if schema.get("type") == "object" or isinstance(properties, dict):
        problem = None
        if schema.get("additionalProperties") is not False:
            problem = "'additionalProperties' is required to be supplied and to be false."
        elif set(properties or ()) - set(schema.get("required", ())):
            left = sorted(set(properties or ()) - set(schema.get("required", ())))
            problem = f"'required' is required to hold every key in properties. Missing '{left[0]}'."
        if problem is not None:
            raise _invalid_schema(what, f"In context={place}, {problem}", param)
    for key in ("properties", "$defs", "definitions"):
        named = schema.get(key)
        if isinstance(named, dict):
            for name, part in named.items():
                check_strict(part, what, param, (*place, key, name))
    for key in ("items", "anyOf", "allOf"):
        check_strict(schema.get(key), what, param, (*place, key))


def mentions_json(texts: Iterable[str]) -> bool:
    """Whether JSON mode may be used: the prompt has to say so in words."""
    return any("json" in text.lower() for text in texts)
