"""PATH as a slim image has it, or without one program: folders of links, made once for a test session."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.errors import UsageError

if TYPE_CHECKING:
    from roadworthy.testing.scene import Scene


class Programs:
    """The folders of one session, removed by `close`."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="roadworthy-programs-"))
        self._made: dict[tuple[object, ...], Path] = {}

    def close(self) -> None:
        """Remove them."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def slim(self, declared: Iterable[str], search_path: str) -> str:
        """A PATH with the programs of a slim Python image and the `declared` ones, as `search_path` finds them.

        Of this Python's virtual environment all programs stay, as an image installs them; else Python alone.
        """
        from roadworthy.rehearsal.stage.slim import PATH, slim_names

        own = [str(Path(sys.executable).parent)] if sys.prefix != sys.base_prefix else []
        wanted = tuple(sorted({*declared}))
        key = ("slim", wanted, search_path, PATH)
        if key not in self._made:
            folder = self._new()
            for name in slim_names("python"):
                _link(folder / name, shutil.which(name, path=PATH))
            for name in wanted:
                _link(folder / name, shutil.which(name, path=search_path))
            if not own:
                for name in ("python", "python3"):
                    _link(folder / name, sys.executable)
            self._made[key] = folder
        return os.pathsep.join([*own, str(self._made[key])])

    def without(self, name: str, search_path: str) -> str:
        """`search_path` with every folder that holds `name` replaced by one that holds all but it."""
        return os.pathsep.join(
            str(self._all_but(name, Path(folder))) if folder and _is_program(Path(folder) / name) else folder
            for folder in search_path.split(os.pathsep)
        )

    def _all_but(self, name: str, source: Path) -> Path:
        key = ("without", name, str(source))
        if key not in self._made:
            folder = self._new()
            in_environment = (source.parent / "pyvenv.cfg").exists()
            for entry in source.iterdir():
                if entry.name == name:
                    continue
                if in_environment and entry.name.startswith(("python", "pypy")):
                    _lead_to(folder / entry.name, entry)
                else:
                    _link(folder / entry.name, str(entry.absolute()))
            self._made[key] = folder
        return self._made[key]

    def _new(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._folder))


def take_away(name: str, scene: Scene) -> None:
    """Let PATH lead to every program but `name`, until the end of the test.

    A program that is called by its path is still there. Raises UsageError for a name that is nowhere: a test of its
    absence would show nothing.
    """
    search_path = os.environ.get("PATH", os.defpath)
    declared = scene.manifest.binaries if scene.manifest is not None else ()
    if "/" in name:
        raise UsageError(f"missing_binary({name!r}): give the program's name, as it is found by PATH")
    if shutil.which(name, path=search_path) is None and name not in declared:
        raise UsageError(
            f"missing_binary({name!r}): there is no such program on PATH, and the manifest declares none\n"
            f'  declare it: `binaries: {{{name}: "*"}}`; in a production-like environment only declared ones are there'
        )
    scene.give("PATH", scene.programs().without(name, search_path))


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _link(link: Path, target: str | None) -> None:
    if target is not None:
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def _lead_to(script: Path, python: Path) -> None:
    # A link to a virtual environment's Python would not find its environment: it looks beside the link.
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(str(python.absolute()))} "$@"\n')
    script.chmod(0o755)
