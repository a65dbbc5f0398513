"""A manifest as it was written: values with their places, the same for YAML and TOML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text, a number, a boolean or nothing; `written` is how it stands in the file, without quotes."""

    at: int
    value: str | int | float | bool | None
    written: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    at: int
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value; `at` is the key's place."""

    key: str
    at: int
    node: Node


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping. No key is in it twice."""

    at: int
    entries: tuple[Entry, ...]

    def get(self, key: str) -> Entry | None:
        """The entry of this key, if there is one."""
        return next((entry for entry in self.entries if entry.key == key), None)


Node: TypeAlias = Scalar | Items | Table
