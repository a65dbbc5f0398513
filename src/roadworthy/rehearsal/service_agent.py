"""An agent that serves: started once, asked over HTTP, with health endpoints and a life of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from roadworthy.rehearsal.conditions import CpuLimit
from roadworthy.rehearsal.driver import HttpCaller, Input, ask
from roadworthy.rehearsal.leaks import Leaks
from roadworthy.rehearsal.observed import Exchange, HealthProbe, Held, Life, OutputLine
from roadworthy.rehearsal.output import Output
from roadworthy.rehearsal.scenario import Trial
from roadworthy.rehearsal.stage.setting import Setting
from roadworthy.rehearsal.stage.stage import Programs, Running, Start
from roadworthy.rehearsal.surroundings import Surroundings
from roadworthy.rehearsal.world.world import World

READY_PATHS = ("/health/ready", "/readyz", "/ready", "/health", "/healthz")
LIVE_PATHS = ("/health/live", "/livez", "/live", "/health", "/healthz")
"""Tried in this order where the manifest names none."""
LOOK_EVERY = 0.02
"""Seconds between two looks whether the port is open or the agent ready."""
PROBE_PATIENCE = 2.0
"""Seconds for one health probe: twice what CONC302 allows."""
LAPTOP_PATIENCE = 20.0
"""Seconds, at least, for a start that is not itself judged; three times the ready budget where that is more."""
LONGEST = 2.0
"""Of the patience with a start: what this machine's other work takes from it is left out, up to as much again."""
WARM_MARGIN = 2.0
"""Of the time that the agent needed to get warm on the laptop stage: others run beside it now."""


