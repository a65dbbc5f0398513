from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.hazards.evidence import baseline, call, exchange, judged, observed, reason, running, terms, trials

from roadworthy.findings import Outcome, Severity, Verdict
from roadworthy.manifest.model import Agent, Timeouts
from roadworthy.rehearsal.faults.fault import Question, ToolCall, Turn
from roadworthy.rehearsal.faults.long_conversation import long_conversation
from roadworthy.rehearsal.observed import Exchange, ModelCall, ServiceUse, Started
from roadworthy.rehearsal.scenario import Break, HangUp, Pause

FAULT = "the first model call is held for 3 s, later ones for 1.2 s"
BEFORE = exchange("before", number=9, due=0.5)
SEARCHES = {"call_1": "search"}
USUAL = (
    call(9, at=0.52, ended=0.53, tool_calls=SEARCHES),
    call(9, at=0.55, ended=0.56, tool_calls=SEARCHES),
    call(9, at=0.57, ended=0.58),
)
"""A healthy request: the model calls a tool twice, and answers."""
USES = (Started(0.54, "/usr/bin/rg", found=True), ServiceUse(0.54, "database", "localhost", 5432))
BASE = baseline(
    *(exchange("baseline", number=number, due=1.0) for number in (101, 102, 103)),
    model_calls=[call(number, at=1.0) for number in (101, 102, 103)],
)


def left(*calls: ModelCall, uses: tuple[Any, ...] = (), usual: tuple[ModelCall, ...] = USUAL, **keys: Any) -> Verdict:
    """A request at 2.0 s whose caller leaves at 2.5 s; its first model call begins at 2.0 s."""
    request: Exchange = exchange("during", number=1, due=2.0, seconds=0.5, error="the caller hung up")
    request.hung_up = 2.5
    everything = (*USES, *uses)
    seen = observed(
        BEFORE,
        request,
        model_calls=[*usual, *calls],
        started=[use for use in everything if isinstance(use, Started)],
        services=[use for use in everything if isinstance(use, ServiceUse)],
        **keys,
    )
    return judged("LIFE302", seen)


def held(*, closed: float | None = None, **keys: Any) -> ModelCall:
    """The held call: closed by the agent, or over at 5.0 s."""
    ended = None if closed is not None else 5.0
    return call(at=2.0, fault=FAULT, closed_by_agent=closed, **{"ended": ended, "tool_calls": SEARCHES, **keys})


def further(at: float, **keys: Any) -> ModelCall:
    return call(at=at, fault=FAULT, **{"ended": at + 1.2, **keys})


# What is done.


def test_the_caller_leaves_half_a_second_into_the_first_model_call():
    (trial,) = trials("LIFE302", terms(timeouts=Timeouts(model=5.0)), BASE)

    _, fault, _, stays, leaves, watched = trial.steps
    assert isinstance(fault, Break)
    assert fault.fault.name == FAULT
    assert (stays, leaves) == (Pause(0.5), HangUp())
    assert watched == Pause(3.0 - 0.5 + 1.2 + 0.1 + 1.0)


def test_a_slow_beginning_does_not_make_the_caller_leave_before_the_model_is_asked():
    late = baseline(exchange("baseline", number=101, due=1.0), model_calls=[call(101, at=1.8)])

    (trial,) = trials("LIFE302", base=late)

    stays = trial.steps[3]
    assert isinstance(stays, Pause)
    assert stays.seconds == pytest.approx(0.8 + 0.5)


def test_a_short_time_out_for_the_model_shortens_the_holds():
    (trial,) = trials("LIFE302", terms(timeouts=Timeouts(model=1.0)), BASE)

    fault, stays = trial.steps[1], trial.steps[3]
    assert isinstance(fault, Break)
    assert fault.fault.name == "the first model call is held for 0.8 s, later ones for 0.8 s"
    assert stays == Pause(0.4)


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (Agent(command=("serve",), on_disconnect="continue"), "on_disconnect: continue"),
        (Agent(entry="app.py:agent"), "provided by the server"),
        (Agent(command=("ask",), input="stdin"), "answers once"),
    ],
)
def test_who_may_go_on_or_cannot_know_is_not_tested(agent, expected):
    assert expected in reason("LIFE302", terms(agent), BASE)


def test_an_agent_without_model_calls_is_not_tested():
    assert "made no model call" in reason("LIFE302", base=baseline(calls_per_request=0.0))


def test_later_calls_are_held_too_and_the_second_turn_is_no_answer_yet():
    fault = long_conversation(3.0, 1.2)
    again = ToolCall("call_2", "search", "{}")

    def asked(number: int, another: ToolCall | None = again) -> Question:
        return Question(0.0, number, number, None, False, False, ("search",), another=another)

    assert fault.hold is not None
    assert [fault.hold(asked(number)) for number in (0, 1, 2)] == [3.0, 1.2, 1.2]
    assert fault.reword is not None
    answer, tool = Turn(text="on its way"), Turn(tool_calls=(ToolCall("call_1", "search", "{}"),))
    assert fault.reword(answer, asked(1)).tool_calls == (again,)
    assert fault.reword(answer, asked(0)) == fault.reword(answer, asked(2)) == answer
    assert fault.reword(answer, asked(1, another=None)) == answer
    assert fault.reword(tool, asked(1)).tool_calls == (again,)
    assert fault.reword(tool, replace(asked(1), forced=True)) == tool


