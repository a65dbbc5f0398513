"""A program that is not installed: its name is in no folder in which the agent could find it.

A mask over the file would answer EACCES, so each such folder is shown as a view from which the name was removed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from roadworthy.rehearsal.stage.mounts import Mounts
from roadworthy.rehearsal.stage.setting import Ground, Setting
from roadworthy.rehearsal.stage.slim import PATH
from roadworthy.rehearsal.stage.views import Views

MOST_LINKS = 40
"""The kernel follows no more (path_resolution(7))."""


async def take_away(mounts: Mounts, setting: Setting, ground: Ground, views: Views) -> None:
    """Show each folder that holds a program which is to be missing without it.

    What the agent itself runs on stays: without its interpreter it would not be an agent. A folder that the kernel
    makes no view of stays as well; whoever judges sees then that the program was found.
    """
    missing: dict[Path, set[str]] = {}
    for name, seen_at in setting.taken_away.items():
        if name not in ground.runtime.programs:
            for place in places_of(name, setting, ground, seen_at):
                missing.setdefault(place.parent, set()).add(name)
    for folder in sorted(missing):  # the outer ones first: a later mount covers what an earlier one shows
        view = await views.without(folder, missing[folder])
        if view is not None:
            mounts.shows(view, folder, writable=mounts.is_writable(folder))


def places_of(name: str, setting: Setting, ground: Ground, seen_at: tuple[str, ...] = ()) -> set[Path]:
    """Every file or link of that name on the agent's PATH, at the paths where it was seen, and where those lead to.

    By name: `fd` may be a link to `fdfind`, or to a `busybox` that is many programs, and those stay.
    """
    here = Path(setting.working_directory)
    folders = setting.environment.get("PATH", PATH).split(":")
    starts = [here / folder / name for folder in folders]
    starts += [here / place for place in seen_at]
    if name in ground.binaries:
        starts.append(ground.binaries[name])
    return {place for start in starts for place in _chain(start) if place.name == name}


def _chain(start: Path) -> Iterator[Path]:
    """A file and what it leads to, link by link, each by the real path of its folder."""
    place = start
    for _ in range(MOST_LINKS):
        place = Path(os.path.realpath(place.parent)) / place.name
        if not os.path.lexists(place) or place.is_dir() or place.parent == Path("/"):
            return
        yield place
        if not place.is_symlink():
            return
        place = place.parent / place.readlink()
