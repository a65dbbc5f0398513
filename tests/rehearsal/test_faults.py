import math

import pytest

from roadworthy.rehearsal.faults.bad_request import bad_request
from roadworthy.rehearsal.faults.delayed import delayed
from roadworthy.rehearsal.faults.fault import Question, Turn
from roadworthy.rehearsal.faults.fenced import fenced
from roadworthy.rehearsal.faults.held import held
from roadworthy.rehearsal.faults.latency import LONGEST, SHORTEST, latency
from roadworthy.rehearsal.faults.program_endless import program_endless
from roadworthy.rehearsal.faults.program_slow import program_slow
from roadworthy.rehearsal.faults.quota_exceeded import quota_exceeded
from roadworthy.rehearsal.faults.rate_limited import rate_limited
from roadworthy.rehearsal.faults.service_refuses import service_refuses
from roadworthy.rehearsal.faults.service_silent import service_silent
from roadworthy.rehearsal.faults.service_slow import service_slow
from roadworthy.rehearsal.faults.silent_provider import silent_provider
from roadworthy.rehearsal.faults.unavailable import unavailable


def asked(
    since: float = 0.0, number: int = 0, turn: int = 0, canary: str = "rw000000000001", *, wants_json: bool = True
) -> Question:
    return Question(since, number, turn, canary, wants_json, False, ())


def test_a_limit_is_told_with_the_rest_of_its_window_and_ends_with_it():
    refuse = rate_limited(3.0).refuse
    assert refuse is not None

    early, late = refuse(asked(0.5)), refuse(asked(3.0))

    assert early is not None
    assert (early.status, early.kind, early.retry_after) == (429, "rate_limit", 2.5)
    assert late is None


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        (quota_exceeded(), 429, "insufficient_quota"),
        (bad_request(), 400, "invalid_request"),
    ],
)
def test_refusals_for_good_do_not_say_when_to_come_back(fault, status, kind):
    for since in (0.0, 1000.0):
        refusal = fault.refuse(asked(since))
        assert (refusal.status, refusal.kind, refusal.retry_after) == (status, kind, None)


def test_holds():
    assert silent_provider().hold(asked()) == math.inf
    assert delayed(1.5).hold(asked(number=7)) == 1.5
    assert [held(2.0).hold(asked(number=number)) for number in (0, 1, 2)] == [2.0, 0.0, 0.0]


def test_latency_is_drawn_anew_for_each_call_and_can_be_repeated():
    waits = [latency().hold(asked(canary=f"rw{number:012x}", turn=turn)) for number in range(50) for turn in (0, 1)]

    assert all(SHORTEST <= wait <= LONGEST for wait in waits)
    assert len(set(waits)) == 100
    assert latency().hold(asked()) == latency().hold(asked()) != latency(seed=1).hold(asked())


def test_a_fence_is_put_around_json_alone():
    turn = Turn(text='{"answer": 1}')

    assert fenced().reword(turn, asked()).text == '```json\n{"answer": 1}\n```'
    assert fenced().reword(turn, asked(wants_json=False)) is turn


def test_services_are_broken_by_name():
    assert service_refuses("database").service == ("database", "refuse")
    assert service_silent("database").service == ("database", "silent")
    assert service_slow("database", 0.5).late == ("database", 0.5)


def test_an_overloaded_provider_says_the_one_to_the_first_request_and_the_other_to_the_second():
    refuse = unavailable().refuse
    assert refuse is not None

    mixed_up = [refuse(asked(n, n, canary="rw000000000003")) for n in range(3)]
    other = refuse(asked(3, 3, canary=None))

    assert [each.status for each in mixed_up if each] == [429] * 3
    assert other is not None
    assert other.status == 503


def test_programs_are_held_up_by_name():
    assert program_slow("rg", 0.5).program == ("rg", 0.5)
    assert program_endless("rg").program == ("rg", math.inf)


def test_an_overloaded_provider_says_the_same_to_one_request_and_not_when_to_come_back():
    refuse = unavailable().refuse
    assert refuse is not None

    said = [
        (refusal.status, refusal.retry_after)
        for n in (0, 9)
        for c in "42"
        if (refusal := refuse(asked(n, n, canary=f"rw00000000000{c}")))
    ]

    assert said == [(429, None), (503, None)] * 2