# The verdict.


def test_an_agent_that_closes_the_models_connection_passes():
    verdict = left(held(closed=2.6))

    assert verdict.verdict == Outcome.PASS
    assert verdict.evidence["closed_after"] == 0.1


def test_an_agent_that_lets_the_call_end_and_does_no_more_passes():
    assert left(held()).verdict == Outcome.PASS


def test_an_agent_that_notices_at_its_next_write_passes():
    assert left(held(), further(5.05, tool_calls={"call_2": "search"})).verdict == Outcome.PASS


def test_an_agent_that_closes_a_later_call_passes():
    assert left(held(), further(5.05, ended=None, closed_by_agent=5.6)).verdict == Outcome.PASS


def test_an_agent_that_goes_on_fails_with_a_warning():
    verdict = left(held(), further(5.05, tool_calls={"call_2": "search"}), further(6.3))

    assert verdict.verdict == Outcome.FAIL
    assert verdict.severity == Severity.WARNING
    assert verdict.title == "the caller left: the agent went on"
    assert verdict.seen == (
        "the caller left after 500 ms, and the model call under way was over 2.5 s later; after that came 2 more model "
        "calls, until 1.3 s after its end"
    )
    assert not verdict.evidence["rests_on_time"]


def test_one_late_call_rests_on_time():
    verdict = left(held(), further(6.1))

    assert verdict.verdict == Outcome.FAIL
    assert verdict.evidence["rests_on_time"]


def test_an_agent_that_goes_on_with_tools_fails():
    verdict = left(held(), further(5.05), uses=(Started(6.3, "/usr/bin/rg", found=True),))

    assert "1 more model call and a use of rg, until 1.3 s" in (verdict.seen or "")


def test_an_agent_that_goes_on_with_a_service_alone_fails():
    verdict = left(held(), uses=(ServiceUse(6.3, "database", "localhost", 5432),))

    assert "came a use of database, until 1.3 s" in (verdict.seen or "")


def test_a_probe_of_a_pools_own_is_no_tool_call():
    probes = tuple(ServiceUse(at, "database", "localhost", 5432) for at in (3.3, 6.3))

    assert left(held(), uses=probes).verdict == Outcome.PASS


def test_a_program_that_no_request_starts_is_no_tool_call():
    assert left(held(), uses=(Started(6.3, "/usr/bin/logrotate", found=True),)).verdict == Outcome.PASS


def test_a_service_that_is_used_after_the_call_was_closed_is_nobodys_tool_call():
    assert left(held(closed=2.6), uses=(ServiceUse(6.3, "database", "localhost", 5432),)).verdict == Outcome.PASS


def test_another_requests_calls_are_not_this_ones():
    assert left(held(), call(9, at=6.4, ended=6.5)).verdict == Outcome.PASS


def test_a_time_out_that_is_tried_again_is_no_giving_up():
    verdict = left(held(closed=3.0), further(3.5, ended=None, closed_by_agent=4.5), further(5.0))

    assert verdict.verdict == Outcome.FAIL


def test_an_agent_that_closes_too_late_and_asks_no_more_passes():
    assert left(held(closed=4.9)).verdict == Outcome.PASS


@pytest.mark.parametrize(
    ("usual", "calls"),
    [
        ((call(9, at=0.52),), (held(tool_calls={}),)),
        ((call(9, at=0.52), call(9, at=0.55)), (held(tool_calls={}), further(5.05))),
        (
            (call(9, at=0.52, tool_calls=SEARCHES), call(9, at=0.55)),
            (held(), further(5.05, tool_calls={"call_2": "search"})),
        ),
    ],
    ids=["one call", "two calls without a tool", "made for two calls"],
)
def test_where_all_was_done_in_time_nothing_can_be_said(usual, calls):
    verdict = left(*calls, usual=usual)

    assert verdict.verdict == Outcome.NOT_TESTED
    assert (verdict.reason or "").startswith("it let the held model call end, and was through")


def test_the_only_call_may_be_closed_and_that_passes():
    assert left(held(closed=2.7, tool_calls={}), usual=(call(9, at=0.52),)).verdict == Outcome.PASS


def test_a_process_that_ends_because_its_caller_left_fails():
    verdict = left(held(), life=running(exited=2.6, exit_status=1))

    assert verdict.title == "the caller left: the process ended"
    assert verdict.severity == Severity.ERROR


@pytest.mark.parametrize("calls", [(), (call(at=2.0),), (call(at=2.6, fault=FAULT),)])
def test_a_caller_that_left_while_no_model_call_was_under_way_shows_nothing(calls):
    assert (left(*calls).reason or "").startswith("nothing to break")


def test_a_call_that_never_ended_shows_nothing():
    assert left(held(ended=None)).reason == "the held model call did not end while it was watched"


def test_an_unhealthy_agent_is_not_tested():
    assert judged("LIFE302", observed(exchange("before", status=500))).verdict == Outcome.NOT_TESTED
