"""Lock files: what they fix, whichever program wrote them.

Those that programs write in TOML are read line by line: they have one form, and `tomllib` takes a hundred milliseconds
for a megabyte of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from roadworthy.check.lock_files import NAMES, REQUIREMENTS
from roadworthy.check.packages import normalized

ARCHIVES = (".whl", ".zip", ".tar.gz")
"""Files that stand in a list in place of a name."""
DEEPEST = 8
"""Lists that include each other."""
_TEXT = re.compile(r"^(?P<key>name|version|marker|markers) = (?P<quote>[\"'])(?P<value>.*)(?P=quote)\s*$")
_NAMED = re.compile(r"\bname = \"([^\"]+)\"")
_KEY = re.compile(r"^\"?([A-Za-z0-9][\w.-]*)\"? = ")
_ITEM = re.compile(r"^\s*\"([A-Za-z0-9][\w.-]*)")
_GROUPS = re.compile(r"^groups = \[(.*)\]|^category = (\".*\")")
_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?P<conditions>(?:[(<>=!~][^;#@]*)?)(?P<rest>(?:[;@].*)?)"
)
_PIN = re.compile(r"===?\s*(?P<version>[^\s,*()]+)\s*")


@dataclass(slots=True)
class Locked:
    """A package of a lock, in all the versions that it has there: another for each platform or Python."""

    versions: list[str] = field(default_factory=list)
    needs: set[str] = field(default_factory=set)
    """What it brings with it."""
    is_production: bool = True
    """False where the lock says that it is for development alone."""


@dataclass(frozen=True, slots=True)
class Lock:
    """What a lock file fixes."""

    name: str
    """The file's, relative to the project."""
    packages: Mapping[str, Locked]
    command: str
    """What installs just that."""
    wanted: frozenset[str] = frozenset()
    """What it asks for by itself: a list of requirements is both."""


def locks(root: Path, environment: Mapping[str, str]) -> Iterator[Lock]:
    """Every lock file of a project for Python, read. `environment` has the variables of markers."""
    for name, command in NAMES.items():
        text = _read(root / name)
        if text is not None:
            packages = _pipfile(text) if name == "Pipfile.lock" else _sections(text)
            if packages:
                yield Lock(name, packages, command)
    for name in REQUIREMENTS:
        if (root / name).is_file():
            found: dict[str, Locked] = {}
            wanted = frozenset(_requirements(root / name, environment, found, 0))
            if any(each.versions for each in found.values()):
                yield Lock(name, found, f"pip install -r {name}", wanted)
            return


def brought(packages: Mapping[str, Locked], roots: Iterable[str]) -> frozenset[str]:
    """Everything that `roots` bring with them."""
    found: set[str] = set()
    left = list(roots)
    while left:
        name = left.pop()
        if name not in found and name in packages:
            found.add(name)
            left.extend(packages[name].needs)
    return frozenset(found)


def _sections(text: str) -> dict[str, Locked]:
    """The `[[package]]` tables of uv, poetry, pdm and PEP 751."""
    found: dict[str, Locked] = {}
    for section in re.split(r"^\[\[packages?\]\]\s*$", text, flags=re.MULTILINE)[1:]:
        _section(section, found)
    return found


def _section(section: str, found: dict[str, Locked]) -> None:
    told: dict[str, str] = {}
    needs: set[str] = set()
    groups: str | None = None
    table, is_list = "", False
    for line in section.splitlines():
        if line.startswith("["):
            table = line.strip("[] ")
        elif table in ("", "package.optional-dependencies") and line.startswith("]"):
            is_list = False
        elif is_list:
            needs.update(_NAMED.findall(line) or _ITEM.findall(line))
        elif table == "":
            if (pair := _TEXT.match(line)) is not None:
                told.setdefault(pair["key"], pair["value"])
            elif (of := _GROUPS.match(line)) is not None:
                groups = of[1] or of[2]
            elif line.startswith("dependencies = ["):
                is_list = "]" not in line
                needs.update(_NAMED.findall(line))
        elif table == "package.optional-dependencies":
            is_list = line.rstrip().endswith("= [")
            needs.update(_NAMED.findall(line))
        elif table == "package.dependencies" and (key := _KEY.match(line)) is not None:
            needs.add(key[1])
    if "name" not in told:
        return
    one = found.setdefault(normalized(told["name"]), Locked())
    if "version" in told:
        one.versions.append(told["version"])
    one.needs.update(map(normalized, needs))
    if groups is not None and not re.search(r"\"(main|default)\"", groups):
        one.is_production = False


def _pipfile(text: str) -> dict[str, Locked]:
    import json

    try:
        table = json.loads(text)["default"]
        return {
            normalized(name): Locked([row["version"].lstrip("=")])
            for name, row in table.items()
            if isinstance(row.get("version"), str)
        }
    except (ValueError, KeyError, AttributeError):
        return {}


def _requirements(path: Path, environment: Mapping[str, str], found: dict[str, Locked], depth: int) -> Iterator[str]:
    """The names that a list asks for; `found` gets their versions, and those of constraints."""
    text = _read(path)
    if text is None or depth > DEEPEST:
        return
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        body = re.split(r"(?:^|\s)#|\s--hash", line)[0].strip()
        option = re.match(r"(-r|-c|--requirement|--constraint)[\s=]*(\S+)", body)
        if option is not None:
            named = set(_requirements(path.parent / option[2], environment, found, depth + 1))
            yield from named if option[1] in ("-r", "--requirement") else ()
            continue
        read = _REQUIREMENT.fullmatch(body)
        if read is None or body.endswith(ARCHIVES):
            continue
        marker = read["rest"].partition(";")[2]
        if marker.strip() and not _holds(marker, environment):
            continue
        name = normalized(read["name"])
        one = found.setdefault(name, Locked())
        pin = _PIN.fullmatch(read["conditions"].strip())
        if pin is not None and "@" not in read["rest"].partition(";")[0]:
            one.versions.append(pin["version"])
        yield name


def _holds(marker: str, environment: Mapping[str, str]) -> bool:
    from roadworthy.check.markers import holds

    return holds(marker, environment) is True


def _read(path: Path) -> str | None:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
