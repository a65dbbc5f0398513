from __future__ import annotations

from typing import Any

from tests.hazards.evidence import baseline, call, exchange, judged, observed, printed, reason, stopped, terms, trials

from roadworthy.findings import Outcome, Place, Verdict
from roadworthy.manifest.model import Service
from roadworthy.rehearsal.observed import Exchange, Observed, ServiceUse
from roadworthy.rehearsal.scenario import Trial

FAULT = "database refuses connections"
TERMS = terms(
    services={"database": Service(host="localhost", port=5432), "cache": Service(host="localhost", port=6379)}
)
TRIAL = Trial(subject="database")


def use(service: str | None = "database", *, at: float = 1.05, **keys: Any) -> ServiceUse:
    return ServiceUse(at=at, service=service, host="localhost", port=5432, **keys)


BASE = baseline(services=[use(at=0.2)])
REFUSED = use(fault=FAULT, met=1.05)
IDLE = use(at=0.4, fault=FAULT, ended=0.9)
HEALTHY = exchange("before", number=9, due=0.5)
WELL_AGAIN = exchange("after", number=3, due=2.0)
AT_ONCE = [(0.9, FAULT), (1.9, "")]


def seen(during: Exchange, *after: Exchange, **keys: Any) -> Observed:
    keys = {"services": [REFUSED], "breaks": AT_ONCE, **keys}
    return observed(HEALTHY, during, *(after or (WELL_AGAIN,)), the=TERMS, trial=TRIAL, **keys)


def verdict_of(during: Exchange, *after: Exchange, **keys: Any) -> Verdict:
    return judged("NET302", seen(during, *after, **keys), BASE)


def test_there_is_a_trial_for_each_declared_service_that_was_used():
    both = baseline(services=[use("cache"), use("database"), use(None), use("api.example.com")])

    assert [trial.subject for trial in trials("NET302", TERMS, both)] == ["database", "cache"]
    assert [trial.subject for trial in trials("NET302", TERMS, BASE)] == ["database"]


def test_an_agent_that_used_no_declared_service_is_not_tested():
    assert reason("NET302", TERMS, baseline(services=[use(None)])).startswith("nothing to break")


def test_a_tool_that_tells_the_model_passes():
    assert verdict_of(exchange()).verdict == Outcome.PASS


def test_an_error_that_names_the_service_passes():
    assert verdict_of(exchange(status=503, body={"error": "the database is down"})).verdict == Outcome.PASS


def test_a_200_that_carries_the_error_passes():
    said = {"status": "error", "error": "connection refused"}

    assert verdict_of(exchange(body=said)).verdict == Outcome.PASS


def test_an_internal_error_fails_where_the_code_raised_it():
    trace = """\
Traceback (most recent call last):
  File "/srv/app/tools.py", line 31, in customer
    return fetch(address)
ConnectionResetError: [Errno 104] Connection reset by peer"""

    verdict = verdict_of(exchange(status=500, body={"error": "internal error"}), output=printed(trace, at=1.06))

    assert verdict.title == "the service database refuses connections: the request failed"
    assert verdict.where is not None
    assert (verdict.where.path, verdict.where.line) == ("tools.py", 31)
    assert "does not name its cause" in (verdict.seen or "")


def test_without_a_traceback_the_failure_names_where_the_service_is_addressed():
    place = Place("tools.py", 30, 'address = "http://localhost:5432"')

    verdict = verdict_of(exchange(status=500, body={"error": "oops"}), mentions={"localhost:5432": place})

    assert verdict.where == place


def test_an_address_that_comes_from_a_variable_is_looked_for_where_that_is_read():
    place = Place("settings.py", 3, 'DATABASE = os.environ["DATABASE_URL"]')
    it = seen(exchange(status=500, body={"error": "oops"}), mentions={"DATABASE_URL": place})
    it.terms = terms(services={"database": Service(url="${DATABASE_URL}")})

    assert judged("NET302", it, BASE).where == place


