"""This machine's noise: the time that the agent was ready to run, and the processors worked for somebody else."""

from __future__ import annotations

import asyncio
import contextlib
import os
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from roadworthy.rehearsal.stage.processes import family

LOOK_EVERY = 0.1
"""Seconds. A thread that lives shorter is not seen, and what it waited is not subtracted."""
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Sample:
    """What the kernel has counted up to one moment, in seconds."""

    at: float
    threads: dict[int, tuple[float, float]]
    """By thread: what it ran, and what it waited for a processor (`/proc/PID/task/TID/schedstat`)."""
    busy: float
    """What all processors of the machine worked for anybody (`/proc/stat`)."""


def between(before: Sample, after: Sample) -> float:
    """Seconds of noise between two samples.

    All that the agent's threads waited, and no more than what the processors worked for others meanwhile: a
    crowd of threads that wait for one another is the agent's own doing.
    """
    ran = waited = 0.0
    for thread, (run, wait) in after.threads.items():
        earlier_run, earlier_wait = before.threads.get(thread, (0.0, 0.0))
        ran += run - earlier_run
        waited += wait - earlier_wait
    others = after.busy - before.busy - ran
    return max(0.0, min(waited, others, after.at - before.at))


class NoiseWatch:
    """Samples an agent's threads for as long as it runs.

    Not under a limit of its processors' time: the kernel counts that as waiting too, and it is what is tested.
    """

    def __init__(self, pid: int, clock: Callable[[], float], *, is_limited: bool) -> None:
        self._pid, self._clock = pid, clock
        self._times = [clock()]
        self._noise = [0.0]
        """In all, up to each of the times."""
        self._task = None if is_limited else asyncio.create_task(self._watch())

    def during(self, begin: float, end: float) -> float:
        """Seconds of noise between two times of the clock."""
        return max(0.0, self._until(end) - self._until(begin))

    async def close(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        last = sampled(self._pid, self._clock())
        while True:
            await asyncio.sleep(LOOK_EVERY)
            current = sampled(self._pid, self._clock())
            self._times.append(current.at)
            self._noise.append(self._noise[-1] + between(last, current))
            last = current

    def _until(self, time: float) -> float:
        """In all up to a time, evenly between two samples."""
        after = bisect_left(self._times, time)
        if after == 0:
            return 0.0
        if after == len(self._times):
            return self._noise[-1]
        begin, end = self._times[after - 1], self._times[after]
        share = (time - begin) / (end - begin)
        return self._noise[after - 1] + share * (self._noise[after] - self._noise[after - 1])


def sampled(pid: int, at: float) -> Sample:
    """What the kernel says now of a process and everything below it."""
    threads: dict[int, tuple[float, float]] = {}
    for process in family(pid):
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{process}/task").iterdir():
                with contextlib.suppress(OSError, ValueError, IndexError):
                    run, wait, *_ = (task / "schedstat").read_text().split()
                    threads[int(task.name)] = (int(run) / 1e9, int(wait) / 1e9)
    return Sample(at, threads, _busy())


def _busy() -> float:
    """User, nice, system, interrupts and stolen time: the fields 1, 2, 3, 6, 7 and 8 of the first line (man 5 proc)."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
        return sum(int(fields[number]) for number in (1, 2, 3, 6, 7, 8)) / TICK
    return 0.0
