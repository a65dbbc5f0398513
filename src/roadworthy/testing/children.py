"""The memory of child processes is limited, as a container's is: the largest is killed when they need too much."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable

from roadworthy.rehearsal.stage.processes import children, family, held, resident

LOOK_EVERY = 0.02
"""Seconds, as the rehearsal's watchdog."""


class ChildMemory:
    """Watches all that this process starts from now on, together; this process itself is not limited."""

    def __init__(self, limit: int, told: Callable[[int, int], None]) -> None:
        """`limit` in bytes; `told` gets the process id and the bytes of each one that was killed."""
        self._limit, self._told = limit, told
        self._before = frozenset(children(os.getpid()))
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="roadworthy-memory", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking."""
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(LOOK_EVERY):
            started = [pid for child in children(os.getpid()) if child not in self._before for pid in family(child)]
            # Quick first, and never too small; pages that forks share are told apart only where it matters.
            if sum(map(resident, started)) <= self._limit:
                continue
            sizes = {pid: held(pid) for pid in started}
            if sum(sizes.values()) > self._limit:
                largest = max(sizes, key=sizes.__getitem__)
                with contextlib.suppress(OSError):
                    os.kill(largest, signal.SIGKILL)
                    self._told(largest, sizes[largest])
