"""The manifest's file: written where there is none, added to where there is one, never anything else."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from roadworthy.errors import UsageError
from roadworthy.init.discovery import drafted
from roadworthy.init.guess import Draft
from roadworthy.init.writing import manifest_text
from roadworthy.manifest.dotenv import environment_file
from roadworthy.manifest.loading import NAMES, PROJECT, NoManifestError, find, load


@dataclass(frozen=True, slots=True)
class Written:
    """A file's text before and after, and what to say of it."""

    path: Path
    before: str
    after: str
    told: tuple[str, ...]

    @property
    def difference(self) -> str:
        """The two texts as `diff -u` has them."""
        old = "/dev/null" if not self.before else str(self.path)
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True), self.after.splitlines(keepends=True), old, str(self.path)
        )
        return "".join(lines)

    def save(self) -> None:
        """Write it. Raises UsageError where that is not possible, and where a new file has come between."""
        if self.before == self.after:
            return
        try:
            if self.before:
                self.path.write_text(self.after, "utf-8")
            else:
                with self.path.open("x", encoding="utf-8") as file:
                    file.write(self.after)
        except OSError as error:
            raise UsageError(f"{self.path}: cannot be written: {error.strerror}") from error


def first(folder: Path, environment: Mapping[str, str]) -> Written:
    """A first manifest. Raises UsageError where the folder has one."""
    try:
        there = find(folder)
    except NoManifestError:
        pass
    else:
        what = f"[tool.roadworthy] in {there}" if there.name == PROJECT else str(there)
        raise UsageError(
            f"{what}: there is a manifest already, and it is left as it is\n"
            "  `roadworthy init --update` adds what the source shows and it does not declare"
        )
    draft = drafted(folder, {**environment_file(folder), **environment})
    path = folder / NAMES[0]
    return Written(path, "", manifest_text(draft), _told(path, draft))


def updated(folder: Path, environment: Mapping[str, str]) -> Written:
    """The manifest with what is new. Raises UsageError where there is none."""
    manifest = load(folder)
    raise UsageError(f"{manifest.source}: not yet")


def _told(path: Path, draft: Draft) -> tuple[str, ...]:
    counts = [
        (len(draft.env), "variable"),
        (len(draft.models), "model"),
        (len(draft.services), "service"),
        (len(draft.binaries), "program"),
        (len(draft.read) + len(draft.write), "path"),
    ]
    seen = ", ".join(f"{count} {word}{'s' * (count > 1)}" for count, word in counts if count)
    told = [f"{path} written{f': {seen}' if seen else ''}"]
    if draft.is_known:
        told.append("look it through, then: roadworthy rehearse --quick")
    else:
        told += [f"  {remark}" for remark in draft.remarks]
    if draft.unread:
        told.append(f"{len(draft.unread)} files could not be read: the manifest names them")
    return tuple(told)
