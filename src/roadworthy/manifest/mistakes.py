"""Mistakes in a manifest: each with its place in the file, all of them raised at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from roadworthy.errors import UsageError

LONGEST_QUOTE = 60
"""Characters of the user's own text that a message repeats."""
MOST = 100
"""Mistakes in one go. A file with as many is another kind of file."""


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing to mend: `line` and `column` from 1, `mends` the indented lines below the message."""

    line: int
    column: int
    path: str
    message: str
    mends: tuple[str, ...] = ()

    def __str__(self) -> str:
        first = f"{self.path}:{self.line}:{self.column}: {self.message}"
        return "\n".join([first, *(f"  {mend}" for mend in self.mends)])


class ManifestError(UsageError):
    """The manifest cannot be used as it is; `mistakes` are file by file, each in the order of the file."""

    def __init__(self, mistakes: Iterable[Mistake], *, end: str = "") -> None:
        self.mistakes = tuple(sorted(set(mistakes), key=lambda mistake: (mistake.path, mistake)))
        super().__init__("\n".join([*map(str, self.mistakes), *filter(None, [end])]))


@dataclass(frozen=True, slots=True)
class Source:
    """A manifest's text, and what its file is called in messages."""

    path: str
    text: str

    def mistake(self, at: int, message: str, *mends: str) -> Mistake:
        """A mistake at the character `at` (from 0; one beyond the text counts as its end)."""
        before = self.text[: max(at, 0)].replace("\r\n", "\n").replace("\r", "\n")
        column = len(before) - (before.rfind("\n") + 1) + 1
        return Mistake(before.count("\n") + 1, column, self.path, message, mends)

    def error(self, at: int, message: str, *mends: str) -> ManifestError:
        """For a mistake after which nothing more can be said of the file."""
        return ManifestError([self.mistake(at, message, *mends)])


@dataclass(slots=True)
class Mistakes:
    """What has been found wrong so far, by those who go on reading."""

    source: Source
    found: list[Mistake] = field(default_factory=list)

    def note(self, at: int, message: str, *mends: str) -> None:
        """Add a mistake at a character of the text. Raises ManifestError when there are `MOST`."""
        self.found.append(self.source.mistake(at, message, *mends))
        if len(self.found) == MOST:
            raise ManifestError(self.found, end=f"  and perhaps more: reading ended at {MOST} mistakes")


def quoted(text: str) -> str:
    """The user's own text in a message: on one line, shortened, with what cannot be seen escaped."""
    if len(text) > LONGEST_QUOTE:
        text = text[: LONGEST_QUOTE - 1] + "…"
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text) + '"'
