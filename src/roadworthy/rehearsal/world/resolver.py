"""The resolver: every name that the agent asks for, and where the world leads it."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Mapping
from typing import Any, cast

from roadworthy.rehearsal.stage.network import NOWHERE

IPV4 = 1
"""The record type A."""
TTL = 1


class Resolver(asyncio.DatagramProtocol):
    """Answers on the agent's own resolver address.

    A name the world does not offer gets an address at which nothing listens, so that the connection is
    refused at once, as by a closed outbound network; it is reported as unknown.
    """

    def __init__(self, hosts: Mapping[str, str], report: Callable[[str, bool], None]) -> None:
        self._hosts = hosts
        self._report = report
        self._strangers: dict[str, str] = {}
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        self._transport = cast("asyncio.DatagramTransport", transport)  # uvloop's is no subclass

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        """Answer one question."""
        import dnslib

        try:
            question = dnslib.DNSRecord.parse(data)
            name = str(question.q.qname).rstrip(".").lower()
        except Exception:  # noqa: BLE001 - dnslib raises many kinds on nonsense, and nonsense gets no answer
            return
        reply = question.reply()  # to everything but A: the name is there, without such a record
        if question.q.qtype == IPV4:
            reply.add_answer(dnslib.RR(question.q.qname, IPV4, ttl=TTL, rdata=dnslib.A(self._address(name))))
        assert self._transport is not None
        self._transport.sendto(reply.pack(), addr)

    def _address(self, name: str) -> str:
        known = self._hosts.get(name)
        self._report(name, known is not None)
        if known is not None:
            return known
        if name not in self._strangers:
            nowhere = ipaddress.IPv4Address(NOWHERE)
            self._strangers[name] = str(nowhere + 1 + len(self._strangers) % 60_000)
        return self._strangers[name]
