"""A fault point before each declared service: the agent's own clients meet it on the wire."""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from roadworthy.errors import UsageError
from roadworthy.manifest.endpoints import Endpoint, in_production
from roadworthy.manifest.model import Manifest
from roadworthy.rehearsal.observed import ServiceUse
from roadworthy.rehearsal.values import production_value
from roadworthy.rehearsal.world.forwarding import BACKLOG, Forwarder, reaching
from roadworthy.testing.declared import services_of
from roadworthy.testing.scene import Scene

Kind = Literal["refuse", "reset", "silent", "slow"]
KINDS: tuple[Kind, ...] = ("refuse", "reset", "silent", "slow")
MARK = "fault-point.invalid"
"""Stands for the fault point's host while a variable's value is rewritten."""
SLOW = 5.0
ADDRESSES = 250


class FaultPoints:
    """`fault(service="database", kind="refuse")` of one test. All fault points are there, and well, from its start."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._points: dict[str, FaultPoint] = {}
        self._faults: list[Fault] = []

    def set_up(self) -> None:
        """Open a fault point for each declared service, and let the manifest's variables lead to it.

        Raises UsageError without a manifest, and for a service that cannot be led elsewhere.
        """
        manifest = self._scene.manifest
        if manifest is None:
            raise UsageError(
                "the fixture `fault` needs a manifest with `services` in it\n"
                "  write roadworthy.yaml, or name it: `roadworthy_manifest` in pytest's ini file"
            )
        for service in services_of(manifest, {**self._scene.shell, **os.environ}):
            if service.socket:
                continue  # no network leads to it
            self._points[service.name] = point = self._scene.wire.run(_open(service))
            self._scene.wire.when_closing(point.close)
            self._scene.open_ports.add(point.port)
            self._lead_to(point, manifest)

    def __call__(self, service: str, kind: Kind, *, seconds: float = SLOW, within: float | None = None) -> Fault:
        """From now on the service is broken, until the test's end or `mend()`.

        kind     refuse: nothing listens, and open connections are reset. reset: connections are accepted, then
                 reset. silent: accepted, and not a byte comes. slow: each answer comes `seconds` late
        within   seconds after which an agent that still waits at a silent service fails the test; else the
                 manifest's `timeouts.request` or `budgets.answer`

        Raises UsageError for another kind, an undeclared service, and one that no variable leads to.
        """
        if kind not in KINDS:
            raise UsageError(f"fault(kind={kind!r}): there is no such kind; there are {', '.join(KINDS)}")
        point = self._points.get(service)
        manifest = self._scene.manifest
        assert manifest is not None
        if point is None:
            known = ", ".join(self._points) or "no service with a network address"
            raise UsageError(f"fault(service={service!r}): the manifest declares {known}")
        if not point.variables:
            raise UsageError(
                f"fault(service={service!r}): no declared variable holds its address, {point.service.host}:"
                f"{point.service.port}, so the agent cannot be led to the fault\n"
                f'  let it read the address from a variable: services: {{{service}: {{url: "${{SERVICE_URL}}"}}}}'
            )
        limit = within if within is not None else manifest.timeouts.request or manifest.budgets.answer
        fault = Fault(self._scene, point, kind, seconds, limit)
        self._faults.append(fault)
        fault.begin()
        return fault

    def judge(self) -> None:
        """Complain of what would let a test pass for nothing: a fault that no connection has met."""
        for fault in self._faults:
            if not fault.is_met:
                point = fault.point
                names = ", ".join(point.variables)
                self._scene.complaints.append(
                    f"{point.service.name} was broken ({fault.kind}), and nothing has noticed: no connection came to "
                    f"its fault point\n  the agent has read {names} before the test began, or does not use it: "
                    "make its client in the test, after the fixture, or in a function"
                )

    def _lead_to(self, point: FaultPoint, manifest: Manifest) -> None:
        marked = (replace(point.service, production_host=MARK),)
        for name in manifest.env or {}:
            value = os.environ.get(name)
            if value is None or "LOG_LEVEL" in name or "LOGLEVEL" in name:
                continue
            moved = production_value(manifest, name, value, marked)
            if MARK not in moved or moved == value:
                moved = in_production(value, marked)
            if MARK not in moved:
                continue
            self._scene.give(name, point.instead_of_mark(moved, name))
            point.variables.append(name)


class FaultPoint:
    """One service's front on this machine."""

    def __init__(
        self,
        service: Endpoint,
        forwarder: Forwarder,
        uses: list[ServiceUse],
        address: tuple[str, int],
        attempts: socket.socket,
    ) -> None:
        self.service, self.forwarder, self.uses, self._attempts = service, forwarder, uses, attempts
        self.host, self.port = address
        self.variables: list[str] = []
        """Those that lead to it."""

    async def close(self) -> None:
        """End it, with every connection."""
        await self.forwarder.close()
        self._attempts.close()

    def instead_of_mark(self, value: str, name: str) -> str:
        """A variable's value, led here. Raises UsageError where the port is another and stands elsewhere."""
        if self.port == self.service.port:
            return value.replace(MARK, self.host)
        with_port = f"{MARK}:{self.service.port}"
        if with_port in value:
            return value.replace(with_port, f"{self.host}:{self.port}")
        if f"@{MARK}/" in value or f"//{MARK}/" in value or (value.endswith(MARK) and "://" in value):
            return value.replace(MARK, f"{self.host}:{self.port}")
        raise UsageError(
            f"{name}: port {self.service.port} is taken on every loopback address, so {self.service.name}'s fault "
            "point has another, and the variable cannot say so\n"
            "  let the service listen on 127.0.0.1 alone, or give the agent the port in its URL"
        )


