"""The JSON that a prompt asks for in words: an example object, a schema, or names in quotes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from roadworthy.rehearsal.world.model.schema_form import malformed

SCANNED = 100_000
"""Characters of a text in which an example is looked for."""
TRIES = 40
"""Opening braces at which one is looked for."""
LONGEST_SKETCH = 4_000
"""Characters between the braces of an example that is no strict JSON."""

QUOTED_NAME = re.compile(r"""(["'`])([A-Za-z_][A-Za-z0-9_]{0,40})\1""")
SKETCHED_KEY = re.compile(r"""["']([A-Za-z_]\w{0,60})["']\s*:\s*""")
DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Shape:
    """A schema, or an example object whose keys the answer has."""

    schema: Mapping[str, Any] | None = None
    example: dict[str, Any] = field(default_factory=dict)


def shape_in(text: str) -> Shape | None:
    """The shape that a prompt's text shows: its last JSON Schema, else its first example object.

    Instructions that print a schema explain first what a schema is, by another one.
    """
    return _shape_in(text[:SCANNED]) if "{" in text else None


@lru_cache(maxsize=64)
def _shape_in(text: str) -> Shape | None:
    first: dict[str, Any] | None = None
    schema: dict[str, Any] | None = None
    position = -1
    for _ in range(TRIES):
        position = text.find("{", position + 1)
        if position < 0:
            break
        found, end = _object_at(text, position)
        if not found:
            continue
        if isinstance(found.get("properties"), dict) and malformed(found) is None:
            schema = found
        elif first is None:
            first = found
        position = end - 1
    if schema is not None:
        return Shape(schema=schema)
    return None if first is None else Shape(example=first)


def names_quoted_in(texts: Iterable[str]) -> list[str]:
    """Names in quotes or backticks, each once: what JSON mode's prompts call their keys."""
    return list(dict.fromkeys(name for text in texts for _, name in QUOTED_NAME.findall(text[:SCANNED])))


def _object_at(text: str, position: int) -> tuple[dict[str, Any], int]:
    """The object that begins here, and where it ends; empty where none does."""
    try:
        found, end = DECODER.raw_decode(text, position)
    except (ValueError, RecursionError):
        return _sketch_at(text, position)
    return found, end


def _sketch_at(text: str, position: int) -> tuple[dict[str, Any], int]:
    """An example with placeholders: `{"answer": <text>, "confidence": 0-1, "tags": [...]}`."""
    depth = 0
    for end in range(position, min(len(text), position + LONGEST_SKETCH)):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        if depth == 0:
            break
    else:
        return {}, position
    inside = text[position + 1 : end]
    keys = [match for match in SKETCHED_KEY.finditer(inside) if _is_outside(inside[: match.start()])]
    stops = [match.start() for match in keys[1:]] + [len(inside)]
    return {
        match[1]: _sketched(inside[match.end() : stop].strip().rstrip(",").strip())
        for match, stop in zip(keys, stops, strict=False)
    }, end + 1


def _is_outside(before: str) -> bool:
    """Whether no brace is open at the end of `before`."""
    return before.count("{") == before.count("}")


def _sketched(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        pass
    lowered = value.lower()
    if lowered.startswith("["):
        return []
    if lowered.startswith("{"):
        return _sketch_at(value, 0)[0]
    if re.match(r"\W*(true|false|bool)", lowered):
        return True
    if re.match(r"\W*(int|number|float|\d)", lowered):
        return 1
    return value if "|" in value else ""
