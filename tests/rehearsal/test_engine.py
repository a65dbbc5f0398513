"""Which trials share a start, and which of several stands for its scenario."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from tests.hazards.evidence import baseline, terms

from roadworthy.findings import Outcome, Verdict, failed, not_tested, passed
from roadworthy.rehearsal.conditions import Condition, Without
from roadworthy.rehearsal.engine import WORTH_A_START, Engine, Work, worst
from roadworthy.rehearsal.scenario import Scenario, Send, Trial

Sessions = list[list[str]]


def work(code: str, seconds: float, *conditions: Condition, trials: int = 1, **keys: Any) -> Work:
    trial = Trial(conditions=conditions, steps=(Send("x"),))
    scenario: Any = lambda *_: None  # noqa: E731 - never judged here
    return Work(
        Scenario(code, code[:-3], code, plan=scenario, judge=scenario, fix="", seconds=lambda _: seconds, **keys),
        [trial] * trials,
    )


def sessions(*works: Work, jobs: int = 3) -> Sessions:
    async def planned() -> Sessions:
        around: Any = SimpleNamespace(terms=terms())
        engine = Engine(around, baseline(), lambda _: None, jobs)
        return [[one.scenario.code for one, _ in session] for session in engine._sessions(works)]

    return asyncio.run(planned())


def test_trials_that_change_nothing_of_the_stage_share_a_start() -> None:
    assert sessions(work("RATE301", 2), work("RATE302", 2)) == [["RATE301", "RATE302"]]


def test_what_changes_the_stage_or_wants_a_fresh_start_has_its_own() -> None:
    found = sessions(work("RATE301", 2), work("ENV302", 2, Without("KEY"), trials=2), work("LOG302", 2, fresh=True))

    assert found == [["RATE301"], ["ENV302"], ["ENV302"], ["LOG302"]]


def test_many_are_spread_over_as_many_starts_as_run_side_by_side_but_one() -> None:
    long, short = WORTH_A_START, WORTH_A_START / 2

    found = sessions(work("RATE301", short), work("TIME301", long), work("TIME302", short), work("RATE302", long))

    assert found == [["RATE301", "TIME301"], ["TIME302", "RATE302"]]


@pytest.mark.parametrize("jobs", [1, 2])
def test_with_few_at_a_time_all_share_one(jobs: int) -> None:
    assert len(sessions(work("RATE301", 100), work("TIME301", 100), jobs=jobs)) == 1


def test_a_scenario_with_several_trials_may_be_in_several_starts() -> None:
    found = sessions(work("NET303", 4 * WORTH_A_START, trials=4))

    assert found == [["NET303", "NET303"], ["NET303", "NET303"]]


def stands_for(*verdicts: Verdict) -> Verdict:
    the = work("ENV302", 1, trials=len(verdicts))
    the.verdicts.update(enumerate(verdicts))
    return worst(the)


def test_a_failure_stands_for_all_trials_and_further_ones_are_notes() -> None:
    verdict = stands_for(passed(), failed("first", seen="", should=""), failed("second", seen="", should=""))

    assert verdict.title == "first"
    assert verdict.notes == ("also: second",)


def test_trials_that_show_nothing_for_one_reason_say_it_once() -> None:
    verdict = stands_for(not_tested("no text"), not_tested("no text"))

    assert (verdict.verdict, verdict.reason, verdict.notes) == (Outcome.NOT_TESTED, "no text", ())


def test_trials_that_show_nothing_for_several_reasons_say_each() -> None:
    assert stands_for(not_tested("no text"), not_tested("no JSON")).notes == ("trial 2: no JSON",)
