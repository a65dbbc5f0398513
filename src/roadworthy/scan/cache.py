"""What is kept from one scan to the next, so that only what changed is read anew.

In the user's folder for caches, for each project one file of entries and one of the last result. Both are for this
version of roadworthy, this Python, these rules, this manifest and this day: models are retired by date. A file that
cannot be read, or was written by another version, is as if it were not there.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

import roadworthy
from roadworthy.scan.disk import Asked
from roadworthy.scan.part import Entry
from roadworthy.scan.scanned import Scanned

if TYPE_CHECKING:
    from roadworthy.hazards.hazard import Rule
    from roadworthy.manifest.model import Manifest

T = TypeVar("T")

KEPT_DAYS = 30
"""A project that was not scanned for so long is forgotten."""


class Last(msgspec.Struct):
    """The last scan: what it was of, and what it came to."""

    digests: dict[str, bytes]
    """Of every file, Python or not, by path."""
    asked: Asked
    """What was asked of the disk beyond, and the answers."""
    result: Scanned
    writing: bytes = b""
    """Which writing it is: entries of another one, of a scan that was killed or ran beside, are not its own."""


class _Entries(msgspec.Struct):
    entries: dict[str, Entry]
    writing: bytes


class Cache:
    """What is kept of one project and these rules."""

    def __init__(self, folder: Path, root: Path, rules: list[Rule], manifest: Manifest | None) -> None:
        key = hashlib.blake2b(digest_size=16)
        for part in (
            _own_version(),
            *sorted({_version_of(rule) for rule in rules}),
            str(root.resolve()).encode("utf-8", "surrogateescape"),
            ",".join(rule.code for rule in rules).encode(),
            repr(manifest).encode("utf-8", "surrogateescape"),
            datetime.now(UTC).date().isoformat().encode(),
        ):
            key.update(len(part).to_bytes(8, "big") + part)
        self.folder = folder
        self._name = hashlib.blake2b(str(root.resolve()).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
        self._key = key.digest()

    def last(self) -> Last | None:
        """The last scan's result, if it is kept."""
        return self._read("last", Last)

    def entries(self, last: Last | None) -> dict[str, Entry]:
        """Every Python file's entry, as it was written with `last`; none where they are not kept."""
        kept = self._read("entries", _Entries)
        return kept.entries if kept is not None and last is not None and kept.writing == last.writing else {}

    def keep(self, last: Last, entries: dict[str, Entry]) -> None:
        """Write both for the next scan; a folder that cannot be written leaves nothing."""
        last.writing = os.urandom(16)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._write("entries", _Entries(entries, last.writing))
            self._write("last", last)
            self._forget_old()
        except OSError:
            return

    def _read(self, what: str, kind: type[T]) -> T | None:
        try:
            data = (self.folder / f"{self._name}.{what}").read_bytes()
            if data[:16] != self._key:
                return None
            return msgspec.msgpack.decode(data[16:], type=kind)
        except (OSError, msgspec.MsgspecError, RecursionError):
            return None

    def _write(self, what: str, value: object) -> None:
        data = self._key + msgspec.msgpack.encode(value)
        descriptor, draft = tempfile.mkstemp(dir=self.folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            Path(draft).replace(self.folder / f"{self._name}.{what}")
        except OSError:
            Path(draft).unlink(missing_ok=True)
            raise

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


def _version_of(rule: Rule) -> bytes:
    """Stands for another package's rule; those of this one change with `_own_version`."""
    module = rule.function.__module__
    file = getattr(sys.modules.get(module), "__file__", None)
    if module.startswith("roadworthy.") or file is None:
        return b""
    told = Path(file).stat()
    return f"{module} {told.st_size} {told.st_mtime_ns}".encode()
