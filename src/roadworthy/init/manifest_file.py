"""The manifest's file: written where there is none, added to where there is one, never anything else."""

from __future__ import annotations

import difflib
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from roadworthy.errors import RoadworthyError, UsageError
from roadworthy.init.adding import added
from roadworthy.init.discovery import drafted
from roadworthy.init.guess import Draft
from roadworthy.init.writing import manifest_text
from roadworthy.manifest.dotenv import environment_file
from roadworthy.manifest.loading import NAMES, PROJECT, NoManifestError, find, load, loads
from roadworthy.manifest.mistakes import ManifestError
from roadworthy.manifest.model import Manifest


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
                _replace(self.path.resolve(), self.after)
            else:
                with self.path.open("x", encoding="utf-8", newline="") as file:
                    file.write(self.after)
        except OSError as error:
            raise UsageError(f"{self.path}: cannot be written: {error.strerror}") from error


def _replace(file: Path, text: str) -> None:
    """Write all of it or nothing: what is there is the user's."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, "utf-8", newline="")
        shutil.copymode(file, unfinished)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def first(folder: Path, environment: Mapping[str, str]) -> Written:
    """A first manifest. Raises UsageError where the folder has one."""
    if not folder.is_dir():
        what = "a file" if folder.exists() else "not there"
        raise UsageError(f"{folder} is {what}\n  name the folder that holds the agent's source")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise UsageError(f"{folder} cannot be read\n  run this as somebody who may read it")
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
    path, text = folder / NAMES[0], manifest_text(draft)
    try:
        loads(path, text)
    except ManifestError as error:  # ours, and not the user's: what was seen is stranger than was thought of
        raise RoadworthyError(
            f"the manifest that was made of it cannot be read, and was not written: {error}"
        ) from error
    return Written(path, "", text, _told(path, draft))


def updated(folder: Path, environment: Mapping[str, str]) -> Written:
    """The manifest with what is new. Raises UsageError where there is none, and where it is wrong as it is."""
    path = find(folder)
    manifest = load(path)
    if path.suffix == ".toml":
        raise UsageError(
            f"[tool.roadworthy] in {path}: --update adds to a YAML file alone\n  move the table to a {NAMES[0]} first"
        )
    draft = drafted(manifest.root, {**environment_file(manifest.root), **environment})
    before = path.read_bytes().decode()
    done = added(before, draft, manifest)
    if not _keeps_all(loads(path, done.text), manifest, draft):
        new = "".join(f"\n    {line}" for line in done.told)
        raise UsageError(
            f"{path}: what is new could not be put in without a change to what is there\n  put it in by hand:{new}"
        )
    told = [f"{path}: {len(done.told)} added" if done.told else f"{path}: nothing new was seen"]
    told += [f"  + {line}" for line in done.told]
    if draft.is_python:  # what other languages read is not seen at all
        told += [f"  ? {line}" for line in _no_longer_seen(manifest, draft)]
    return Written(path, before, done.text, tuple(told))


def _keeps_all(after: Manifest, before: Manifest, draft: Draft) -> bool:
    """Whether a manifest says all that it said before, and declares the variables that are new."""
    same = ("name", "agents", "timeouts", "rate_limits", "accept", "simulate", "laptop")
    tables = [(after.env or {}, before.env or {}), (after.services, before.services), (after.binaries, before.binaries)]
    return (
        all(getattr(after, name) == getattr(before, name) for name in same)
        and all(new.get(name) == value for new, old in tables for name, value in old.items())
        and after.models[: len(before.models)] == before.models
        and set(draft.env) <= set(after.env or {})
    )


def _no_longer_seen(manifest: Manifest, draft: Draft) -> Iterator[str]:
    """What is declared and the source does not show: perhaps no longer needed, perhaps only not seen."""
    for name in manifest.env or {}:
        if name not in draft.env:
            yield f"env.{name} is declared, and no file that was read names it"
    for name in manifest.models:
        if name not in {each.value for each in draft.models}:
            yield f"the model {name} is declared, and no file that was read names it"
    for name in manifest.binaries:
        if name not in draft.binaries:
            yield f"binaries.{name} is declared, and no file that was read starts it"


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
        count = len(draft.unread)
        told.append(f"{count} file{'s' * (count > 1)} could not be read: the manifest names them")
    return tuple(told)
