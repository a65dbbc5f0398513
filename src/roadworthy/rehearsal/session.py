"""A session: one agent in its world, and the trials that are performed with it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any, assert_never

from roadworthy.redaction import can_be_told
from roadworthy.rehearsal import scenario as steps
from roadworthy.rehearsal.driver import Driver, is_answered
from roadworthy.rehearsal.faults.fault import Fault
from roadworthy.rehearsal.holds import network_failure
from roadworthy.rehearsal.leaks import Leaks
from roadworthy.rehearsal.letting_go import until_let_go
from roadworthy.rehearsal.observed import Held, Observed
from roadworthy.rehearsal.one_shot_agent import OneShotAgent
from roadworthy.rehearsal.repeating import repeat
from roadworthy.rehearsal.scenario import Step, Trial
from roadworthy.rehearsal.service_agent import LOOK_EVERY, ServiceAgent
from roadworthy.rehearsal.stage.holding import hold_up, hold_up_nothing
from roadworthy.rehearsal.stage.setting import setting_for
from roadworthy.rehearsal.stage.stage import Programs
from roadworthy.rehearsal.stage.written import written_texts
from roadworthy.rehearsal.surroundings import Surroundings
from roadworthy.rehearsal.world.world import World

TRY_EVERY = 0.5
"""Seconds between two requests to an agent that may answer soon."""
NOTICE = 0.15
"""Seconds after the last step for output and upstream calls that are still on their way."""


class Session:
    """Opens, performs trials one after the other, closes. Times are seconds since the agent was started."""

    def __init__(self, surroundings: Surroundings, trial: Trial) -> None:
        self._around, self._opening = surroundings, trial
        self._began = time.monotonic()
        self._began_at = time.time()
        self._random = random.Random(f"{surroundings.seed} {trial}")  # noqa: S311 - reproducible, not secret
        self._programs = Programs(surroundings.folder.new_folder("waits"))
        self._leaks = Leaks(surroundings.redact, surroundings.secrets, self.clock)
        self._world: World | None = None
        self._agent: ServiceAgent | OneShotAgent | None = None
        self._driver: Driver | None = None
        self._trials = 0
        self._is_closed = False

    def clock(self) -> float:
        """Seconds since the agent was started."""
        return time.monotonic() - self._began

    async def open(self) -> None:
        """Start the agent and wait until it is ready, has exited, or is out of time.

        Raises OSError where the stage cannot start anything.
        """
        around, trial = self._around, self._opening
        self._world = around.new_world(self.clock)
        parts = (around, self._world, self._leaks, self.clock, self._programs)
        setting = setting_for(trial, around.ground)
        self._project_at = setting.project_at
        self._agent = (
            OneShotAgent(*parts, may_refuse=trial.may_not_start) if around.terms.is_one_shot else ServiceAgent(*parts)
        )
        manifest = around.ground.manifest
        self._driver = Driver(manifest.agent, self._agent.talk, self.clock, self._random, around.terms.deadline)
        self._begin()
        await self._agent.start(setting, self._begin)
        if isinstance(self._agent, ServiceAgent):
            await self._agent.until_ready(trial)

    def _begin(self) -> None:
        self._began = time.monotonic()

    @property
    def is_alive(self) -> bool:
        """Whether the agent runs."""
        return self._agent is not None and self._agent.life.exited is None

    async def perform(self, trial: Trial) -> Observed:
        """Take the trial's steps and give what was seen meanwhile."""
        assert self._driver and self._world and self._agent
        driver, world, agent = self._driver, self._world, self._agent
        is_first = self._trials == 0
        self._trials += 1
        begin = 0.0 if is_first else self.clock()
        # What the agent did before it was ready belongs to the first trial.
        marks = (0, 0, 0, 0, 0, 0, 0)
        if not is_first:
            marks = (
                len(driver.exchanges),
                len(world.providers.calls),
                len(world.services),
                len(world.lookups),
                len(self._programs.started),
                len(self._leaks.found),
                len(self._programs.held_up),
            )
        seen = Observed(
            trial=trial,
            terms=self._around.terms,
            life=agent.life,
            enforced=frozenset(self._around.stage.enforced),
            project=self._project_at,
            unix_sockets={each.name: each.host for each in self._around.ground.services if each.socket},
            mentions=self._around.mentions,
            secrets_sought=tuple(name for name, value in self._around.secrets.items() if can_be_told(value)),
        )
        if agent.life.ready is not None and self.is_alive:
            async with asyncio.TaskGroup() as probing:
                probes: list[asyncio.Task[None]] = []
                for step in trial.steps:
                    await self._take(step, seen, probing, probes)
                await driver.all_done()
                for probe in probes:
                    probe.cancel()
            await asyncio.sleep(NOTICE)
        else:
            await agent.settle(1.0)
        self._mend()
        seen.exchanges = driver.exchanges[marks[0] :]
        if isinstance(agent, ServiceAgent):
            agent.note_noise(seen.exchanges, seen.probes)
        seen.model_calls = world.providers.calls[marks[1] :]
        seen.services = world.services[marks[2] :]
        seen.tools_left_out = dict(world.providers.left_out)
        seen.lookups = world.lookups[marks[3] :]
        seen.started = self._programs.started[marks[4] :]
        seen.output = [line for line in agent.output if line.at >= begin]
        seen.leaks = self._leaks.found[marks[5] :]
        seen.held_up = self._programs.held_up[marks[6] :]
        seen.output_dropped = agent.output_dropped
        seen.memory = [sample for sample in agent.memory if sample[0] >= begin]
        agent.life.killed_for_memory = agent.killed_for_memory
        seen.ended = self.clock()
        return seen

    async def close(self) -> None:
        """End the agent and everything around it; a second time nothing is left to do."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._driver is not None:
            await self._driver.close()
        if self._agent is not None:
            await self._agent.close()
        if self._world is not None:
            await self._world.close()

    async def _take(
        self, step: Step, seen: Observed, probing: asyncio.TaskGroup, probes: list[asyncio.Task[None]]
    ) -> None:
        assert self._driver and self._world
        match step:
            case steps.Send(label, count, over, headers, wait):
                start = self.clock()
                for number in range(count):
                    self._driver.send(label, due=start + over * number / max(1, count - 1), headers=headers)
                if wait:
                    await self._driver.all_done()
            case steps.Break(fault):
                seen.breaks.append((self.clock(), fault.name))
                self._break(fault)
            case steps.Mend():
                seen.breaks.append((self.clock(), ""))
                self._mend()
            case steps.Pause(seconds):
                await asyncio.sleep(seconds)
            case steps.UntilAnswered(label, within, tools_too):
                await self._until_answered(label, within, tools_too=tools_too)
            case steps.UntilWarm(label):
                await self._until_warm(label)
            case steps.Repeat():
                clock = self._service.own_time
                await repeat(step, self._driver, clock, self._held, self._forgetting(), seen.held)
            case steps.HangUp():
                await self._driver.hang_up()
            case steps.UntilLetGo(within):
                await self._until_let_go(within, since=seen.breaks[-1][0])
            case steps.Terminate(within):
                await self._service.terminate(within)
            case steps.AwaitRequests():
                await self._driver.all_done()
            case steps.ProbeHealth(every):
                probes.append(probing.create_task(self._service.probe_health(every, seen.probes)))
            case steps.SearchFiles():
                await self._search_files(seen)
            case _:
                assert_never(step)

    def _break(self, fault: Fault) -> None:
        assert self._world is not None
        self._world.begin(fault)
        if fault.program is not None:
            hold_up(self._programs.waits, *fault.program)

    def _mend(self) -> None:
        assert self._world is not None
        self._world.mend()
        hold_up_nothing(self._programs.waits)

    def _held(self, answered: int) -> Held | None:
        """What the agent holds after so many answered requests; None when it has ended."""
        return self._service.held(answered) if self.is_alive else None

    def _forgetting(self) -> Callable[[], None]:
        """A function that drops what the journals have noted since now, but for what goes on."""
        assert self._world is not None
        uses = self._world.services
        journals: list[list[Any]] = [self._world.providers.calls, self._world.lookups, self._programs.started]
        marks, first_use = [len(journal) for journal in journals], len(uses)

        def forget() -> None:
            for journal, mark in zip(journals, marks, strict=True):
                del journal[mark:]
            uses[first_use:] = [use for use in uses[first_use:] if use.ended is None]

        return forget

    @property
    def _service(self) -> ServiceAgent:
        """The agent, in a step that only one that serves is planned for."""
        assert isinstance(self._agent, ServiceAgent)
        return self._agent

    async def _search_files(self, seen: Observed) -> None:
        assert self._agent is not None
        seen.files_written = None
        for folder in self._agent.folders:
            texts = await asyncio.to_thread(written_texts, folder, self._began_at)
            if texts is None:
                continue
            seen.files_written = (seen.files_written or 0) + len(texts)
            for name, text in texts.items():
                self._leaks.redacting(f"the file {name}")(text)

    async def _until_answered(self, label: str, within: float, *, tools_too: bool) -> None:
        assert self._driver and self._world
        end = self.clock() + within
        while self.is_alive:
            exchange = self._driver.send(label)
            while exchange.ended is None and self.clock() < end:
                await asyncio.sleep(LOOK_EVERY)
            calls = [call for call in self._world.providers.calls if exchange.canary in call.canaries]
            is_well = is_answered(exchange) and not (tools_too and network_failure(calls))
            if is_well or self.clock() >= end:
                return
            await asyncio.sleep(min(TRY_EVERY, max(0.0, end - self.clock())))

    async def _until_warm(self, label: str) -> None:
        assert self._driver is not None
        end = self.clock() + self._around.terms.ready
        while self.is_alive:
            exchange = self._driver.send(label)
            await self._driver.all_done()
            is_taken = exchange.status is not None and exchange.status < 500
            if is_taken or self._around.terms.is_one_shot or self.clock() >= end:
                return
            await asyncio.sleep(TRY_EVERY)

    async def _until_let_go(self, within: float, since: float) -> None:
        assert self._world is not None and self._driver is not None
        has_ended = all(exchange.status is not None for exchange in self._driver.exchanges if exchange.due >= since)
        if has_ended:  # else nothing was given up that could be let go of
            held_up, services = self._programs.held_up, self._world.services
            await until_let_go(held_up, services, since=since, within=within, clock=self.clock)
