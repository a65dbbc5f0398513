"""The proxy of the plain stage: a tunnel to the providers, and to nobody else."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest

from roadworthy.rehearsal.world.authority import make_authority
from roadworthy.rehearsal.world.proxy import HEAD_LIMIT, Proxy

HOST = "api.openai.com"


class Provider(asyncio.Protocol):
    """Says hello as soon as there is a connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).write(b"hello")


@asynccontextmanager
async def proxy(bundle: Path) -> AsyncIterator[tuple[int, list[tuple[str, bool]]]]:
    context = make_authority([HOST], bundle)
    reported: list[tuple[str, bool]] = []
    server = await asyncio.get_running_loop().create_server(
        lambda: Proxy(lambda _host: Provider(), context, [HOST], lambda name, known: reported.append((name, known))),
        "127.0.0.1",
        0,
    )
    try:
        yield server.sockets[0].getsockname()[1], reported
    finally:
        server.close()


async def test_a_provider_answers_behind_the_tunnel(tmp_path: Path) -> None:
    async with proxy(tmp_path / "bundle.pem") as (port, reported):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        assert b" 200 " in await reader.readuntil(b"\r\n\r\n")

        await writer.start_tls(ssl.create_default_context(cafile=str(tmp_path / "bundle.pem")), server_hostname=HOST)

        assert await reader.readexactly(5) == b"hello"
        assert reported == [(HOST, True)]
        writer.close()


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"CONNECT example.com:443 HTTP/1.1\r\n\r\n", "example.com"),
        (b"GET http://example.com/ HTTP/1.1\r\n\r\n", "http://example.com/"),
        (b"GET / HTTP/1.1\r\n\r\n", "/"),
        (b"nonsense\r\n\r\n", "nonsense"),
        (b"\r\n\r\n", ""),
    ],
)
async def test_everybody_else_is_refused_and_reported(head: bytes, name: str, tmp_path: Path) -> None:
    async with proxy(tmp_path / "bundle.pem") as (port, reported):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)

        assert (await reader.read()).startswith(b"HTTP/1.1 502 ")
        assert reported == [(name, False)]
        writer.close()


async def test_a_head_without_end_is_cut_off(tmp_path: Path) -> None:
    async with proxy(tmp_path / "bundle.pem") as (port, reported):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x" * (HEAD_LIMIT + 1))

        assert await ending(reader)
        assert reported == []
        writer.close()


async def ending(reader: asyncio.StreamReader) -> bool:
    """Whether the connection ends without a word, whichever way that shows."""
    try:
        return await reader.read() == b""
    except OSError:
        return True


async def test_a_client_that_trusts_nobody_ends_quietly(tmp_path: Path) -> None:
    async with proxy(tmp_path / "bundle.pem") as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"CONNECT {HOST}:443 HTTP/1.1\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        with pytest.raises(ssl.SSLError):
            await writer.start_tls(ssl.create_default_context(), server_hostname=HOST)
        writer.close()
