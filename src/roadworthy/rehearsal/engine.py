"""The engine: plans scenarios, performs their trials side by side, and hands what was seen to the judges."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from roadworthy.findings import Outcome, Verdict, not_tested
from roadworthy.rehearsal.driver import is_answered
from roadworthy.rehearsal.events import Emit, Note, ScenarioFinished, ScenarioStarted, TrialStarted
from roadworthy.rehearsal.observed import Baseline, Observed
from roadworthy.rehearsal.scenario import BEFORE, ONE_START, Scenario, Trial
from roadworthy.rehearsal.session import Session
from roadworthy.rehearsal.surroundings import Surroundings
from roadworthy.waivers import waived

WORTH_A_START = 5 * ONE_START
"""Seconds of trials that are worth a start of their own."""
UNSTEADY = "unsteady: it failed, and passed when it was repeated alone"
RANK = {Outcome.PASS: 0, Outcome.NOT_TESTED: 1, Outcome.FAIL: 2}


@dataclass(slots=True)
class Work:
    """One scenario on its way to a verdict."""

    scenario: Scenario
    trials: list[Trial]
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    began: float | None = None
    seconds: float = 0.0

    @property
    def is_complete(self) -> bool:
        """Whether every trial has its verdict."""
        return len(self.verdicts) == len(self.trials)


class Engine:
    """Runs scenarios against one baseline. `jobs` sessions are open at a time; quiet ones run alone, last."""

    def __init__(self, around: Surroundings, baseline: Baseline, emit: Emit, jobs: int) -> None:
        self._around, self._baseline, self._emit = around, baseline, emit
        self._jobs, self._places = jobs, asyncio.Semaphore(jobs)
        self.verdicts: list[Verdict] = []
        self.evidence: list[tuple[str, Observed]] = []
        self._to_repeat: list[tuple[Work, int]] = []

    async def run(self, scenarios: Sequence[Scenario]) -> list[Verdict]:
        """Judge them all, in the order given."""
        works: list[Work] = []
        for scenario in scenarios:
            planned = scenario.plan(self._around.terms, self._baseline)
            if isinstance(planned, Verdict):
                self._finish(scenario, planned, 0.0)
            elif missing := self._not_enforced(planned):
                self._finish(scenario, not_tested(f"not enforced here: {missing}"), 0.0)
            else:
                works.append(Work(scenario, planned))
        loud = [work for work in works if not work.scenario.quiet]
        async with asyncio.TaskGroup() as group:
            for jobs in self._sessions(loud):
                group.create_task(self._side_by_side(jobs))
        for work in works:
            if work.scenario.quiet:
                for jobs in self._sessions([work]):
                    await self._perform(jobs)
        for work, number in tuple(self._to_repeat):
            await self._repeat(work, number)
        order = {scenario.code: number for number, scenario in enumerate(scenarios)}
        return sorted(self.verdicts, key=lambda verdict: order[verdict.code])

    def _sessions(self, works: Sequence[Work]) -> list[list[tuple[Work, int]]]:
        """Which trials share a started agent: those that change nothing of the stage.

        The longest first, so that the last to end is a short one.
        """
        shared: list[tuple[Work, int]] = []
        alone: list[list[tuple[Work, int]]] = []
        for work in works:
            for number, trial in enumerate(work.trials):
                if trial.conditions or work.scenario.fresh or trial.may_not_start:
                    alone.append([(work, number)])
                else:
                    shared.append((work, number))
        return self._shares(shared) + alone

    def _shares(self, trials: list[tuple[Work, int]]) -> list[list[tuple[Work, int]]]:
        """Spread over a few starts, each about as long: one place is left for those that want a start of their own."""
        terms = self._around.terms
        seconds = [work.scenario.seconds(terms) / len(work.trials) for work, _ in trials]
        count = max(1, min(self._jobs - 1, int(sum(seconds) / WORTH_A_START)))
        shares: list[list[int]] = [[] for _ in range(count)]
        loads = [0.0] * count
        for number in sorted(range(len(trials)), key=lambda number: -seconds[number]):
            least = loads.index(min(loads))
            shares[least].append(number)
            loads[least] += seconds[number]
        return [[trials[number] for number in sorted(share)] for share in shares if share]

    async def _side_by_side(self, jobs: list[tuple[Work, int]]) -> None:
        async with self._places:
            await self._perform(jobs)

    async def _perform(self, jobs: list[tuple[Work, int]]) -> None:
        """Take each trial in turn; a session goes on as long as nothing has failed in it."""
        session: Session | None = None
        try:
            for work, number in jobs:
                trial = work.trials[number]
                self._announce(work, trial)
                began = time.monotonic()
                session, seen, verdict = await self._performed(work.scenario, trial, session)
                work.seconds += time.monotonic() - began
                if verdict.verdict == Outcome.FAIL and verdict.evidence.get("rests_on_time"):
                    self._to_repeat.append((work, number))
                self._judged(work, number, seen, verdict)
                if verdict.verdict != Outcome.PASS or not session.is_alive:
                    await session.close()
                    session = None
        finally:
            if session is not None:
                await session.close()

    async def _performed(
        self, scenario: Scenario, trial: Trial, running: Session | None
    ) -> tuple[Session, Observed, Verdict]:
        """One trial, in the session that runs or in a new one; also gives the session that it ended in.

        Once more on a fresh start where only that can be blamed on this trial: what came before may have hurt a
        shared session, and a healthy request that fails says nothing of the fault after it.
        """
        session = running or await self._opened(trial)
        try:
            seen = await session.perform(trial)
            verdict = scenario.judge(seen, self._baseline)
            may_be_hurt = running is not None and verdict.verdict != Outcome.PASS
            if may_be_hurt or (verdict.verdict == Outcome.NOT_TESTED and not _healthy(seen)):
                await session.close()
                session = await self._opened(trial)
                seen = await session.perform(trial)
                verdict = scenario.judge(seen, self._baseline)
        except BaseException:
            await session.close()
            raise
        return session, seen, verdict

    async def _repeat(self, work: Work, number: int) -> None:
        """A failure that rests on time, once more with nothing beside it: two different results are unsteady."""
        trial, first = work.trials[number], work.verdicts.pop(number)
        self._emit(Note(f"{work.scenario.code} rests on time: once more, alone"))
        began = time.monotonic()
        session, seen, second = await self._performed(work.scenario, trial, None)
        await session.close()
        work.seconds += time.monotonic() - began
        if second.verdict == Outcome.PASS:
            second = not_tested(UNSTEADY, f"the first time: {first.title}")
        elif second.verdict == Outcome.NOT_TESTED:
            second = replace(second, notes=(*second.notes, f"the first time: {first.title}"))
        self._to_repeat = [waiting for waiting in self._to_repeat if waiting != (work, number)]
        self._judged(work, number, seen, second)

    def _judged(self, work: Work, number: int, seen: Observed, verdict: Verdict) -> None:
        work.verdicts[number] = verdict
        self.evidence.append((work.scenario.code, seen))
        is_waiting = any(waiting is work for waiting, _ in self._to_repeat)
        if work.is_complete and not is_waiting:
            self._finish(work.scenario, worst(work), work.seconds)

    async def _opened(self, trial: Trial) -> Session:
        session = Session(self._around, trial)
        try:
            await session.open()
        except BaseException:
            await session.close()
            raise
        return session

    def _announce(self, work: Work, trial: Trial) -> None:
        if work.began is None:
            work.began = time.monotonic()
            self._emit(ScenarioStarted(work.scenario.code))
        self._emit(TrialStarted(work.scenario.code, trial.subject))

    def _not_enforced(self, trials: list[Trial]) -> str:
        needs = {feature for trial in trials for feature in trial.needs}
        return ", ".join(sorted(needs - self._around.stage.enforced))

    def _finish(self, scenario: Scenario, verdict: Verdict, seconds: float) -> None:
        complete = replace(
            verdict,
            code=scenario.code,
            hazard=scenario.hazard,
            title=verdict.title or scenario.title,
            fix=verdict.fix or (scenario.fix if verdict.verdict == Outcome.FAIL else None),
            seconds=round(seconds, 3),
        )
        waiver = self._around.ground.manifest.accept.get(scenario.code)
        complete = waived(complete, waiver, self._around.today)
        self.verdicts.append(complete)
        self._emit(ScenarioFinished(complete))


def worst(work: Work) -> Verdict:
    """Of several trials the worst stands for the scenario; what the others add to it are its notes."""
    ranked = sorted(work.verdicts.items(), key=lambda item: -RANK[item[1].verdict])
    verdict = ranked[0][1]
    notes = list(verdict.notes)
    for other, further in ranked[1:]:
        subject = work.trials[other].subject or f"trial {other + 1}"
        if further.verdict == Outcome.FAIL:
            notes.append(f"also: {further.title}")
        elif further.verdict == Outcome.NOT_TESTED and verdict.verdict == Outcome.NOT_TESTED:
            if further.reason != verdict.reason:
                notes.append(f"{subject}: {further.reason}")
        else:
            notes += [f"{subject}: {note}" for note in further.notes]
    return replace(verdict, notes=tuple(dict.fromkeys(notes)))


def _healthy(seen: Observed) -> bool:
    """Whether the healthy request before the fault was answered; trials without one count as healthy."""
    return all(is_answered(exchange) for exchange in seen.labelled(BEFORE))
