"""A generic walk over the model's type hints: from a tree with places to the model's values, noting every
mistake on the way.

What is wrong is left out of the result, so that the walk goes on and all mistakes come at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, is_dataclass
from typing import Any, Final, Literal, TypeAlias, get_args, get_origin

from roadworthy.manifest.formats import FORMATS, Format, WrongFormatError
from roadworthy.manifest.keys import Key, format_in, keys_of, without_none
from roadworthy.manifest.mistakes import Mistakes, quoted
from roadworthy.manifest.nearest import mends_for_choice, mends_for_key
from roadworthy.manifest.tree import Items, Node, Scalar, Table

Path: TypeAlias = "tuple[str | int, ...]"
WRONG: Final = object()
"""In place of a value that could not be read; its mistake is noted."""
SWITCHES = ("yes", "no", "on", "off", "y", "n")
"""What YAML 1.1 calls booleans and people mean as text."""
SHAPES = {
    "agent": "{entry: app.py:agent}",
    "agents": "{support: {entry: app.py:agent}}",
    "env": "{OPENAI_API_KEY: {secret: true}}",
    "env.": "{default: …}, or {} for a variable without any",
    "services": '{database: {url: "${DATABASE_URL}"}}',
    "services.": "{url: …}, or {host: …, port: …}",
    "binaries": '{rg: ">=13", jq: "*"}',
    "accept": "{LIFE302: the reason}",
    "scan": "{select: [PATH, TIME], exclude: [scripts/]}",
    "per_file_ignores": "{scripts/: [LOG101]}",
    "headers": "{Authorization: …}",
    "rate_limits": "{model: 500/minute}",
    "hosts": "{llm.internal: openai}",
    "when": "{turn: 1}, {contains: …}, {matches: …} or {result: {search: …}}",
    "result": "{search: what its result holds}",
    "reply": "{text: …}, {calls: …} or {error: …}",
    "arguments": "{query: refund}",
    "error": "{status: 503, message: …}",
}
"""How a mapping is written, by its key; with a dot, how one entry of it is."""


@dataclass(slots=True)
class Reading:
    """The mistakes and places that one walk collects."""

    mistakes: Mistakes
    keys: dict[Path, int] = field(default_factory=dict)
    """Where each key that was met stands, whether its value could be read or not."""
    nodes: dict[Path, Node] = field(default_factory=dict)
    """What stands at each path, right or wrong."""
    is_manifest: bool = True
    """Not of another file that the manifest names: an unknown key may belong to another section."""

    def section(self, keys: tuple[Key, ...], node: Node, path: Path) -> dict[str, Any]:
        """The values of those keys that are there and right, by name; none where there is no mapping."""
        if not isinstance(node, Table):
            return {}
        known = {key.name: key for key in keys}
        found = {}
        for entry in node.entries:
            if entry.key not in known:
                where = dotted(path) or "the manifest"
                self.mistakes.note(
                    entry.at,
                    f"unknown key {quoted(entry.key)} in {where}",
                    *mends_for_key(entry.key, known, elsewhere=self.is_manifest),
                )
                continue
            self.keys[*path, entry.key] = entry.at
            value = self.value(known[entry.key].hint, entry.node, (*path, entry.key))
            if value is not WRONG:
                found[entry.key] = value
        return found

    def value(self, hint: Any, node: Node, path: Path) -> Any:
        """The value of `node` as `hint` wants it, or `WRONG`."""
        self.nodes[path] = node
        hint, may_be_none = without_none(hint)
        origin, word = get_origin(hint), format_in(hint)
        if may_be_none and _is_nothing(node) and origin is not Mapping:
            return None
        if word is not None:
            return self._formatted(FORMATS[word], node, path)
        if is_dataclass(hint) and isinstance(hint, type):
            keys = keys_of(hint)
            if self.is_mapping(node, path, f"its keys are: {', '.join(key.name for key in keys)}"):
                return hint(**self.section(keys, node, path))
            return WRONG
        readers: dict[Any, Callable[[Any, Node, Path], Any]] = {
            Mapping: self._mapping,
            tuple: self._items,
            Literal: self._choice,
            Any: self._free,
            str: lambda _, node, path: self._text(node, path),
            bool: self._boolean,
            int: self._number,
            float: self._number,
        }
        return readers[origin or hint](hint, node, path)

    def is_mapping(self, node: Node, path: Path, mend: str) -> bool:
        """Whether `node` can be read as a mapping: nothing counts as an empty one. Notes the mistake."""
        if isinstance(node, Table) or _is_nothing(node):
            return True
        self._unexpected(node, path, "a mapping", _shape(path) or mend)
        return False

    def _mapping(self, hint: Any, node: Node, path: Path) -> Any:
        key_hint, value_hint = get_args(hint)
        if not self.is_mapping(node, path, "write a value below each name"):
            return WRONG
        found = {}
        for entry in node.entries if isinstance(node, Table) else ():
            below: Path = (*path, entry.key)
            self.keys[below] = entry.at
            word = format_in(key_hint)
            name = Scalar(entry.at, entry.key, entry.key)
            key = self._text(name, below) if word is None else self._formatted(FORMATS[word], name, below)
            value = self.value(value_hint, entry.node, below)
            if key is not WRONG and value is not WRONG:
                found[entry.key] = value
        return found

    def _items(self, hint: Any, node: Node, path: Path) -> Any:
        if _is_nothing(node):
            return ()
        if not isinstance(node, Items):
            mend = f"write [{node.written}]" if isinstance(node, Scalar) else "write […, …]"
            return self._unexpected(node, path, "a list", mend)
        values = [self.value(get_args(hint)[0], item, (*path, i)) for i, item in enumerate(node.nodes)]
        return WRONG if WRONG in values else tuple(values)

    def _choice(self, hint: Any, node: Node, path: Path) -> Any:
        choices = get_args(hint)
        text = self._text(node, path)
        if text is WRONG or text in choices:
            return text
        listed = ", ".join(choices)
        mends = mends_for_choice(text, choices)
        self.mistakes.note(node.at, f"{dotted(path)}: {quoted(text)} is none of {listed}", *mends)
        return WRONG

    def _text(self, node: Node, path: Path) -> Any:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            if "\0" in node.value:
                self.mistakes.note(node.at, f"{dotted(path)} holds a NUL character", "take it away")
                return WRONG
            return node.value
        if isinstance(node, Scalar) and isinstance(node.value, bool) and node.written.lower() in SWITCHES:
            told = f"{dotted(path)} should be text, and YAML reads {node.written} as {_lower(node.value)}"
            self.mistakes.note(node.at, told, f'quote it: "{node.written}"')
            return WRONG
        mends = [f'quote it: "{node.written}"'] if isinstance(node, Scalar) and node.value is not None else []
        return self._unexpected(node, path, "text", *mends)

    def _boolean(self, _hint: Any, node: Node, path: Path) -> Any:
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        mends = []
        if isinstance(node, Scalar) and isinstance(node.value, str) and node.value.lower() in ("true", "false"):
            mends.append(f"remove the quotes: {node.value.lower()}")
        return self._unexpected(node, path, "true or false", *mends)

    def _number(self, hint: Any, node: Node, path: Path) -> Any:
        number = _number(node)
        if hint is float and number is not None and math.isfinite(number):
            return float(number)
        if hint is int and isinstance(number, int):
            return number
        return self._unexpected(node, path, "a whole number" if hint is int else "a number", *_unquoted(node))

    def _formatted(self, form: Format, node: Node, path: Path) -> Any:
        """A value that the table of formats reads."""
        given: Any = WRONG
        if form.lists and isinstance(node, Items):
            given = self._items(tuple[str, ...], node, path)
        elif form.numbers and _number(node) is not None:
            given = _number(node)
        elif form.text:
            given = self._text(node, path)
        else:
            self._unexpected(node, path, _article(form.type), *(_unquoted(node) or [f"write {form.looks}"]))
        if given is WRONG:
            return WRONG
        try:
            return form.read(given)
        except WrongFormatError as error:
            shown = "" if form.private else f": {_written(node)}"
            problem = f": {error}" if str(error) else ""
            told = f"{dotted(path)}{shown} is no {form.type}{problem}"
            self.mistakes.note(node.at, told, *(error.mends or (f"write {form.looks}",)))
            return WRONG

    def _free(self, _hint: Any, node: Node, path: Path) -> Any:
        """Any JSON."""
        if isinstance(node, Table):
            return {entry.key: self._free(_hint, entry.node, (*path, entry.key)) for entry in node.entries}
        if isinstance(node, Items):
            return [self._free(_hint, item, (*path, i)) for i, item in enumerate(node.nodes)]
        if isinstance(node.value, bool) and node.written.lower() in SWITCHES:
            meant = _lower(node.value)
            told = f"{dotted(path)}: YAML reads {node.written} as {meant}"
            self.mistakes.note(node.at, told, f'quote it if it is text, or write {meant}: "{node.written}"')
        if isinstance(node.value, float) and not math.isfinite(node.value):
            self.mistakes.note(node.at, f"{dotted(path)}: {node.written} cannot be written in JSON")
        return node.value

    def _unexpected(self, node: Node, path: Path, wanted: str, *mends: str) -> Any:
        self.mistakes.note(node.at, f"{dotted(path) or 'the manifest'} should be {wanted}, not {_kind(node)}", *mends)
        return WRONG


def dotted(path: Path) -> str:
    """A path as messages show it: `agents.support.examples[0]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            plain = part.replace("-", "").replace("_", "").isalnum()
            text += ("." if text else "") + (part if plain and len(part) < 60 else quoted(part))
    return text


def _shape(path: Path) -> str | None:
    name = str(path[-1]) if path else ""
    shape = SHAPES.get(f"{path[0]}.") if len(path) == 2 and path[0] in ("env", "services") else SHAPES.get(name)
    return f"write {shape}" if shape else None


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _number(node: Node) -> int | float | None:
    if isinstance(node, Scalar) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return node.value
    return None


def _unquoted(node: Node) -> list[str]:
    """The mend for a number in quotes."""
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return []
    try:
        plain = len(node.value) < 20 and math.isfinite(float(node.value))
    except ValueError:
        plain = False
    return [f"remove the quotes: {node.value.strip()}"] if plain else []


def _kind(node: Node) -> str:
    if isinstance(node, Items):
        return "a list"
    if isinstance(node, Table):
        return "a mapping"
    if node.value is None:
        return "empty"
    if isinstance(node.value, bool):
        return _lower(node.value)
    return "text" if isinstance(node.value, str) else f"the number {_written(node)}"


def _written(node: Node) -> str:
    if isinstance(node, Scalar):
        return quoted(node.written) if isinstance(node.value, str) else node.written[:60]
    return "this"


def _lower(value: bool) -> str:
    return "true" if value else "false"


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