def test_a_process_that_ends_fails():
    verdict = verdict_of(exchange(error="reset"), life=stopped(at=1.2))

    assert verdict.verdict == Outcome.FAIL


def test_an_agent_that_does_not_come_back_fails_and_the_service_is_named():
    stays_down = exchange("after", number=3, due=11.0, status=503, body={"error": "the database is down"})

    verdict = verdict_of(exchange(status=503, body={"error": "the database is down"}), stays_down)

    assert verdict.title == "the service database refuses connections: the agent did not recover"
    assert (verdict.seen or "").startswith("10 s after the service database was well again")


def test_a_second_request_that_is_answered_is_a_recovery():
    first = exchange("after", number=3, due=2.0, status=503, body={"error": "the database is down"})

    assert verdict_of(exchange(), first, exchange("after", number=4, due=2.5)).verdict == Outcome.PASS


def test_an_idle_connection_that_was_reset_is_nothing_tested():
    verdict = verdict_of(exchange(), services=[IDLE])

    assert verdict.reason == "nothing to break: this request did not use database"


def test_a_probe_of_the_service_after_the_request_is_nothing_tested():
    assert verdict_of(exchange(), services=[use(fault=FAULT, met=1.5)]).verdict == Outcome.NOT_TESTED


def test_another_service_that_was_used_is_nothing_tested():
    assert verdict_of(exchange(), services=[use("cache")]).verdict == Outcome.NOT_TESTED


def test_a_request_that_fails_on_a_connection_that_was_reset_has_met_it():
    verdict = verdict_of(exchange(status=500, body={"error": "internal error"}), services=[IDLE])

    assert verdict.verdict == Outcome.FAIL


def test_a_tool_that_fails_on_a_connection_that_was_reset_has_met_it():
    result = call(tool_results={"call_1": "error: [Errno 104] Connection reset by peer"})

    assert verdict_of(exchange(), services=[IDLE], model_calls=[result]).verdict == Outcome.PASS


def test_an_unhealthy_agent_is_not_tested():
    unwell = observed(exchange("before", status=500), exchange(status=500), the=TERMS, trial=TRIAL, services=[REFUSED])

    assert judged("NET302", unwell, BASE).verdict == Outcome.NOT_TESTED


def test_services_on_unix_sockets_alone_are_not_tested():
    base = baseline(unix_sockets={"database": "/run/postgresql"})

    assert "only unix sockets lead to services (database by /run/postgresql)" in reason("NET302", TERMS, base)


BROKEN = {"1": "error: the database failed: the connection is closed"}


def tools(number: int, result: str) -> Any:
    """A model call of that request with a tool's result."""
    return call(number=number, tool_results={"1": result})


def test_a_tool_that_fails_for_good_fails():
    calls = [tools(9, "Ada"), tools(1, BROKEN["1"]), tools(3, BROKEN["1"])]

    verdict = verdict_of(exchange(), model_calls=calls)

    assert verdict.title == "the service database refuses connections: the agent did not recover"
    assert BROKEN["1"] in (verdict.seen or "")


def test_a_tool_that_is_well_again_passes():
    calls = [tools(9, "Ada"), tools(1, BROKEN["1"]), tools(3, BROKEN["1"]), tools(4, "Ada")]

    again = exchange("after", number=4, due=2.5)

    assert verdict_of(exchange(), WELL_AGAIN, again, model_calls=calls).verdict == Outcome.PASS


def test_a_tool_that_always_speaks_of_errors_and_hosts_is_not_accused():
    said = "no error on any host"

    assert verdict_of(exchange(), model_calls=[tools(9, said), tools(3, said)]).verdict == Outcome.PASS


def test_beside_a_unix_socket_the_service_with_a_port_is_judged():
    mixed = baseline(services=[use("database", at=0.2)], unix_sockets={"cache": "/run/redis.sock"})

    for code in ("NET301", "NET302", "NET303"):
        assert len(trials(code, TERMS, mixed)) == 1
