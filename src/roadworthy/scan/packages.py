"""Distributions that a project asks for: `requirements*.txt`, `pyproject.toml`, and the variables of `.env`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from roadworthy.scan.commands import Spot
from roadworthy.scan.facts import Facts, Package, Text, Variable
from roadworthy.scan.text import Unreadable

_REQUIREMENT = re.compile(
    r"^\s*(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?P<conditions>[^;#]*)"
)
_PINNED = re.compile(
    r"^\(?\s*(===?\s*[^*,]+(,|\)|$)|@\s*.*(@[0-9a-f]{7,40}|@v?\d[\w.]*|#sha256=|\.whl|\.tar\.gz|file:|\./))"
)
_NOT_PRODUCTION = re.compile(r"(^|[-_./])(dev|develop|development|tests?|testing|lint|docs?|ci|bench|local)([-_./]|$)")
_EGG = re.compile(r"#egg=([A-Za-z0-9._-]+)")
_WHEEL = re.compile(r"/(?P<name>[A-Za-z0-9_.]+)-\d[^/]*\.(?:whl|tar\.gz|zip)")
_DOTENV = re.compile(r"^\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*?)\s*$")


def normalized(name: str) -> str:
    """A distribution's name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def is_production(label: str) -> bool:
    """Whether a group's, an extra's or a file's name says nothing of development."""
    return _NOT_PRODUCTION.search(label.lower()) is None


def requirements_facts(text: str, path: str) -> Facts:
    """The lines of a requirements file; `-r` and `-c` are told as strings."""
    facts = Facts()
    group = "" if is_production(path.rpartition("/")[2].removesuffix(".txt")) else "dev"
    for number, line in enumerate(text.splitlines(), 1):
        body = line.split(" #")[0].strip()
        spot = Spot(number, len(line) - len(line.lstrip()) + 1)
        if body.startswith(("-r", "-c", "--requirement", "--constraint")):
            facts.strings.append(Text(body.split()[-1].removeprefix("-r").removeprefix("-c"), spot, body[:2]))
        elif body.startswith(("-e", "git+", "http", ".", "/")) and (egg := _EGG.search(body)) is not None:
            facts.packages.append(Package(normalized(egg[1]), body, spot, group, is_pinned=True))
        elif body.startswith(("http", ".", "/")) and (wheel := _WHEEL.search(body)) is not None:
            facts.packages.append(Package(normalized(wheel["name"]), body, spot, group, is_pinned=True))
        elif body and not body.startswith(("#", "-", ".", "/", "git+", "http")):
            found = _package(body, spot, group, is_hashed="--hash" in body or body.endswith("\\"))
            facts.packages += [] if found is None else [found]
    return facts


def pyproject_facts(text: str) -> Facts:
    """Dependencies of a project by PEP 621, PEP 735 and Poetry, and the names of its own commands."""
    try:
        table: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(f"not valid TOML: {error}") from error
    facts = Facts()
    lines = text.splitlines()
    project, tool = _table(table.get("project")), _table(table.get("tool"))
    poetry = _table(tool.get("poetry"))
    for group, written in _groups(table, project, tool):
        found = _package(written, _line_of(lines, written), group)
        facts.packages += [] if found is None else [found]
    for group, rows in _poetry_groups(poetry):
        for name, wanted in rows.items():
            if name.lower() != "python":
                told = str(wanted.get("version", "")) if isinstance(wanted, dict) else str(wanted)
                pinned = re.fullmatch(r"=?=?\s*\d[\w.]*", told) is not None and "*" not in told
                facts.packages.append(Package(normalized(name), told, _line_of(lines, name), group, pinned))
    facts.is_open = "dependencies" in project.get("dynamic", [])
    for scripts in (project.get("scripts"), poetry.get("scripts")):
        facts.strings += [Text(name, Spot(1), "script") for name in _table(scripts)]
        facts.strings += [Text(told, Spot(1), "entry") for told in _table(scripts).values() if isinstance(told, str)]
    declares = "dependencies" in project or "dependencies" in poetry
    facts.strings += [Text(str(project.get("name") or poetry.get("name") or ""), Spot(1), "name")] if declares else []
    return facts


def dotenv_facts(text: str) -> Facts:
    """The variables that a `.env` file sets."""
    facts = Facts()
    for number, line in enumerate(text.splitlines(), 1):
        found = _DOTENV.match(line)
        if found is not None and not line.lstrip().startswith("#"):
            value = found["value"].strip("\"'")
            facts.variables.append(Variable(found["name"], value, Spot(number), is_set=True))
    return facts


def _groups(table: Any, project: Any, tool: Any) -> Iterator[tuple[str, str]]:
    for written in _texts(project.get("dependencies")):
        yield "", written
    for extra, rows in _table(project.get("optional-dependencies")).items():
        for written in _texts(rows):
            yield f"extra {extra}" if is_production(extra) else "dev", written
    for rows in _table(table.get("dependency-groups")).values():
        for written in _texts(rows):
            yield "dev", written
    for written in _texts(_table(tool.get("uv")).get("dev-dependencies")):
        yield "dev", written


def _poetry_groups(poetry: Any) -> Iterator[tuple[str, Any]]:
    yield "", _table(poetry.get("dependencies"))
    yield "dev", _table(poetry.get("dev-dependencies"))
    for name, group in _table(poetry.get("group")).items():
        yield ("" if name == "main" else "dev"), _table(_table(group).get("dependencies"))


def _package(written: str, spot: Spot, group: str, *, is_hashed: bool = False) -> Package | None:
    found = _REQUIREMENT.match(written)
    if found is None:
        return None
    conditions = found["conditions"].strip().rstrip("\\").strip()
    pinned = is_hashed or _PINNED.match(conditions) is not None
    return Package(normalized(found["name"]), conditions, spot, group, pinned)


def _line_of(lines: list[str], written: str) -> Spot:
    for number, line in enumerate(lines, 1):
        at = line.find(written)
        if at >= 0 and not line.lstrip().startswith(("#", "[", "name")):
            return Spot(number, at + 1)
    return Spot(1)


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
