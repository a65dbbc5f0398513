"""A thread with an event loop of its own: servers on it serve sync tests and async ones alike."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

PATIENCE = 10.0
"""Seconds for what is asked of the loop: it only opens, breaks and closes sockets."""
TURNS = 10
"""Of the loop, after the last server has closed: a closed transport lets go of its socket in the turn after."""


class Wire:
    """Runs until `close`, which leaves no thread, no task and no socket behind."""

    def __init__(self) -> None:
        self._is_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="roadworthy-wire", daemon=True)
        self._closing: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self._thread.start()
        self._is_up.wait(PATIENCE)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Await `work` on the loop and return what it gives; raises what it raises."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def do(self, work: Callable[[], Result]) -> Result:
        """Call `work` on the loop."""

        async def done() -> Result:
            return work()

        return self.run(done())

    def when_closing(self, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Await `close()` before the loop ends; what came last goes first."""
        self._closing.append(close)

    def close(self) -> None:
        """End everything on it, then the loop, then the thread."""
        try:
            for close in reversed(self._closing):
                self.run(close())
        finally:
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._live())

    async def _live(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        self._is_up.set()
        await self._end.wait()
        for _ in range(TURNS):
            await asyncio.sleep(0)
