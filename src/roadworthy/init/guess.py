"""What init writes: values, each with where it was seen or what is to be filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

LONGEST = 500
"""Characters of a text that anybody would want in a manifest."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One value of the manifest, and the comment behind it: a place (`app/tools.py:31`), or what to look at."""

    value: Any
    comment: str = ""


Section: TypeAlias = "Mapping[str, Guess | Section | list[Guess]]"


@dataclass(slots=True)
class Draft:
    """All that was seen, by the manifest's own sections."""

    name: str
    agent: dict[str, Guess] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    """What is to be said of the agent before its keys: what else may start it, and what nothing told."""
    is_known: bool = True
    """Whether something told how the agent is started."""
    env: dict[str, Guess] = field(default_factory=dict)
    models: list[Guess] = field(default_factory=list)
    services: dict[str, Guess] = field(default_factory=dict)
    binaries: dict[str, Guess] = field(default_factory=dict)
    read: list[Guess] = field(default_factory=list)
    write: list[Guess] = field(default_factory=list)
    workspace: Guess | None = None
    resources: dict[str, Guess] = field(default_factory=dict)
    budgets: dict[str, Guess] = field(default_factory=dict)
    tools: Guess | None = None
    is_python: bool = True
    """Whether the agent is of the language whose source is understood."""
    unread: tuple[str, ...] = ()
    """Files that could not be read: what is in them is missing here."""

    @property
    def sections(self) -> dict[str, Any]:
        """What is below the agent, by key; empty ones are left out."""
        files: dict[str, Any] = {"read": self.read, "write": self.write}
        files = {key: value for key, value in files.items() if value}
        if self.workspace is not None:
            files["workspace"] = self.workspace
        found: dict[str, Any] = {
            "env": self.env,
            "models": self.models,
            "services": self.services,
            "binaries": self.binaries,
            "files": files,
            "resources": self.resources,
            "budgets": self.budgets,
            "tools": self.tools,
        }
        return {key: value for key, value in found.items() if value}


def places(found: Iterable[object], most: int = 2) -> str:
    """The places as a comment has them: the first few, and how many more."""
    told = list(dict.fromkeys(map(str, found)))
    more = f" and {len(told) - most} more" if len(told) > most else ""
    return ", ".join(told[:most]) + more


def is_writable(text: str) -> bool:
    """Whether a manifest can hold a text, and somebody would want it there."""
    return len(text) <= LONGEST and "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)
