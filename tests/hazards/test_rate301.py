import pytest
from tests.hazards.evidence import baseline, call, exchange, judged, observed, reason, terms, trials

from roadworthy.findings import Outcome
from roadworthy.manifest.model import Budgets
from roadworthy.rehearsal.observed import Exchange, ModelCall, Observed
from roadworthy.rehearsal.scenario import Break, Send

FAULT = "the provider answers 429 with Retry-After for 3 s"


def refused(number: int, *, at: float = 1.1, until: float = 4.1) -> ModelCall:
    return call(number, at=at, fault=FAULT, status=429, retry_not_before=until)


def crowd(calls: list[ModelCall], *exchanges: Exchange) -> Observed:
    return observed(exchange("before", number=9), *exchanges, model_calls=calls)


def test_five_requests_meet_a_429_for_three_seconds():
    (trial,) = trials("RATE301")

    (fault,) = [step.fault for step in trial.steps if isinstance(step, Break)]
    assert fault.name == FAULT
    assert trial.steps[-1] == Send("during", count=5, over=1.0)


def test_under_a_short_deadline_it_is_one_second():
    (trial,) = trials("RATE301", terms(budgets=Budgets(answer=5.0)))

    assert trial.steps[-1] == Send("during", count=5, over=pytest.approx(1 / 3))


def test_an_agent_without_model_calls_is_not_tested():
    assert "made no model call" in reason("RATE301", base=baseline(calls_per_request=0.0))


def test_an_agent_that_waits_as_told_passes():
    calls = [refused(1), call(1, at=4.15)]

    verdict = judged("RATE301", crowd(calls, exchange(seconds=3.3)))

    assert verdict.verdict == Outcome.PASS


def test_an_agent_that_gives_up_fails():
    failing = exchange(status=500, body={"error": "internal error"})

    verdict = judged("RATE301", crowd([refused(1), refused(2)], failing, exchange(number=2, status=500)))

    assert verdict.title == "429 with Retry-After: 2 of 2 requests failed"
    assert not verdict.evidence["rests_on_time"]


def test_an_agent_that_asks_again_too_soon_fails_although_it_answers():
    calls = [refused(1), refused(1, at=1.6), call(1, at=4.2)]

    verdict = judged("RATE301", crowd(calls, exchange(seconds=3.3)))

    assert verdict.title == "429 with Retry-After: the agent asked again too soon"
    assert verdict.seen == "a model call came 2.5 s before the time that it was told"


def test_a_call_a_few_milliseconds_early_is_a_clocks_doing():
    assert judged("RATE301", crowd([refused(1), call(1, at=4.05)], exchange(seconds=3.3))).verdict == Outcome.PASS


def test_other_requests_calls_meanwhile_are_not_its_retries():
    calls = [refused(1, at=1.1, until=4.1), refused(2, at=2.0, until=4.1), call(1, at=4.2), call(2, at=4.2)]

    verdict = judged("RATE301", crowd(calls, exchange(seconds=3.3), exchange(number=2, seconds=3.3)))

    assert verdict.verdict == Outcome.PASS


def test_calls_that_were_made_together_are_not_retries_of_each_other():
    calls = [
        call(1, at=1.10, fault=FAULT, retry_not_before=4.1, ended=1.14),
        call(1, at=1.12, fault=FAULT, retry_not_before=4.1, ended=1.15),
        call(1, at=4.2),
    ]

    assert judged("RATE301", crowd(calls, exchange(seconds=3.3))).verdict == Outcome.PASS


def test_a_429_with_retry_after_to_the_caller_passes():
    told = exchange(status=429, body={"error": "busy"}, headers={"retry-after": "3"})

    assert judged("RATE301", crowd([refused(1)], told)).verdict == Outcome.PASS


def test_a_429_without_retry_after_to_the_caller_fails():
    told = exchange(status=429, body={"error": "too many requests"})

    assert judged("RATE301", crowd([refused(1)], told)).verdict == Outcome.FAIL


def test_a_client_side_limit_that_sheds_before_it_calls_is_not_accused():
    shed = exchange(number=2, status=429, body={"error": "too many requests"})

    verdict = judged("RATE301", crowd([refused(1), call(1, at=4.2)], exchange(seconds=3.3), shed))

    assert verdict.verdict == Outcome.PASS


def test_requests_that_never_met_the_429_are_not_tested():
    verdict = judged("RATE301", crowd([call(1, at=5.0)], exchange()))

    assert verdict.reason == "nothing to break: no model call of these requests met the 429"


def test_an_answer_that_only_came_late_is_to_be_repeated():
    late = exchange(seconds=12.0, error="no complete answer within 12 s")

    assert judged("RATE301", crowd([refused(1), call(1, at=4.2)], late)).evidence["rests_on_time"]


def test_an_agent_that_was_not_healthy_before_is_not_tested():
    seen = observed(exchange("before", status=500), exchange(number=2, status=500), model_calls=[refused(2)])

    assert judged("RATE301", seen).reason == "the healthy request before it did not answer: status 500"
