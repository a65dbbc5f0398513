"""What is known of a file that is no Python: the same few kinds of facts for all, so that one rule reads them all."""

from __future__ import annotations

from dataclasses import dataclass, field

from roadworthy.scan.commands import Command, Spot


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable that is set or read here; `value` is what it is set to, or its default."""

    name: str
    value: str | None
    at: Spot
    is_set: bool


@dataclass(frozen=True, slots=True)
class Text:
    """A text, with holes; `key` says what it stands for: `working_dir`, `USER`, `<` for a file that is read."""

    value: str
    at: Spot
    key: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """A distribution that is asked for: `conditions` as they are written, `group` empty for production."""

    name: str
    conditions: str
    at: Spot
    group: str = ""
    is_pinned: bool = False


@dataclass(slots=True)
class Facts:
    """All of one file."""

    commands: list[Command] = field(default_factory=list)
    checks: list[Command] = field(default_factory=list)
    """What a container that is built here is asked with whether it works, in the container itself."""
    variables: list[Variable] = field(default_factory=list)
    strings: list[Text] = field(default_factory=list)
    packages: list[Package] = field(default_factory=list)
    installs: list[str] = field(default_factory=list)
    """Every word of what builds an image: names of packages, programs and files among them."""
    images: list[str] = field(default_factory=list)
    """What images are built from."""
    is_open: bool = False
    """Packages are asked for in a way that cannot be read here."""


def moved(command: Command, lines: int) -> Command:
    """A command of a text that begins `lines` further down in its file."""
    at = command.at
    end = None if at.end_line is None else at.end_line + lines
    return Command(command.program, command.arguments, Spot(at.line + lines, at.column, end), command.how)
