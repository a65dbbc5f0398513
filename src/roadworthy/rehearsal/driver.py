"""The driver: sends requests when they are due, and keeps what came back of each."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import random
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import httptools

from roadworthy.manifest.model import Agent
from roadworthy.rehearsal.canary import new_canary
from roadworthy.rehearsal.observed import Exchange
from roadworthy.rehearsal.speech import answer_in, input_with, request_bytes

KEPT = 1 << 20
"""Bytes of a body that are read and kept. Nobody's answer to a short question is larger, and fifty may come at once."""
MOST_BYTES = 64 * KEPT
"""Bytes of a whole response, for what is in no body: a head, chunks' own headers, trailers."""
MARGIN = 2.0
"""Seconds that the driver waits beyond the deadline, so that a late answer is seen as late and not as none."""


class TooLargeError(Exception):
    """A response that goes on and on."""


NOT_HTTP = (httptools.HttpParserError, httptools.HttpParserUpgrade)
"""An upgrade that nobody asked for is no error to the parser, and no answer either."""

Connect = Callable[[], Awaitable[socket.socket]]


@dataclass(frozen=True, slots=True)
class Input:
    """What one request asks."""

    text: str
    """One of the examples, with the request's canary."""
    session: str
    """A caller and conversation of its own."""
    headers: Mapping[str, str]


Talk = Callable[[Exchange, Input, float], Awaitable[None]]
"""Asks the agent, for so many seconds at most, and fills the exchange. Raises TimeoutError, and OSError."""


class Driver:
    """Sends one agent its requests. Everything sent is in `exchanges`, also what never came back."""

    def __init__(
        self, agent: Agent, talk: Talk, clock: Callable[[], float], rng: random.Random, deadline: float
    ) -> None:
        self.exchanges: list[Exchange] = []
        self.clock = clock
        self._agent, self._talk, self._rng = agent, talk, rng
        self._deadline = deadline
        self._under_way: dict[asyncio.Task[None], Exchange] = {}
        self._sent = 0

    def send(self, label: str, *, due: float | None = None, headers: Mapping[str, str] | None = None) -> Exchange:
        """Send one request at `due` (now by default); the exchange fills as it goes on."""
        example = self._agent.examples[self._sent % len(self._agent.examples)]
        self._sent += 1
        now = self.clock()
        exchange = Exchange(
            label=label,
            canary=new_canary(self._rng),
            due=now if due is None else due,
            sent_headers=headers or {},
        )
        self.exchanges.append(exchange)
        asked = Input(input_with(example, exchange.canary), f"session-{self._sent}", headers or {})
        task = asyncio.create_task(self._exchange(exchange, asked))
        self._under_way[task] = exchange
        task.add_done_callback(self._under_way.pop)
        return exchange

    async def in_turn(self, label: str, count: int, at_once: int, is_over: Callable[[], bool]) -> list[Exchange]:
        """Send `count` requests, each as soon as fewer than `at_once` are under way, and wait for the last to end.

        Once `is_over` no further one is sent.
        """
        sent: list[Exchange] = []
        while len(sent) < count and not is_over():
            sent.append(self.send(label))
            while len(self._under_way) >= at_once:
                await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
        await self.all_done()
        return sent

    def forget(self, exchanges: list[Exchange]) -> None:
        """Keep nothing of these any longer."""
        gone = set(map(id, exchanges))
        self.exchanges = [exchange for exchange in self.exchanges if id(exchange) not in gone]

    async def hang_up(self) -> None:
        """Close the connection of every request under way."""
        leaving = dict(self._under_way)
        for task, exchange in leaving.items():
            exchange.hung_up, exchange.error = self.clock(), "the caller hung up"
            task.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)

    async def all_done(self) -> None:
        """Wait for every request under way: each ends by its own deadline."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def close(self) -> None:
        """Give up on what is under way."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _exchange(self, exchange: Exchange, asked: Input) -> None:
        if exchange.due > self.clock():
            await asyncio.sleep(exchange.due - self.clock())
        exchange.driver_late = max(0.0, self.clock() - exchange.due)
        patience = self._deadline + MARGIN
        try:
            await self._talk(exchange, asked, patience)
        except TimeoutError:
            exchange.error = f"no complete answer within {patience:g} s"
        except asyncio.CancelledError:
            exchange.error = exchange.error or "given up at the end of the trial"
            raise
        except OSError as error:
            exchange.error = _kind(error)
        finally:
            if exchange.ended is None:  # else it ended before what was cleaned up behind it
                exchange.ended = self.clock()


