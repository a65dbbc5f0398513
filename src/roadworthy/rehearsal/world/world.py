"""All that the agent can reach: simulated providers, declared services, mirrored ports, and a resolver."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.manifest.endpoints import Endpoint
from roadworthy.rehearsal.faults.fault import Fault
from roadworthy.rehearsal.observed import Lookup, ServiceUse
from roadworthy.rehearsal.stage.network import FIRST_HOST, MACHINE, RESOLVER, Network
from roadworthy.rehearsal.world.forwarding import Forwarder, Reach, reaching
from roadworthy.rehearsal.world.resolver import Resolver

if TYPE_CHECKING:
    from roadworthy.rehearsal.world.model.providers import Providers

NOT_HOSTS = ("localhost", "localdomain")


class World:
    """One session's world. Nothing of it is shared with another session but the certificates."""

    def __init__(
        self,
        providers: Providers,
        clock: Callable[[], float],
        *,
        context: ssl.SSLContext,
        hosts: Iterable[str],
        services: Iterable[Endpoint],
        allowed: Iterable[str] = (),
        reach: Mapping[str, Reach] | None = None,
    ) -> None:
        """`hosts` are the providers' names, for which `context` has a certificate.

        `allowed` hosts are led to the real ones. `reach` says how to connect to a service that is reached in
        another way than by its address.
        """
        self._allowed = tuple(allowed)
        self._reach = reach or {}
        self.providers = providers
        self._context, self._provider_hosts, self._endpoints = context, tuple(hosts), tuple(services)
        self.services: list[ServiceUse] = []
        self.lookups: list[Lookup] = []
        self._clock = clock
        self._fronts: list[Front] = []
        self._broken: list[Fault] = []
        """The faults of services that have not been mended."""

    async def open(self, network: Network, *, mirrored: Iterable[int], in_production: bool) -> Front:
        """Listen inside one network of the agent's.

        `mirrored` are the loopback ports of this machine that appear inside, on the laptop. In production
        services have their production names instead.
        """
        front = Front()
        self._fronts.append(front)
        services = self._endpoints
        addresses = iter(range(int(ipaddress.IPv4Address(FIRST_HOST)), 2**32))
        hosts = {socket.gethostname().lower(): MACHINE, "agent": MACHINE}
        for host in self._provider_hosts:
            hosts[host.lower()] = address = str(ipaddress.IPv4Address(next(addresses)))
            await self._provider(front, network, host, address)
        local = {service.port: service for service in services if service.is_local and not service.socket}
        if not in_production:
            for port in sorted({*mirrored, *local}):
                name = local[port].name if port in local else None
                await self._forward(front, network, "127.0.0.1", port, name, ("127.0.0.1", port))
        for service in services:
            if service.socket or (service.is_local and not in_production):
                continue
            host = service.production_host if in_production else service.host
            target = ("127.0.0.1" if service.is_local else service.host, service.port)
            address = hosts.setdefault(host.lower(), str(ipaddress.IPv4Address(next(addresses))))
            await self._forward(front, network, address, service.port, service.name, target)
        for host in self._allowed:
            address = hosts.setdefault(host.lower(), str(ipaddress.IPv4Address(next(addresses))))
            for port in (443, 80):
                await self._forward(front, network, address, port, host, (host, port))
        loop = asyncio.get_running_loop()
        questions = await network.listen(RESOLVER, 53, "udp")
        front.resolver, _ = await loop.create_datagram_endpoint(
            lambda: Resolver(hosts, self._looked_up), sock=questions
        )
        return front

    async def open_proxy(self) -> str:
        """Listen on this machine's loopback instead, for an agent that has no network of its own; the URL."""
        from roadworthy.rehearsal.world.proxy import Proxy

        server = await asyncio.get_running_loop().create_server(
            lambda: Proxy(self.providers.connection, self._context, self._provider_hosts, self._looked_up),
            "127.0.0.1",
        )
        self._fronts.append(Front(servers=[server]))
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _provider(self, front: Front, network: Network, host: str, address: str) -> None:
        loop = asyncio.get_running_loop()
        for port, tls in ((443, self._context), (80, None)):
            listener = await network.listen(address, port)
            front.servers.append(
                await loop.create_server(lambda: self.providers.connection(host), sock=listener, ssl=tls)
            )

    async def _forward(
        self, front: Front, network: Network, address: str, port: int, service: str | None, target: tuple[str, int]
    ) -> None:
        reach = self._reach.get(service or "") or reaching(*target)
        attempts = None if service is None else await network.attempts(address, port)
        forwarder = Forwarder(service, reach, self.services, self._clock, attempts)
        await forwarder.serve(await network.listen(address, port))
        front.forwarders.append(forwarder)
        for fault in self._broken:
            _break(forwarder, fault)

    def _looked_up(self, name: str, known: bool) -> None:
        if not name.endswith(NOT_HOSTS) and "." in name:
            self.lookups.append(Lookup(at=self._clock(), name=name, known=known))

    def begin(self, fault: Fault) -> None:
        """The fault begins, unless it is one of programs, which are none of the world's."""
        if fault.service is None and fault.late is None:
            if fault.program is None:
                self.providers.begin(fault)
            return
        self._broken.append(fault)
        for front in self._fronts:
            for forwarder in front.forwarders:
                _break(forwarder, fault)

    def mend(self) -> None:
        """All faults end."""
        self.providers.mend()
        self._broken.clear()
        for front in self._fronts:
            for forwarder in front.forwarders:
                forwarder.mend()

    async def close(self) -> None:
        """End every connection and listener."""
        for front in self._fronts:
            await front.close()
        self.providers.close()


@dataclass(slots=True)
class Front:
    """What listens in one network. A service has one for its whole life, a command one for each request."""

    servers: list[asyncio.Server] = field(default_factory=list)
    forwarders: list[Forwarder] = field(default_factory=list)
    resolver: asyncio.DatagramTransport | None = None

    async def close(self) -> None:
        """End every connection and listener; a second time nothing is left to do."""
        for server in self.servers:
            server.close()
        for forwarder in self.forwarders:
            await forwarder.close()
        if self.resolver is not None:
            self.resolver.close()
        self.servers, self.forwarders, self.resolver = [], [], None


def _break(forwarder: Forwarder, fault: Fault) -> None:
    if fault.service is not None and fault.service[0] == forwarder.service:
        forwarder.begin(fault.service[1], fault.name)
    if fault.late is not None and fault.late[0] == forwarder.service:
        forwarder.delay(fault.late[1])


def listening_on_loopback() -> frozenset[int]:
    """The TCP ports of this machine that answer on 127.0.0.1."""
    ports = set()
    for table, anywhere in (("tcp", ("00000000", "0100007F")), ("tcp6", ("0" * 32, "0" * 24 + "01000000"))):
        try:
            lines = Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            address, _, port = fields[1].rpartition(":")
            if fields[3] == "0A" and address in anywhere:
                ports.add(int(port, 16))
    return frozenset(ports)
