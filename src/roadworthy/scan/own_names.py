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
        self._ancestors: dict[str, list[tuple[Summary, str]]] = {}

    def resolved(self, dotted: str) -> str:
        """A name of the project with re-exports and modules of another root followed to where it is defined."""
        summary, name = self.defined(dotted)
        if summary is None or not name:
            return name if summary is None else summary.dotted
        return f"{summary.dotted}.{name}"

    def expanded(self, dotted: str) -> str:
        """A name with what is known of its parts in their places: `app.get_agent().run` → `app.agent.Agent().run`.

        Also the attributes that a class inherits, and names at the top level that a call made.
        """
        for _ in range(8):
            found = self._step(dotted)
            if found is None:
                break
            dotted = found
        return dotted

    def _step(self, dotted: str) -> str | None:
        summary, inner = self.split(dotted)
        if summary is None or not inner:
            return None
        parts = inner.split(".")
        first = parts[0].removesuffix("()")
        if first in summary.exports:
            return ".".join([summary.exports[first] + parts[0][len(first) :], *parts[1:]])
        for length in range(1, len(parts) + 1):
            known = self._known(summary, ".".join(parts[:length]))
            if known is not None:
                return ".".join([known, *parts[length:]])
        return None

    def _known(self, summary: Summary, inner: str) -> str | None:
        """What a name of a file is an object of; an attribute may be of a class that its own inherits from."""
        made = summary.made.get(inner)
        told = None if made is not None else summary.instances.get(inner)
        if made is not None:
            return f"{made}()"
        if told is not None:
            return self._object(told)
        head, brackets, attribute = inner.partition("().")
        if not brackets or "." in attribute:
            return None
        for home, of in self.ancestors(f"{summary.dotted}.{head}"):
            told = home.instances.get(f"{of}().{attribute}")
            if told is not None:
                return self._object(told)
        return None

    def _object(self, told: str) -> str | None:
        """Of one of several classes, the nearest one that all inherit from."""
        if "|" not in told:
            return told[1:] if told.startswith("=") else f"{told}()"
        lines = []
        for name in told.split("|"):
            home = self.home(name)
            if home is None:
                return None
            lines.append([f"{each.dotted}.{of}" for each, of in (home, *self.ancestors(f"{home[0].dotted}.{home[1]}"))])
        common = (each for each in lines[0] if all(each in line for line in lines))
        nearest = next(common, None)
        return None if nearest is None else f"{nearest}()"

    def ancestors(self, dotted: str) -> list[tuple[Summary, str]]:
        """The classes of the project that a class inherits from, nearest first, each as its file and its name there."""
        if dotted not in self._ancestors:
            self._ancestors[dotted] = []  # a circle ends here
            found: list[tuple[Summary, str]] = []
            summary, name = self.split(dotted)
            for base in () if summary is None else summary.bases.get(name, ()):
                home = self.home(base)
                if home is not None:
                    found += [home, *self.ancestors(f"{home[0].dotted}.{home[1]}")]
            self._ancestors[dotted] = found
        return self._ancestors[dotted]

    @cached_property
    def descendants(self) -> dict[str, list[str]]:
        """Class → the classes of the project that inherit from it."""
        found: dict[str, list[str]] = defaultdict(list)
        for summary in self.summaries.values():
            for name in summary.bases:
                own = f"{summary.dotted}.{name}"
                for home, of in self.ancestors(own):
                    found[f"{home.dotted}.{of}"].append(own)
        return found

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
