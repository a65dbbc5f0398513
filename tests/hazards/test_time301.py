from dataclasses import replace

import pytest
from tests.hazards.evidence import baseline, call, exchange, judged, observed, reason, terms, trials

from roadworthy.findings import Outcome
from roadworthy.manifest.model import Budgets, Timeouts
from roadworthy.rehearsal.observed import Exchange, Observed
from roadworthy.rehearsal.scenario import Break

FAULT = "the provider takes 3 s for each call"


def slow(during: Exchange) -> Observed:
    calls = [call(1, fault=FAULT), call(1, at=4.1, fault=FAULT)]
    return observed(exchange("before", number=2), during, model_calls=calls, breaks=[(0.9, FAULT)])


@pytest.mark.parametrize(
    ("declared", "calls", "delay"),
    [
        (Timeouts(model=4.0), 2.0, "3"),  # 0.6 of the deadline, for two calls
        (Timeouts(model=3.0), 2.0, "2.4"),  # 0.8 of the time-out
        (Timeouts(), 1.0, "5.33"),  # of two thirds of the deadline
        (Timeouts(), 4.0, "1.5"),  # undeclared: the calls share the deadline
    ],
)
def test_each_call_is_late_by_what_is_declared(declared, calls, delay):
    (trial,) = trials("TIME301", terms(timeouts=declared), replace(baseline(), calls_per_request=calls))

    (fault,) = [step.fault for step in trial.steps if isinstance(step, Break)]
    assert fault.name == f"the provider takes {delay} s for each call"


def test_calls_that_do_not_fit_into_the_deadline_as_declared_are_not_tested():
    said = reason("TIME301", terms(budgets=Budgets(answer=10.0), timeouts=Timeouts(model=6.0)))

    assert said.startswith("2 model calls of 6 s (timeouts.model) do not fit into the deadline of 10 s")


def test_an_agent_without_model_calls_is_not_tested():
    assert "made no model call" in reason("TIME301", base=baseline(calls_per_request=0.0))


def test_an_agent_that_waits_passes():
    assert judged("TIME301", slow(exchange(seconds=6.2))).verdict == Outcome.PASS


def test_a_clear_error_is_no_answer():
    verdict = judged("TIME301", slow(exchange(status=504, body={"error": "timed out"}, seconds=2.0)))

    assert verdict.title == "the provider takes 3 s for each call: the request failed"
    assert (verdict.seen or "").endswith("it had made 2 model calls")
    assert verdict.evidence["rests_on_time"]


def test_an_answer_after_the_deadline_fails():
    assert "the deadline is 10 s" in (judged("TIME301", slow(exchange(seconds=11.0))).seen or "")


def test_a_request_whose_calls_met_nothing_is_not_tested():
    seen = observed(exchange("before", number=2), exchange(), model_calls=[call(1)])

    assert (judged("TIME301", seen).reason or "").startswith("nothing to break")


def test_an_agent_that_was_not_healthy_before_is_not_tested():
    seen = observed(exchange("before", status=500), exchange(number=2), model_calls=[call(2, fault=FAULT)])

    assert judged("TIME301", seen).verdict == Outcome.NOT_TESTED
