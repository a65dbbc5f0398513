"""How long the agent's module takes to import, in a process of its own that is ended before it serves."""

from __future__ import annotations

import os
import re
import selectors
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from roadworthy.check.command_words import bare

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine
    from roadworthy.check.python import Python
    from roadworthy.manifest.model import Agent

SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "granian", "daphne"})
"""Servers whose first argument of the form `module:name` is what they import."""
FOLDERS = ("--app-dir", "--chdir", "--working-dir", "--root-path")
"""Their options that say from which folder."""
WITH_VALUE = ("-X", "-W", "--check-hash-based-pycs")
"""Options of Python that have a value behind them."""
BEGINS = "roadworthy: the import begins"
LARGEST_OUTPUT = 8 << 20
"""Bytes of standard error that are kept: a line for each module, and what the agent says."""
LOOK = 0.2
"""Seconds between two looks whether it serves already."""
MARGIN = 0.3
"""Seconds before the deadline at which it is cut off: to end it takes a moment too."""
HEAVIEST = 3
_LINE = re.compile(r"import time:\s+\d+ \|\s+(?P<whole>\d+) \|(?P<indent> *)(?P<name>\S+)\s*$")
_RUNNER = f"""\
import os, sys
kind, name, done, folders = sys.argv[1:5]
if kind == "file":
    del sys.path[0]
sys.path[:0] = folders.split(os.pathsep)
sys.argv[:] = [name, *sys.argv[5:]]
import importlib, runpy
sys.stderr.write({BEGINS!r} + chr(10))
sys.stderr.flush()
if kind == "file":
    runpy.run_path(name, run_name="__roadworthy__")
else:
    importlib.import_module(name)
os.write(int(done), b".")
os._exit(0)
"""
"""Another run name than `__main__` leaves out what stands behind that guard; the end is sudden, so that no thread and
no exit handler of the module's prolongs it."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the agent's command imports."""

    kind: str
    """`file` or `module`."""
    name: str
    folders: tuple[Path, ...]
    """Where modules are looked for before the installed ones."""
    arguments: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """For a sentence: `main.py`, `app.main`."""
        return PurePath(self.name).name if self.kind == "file" else self.name


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it."""

    seconds: float
    """From the start of Python to the end of the import, or until it was cut off."""
    is_done: bool
    status: int | None = None
    """Its exit status, where it ended by itself before that."""
    said: tuple[str, ...] = ()
    """The last lines of its standard error."""
    port: int | None = None
    """The port that it began to listen on."""
    heaviest: tuple[tuple[str, float], ...] = ()
    """Packages outside of the project with the seconds that each took, with all that it imported."""


def target_of(agent: Agent, project: Path) -> Target | None:
    """What the agent imports when it starts; None where its command does not tell."""
    if agent.entry is not None:
        place = agent.entry.partition(":")[0]
        if not place.endswith(".py"):
            return Target("module", place, (project,))
        file = project / place
        return Target("file", str(file), (file.parent, project))
    words = list(bare(agent.command or ()).words)
    name = PurePath(words[0]).name if words else ""
    if name.startswith(("python", "pypy")):
        return _of_python(words[1:], project)
    if name.endswith(".py"):
        return _of_file(words, project)
    return _of_server(name, words[1:], project)


def imported(machine: Machine, python: Python, target: Target) -> Imported:
    """Import it once, and wait no longer than the machine's deadline. Raises OSError where Python does not start."""
    from roadworthy.check.started import Started, listens

    reading, writing = os.pipe()
    folders = os.pathsep.join(map(str, target.folders))
    argv = [str(python.executable), "-B", "-X", "importtime", "-c", _RUNNER]
    argv += [target.kind, target.name, str(writing), folders, *target.arguments]
    began = time.monotonic()
    try:
        try:
            started = Started(argv, machine.project, machine.environment, passed=(writing,))
        finally:
            os.close(writing)
        with started, selectors.DefaultSelector() as streams:
            process = started.process
            assert process.stdin is not None
            process.stdin.close()
            for stream in (process.stdout, process.stderr, reading):
                assert stream is not None
                streams.register(stream, selectors.EVENT_READ)
            stderr = bytearray()
            port: int | None = None
            ended: float | None = None
            is_done = False
            while ended is None and port is None and machine.remaining() > MARGIN:
                for key, _ in streams.select(min(LOOK, machine.remaining())):
                    chunk = os.read(key.fd, 65536)
                    if key.fd == reading:
                        ended, is_done = time.monotonic(), chunk == b"."
                        streams.unregister(reading)
                    elif not chunk:
                        streams.unregister(key.fileobj)
                    elif key.fileobj is process.stderr and len(stderr) < LARGEST_OUTPUT:
                        stderr += chunk
                if ended is None:
                    port = listens(process.pid)
            seconds = (ended or time.monotonic()) - began
            if ended is None:
                started.kill()
            elif not is_done:
                stderr += _rest(streams, process.stderr)
            status = process.wait(1) if ended is not None and not is_done else None
    finally:
        os.close(reading)
    return _told(stderr.decode("utf-8", "replace"), target, seconds, is_done, status, port)


