from tests.hazards.evidence import exchange, judged, observed, printed, running, scenario, stopped, terms, trials

from roadworthy.findings import Outcome
from roadworthy.manifest.model import Resources
from roadworthy.rehearsal.conditions import CpuLimit

QUARTER = terms(resources=Resources(cpu=0.25))


def test_the_agent_gets_its_declared_processors_and_runs_alone():
    assert trials("COLD301", QUARTER)[0].conditions == (CpuLimit(0.25),)
    assert scenario("COLD301").quiet


def test_an_agent_that_is_ready_and_answers_in_time_passes():
    verdict = judged("COLD301", observed(exchange(seconds=0.8), life=running(ready=3.0), the=QUARTER))

    assert verdict.verdict == Outcome.PASS
    assert verdict.evidence["ready"] == 3.0


def test_an_agent_that_is_not_ready_in_time_fails_beside_the_laptops_time():
    life = running(ready=None, port_open=None)

    verdict = judged("COLD301", observed(life=life, the=QUARTER, ended=5.2))

    assert verdict.title == "started on 0.25 processors: not ready in time"
    assert verdict.seen == "port 8080 was not open within 5 s; on the laptop it was ready after 500 ms"
    assert verdict.evidence["rests_on_time"]


def test_an_agent_whose_first_answer_is_late_fails():
    late = exchange(error="no complete answer within 12 s", seconds=12.0)

    verdict = judged("COLD301", observed(late))

    assert verdict.title == "started on 1 processor: the request failed"
    assert verdict.evidence["rests_on_time"]


def test_an_agent_that_exits_fails_and_not_for_its_time():
    verdict = judged("COLD301", observed(life=stopped(1), output=printed("RuntimeError: no workers")))

    assert verdict.title == "started on 1 processor: the agent did not start"
    assert not verdict.evidence["rests_on_time"]


def test_an_agent_without_a_health_endpoint_is_not_accused():
    assert judged("COLD301", observed(exchange(), life=running(ready_path=None))).verdict == Outcome.PASS