class Fault:
    """One service, broken."""

    def __init__(self, scene: Scene, point: FaultPoint, kind: Kind, seconds: float, within: float) -> None:
        self._scene, self.point, self.kind = scene, point, kind
        self._seconds, self._within = seconds, within
        self._seen_before = 0
        self._refusals = 0
        self._timer: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return f"<fault: {self.point.service.name}, {self.kind}>"

    @property
    def uses(self) -> Sequence[ServiceUse]:
        """The connections that came to the service since it was broken, and those that were open then."""
        return tuple(use for use in self.point.uses if use.fault is not None or use.at >= self._began)

    @property
    def is_met(self) -> bool:
        """Whether a connection has met the fault. A refused one is not seen, so of `refuse` it is taken to be."""
        return self.kind == "refuse" or bool(self.uses)

    def begin(self) -> None:
        """Break it."""
        self._began = time.monotonic()
        self._scene.wire.do(self._begin)
        self._scene.wire.when_closing(self._forget)

    def mend(self) -> None:
        """New connections work again; one that went silent stays so."""
        self._scene.wire.run(self._mend())

    def __enter__(self) -> Fault:
        return self

    def __exit__(self, *_problem: object) -> None:
        self.mend()

    def _begin(self) -> None:
        forwarder = self.point.forwarder
        if self.kind == "slow":
            forwarder.delay(self._seconds)
            return
        forwarder.begin(self.kind, f"{self.point.service.name}: {self.kind}")
        if self.kind == "silent":
            self._timer = asyncio.get_running_loop().call_later(self._within, self._give_up)

    async def _mend(self) -> None:
        await self._forget()
        self.point.forwarder.mend()

    async def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _give_up(self) -> None:
        if any(use.fault is not None and use.met is not None and use.ended is None for use in self.point.uses):
            self._scene.complaints.append(
                f"{self.point.service.name} was silent, and the agent still waited after {self._within:g} s: its "
                "client has no time-out below that"
            )
        self.point.forwarder.begin("reset", f"{self.point.service.name}: its silence is over")


async def _open(service: Endpoint) -> FaultPoint:
    listener = _listener(service.port)
    uses: list[ServiceUse] = []
    # Nothing is ever sent into it: with it the kernel refuses, as on a machine where nothing listens.
    attempts, silent = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    attempts.setblocking(False)
    forwarder = Forwarder(service.name, reaching(service.host, service.port), uses, time.monotonic, attempts)
    await forwarder.serve(listener)
    address: tuple[str, int] = listener.getsockname()[:2]
    return FaultPoint(service, forwarder, uses, address, silent)


def _listener(port: int) -> socket.socket:
    """On the service's own port, at a loopback address that is free; on any port where none is.

    The port stays, because an agent may have it from a place that no variable leads to.
    """
    first = os.getpid() % ADDRESSES
    for number in itertools.islice(itertools.cycle(range(ADDRESSES)), first, first + ADDRESSES):
        listener = socket.socket()
        # To listen again after it has refused: connections that were open then still hold the port.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((f"127.7.{os.getpid() // ADDRESSES % ADDRESSES}.{number + 1}", port))
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            continue
        listener.setblocking(False)
        return listener
    listener = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    listener.setblocking(False)
    return listener
