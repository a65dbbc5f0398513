"""The one interface behind which the agent is started: it says what it enforces, and starts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from roadworthy.findings import StageSummary
from roadworthy.rehearsal.conditions import Feature
from roadworthy.rehearsal.observed import Held, HeldUp, Started
from roadworthy.rehearsal.output import Output
from roadworthy.rehearsal.stage.cgroups import Group
from roadworthy.rehearsal.stage.limits import MemoryWatch
from roadworthy.rehearsal.stage.noise import NoiseWatch
from roadworthy.rehearsal.stage.processes import family, held, open_files, threads
from roadworthy.rehearsal.stage.setting import Ground, Setting
from roadworthy.rehearsal.world.world import World


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs that the agent starts: what holds them up, and what is seen of them."""

    waits: Path
    """The folder that says how long each is held up."""
    started: list[Started] = field(default_factory=list)
    held_up: list[HeldUp] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Start:
    """One start of the agent: what it gets from the run."""

    setting: Setting
    ground: Ground
    folder: Path
    """This start's own folder."""
    name: str
    """Unique in the run."""
    world: World
    output: Output
    programs: Programs
    clock: Callable[[], float]
    marker: Mapping[str, str]
    """The run's mark, for what runs outside a sandbox."""
    source: int | None = None
    """A descriptor that becomes its standard input; None: there is nothing to be read."""


@dataclass(slots=True)
class Running:
    """An agent that was started, and the ways to it."""

    process: asyncio.subprocess.Process
    """The sandbox, or the agent itself; it ends with the agent's exit status."""
    pid: int
    """The agent's own process."""
    connect: Callable[[], Awaitable[socket.socket]]
    """A TCP connection to the agent's port. Raises OSError."""
    ports: Callable[[], Awaitable[tuple[int, ...]]]
    """On which TCP ports anything of the agent's listens."""
    memory: MemoryWatch
    noise: NoiseWatch
    group: Group
    release: Callable[[], Awaitable[None]]
    """Frees what the start took, after the agent's end."""

    async def exit_status(self) -> int:
        """Wait for its end: 0 to 127, or negative for a signal."""
        status = await self.process.wait()
        # Bubblewrap gives a signal as a shell does: 128 and its number.
        return 128 - status if 128 < status < 160 else status

    def held(self, at: float, answered: int) -> Held:
        """What all its processes hold now; of orphans too, which belong to the sandbox's first process."""
        processes = family(self.process.pid)
        return Held(
            at=at,
            answered=answered,
            memory=sum(map(held, processes)),
            threads=sum(map(threads, processes)),
            files=sum(map(open_files, processes)),
        )

    def terminate(self) -> None:
        """Ask the agent itself to stop."""
        if self.process.returncode is None:  # else its number may be another's by now
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    async def end(self) -> None:
        """Kill everything that the start brought, and free what it took."""
        await self.memory.close()
        await self.noise.close()
        for process in reversed(family(self.process.pid)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        for process in self.group.processes():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        await self.process.wait()
        await self.release()
        self.group.remove()


class Stage(Protocol):
    """A back end."""

    @property
    def summary(self) -> StageSummary:
        """Name, tier, what is enforced and what is missing, with reasons and mends."""

    @property
    def enforced(self) -> frozenset[Feature]:
        """What a condition may rely on."""

    async def start(self, start: Start) -> Running:
        """Start the agent. Raises OSError where this machine does not allow it."""
