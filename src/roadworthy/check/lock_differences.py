"""What is installed, held against the lock files of a Python project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from roadworthy.check.locks import Lock, brought, locks
from roadworthy.check.packages import Installed, installed
from roadworthy.check.python import environment_of

if TYPE_CHECKING:
    from pathlib import Path

    from roadworthy.check.asked_for import AskedFor
    from roadworthy.check.python import Python


@dataclass(frozen=True, slots=True)
class Difference:
    """A package whose version is another one (None: it is not there) than those of the lock."""

    name: str
    installed: str | None
    locked: tuple[str, ...]
    is_direct: bool

    @property
    def is_grave(self) -> bool:
        """Whether it is missing, or its number promises nothing of the locked one's."""
        from roadworthy.check.versions import is_compatible

        return self.installed is None or not any(is_compatible(self.installed, each) for each in self.locked)


@dataclass(frozen=True, slots=True)
class HeldAgainst:
    """A lock file, how many of its packages are installed, and those that differ: the gravest first."""

    lock: Lock
    compared: int
    differences: tuple[Difference, ...]


def nearest_lock(root: Path, python: Python) -> HeldAgainst | None:
    """The lock that fits best to what is installed: a project may have one that is not installed from; None without."""
    environment = environment_of(python)
    found = list(locks(root, environment))
    if not found:
        return None
    from roadworthy.check.asked_for import asked_for

    asked = asked_for(root, environment)
    packages = installed(python.site_packages)
    held = [_held(lock, asked, packages) for lock in found]
    return min(held, key=lambda each: len(each.differences), default=None)


def _held(lock: Lock, asked: AskedFor, packages: Mapping[str, tuple[Installed, ...]]) -> HeldAgainst:
    wanted = lock.wanted or asked.direct
    found: list[Difference] = []
    compared = 0
    for name, locked in lock.packages.items():
        here = packages.get(name)
        if here is None:
            if name in wanted and (locked.versions or lock.wanted):
                found.append(Difference(name, None, tuple(locked.versions), is_direct=True))
        elif locked.versions and locked.is_production:
            compared += 1
            if not _is_locked(here, locked.versions) and not here[0].is_of_a_folder:
                found.append(Difference(name, here[0].version, tuple(locked.versions), name in wanted))
    if found and asked.is_known and not lock.wanted:
        needed = brought(lock.packages, asked.direct | asked.optional)
        found = [each for each in found if each.name in needed]
    found.sort(key=lambda each: (not each.is_grave, not each.is_direct, each.name))
    return HeldAgainst(lock, compared, tuple(found))


def _is_locked(here: Iterable[Installed], versions: Sequence[str]) -> bool:
    if any(one.version in versions for one in here):
        return True  # nearly always: the rest is not even loaded
    from roadworthy.check.versions import same

    return any(same(one.version, version) for one in here for version in versions)
