"""A session: one started agent in its world, and the trials that are performed with it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from roadworthy.findings import Place
from roadworthy.rehearsal import scenario as steps
from roadworthy.rehearsal.driver import Driver, ask
from roadworthy.rehearsal.observed import Exchange, HealthProbe, Leak, Life, Observed, Started
from roadworthy.rehearsal.output import Output
from roadworthy.rehearsal.scenario import Step, Trial
from roadworthy.rehearsal.stage.setting import Ground, setting_for
from roadworthy.rehearsal.stage.stage import Running, Stage, Start
from roadworthy.rehearsal.stage.written import written_texts
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.values import REDACTED, can_be_told, leaks_in
from roadworthy.rehearsal.world.world import World

if TYPE_CHECKING:
    from roadworthy.rehearsal.stage.run_folder import RunFolder

READY_PATHS = ("/health/ready", "/readyz", "/ready", "/health", "/healthz")
LIVE_PATHS = ("/health/live", "/livez", "/live", "/health", "/healthz")
"""Tried in this order where the manifest names none."""
LOOK_EVERY = 0.02
"""Seconds between two looks whether the port is open or the agent ready."""
PROBE_PATIENCE = 2.0
"""Seconds for one health probe: twice what CONC302 allows."""
LAPTOP_PATIENCE = 20.0
"""Seconds, at least, for a start that is not itself judged; three times the ready budget where that is more."""
WARM_MARGIN = 2.0
"""Of the time that the agent needed to get warm on the laptop stage: others run beside it now."""
TRY_EVERY = 0.5
"""Seconds between two requests to an agent that may answer soon."""
LEAK_WIDTH = 160
"""Characters around a leaked secret that are shown."""
NOTICE = 0.15
"""Seconds after the last step for output and upstream calls that are still on their way."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all sessions of one run share."""

    stage: Stage
    ground: Ground
    terms: Terms
    folder: RunFolder
    new_world: Callable[[Callable[[], float]], World]
    redact: Callable[[str], str]
    secrets: Mapping[str, str]
    """The values of the variables that are declared secret, by name."""
    mentions: Mapping[str, Place]
    seed: int
    warm_after: float = 0.0
    """Seconds that the agent needs after it says that it is ready, as the laptop stage showed."""
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    """By which waivers expire."""


