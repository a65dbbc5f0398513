"""A service's front: forwards TCP to the real one, through a point at which it can be broken."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Literal

from roadworthy.rehearsal.observed import ServiceUse

CHUNK = 65_536
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with zero seconds: closing sends a reset."""

State = Literal["well", "refuse", "silent"]
Reach = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
"""Connects to the real service. Raises OSError."""


def reaching(host: str, port: int) -> Reach:
    """By an ordinary connection of this machine's."""

    async def reach() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(host, port)

    return reach


class Forwarder:
    """One listening port inside the agent's network, led to an address outside."""

    def __init__(
        self,
        service: str | None,
        reach: Reach,
        uses: list[ServiceUse],
        clock: Callable[[], float],
    ) -> None:
        self.service = service
        self._reach = reach
        self._uses = uses
        self._clock = clock
        self._state: State = "well"
        self._fault = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: list[tuple[asyncio.Task[None], asyncio.StreamWriter]] = []

    async def serve(self, listener: socket.socket) -> asyncio.Server:
        """Accept on a socket that listens already."""
        return await asyncio.start_server(self._accept, sock=listener)

    def begin(self, state: State, name: str) -> None:
        """Open connections are reset, or go silent; new ones likewise."""
        self._state, self._fault = state, name
        for use in self._uses:
            if use.service == self.service and use.ended is None:
                use.fault = name
        if state == "refuse":
            for task, writer in self._open:
                _reset(writer)
                task.cancel()

    def mend(self) -> None:
        """New connections work again; a connection that went silent stays so, as behind a lost route.

        To end it here would free a client without a time-out, which nothing frees in production.
        """
        self._state = "well"

    async def close(self) -> None:
        """End every connection."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._forward(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = writer.get_extra_info("sockname")[:2]
        use = ServiceUse(at=self._clock(), service=self.service, host=host, port=port)
        self._uses.append(use)
        task = asyncio.current_task()
        assert task is not None
        opened = (task, writer)
        self._open.append(opened)
        upstream: asyncio.StreamWriter | None = None
        try:
            if self._state != "well":
                use.fault, use.met = self._fault, use.at
            if self._state == "refuse":
                _reset(writer)
                return
            if self._state == "silent":
                await asyncio.Event().wait()
            try:
                answers, upstream = await self._reach()
            except OSError:
                _reset(writer)
                return
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pump(reader, upstream, use, sent=True))
                pumps.create_task(self._pump(answers, writer, use, sent=False))
        except* (OSError, asyncio.CancelledError):
            pass  # either side went away, or the trial is over: that ends the connection, no more
        finally:
            use.ended = self._clock()
            self._open.remove(opened)
            for side in (writer, upstream):
                if side is not None:
                    side.close()

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, use: ServiceUse, *, sent: bool
    ) -> None:
        while True:
            data = await source.read(CHUNK)
            if use.fault is not None:  # nothing passes, not even the end
                if sent and data:
                    use.met = self._clock()
                await asyncio.Event().wait()
            if not data:
                break
            if sent:
                use.sent += len(data)
            else:
                use.received += len(data)
            sink.write(data)
            await sink.drain()
        # uvloop says RuntimeError of a transport that a reset has closed.
        with contextlib.suppress(OSError, NotImplementedError, RuntimeError):
            sink.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the other side sees a reset, not an end."""
    raw = writer.get_extra_info("socket")
    if raw is not None:
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
