from tests.hazards.evidence import call, exchange, manifest, observed, terms

from roadworthy.rehearsal.baseline import REQUESTS, TRIAL, baseline_from
from roadworthy.rehearsal.observed import Observed
from roadworthy.rehearsal.scenario import Send, UntilWarm


def seen(*early: float) -> Observed:
    """An agent that is ready after half a second; requests that came too `early`, then five that are answered."""
    lost = [exchange("baseline", number=90 + n, due=due, status=503, body={}) for n, due in enumerate(early)]
    good = [exchange("baseline", number=n, due=3.0 + n) for n in range(REQUESTS)]
    return observed(*lost, *good, model_calls=[call(n, at=3.0 + n) for n in range(REQUESTS)])


def test_five_requests_count_and_the_first_is_sent_until_it_is_taken():
    assert TRIAL.steps == (UntilWarm("baseline"), *[Send("baseline")] * 4)
    assert TRIAL.at_once


def test_an_agent_that_answers_from_the_first_request_on_is_warm_when_it_is_ready():
    baseline = baseline_from(seen(), manifest(), terms(), ())

    assert baseline.warm_after == 0.0
    assert baseline.calls_per_request == 1


def test_an_agent_that_is_ready_too_early_is_judged_by_its_later_answers():
    baseline = baseline_from(seen(0.5, 1.0, 1.5), manifest(), terms(), ())

    assert baseline.warm_after == 2.5
    assert len(baseline.observed.exchanges) == REQUESTS
    assert all(request.status == 200 for request in baseline.observed.exchanges)
