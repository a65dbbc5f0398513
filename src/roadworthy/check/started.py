"""A program of the project that a check starts, and of which nothing is left behind, whatever it starts itself."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

MARK = "ROADWORTHY_STARTED"
"""A variable by which the children of what was started are known: they may leave its process group."""
GRACE = 0.5
"""Seconds to end by itself once its input has ended."""

ROUNDS = 50
"""Looks for children that are left: what the kernel holds in a device's wait cannot be killed."""


class Started:
    """A running program with pipes to all three streams. Leaving it ends everything that it started.

    Raises OSError where it cannot be started.
    """

    def __init__(
        self, argv: Sequence[str], folder: Path, environment: Mapping[str, str], *, passed: tuple[int, ...] = ()
    ) -> None:
        self._mark = uuid.uuid4().hex
        try:
            self.process = subprocess.Popen(
                argv,
                cwd=folder,
                env={**environment, MARK: self._mark},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                pass_fds=passed,
            )
        except ValueError as error:  # a null byte in an argument or a variable
            raise OSError(0, str(error)) from error
        atexit.register(self.kill)  # whoever interrupts the check leaves nothing behind either

    def __enter__(self) -> Started:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """End its input, give it a moment, then kill it and all its children."""
        process = self.process
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
        self.kill()
        process.wait()
        atexit.unregister(self.kill)
        for output in (process.stdout, process.stderr):
            if output is not None:
                output.close()

    def kill(self) -> None:
        """Kill it and all its children at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for _ in range(ROUNDS):  # one that is killed may have started another meanwhile
            others = self._others()
            for process in others:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(process, signal.SIGKILL)
            if not others:
                break

    def _others(self) -> list[int]:
        """Processes that carry its mark and still run: those that made a session of their own."""
        mark = f"{MARK}={self._mark}".encode()
        found = []
        for entry in _listed("/proc"):
            if entry.isdecimal() and int(entry) != os.getpid():
                try:
                    with open(f"/proc/{entry}/environ", "rb") as file:  # noqa: PTH123 - hundreds of them
                        carries = mark in file.read().split(b"\0")
                    if carries and not _is_dead(entry):
                        found.append(int(entry))
                except OSError:
                    continue
        return found


def _is_dead(process: str) -> bool:
    """Whether it only waits to be reaped, which nobody may do here but its parent."""
    with open(f"/proc/{process}/stat", "rb") as file:  # noqa: PTH123
        return file.read().rpartition(b") ")[2][:1] in (b"Z", b"X")


def listens(process: int) -> int | None:
    """The TCP port that a process or a child of its session listens on; None without one, or where none can be seen."""
    inodes = {inode for member in _session(process) for inode in _sockets(member)}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            if fields[3] == "0A" and fields[9] in inodes:
                return int(fields[1].rpartition(":")[2], 16)
    return None


def _session(leader: int) -> list[int]:
    found = [leader]
    for entry in _listed("/proc"):
        if entry.isdecimal():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{entry}/stat").read_bytes().rpartition(b") ")[2].split()
                if int(fields[3]) == leader:
                    found.append(int(entry))
    return found


def _sockets(process: int) -> list[str]:
    found = []
    for entry in _listed(f"/proc/{process}/fd"):
        with contextlib.suppress(OSError):
            target = os.readlink(f"/proc/{process}/fd/{entry}")  # noqa: PTH115 - a socket's name is no path
            if target.startswith("socket:["):
                found.append(target[8:-1])
    return found


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208
    except OSError:
        return []
