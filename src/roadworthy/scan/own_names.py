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
        for _ in range(8):
            summary, name = self.split(dotted)
            if summary is None:
                return dotted
            first, dot, rest = name.partition(".")
            if first not in summary.exports:
                return f"{summary.dotted}.{name}" if name else summary.dotted
            dotted = summary.exports[first] + dot + rest
        return dotted

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