class HttpCaller:
    """Asks an agent that serves HTTP: a new connection for each request."""

    def __init__(
        self, agent: Agent, connect: Connect, clock: Callable[[], float], redact: Callable[[str], str]
    ) -> None:
        self._agent, self._connect, self._clock, self._redact = agent, connect, clock, redact

    async def talk(self, exchange: Exchange, asked: Input, patience: float) -> None:
        """Send one request and read its answer. Raises TimeoutError after `patience` seconds, and OSError."""
        host = f"127.0.0.1:{self._agent.port}"
        request = request_bytes(self._agent, host, asked.text, asked.session, asked.headers)
        async with asyncio.timeout(patience):
            await self._exchange(exchange, request)

    async def _exchange(self, exchange: Exchange, request: bytes) -> None:
        connection = await self._connect()
        exchange.sent = self._clock()
        loop = asyncio.get_running_loop()
        # Beside the reading: an agent may answer before it has read the request, or without reading it at all.
        sending = loop.create_task(_send_all(connection, request))
        response, is_whole = Response(), False
        try:
            while not response.complete and (data := await loop.sock_recv(connection, 65_536)):
                response.feed(data)
            is_whole = response.complete or response.ends_with_connection
            if not is_whole:
                exchange.error = (
                    "the connection closed before the answer was complete"
                    if response.status is not None
                    else "the connection closed without an answer"
                )
        except TooLargeError as error:
            exchange.error = str(error)
        except NOT_HTTP as error:
            exchange.error = f"not HTTP: {error}"
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            connection.close()
            self._fill(exchange, response, is_whole)  # also what came before a time-out or a reset

    def _fill(self, exchange: Exchange, response: Response, is_whole: bool) -> None:
        exchange.status = response.status
        exchange.headers = {name: self._redact(value) for name, value in response.headers.items()}
        exchange.body = self._redact(bytes(response.body).decode("utf-8", "replace")).encode()
        if is_whole and response.status is not None and 200 <= response.status < 300:
            exchange.answer, exchange.shape_error = answer_in(self._agent, exchange.body)


class Response:
    """What httptools reports of one response."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.complete = False
        self._received = 0
        self._parser = httptools.HttpResponseParser(self)

    @property
    def ends_with_connection(self) -> bool:
        """Whether the body has no length of its own: it ends where the connection ends."""
        return (
            self.status is not None
            and "content-length" not in self.headers
            and "chunked" not in self.headers.get("transfer-encoding", "").lower()
        )

    def feed(self, data: bytes) -> None:
        """Parse the next bytes. Raises HttpParserError, and TooLargeError for more than anybody would read."""
        self._received += len(data)
        self._parser.feed_data(data)
        if self.status is None and self._received > KEPT:
            msg = f"not HTTP: no end of the headers in {KEPT >> 20} MiB"
            raise TooLargeError(msg)
        if len(self.body) >= KEPT or self._received > MOST_BYTES:
            msg = f"the answer is larger than {KEPT >> 20} MiB: the rest was not read"
            raise TooLargeError(msg)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header line."""
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The status line and all headers are there."""
        self.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self.body += body[: KEPT - len(self.body)]

    def on_message_complete(self) -> None:
        """The last byte is there."""
        status = self._parser.get_status_code()
        self.complete = not 100 <= status < 200


def is_answered(exchange: Exchange) -> bool:
    """Whether it got a 2xx with its own canary, however late."""
    return exchange.status is not None and 200 <= exchange.status < 300 and exchange.canary in (exchange.answer or "")


async def ask(connect: Connect, path: str, within: float) -> tuple[int | None, str]:
    """One GET: status and the first 4 KiB of the body; None where nothing answers in time."""
    writer = None
    try:
        async with asyncio.timeout(within):
            reader, writer = await asyncio.open_connection(sock=await connect())
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            response = Response()
            while not response.complete and (data := await reader.read(65_536)):
                response.feed(data)
            return response.status, response.body[:4096].decode("utf-8", "replace")
    except (TimeoutError, OSError, TooLargeError, *NOT_HTTP):
        return None, ""
    finally:
        if writer is not None:
            writer.transport.abort()


async def _send_all(connection: socket.socket, request: bytes) -> None:
    # A refused request is seen in what comes back, or in nothing coming back.
    with contextlib.suppress(OSError):
        await asyncio.get_running_loop().sock_sendall(connection, request)


def _kind(error: OSError) -> str:
    if error.errno == errno.ECONNREFUSED:
        return "the connection was refused"
    if error.errno in (errno.ECONNRESET, errno.EPIPE):
        return "the connection was reset"
    return f"the connection failed: {error.strerror or error}"
