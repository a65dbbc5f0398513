"""The agent's own network, seen from outside: sockets are asked for and come by SCM_RIGHTS."""

from __future__ import annotations

import array
import asyncio
import contextlib
import itertools
import json
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from roadworthy.rehearsal.stage.processes import family

RESOLVER = "198.18.0.1"
MACHINE = "198.18.0.2"
"""The agent's own address: what a container's published port leads to."""
FIRST_HOST = "198.18.1.1"
NOWHERE = "198.19.0.0"
"""From here up nothing ever listens: a name that the world does not offer leads there, and is refused."""

LARGEST_ORDER = 1 << 20
"""Bytes: `run` carries the agent's whole environment. Without privileges the kernel grants some 400 KB."""


class Network:
    """Talks to one `namespace.py`. Replies come in order; each order has a number to be sure."""

    def __init__(self, control: socket.socket, process: asyncio.subprocess.Process) -> None:
        self._control = control
        self._numbers = itertools.count(1)
        self._lock = asyncio.Lock()
        self.process = process
        """First `namespace.py`, after `run` the agent's command."""

    @classmethod
    async def open(cls, *, output: int, errors: int, keep: Sequence[int] = (), source: int | None = None) -> Network:
        """Start the process; its standard streams, and later the agent's, are these descriptors.

        `source` is what its standard input is read from; None: there is nothing to be read.

        Raises OSError where the kernel refuses a network of one's own.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LARGEST_ORDER)
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                "-S",
                str(Path(__file__).with_name("namespace.py")),
                str(theirs.fileno()),
                *map(str, keep),
                stdin=asyncio.subprocess.DEVNULL if source is None else source,
                stdout=output,
                stderr=errors,
                pass_fds=(theirs.fileno(), *keep),
                start_new_session=True,
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        network = cls(ours, process)
        try:
            await network._reply(0)
        except BaseException:
            await network.end()
            raise
        return network

    async def listen(self, address: str, port: int, kind: str = "tcp") -> socket.socket:
        """A bound socket inside; a TCP one listens already."""
        return await self._socket("listen", address=address, port=port, kind=kind)

    async def attempts(self, address: str, port: int) -> socket.socket | None:
        """A socket that gets a packet for each connection that is asked for there, also for a refused one.

        None where the kernel grants none, as in a container without CAP_NET_RAW.
        """
        try:
            return await self._socket("attempts", address=address, port=port)
        except PermissionError:
            return None

    async def connect(self, address: str, port: int) -> socket.socket:
        """A TCP connection made inside. Raises OSError as connect() does."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        made = await self._socket("socket", family=family)
        try:
            await asyncio.get_running_loop().sock_connect(made, (address, port))
        except BaseException:
            made.close()
            raise
        return made

    def reaching(
        self, address: str, port: int
    ) -> Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]:
        """A function that connects to an address inside."""

        async def reach() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            return await asyncio.open_connection(sock=await self.connect(address, port))

        return reach

    async def ports(self) -> tuple[int, ...]:
        """The TCP ports on which anything but the world listens inside."""
        reply, _ = await self._ask("ports")
        return tuple(reply["ports"])

    async def overlay(self, lower: Path, upper: Path, work: Path, target: Path) -> None:
        """Mount a copy-on-write view of `lower` at `target`, inside alone. Raises OSError."""
        await self._ask("overlay", lower=str(lower), upper=str(upper), work=str(work), target=str(target))

    async def remove(self, path: Path) -> None:
        """Remove a file from a copy-on-write view."""
        await self._ask("remove", path=str(path))

    async def watch(self) -> int:
        """A seccomp listener that reports every program the agent starts. Raises OSError."""
        _, descriptor = await self._ask("watch")
        assert descriptor is not None
        return descriptor

    def run(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        *,
        folder: str = "/",
        groups: Sequence[str] = (),
        processors: Sequence[int] = (),
    ) -> None:
        """Let the process become `argv`, in `folder`.

        `groups` are cgroup folders, `processors` the ones it may use.
        """
        order = {
            "do": "run",
            "argv": list(argv),
            "environment": dict(environment),
            "folder": folder,
            "groups": list(groups),
            "processors": list(processors),
        }
        self._control.send(json.dumps(order).encode())

    def close(self) -> None:
        """Let go of the network: it is gone when the agent is."""
        self._control.close()

    async def end(self) -> None:
        """Let go of it, and kill what runs in it, if anything still does."""
        self.close()
        for process in reversed(family(self.process.pid)) if self.process.returncode is None else ():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        await self.process.wait()

    async def _socket(self, order: str, **arguments: Any) -> socket.socket:
        _, descriptor = await self._ask(order, **arguments)
        made = socket.socket(fileno=descriptor)
        made.setblocking(False)
        return made

    async def _ask(self, order: str, **arguments: Any) -> tuple[dict[str, Any], int | None]:
        async with self._lock:
            number = next(self._numbers)
            message = json.dumps({"do": order, "id": number, **arguments}).encode()
            await asyncio.get_running_loop().sock_sendall(self._control, message)
            return await self._reply(number)

    async def _reply(self, number: int) -> tuple[dict[str, Any], int | None]:
        while True:
            await _readable(self._control)
            message, rights, _, _ = self._control.recvmsg(LARGEST_ORDER, socket.CMSG_SPACE(4), socket.MSG_CMSG_CLOEXEC)
            descriptors = array.array("i")
            for _level, _kind, data in rights:
                descriptors.frombytes(data[: len(data) - len(data) % 4])
            descriptor = descriptors[0] if descriptors else None
            if not message:
                raise ConnectionResetError("the agent's network is gone")
            reply: dict[str, Any] = json.loads(message)
            if reply.get("id") != number:  # the answer to an order whose asker was cancelled
                if descriptor is not None:
                    os.close(descriptor)
                continue
            if "error" in reply:
                raise OSError(reply["errno"], reply["error"])
            return reply, descriptor


async def _readable(waiting: socket.socket) -> None:
    """Wait until a datagram is there: asyncio has no recvmsg."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(waiting, _tell, ready)
    try:
        await ready
    finally:
        loop.remove_reader(waiting)


def _tell(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
