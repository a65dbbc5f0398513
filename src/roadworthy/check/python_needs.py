"""What asks for a version of Python, or of SQLite, and which SQLite this Python has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.check.asked_for import asked_for
from roadworthy.check.python import environment_of

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine
    from roadworthy.check.packages import Installed
    from roadworthy.check.python import Python

_LOCKS = {
    "uv.lock": re.compile(r'^requires-python = "(.+)"', re.MULTILINE),
    "pylock.toml": re.compile(r'^requires-python = "(.+)"', re.MULTILINE),
    "poetry.lock": re.compile(r'^\[metadata\](?:\n(?!\[).*)*?\npython-versions = "(.+)"', re.MULTILINE),
    "pdm.lock": re.compile(r'^requires_python = "(.+)"', re.MULTILINE),
}
_NAMED = re.compile(r'^name = "(.+)"', re.MULTILINE)
_CHOSEN = re.compile(r"(?:cpython[-@])?v?(\d+\.\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class SqliteNeed:
    """A package that refuses to work below a version of SQLite."""

    package: str
    since: str
    needs: tuple[int, ...]
    unless: str


def python_conditions(root: Path, python: Python) -> Iterator[tuple[str, str]]:
    """Each file that has conditions on Python's version, and the conditions; pyproject.toml's go before a lock's."""
    asked = asked_for(root, environment_of(python)).python
    if asked is not None:
        yield "pyproject.toml", asked
        return
    for name, pattern in _LOCKS.items():
        try:
            found = pattern.search((root / name).read_text("utf-8"))
        except (OSError, UnicodeDecodeError):
            continue
        if found is not None:
            yield name, found[1]


def chosen_versions(root: Path) -> tuple[str, ...]:
    """Versions that `.python-version` names, without those that are names of environments."""
    try:
        lines = (root / ".python-version").read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ()
    found = (_CHOSEN.fullmatch(line.strip()) for line in lines if not line.startswith("#"))
    return tuple(match[1] for match in found if match is not None)


def sqlite_needs(packages: Mapping[str, tuple[Installed, ...]]) -> list[SqliteNeed]:
    """Of the installed packages those that need a newer SQLite than some systems have: data/sqlite-needs.toml."""
    text = (Path(__file__).parent.parent / "data" / "sqlite-needs.toml").read_text("utf-8")
    if not packages.keys() & set(_NAMED.findall(text)):
        return []
    import tomllib

    table = tomllib.loads(text)
    return [
        SqliteNeed(row["name"], row["since"], numbers(row["needs"]), row.get("unless", ""))
        for row in table["package"]
        if row["name"] in packages
        and row.get("unless") not in packages
        and numbers(packages[row["name"]][0].version) >= numbers(row["since"])
    ]


def sqlite_version(machine: Machine, python: Python) -> tuple[int, ...] | None:
    """The SQLite that this Python is linked to; None where it does not say."""
    ran = machine.run(str(python.executable), "-I", "-c", "import sqlite3; print(sqlite3.sqlite_version)")
    return numbers(ran.output) or None if ran.status == 0 else None


def numbers(text: str) -> tuple[int, ...]:
    """The numbers that a version begins with."""
    found = re.match(r"\d+(\.\d+)*", text.strip())
    return tuple(map(int, found[0].split("."))) if found is not None else ()
