"""A service's front: forwards TCP to the real one, through a point at which it can be broken."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from roadworthy.rehearsal.observed import ServiceUse

CHUNK = 65_536
BACKLOG = 1024
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with zero seconds: closing sends a reset."""

HTTP = re.compile(rb"[A-Z]{3,7} \S+ HTTP/1\.")

State = Literal["well", "refuse", "reset", "silent"]
Reach = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
"""Connects to the real service. Raises OSError."""


def reaching(host: str, port: int) -> Reach:
    """By an ordinary connection of this machine's."""

    async def reach() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(host, port)

    return reach


@dataclass(slots=True)
class _Connection:
    """One that the agent opened, while it is open."""

    task: asyncio.Task[None]
    writer: asyncio.StreamWriter
    use: ServiceUse
    is_asking: bool = False
    """The agent has sent something since the service last spoke."""


class Forwarder:
    """One listening port inside the agent's network, led to an address outside."""

    def __init__(
        self,
        service: str | None,
        reach: Reach,
        uses: list[ServiceUse],
        clock: Callable[[], float],
        attempts: socket.socket | None = None,
    ) -> None:
        """`attempts` gets a packet for each connection that is asked for. Without it nobody would see that a
        refused one was: then a connection is accepted and reset where it should be refused.
        """
        self.service = service
        self._attempts = attempts
        self._reach = reach
        self._uses = uses
        self._clock = clock
        self._state: State = "well"
        self._fault = ""
        self._delay = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: list[_Connection] = []
        self._is_closed = False

    async def serve(self, listener: socket.socket) -> None:
        """Accept, until `close`, on a socket that listens already and was bound to a port of the caller's choice."""
        self._listener = listener
        await self._serve()

    async def _serve(self) -> None:
        self._server = await asyncio.start_server(self._accept, sock=self._listener.dup())

    def begin(self, state: State, name: str) -> None:
        """Open connections are reset, or go silent; new ones are refused, accepted and reset, or silent at once."""
        self._state, self._fault = state, name
        for use in self._uses:
            if use.service == self.service and use.ended is None:
                use.fault = name
        if state in ("refuse", "reset"):
            for connection in self._open:
                _reset(connection.writer)
                connection.task.cancel()
        if state == "refuse":
            self._refuse()

    def delay(self, seconds: float) -> None:
        """Each answer begins so much later: what the service says first after the agent has sent something."""
        self._delay = seconds

    def _refuse(self) -> None:
        """Let the kernel refuse: the socket keeps the port that it was bound to, and does not listen until the mend."""
        if self._attempts is None:
            return
        for _ in self._asked():
            pass  # what was asked for before, and served
        self._listener.shutdown(socket.SHUT_RD)
        self._stop_serving()
        asyncio.get_running_loop().add_reader(self._attempts, self._note_refused)

    def _stop_serving(self) -> None:
        """In the next turn: a connection accepted in this one would find no server, and leave its socket open."""
        asyncio.get_running_loop().call_soon(self._server.close)

    def _note_refused(self) -> None:
        host, port = self._listener.getsockname()[:2]
        for at in self._asked():
            self._uses.append(ServiceUse(at, self.service, host, port, fault=self._fault, met=at, ended=at))

    def _asked(self) -> Iterator[float]:
        """When each connection was asked for that has not been looked at yet."""
        assert self._attempts is not None
        with contextlib.suppress(BlockingIOError):
            while self._attempts.recv(CHUNK):
                yield self._clock()

    def mend(self) -> None:
        """New connections work again, and none is slow; a connection that went silent stays so, as behind a lost route.

        To end it here would free a client without a time-out, which nothing frees in production.
        """
        if self._state == "refuse" and self._attempts is not None:
            self._note_refused()
            asyncio.get_running_loop().remove_reader(self._attempts)
            self._listener.listen(BACKLOG)
            self._own(asyncio.create_task(self._serve()))
        self._state, self._delay = "well", 0.0

    async def close(self) -> None:
        """Listen no more, and end every connection."""
        self._is_closed = True
        self._stop_serving()
        await asyncio.sleep(0)
        if self._attempts is not None:
            asyncio.get_running_loop().remove_reader(self._attempts)
            self._attempts.close()
        self._listener.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_closed:  # it was on its way when the listener closed
            writer.transport.abort()
            return
        task = asyncio.create_task(self._forward(reader, writer))
        task.add_done_callback(lambda _: writer.close())  # also where it was cancelled before its first step
        self._own(task)

    def _own(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = writer.get_extra_info("sockname")[:2]
        use = ServiceUse(at=self._clock(), service=self.service, host=host, port=port)
        self._uses.append(use)
        task = asyncio.current_task()
        assert task is not None
        opened = _Connection(task, writer, use)
        self._open.append(opened)
        upstream: asyncio.StreamWriter | None = None
        try:
            if self._state != "well":
                use.fault, use.met = self._fault, use.at
            if self._state in ("refuse", "reset"):
                _reset(writer)
                return
            if self._state == "silent":
                await self._swallow(reader, opened)
            try:
                answers, upstream = await self._reach()
            except OSError:
                _reset(writer)
                return
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pass_questions(reader, upstream, opened))
                pumps.create_task(self._pass_answers(answers, writer, opened))
        except* (OSError, asyncio.CancelledError):
            pass  # either side went away, or the trial is over: that ends the connection, no more
        finally:
            use.ended = self._clock() if use.ended is None else use.ended
            self._open.remove(opened)
            for side in (writer, upstream):
                if side is not None:
                    side.close()

    async def _pass_questions(
        self, agent: asyncio.StreamReader, service: asyncio.StreamWriter, connection: _Connection
    ) -> None:
        use = connection.use
        while data := await agent.read(CHUNK):
            self._note(data, connection)
            if use.fault is not None:
                use.met = self._clock()
                break
            use.sent += len(data)
            service.write(data)
            await service.drain()
        if use.fault is not None:
            await self._swallow(agent, connection)
        _end(service)

    async def _pass_answers(
        self, service: asyncio.StreamReader, agent: asyncio.StreamWriter, connection: _Connection
    ) -> None:
        use = connection.use
        while data := await service.read(CHUNK):
            if connection.is_asking:
                connection.is_asking = False
                await asyncio.sleep(self._delay)
            if use.fault is not None:
                break
            use.received += len(data)
            agent.write(data)
            await agent.drain()
        if use.fault is not None:  # nothing passes, not even the end
            await asyncio.Event().wait()
        _end(agent)

    async def _swallow(self, agent: asyncio.StreamReader, connection: _Connection) -> None:
        """Never returns: nothing passes, and the agent's end is noted, but not answered by one."""
        while data := await agent.read(CHUNK):
            self._note(data, connection)
        connection.use.ended = self._clock()
        await asyncio.Event().wait()

    def _note(self, data: bytes, connection: _Connection) -> None:
        if not connection.use.asked:
            connection.use.is_http = HTTP.match(data) is not None
        if not connection.is_asking:
            connection.is_asking = True
            connection.use.asked.append(self._clock())


def _end(sink: asyncio.StreamWriter) -> None:
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
