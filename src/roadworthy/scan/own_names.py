"""Which file of the project a dotted name is of, and what it stands for there."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roadworthy.scan.summary import Summary

SOURCES = ("src", "lib")
"""Folders at the root that are no part of a file's dotted name."""


class OwnNames:
    """The names of these files, by their dotted names; of others it says that they are none of the project's."""

    def __init__(self, summaries: dict[str, Summary]) -> None:
        self.summaries = summaries

    def resolved(self, dotted: str) -> str:
        """A name of the project with re-exports and modules of another root followed to where it is defined."""
        for _ in range(8):
            summary, name = self.split(dotted)
            if summary is None:
                return dotted
            first, dot, rest = name.partition(".")
            if first not in summary.exports:
                return f"{summary.dotted}.{name}" if name else summary.dotted
            dotted = summary.exports[first] + dot + rest
        return dotted

    def home(self, dotted: str) -> tuple[Summary, str] | None:
        """The file that a name is of once re-exports are followed, and its name there; None for a file itself."""
        summary, name = self.split(self.resolved(dotted))
        return None if summary is None or not name else (summary, name)

    def split(self, dotted: str) -> tuple[Summary | None, str]:
        """The file that a name is of, and the rest of the name."""
        parts = dotted.split(".")
        if parts[0] not in self._heads:
            return None, dotted
        for length in range(len(parts), 0, -1):
            module = ".".join(parts[:length])
            summary = self.summaries.get(module) or self._tail(module)
            if summary is not None:
                return summary, ".".join(parts[length:])
        if parts[0] in SOURCES and len(parts) > 1:  # `from src.log import logger`: the folder is a package as well
            summary, rest = self.split(".".join(parts[1:]))
            return summary, dotted if summary is None else rest
        return None, dotted

    def _tail(self, module: str) -> Summary | None:
        """The only file whose dotted name ends so: its root is a folder below the project's."""
        found = self._by_tail.get(module, [])
        return found[0] if len(found) == 1 else None

    @cached_property
    def _by_tail(self) -> dict[str, list[Summary]]:
        found: dict[str, list[Summary]] = defaultdict(list)
        for summary in self.summaries.values():
            parts = summary.dotted.split(".")
            for start in range(1, len(parts)):
                found[".".join(parts[start:])].append(summary)
        return found

    @cached_property
    def _heads(self) -> frozenset[str]:
        """What a name of the project can begin with: most names are a library's, and need not be looked for."""
        return frozenset({*SOURCES, *(part for dotted in self.summaries for part in dotted.split("."))})
