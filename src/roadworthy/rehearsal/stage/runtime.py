"""The agent's runtime: what of this machine must stay visible so that its command can start at all."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from roadworthy.errors import UsageError
from roadworthy.rehearsal.stage.project import runtime_folders

SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin")
"""What every stage shows read-only: nothing below them needs a bind of its own."""

ASK_PYTHON = """
import sys
sys.path[:] = [entry for entry in sys.path if entry]  # the project's own json.py is none of ours
import json
print(json.dumps({"prefixes": [sys.prefix, sys.base_prefix, sys.exec_prefix], "path": sys.path,
                  "executable": sys.executable}))
"""
EDITABLE = re.compile(r"['\"](/[^'\"]+)['\"]")
"""A folder that an import hook of an editable install names."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What belongs to the runtime and not to the project."""

    kind: str
    """`python` or `other`."""
    folders: tuple[Path, ...] = ()
    """Shown read-only at their own paths: interpreter, virtual environment, library folders; also single files."""
    programs: tuple[str, ...] = ()
    """Names that the command itself needs: part of a slim image by definition."""
    path: tuple[str, ...] = ()
    """Folders that stay on PATH."""
    redirected: dict[Path, str] = field(default_factory=dict)
    """Files of an editable install that name the project's folder, with their text."""


def find_runtime(command: tuple[str, ...], project: Path, search_path: str) -> Runtime:
    """Look at the command's first word, its interpreter and its library folders.

    Raises UsageError where there is no such program.
    """
    program = locate(command[0], project, search_path)
    interpreter = _interpreter(program, search_path)
    programs = {command[0].rpartition("/")[2], interpreter.name, program.name}
    if _is_python(interpreter):
        return _python(interpreter, project, programs)
    if interpreter.name == "node" and not _is_system(interpreter):
        interpreter = _real_node(interpreter, project)
    real = interpreter.resolve()
    places = [_installation(place, project) for place in (interpreter, real, program, program.resolve())]
    path = [str(place.parent) for place in (program, interpreter) if not _within(place, project)]
    kind = "other"
    for python in _further_pythons(program, project, search_path):
        further = _python(python, project, programs)
        places += further.folders
        programs |= set(further.programs)
        path += further.path
        kind = "python"
    return Runtime(
        kind=kind,
        folders=_outermost([place for place in places if place is not None]),
        programs=tuple(sorted(programs | {real.name})),
        path=tuple(dict.fromkeys(path)),
    )


def locate(program: str, project: Path, search_path: str) -> Path:
    """Where a command's first word is, as a shell in the project's folder would find it."""
    found = str(project / program) if "/" in program else shutil.which(program, path=search_path)
    if found is None or not os.access(found, os.X_OK):
        raise UsageError(
            f"the agent's command starts with {program!r}, and there is no such program here\n"
            "  install it, or give its path in `agent.command`"
        )
    return Path(found)


def _interpreter(program: Path, search_path: str) -> Path:
    """The program itself, or what its first line names (`#!/usr/bin/env node`)."""
    try:
        with program.open("rb") as file:
            first = file.readline(512)
    except OSError:
        return program
    if not first.startswith(b"#!"):
        return program
    words = first[2:].decode("utf-8", "replace").split()
    if words and words[0].endswith("/env"):
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    if not words:
        return program
    if words[0].endswith(("/sh", "/bash")) or words[0] in ("sh", "bash"):
        # A version manager's shim: what it leads to is found by asking it.
        return program
    found = words[0] if "/" in words[0] else shutil.which(words[0], path=search_path)
    return Path(found) if found else program


def _is_python(program: Path) -> bool:
    return program.name.startswith(("python", "pypy"))


