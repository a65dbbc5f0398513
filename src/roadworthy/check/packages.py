"""What is installed, by the names of the folders that installers leave: importlib.metadata takes longer to import."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_PYTHON_TAG = re.compile(r"-py\d[\d.]*$")


@dataclass(frozen=True, slots=True)
class Installed:
    """A distribution, and the folder that tells of it."""

    name: str
    version: str
    folder: Path

    @property
    def is_of_a_folder(self) -> bool:
        """Whether it was installed from a folder, as an editable one is: its version is that of its last build."""
        try:
            return '"dir_info"' in (self.folder / "direct_url.json").read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return False


def normalized(name: str) -> str:
    """A distribution's name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed(folders: Iterable[Path]) -> dict[str, tuple[Installed, ...]]:
    """By normalized name, what is in the first folder that has it: several where an upgrade left the old one behind."""
    found: dict[str, tuple[Installed, ...]] = {}
    for folder in folders:
        here: dict[str, tuple[Installed, ...]] = {}
        for name in _names(folder):
            if (one := _read(folder, name)) is not None:
                here[one.name] = (*here.get(one.name, ()), one)
        for name, several in here.items():
            found.setdefault(name, several)
    return found


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - a thousand paths take longer than their names
    except OSError:
        return []


def _read(folder: Path, name: str) -> Installed | None:
    stem, dot, kind = name.rpartition(".")
    if not dot or kind not in ("dist-info", "egg-info"):
        return None
    if kind == "egg-info":
        stem = _PYTHON_TAG.sub("", stem)
    distribution, _, version = stem.partition("-") if kind == "egg-info" else stem.rpartition("-")
    if not distribution or not version[:1].isdigit():
        return None
    return Installed(normalized(distribution), version, folder / name)
