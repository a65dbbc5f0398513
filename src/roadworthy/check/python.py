"""The Python that the agent runs on, told by its command and its files: starting it would take longer."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from roadworthy.check.command_words import Words, bare

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine

_NAME = re.compile(r"(python|pypy)(?P<version>\d(\.\d+)?)?$")
_FOLDER = re.compile(r"python(?P<version>\d+\.\d+)$")
_LONG_FIRST_LINE = re.compile(rb"^'''exec' (?:\"([^\"]+)\"|(\S+))", re.MULTILINE)
"""What pip and uv write where an interpreter's path is too long for a first line, or holds a space."""


@dataclass(frozen=True, slots=True)
class Python:
    """An interpreter and where its packages are."""

    executable: Path
    prefix: Path
    version: tuple[int, ...]
    """`(3, 11, 7)`, or `(3, 11)` where nothing tells the rest without starting it."""
    site_packages: tuple[Path, ...]
    """The folders of installed packages that are there, in the order of the search."""
    made_for: tuple[int, ...] | None = None
    """The version that its virtual environment was made for, where that is another one."""

    @property
    def is_virtual(self) -> bool:
        """Whether it is a virtual environment's."""
        return (self.prefix / "pyvenv.cfg").is_file()

    @property
    def shown(self) -> str:
        """The version, for a sentence: `3.11.7`."""
        return shown(self.version)


@dataclass(frozen=True, slots=True)
class Absent:
    """The interpreter that the agent's command leads to is not here."""

    named: str
    """Its path or its name, as the command or the program's first line has it."""
    program: str | None = None
    """The program whose first line names it; None where the command itself does."""


def shown(version: tuple[int, ...]) -> str:
    """A version for a sentence: `3.11`."""
    return ".".join(map(str, version))


def python_of(machine: Machine) -> Python | Absent | None:
    """The agent's Python; None where it is a program of another language, or where only a shell could tell."""
    if not machine.manifest.agents:
        return None
    agent = machine.manifest.agent
    if agent.entry is not None:
        return _running()
    words = bare(agent.command or ())
    if not words.words:
        return None
    name = words.words[0]
    path = _in_environment(machine, words) if "/" not in name else None
    path = path or machine.program(name)
    if path is None:
        return Absent(name) if _NAME.match(PurePath(name).name) else None
    named = path if _NAME.match(path.name) else _named_by(path, machine)
    if named is None:
        return None
    if not named.is_file():
        return Absent(str(named), path.name if named != path else None)
    return _looked_at(named, machine)


def environment_of(python: Python) -> dict[str, str]:
    """The variables of markers (PEP 508) for packages of this Python on this machine."""
    import os

    system = os.uname()
    implementation = "PyPy" if "pypy" in python.executable.name else "CPython"
    return {
        "python_version": shown(python.version[:2]),
        "python_full_version": python.shown,
        "implementation_name": implementation.lower(),
        "platform_python_implementation": implementation,
        "sys_platform": sys.platform,
        "platform_system": system.sysname,
        "platform_machine": system.machine,
        "os_name": os.name,
        "extra": "",
    }


def _running() -> Python:
    """The Python that runs roadworthy: agents that are an `entry:` run on it too."""
    folders = [Path(folder) for folder in sys.path if folder.endswith(("site-packages", "dist-packages"))]
    major, minor, micro, *_ = sys.version_info
    return Python(Path(sys.executable), Path(sys.prefix), (major, minor, micro), tuple(folders))


def _in_environment(machine: Machine, words: Words) -> Path | None:
    """A program of the environment that `uv run` and its like choose."""
    if words.runner is None:
        return None
    told = [machine.environment.get("UV_PROJECT_ENVIRONMENT"), ".venv", machine.environment.get("VIRTUAL_ENV")]
    for folder in filter(None, told if words.runner == "uv" else told[:0:-1]):
        bin_folder = machine.declared_path(folder) / "bin"
        name = words.words[0]
        if name.endswith(".py"):
            name = "python"
        if (bin_folder / name).exists():
            return bin_folder / name
    return None


def _named_by(path: Path, machine: Machine) -> Path | None:
    """The interpreter of a console script; None for what is none."""
    try:
        with path.open("rb") as file:
            start = file.read(2048)
    except OSError:
        return None
    if not start.startswith(b"#!"):
        return None
    words = start[2:].split(b"\n")[0].decode("utf-8", "replace").split()
    if not words:
        return None
    name = PurePath(words[0]).name
    if name == "env":
        rest = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
        if not rest or not _NAME.match(PurePath(rest[0]).name):
            return None
        return machine.program(rest[0]) or Path(rest[0])
    if name in ("sh", "bash") and (found := _LONG_FIRST_LINE.search(start)) is not None:
        return Path((found[1] or found[2]).decode("utf-8", "replace"))
    return Path(words[0]) if _NAME.match(name) else None


