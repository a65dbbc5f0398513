"""The bubblewrap stage: the agent in namespaces of its own, as root or as an ordinary user."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import os
import socket
from contextlib import AsyncExitStack

from roadworthy.findings import StageSummary
from roadworthy.rehearsal.conditions import Feature
from roadworthy.rehearsal.observed import HeldUp, Started
from roadworthy.rehearsal.stage.bubblewrap import build
from roadworthy.rehearsal.stage.cgroups import Group, make_group
from roadworthy.rehearsal.stage.holding import HOLD
from roadworthy.rehearsal.stage.limits import CpuThrottle, MemoryWatch
from roadworthy.rehearsal.stage.mounts import OURS
from roadworthy.rehearsal.stage.network import MACHINE, Network
from roadworthy.rehearsal.stage.noise import NoiseWatch
from roadworthy.rehearsal.stage.processes import children
from roadworthy.rehearsal.stage.programs import ProgramWatch
from roadworthy.rehearsal.stage.setting import Setting
from roadworthy.rehearsal.stage.stage import Running, Start
from roadworthy.rehearsal.world.world import listening_on_loopback


class Sandboxed:
    """Starts agents under bubblewrap, each in a network of its own."""

    def __init__(self, bubblewrap: str, summary: StageSummary, enforced: frozenset[Feature]) -> None:
        self._bubblewrap = bubblewrap
        self.summary = summary
        self.enforced = enforced

    async def start(self, start: Start) -> Running:
        """Network first, then the world in it, then the agent. Nothing is left of a start that fails."""
        async with AsyncExitStack() as undo:
            running = await self._start(start, undo)
            running.release = undo.pop_all().aclose
        return running

    async def _start(self, start: Start, undo: AsyncExitStack) -> Running:
        setting, ground = start.setting, start.ground
        group = Group()
        if setting.memory is not None or setting.cores is not None:
            group = make_group(start.name)
            undo.callback(group.remove)
        facts, facts_writer = os.pipe2(os.O_CLOEXEC)
        try:
            network = await Network.open(
                output=start.output.writers["stdout"],
                errors=start.output.writers["stderr"],
                keep=(facts_writer,),
                source=start.source,
            )
            undo.push_async_callback(network.end)
            start.output.started()
            mirrored = ground.manifest.laptop.ports
            front = await start.world.open(
                network,
                mirrored=(listening_on_loopback() if mirrored is None else frozenset(mirrored))
                - ({ground.manifest.agent.port} if ground.manifest.agent.serves else set()),
                in_production=not setting.mirrors_loopback,
            )
            undo.push_async_callback(front.close)
            watch: ProgramWatch | None = None
            if Feature.EXEC in self.enforced:
                watch = _watch(await network.watch(), start)
                undo.callback(watch.close)
            sandbox = await build(start, network, self._bubblewrap)
            processors = _limit(setting, group)
            network.run(
                [sandbox.argv[0], "--info-fd", str(facts_writer), *sandbox.argv[1:]],
                sandbox.environment,
                groups=[str(folder) for folder in group.folders],
                processors=processors,
            )
        except BaseException:
            os.close(facts)
            raise
        finally:
            os.close(facts_writer)
        pid = await _agent_pid(facts, network.process, as_pid_1=setting.as_pid_1)
        if watch is not None:
            watch.ignore(pid)
        if processors and setting.cores is not None:
            undo.push_async_callback(CpuThrottle(pid, setting.cores).close)
        port = ground.manifest.agent.port

        async def connect() -> socket.socket:
            if not setting.mirrors_loopback:
                return await network.connect(MACHINE, port)
            try:
                return await network.connect("127.0.0.1", port)
            except ConnectionRefusedError:
                # A developer says "localhost", which finds an agent that listens on ::1 alone as well.
                with contextlib.suppress(OSError):
                    return await network.connect("::1", port)
                raise

        return Running(
            process=network.process,
            pid=pid,
            connect=connect,
            ports=network.ports,
            memory=MemoryWatch(pid, group, setting.memory, start.clock),
            noise=NoiseWatch(pid, start.clock, is_limited=setting.cores is not None),
            group=group,
            release=undo.aclose,
        )


def _limit(setting: Setting, group: Group) -> tuple[int, ...]:
    """Set the group's limits; gives the processors to be held to where it cannot limit their time."""
    if setting.memory is not None and group.memory is not None:
        group.limit_memory(setting.memory)
    if setting.cores is None:
        return ()
    if group.cpu is None:
        return tuple(sorted(os.sched_getaffinity(0)))[: math.ceil(setting.cores)]
    group.limit_cpu(setting.cores)
    return ()


def _watch(listener: int, start: Start) -> ProgramWatch:
    def report(path: str, found: bool, pid: int) -> None:
        if path == HOLD:
            start.programs.held_up.append(HeldUp(at=start.clock(), pid=pid))
        if path.startswith(f"{OURS}/"):
            return  # a shim's, for what was started and reported before
        start.programs.started.append(Started(at=start.clock(), path=path, found=found, pid=pid))

    return ProgramWatch(listener, report)


async def _agent_pid(facts: int, process: asyncio.subprocess.Process, *, as_pid_1: bool) -> int:
    """The agent's process as the host numbers it, from what bubblewrap says of its own child.

    The sandbox's own process where bubblewrap ended before it said anything.
    """
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(facts, "rb", buffering=0)
    )
    try:
        async with asyncio.timeout(20):
            text = await reader.read()
    except TimeoutError:
        text = b""
    finally:
        transport.close()
    if not text:
        return process.pid
    first: int = json.loads(text)["child-pid"]
    if as_pid_1:
        return first
    for _ in range(200):  # bubblewrap's process 1 forks the agent right away
        below = children(first)
        if below or process.returncode is not None:
            return below[0] if below else first
        await asyncio.sleep(0.005)
    return first
