"""What the providers remember from one request to the next: numbers for ids, names of models, what was stored."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TypeVar

Kind = TypeVar("Kind")

STORED_CHARACTERS, STORED_MOST = 4_000_000, 2_000
"""Text and number of what a ledger keeps; the oldest is forgotten first."""


@dataclass(slots=True)
class Ledger:
    """The memory of one trial's providers."""

    number: int = 0
    models: dict[str, None] = field(default_factory=dict)
    """Names of models in the order they were first asked for."""
    _stored: OrderedDict[str, tuple[object, int]] = field(default_factory=OrderedDict)
    _characters: int = 0

    def next_number(self) -> int:
        """A number that no other request or tool call of this trial has."""
        self.number += 1
        return self.number

    def store(self, name: str, thing: object, characters: int) -> None:
        """Keep something under a name of its own: mostly a conversation, under the id of its last answer."""
        self.forget(name)
        self._stored[name] = (thing, characters)
        self._characters += characters
        while len(self._stored) > STORED_MOST or (self._characters > STORED_CHARACTERS and len(self._stored) > 1):
            self._characters -= self._stored.popitem(last=False)[1][1]

    def stored(self, name: str, kind: type[Kind]) -> Kind | None:
        """What is kept under this name, where it is of this kind."""
        thing, _ = self._stored.get(name, (None, 0))
        return thing if isinstance(thing, kind) else None

    def forget(self, name: str) -> None:
        """Keep nothing under this name any more."""
        _, characters = self._stored.pop(name, (None, 0))
        self._characters -= characters