class Session:
    """Opens, performs trials one after the other, closes. Times are seconds since the agent was started."""

    def __init__(self, surroundings: Surroundings, trial: Trial) -> None:
        self._around = surroundings
        self._conditions = trial
        self._began = time.monotonic()
        self._random = random.Random(f"{surroundings.seed} {trial}")  # noqa: S311 - reproducible, not secret
        self._life = Life()
        self._started: list[Started] = []
        self._leaks: list[Leak] = []
        self._written: Path | None = None
        self._running: Running | None = None
        self._output: Output | None = None
        self._world: World | None = None
        self._driver: Driver | None = None
        self._exit: asyncio.Task[None] | None = None
        self._trials = 0
        self._is_closed = False

    def clock(self) -> float:
        """Seconds since the agent was started."""
        return time.monotonic() - self._began

    async def open(self) -> None:
        """Start the agent and wait until it is ready, has exited, or is out of time.

        Raises OSError where the stage cannot start anything.
        """
        around, trial = self._around, self._conditions
        name, folder = around.folder.new_start()
        self._written, self._began_at = folder, time.time()
        self._output = Output(self.clock, self._redacting("the output"))
        self._world = around.new_world(self.clock)
        setting = setting_for(trial, around.ground)
        self._began = time.monotonic()
        self._running = await around.stage.start(
            Start(
                setting=setting,
                ground=around.ground,
                folder=folder,
                name=name,
                world=self._world,
                output=self._output,
                started=self._started,
                clock=self.clock,
                marker=around.folder.variable,
            )
        )
        # What came before was ours: the agent's time counts from its own start.
        self._began = time.monotonic()
        self._life.pid = self._running.pid
        self._project_at = setting.project_at
        self._driver = Driver(
            around.ground.manifest.agent,
            self._running.connect,
            self.clock,
            self._random,
            around.terms.deadline,
            self._redacting("the answer"),
        )
        self._exit = asyncio.create_task(self._await_exit(self._running))
        await self._until_ready(
            around.terms.ready if _start_is_judged(trial) else max(LAPTOP_PATIENCE, 3 * around.terms.ready)
        )
        if around.warm_after and self._life.ready is not None and not trial.at_once:
            await asyncio.sleep(WARM_MARGIN * around.warm_after)

    @property
    def is_alive(self) -> bool:
        """Whether the agent runs."""
        return self._life.exited is None

    async def perform(self, trial: Trial) -> Observed:
        """Take the trial's steps and give what was seen meanwhile."""
        assert self._driver and self._world and self._output and self._running
        driver, world = self._driver, self._world
        is_first = self._trials == 0
        self._trials += 1
        begin = 0.0 if is_first else self.clock()
        # What the agent did before it was ready belongs to the first trial.
        marks = (0, 0, 0, 0, 0, 0)
        if not is_first:
            marks = (
                len(driver.exchanges),
                len(world.providers.calls),
                len(world.services),
                len(world.lookups),
                len(self._started),
                len(self._leaks),
            )
        seen = Observed(
            trial=trial,
            terms=self._around.terms,
            life=self._life,
            enforced=frozenset(self._around.stage.enforced),
            project=self._project_at,
            mentions=self._around.mentions,
            secrets_sought=tuple(name for name, value in self._around.secrets.items() if can_be_told(value)),
        )
        if self._life.ready is not None and self.is_alive:
            async with asyncio.TaskGroup() as probing:
                probes: list[asyncio.Task[None]] = []
                for step in trial.steps:
                    await self._take(step, seen, probing, probes)
                await driver.all_done()
                for probe in probes:
                    probe.cancel()
            await asyncio.sleep(NOTICE)
        elif not self.is_alive:
            await self._output.drain(1.0)
        world.mend()
        seen.exchanges = driver.exchanges[marks[0] :]
        seen.model_calls = world.providers.calls[marks[1] :]
        seen.services = world.services[marks[2] :]
        seen.tools_left_out = dict(world.providers.left_out)
        seen.lookups = world.lookups[marks[3] :]
        seen.started = self._started[marks[4] :]
        seen.output = [line for line in self._output.lines if line.at >= begin]
        seen.leaks = self._leaks[marks[5] :]
        seen.output_dropped = self._output.dropped
        seen.memory = [sample for sample in self._running.memory.samples if sample[0] >= begin]
        self._life.killed_for_memory = self._running.memory.has_killed
        seen.ended = self.clock()
        return seen

    async def close(self) -> None:
        """End the agent and everything around it; a second time nothing is left to do."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._driver is not None:
            await self._driver.close()
        if self._exit is not None:
            self._exit.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._exit
        if self._running is not None:
            await self._running.end()
        if self._world is not None:
            await self._world.close()
        if self._output is not None:
            self._output.close()

    async def _await_exit(self, running: Running) -> None:
        status = await running.process.wait()
        self._life.exited = self.clock()
        # Bubblewrap gives a signal as a shell does: 128 and its number.
        self._life.exit_status = 128 - status if 128 < status < 160 else status

    async def _until_ready(self, patience: float) -> None:
        assert self._running is not None
        life, health = self._life, self._around.ground.manifest.agent.health
        paths = (health.ready,) if health.ready else READY_PATHS
        asked: list[str] = list(paths)
        while self.is_alive and self.clock() < patience:
            if life.port_open is None and await self._port_is_open():
                life.port_open = self.clock()
            if life.port_open is not None:
                for path in list(asked):
                    status, body = await ask(self._running.connect, path, max(0.5, patience - self.clock()))
                    if status in (404, 405, 501) and not health.ready:
                        asked.remove(path)
                        continue
                    if status is not None:
                        life.ready_path, life.health_body = path, self._redacting(f"the answer of {path}")(body)
                    if status is not None and 200 <= status < 300:
                        life.ready = self.clock()
                    break
                if not asked:
                    life.ready = life.port_open
                if life.ready is not None:
                    life.live_path = health.live
                    return
            elif self.clock() > self._around.terms.ready and await self._listens_on_loopback_alone():
                break
            await asyncio.sleep(LOOK_EVERY)
        if self.is_alive and life.port_open is None:
            ports = await self._running.ports()
            if await self._port_is_open():  # just now, and too late
                ports = tuple(port for port in ports if port != self._around.ground.manifest.agent.port)
            life.other_ports = ports

    async def _port_is_open(self) -> bool:
        assert self._running is not None
        try:
            (await self._running.connect()).close()
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

    async def _take(
        self, step: Step, seen: Observed, probing: asyncio.TaskGroup, probes: list[asyncio.Task[None]]
    ) -> None:
        assert self._driver and self._world and self._running
        match step:
            case steps.Send(label, count, over, headers, wait):
                start = self.clock()
                for number in range(count):
                    self._driver.send(label, due=start + over * number / max(1, count - 1), headers=headers)
                if wait:
                    await self._driver.all_done()
            case steps.Break(fault):
                seen.breaks.append((self.clock(), fault.name))
                self._world.begin(fault)
            case steps.Mend():
                seen.breaks.append((self.clock(), ""))
                self._world.mend()
            case steps.Pause(seconds):
                await asyncio.sleep(seconds)
            case steps.UntilAnswered(label, within):
                await self._until_answered(label, within)
            case steps.UntilWarm(label):
                await self._until_warm(label)
            case steps.Terminate(within):
                self._life.terminated = self.clock()
                self._running.terminate()
                await self._until_exit(within)
            case steps.AwaitRequests():
                await self._driver.all_done()
            case steps.ProbeHealth(every):
                probes.append(probing.create_task(self._probe_health(every, seen)))
            case steps.SearchFiles():
                await self._search_files(seen)
            case _:
                assert_never(step)

    def _redacting(self, where: str) -> Callable[[str], str]:
        """A function that redacts a text, and notes the declared secrets in it before they are gone."""

        def redact(text: str) -> str:
            redacted = self._around.redact(text)
            if redacted != text:
                for name in leaks_in(text, self._around.secrets):
                    self._note_leak(name, where, redacted)
            return redacted

        return redact

    def _note_leak(self, name: str, where: str, redacted: str) -> None:
        line = next((line for line in redacted.splitlines() if REDACTED in line), "").strip()
        start = max(0, line.find(REDACTED) - LEAK_WIDTH // 2)
        self._leaks.append(Leak(self.clock(), name, where, line[start : start + LEAK_WIDTH]))

    async def _search_files(self, seen: Observed) -> None:
        assert self._written is not None
        texts = await asyncio.to_thread(written_texts, self._written, self._began_at)
        seen.files_written = None if texts is None else len(texts)
        for name, text in (texts or {}).items():
            self._redacting(f"the file {name}")(text)

    async def _until_answered(self, label: str, within: float) -> None:
        assert self._driver is not None
        end = self.clock() + within
        while self.is_alive:
            exchange = self._driver.send(label)
            while exchange.ended is None and self.clock() < end:
                await asyncio.sleep(LOOK_EVERY)
            if is_answered(exchange) or self.clock() >= end:
                return
            await asyncio.sleep(min(TRY_EVERY, max(0.0, end - self.clock())))

    async def _until_warm(self, label: str) -> None:
        assert self._driver is not None
        end = self.clock() + self._around.terms.ready
        while self.is_alive:
            exchange = self._driver.send(label)
            await self._driver.all_done()
            if exchange.status is not None and exchange.status < 500:
                return
            if self.clock() >= end:
                return
            await asyncio.sleep(TRY_EVERY)

    async def _until_exit(self, within: float) -> None:
        end = self.clock() + within
        while self.is_alive and self.clock() < end:
            await asyncio.sleep(LOOK_EVERY)

    async def _probe_health(self, every: float, seen: Observed) -> None:
        assert self._running is not None
        path = await self._find_live_path()
        if path is None:
            return
        while True:
            at = self.clock()
            status, _ = await ask(self._running.connect, path, PROBE_PATIENCE)
            seen.probes.append(HealthProbe(at=at, seconds=self.clock() - at, status=status))
            await asyncio.sleep(max(0.0, every - (self.clock() - at)))

    async def _find_live_path(self) -> str | None:
        assert self._running is not None
        for path in [self._life.live_path] if self._life.live_path else LIVE_PATHS:
            status, _ = await ask(self._running.connect, path, PROBE_PATIENCE)
            if status is not None and 200 <= status < 300:
                self._life.live_path = path
                return path
        return None


def _start_is_judged(trial: Trial) -> bool:
    """Whether the time to ready is part of what this trial shows."""
    return trial.may_not_start or any(isinstance(condition, steps.CpuLimit) for condition in trial.conditions)


def is_answered(exchange: Exchange) -> bool:
    """Whether it got a 2xx with its own canary, however late."""
    return exchange.status is not None and 200 <= exchange.status < 300 and exchange.canary in (exchange.answer or "")
