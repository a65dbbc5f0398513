"""The HTTP protocol, fed through a transport that only remembers."""

from __future__ import annotations

import asyncio
import gzip
import math
import zlib
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from roadworthy.rehearsal.world.http import HEAD_LIMIT, WAITING_LIMIT, Connection, Reply, Request


class Wire(asyncio.Transport):
    """What the protocol writes, and whether it has closed."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.closed = False
        self.reads = True

    def write(self, data: Any) -> None:
        assert not self.closed
        self.sent += data

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        self.reads = False

    def resume_reading(self) -> None:
        self.reads = True


def echo(request: Request) -> Reply:
    return Reply(200, f"{request.method} {request.path}?{request.query} ".encode() + request.body)


def opened(handler: Any = echo, **options: Any) -> tuple[Connection, Wire]:
    connection, wire = Connection(handler, **options), Wire()
    connection.connection_made(wire)
    return connection, wire


def fed(pieces: Iterable[bytes], handler: Any = echo, **options: Any) -> Wire:
    """Everything in one go, inside a loop as timers need one."""

    async def feed() -> Wire:
        connection, wire = opened(handler, **options)
        for piece in pieces:
            connection.data_received(piece)
        connection.connection_lost(None)
        return wire

    return asyncio.run(feed())


def request(body: bytes = b"", *headers: str, line: str = "POST /v1/x?a=b HTTP/1.1") -> bytes:
    length = (
        () if any(header.lower().startswith("transfer") for header in headers) else (f"Content-Length: {len(body)}",)
    )
    return "\r\n".join([line, "Host: h", *headers, *length, "", ""]).encode() + body


def chunked(body: bytes, sizes: list[int]) -> bytes:
    pieces, rest = [], body
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    framed = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, rest] if piece)
    return request(b"", "Transfer-Encoding: chunked") + framed + b"0\r\n\r\n"


TWO = request(b"one") + request(b"two")
ANSWERED = (
    b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\nPOST /v1/x?a=b one"
    b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\nPOST /v1/x?a=b two"
).replace(b"17", b"18")


@given(st.lists(st.integers(0, len(TWO)), max_size=12))
@settings(deadline=None, max_examples=60)
def test_requests_mean_the_same_however_they_are_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(TWO)]

    wire = fed(TWO[start:end] for start, end in pairwise(edges))

    assert wire.sent == ANSWERED
    assert not wire.closed


@given(st.binary(max_size=300), st.lists(st.integers(1, 90), max_size=5))
@settings(deadline=None, max_examples=60)
def test_chunked_bodies_are_put_together(body: bytes, sizes: list[int]) -> None:
    assert fed([chunked(body, sizes)]).sent.endswith(b"POST /v1/x?a=b " + body)


@given(st.one_of(st.binary(min_size=1, max_size=200), st.text(min_size=1, max_size=100).map(str.encode)))
@settings(deadline=None, max_examples=200)
@example(b"GET / HTTP/9.9\r\n\r\n")
@example(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
@example(b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n")
@example(b"\x16\x03\x01\x02\x00\x01")
@example(request(b"", "Content-Length: 1", "Transfer-Encoding: chunked"))
@example(b"GET http://[ HTTP/1.1\r\n\r\n")
def test_garbage_gets_a_400_or_nothing_and_never_an_exception(garbage: bytes) -> None:
    answer = fed([garbage, b"\r\n\r\n"]).sent

    assert answer == b"" or answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 200 "))


@given(st.binary(max_size=400))
@settings(deadline=None, max_examples=100)
def test_garbage_behind_a_request_does_not_take_its_answer_away(garbage: bytes) -> None:
    assert fed([request(b"one") + garbage]).sent.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"hello", mtime=0)),
        ("x-gzip", gzip.compress(b"hello", mtime=0)),
        ("deflate", zlib.compress(b"hello")),
        ("deflate", zlib.compress(b"hello")[2:-4]),
        ("identity", b"hello"),
    ],
)
def test_packed_bodies_are_unpacked(encoding: str, packed: bytes) -> None:
    assert fed([request(packed, f"Content-Encoding: {encoding}")]).sent.endswith(b" hello")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (request(b"x" * 41), 413),
        (request(b"", "Transfer-Encoding: chunked") + b"29\r\n" + b"x" * 41 + b"\r\n0\r\n\r\n", 413),
        (request(gzip.compress(b"x" * 41, mtime=0), "Content-Encoding: gzip"), 413),
        (request(gzip.compress(b"x" * 9_999, mtime=0)[:38], "Content-Encoding: gzip"), 413),
        (request(gzip.compress(b"x", mtime=0)[:-8], "Content-Encoding: gzip"), 400),
        (request(b"no gzip", "Content-Encoding: gzip"), 400),
        (request(b"x", "Content-Encoding: br"), 415),
        (b"GET / HTTP/1.1\r\nx: " + b"y" * HEAD_LIMIT + b"\r\n\r\n", 431),
        (b"nonsense\r\n\r\n", 400),
    ],
)
def test_what_is_too_much_or_broken_is_refused(raw: bytes, status: int) -> None:
    assert fed([raw], body_limit=40).sent.startswith(b"HTTP/1.1 %d " % status)


def test_a_head_without_an_end_is_refused_while_it_comes() -> None:
    assert fed([b"GET / HTTP/1.1\r\nx: ", *[b"y" * 1000] * 70]).sent.startswith(b"HTTP/1.1 431 ")


def test_a_caller_that_asks_first_is_told_to_go_on() -> None:
    head, body = request(b"hello", "Expect: 100-continue")[:-5], b"hello"

    wire = fed([head])
    whole = fed([head, body])

    assert wire.sent == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert whole.sent.endswith(b" hello")


def test_a_caller_that_asks_first_with_too_much_is_told_to_stop() -> None:
    sent = fed([request(b"x" * 11, "Expect: 100-continue")[:-11]], body_limit=10).sent

    assert sent.startswith(b"HTTP/1.1 413 ")


def test_headers_come_in_lower_case_and_repeated_ones_joined() -> None:
    seen: list[Request] = []

    def handler(request: Request) -> Reply:
        seen.append(request)
        return Reply(204)

    fed([request(b"", "X-One: a", "x-one: b")], handler)

    assert seen[0].headers["x-one"] == "a, b"


@pytest.mark.parametrize(
    ("line", "header", "closes"),
    [
        ("GET / HTTP/1.1", "X: y", False),
        ("GET / HTTP/1.1", "Connection: close", True),
        ("GET / HTTP/1.0", "X: y", True),
        ("GET / HTTP/1.0", "Connection: keep-alive", False),
        ("GET / HTTP/1.1", "Upgrade: websocket\r\nConnection: Upgrade", True),
    ],
)
def test_connections_stay_open_as_the_caller_wishes(line: str, header: str, closes: bool) -> None:
    wire = fed([request(b"", header, line=line)])

    assert wire.closed == closes
    assert (b"connection: close" in wire.sent) == closes


def test_a_head_request_gets_no_body() -> None:
    assert fed([request(line="HEAD / HTTP/1.1")]).sent == b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n"


def chunks() -> Iterator[bytes]:
    yield b"one"
    yield b""
    yield b"two"


def test_an_iterable_body_is_sent_in_chunks() -> None:
    sent = fed([request()], lambda _: Reply(200, chunks(), [("a", "b")])).sent

    assert sent == b"HTTP/1.1 200 OK\r\na: b\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"


def test_an_older_caller_gets_it_until_the_connection_closes() -> None:
    wire = fed([request(line="GET / HTTP/1.0")], lambda _: Reply(200, chunks()))

    assert wire.sent.endswith(b"\r\n\r\nonetwo")
    assert wire.closed


async def test_pipelined_requests_are_answered_in_order_though_the_first_waits() -> None:
    done = asyncio.Event()
    waits = iter([0.01, 0.0])

    def handler(request: Request) -> Reply:
        last = request.body == b"two"
        return Reply(200, request.body, wait=next(waits), ended=lambda _: done.set() if last else None)

    connection, wire = opened(handler)
    connection.data_received(TWO)
    assert wire.sent == b""
    await done.wait()

    assert wire.sent.index(b"one") < wire.sent.index(b"two")


async def test_many_pipelined_requests_pause_the_reading() -> None:
    connection, wire = opened(lambda _: Reply(200, wait=math.inf))

    connection.data_received(request() * (WAITING_LIMIT + 3))

    assert not wire.reads


async def test_pace_spreads_the_chunks() -> None:
    done = asyncio.Event()
    connection, wire = opened(lambda _: Reply(200, chunks(), pace=0.005, ended=lambda _: done.set()))

    connection.data_received(request())

    assert wire.sent.endswith(b"one\r\n")
    await done.wait()
    assert wire.sent.endswith(b"two\r\n0\r\n\r\n")


async def test_a_slow_reader_stops_the_chunks_and_gets_them_later() -> None:
    connection, wire = opened(lambda _: Reply(200, chunks()))
    connection.pause_writing()

    connection.data_received(request())
    before = wire.sent
    connection.resume_writing()

    assert before.endswith(b"chunked\r\n\r\n")
    assert wire.sent.endswith(b"two\r\n0\r\n\r\n")


@pytest.mark.parametrize("wait", [math.inf, 60.0])
async def test_a_caller_that_leaves_early_is_noticed(wait: float) -> None:
    ends: list[bool] = []
    connection, wire = opened(lambda _: Reply(200, b"late", wait=wait, ended=ends.append))
    connection.data_received(request())

    connection.connection_lost(None)

    assert ends == [False]
    assert wire.sent == b""


async def test_a_caller_that_leaves_within_a_stream_is_noticed() -> None:
    ends: list[bool] = []
    connection, _ = opened(lambda _: Reply(200, chunks(), pace=60.0, ended=ends.append))
    connection.data_received(request())

    connection.connection_lost(ConnectionResetError())

    assert ends == [False]


async def test_a_caller_that_has_its_answer_and_leaves_is_nothing_special() -> None:
    ends: list[bool] = []
    connection, _ = opened(lambda _: Reply(200, ended=ends.append))
    connection.data_received(request())

    connection.connection_lost(None)

    assert ends == [True]


async def test_closing_from_our_side_blames_nobody() -> None:
    ends: list[bool] = []
    connection, wire = opened(lambda _: Reply(200, wait=math.inf, ended=ends.append))
    connection.data_received(request())

    connection.close()
    connection.connection_lost(None)

    assert wire.closed
    assert ends == []


async def test_a_mistake_of_the_handlers_is_a_500_and_reported() -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))

    def handler(_: Request) -> Reply:
        raise LookupError

    connection, wire = opened(handler)
    connection.data_received(request())

    assert wire.sent.startswith(b"HTTP/1.1 500 ")
    assert isinstance(reported[0]["exception"], LookupError)
