"""This machine as the agent will find it: each thing is looked at once, when a check first asks for it."""

from __future__ import annotations

import os
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from roadworthy.hazards.checking import PRODUCTION

if TYPE_CHECKING:
    from roadworthy.check.limits import Limits
    from roadworthy.check.python import Absent, Python
    from roadworthy.manifest.model import Manifest

Value = TypeVar("Value")
LARGEST_OUTPUT = 64 * 1024
"""Bytes of a program's output that are read."""
PATIENCE = 5.0
"""Seconds for everything that may take long, all together."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A program that was run: its exit status (None: it did not start, or was ended), and what it printed."""

    status: int | None
    output: str
    problem: str | None = None
    """Why it did not start, or that it was ended."""


class Machine:
    """What is seen of this machine. Times are of `time.monotonic`, in seconds.

    `system` is the root of what the kernel shows (`/proc`, `/sys`): a test may have another. `environment` is what the
    agent will be started with. Everything may be asked for from several threads at once.
    """

    def __init__(
        self,
        manifest: Manifest,
        environment: Mapping[str, str] | None = None,
        *,
        target: str = PRODUCTION,
        patience: float = PATIENCE,
        url: str | None = None,
        runs_binaries: bool = False,
        reads_source: bool = True,
        system: Path = Path("/"),
    ) -> None:
        self.manifest = manifest
        self.environment = dict(os.environ if environment is None else environment)
        self.target = target
        self.url = url
        self.runs_binaries = runs_binaries
        self.reads_source = reads_source
        self.system = system
        self.patience = patience
        self.deadline = time.monotonic() + patience
        self._lock = threading.RLock()

    def remaining(self) -> float:
        """Seconds until the deadline, never below zero."""
        return max(0.0, self.deadline - time.monotonic())

    @property
    def project(self) -> Path:
        """The manifest's folder."""
        return self.manifest.root

    def declared_path(self, path: str) -> Path:
        """A path of the manifest: relative ones are relative to the project."""
        return self.project / path

    @cached_property
    def search_path(self) -> tuple[str, ...]:
        """The folders of the agent's PATH."""
        return tuple(filter(None, self.environment.get("PATH", os.defpath).split(os.pathsep)))

    def program(self, name: str) -> Path | None:
        """Where a program is: a path of the project, or the first on PATH that this user may run."""
        if "/" in name:
            path = self.declared_path(name)
            return path if _may_run(path) else None
        for folder in self.search_path:
            path = Path(folder, name)
            if _may_run(path):
                return path
        return None

    def run(self, *argv: str, seconds: float | None = None) -> Ran:
        """Run a program with the agent's environment, in the project, and wait no longer than the deadline.

        It has no standard input, and no process of it is left behind.
        """
        limit = self.remaining() if seconds is None else min(seconds, self.remaining())
        try:
            process = subprocess.Popen(
                argv,
                cwd=self.project,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            return Ran(None, "", reason)
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            return Ran(None, "", f"did not end within {limit:.1f} s")
        finally:
            _end(process)
        return Ran(process.returncode, output[:LARGEST_OUTPUT].decode("utf-8", "replace"))

    @cached_property
    def limits(self) -> Limits:
        """Memory, processors, open files: what this container has."""
        from roadworthy.check.limits import limits

        return limits(self.system)

    @cached_property
    def dotenv(self) -> Mapping[str, str] | None:
        """The project's `.env`; None where there is none here."""
        if not (self.project / ".env").is_file():
            return None
        from roadworthy.manifest.dotenv import environment_file

        return environment_file(self.project)

    @cached_property
    def workers(self) -> tuple[int, str] | None:
        """How many processes serve side by side, and what says so; None where nothing does."""
        from roadworthy.check.workers import workers_of

        return workers_of(self.manifest.agent, self.environment) if self.manifest.agents else None

    @cached_property
    def python(self) -> Python | Absent | None:
        """The Python that the agent runs on, or that it names and that is not here; None for another language."""
        from roadworthy.check.python import python_of

        return self._once("python", lambda: python_of(self))

    def _once(self, name: str, make: Callable[[], Value]) -> Value:
        """What several threads ask for is made by one of them: `cached_property` has no lock."""
        with self._lock:
            if name not in self.__dict__:
                self.__dict__[name] = make()
            return self.__dict__[name]  # type: ignore[no-any-return]


def _may_run(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode) and os.access(path, os.X_OK)
    except (OSError, ValueError):
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of its session, also what it started itself."""
    import contextlib
    import signal

    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
