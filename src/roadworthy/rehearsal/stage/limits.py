"""Limits of one start: by control groups where there are any, else by a watchdog, affinity and signals."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import signal
from collections.abc import Callable

from roadworthy.rehearsal.stage.cgroups import Group
from roadworthy.rehearsal.stage.processes import family, proportional, resident

WATCH_EVERY = 0.02
"""Seconds between the watchdog's looks: 14 to 51 MB overshoot, 1.4 % of a core (docs/stage.md)."""
SAMPLE_EVERY = 0.25


class MemoryWatch:
    """Samples the agent's memory, and kills it above a limit where no control group does."""

    def __init__(self, pid: int, group: Group, limit: int | None, clock: Callable[[], float]) -> None:
        self._pid, self._group, self._clock = pid, group, clock
        self._limit = limit if group.memory is None else None
        self.samples: list[tuple[float, int]] = []
        self.killed = False
        self._task = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stop looking."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    @property
    def has_killed(self) -> bool:
        """Whether the limit killed a process, by whichever means."""
        return self.killed or self._group.kills() > 0

    async def _watch(self) -> None:
        next_sample = 0.0
        while True:
            if self._limit is not None and self._over(self._limit):
                self.killed = True
                for process in reversed(family(self._pid)):
                    with contextlib.suppress(OSError):
                        os.kill(process, signal.SIGKILL)
                return
            if self._clock() >= next_sample:
                next_sample = self._clock() + SAMPLE_EVERY
                self.samples.append((self._clock(), self._used()))
            await asyncio.sleep(SAMPLE_EVERY if self._limit is None else WATCH_EVERY)

    def _used(self) -> int:
        used = self._group.used()
        return used if used is not None else sum(map(resident, family(self._pid)))

    def _over(self, limit: int) -> bool:
        """RSS first, which is quick and never too small; PSS decides, because forks share pages."""
        processes = family(self._pid)
        return sum(map(resident, processes)) > limit and sum(map(proportional, processes)) > limit


class CpuThrottle:
    """Gives an agent a part of its processors' time by stopping and continuing it, without control groups.

    With the agent held to ⌈cores⌉ processors by affinity, it runs for `cores / ⌈cores⌉` of each period.
    """

    PERIOD = 0.1
    """Seconds; the kernel's own accounting period."""

    def __init__(self, pid: int, cores: float) -> None:
        self._pid = pid
        self._share = cores / math.ceil(cores)
        self._task = asyncio.create_task(self._throttle()) if self._share < 1 else None

    async def close(self) -> None:
        """Let it run freely."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._signal(signal.SIGCONT)

    async def _throttle(self) -> None:
        while True:
            await asyncio.sleep(self.PERIOD * self._share)
            self._signal(signal.SIGSTOP)
            await asyncio.sleep(self.PERIOD * (1 - self._share))
            self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for process in family(self._pid):
            with contextlib.suppress(OSError):
                os.kill(process, number)