class ServiceAgent:
    """One start of an agent that serves. Times are the session's: seconds since the agent was started."""

    def __init__(
        self, around: Surroundings, world: World, leaks: Leaks, clock: Callable[[], float], programs: Programs
    ) -> None:
        self.life = Life()
        self.folders: list[Path] = []
        """Of each start, the one that its views are in."""
        self._around, self._world, self._leaks, self._clock = around, world, leaks, clock
        self._programs = programs
        self._output = Output(clock, leaks.redacting("the output"))
        self._running: Running | None = None
        self._exit: asyncio.Task[None] | None = None
        manifest = around.ground.manifest
        self._caller = HttpCaller(manifest.agent, self._connect, clock, leaks.redacting("the answer"))

    async def start(self, setting: Setting, begins: Callable[[], None]) -> None:
        """Start it, and call `begins` when it was: what came before was ours.

        Raises OSError where the stage cannot start anything.
        """
        around = self._around
        name, folder = around.folder.new_start()
        self.folders.append(folder)
        self._running = await around.stage.start(
            Start(
                setting=setting,
                ground=around.ground,
                folder=folder,
                name=name,
                world=self._world,
                output=self._output,
                programs=self._programs,
                clock=self._clock,
                marker=around.folder.variable,
            )
        )
        begins()
        self.life.pid = self._running.pid
        self._exit = asyncio.create_task(self._await_exit(self._running))

    async def until_ready(self, trial: Trial) -> None:
        """Wait until it is ready, has exited, or is out of time."""
        budget = self._around.terms.ready
        await self._until_ready(budget if _start_is_judged(trial) else max(LAPTOP_PATIENCE, 3 * budget))
        if self._around.warm_after and self.life.ready is not None and not trial.at_once:
            await asyncio.sleep(WARM_MARGIN * self._around.warm_after)

    async def talk(self, exchange: Exchange, asked: Input, patience: float) -> None:
        """Ask it once, over a new connection."""
        await self._caller.talk(exchange, asked, patience)

    async def settle(self, within: float) -> None:
        """Give what it printed last the time to arrive, where it has ended."""
        if self.life.exited is not None:
            await self._output.drain(within)

    @property
    def output(self) -> Sequence[OutputLine]:
        """What it printed, redacted."""
        return self._output.lines

    @property
    def output_dropped(self) -> int:
        """Bytes that were not kept."""
        return self._output.dropped

    @property
    def memory(self) -> Sequence[tuple[float, int]]:
        """(time, bytes) of the whole process group."""
        return () if self._running is None else self._running.memory.samples

    @property
    def killed_for_memory(self) -> bool:
        """Whether the memory limit killed a process of its."""
        return self._running is not None and self._running.memory.has_killed

    def own_time(self) -> float:
        """The clock's time less this machine's noise up to now."""
        assert self._running is not None
        now = self._clock()
        return now - self._running.noise.during(0.0, now)

    def held(self, answered: int) -> Held:
        """What its processes hold now, after so many answered requests."""
        assert self._running is not None
        return self._running.held(self._clock(), answered)

    def note_noise(self, exchanges: Sequence[Exchange], probes: Sequence[HealthProbe]) -> None:
        """Say of each what of its time was this machine's noise."""
        assert self._running is not None
        for exchange in exchanges:
            if exchange.ended is not None:
                exchange.noise = self._running.noise.during(exchange.due, exchange.ended)
        for probe in probes:
            probe.noise = self._running.noise.during(probe.at, probe.at + probe.elapsed)

    async def terminate(self, within: float) -> None:
        """Send SIGTERM, and wait up to `within` seconds for its exit."""
        assert self._running is not None
        self.life.terminated = self._clock()
        self._running.terminate()
        end = self._clock() + within
        while self.life.exited is None and self._clock() < end:
            await asyncio.sleep(LOOK_EVERY)

    async def probe_health(self, every: float, probes: list[HealthProbe]) -> None:
        """Ask the live endpoint until cancelled; at once done where there is none."""
        path = await self._find_live_path()
        if path is None:
            return
        while True:
            at = self._clock()
            status, _ = await ask(self._connect, path, PROBE_PATIENCE)
            probes.append(HealthProbe(at, self._clock() - at, status))
            await asyncio.sleep(max(0.0, every - (self._clock() - at)))

    async def close(self) -> None:
        """End it and everything that its start brought."""
        if self._exit is not None:
            self._exit.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._exit
        if self._running is not None:
            await self._running.end()
        self._output.close()

    async def _connect(self) -> socket.socket:
        assert self._running is not None
        return await self._running.connect()

    async def _await_exit(self, running: Running) -> None:
        status = await running.exit_status()
        self.life.exited = self._clock()
        self.life.exit_status = status

    async def _until_ready(self, patience: float) -> None:
        assert self._running is not None
        life, health = self.life, self._around.ground.manifest.agent.health
        paths = (health.ready,) if health.ready else READY_PATHS
        asked: list[str] = list(paths)
        while life.exited is None and self.own_time() < patience and self._clock() < LONGEST * patience:
            if life.port_open is None and await self._port_is_open():
                life.port_open = self._clock()
            if life.port_open is not None:
                for path in list(asked):
                    status, body = await ask(self._connect, path, max(0.5, patience - self._clock()))
                    if status in (404, 405, 501) and not health.ready:
                        asked.remove(path)
                        continue
                    if status is not None:
                        life.ready_path, life.health_body = path, self._leaks.redacting(f"the answer of {path}")(body)
                    if status is not None and 200 <= status < 300:
                        life.ready = self._clock()
                    break
                if not asked:
                    life.ready = life.port_open
                if life.ready is not None:
                    life.live_path = health.live
                    return
            elif self._clock() > self._around.terms.ready and await self._listens_on_loopback_alone():
                break
            await asyncio.sleep(LOOK_EVERY)
        if life.exited is None and life.port_open is None:
            ports = await self._running.ports()
            if await self._port_is_open():  # just now, and too late
                ports = tuple(port for port in ports if port != self._around.ground.manifest.agent.port)
            life.other_ports = ports

    async def _port_is_open(self) -> bool:
        try:
            (await self._connect()).close()
        except OSError:
            return False
        return True

    async def _listens_on_loopback_alone(self) -> bool:
        """Whether waiting is in vain: the port is there, and not at the address that leads to it from outside.

        Looked at in this order: a port that opens between the two looks is open at the second.
        """
        assert self._running is not None
        is_there = self._around.ground.manifest.agent.port in await self._running.ports()
        return is_there and not await self._port_is_open()

    async def _find_live_path(self) -> str | None:
        for path in [self.life.live_path] if self.life.live_path else LIVE_PATHS:
            status, _ = await ask(self._connect, path, PROBE_PATIENCE)
            if status is not None and 200 <= status < 300:
                self.life.live_path = path
                return path
        return None


def _start_is_judged(trial: Trial) -> bool:
    """Whether the time to ready is part of what this trial shows."""
    return trial.may_not_start or any(isinstance(condition, CpuLimit) for condition in trial.conditions)
