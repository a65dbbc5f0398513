from tests.hazards.evidence import (
    baseline,
    call,
    canary,
    exchange,
    judged,
    observed,
    printed,
    reason,
    running,
    terms,
    trials,
)

from roadworthy.findings import Outcome
from roadworthy.manifest.model import Budgets
from roadworthy.rehearsal.observed import Exchange, ModelCall, Observed
from roadworthy.rehearsal.scenario import Break, Send
from roadworthy.rehearsal.terms import Terms

DECLARED = terms(budgets=Budgets(answer=10.0, concurrency=4))


def crowds(*exchanges: Exchange, calls: list[ModelCall] | None = None, the: Terms = DECLARED, **keys) -> Observed:
    """Two crowds of four; those given replace the first ones of the first crowd."""
    first = [*exchanges, *(exchange("together", number=number) for number in range(len(exchanges) + 1, 5))]
    second = [exchange("together again", number=number) for number in range(5, 9)]
    return observed(exchange("before", number=9), *first, *second, model_calls=calls or [], the=the, **keys)


def test_as_many_as_declared_are_sent_at_once_twice_while_the_model_takes_its_time():
    (trial,) = trials("CONC301", DECLARED)

    assert [step.count for step in trial.steps if isinstance(step, Send)] == [1, 4, 4]
    assert any(isinstance(step, Break) for step in trial.steps)


def test_twenty_are_sent_where_nothing_is_declared():
    (trial,) = trials("CONC301")

    assert Send("together", count=20) in trial.steps


def test_one_at_a_time_is_not_tested():
    assert "is 1" in reason("CONC301", terms(budgets=Budgets(concurrency=1)))


def test_answers_that_do_not_hold_what_the_model_said_are_not_tested():
    assert "cannot be told apart" in reason("CONC301", base=baseline(exchange("baseline", says="Done.")))


def test_an_agent_that_gives_each_its_own_passes():
    verdict = judged("CONC301", crowds(calls=[call(number) for number in range(1, 9)]))

    assert verdict.verdict == Outcome.PASS
    assert verdict.notes == ()


def test_an_answer_with_anothers_reference_fails():
    leaking = exchange("together", says=f"On its way, {canary(2)}.")

    verdict = judged("CONC301", crowds(leaking))

    assert verdict.title == "4 requests at once: answers went to the wrong caller"
    assert verdict.seen == "1 of 8 answers hold what belongs to another request"
    assert verdict.evidence["examples"] == [[canary(1), canary(2)]]


def test_an_error_with_anothers_reference_fails():
    leaking = exchange("together", status=500, body={"error": f"order of {canary(2)} not found"})

    assert "wrong caller" in judged("CONC301", crowds(leaking)).title


def test_a_conversation_that_holds_two_requests_fails_although_the_answers_are_right():
    mixed = call(1)
    mixed.canaries = (canary(1), canary(2))

    verdict = judged("CONC301", crowds(calls=[mixed, call(2)]))

    assert verdict.title == "4 requests at once: conversations were mixed"
    assert verdict.seen == "1 of 2 model calls hold two requests' conversations"


def test_traces_that_hold_many_requests_are_no_conversation():
    traces = call(1, counted=False)
    traces.canaries = (canary(1), canary(2))

    assert judged("CONC301", crowds(calls=[traces])).verdict == Outcome.PASS


def test_a_thread_pool_that_lets_some_wait_is_not_accused():
    waiting = [exchange("together", number=number, seconds=6.0) for number in (1, 2)]

    assert judged("CONC301", crowds(*waiting)).verdict == Outcome.PASS


def test_an_agent_that_sheds_up_to_half_clearly_passes_with_a_note():
    shed = [
        exchange("together", number=number, status=503, body={"error": "busy"}, headers={"retry-after": "1"})
        for number in (1, 2)
    ]

    verdict = judged("CONC301", crowds(*shed))

    assert verdict.verdict == Outcome.PASS
    assert verdict.notes == ("6 of 8 were answered, the others turned away",)


def test_an_agent_that_sheds_more_than_half_of_what_it_declares_fails():
    shed = [
        exchange("together", number=number, status=503, body={"error": "busy"}, headers={"retry-after": "1"})
        for number in (1, 2, 3)
    ]

    verdict = judged("CONC301", crowds(*shed))

    assert verdict.title == "4 requests at once: 1 of 4 requests were answered"
    assert not verdict.evidence["rests_on_time"]


def test_a_request_that_is_lost_without_a_word_fails():
    verdict = judged("CONC301", crowds(exchange("together", error="the connection was reset")))

    assert "neither answered nor turned away clearly" in (verdict.seen or "")


def test_where_nothing_is_declared_a_lost_request_is_a_note():
    verdict = judged("CONC301", crowds(exchange("together", error="the connection was reset"), the=terms()))

    assert verdict.verdict == Outcome.PASS
    assert "declare `budgets.concurrency`" in verdict.notes[-1]


def test_where_nothing_is_declared_an_agent_that_answers_none_fails():
    none = [exchange("together", number=number, status=500, body="Internal Server Error") for number in range(1, 5)]

    assert judged("CONC301", crowds(*none, the=terms())).verdict == Outcome.FAIL


def test_late_answers_are_to_be_repeated():
    late = [exchange("together", number=number, error="no complete answer", seconds=12.0) for number in (1, 2, 3)]

    assert judged("CONC301", crowds(*late)).evidence["rests_on_time"]


def test_an_agent_that_ends_fails():
    life = running(exited=2.0, exit_status=-11)

    verdict = judged("CONC301", crowds(life=life, output=printed("Segmentation fault")))

    assert verdict.title == "4 requests at once: the process ended"
    assert "SIGSEGV" in (verdict.seen or "")
