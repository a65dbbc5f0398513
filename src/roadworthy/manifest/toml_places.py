"""Where each key and value of a TOML document stands: tomllib keeps no places.

For text that tomllib has accepted, and only for that: it looks for places and checks nothing.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TypeAlias

Path: TypeAlias = "tuple[str | int, ...]"
"""From the document's root: keys, and indexes from 0 in arrays."""

BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
DOT = re.compile(r"[ \t]*\.[ \t]*")
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
STRING = re.compile(
    r"""
      \"""  (?: \\. | [^\\] )*?   "{3,5} (?!")
    | \'\'\'  .*?                '{3,5} (?!')
    | "    (?: \\. | [^"\\] )*   "
    | '    [^']*                '
    """,
    re.DOTALL | re.VERBOSE,
)
BARE_VALUE = re.compile(r"[^,\]}\r\n#]+")


@dataclass(frozen=True, slots=True)
class Place:
    """Characters from 0: where the key begins and where its value does, and a plain value as written."""

    key: int
    value: int
    written: str = ""


def locate(text: str) -> dict[Path, Place]:
    """The place of every key and every array's item in `text`."""
    scan = _Scan(text)
    scan.document()
    return scan.places


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places: dict[Path, Place] = {}
        self.tables: dict[Path, int] = {}

    def document(self) -> None:
        base: Path = ()
        while not self.ends():
            if self.take("[["):
                base = self.header(is_array=True)
            elif self.take("["):
                base = self.header(is_array=False)
            else:
                self.pair(base)

    def ends(self) -> bool:
        self.skip(BLANK)
        return self.at >= len(self.text)

    def header(self, *, is_array: bool) -> Path:
        """`[fruit.variety]` after `[[fruit]]` is in the newest of the fruits."""
        keys = self.keys()
        path: Path = ()
        for number, (key, at) in enumerate(keys, 1):
            path = (*path, key)
            self.places.setdefault(path, Place(at, at))
            if is_array and number == len(keys):
                self.tables[path] = self.tables.get(path, -1) + 1
            if path in self.tables:
                path = (*path, self.tables[path])
                self.places.setdefault(path, Place(at, at))
        self.skip(BLANK)
        self.take("]]" if is_array else "]")
        return path

    def pair(self, base: Path) -> None:
        path = base
        keys = self.keys()
        for key, at in keys:
            path = (*path, key)
            self.places.setdefault(path, Place(at, at))
        self.skip(BLANK)
        self.take("=")
        self.value(path, keys[-1][1])

    def value(self, path: Path, key_at: int | None = None) -> None:
        self.skip(BLANK)
        at = self.at
        written = ""
        if self.take("["):
            count = 0
            while not self.closes("]"):
                self.value((*path, count))
                count += 1
        elif self.take("{"):
            while not self.closes("}"):
                self.pair(path)
        else:
            written = (self.skip(STRING) or self.skip(BARE_VALUE)).strip()
            assert written, f"lost in the TOML at character {at}"
        self.places[path] = Place(at if key_at is None else key_at, at, written)

    def closes(self, bracket: str) -> bool:
        self.skip(BLANK)
        self.take(",")
        return self.ends() or self.take(bracket)

    def keys(self) -> list[tuple[str, int]]:
        """The parts of a dotted key with their places."""
        found: list[tuple[str, int]] = []
        while not found or self.skip(DOT):
            self.skip(BLANK)
            at = self.at
            key = self.skip(BARE_KEY)
            if not key:
                raw = self.skip(STRING)
                key = tomllib.loads(f"key = {raw}")["key"]
            found.append((key, at))
        return found

    def skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match.group()

    def take(self, token: str) -> bool:
        if self.text.startswith(token, self.at):
            self.at += len(token)
            return True
        return False