def _looked_at(executable: Path, machine: Machine) -> Python | None:
    real = _real(executable)
    prefix, settings = _virtual(executable)
    base = prefix
    told: tuple[int, ...] | None = None
    if settings is not None:
        told = _version(settings.get("version_info") or settings.get("version") or "")
        home = settings.get("home", "")
        base = Path(home).parent if home else real.parent.parent
    else:
        prefix = base = real.parent.parent
    version = _of_name(real) or told or _of_folder(prefix)
    if version is None or not (base / "lib").is_dir():
        return _asked(executable, machine)
    made_for = None
    if told is not None and told[:2] != version[:2]:
        made_for = told
    elif told is not None and told[:2] == version[:2]:
        version = told
    elif settings is None:
        version = _whole(base, version)
    wide = settings is None or settings.get("include-system-site-packages", "").lower() == "true"
    folders = [
        *_own_paths(machine),
        *_site_folders(prefix, version),
        *(_user_folders(machine, version) if wide else ()),
    ]
    if wide and settings is not None:
        folders += _site_folders(base, version)
    found = tuple(dict.fromkeys(folder for folder in folders if folder.is_dir()))
    return Python(executable, prefix, version, found, made_for)


def _asked(executable: Path, machine: Machine) -> Python | None:
    """Start it, where its files tell nothing: behind a wrapper (pyenv's shims), in an unusual place."""
    told = "import sys,json;print(json.dumps([sys.executable,sys.prefix,sys.version_info[:3],sys.path]))"
    ran = machine.run(str(executable), "-c", told)
    if ran.status != 0:
        return None
    import json

    try:
        path, prefix, version, folders = json.loads(ran.output.strip().splitlines()[-1])
    except (ValueError, IndexError):
        return None
    found = [Path(folder) for folder in folders if folder.endswith(("site-packages", "dist-packages"))]
    return Python(Path(path), Path(prefix), tuple(version), tuple(found))


def _virtual(executable: Path) -> tuple[Path, dict[str, str] | None]:
    """The prefix, and the settings of its virtual environment where it is one."""
    for folder in (executable.parent.parent, executable.parent):
        try:
            lines = (folder / "pyvenv.cfg").read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        pairs = (line.partition("=") for line in lines)
        return folder, {name.strip().lower(): value.strip() for name, _, value in pairs}
    return executable.parent.parent, None


def _of_name(real: Path) -> tuple[int, ...] | None:
    found = _NAME.match(real.name)
    return _version(found["version"]) if found is not None and "." in (found["version"] or "") else None


def _of_folder(prefix: Path) -> tuple[int, ...] | None:
    """The version by the one `lib/pythonX.Y` that has a standard library or packages."""
    found = {match["version"] for path in _children(prefix / "lib") if (match := _FOLDER.match(path.name))}
    return _version(found.pop()) if len(found) == 1 else None


def _whole(base: Path, version: tuple[int, ...]) -> tuple[int, ...]:
    """With its third part, where the headers beside it tell that."""
    header = base / "include" / f"python{shown(version[:2])}" / "patchlevel.h"
    try:
        found = re.search(r'PY_VERSION\s+"(\d+\.\d+\.\d+)', header.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return version
    return _version(found[1]) or version if found is not None else version


def _site_folders(prefix: Path, version: tuple[int, ...]) -> Iterator[Path]:
    name = f"python{shown(version[:2])}"
    yield prefix / "lib" / name / "site-packages"
    if not (prefix / "lib64").is_symlink():
        yield prefix / "lib64" / name / "site-packages"
    if prefix == Path("/usr"):  # Debian's: what pip installs, and what the system's packages do
        yield Path("/usr/local/lib") / name / "dist-packages"
        yield Path("/usr/lib/python3/dist-packages")


def _own_paths(machine: Machine) -> Iterator[Path]:
    for folder in machine.environment.get("PYTHONPATH", "").split(":"):
        if folder:
            yield machine.declared_path(folder)


def _user_folders(machine: Machine, version: tuple[int, ...]) -> Iterator[Path]:
    home = machine.environment.get("PYTHONUSERBASE") or machine.environment.get("HOME")
    if home and not machine.environment.get("PYTHONNOUSERSITE"):
        base = Path(home) if machine.environment.get("PYTHONUSERBASE") else Path(home, ".local")
        yield base / "lib" / f"python{shown(version[:2])}" / "site-packages"


def _version(text: str) -> tuple[int, ...] | None:
    found = re.match(r"\d+\.\d+(\.\d+)?", text)
    return tuple(map(int, found[0].split("."))) if found is not None else None


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path


def _children(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
