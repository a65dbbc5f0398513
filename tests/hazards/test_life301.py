import pytest
from tests.hazards.evidence import baseline, call, exchange, judged, observed, reason, running, terms, trials

from roadworthy.findings import Outcome
from roadworthy.manifest.model import Agent, Budgets, Timeouts
from roadworthy.rehearsal.conditions import AsPid1
from roadworthy.rehearsal.observed import Exchange, Observed
from roadworthy.rehearsal.scenario import Pause, Terminate

ANSWERED = exchange(seconds=2.1)


def ended(request: Exchange = ANSWERED, *, status: int | None = 0, after: float = 1.7) -> Observed:
    """SIGTERM at 1.5 s; the process exits `after` seconds later, or never where its status is None."""
    exited = None if status is None else 1.5 + after
    return observed(
        exchange("before", number=2),
        request,
        life=running(terminated=1.5, exited=exited, exit_status=status),
        model_calls=[call(fault="the first model call is held for 2 s")],
    )


def test_sigterm_comes_a_quarter_into_the_model_call_of_process_1():
    (trial,) = trials("LIFE301")

    assert trial.conditions == (AsPid1(),)
    assert trial.steps[-2:] == (Pause(0.5), Terminate(within=5.0))


def test_a_short_grace_period_leaves_time_for_the_request():
    (trial,) = trials("LIFE301", terms(budgets=Budgets(answer=10.0), timeouts=Timeouts(grace=2.0)))

    assert trial.steps[-2:] == (Pause(0.25), Terminate(within=2.0))


def test_the_model_answers_well_before_the_agent_gives_it_up():
    (trial,) = trials("LIFE301", terms(budgets=Budgets(answer=10.0), timeouts=Timeouts(model=1.0)))

    assert Pause(0.125) in trial.steps


def test_an_entry_agents_process_is_its_hosts():
    assert reason("LIFE301", terms(Agent(entry="app.py:agent"))).startswith("provided by the server")


def test_a_command_that_answers_once_ends_by_itself():
    assert "ends by itself" in reason("LIFE301", terms(Agent(command=("ask",), input="stdin")))


def test_an_agent_without_model_calls_is_not_tested():
    assert "made no model call" in reason("LIFE301", base=baseline(calls_per_request=0.0))


@pytest.mark.parametrize("status", [0, 143, -15])
def test_an_agent_that_finishes_the_request_and_exits_passes(status):
    assert judged("LIFE301", ended(status=status)).verdict == Outcome.PASS


@pytest.mark.parametrize(
    "request_",
    [
        exchange(status=503, body={"error": "shutting down"}),
        exchange(status=503, body="Service Unavailable"),
        exchange(status=503, body="", headers={"retry-after": "1"}),
    ],
)
def test_a_clear_503_passes(request_):
    assert judged("LIFE301", ended(request_)).verdict == Outcome.PASS


def test_an_agent_that_ignores_sigterm_fails():
    verdict = judged("LIFE301", ended(status=None))

    assert verdict.title == "SIGTERM during a request: it did not exit"
    assert verdict.seen == "still running 5 s after it"


def test_an_agent_that_loses_the_request_fails():
    verdict = judged(
        "LIFE301", ended(exchange(error="the connection closed without an answer", seconds=0.6), after=0.1)
    )

    assert verdict.title == "SIGTERM during a request: the request under way was lost"
    assert verdict.seen == "POST /agent -> the connection closed without an answer after 600 ms"


def test_an_agent_that_fails_in_both_ways_is_told_both():
    lost = exchange(error="no complete answer within 12 s", seconds=12.0)

    verdict = judged("LIFE301", ended(lost, status=None))

    assert verdict.title == "SIGTERM during a request: the request under way was lost and it did not exit"


def test_an_agent_that_exits_with_an_error_fails():
    verdict = judged("LIFE301", ended(status=1))

    assert verdict.title == "SIGTERM during a request: it exited with an error"


def test_a_bare_500_is_no_way_to_end_a_request():
    assert judged("LIFE301", ended(exchange(status=500, body={"error": "shutting down"}))).verdict == Outcome.FAIL


def test_a_request_that_was_over_before_is_not_tested():
    seen = ended()
    seen.model_calls[0].fault = None

    assert (judged("LIFE301", seen).reason or "").startswith("nothing to break")
