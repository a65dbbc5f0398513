"""A service's front over real loopback sockets: well, refusing, silent, and well again."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import pytest

from roadworthy.rehearsal.observed import ServiceUse
from roadworthy.rehearsal.world.forwarding import Forwarder, reaching

AT_ONCE = 2.0
SILENCE = 0.1


class Front:
    """A forwarder before an echo service."""

    def __init__(self, forwarder: Forwarder, port: int, uses: list[ServiceUse]) -> None:
        self.forwarder, self._port, self.uses = forwarder, port, uses

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._port)


@asynccontextmanager
async def front(
    service: str | None = "database", target: int | None = None, attempts: socket.socket | None = None
) -> AsyncIterator[Front]:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1000):
            writer.write(data)
        writer.close()

    real = await asyncio.start_server(echo, "127.0.0.1", 0)
    uses: list[ServiceUse] = []
    reach = reaching("127.0.0.1", target or real.sockets[0].getsockname()[1])
    forwarder = Forwarder(service, reach, uses, lambda: 1.0, attempts)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    await forwarder.serve(socket.create_server(("127.0.0.1", port)))
    try:
        yield Front(forwarder, port, uses)
    finally:
        await forwarder.close()
        real.close()


async def says(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, word: bytes = b"word") -> bytes | str:
    """What comes back of a word: itself, `reset`, `end`, or `silence`."""
    try:
        writer.write(word)
        await writer.drain()
        async with asyncio.timeout(SILENCE if word == b"silent?" else AT_ONCE):
            return await reader.read(1000) or "end"
    except TimeoutError:
        return "silence"
    except OSError:
        return "reset"


async def test_bytes_go_both_ways_and_are_counted() -> None:
    async with front() as it:
        reader, writer = await it.connect()
        assert await says(reader, writer) == b"word"
        writer.close()
        await writer.wait_closed()
        while it.uses[0].ended is None:
            await asyncio.sleep(0)

        (use,) = it.uses
        assert (use.service, use.host, use.sent, use.received, use.fault) == ("database", "127.0.0.1", 4, 4, None)


async def test_an_end_in_one_direction_leaves_the_other_open() -> None:
    async with front() as it:
        reader, writer = await it.connect()
        writer.write(b"all I have")
        writer.write_eof()

        assert await asyncio.wait_for(reader.read(), AT_ONCE) == b"all I have"


async def test_a_megabyte_passes_whole() -> None:
    async with front() as it:
        reader, writer = await it.connect()
        sent = bytes(range(256)) * 4096
        writer.write(sent)
        writer.write_eof()

        assert await asyncio.wait_for(reader.read(), 10) == sent


async def test_a_service_that_is_not_there_resets() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    async with front(target=port) as it:
        assert await says(*await it.connect()) in ("reset", "end")


async def test_new_connections_are_refused_and_each_attempt_is_a_use() -> None:
    seen, kernel = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    seen.setblocking(False)
    with kernel:
        async with front(attempts=seen) as it:
            kernel.send(b"a packet from before")
            old = await it.connect()
            assert await says(*old) == b"word"

            it.forwarder.begin("refuse", "service-refuses")

            assert await says(*old) in ("reset", "end")
            with pytest.raises(ConnectionRefusedError):
                await it.connect()
            kernel.send(b"a packet that asks")
            while len(it.uses) < 2:
                await asyncio.sleep(0)
            use = it.uses[1]
            assert (use.service, use.fault, use.met, use.ended) == ("database", "service-refuses", 1.0, 1.0)

            kernel.send(b"one that was not yet looked at")
            it.forwarder.mend()
            kernel.send(b"a packet of the next connection")

            assert await says(*await it.connect()) == b"word"
            assert [use.fault for use in it.uses] == ["service-refuses"] * 3 + [None]

            it.forwarder.begin("refuse", "service-refuses")

            with pytest.raises(ConnectionRefusedError):
                await it.connect()


async def test_without_sight_of_attempts_a_refused_connection_is_accepted_and_reset() -> None:
    async with front() as it:
        old = await it.connect()
        assert await says(*old) == b"word"

        it.forwarder.begin("refuse", "service-refuses")

        assert await says(*old) in ("reset", "end")
        assert await says(*await it.connect()) in ("reset", "end")
        assert [use.fault for use in it.uses] == ["service-refuses"] * 2

        it.forwarder.mend()

        assert await says(*await it.connect()) == b"word"
        assert it.uses[-1].fault is None


async def test_silence_is_neither_an_end_nor_an_error() -> None:
    async with front() as it:
        old = await it.connect()
        assert await says(*old) == b"word"

        it.forwarder.begin("silent", "service-silent")
        new = await it.connect()

        assert await says(*old, word=b"silent?") == "silence"
        assert await says(*new, word=b"silent?") == "silence"
        assert [use.fault for use in it.uses] == ["service-silent"] * 2

        it.forwarder.mend()

        assert await says(*await it.connect()) == b"word"
        for lost in (old, new):
            assert await says(*lost, word=b"silent?") == "silence"


@pytest.mark.parametrize("state", ["refuse", "silent"])
async def test_an_idle_connection_has_not_met_the_fault_that_broke_it(state: Literal["refuse", "silent"]) -> None:
    async with front() as it:
        idle = await it.connect()
        assert await says(*idle) == b"word"

        it.forwarder.begin(state, "broken")
        await says(*await it.connect(), word=b"silent?")

        assert [(use.fault, use.met is None) for use in it.uses] == [("broken", True), ("broken", False)]


async def test_a_word_sent_into_the_silence_has_met_it() -> None:
    async with front() as it:
        old = await it.connect()
        assert await says(*old) == b"word"

        it.forwarder.begin("silent", "broken")
        await says(*old, word=b"silent?")

        assert it.uses[0].met is not None


async def test_not_even_the_services_own_end_breaks_the_silence() -> None:
    leaving = asyncio.Event()

    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        await leaving.wait()
        writer.close()

    real = await asyncio.start_server(leave, "127.0.0.1", 0)
    async with front(target=real.sockets[0].getsockname()[1]) as it:
        reader, writer = await it.connect()
        assert await reader.read(5) == b"hello"

        it.forwarder.begin("silent", "service-silent")
        leaving.set()

        assert await says(reader, writer, word=b"silent?") == "silence"
    real.close()


async def test_a_use_before_the_fault_is_not_said_to_have_met_it() -> None:
    async with front() as it:
        reader, writer = await it.connect()
        await says(reader, writer)
        writer.close()
        while it.uses[0].ended is None:
            await asyncio.sleep(0)

        it.forwarder.begin("refuse", "service-refuses")

        assert it.uses[0].fault is None


async def test_each_answer_of_a_slow_service_begins_later_and_ends_no_later() -> None:
    async with front() as it:
        reader, writer = await it.connect()
        it.forwarder.delay(0.2)
        took = []
        for _ in range(2):
            began = time.monotonic()
            writer.write(bytes(200_000))
            await reader.readexactly(200_000)
            took.append(time.monotonic() - began)

        assert all(0.2 <= seconds < 0.4 for seconds in took), took
        assert len(it.uses[0].asked) == 2
        assert (it.uses[0].fault, it.uses[0].met) == (None, None)

        it.forwarder.mend()
        began = time.monotonic()
        assert await says(reader, writer) == b"word"

        assert time.monotonic() - began < 0.2


@pytest.mark.parametrize("is_new", [True, False])
async def test_an_agent_that_gives_a_silent_service_up_is_seen_to(is_new: bool) -> None:
    async with front() as it:
        if is_new:
            it.forwarder.begin("silent", "service-silent")
        _, writer = await it.connect()
        if not is_new:
            await asyncio.sleep(0.05)
            it.forwarder.begin("silent", "service-silent")
        writer.write(b"word")
        await asyncio.sleep(0.05)
        assert it.uses[0].ended is None

        writer.close()
        async with asyncio.timeout(AT_ONCE):
            while it.uses[0].ended is None:
                await asyncio.sleep(0)


async def test_an_end_in_one_direction_is_not_answered_by_a_silent_service() -> None:
    async with front() as it:
        it.forwarder.begin("silent", "service-silent")
        reader, writer = await it.connect()
        writer.write(b"all I have")
        writer.write_eof()

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(), SILENCE)


@pytest.mark.parametrize(
    ("first", "is_http"),
    [
        (b"GET /customers/17 HTTP/1.1\r\n", True),
        (b"DELETE /customers/17?force HTTP/1.0\r\n", True),
        (b"\x00\x00\x00\x08\x04\xd2\x16\x2f", False),
        (b"PING\r\n", False),
        (b"SELECT 1 FROM HTTP", False),
    ],
)
async def test_a_request_of_http_is_told_from_other_protocols(first: bytes, is_http: bool) -> None:
    async with front() as it:
        await says(*await it.connect(), word=first)

        assert it.uses[0].is_http == is_http


@pytest.mark.parametrize("state", ["well", "silent"])
async def test_closing_ends_every_connection(state: str) -> None:
    async with front() as it:
        reader, writer = await it.connect()
        await says(reader, writer)
        if state == "silent":
            it.forwarder.begin("silent", "service-silent")

        await asyncio.wait_for(it.forwarder.close(), AT_ONCE)

        assert await says(reader, writer) in ("reset", "end")
        assert it.uses[0].ended is not None
