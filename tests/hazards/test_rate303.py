from tests.hazards.evidence import baseline, call, exchange, judged, manifest, observed, reason, trials

from roadworthy.findings import Outcome
from roadworthy.manifest.model import Budgets
from roadworthy.rehearsal.observed import ModelCall, Observed
from roadworthy.rehearsal.scenario import Break, Send
from roadworthy.rehearsal.terms import Terms

FAULT = "the provider answers 429 or 503 to everything"


def tries(count: int, number: int = 1, body: str = "a") -> list[ModelCall]:
    return [call(number, at=1.1 + index / 10, fault=FAULT, status=503, digest=body) for index in range(count)]


def refused(calls: list[ModelCall], **keys: object) -> Observed:
    sent = [exchange(number=number, status=503, body={"error": "the model provider is busy"}) for number in (1, 2)]
    return observed(exchange("before", number=9), *sent, model_calls=calls, **keys)


def test_ten_requests_are_turned_away():
    (trial,) = trials("RATE303")

    assert [step.fault.name for step in trial.steps if isinstance(step, Break)] == [FAULT]
    assert trial.steps[-1] == Send("during", count=10)


def test_an_agent_without_model_calls_is_not_tested():
    assert "made no model call" in reason("RATE303", base=baseline(calls_per_request=0.0))


def test_an_sdks_own_three_tries_pass():
    assert judged("RATE303", refused([*tries(3), *tries(3, 2)])).verdict == Outcome.PASS


def test_an_agent_that_does_not_try_again_passes():
    assert judged("RATE303", refused(tries(1))).verdict == Outcome.PASS


def test_four_tries_pass():
    assert judged("RATE303", refused(tries(4))).verdict == Outcome.PASS


def test_retries_within_retries_fail_with_their_number():
    verdict = judged("RATE303", refused([*tries(9), *tries(3, 2)]))

    assert verdict.title == "429 or 503 to everything: one request asked the model 9 times"
    assert verdict.seen == (
        "the same body was sent 9 times for one request, within 900 ms; 12 model calls for 2 requests"
    )
    assert verdict.should == "send one body at most 4 times for a request, then give up"


def waiting_after(*calls: ModelCall) -> Observed:
    waiting = [exchange(number=number, seconds=12.0, error="no complete answer within 12 s") for number in (1, 2)]
    return observed(exchange("before", number=9), *waiting, model_calls=list(calls))


def test_requests_that_are_not_over_are_not_tested_as_more_tries_may_follow():
    verdict = judged("RATE303", waiting_after(*tries(3), *tries(3, 2)))

    assert (verdict.reason or "").startswith("2 of 2 requests had no answer when we stopped waiting")


def test_requests_whose_connection_was_reset_are_over():
    reset = [exchange(number=number, error="reset") for number in (1, 2)]
    seen = observed(exchange("before", number=9), *reset, model_calls=[*tries(3), *tries(3, 2)])

    assert judged("RATE303", seen).verdict == Outcome.PASS


def test_requests_that_are_not_over_and_were_tried_too_often_fail():
    assert judged("RATE303", waiting_after(*tries(5), *tries(3, 2))).verdict == Outcome.FAIL


def test_another_model_that_is_asked_instead_is_no_retry():
    assert judged("RATE303", refused([*tries(4, body="large"), *tries(4, body="small")])).verdict == Outcome.PASS


def test_the_tries_of_several_requests_are_not_added():
    assert judged("RATE303", refused([*tries(4), *tries(4, 2)])).verdict == Outcome.PASS


def test_an_agent_that_always_asks_for_three_drafts_may_try_each():
    drafts = [call(101, at=0.6 + index / 10, digest="a") for index in range(3)]
    base = baseline(exchange("baseline", number=101), model_calls=drafts)

    assert judged("RATE303", refused(tries(12)), base).verdict == Outcome.PASS
    assert judged("RATE303", refused(tries(13)), base).verdict == Outcome.FAIL


def test_more_calls_than_declared_fail_whatever_their_bodies():
    the = Terms.of(manifest(budgets=Budgets(upstream_calls=4)))

    verdict = judged("RATE303", refused([*tries(3, body="large"), *tries(3, body="small")], the=the))

    assert (verdict.seen or "").startswith("one request made 6 model calls")
    assert "at most 4 model calls for it (budgets.upstream_calls)" in (verdict.should or "")


def test_requests_that_are_mixed_up_are_judged_together():
    mixed_up = exchange(number=3, status=500, body={"error": "something went wrong"})
    seen = refused([])
    few = observed(*seen.exchanges, mixed_up, model_calls=[*tries(11), *tries(1, 2)])
    many = observed(*seen.exchanges, mixed_up, model_calls=[*tries(11), *tries(2, 2)])

    assert judged("RATE303", few).verdict == Outcome.PASS
    assert judged("RATE303", many).seen == (
        "the same body was sent 13 times for 3 mixed-up requests together (CONC301), within 1.1 s; "
        "13 model calls for 3 requests"
    )


def test_requests_that_were_shed_clearly_explain_no_retries():
    shed = exchange(number=3, status=429, body={"error": "too many requests"}, headers={"retry-after": "1"})
    seen = refused([])

    verdict = judged("RATE303", observed(*seen.exchanges, shed, model_calls=[*tries(5), *tries(1, 2)]))

    assert verdict.verdict == Outcome.FAIL


def test_requests_that_were_shed_before_any_call_are_not_tested():
    assert (judged("RATE303", refused([])).reason or "").startswith("nothing to break")
