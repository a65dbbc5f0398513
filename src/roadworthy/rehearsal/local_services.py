"""Services that come with a project: started for a rehearsal when nothing listens at their address.

Each runs in a network of its own, with this machine's loopback ports mirrored in it, so that two rehearsals on one
machine do not meet on a port. Where there are no namespaces it runs on this machine's own loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from roadworthy.errors import UsageError
from roadworthy.manifest.endpoints import Endpoint
from roadworthy.manifest.model import Manifest
from roadworthy.rehearsal.stage.network import Network
from roadworthy.rehearsal.stage.processes import family
from roadworthy.rehearsal.stage.runtime import locate
from roadworthy.rehearsal.world.forwarding import Forwarder, Reach, reaching
from roadworthy.rehearsal.world.world import listening_on_loopback

PATIENCE = 15.0
"""Seconds until a service has to listen."""
LOOK_EVERY = 0.02


class LocalServices:
    """The processes of `services.NAME.start`, each with a guaranteed end."""

    def __init__(self, marker: Mapping[str, str], folder: Path, *, has_namespaces: bool) -> None:
        self.reach: dict[str, Reach] = {}
        """By service, how to connect to it."""
        self._marker, self._folder, self._has_namespaces = marker, folder, has_namespaces
        self._cleanup = AsyncExitStack()

    async def start(self, manifest: Manifest, services: tuple[Endpoint, ...]) -> None:
        """Start what is declared and not there. Raises UsageError for one that does not come up."""
        there = listening_on_loopback()
        async with asyncio.TaskGroup() as group:
            for service in services:
                command = manifest.services[service.name].start
                if command and service.is_local and service.port not in there:
                    group.create_task(self._start(service, command, manifest.root))

    async def stop(self) -> None:
        """End them all, with everything they started."""
        await self._cleanup.aclose()

    async def _start(self, service: Endpoint, command: tuple[str, ...], project: Path) -> None:
        argv = [str(locate(command[0], project, os.environ.get("PATH", os.defpath))), *command[1:]]
        environment = {**os.environ, **self._marker}
        log = self._folder / f"service-{service.name}.log"
        network: Network | None = None
        with log.open("wb") as output:
            if self._has_namespaces:
                network = await Network.open(output=output.fileno(), errors=output.fileno())
                self._cleanup.callback(network.close)
                await self._mirror(network, service.port)
                network.run(argv, environment, folder=str(project))
                process = network.process
            else:
                process = await asyncio.create_subprocess_exec(
                    *argv,
                    cwd=project,
                    env=environment,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
        self._cleanup.push_async_callback(_end, process)
        if not await self._comes_up(service, process, network):
            said = "\n".join(f"    {line}" for line in log.read_text("utf-8", "replace").splitlines()[-10:])
            raise UsageError(
                f"services.{service.name}.start: {' '.join(command)} does not listen on port {service.port}\n"
                f"  its output:\n{said or '    (it printed nothing)'}"
            )

    async def _comes_up(self, service: Endpoint, process: asyncio.subprocess.Process, network: Network | None) -> bool:
        """Wait until it listens: in its own network, or, started by a daemon of this machine, outside of it."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < deadline:
            if service.port in listening_on_loopback():
                return True
            if network is not None and service.port in await network.ports():
                self.reach[service.name] = network.reaching("127.0.0.1", service.port)
                return True
            if process.returncode not in (None, 0):
                return False
            await asyncio.sleep(LOOK_EVERY)
        return False

    async def _mirror(self, network: Network, own: int) -> None:
        """What listens on this machine's loopback, for a service that needs another."""
        for port in sorted(listening_on_loopback() - {own}):
            forwarder = Forwarder(None, reaching("127.0.0.1", port), [], asyncio.get_running_loop().time)
            await forwarder.serve(await network.listen("127.0.0.1", port))
            self._cleanup.push_async_callback(forwarder.close)


async def _end(process: asyncio.subprocess.Process) -> None:
    for pid in reversed(family(process.pid)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
