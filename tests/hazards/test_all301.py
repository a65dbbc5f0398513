from tests.hazards.evidence import call, exchange, judged, observed, printed, running, stopped, terms, trials

from roadworthy.findings import Outcome
from roadworthy.manifest.model import Budgets
from roadworthy.rehearsal.conditions import Production
from roadworthy.rehearsal.observed import Exchange, Observed
from roadworthy.rehearsal.scenario import Send

DECLARED = terms(budgets=Budgets(answer=10.0, concurrency=4))


def crowd(*exchanges: Exchange, **keys) -> Observed:
    rest = [exchange("together", number=number) for number in range(len(exchanges) + 2, 6)]
    return observed(exchange("before"), *exchanges, *rest, **{"the": DECLARED, **keys})


def test_one_request_then_as_many_as_declared_under_every_condition():
    (trial,) = trials("ALL301", DECLARED)

    assert trial.conditions == (Production(),)
    assert trial.steps == (Send("before"), Send("together", count=4))


def test_an_agent_that_answers_them_all_passes():
    verdict = judged("ALL301", crowd())

    assert verdict.verdict == Outcome.PASS
    assert verdict.evidence == {"answered": 4, "at_once": 4}


def test_an_agent_that_does_not_start_fails():
    verdict = judged("ALL301", observed(life=stopped(1), the=DECLARED, output=printed("KeyError: 'HOME'")))

    assert verdict.title == "every condition at once: the agent did not start"


def test_an_agent_that_fails_the_first_request_fails():
    verdict = judged("ALL301", observed(exchange("before", status=500), the=DECLARED))

    assert verdict.title == "every condition at once: the request failed"


def test_an_agent_with_a_broken_tool_fails():
    broken = call(tool_results={"call_1": "error: [Errno 2] No such file or directory: 'rg'"})

    assert "a tool failed" in judged("ALL301", crowd(model_calls=[broken])).title


def test_an_agent_that_dies_under_many_fails():
    life = running(exited=3.0, exit_status=-9, killed_for_memory=True)

    verdict = judged("ALL301", crowd(exchange("together", number=2, error="the connection was reset"), life=life))

    assert verdict.title == "every condition at once: the process ended"
    assert "killed for its memory" in (verdict.seen or "")


def test_an_agent_that_sheds_up_to_half_is_not_accused():
    shed = [
        exchange("together", number=number, status=503, body={"error": "busy"}, headers={"retry-after": "1"})
        for number in (2, 3)
    ]

    assert judged("ALL301", crowd(*shed)).verdict == Outcome.PASS


def test_an_agent_that_loses_requests_fails():
    verdict = judged("ALL301", crowd(exchange("together", number=2, status=500, body="Internal Server Error")))

    assert verdict.title == "every condition at once: 3 of 4 requests were answered"
