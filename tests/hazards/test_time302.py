from tests.hazards.evidence import baseline, call, exchange, judged, observed, printed, reason, running, trials

from roadworthy.findings import Outcome
from roadworthy.rehearsal.holds import PROSE_NOTE
from roadworthy.rehearsal.observed import Exchange, Observed
from roadworthy.rehearsal.scenario import UntilAnswered

FAULT = "the provider accepts and never answers"


def silent(during: Exchange, *after: Exchange, **keys: object) -> Observed:
    after = after or (exchange("after", number=3, due=15.0),)
    return observed(
        exchange("before", number=2),
        during,
        *after,
        model_calls=[call(1, fault=FAULT, status=None, ended=None)],
        breaks=[(0.9, FAULT), (14.5, "")],
        **keys,
    )


def test_after_the_fault_requests_are_sent_until_one_is_answered():
    assert trials("TIME302")[0].steps[-1] == UntilAnswered("after")


def test_an_agent_without_model_calls_is_not_tested():
    assert "made no model call" in reason("TIME302", base=baseline(calls_per_request=0.0))


def test_a_504_that_names_the_time_out_passes():
    clear = exchange(status=504, body={"error": "timed out: the model did not answer within 3 s"}, seconds=3.2)

    verdict = judged("TIME302", silent(clear))

    assert verdict.verdict == Outcome.PASS
    assert verdict.notes == ()


def test_a_500_that_names_the_time_out_passes_with_a_note():
    clear = exchange(status=500, body={"detail": "APITimeoutError: Request timed out."}, seconds=9.0)

    verdict = judged("TIME302", silent(clear))

    assert verdict.verdict == Outcome.PASS
    assert verdict.notes == ("a 500 names its cause: 429, 503 or 504 would also tell callers whether to try again",)


def test_a_200_with_an_errors_text_passes():
    clear = exchange(body={"error": "the model did not answer in time"}, seconds=3.2)

    assert judged("TIME302", silent(clear)).verdict == Outcome.PASS


def test_a_200_with_an_apology_passes_with_the_note_that_callers_cannot_see_it():
    clear = exchange(says="Sorry, I could not answer: the model did not answer in time.", seconds=3.2)

    assert judged("TIME302", silent(clear)).notes == (PROSE_NOTE,)


def test_an_answer_from_elsewhere_passes():
    assert judged("TIME302", silent(exchange(seconds=4.0))).verdict == Outcome.PASS


def test_an_agent_that_waits_for_ever_fails_with_a_time_out_to_set():
    verdict = judged("TIME302", silent(exchange(error="no complete answer within 12 s", seconds=12.0)))

    assert verdict.title == "the provider accepts and never answers: no answer within 10 s"
    assert verdict.seen == "POST /agent -> no complete answer within 12 s"
    assert "a time-out of 2 s and one retry" in (verdict.fix or "")
    assert verdict.evidence["rests_on_time"]


def test_a_bare_internal_server_error_fails():
    verdict = judged("TIME302", silent(exchange(status=500, body="Internal Server Error", seconds=3.2)))

    assert verdict.title == "the provider accepts and never answers: the error does not say so"
    assert "does not name its cause" in (verdict.seen or "")


def test_a_traceback_in_the_answer_fails_although_it_names_the_time_out():
    shown = 'Traceback (most recent call last):\n  File "/srv/app/a.py", line 3, in answer\nTimeoutError: timed out'

    verdict = judged("TIME302", silent(exchange(status=500, body=shown, seconds=3.2)))

    assert "shows its caller a traceback" in (verdict.seen or "")


def test_an_empty_200_fails():
    assert judged("TIME302", silent(exchange(says="None", seconds=3.2))).verdict == Outcome.FAIL


def test_an_agent_that_ends_fails():
    clear = exchange(status=504, body={"error": "timed out"}, seconds=3.2)
    life = running(exited=5.0, exit_status=1)

    verdict = judged("TIME302", silent(clear, life=life, output=printed("TimeoutError: timed out", at=4.9)))

    assert verdict.title == "the provider accepts and never answers: the process ended"


def test_an_agent_that_does_not_recover_fails():
    clear = exchange(status=504, body={"error": "timed out"}, seconds=3.2)
    stuck = [exchange("after", number=3, due=15.0, error="no complete answer within 12 s", seconds=12.0)]

    verdict = judged("TIME302", silent(clear, *stuck))

    assert verdict.title == "the provider accepts and never answers: the agent did not recover"


def test_an_agent_that_needs_a_second_try_recovers():
    clear = exchange(status=504, body={"error": "timed out"}, seconds=3.2)
    later = [exchange("after", number=3, due=15.0, status=503), exchange("after", number=4, due=15.5)]

    assert judged("TIME302", silent(clear, *later)).verdict == Outcome.PASS


def test_a_request_whose_calls_met_nothing_is_not_tested():
    seen = observed(exchange("before", number=2), exchange(), model_calls=[call(1)])

    assert (judged("TIME302", seen).reason or "").startswith("nothing to break")
