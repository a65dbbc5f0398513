from __future__ import annotations

from typing import Any

from tests.hazards.evidence import baseline, exchange, judged, observed, reason, terms, trials

from roadworthy.findings import Outcome, Verdict
from roadworthy.manifest.model import Service
from roadworthy.rehearsal.observed import Exchange, ServiceUse
from roadworthy.rehearsal.scenario import Break, Trial

FAULT = "database accepts and never answers"
TERMS = terms(services={"database": Service(host="localhost", port=5432)})


def use(**keys: Any) -> ServiceUse:
    return ServiceUse(**{"at": 0.4, "service": "database", "host": "localhost", "port": 5432, **keys})


BASE = baseline(services=[use()])
POOLED = use(fault=FAULT, met=1.05)
"""Opened by the healthy request, and used again by the one that is judged."""
WELL_AGAIN = exchange("after", number=3, due=14.0)


def verdict_of(
    during: Exchange, after: Exchange = WELL_AGAIN, *, services: tuple[ServiceUse, ...] = (POOLED,)
) -> Verdict:
    seen = observed(
        exchange("before", number=9, due=0.5),
        during,
        after,
        the=TERMS,
        trial=Trial(subject="database"),
        services=list(services),
        breaks=[(0.9, FAULT), (13.5, "")],
    )
    return judged("NET303", seen, BASE)


def test_the_service_goes_silent_after_a_healthy_request():
    (trial,) = trials("NET303", TERMS, BASE)

    faults = [step.fault.service for step in trial.steps if isinstance(step, Break)]
    assert faults == [("database", "silent")]


def test_an_agent_that_used_no_service_is_not_tested():
    assert reason("NET303", TERMS, baseline()).startswith("nothing to break")


def test_a_time_out_that_the_model_is_told_of_passes():
    assert verdict_of(exchange(seconds=2.1)).verdict == Outcome.PASS


def test_an_error_that_names_the_time_out_passes():
    assert verdict_of(exchange(status=504, body={"error": "timed out"}, seconds=2.1)).verdict == Outcome.PASS


def test_no_answer_by_the_deadline_fails_and_rests_on_time():
    verdict = verdict_of(exchange(error="timed out after 12 s", seconds=12.0))

    assert verdict.title == "the service database accepts and never answers: no answer within 10 s"
    assert verdict.evidence["rests_on_time"]
    assert (verdict.fix or "").startswith("give the client of database a time-out")


def test_an_error_in_time_that_says_nothing_fails():
    verdict = verdict_of(exchange(status=500, body={"error": "internal error"}, seconds=2.1))

    assert verdict.title == "the service database accepts and never answers: the request failed"
    assert verdict.fix is None


def test_an_agent_whose_workers_still_wait_has_not_recovered():
    stuck = exchange("after", number=3, due=14.0, error="timed out after 12 s", seconds=12.0)

    verdict = verdict_of(exchange(status=504, body={"error": "timed out"}, seconds=2.1), stuck)

    assert verdict.title == "the service database accepts and never answers: the agent did not recover"


def test_an_idle_connection_that_went_silent_is_nothing_tested():
    assert verdict_of(exchange(), services=(use(fault=FAULT),)).reason == (
        "nothing to break: this request did not use database"
    )


def test_services_on_unix_sockets_alone_are_not_tested():
    base = baseline(unix_sockets={"database": "/run/postgresql"})

    assert "only unix sockets lead to services (database by /run/postgresql)" in reason("NET303", TERMS, base)
