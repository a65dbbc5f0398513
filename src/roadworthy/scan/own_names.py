"""Which file of the project a dotted name is of, and what it stands for there."""

from __future__ import annotations

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
        summary, name = self.defined(dotted)
        if summary is None or not name:
            return name if summary is None else summary.dotted
        return f"{summary.dotted}.{name}"

    def home(self, dotted: str) -> tuple[Summary, str] | None:
        """The file that a name is of once re-exports are followed, and its name there; None for a file itself."""
        summary, name = self.defined(dotted)
        return None if summary is None or not name else (summary, name)

    def defined(self, dotted: str) -> tuple[Summary | None, str]:
        """The file that a name is of once re-exports are followed, and the rest of the name."""
        for _ in range(8):
            summary, name = self.split(dotted)
            if summary is None:
                return None, dotted
            first, dot, rest = name.partition(".")
            if first not in summary.exports:
                return summary, name
            dotted = summary.exports[first] + dot + rest
        return self.split(dotted)

    def split(self, dotted: str) -> tuple[Summary | None, str]:
        """The file that a name is of, and the rest of the name."""
        first = dotted.partition(".")[0]
        if first not in self._heads:
            return None, dotted
        module = dotted
        while module:
            summary = self._homes.get(module)
            if summary is not None:
                return summary, dotted[len(module) + 1 :]
            module = module.rpartition(".")[0]
        if first in SOURCES and first != dotted:  # `from src.log import logger`: the folder is a package as well
            summary, rest = self.split(dotted[len(first) + 1 :])
            return summary, dotted if summary is None else rest
        return None, dotted

    @cached_property
    def _homes(self) -> dict[str, Summary]:
        """Each file by its dotted name, and by what that ends in where it is the only one: below another root."""
        found: dict[str, Summary | None] = {}
        for summary in self.summaries.values():
            tail = summary.dotted.partition(".")[2]
            while tail:
                found[tail] = None if tail in found else summary
                tail = tail.partition(".")[2]
        return {tail: summary for tail, summary in found.items() if summary is not None} | self.summaries

    @cached_property
    def _heads(self) -> frozenset[str]:
        """What a name of the project can begin with: most names are a library's, and need not be looked for."""
        return frozenset({*SOURCES, *(part for dotted in self.summaries for part in dotted.split("."))})
