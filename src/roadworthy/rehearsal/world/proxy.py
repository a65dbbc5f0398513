"""The world's door for agents without a network of their own: an HTTP proxy that leads to providers alone."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Iterable
from typing import cast

PROXY_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")
HEAD_LIMIT = 16_384


class Proxy(asyncio.Protocol):
    """Reads `CONNECT host:443`, then becomes the provider's TLS front; every other host is refused."""

    def __init__(
        self,
        connection: Callable[[str], asyncio.Protocol],
        context: ssl.SSLContext,
        hosts: Iterable[str],
        report: Callable[[str, bool], None],
    ) -> None:
        self._connection, self._context, self._hosts, self._report = (
            connection,
            context,
            frozenset(hosts),
            report,
        )
        self._head = b""
        self._transport: asyncio.Transport | None = None
        self._upgrade: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The agent is there."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        """Collect the head, then answer."""
        assert self._transport is not None
        self._head += data
        if b"\r\n\r\n" not in self._head:
            if len(self._head) > HEAD_LIMIT:
                self._transport.abort()
            return
        line = self._head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        host = line[1].rpartition(":")[0] if line[0] == "CONNECT" and len(line) == 3 else ""
        known = host in self._hosts
        self._report(host or line[1 % len(line)], known)
        if not known:
            self._transport.write(b"HTTP/1.1 502 Not offered by the rehearsal\r\nContent-Length: 0\r\n\r\n")
            self._transport.close()
            return
        self._transport.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        self._upgrade = asyncio.create_task(self._become(host))

    async def _become(self, host: str) -> None:
        assert self._transport is not None
        protocol = self._connection(host)
        with contextlib.suppress(OSError, ssl.SSLError):
            transport = await asyncio.get_running_loop().start_tls(
                self._transport, protocol, self._context, server_side=True
            )
            if transport is not None:
                protocol.connection_made(transport)
