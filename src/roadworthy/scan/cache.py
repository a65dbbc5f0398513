"""What is kept from one scan to the next, so that only what changed is read anew.

In the user's folder for caches, one SQLite file for each project: an entry for each Python file, and the last result.
Both are for this version of roadworthy, this Python, these rules, this manifest and this day: models are retired by
date. What cannot be read, or was written by another version, is as if it were not there.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import roadworthy
from roadworthy.hazards import GROUP, Chosen
from roadworthy.scan.disk import Asked, Stamp
from roadworthy.scan.part import Entry
from roadworthy.scan.scanned import Scanned

if TYPE_CHECKING:
    from roadworthy.hazards.hazard import Rule
    from roadworthy.manifest.model import Manifest

KEPT_DAYS = 30
"""A project that was not scanned for so long is forgotten."""
TABLES = (
    "create table if not exists last (key blob, writing blob, value blob)",
    "create table if not exists entries (path blob primary key, value blob) without rowid",
)


class Last(msgspec.Struct):
    """The last scan: what it was of, and what it came to."""

    digests: dict[str, bytes]
    """Of every file, Python or not, by path."""
    stamps: dict[str, Stamp]
    """Of every file that cannot change without getting another one."""
    asked: Asked
    """What was asked of the disk beyond, and the answers."""
    result: Scanned
    writing: bytes = b""
    """Which writing it is: entries of a scan that ran beside are not its own."""


class Cache:
    """What is kept of one project and these rules."""

    def __init__(self, folder: Path, root: Path, rules: Sequence[Rule], manifest: Manifest | None) -> None:
        key = hashlib.blake2b(digest_size=16)
        place = str(root.resolve()).encode("utf-8", "surrogateescape")
        for part in (
            _own_version(),
            *_named(rules),
            place,
            repr(manifest).encode("utf-8", "surrogateescape"),
            datetime.now(UTC).date().isoformat().encode(),
        ):
            key.update(len(part).to_bytes(8, "big") + part)
        self.folder = folder
        self._file = folder / f"{hashlib.blake2b(place, digest_size=8).hexdigest()}.sqlite"
        self._key = key.digest()

    def last(self) -> Last | None:
        """The last scan's result, if it is kept."""
        try:
            with self._opened("ro") as kept:
                for writing, value in kept.execute("select writing, value from last where key = ?", (self._key,)):
                    last = msgspec.msgpack.decode(value, type=Last)
                    last.writing = writing
                    return last
        except (OSError, sqlite3.Error, msgspec.MsgspecError, RecursionError):
            pass
        return None

    def entries(self, last: Last | None, paths: Iterable[str] | None = None) -> dict[str, Entry]:
        """The entries of these Python files, or of all, as they were written with `last`; none that is not kept."""
        if last is None:
            return {}
        question = "select path, value from entries where (select writing from last) = ?"
        try:
            with self._opened("ro") as kept:
                if paths is None:
                    rows = kept.execute(question, (last.writing,)).fetchall()
                else:
                    one = f"{question} and path = ?"
                    rows = [row for path in paths for row in kept.execute(one, (last.writing, os.fsencode(path)))]
            return {os.fsdecode(path): msgspec.msgpack.decode(value, type=Entry) for path, value in rows}
        except (OSError, sqlite3.Error, msgspec.MsgspecError, RecursionError):
            return {}

    def keep(self, last: Last, entries: dict[str, Entry], *, of_all: bool) -> None:
        """Write both for the next scan; a folder that cannot be written leaves nothing.

        The entries are `of_all` Python files, or those that changed since the writing that `last` names.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file.touch(mode=0o600)
            with self._opened("rw") as kept:
                self._write(kept, last, entries, of_all=of_all)
            self._forget_old()
        except sqlite3.Error:
            self._file.unlink(missing_ok=True)  # what is damaged is made anew by the next scan
        except OSError:
            return

    def _write(self, kept: sqlite3.Connection, last: Last, entries: dict[str, Entry], *, of_all: bool) -> None:
        kept.execute(
            "pragma synchronous = off"
        )  # after a crash of the whole machine it may be damaged, and is found so
        with kept:
            kept.execute("begin immediate")
            for table in TABLES:
                kept.execute(table)
            if of_all:
                kept.execute("delete from entries")
            elif kept.execute("select writing from last").fetchall() != [(last.writing,)]:
                return  # another scan wrote meanwhile
            encode = msgspec.msgpack.encode
            rows = ((os.fsencode(path), encode(entry)) for path, entry in entries.items())
            kept.executemany("insert or replace into entries values (?, ?)", rows)
            kept.execute("delete from last")
            kept.execute("insert into last values (?, ?, ?)", (self._key, os.urandom(16), encode(last)))

    @contextmanager
    def _opened(self, mode: str) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(f"{self._file.absolute().as_uri()}?mode={mode}", uri=True)) as kept:
            yield kept

    def _forget_old(self) -> None:
        oldest = time.time() - KEPT_DAYS * 86400
        for file in self.folder.iterdir():
            if file.stat().st_mtime < oldest:
                file.unlink(missing_ok=True)


def cache_folder() -> Path:
    """Where scans are kept."""
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(home) / "roadworthy" / "scan"


@cache
def _own_version() -> bytes:
    """Stands for this code: in a checkout it changes while its version does not."""
    package = Path(roadworthy.__file__).parent
    found = hashlib.blake2b(f"{roadworthy.__version__} {platform.python_version()}".encode(), digest_size=16)
    for file in sorted([*package.rglob("*.py"), *(package / "data").iterdir()]):
        told = file.stat()
        found.update(f"{file.name} {told.st_size} {told.st_mtime_ns}".encode())
    return found.digest()


def _named(rules: Sequence[Rule]) -> list[bytes]:
    """Stands for the rules. Those that words choose need not be loaded for it, but for those of other packages."""
    if isinstance(rules, Chosen) and not entry_points(group=GROUP):
        return [repr(rules.words).encode()]
    return [*sorted({_version_of(rule) for rule in rules}), ",".join(rule.code for rule in rules).encode()]


def _version_of(rule: Rule) -> bytes:
    """Stands for another package's rule; those of this one change with `_own_version`."""
    module = rule.function.__module__
    file = getattr(sys.modules.get(module), "__file__", None)
    if module.startswith("roadworthy.") or file is None:
        return b""
    told = Path(file).stat()
    return f"{module} {told.st_size} {told.st_mtime_ns}".encode()
