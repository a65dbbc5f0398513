"""The resolver, asked over real UDP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dnslib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.rehearsal.world.resolver import Resolver

HOSTS = {"api.openai.com": "198.18.1.1", "db": "198.18.1.2"}


class Asked:
    """A resolver on loopback, and what it reported."""

    def __init__(self, client: socket.socket, reported: list[tuple[str, bool]]) -> None:
        self._client, self.reported = client, reported

    async def raw(self, packet: bytes, within: float = 1.0) -> bytes | None:
        """The answer to a packet; None where there is none."""
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self._client, packet)
        try:
            async with asyncio.timeout(within):
                return await loop.sock_recv(self._client, 4096)
        except TimeoutError:
            return None

    async def question(self, name: str, kind: str = "A") -> dnslib.DNSRecord:
        """The answer to a question."""
        answer = await self.raw(dnslib.DNSRecord.question(name, kind).pack())
        assert answer is not None
        return dnslib.DNSRecord.parse(answer)

    async def address(self, name: str) -> str:
        """The only address of a name."""
        (record,) = (await self.question(name)).rr
        return str(record.rdata)


@asynccontextmanager
async def resolver() -> AsyncIterator[Asked]:
    reported: list[tuple[str, bool]] = []
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Resolver(HOSTS, lambda name, known: reported.append((name, known))), local_addr=("127.0.0.1", 0)
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        client.connect(transport.get_extra_info("sockname"))
        try:
            yield Asked(client, reported)
        finally:
            transport.close()


@pytest.mark.parametrize("name", ["api.openai.com", "API.OpenAI.com", "api.openai.com.", "db"])
async def test_a_name_of_the_world_leads_there(name: str) -> None:
    async with resolver() as asked:
        assert await asked.address(name) == HOSTS[name.lower().rstrip(".")]
        assert asked.reported == [(name.lower().rstrip("."), True)]


async def test_a_stranger_leads_nowhere_and_is_reported() -> None:
    async with resolver() as asked:
        first, second = await asked.address("example.com"), await asked.address("example.org")

        assert first.startswith("198.19.")
        assert first != second
        assert await asked.address("example.com") == first
        assert asked.reported == [("example.com", False), ("example.org", False), ("example.com", False)]


@pytest.mark.parametrize("kind", ["AAAA", "HTTPS", "SRV", "TXT", "MX", "PTR"])
@pytest.mark.parametrize("name", ["api.openai.com", "example.com"])
async def test_other_records_are_absent_and_the_name_is_there(name: str, kind: str) -> None:
    async with resolver() as asked:
        answer = await asked.question(name, kind)

        assert answer.rr == []
        assert answer.header.rcode == dnslib.RCODE.NOERROR
        assert asked.reported == []


@given(st.binary(max_size=60))
async def test_nonsense_gets_no_answer_and_hurts_nobody(packet: bytes) -> None:
    resolver = Resolver(HOSTS, lambda _name, _known: None)
    sent: list[bytes] = []

    class Transport:
        def sendto(self, data: bytes, _address: object) -> None:
            sent.append(data)

    resolver.connection_made(Transport())  # type: ignore[arg-type]
    resolver.datagram_received(packet, ("127.0.0.1", 1))

    assert len(sent) <= 1


async def test_a_question_after_nonsense_is_answered() -> None:
    async with resolver() as asked:
        assert await asked.raw(b"nonsense", within=0.05) is None
        assert await asked.address("db") == HOSTS["db"]
