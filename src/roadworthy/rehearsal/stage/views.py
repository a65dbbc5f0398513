"""Copy-on-write views: the agent may write, and nothing of the developer's changes."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from roadworthy.rehearsal.stage.network import Network
from roadworthy.rehearsal.stage.project import copy_for_laptop, environment_files


class Views:
    """Makes views for one start, below the start's own folder."""

    def __init__(self, network: Network, project: Path, folder: Path, *, hides_environment_files: bool) -> None:
        self._network, self._project, self._folder = network, project, folder
        self._hides_environment_files = hides_environment_files
        self._made = 0

    async def of(self, place: Path) -> Path | None:
        """A view of a folder of the developer's; None where the kernel makes none of it."""
        base = self._base()
        try:
            await self._network.overlay(place, base / "upper", base / "work", base / "view")
        except OSError:
            return None
        (base / "upper").chmod(place.stat().st_mode & 0o7777)
        if self._hides_environment_files:
            await self._hide_environment_files(place, base / "view")
        return base / "view"

    async def without(self, place: Path, names: Iterable[str]) -> Path | None:
        """A view of a folder in which these names are not there; None where the kernel makes none of it."""
        view = await self.of(place)
        if view is None:
            return None
        for name in names:
            await self._network.remove(view / name)
        return view

    async def of_copy(self, copy: Path) -> Path:
        """A view of one of our own copies, which holds no environment files."""
        base = self._base()
        try:
            await self._network.overlay(copy, base / "upper", base / "work", base / "view")
        except OSError:
            shutil.copytree(copy, base / "copy", symlinks=True)
            return base / "copy"
        (base / "upper").chmod(0o755)
        return base / "view"

    def _base(self) -> Path:
        self._made += 1
        return self._folder / f"view-{self._made}"

    def copy_of_project(self) -> tuple[Path, tuple[str, ...]]:
        """A writable copy, where there is no view; and the runtime folders that it leaves out."""
        copy = self._base() / "copy"
        runtime = copy_for_laptop(self._project, copy)
        if self._hides_environment_files:
            for file in environment_files(copy):
                (copy / file).unlink()
        return copy, runtime

    @cached_property
    def hidden_files(self) -> list[Path]:
        """`.env*` of the project, and every `.env` above it: dotenv loaders look there too."""
        if not self._hides_environment_files:
            return []
        above = [folder / ".env" for folder in self._project.parents if (folder / ".env").is_file()]
        return [*(self._project / file for file in environment_files(self._project)), *above]

    async def _hide_environment_files(self, place: Path, view: Path) -> None:
        for file in self.hidden_files:
            if file.is_relative_to(place):
                await self._network.remove(view / file.relative_to(place))
