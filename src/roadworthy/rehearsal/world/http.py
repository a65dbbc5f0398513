"""A small HTTP/1.1 server protocol: fast, bounded in what it takes, aware of callers that leave."""

from __future__ import annotations

import asyncio
import math
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeAlias, cast

import httptools

BODY_LIMIT = 32 * 1024 * 1024
"""Bytes of a request's body, also once it is unpacked: what the providers themselves take at most."""
HEAD_LIMIT = 64 * 1024
"""Bytes of a request's first line and headers together; servers in the field stop at 8 to 64 KiB."""
WAITING_LIMIT = 16
"""Pipelined requests that may wait behind the one being answered before reading pauses."""
LINGER = 1.0
"""Seconds that a connection stays open after a rejection, so that a caller still sending reads the answer."""

STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}


@dataclass(slots=True)
class Request:
    """One request. Header names are in lower case; repeated ones are joined by a comma."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    keep_alive: bool = True
    http_1_0: bool = False


@dataclass(slots=True)
class Reply:
    """One answer. An iterable body is sent in chunks.

    wait    seconds before the first byte; infinite: none ever comes, and the connection stays open
    pace    seconds between two chunks
    ended   called once: with True when the last byte was handed over, with False when the caller left before
    """

    status: int
    body: bytes | Iterable[bytes] = b""
    headers: Sequence[tuple[str, str]] = ()
    wait: float = 0.0
    pace: float = 0.0
    ended: Callable[[bool], None] | None = None


Handler: TypeAlias = Callable[[Request], Reply]


class Connection(asyncio.Protocol):
    """Serves one connection: requests are answered in the order they came, one at a time."""

    def __init__(self, handler: Handler, *, body_limit: int = BODY_LIMIT) -> None:
        self._handler = handler
        self._body_limit = body_limit
        self._parser = httptools.HttpRequestParser(self)
        self._transport = cast(asyncio.Transport, None)
        self._waiting: deque[Request | Reply] = deque()
        self._reading_paused = False
        self._deaf = False
        """Nothing more is read: the last answer closes the connection."""
        self._answering: _Answering | None = None
        self._linger: asyncio.TimerHandle | None = None
        self._writable = True
        self._incoming = _Incoming()

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The caller is here."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Parse, and answer whatever became complete."""
        if self._deaf:
            return
        self._incoming.fed += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # Only HTTP/1.1 is spoken here; what asked for another protocol is answered in this one.
            self._deaf = True
            if not self._waiting and self._answering is None:
                self._transport.close()
        except httptools.HttpParserError:
            self._reject(HTTPStatus.BAD_REQUEST)
        else:
            if not self._incoming.head_complete and self._incoming.fed > HEAD_LIMIT:
                self._reject(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        self._answer_next()

    def pause_writing(self) -> None:
        """The caller reads slowly."""
        self._writable = False

    def resume_writing(self) -> None:
        """The caller has caught up."""
        self._writable = True
        if self._answering is not None and self._answering.timer is None:
            self._send_chunks()
            self._answer_next()

    def connection_lost(self, _exc: Exception | None) -> None:
        """The caller has left, or we have closed."""
        self._deaf = True
        self._waiting.clear()
        if self._linger is not None:
            self._linger.cancel()
        self._finish(complete=False)

    def close(self) -> None:
        """Close at once from our side: nobody is told that the caller left."""
        if self._answering is not None:
            self._answering.reply.ended = None
        self._transport.abort()

    # What the parser calls.

    def on_url(self, url: bytes) -> None:
        """A part of the request's target."""
        self._incoming.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        headers = self._incoming.headers
        self._incoming.head += len(name) + len(value)
        if self._incoming.head > HEAD_LIMIT:
            self._reject(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text

    def on_headers_complete(self) -> None:
        """The body, if any, comes next."""
        incoming = self._incoming
        incoming.head_complete = True
        if self._deaf:
            return
        length = incoming.headers.get("content-length", "")
        if length.isdigit() and int(length) > self._body_limit:
            self._reject(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        elif incoming.headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        incoming = self._incoming
        incoming.size += len(body)
        if incoming.size > self._body_limit:
            self._reject(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        elif not self._deaf:
            incoming.body.append(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        incoming, self._incoming = self._incoming, _Incoming()
        if self._deaf:
            return
        try:
            body = unpacked(b"".join(incoming.body), incoming.headers.get("content-encoding", ""), self._body_limit)
            url = httptools.parse_url(incoming.url)
        except _UnacceptableError as problem:
            self._reject(problem.status)
            return
        except httptools.HttpParserInvalidURLError:
            self._reject(HTTPStatus.BAD_REQUEST)
            return
        self._waiting.append(
            Request(
                method=self._parser.get_method().decode("latin-1"),
                path=(url.path or b"/").decode("latin-1"),
                query=(url.query or b"").decode("latin-1"),
                headers=incoming.headers,
                body=body,
                keep_alive=self._parser.should_keep_alive() and not self._parser.should_upgrade(),
                http_1_0=self._parser.get_http_version() == "1.0",
            )
        )
        if len(self._waiting) > WAITING_LIMIT and not self._reading_paused:
            self._reading_paused = True
            self._transport.pause_reading()

    # Answering.

    def _reject(self, status: HTTPStatus) -> None:
        if not self._deaf:
            self._deaf = True
            self._waiting.append(Reply(status, f"{status.phrase}\n".encode(), [("content-type", "text/plain")]))

    def _answer_next(self) -> None:
        while self._answering is None and self._waiting and not self._transport.is_closing():
            waiting = self._waiting.popleft()
            if isinstance(waiting, Reply):
                self._begin(_Answering(waiting, last=True, rejects=True))
                continue
            try:
                reply = self._handler(waiting)
            except Exception as error:  # noqa: BLE001 - a mistake of ours must not silence the connection
                asyncio.get_running_loop().call_exception_handler(
                    {"message": f"no answer to {waiting.method} {waiting.path}", "exception": error}
                )
                reply = Reply(HTTPStatus.INTERNAL_SERVER_ERROR)
            self._begin(
                _Answering(
                    reply,
                    last=not waiting.keep_alive,
                    bodiless=waiting.method == "HEAD",
                    http_1_0=waiting.http_1_0,
                )
            )
        if self._reading_paused and len(self._waiting) <= WAITING_LIMIT and not self._deaf:
            self._reading_paused = False
            self._transport.resume_reading()

    def _begin(self, answering: _Answering) -> None:
        self._answering = answering
        wait = answering.reply.wait
        if wait == math.inf:
            return
        if wait > 0:
            self._later(wait, self._send_head)
        else:
            self._send_head()

    def _later(self, seconds: float, step: Callable[[], None]) -> None:
        def on_time() -> None:
            cast(_Answering, self._answering).timer = None
            step()
            self._answer_next()

        cast(_Answering, self._answering).timer = asyncio.get_running_loop().call_later(seconds, on_time)

    def _send_head(self) -> None:
        answering = cast(_Answering, self._answering)
        reply = answering.reply
        lines = [STATUS_LINES.get(reply.status) or f"HTTP/1.1 {reply.status} \r\n"]
        lines += [f"{name}: {value}\r\n" for name, value in reply.headers]
        if isinstance(reply.body, bytes):
            lines.append(f"content-length: {len(reply.body)}\r\n")
        elif answering.http_1_0:
            answering.last = True
        else:
            lines.append("transfer-encoding: chunked\r\n")
        lines.append("connection: close\r\n\r\n" if answering.last else "\r\n")
        head = "".join(lines).encode("latin-1")
        if answering.bodiless:
            self._transport.write(head)
            self._complete()
        elif isinstance(reply.body, bytes):
            self._transport.write(head + reply.body)
            self._complete()
        else:
            self._transport.write(head)
            answering.chunks = iter(reply.body)
            self._send_chunks()

    def _send_chunks(self) -> None:
        answering = self._answering
        if answering is None or answering.chunks is None:
            return
        while self._writable:
            chunk = next(answering.chunks, None)
            if chunk is None:
                if not answering.http_1_0:
                    self._transport.write(b"0\r\n\r\n")
                self._complete()
                return
            if not chunk:
                continue
            self._transport.write(chunk if answering.http_1_0 else b"%x\r\n%b\r\n" % (len(chunk), chunk))
            if answering.reply.pace > 0:
                self._later(answering.reply.pace, self._send_chunks)
                return

    def _complete(self) -> None:
        answering = cast(_Answering, self._answering)
        self._finish(complete=True)
        if answering.rejects:
            self._linger = asyncio.get_running_loop().call_later(LINGER, self._transport.close)
        elif answering.last:
            self._transport.close()

    def _finish(self, *, complete: bool) -> None:
        answering, self._answering = self._answering, None
        if answering is None:
            return
        if answering.timer is not None:
            answering.timer.cancel()
        if answering.reply.ended is not None:
            answering.reply.ended(complete)


@dataclass(slots=True)
class _Incoming:
    """The request that is being read."""

    url: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    body: list[bytes] = field(default_factory=list)
    size: int = 0
    head: int = 0
    """Bytes of the headers."""
    fed: int = 0
    """Bytes received since the request began, for heads without an end."""
    head_complete: bool = False


@dataclass(slots=True)
class _Answering:
    """The answer that is being sent."""

    reply: Reply
    last: bool
    rejects: bool = False
    bodiless: bool = False
    http_1_0: bool = False
    timer: asyncio.TimerHandle | None = None
    chunks: Iterator[bytes] | None = None


class _UnacceptableError(Exception):
    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


def unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """The body without its `content-encoding`, of at most `limit` bytes.

    Raises _UnacceptableError: 400 for broken data, 413 above the limit, 415 for an encoding not known here.
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise _UnacceptableError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    # 32 + 15 takes gzip and zlib by their headers; some clients send deflate without one (-15).
    windows = (47, -15) if encoding == "deflate" else (47,)
    for window in windows:
        inflater = zlib.decompressobj(window)
        try:
            plain = inflater.decompress(body, limit + 1)
        except zlib.error:
            continue
        if len(plain) > limit:
            raise _UnacceptableError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if inflater.eof:
            return plain
    raise _UnacceptableError(HTTPStatus.BAD_REQUEST)
