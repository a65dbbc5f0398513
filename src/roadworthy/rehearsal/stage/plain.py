"""The plain stage: the agent as a process of this machine, where there is no sandbox to be had."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import signal
import socket
from pathlib import Path

from roadworthy.errors import UsageError
from roadworthy.findings import StageSummary
from roadworthy.rehearsal.conditions import Feature
from roadworthy.rehearsal.stage.bubblewrap import CERTIFICATE_VARIABLES
from roadworthy.rehearsal.stage.cgroups import Group
from roadworthy.rehearsal.stage.janitor import marked
from roadworthy.rehearsal.stage.limits import CpuThrottle, MemoryWatch
from roadworthy.rehearsal.stage.noise import NoiseWatch
from roadworthy.rehearsal.stage.processes import family
from roadworthy.rehearsal.stage.project import copy_for_laptop, environment_files
from roadworthy.rehearsal.stage.setting import started_from_elsewhere
from roadworthy.rehearsal.stage.stage import Running, Start
from roadworthy.rehearsal.world.proxy import PROXY_VARIABLES
from roadworthy.rehearsal.world.world import listening_on_loopback

START = "ROADWORTHY_START"
"""A variable that marks everything one start brought, whatever process group it has moved to."""
KILLS = 20


class Plain:
    """Starts agents with their variables, in a copy of the project, behind a proxy, and nothing more."""

    def __init__(self, summary: StageSummary, enforced: frozenset[Feature]) -> None:
        self.summary = summary
        self.enforced = enforced
        self._port_is_free = asyncio.Lock()

    async def start(self, start: Start) -> Running:
        """Copy, open the proxy, start. Agents share this machine's ports: one runs at a time."""
        await self._port_is_free.acquire()
        try:
            return await self._start(start)
        except BaseException:
            self._port_is_free.release()
            raise

    async def _start(self, start: Start) -> Running:
        setting, ground = start.setting, start.ground
        port = ground.manifest.agent.port
        if ground.manifest.agent.serves and port in listening_on_loopback():
            raise UsageError(
                f"port {port} is in use on this machine, and without a sandbox the agent needs it\n"
                "  stop what listens there, or give the agent another `port`"
            )
        project = start.folder / "project"
        for folder in copy_for_laptop(ground.project, project):
            (project / folder).rmdir()
            (project / folder).symlink_to(ground.project / folder)
        if setting.hides_environment_files:
            for file in environment_files(project):
                (project / file).unlink(missing_ok=True)
        proxy = await start.world.open_proxy()
        # What is declared and elsewhere is reached directly: the proxy leads to the providers alone.
        directly = ",".join(("localhost", "127.0.0.1", "::1", *(service.host for service in ground.services)))
        environment = {
            **setting.environment,
            **dict.fromkeys(CERTIFICATE_VARIABLES, str(ground.authority)),
            **dict.fromkeys(PROXY_VARIABLES, proxy),
            "NO_PROXY": directly,
            "no_proxy": directly,
            # The virtual environment is the developer's own: a start must leave nothing in it.
            "PYTHONDONTWRITEBYTECODE": "1",
            START: start.name,
            **start.marker,
        }
        environment.pop("SSL_CERT_DIR", None)
        processors = frozenset(sorted(os.sched_getaffinity(0))[: math.ceil(setting.cores)]) if setting.cores else None
        moved = started_from_elsewhere(setting.command, ground, str(project))
        process = await asyncio.create_subprocess_exec(
            *(new if word.startswith("/") else word for word, new in zip(setting.command, moved, strict=True)),
            cwd=project,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL if start.source is None else start.source,
            stdout=start.output.writers["stdout"],
            stderr=start.output.writers["stderr"],
            start_new_session=True,
        )
        start.output.started()
        if processors is not None:
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(process.pid, processors)
        loop = asyncio.get_running_loop()

        async def connect() -> socket.socket:
            connection = socket.socket()
            connection.setblocking(False)
            try:
                await loop.sock_connect(connection, ("127.0.0.1", port))
            except OSError:
                connection.close()
                raise
            return connection

        async def ports() -> tuple[int, ...]:
            return _ports_of(process.pid)

        throttle = CpuThrottle(process.pid, setting.cores) if setting.cores is not None else None

        async def release() -> None:
            if throttle is not None:
                await throttle.close()
            for _ in range(KILLS):  # what left the process group, and forked while we looked
                left = marked(f"{START}={start.name}".encode())
                if not left:
                    break
                for pid in left:
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, signal.SIGKILL)
            self._port_is_free.release()

        group = Group()
        return Running(
            process=process,
            pid=process.pid,
            connect=connect,
            ports=ports,
            memory=MemoryWatch(process.pid, group, setting.memory, start.clock),
            noise=NoiseWatch(process.pid, start.clock, is_limited=setting.cores is not None),
            group=group,
            release=release,
        )


def _ports_of(pid: int) -> tuple[int, ...]:
    """The TCP ports on which a process, or one below it, listens."""
    inodes = set()
    for process in family(pid):
        with contextlib.suppress(OSError):
            for descriptor in Path(f"/proc/{process}/fd").iterdir():
                with contextlib.suppress(OSError):
                    target = str(descriptor.readlink())
                    if target.startswith("socket:["):
                        inodes.add(target[8:-1])
    found = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and fields[9] in inodes:
                    found.add(int(fields[1].rpartition(":")[2], 16))
    return tuple(sorted(found))