def _real_node(node: Path, project: Path) -> Path:
    """Where a version manager's `node` leads to, which in the project's folder only the manager knows."""
    try:
        answer = subprocess.run(
            [node, "-p", "process.execPath"], capture_output=True, text=True, timeout=30, check=True, cwd=project
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return node
    found = Path(answer.strip())
    return found if found.is_absolute() and found.is_file() else node


def _further_pythons(program: Path, project: Path, search_path: str) -> list[Path]:
    """The Pythons that a command of another kind needs: of environments in the project, or named by a script."""
    found = [project / folder / "bin" / "python" for folder in runtime_folders(project)]
    found = [python for python in found if os.access(python, os.X_OK)]
    try:
        head = program.open("rb").read(65_536)
    except OSError:
        return found
    if not found and head.startswith(b"#!") and (named := re.search(rb"\bpython[0-9.]*(?=\s)", head)):
        place = shutil.which(named[0].decode(), path=search_path)
        found += [Path(place)] if place else []
    return found


def _python(interpreter: Path, project: Path, programs: set[str]) -> Runtime:
    try:
        # In the project's folder: that is where a version manager looks which version is meant.
        answer = subprocess.run(
            [interpreter, "-c", ASK_PYTHON], capture_output=True, text=True, timeout=30, check=True, cwd=project
        ).stdout
        seen = json.loads(answer.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        raise UsageError(f"the agent's Python does not run: {interpreter}\n  {error}") from error
    executable = Path(seen["executable"])
    real = executable.resolve()
    libraries = [Path(entry) for entry in seen["path"] if entry.startswith("/") and Path(entry).is_dir()]
    environments = [place for prefix in seen["prefixes"] if not _is_too_wide(place := Path(prefix), project)]
    outside = [place for place in libraries if not _within(place, project) or _any_holds(environments, place)]
    is_virtual = (executable.parent.parent / "pyvenv.cfg").exists()
    places = [*environments, *outside, *_editable_folders(libraries), real.parent.parent]
    kept = [place for place in places if not _is_system(place) and not _is_too_wide(place, project)]
    kept += [place for place in (executable, real) if not _is_system(place)]
    return Runtime(
        kind="python",
        folders=_outermost(kept),
        programs=tuple(sorted(programs | {executable.name, real.name, "python", "python3"})),
        path=(str((executable if is_virtual else real).parent),),
        redirected=_editable_files(libraries, project),
    )


def _editable_files(libraries: list[Path], project: Path) -> dict[Path, str]:
    """Path files and import hooks in site-packages that lead into the project."""
    texts = {file: file.read_text("utf-8", "replace") for file in _hooks(libraries)}
    return {file: text for file, text in texts.items() if str(project) in text}


def _editable_folders(libraries: list[Path]) -> list[Path]:
    """The folders that import hooks lead to: they are on no search path."""
    named = [match for file in _hooks(libraries) for match in EDITABLE.findall(file.read_text("utf-8", "replace"))]
    return [Path(place) for place in dict.fromkeys(named) if Path(place).is_dir()]


def _hooks(libraries: list[Path]) -> list[Path]:
    folders = [folder for folder in libraries if folder.name in ("site-packages", "dist-packages")]
    return [file for folder in folders for pattern in ("*.pth", "__editable__*.py") for file in folder.glob(pattern)]


def _installation(program: Path, project: Path) -> Path | None:
    """The folder a program was installed into: above its `bin`, else its own.

    The program alone where that folder is much more than the program; None for the system's and for the
    project's own, which goes where the project goes.
    """
    if _is_system(program) or _within(program, project):
        return None
    folder = program.parent
    if folder.name in ("bin", "sbin", "shims"):
        folder = folder.parent
    return program if _is_too_wide(folder, project) else folder


def _is_too_wide(folder: Path, project: Path) -> bool:
    """Whether showing the folder would show the project's old place, or a home folder, as well."""
    home = Path(os.environ.get("HOME") or "/")
    return _within(project, folder) or _within(home, folder) or folder == home / ".local"


def _is_system(path: Path) -> bool:
    return str(path) == "/" or any(_within(path, Path(folder)) for folder in SYSTEM)


def _within(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


def _any_holds(folders: list[Path], path: Path) -> bool:
    return any(_within(path, folder) for folder in folders)


def _outermost(folders: list[Path]) -> tuple[Path, ...]:
    """Each folder once, none below another."""
    kept: list[Path] = []
    for folder in sorted(set(folders), key=lambda folder: len(folder.parts)):
        if not _any_holds(kept, folder):
            kept.append(folder)
    return tuple(kept)
