"""Which files of a project are scanned, and as what."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

LEFT_OUT = {
    *("node_modules", "__pycache__", "site-packages", "venv", "env", "virtualenv", "dist", "build", "target", "vendor"),
    *("third_party", "thirdparty", "htmlcov", "bower_components"),
}
"""Folders of what others wrote, or a tool made. Hidden ones are left out too, but for `.github`."""
SUFFIXES = {
    **dict.fromkeys((".py", ".pyi"), "python"),
    ".ipynb": "notebook",
    **dict.fromkeys((".sh", ".bash"), "shell"),
    **dict.fromkeys((".yaml", ".yml"), "yaml"),
    ".json": "json",
    ".toml": "toml",
}
MARKS = ("roadworthy.yaml", "roadworthy.yml", "pyproject.toml", "requirements.txt", "Dockerfile")
"""What a project's own folder holds."""
HIDDEN = {".mcp.json", ".cursor", ".vscode", ".claude"}
"""Hidden names that are looked into: configurations of tool servers."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to be scanned. `path` is relative to the project's root, with slashes."""

    path: str
    kind: str


def files_of(root: Path, exclude: Sequence[str] = ()) -> Iterator[File]:
    """The project's files, in order. What `.gitignore` names is left out, and no link to a folder is followed.

    `exclude` holds patterns of the same kind, which no `.gitignore` takes back. A folder that cannot be read is given
    as a File of the kind `unreadable`.
    """
    yield from _below(root, "", [], patterns(exclude))


def patterns(lines: Sequence[str]) -> GitIgnoreSpec | None:
    """Whether a path fits these lines of a `.gitignore`, the last one that it fits deciding; None for no lines."""
    return GitIgnoreSpec.from_lines(lines) if lines else None


def project_around(paths: Sequence[Path]) -> Path:
    """The folder to read so that what these paths hold is understood: the project that they are of.

    Of a folder that is a project, by one of the `MARKS`, it is that folder. Else the nearest one above that is, up to
    the repository's; without a repository nothing above what was given is read, nor where the project leaves it out.
    """
    folders = [path if path.is_dir() else path.parent for path in paths] or [Path()]
    around = Path(os.path.commonpath([folder.resolve() for folder in folders]))
    above = [around, *around.parents]
    repository = next((number for number, folder in enumerate(above) if (folder / ".git").exists()), 0)
    found = next((each for each in above[: repository + 1] if _is_project(each)), above[repository])
    if _leaves_out(found, around):
        found = around
    return folders[0] if len(folders) == 1 and found == around else Path(os.path.relpath(found))


def _leaves_out(root: Path, folder: Path) -> bool:
    """Whether a scan of `root` does not come to this folder below it: somebody wants it read all the same."""
    ignored: list[tuple[str, GitIgnoreSpec]] = []
    place = ""
    for name in folder.relative_to(root).parts:
        if (root / place / ".gitignore").is_file():
            ignored = [*ignored, (place, _spec(root / place / ".gitignore"))]
        is_top, place = not place, f"{place}/{name}" if place else name
        if _is_left_out(name, root / place, is_top=is_top) or _is_ignored(f"{place}/", ignored):
            return True
    return False


def _is_project(folder: Path) -> bool:
    return any((folder / mark).exists() for mark in MARKS)


def kind_of(name: str) -> str | None:
    """What a file of this name is read as; None: not at all."""
    if name == "Dockerfile" or name.startswith("Dockerfile.") or name.endswith((".dockerfile", ".Dockerfile")):
        return "docker"
    if name in (".env", "env") or name.startswith(".env.") or name.endswith(".env"):
        return "dotenv"
    if name.startswith("requirements") and name.endswith(".txt"):
        return "requirements"
    return SUFFIXES.get(os.path.splitext(name)[1])  # noqa: PTH122 - a name, no path


def _below(
    root: Path, folder: str, ignored: list[tuple[str, GitIgnoreSpec]], excluded: GitIgnoreSpec | None
) -> Iterator[File]:
    try:
        with os.scandir(root / folder if folder else root) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError:
        yield File(folder or ".", "unreadable")
        return
    if any(entry.name == ".gitignore" and _is_file(entry) for entry in entries):
        ignored = [*ignored, (folder, _spec(root / folder / ".gitignore"))]
    folders = []
    for entry in entries:
        path = f"{folder}/{entry.name}" if folder else entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if excluded is not None and excluded.match_file(f"{path}/" if is_folder else path):
            continue
        if is_folder:
            if _is_left_out(entry.name, Path(entry.path), is_top=not folder) or _is_ignored(f"{path}/", ignored):
                continue
            folders.append(path)
        elif (kind := kind_of(entry.name)) is not None and _is_file(entry):
            is_hidden = entry.name.startswith(".") and kind != "dotenv" and entry.name not in HIDDEN
            # A `.env` is ignored by git for good reason, and read for its variables' names.
            if not is_hidden and (kind == "dotenv" or not _is_ignored(path, ignored)):
                yield File(path, kind)
    for path in folders:
        yield from _below(root, path, ignored, excluded)


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link that leads to itself
        return False


def _is_left_out(name: str, path: Path, *, is_top: bool) -> bool:
    if name.startswith("."):
        return name not in (".github", *HIDDEN)
    return (name in LEFT_OUT and not (name == "env" and not is_top)) or _is_environment(path)


def _is_environment(folder: Path) -> bool:
    try:
        return (folder / "pyvenv.cfg").exists()
    except OSError:  # it cannot be looked into, which is told when it is listed
        return False


def _spec(file: Path) -> GitIgnoreSpec:
    try:
        return GitIgnoreSpec.from_lines(file.read_text("utf-8", "replace").splitlines())
    except (OSError, ValueError):
        return GitIgnoreSpec.from_lines([])


def _is_ignored(path: str, ignored: list[tuple[str, GitIgnoreSpec]]) -> bool:
    verdict = False
    for folder, spec in ignored:
        found = spec.check_file(path[len(folder) + 1 :] if folder else path).include
        if found is not None:
            verdict = found
    return verdict
