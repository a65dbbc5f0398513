"""What the driver makes of responses, good and bad, over real loopback sockets."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from roadworthy.manifest.model import Agent, Stream
from roadworthy.rehearsal.driver import KEPT, MARGIN, Connect, Driver, HttpCaller, ask
from roadworthy.rehearsal.observed import Exchange

Reply = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def saying(*pieces: bytes, then: str = "close") -> Reply:
    """A server that reads the request, writes some bytes, and closes, resets or waits."""

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"Content-Length: " in head:
            await reader.readexactly(int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]))
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if then == "wait":
            await reader.read()
        if then == "reset":
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.close()

    return reply


def connecting(address: tuple[str, int]) -> Connect:
    async def connect() -> socket.socket:
        made = socket.socket()
        made.setblocking(False)
        await asyncio.get_running_loop().sock_connect(made, address)
        return made

    return connect


@asynccontextmanager
async def serving(reply: Reply) -> AsyncIterator[Connect]:
    """An agent that replies so: how to connect to it."""
    server = await asyncio.start_server(reply, "127.0.0.1", 0)
    try:
        yield connecting(server.sockets[0].getsockname())
    finally:
        server.close()


@asynccontextmanager
async def talking(reply: Reply, agent: Agent | None = None, deadline: float = 1.0) -> AsyncIterator[Driver]:
    """A driver whose agent replies so."""

    def redact(text: str) -> str:
        return text.replace("secret", "***")

    agent = agent or Agent()
    async with serving(reply) as connect:
        talk = HttpCaller(agent, connect, time.monotonic, redact).talk
        driver = Driver(agent, talk, time.monotonic, random.Random(1), deadline)
        try:
            yield driver
        finally:
            await driver.close()


async def exchanged(reply: Reply, agent: Agent | None = None, deadline: float = 1.0) -> Exchange:
    async with talking(reply, agent, deadline) as driver:
        exchange = driver.send("x")
        await driver.all_done()
        return exchange


def with_length(body: bytes, status: str = "200 OK") -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status.encode(), len(body), body)


GOOD = b'{"output": "hello"}'


@pytest.mark.parametrize(
    "reply",
    [
        saying(with_length(GOOD)),
        saying(with_length(GOOD), then="wait"),
        saying(*(bytes([byte]) for byte in with_length(GOOD))),
        saying(b"HTTP/1.1 200 OK\r\n\r\n" + GOOD),
        saying(b"HTTP/1.0 200 OK\r\n\r\n" + GOOD),
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" + GOOD[:5] + b"\r\ne\r\n" + GOOD[5:]
               + b"\r\n0\r\n\r\n", then="wait"),
        saying(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + with_length(GOOD)),
        saying(b"HTTP/1.1 100 Continue\r\n\r\n" + with_length(GOOD)),
    ],
    ids=["length", "kept open", "byte by byte", "until closed", "HTTP/1.0", "chunked", "early hints", "continue"],
)  # fmt: skip
async def test_a_complete_response_has_its_answer(reply: Reply) -> None:
    exchange = await exchanged(reply)

    assert exchange.error is None
    assert exchange.status == 200
    assert exchange.answer == "hello"
    assert exchange.ended is not None


@pytest.mark.parametrize(
    ("reply", "error", "status"),
    [
        (saying(), "the connection closed without an answer", None),
        (saying(then="reset"), "the connection was reset", None),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Le"), "the connection closed without an answer", None),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + GOOD), "closed before the answer was complete", 200),
        (saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhel"), "closed before the answer", 200),
        (saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n", then="wait"), "not HTTP", 200),
        (saying(b"SSH-2.0-OpenSSH_9.2\r\n", then="wait"), "not HTTP", None),
        (saying(b"\x16\x03\x01\x00\xa5\x01", then="wait"), "not HTTP", None),
        (saying(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"), "", 101),
    ],
    ids=["nothing", "reset", "half a head", "short", "half a chunk", "bad chunk", "ssh", "tls", "upgrade"],
)
async def test_a_broken_response_says_what_came(reply: Reply, error: str, status: int | None) -> None:
    exchange = await exchanged(reply)

    assert exchange.error is not None
    assert error in exchange.error
    assert exchange.status == status
    assert exchange.answer is None


@pytest.mark.parametrize(
    "reply",
    [
        saying(then="wait"),
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + GOOD, then="wait"),
        saying(b"HTTP/1.1 200 OK\r\n\r\n" + GOOD, then="wait"),
    ],
    ids=["silence", "half an answer", "an answer without an end"],
)
async def test_what_does_not_end_is_given_up_after_the_deadline(reply: Reply, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roadworthy.rehearsal.driver.MARGIN", 0.05)
    began = time.monotonic()

    exchange = await exchanged(reply, deadline=0.1)

    assert exchange.error == "no complete answer within 0.15 s"
    assert exchange.answer is None
    assert 0.1 < time.monotonic() - began < 1
    assert MARGIN > 1


async def test_an_agent_that_is_not_there_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        connect = connecting(server.getsockname())

    talk = HttpCaller(Agent(), connect, time.monotonic, str).talk
    driver = Driver(Agent(), talk, time.monotonic, random.Random(1), 1)
    exchange = driver.send("x")
    await driver.all_done()

    assert exchange.error == "the connection was refused"
    assert await ask(connect, "/health", 1) == (None, "")


async def test_secrets_are_in_no_body_and_no_header() -> None:
    exchange = await exchanged(saying(b"HTTP/1.1 200 OK\r\nX-Debug: secret\r\n\r\n" + b'{"output": "a secret"}'))

    assert exchange.headers["x-debug"] == "***"
    assert exchange.body == b'{"output": "a ***"}'
    assert exchange.answer == "a ***"


async def without_end(pieces: Reply, *, seconds: float = 5.0) -> Exchange:
    """What comes of a reply of a gigabyte; it has to be given up long before that."""
    began = time.monotonic()
    exchange = await exchanged(pieces, deadline=seconds)
    assert time.monotonic() - began < seconds
    return exchange


def endless(head: bytes, piece: bytes) -> Reply:
    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        with contextlib.suppress(ConnectionError):
            for _ in range((1 << 30) // len(piece)):
                writer.write(piece)
                await writer.drain()
        writer.close()

    return reply


async def test_a_gigabyte_is_kept_and_read_to_its_first_megabyte() -> None:
    exchange = await without_end(endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65_536))

    assert exchange.status == 200
    assert exchange.body == b"x" * KEPT
    assert exchange.error == "the answer is larger than 1 MiB: the rest was not read"


@pytest.mark.parametrize(
    ("head", "piece", "error"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 65_536, "not HTTP"),
        (b"HTTP/1.1 200 OK\r\n", b"X-Many: 1\r\n" * 5000, "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=", b"x" * 65_536, "larger than"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 3000, "larger than"),
    ],
    ids=["one header", "many headers", "a chunk's extension", "continue"],
)
async def test_what_never_comes_to_its_body_is_given_up(
    head: bytes, piece: bytes, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roadworthy.rehearsal.driver.MOST_BYTES", 2 * KEPT)
    exchange = await without_end(endless(head, piece))

    assert error in (exchange.error or "")
    assert exchange.answer is None


@pytest.mark.parametrize("size", [1, 8 << 20], ids=["small request", "large request"])
async def test_an_agent_that_answers_before_it_reads_is_heard(size: int) -> None:
    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(with_length(GOOD))
        await writer.drain()
        writer.close()

    exchange = await exchanged(reply, Agent(examples=("x" * size,)), deadline=5)

    assert (exchange.error, exchange.answer) == (None, "hello")


async def test_a_stream_is_read_to_its_end() -> None:
    agent = Agent(stream=Stream())
    events = 'data: {"delta": "hel"}\n\ndata: {"delta": "lo\u2028"}\n\n'.encode()

    whole = await exchanged(saying(b"HTTP/1.1 200 OK\r\n\r\n", events, b"data: [DONE]\n\n"), agent)
    cut = await exchanged(saying(b"HTTP/1.1 200 OK\r\n\r\n", events), agent)

    assert whole.answer == "hello\u2028"
    assert cut.answer is None
    assert cut.shape_error == "the stream ended without [DONE]"


async def test_requests_that_are_due_together_do_not_wait_for_one_another() -> None:
    waiting = asyncio.Barrier(20)

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await waiting.wait()
        writer.write(with_length(GOOD))
        writer.close()

    async with talking(reply) as driver:
        exchanges = [driver.send("x") for _ in range(20)]
        await driver.all_done()

    assert [exchange.answer for exchange in exchanges] == ["hello"] * 20
    assert len({exchange.canary for exchange in exchanges}) == 20


async def test_in_turn_no_more_than_so_many_are_under_way() -> None:
    under_way, most = 0, 0

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal under_way, most
        await reader.readuntil(b"\r\n\r\n")
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        writer.write(with_length(GOOD))
        writer.close()

    async with talking(reply) as driver:
        exchanges = await driver.in_turn("x", 12, 3, is_over=lambda: False)

    assert [exchange.answer for exchange in exchanges] == ["hello"] * 12
    assert most <= 3


async def test_in_turn_nothing_is_sent_when_the_time_is_over() -> None:
    async with talking(saying(with_length(GOOD))) as driver:
        assert await driver.in_turn("x", 12, 3, is_over=lambda: True) == []


async def test_what_is_forgotten_is_gone_and_the_rest_is_kept() -> None:
    async with talking(saying(with_length(GOOD))) as driver:
        kept, *gone = await driver.in_turn("x", 3, 1, is_over=lambda: False)
        driver.forget(gone)

        assert driver.exchanges == [kept]


async def test_a_caller_that_hangs_up_closes_its_connection() -> None:
    has_left = asyncio.Event()

    async def reply(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the other side ends
        has_left.set()

    async with talking(reply, deadline=60) as driver:
        exchange = driver.send("x")
        while exchange.sent is None:
            await asyncio.sleep(0)
        await driver.hang_up()
        async with asyncio.timeout(10):
            await has_left.wait()

    assert exchange.error == "the caller hung up"
    assert exchange.sent <= (exchange.hung_up or 0.0) <= (exchange.ended or 0.0)


async def test_what_is_under_way_at_the_end_is_given_up() -> None:
    async with talking(saying(then="wait")) as driver:
        exchange = driver.send("x")
        while exchange.sent is None:
            await asyncio.sleep(0)
        await driver.close()

        assert exchange.error == "given up at the end of the trial"
        assert exchange.ended is not None


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (saying(with_length(b"ok")), (200, "ok")),
        (saying(with_length(b"x" * 9000, "503 Later")), (503, "x" * 4096)),
        (saying(), (None, "")),
        (saying(b"nonsense\r\n\r\n"), (None, "")),
        (saying(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"), (None, "")),
        (saying(then="wait"), (None, "")),
    ],
    ids=["well", "not yet", "closed", "nonsense", "upgrade", "silence"],
)
async def test_a_health_endpoint_is_asked(reply: Reply, expected: tuple[int | None, str]) -> None:
    async with serving(reply) as connect:
        assert await ask(connect, "/health", 0.2) == expected
