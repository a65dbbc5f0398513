"""What happens is told while it happens."""

import io
import threading

import pytest
from syrupy.assertion import SnapshotAssertion

from roadworthy.findings import Outcome, Report, StageSummary, Verdict
from roadworthy.rehearsal.events import (
    BaselineDone,
    BaselineStarted,
    Event,
    Note,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioStarted,
    StageReady,
    TrialStarted,
)
from roadworthy.rehearsal.options import PlannedScenario
from roadworthy.report.progress import View, live, plain
from roadworthy.report.screen import Screen, painted

PLANNED = (
    PlannedScenario("ENV302", "required variable taken away"),
    PlannedScenario("PATH301", "started from another folder"),
    PlannedScenario("MEM301", "the declared memory"),
)
EVENTS: tuple[Event, ...] = (
    RunStarted("support-agent", PLANNED, StageSummary("bubblewrap", "A"), 4711),
    StageReady(0.2),
    BaselineStarted(5),
    BaselineDone(5, 0.214, 2.0, ("search",), ("customers",), ("rg",), ("delete_customer",)),
    ScenarioStarted("ENV302"),
    TrialStarted("ENV302", "OPENAI_API_KEY"),
    ScenarioStarted("PATH301"),
    TrialStarted("PATH301"),
    ScenarioFinished(Verdict(Outcome.FAIL, code="ENV302", title="OPENAI_API_KEY taken away: it failed", seconds=2.1)),
    Note("PATH301 failed on time: repeated once"),
    ScenarioFinished(Verdict(Outcome.PASS, code="PATH301", title="started from another folder", seconds=0.9)),
    ScenarioFinished(
        Verdict(Outcome.NOT_TESTED, code="MEM301", title="the declared memory", reason="no limit can be enforced")
    ),
    RunFinished(Report("rehearse", "support-agent")),
)


def test_plain_lines(snapshot: SnapshotAssertion) -> None:
    to = io.StringIO()
    emit = plain(to)
    for event in EVENTS:
        emit(event)

    assert to.getvalue() == snapshot


def test_a_plain_line_is_one_line_whatever_the_agent_says() -> None:
    to = io.StringIO()
    plain(to)(Note("a\nb\x1b[2J\rc"))

    assert to.getvalue() == "note: a b c\n"


@pytest.mark.parametrize("after", range(len(EVENTS) + 1))
def test_the_view_after_each_event(snapshot: SnapshotAssertion, after: int) -> None:
    clock = iter(float(second) for second in range(1000))
    view = View(Screen(80), clock=lambda: next(clock))
    for event in EVENTS[:after]:
        view.take(event)

    assert painted(Screen(80), view.render()) == snapshot


def test_the_view_is_never_wider_than_the_screen() -> None:
    view = View(Screen(30))
    view.take(RunStarted("a" * 50, (PlannedScenario("ENV302", "t" * 50),), StageSummary("bubblewrap", "A")))
    view.take(ScenarioStarted("ENV302"))

    assert all(len(line) < 30 for line in painted(Screen(80), view.render()).splitlines())


def test_a_trial_of_a_scenario_that_was_never_announced_is_shown_all_the_same() -> None:
    view = View(Screen(80))
    view.take(TrialStarted("X301", "subject"))

    assert "X301" in painted(Screen(80), view.render())


def test_live_keeps_failures_and_notes_and_leaves_the_cursor_as_it_was() -> None:
    to = io.StringIO()
    with live(to, Screen(80)) as emit:
        for event in EVENTS:
            emit(event)
    text = to.getvalue()

    assert "failed ENV302 OPENAI_API_KEY taken away: it failed, 2.1 s" in text
    assert "note: PATH301 failed on time" in text
    assert "passed PATH301" not in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def interrupted(to: io.StringIO) -> None:
    with live(to, Screen(80)) as emit:
        emit(EVENTS[0])
        raise KeyboardInterrupt


def test_live_ends_its_thread_and_shows_the_cursor_when_the_run_is_interrupted() -> None:
    before = set(threading.enumerate())
    to = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        interrupted(to)

    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert set(threading.enumerate()) <= before
    assert to.getvalue().rindex("\x1b[?25h") > to.getvalue().rindex("\x1b[?25l")
