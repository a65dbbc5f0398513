"""The project as the agent sees it: a copy-on-write view on the laptop, a copy as an image would hold it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import subprocess
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

LEFT_OUT = frozenset({".git", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".roadworthy"})
"""Never part of what runs: history and caches."""


@dataclass(frozen=True, slots=True)
class Image:
    """The project as an image would hold it."""

    folder: Path
    """The copy: git's file modes, without what `.dockerignore` names and without `.env*`."""
    runtime: tuple[str, ...]
    """Folders inside the project that an image build makes anew (virtual environment, node_modules):
    shown from the original."""


def runtime_folders(project: Path) -> tuple[str, ...]:
    """Virtual environments and node_modules below the project, relative to it."""
    found = []
    for folder, names, files in os.walk(project):
        if "pyvenv.cfg" in files and Path(folder) != project:
            found.append(os.path.relpath(folder, project))
            names.clear()
            continue
        if "node_modules" in names:
            found.append(os.path.relpath(Path(folder) / "node_modules", project))
        names[:] = [name for name in names if name not in LEFT_OUT and name != "node_modules"]
    return tuple(found)


def environment_files(project: Path) -> tuple[str, ...]:
    """Every `.env*` of the project, relative to it."""
    skipped = set(runtime_folders(project))
    found = []
    for folder, names, files in os.walk(project):
        inside = os.path.relpath(folder, project)
        names[:] = [
            name for name in names if name not in LEFT_OUT and os.path.normpath(f"{inside}/{name}") not in skipped
        ]
        found += [os.path.normpath(f"{inside}/{name}") for name in files if name.startswith(".env")]
    return tuple(found)


def build_image(project: Path, target: Path, *, obeys_dockerignore: bool, writable: tuple[str, ...]) -> Image:
    """Copy the project to `target` as `COPY . .` of a Dockerfile would, from a fresh checkout.

    `writable` are the relative folders under `files.write`: they exist in the copy.
    """
    runtime = runtime_folders(project)
    ignored = _docker_ignored(project) if obeys_dockerignore else lambda _relative: False
    modes = _git_modes(project)
    _make_folders(target, target)
    for entry, relative in _walk(project, "", frozenset(runtime)):
        if entry.name.startswith(".env") or ignored(relative):
            continue
        copy = target / relative
        _make_folders(copy.parent, target)
        if entry.is_symlink():
            copy.symlink_to(Path(entry.path).readlink())
        elif entry.is_dir():
            _make_folders(copy, target)
        elif entry.is_file() and _copied(entry.path, copy):
            executable = modes.get(relative, bool(entry.stat().st_mode & stat.S_IXUSR))
            copy.chmod(0o755 if executable else 0o644)
    for folder in (*runtime, *writable):
        if not (target / folder).exists():
            _make_folders(target / folder, target)
    return Image(target, runtime)


def _make_folders(folder: Path, root: Path) -> None:
    """Make it and what is missing above it, down from `root`, open to every user whatever the umask is."""
    if folder.is_dir():
        return
    if folder != root:
        _make_folders(folder.parent, root)
        folder.mkdir()
    else:
        folder.mkdir(parents=True)
    folder.chmod(0o755)


def _copied(source: str, target: Path) -> bool:
    """Copy a file. One that cannot be read is left out: the developer's agent cannot read it either."""
    try:
        shutil.copyfile(source, target)
    except (PermissionError, FileNotFoundError):
        target.unlink(missing_ok=True)
        return False
    return True


def copy_for_laptop(project: Path, target: Path) -> tuple[str, ...]:
    """A whole, writable copy, where the kernel has no copy-on-write view; gives the runtime folders left out."""
    runtime = runtime_folders(project)
    _make_folders(target, target)
    for entry, relative in _walk(project, "", frozenset(runtime)):
        copy = target / relative
        if entry.is_symlink():
            copy.symlink_to(Path(entry.path).readlink())
        elif entry.is_dir():
            copy.mkdir()
        elif entry.is_file() and _copied(entry.path, copy):
            shutil.copystat(entry.path, copy)
    for folder in runtime:
        (target / folder).mkdir(parents=True, exist_ok=True)
    return runtime


def _walk(folder: Path, prefix: str, skipped: frozenset[str]) -> Iterator[tuple[os.DirEntry[str], str]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except (PermissionError, FileNotFoundError):
        return
    for entry in entries:
        relative = prefix + entry.name
        if entry.name in LEFT_OUT or relative in skipped:
            continue
        yield entry, relative
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), relative + "/", skipped)


def _docker_ignored(project: Path) -> Callable[[str], bool]:
    """Whether a path relative to the project is kept out of the image.

    Docker's patterns are rooted at the project, unlike git's; of several that match the last one counts.
    """
    file = project / ".dockerignore"
    if not file.is_file():
        return lambda _relative: False
    import pathspec

    patterns: list[pathspec.Pattern] = []
    for line in file.read_text("utf-8-sig", "replace").splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        negated = pattern.startswith("!")
        body = os.path.normpath("/" + pattern.removeprefix("!").strip()).lstrip("/")
        if not body:
            continue
        # What it matches, and all below: a git pattern `*` would spare `folder/file`.
        lines = [f"{'!' if negated else ''}/{body}{below}" for below in ("", "/**")]
        with (
            contextlib.suppress(ValueError, re.error),  # `\` at its end, `[z-a]`: such a line matches nothing
            warnings.catch_warnings(action="ignore", category=FutureWarning),  # of `[[`, which is no set of sets here
        ):
            patterns += pathspec.PathSpec.from_lines("gitignore", lines).patterns
    return pathspec.PathSpec(patterns).match_file


def _git_modes(project: Path) -> dict[str, bool]:
    """Whether git says that a file is executable; empty outside a checkout."""
    try:
        listing = subprocess.run(
            ["git", "ls-files", "--stage", "-z"], cwd=project, capture_output=True, timeout=30, check=True
        ).stdout.decode("utf-8", "surrogateescape")
    except (OSError, subprocess.SubprocessError):
        return {}
    modes = {}
    for line in listing.split("\0"):
        facts, _, path = line.partition("\t")
        if path:
            modes[path] = facts.startswith("100755")
    return modes
