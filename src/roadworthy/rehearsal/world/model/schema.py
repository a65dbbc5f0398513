"""A value that fits a JSON Schema: the same each time, and telling where the schema leaves it free."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from roadworthy.rehearsal.world.model.pattern import matching
from roadworthy.rehearsal.world.model.schema_rules import Schema, accepts, flattened, merged, types_of

Fits: TypeAlias = Callable[[str], bool]

FORMATS = {
    "date": "2025-01-15",
    "date-time": "2025-01-15T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "ada@example.com",
    "idn-email": "ada@example.com",
    "hostname": "example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uri-reference": "/example",
    "iri": "https://example.com/",
    "iri-reference": "/example",
    "uri-template": "https://example.com/{id}",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "json-pointer": "/example",
    "relative-json-pointer": "0",
    "regex": "^a$",
    "byte": "YQ==",
}
"""Names and addresses are those set aside for examples (RFC 2606, 5737, 3849)."""

DEEPEST = 24
"""Levels after which a value ends in null: a schema that demands itself without end has none that fits."""
MOST = 1000
"""Items and properties that are made at most, whatever `minItems` demands."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What a value says where its schema leaves it free.

    text      by a property's name and a test of whether a text fits there; None: no opinion
    number    by a property's name; None: no opinion
    optional  whether properties that are not required are filled in too
    """

    text: Callable[[str, Fits], str | None]
    number: Callable[[str], int | None] = lambda _name: None
    optional: bool = True


def fitting(schema: Schema, hints: Hints) -> Any:
    """A value that fits `schema`, as far as one can be built.

    `not`, `if`, `dependent…`, `contains`, `patternProperties` and `propertyNames` are not looked at.
    """
    return _Builder(schema, hints).value(schema, "", (), 0)


@dataclass(frozen=True, slots=True)
class _Builder:
    root: Schema
    hints: Hints

    def value(self, schema: Schema, name: str, path: tuple[str, ...], depth: int) -> Any:
        """`path` holds the references being followed: one that comes back is kept as small as it may be."""
        if depth > DEEPEST or isinstance(schema, bool):
            return None
        reference = schema.get("$ref")
        small = isinstance(reference, str) and reference in path
        if isinstance(reference, str):
            path = (*path, reference)
        small = small or len(set(path)) < len(path)
        flat = flattened(schema, self.root)
        for given in self._given(flat):
            return given
        for key in ("oneOf", "anyOf"):
            if key in flat:
                return self._of_options(flat, key, name, path, depth, small=small)
        kinds = types_of(flat)
        if small and "null" in kinds:
            return None
        match kinds[0]:
            case "object":
                return self._object(flat, path, depth, small=small)
            case "array":
                return self._list(flat, name, path, depth, small=small)
            case "string":
                return self._text(flat, name)
            case "integer" | "number":
                return self._number(flat, name, whole=kinds[0] == "integer")
            case "boolean":
                return True
        return None

    def _given(self, flat: Mapping[str, Any]) -> Iterator[Any]:
        if "const" in flat:
            yield flat["const"]
        choices = flat.get("enum")
        if choices:
            whole = (choice for choice in choices if choice is not None and accepts(flat, self.root, choice))
            yield next(whole, choices[0])

    def _of_options(
        self,
        flat: dict[str, Any],
        key: str,
        name: str,
        path: tuple[str, ...],
        depth: int,
        *,
        small: bool,
    ) -> Any:
        rest = {other: value for other, value in flat.items() if other != key}
        options = sorted(flat[key], key=lambda option: self._is_null(option) != small)
        value = None
        for option in options:
            # The reference itself is kept on the path, so that a value that holds its own kind ends.
            reference = option.get("$ref") if isinstance(option, Mapping) else None
            onward = (*path, reference) if isinstance(reference, str) else path
            if reference in path and len(options) > 1:
                continue
            value = self.value(merged(rest, flattened(option, self.root)), name, onward, depth + 1)
            if accepts(flat, self.root, value):
                return value
        return value

    def _is_null(self, option: Schema) -> bool:
        return types_of(flattened(option, self.root)) == ("null",)

    def _object(self, flat: Mapping[str, Any], path: tuple[str, ...], depth: int, *, small: bool) -> dict[str, Any]:
        properties = flat.get("properties", {})
        required = flat.get("required", ())
        rest = flat.get("additionalProperties", True)
        made: dict[str, Any] = {}
        for name, schema in properties.items():
            if name in required or (self.hints.optional and not small):
                made[name] = self.value(schema, name, path, depth + 1)
        for name in required:
            if name not in made:
                made[name] = self.value({"type": "string"} if rest is True else rest, name, path, depth + 1)
        fewest = min(flat.get("minProperties", 0), MOST)
        if not properties and isinstance(rest, Mapping) and rest and self.hints.optional and not small:
            fewest = max(fewest, min(1, flat.get("maxProperties", 1)))
        spare = [name for name in properties if name not in made]
        spare += [f"item_{number}" for number in range(1, fewest + 1)]
        for name in spare:
            if len(made) >= fewest:
                break
            made[name] = self.value(
                properties.get(name, {"type": "string"} if isinstance(rest, bool) else rest),
                name,
                path,
                depth + 1,
            )
        most = flat.get("maxProperties", len(made))
        for name in reversed([name for name in made if name not in required][: len(made)]):
            if len(made) <= most:
                break
            del made[name]
        return made

    def _list(self, flat: Mapping[str, Any], name: str, path: tuple[str, ...], depth: int, *, small: bool) -> list[Any]:
        first = flat.get("prefixItems", ())
        rest = flat.get("items", {"type": "string"})
        count = max(flat.get("minItems", 0), 0 if small else max(1, len(first)))
        count = min(count, flat.get("maxItems", count), MOST)
        if rest is False:
            count = min(count, len(first))
        made = [
            self.value(first[index] if index < len(first) else rest, name, path, depth + 1) for index in range(count)
        ]
        return self._distinct(made, first, rest) if flat.get("uniqueItems") else made

    def _distinct(self, items: list[Any], first: Any, rest: Schema) -> list[Any]:
        made: list[Any] = []
        for index, item in enumerate(items):
            schema = first[index] if index < len(first) else rest
            for other in _others(item, flattened(schema, self.root)):
                if other not in made and accepts(schema, self.root, other):
                    made.append(other)
                    break
            else:
                made.append(item)
        return made

    def _text(self, flat: Mapping[str, Any], name: str) -> str:
        shortest, longest = flat.get("minLength", 0), flat.get("maxLength")

        def fits(text: str) -> bool:
            return accepts(flat, self.root, text)

        named = FORMATS.get(flat.get("format", ""))
        if named is not None and fits(named):
            return named
        hinted = self.hints.text(name, fits)
        for text in (hinted, *_examples(flat)):
            if isinstance(text, str) and fits(text):
                return text
        if "pattern" in flat:
            text = matching(flat["pattern"], shortest, longest)
            if text is not None:
                return text
        return (hinted or "text").ljust(shortest, "x")[:longest]

    def _number(self, flat: Mapping[str, Any], name: str, *, whole: bool) -> float:
        for number in (self.hints.number(name), *_examples(flat), *_numbers(flat, whole=whole)):
            if (
                isinstance(number, (int, float))
                and not isinstance(number, bool)
                and not (whole and not isinstance(number, int))
                and accepts(flat, self.root, number)
            ):
                return number
        return 1


def _examples(flat: Mapping[str, Any]) -> list[Any]:
    examples = flat.get("examples", [])
    return [
        *([flat["default"]] if "default" in flat else []),
        *(examples if isinstance(examples, list) else []),
        *([flat["example"]] if "example" in flat else []),
    ]


def _numbers(flat: Mapping[str, Any], *, whole: bool) -> Iterator[float]:
    """Candidates from plain to contrived; the caller takes the first that fits."""
    yield from (1, 0)
    low = max(flat.get("minimum", -math.inf), flat.get("exclusiveMinimum", -math.inf))
    high = min(flat.get("maximum", math.inf), flat.get("exclusiveMaximum", math.inf))
    step = flat.get("multipleOf")
    anchor = low if low > -math.inf else high if high < math.inf else 0
    if step:
        start = math.floor(anchor / step)
        for count in range(start - 2, start + 3):
            yield int(count * step) if whole else count * step
    yield from (anchor, math.ceil(anchor), math.floor(anchor), math.floor(anchor) + 1, math.ceil(anchor) - 1)
    if low > -math.inf and high < math.inf:
        yield (low + high) / 2
    yield from (anchor + 0.5, anchor - 0.5)


def _others(item: Any, flat: Mapping[str, Any]) -> Iterator[Any]:
    """The item itself, then others of its kind."""
    yield item
    yield from flat.get("enum", ())
    for number in range(1, MOST + 1):
        if isinstance(item, bool):
            yield not item
            return
        if isinstance(item, str):
            yield f"{item}{number}"
            yield matching(flat["pattern"], len(item) + number) if "pattern" in flat else str(number)
        elif isinstance(item, (int, float)):
            step = flat.get("multipleOf") or 1
            yield from (item + number * step, item - number * step)
        elif isinstance(item, dict):
            yield {**item, **{key: next(_later(value, number)) for key, value in item.items()}}
        else:
            return


def _later(value: Any, number: int) -> Iterator[Any]:
    if isinstance(value, str):
        yield f"{value}{number}"
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value + number
    else:
        yield value
