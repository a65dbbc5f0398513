"""What is asked of the project's folder beyond the files that are read; answers are remembered, to be asked again."""

from __future__ import annotations

import hashlib
import os
import subprocess
from functools import cached_property
from pathlib import Path
from typing import Final

Answer = bool | int | str | None
Asked = dict[tuple[str, str], Answer]
"""(question, path relative to the root) → answer."""

Stamp = tuple[int, int, int, int]
"""A file's size, number and times of change: while they are the same, so is what it holds."""
SETTLED = 2.0
"""Seconds after which a change gives a file another time of change: clocks of disks are coarse."""

GIT: Final = ("git", "-c", "core.fsmonitor=false")
"""A stranger's repository may name a program there, and nothing of a scanned project is run."""


class Disk:
    """The folder of a project. Paths are relative to its root; nothing is written or run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.asked: Asked = {}

    def exists(self, path: str) -> bool:
        """Whether there is anything of this name."""
        # Not `Path.exists`: a name that is too long for the disk is an error there.
        return self._told("exists", path, answer=os.path.exists(self._place(path)))  # noqa: PTH110

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder."""
        return self._told("is_folder", path, answer=os.path.isdir(self._place(path)))  # noqa: PTH112

    def is_file(self, path: str) -> bool:
        """Whether it is a file."""
        return self._told("is_file", path, answer=os.path.isfile(self._place(path)))  # noqa: PTH113

    def is_script(self, path: str) -> bool:
        """Whether it is a file that another program runs: by its first line, or by its name."""
        return self._told("is_script", path, answer=_is_script(self.root / path))

    def git_mode(self, path: str) -> int | None:
        """The mode that git has for it; None for what git does not have."""
        mode = self._modes.get(path)
        self.asked["git_mode", path] = mode
        return mode

    def lacks_in_git(self, path: str) -> bool:
        """Whether there is git here, and it does not have this file or folder."""
        is_known = not self._modes or path in self._modes or any(each.startswith(f"{path}/") for each in self._modes)
        return self._told("lacks_in_git", path, answer=not is_known)

    def says_who_runs_it(self, path: str) -> bool:
        """Whether a file begins with `#!`: without that a run bit alone does not help."""
        return self._told("says_who_runs_it", path, answer=_says_who_runs_it(self.root / path))

    def file_mode(self, path: str) -> int | None:
        """The file's own mode; None where there is none."""
        try:
            mode = (self.root / path).stat().st_mode
        except OSError:
            mode = None
        self.asked["file_mode", path] = mode
        return mode

    def text(self, path: str) -> str | None:
        """What a file says; None where there is none."""
        try:
            found = (self.root / path).read_text("utf-8", "replace")
        except OSError:
            found = None
        self.asked["digest", path] = _digest(found)
        return found

    def digest(self, path: str) -> str | None:
        """What stands for a file's text among the answers."""
        return _digest(self.text(path))

    def stamp(self, path: str, now: float) -> Stamp | None:
        """What a file cannot change without; None where it may have changed just `now`, and could be changing still."""
        try:
            told = os.stat(f"{self.root}/{path}")  # noqa: PTH116 - asked of every file
        except OSError:
            return None
        is_settled = max(told.st_mtime, told.st_ctime) < now - SETTLED
        return (told.st_size, told.st_ino, told.st_mtime_ns, told.st_ctime_ns) if is_settled else None

    def answers_still(self, asked: Asked) -> bool:
        """Whether all of these questions have the same answers as before."""
        return all(getattr(self, question)(path) == answer for (question, path), answer in asked.items())

    def _place(self, path: str) -> str:
        return os.path.join(self.root, path)  # noqa: PTH118 - asked thousands of times, and a Path is slow to make

    def _told(self, question: str, path: str, *, answer: bool) -> bool:
        self.asked[question, path] = answer
        return answer

    @cached_property
    def _modes(self) -> dict[str, int]:
        command = [*GIT, "-C", str(self.root), "ls-files", "--stage", "-z"]
        try:
            done = subprocess.run(command, capture_output=True, timeout=60, check=True)
        except (OSError, subprocess.SubprocessError):
            return {}  # no repository: files' own modes tell
        rows = (row.split("\t", 1) for row in done.stdout.decode("utf-8", "replace").split("\0") if "\t" in row)
        return {path: int(told.split()[0], 8) for told, path in rows}


def _is_script(path: Path) -> bool:
    try:
        return path.is_file() and (path.suffix in (".sh", ".bash") or _says_who_runs_it(path))
    except OSError:
        return False


def _says_who_runs_it(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def _digest(text: str | None) -> str | None:
    return None if text is None else hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
