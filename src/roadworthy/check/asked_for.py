"""What a project's pyproject.toml asks for: its dependencies in production, and the Python that it needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roadworthy.check.packages import normalized

_REQUIREMENT = re.compile(r"\s*(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(?P<rest>.*)", re.DOTALL)

CONDITIONAL = frozenset({"optional", "markers", "python", "platform"})
"""Keys of Poetry's by which a dependency is wanted only sometimes."""


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A project's own words."""

    direct: frozenset[str] = frozenset()
    """Production dependencies that are wanted on this machine."""
    optional: frozenset[str] = frozenset()
    """Those of extras, and those whose marker does not hold or is not understood."""
    python: str | None = None
    """Conditions on Python's version."""
    is_known: bool = False
    """False without a pyproject.toml, and where the dependencies are not written in it."""


def asked_for(root: Path, environment: Mapping[str, str]) -> AskedFor:
    """What `root`'s pyproject.toml says; nothing where it is not there or cannot be read."""
    try:
        text = (root / "pyproject.toml").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return AskedFor()
    import tomllib

    try:
        table: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return AskedFor()
    project, poetry = _table(table.get("project")), _table(_table(table.get("tool")).get("poetry"))
    direct, optional = set[str](), set[str]()
    for written in _texts(project.get("dependencies")):
        _sort(written, environment, direct, optional)
    for rows in _table(project.get("optional-dependencies")).values():
        for written in _texts(rows):
            _sort(written, environment, optional, optional)
    python = project.get("requires-python")
    for name, wanted in _table(poetry.get("dependencies")).items():
        if name.lower() == "python":
            python = python or wanted
        elif not isinstance(wanted, dict) or not CONDITIONAL.intersection(wanted):
            direct.add(normalized(name))
        else:
            optional.add(normalized(name))
    is_known = ("dependencies" in project or "dependencies" in poetry) and "dependencies" not in _texts(
        project.get("dynamic")
    )
    return AskedFor(frozenset(direct), frozenset(optional), python if isinstance(python, str) else None, is_known)


def _sort(written: str, environment: Mapping[str, str], direct: set[str], optional: set[str]) -> None:
    from roadworthy.check.markers import holds

    found = _REQUIREMENT.match(written)
    if found is not None:
        marker = found["rest"].partition(";")[2]
        is_wanted = not marker.strip() or holds(marker, environment) is True
        (direct if is_wanted else optional).add(normalized(found["name"]))


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
