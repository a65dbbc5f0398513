from tests.hazards.evidence import (
    baseline,
    call,
    exchange,
    judged,
    observed,
    printed,
    reason,
    running,
    trials,
)

from roadworthy.findings import Outcome, Place
from roadworthy.rehearsal.conditions import EmptyLoopback
from roadworthy.rehearsal.observed import ServiceUse


def used(service: str | None = "database", *, port: int = 5432, at: float = 0.2, host: str = "localhost") -> ServiceUse:
    return ServiceUse(at=at, service=service, host=host, port=port)


BASE = baseline(services=[used()])


def test_loopback_is_emptied_where_a_service_was_used():
    assert trials("NET301", base=BASE)[0].conditions == (EmptyLoopback(),)


def test_an_agent_that_used_no_service_is_not_tested():
    assert reason("NET301", base=baseline()).startswith("nothing to break")


def test_connections_to_the_agents_own_port_are_no_use_of_a_service():
    assert reason("NET301", base=baseline(services=[used(None, port=8080)])).startswith("nothing to break")


def test_an_agent_that_reaches_its_service_by_its_production_name_passes():
    seen = observed(exchange(), services=[used(host="db.internal")])

    assert judged("NET301", seen, BASE).verdict == Outcome.PASS


def test_an_address_in_the_code_fails_where_the_source_names_it():
    place = Place("tools.py", 30, 'address = "http://localhost:5432"')
    refused = "urllib.error.URLError: <urlopen error [Errno 111] Connection refused>"

    verdict = judged(
        "NET301",
        observed(exchange(status=500), output=printed(refused), mentions={"localhost:5432": place}),
        BASE,
    )

    assert verdict.title == "nothing on localhost, services under their production names: the request failed"
    assert verdict.where == place
    assert verdict.should == "answer, and reach database by its production name"


def test_an_agent_that_answers_over_a_refused_tool_fails():
    refused = call(tool_results={"call_1": "error: <urlopen error [Errno 111] Connection refused>"})

    verdict = judged("NET301", observed(exchange(), model_calls=[refused], services=[used()]), BASE)

    assert "a tool failed" in verdict.title


def test_an_agent_that_answers_without_its_service_fails():
    verdict = judged("NET301", observed(exchange()), BASE)

    assert verdict.title == "nothing on localhost: the agent answered without database"


def test_a_service_that_only_a_later_request_used_is_not_missed():
    base = baseline(services=[used(at=0.2), used("cache", port=6379, at=3.0)])

    assert judged("NET301", observed(exchange(), services=[used()]), base).verdict == Outcome.PASS


def test_a_port_that_no_service_declares_fails_with_the_lines_to_add():
    base = baseline(services=[used(), used(None, port=6379)])

    verdict = judged("NET301", observed(exchange(), services=[used()]), base)

    assert verdict.title == "the agent uses localhost:6379, which no service declares"
    assert "cache: {host: localhost, port: 6379}" in (verdict.fix or "")


def test_an_agent_that_listens_on_loopback_alone_is_told_so():
    life = running(ready=None, port_open=None, other_ports=(8080,))

    verdict = judged("NET301", observed(life=life), BASE)

    assert verdict.verdict == Outcome.FAIL
    assert verdict.should == "listen on 0.0.0.0:8080, so that it is reached from outside"
    assert (verdict.fix or "").startswith("listen on 0.0.0.0 instead of 127.0.0.1")