def _told(text: str, target: Target, seconds: float, is_done: bool, status: int | None, port: int | None) -> Imported:
    lines = text.partition(BEGINS)[2].splitlines()
    own = [line for line in lines if line.strip() and not _LINE.search(line)]
    return Imported(seconds, is_done, status, tuple(own[-20:]), port, heaviest(lines, target.folders))


def heaviest(lines: Sequence[str], folders: Sequence[Path]) -> tuple[tuple[str, float], ...]:
    """The packages that took longest, of the lines that `-X importtime` writes: a module comes behind what it imports.

    The project's own modules are looked through: of them only what they import counts.
    """
    took: dict[str, float] = {}
    above: list[tuple[int, bool]] = []
    for line in reversed(lines):
        found = _LINE.search(line)
        if found is None:
            continue
        depth, top = len(found["indent"]), found["name"].partition(".")[0]
        while above and above[-1][0] >= depth:
            above.pop()
        is_own = any((folder / top).is_dir() or (folder / f"{top}.py").is_file() for folder in folders)
        is_shown = not above or above[-1][1]
        if is_shown and not is_own:
            took[top] = took.get(top, 0.0) + int(found["whole"]) / 1e6
        above.append((depth, is_shown and is_own))
    ordered = sorted(took.items(), key=lambda row: -row[1])
    return tuple(ordered[:HEAVIEST])


def _rest(streams: selectors.BaseSelector, wanted: object) -> bytes:
    """What is already in the pipe of standard error."""
    found = bytearray()
    while ready := [key for key, _ in streams.select(0) if key.fileobj is wanted]:
        chunk = os.read(ready[0].fd, 65536)
        if not chunk:
            break
        found += chunk
    return bytes(found)


def _of_python(words: Sequence[str], project: Path) -> Target | None:
    at = 0
    while at < len(words) and words[at].startswith("-"):
        if words[at] == "-m" and at + 1 < len(words):
            name, rest = words[at + 1], words[at + 2 :]
            return _of_server(name, rest, project) or _of_module(name, rest, project)
        if words[at] == "-c":
            return None
        at += 2 if words[at] in WITH_VALUE else 1
    return _of_file(words[at:], project) if at < len(words) else None


def _of_module(name: str, rest: Sequence[str], project: Path) -> Target:
    folder = project.joinpath(*name.split("."))
    if (folder / "__main__.py").is_file():
        name = f"{name}.__main__"
    return Target("module", name, (project,), tuple(rest))


def _of_file(words: Sequence[str], project: Path) -> Target:
    file = project / words[0]
    return Target("file", str(file), (file.parent,), tuple(words[1:]))


def _of_server(name: str, words: Sequence[str], project: Path) -> Target | None:
    folder = project
    for at, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option in FOLDERS:
            folder = project / (value if equals else words[at + 1] if at + 1 < len(words) else "")
    if name == "fastapi":
        file = next((word for word in words if word.endswith(".py")), None)
        return Target("file", str(project / file), ((project / file).parent,)) if file is not None else None
    if name not in SERVERS:
        return None
    module = next((word for word in words if re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.()]*", word)), None)
    return Target("module", module.partition(":")[0], (folder,)) if module is not None else None
