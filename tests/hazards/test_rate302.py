from tests.hazards.evidence import baseline, call, exchange, judged, observed, printed, reason, running, trials

from roadworthy.findings import Outcome
from roadworthy.rehearsal.holds import PROSE_NOTE
from roadworthy.rehearsal.observed import Exchange, Observed
from roadworthy.rehearsal.scenario import Send, UntilAnswered

FAULT = "the provider says that the quota is used up"
MIB = 1024 * 1024
CLEAR = {"error": "our quota at the model provider is used up"}


def empty(*during: Exchange, after: Exchange | None = None, **keys: object) -> Observed:
    after = after or exchange("after", number=8, due=7.0)
    calls = [call(number, fault=FAULT, status=429) for number in (1, 2)]
    return observed(
        exchange("before", number=9),
        *during,
        after,
        **{"model_calls": calls, "breaks": [(0.9, FAULT), (6.9, "")], **keys},
    )


def both(**keys: object) -> tuple[Exchange, Exchange]:
    return exchange(number=1, **keys), exchange(number=2, **keys)


def test_twenty_requests_come_in_five_seconds_and_then_until_one_is_answered():
    (trial,) = trials("RATE302")

    assert Send("during", count=20, over=5.0) in trial.steps
    assert trial.steps[-1] == UntilAnswered("after")


def test_an_agent_without_model_calls_is_not_tested():
    assert "made no model call" in reason("RATE302", base=baseline(calls_per_request=0.0))


def test_a_503_that_names_the_quota_passes():
    assert judged("RATE302", empty(*both(status=503, body=CLEAR))).verdict == Outcome.PASS


def test_a_200_that_carries_an_error_text_passes():
    assert judged("RATE302", empty(*both(body=CLEAR))).verdict == Outcome.PASS


def test_an_apology_passes_with_the_note_that_callers_cannot_see_it():
    sorry = both(says="Sorry, the model provider's limit is reached.")

    assert judged("RATE302", empty(*sorry)).notes == (PROSE_NOTE,)


def test_an_answer_from_elsewhere_passes():
    assert judged("RATE302", empty(*both())).verdict == Outcome.PASS


def test_a_request_that_was_shed_before_it_met_the_429_passes():
    shed = exchange(number=3, status=429, body="slow down", headers={"retry-after": "1"})

    assert judged("RATE302", empty(*both(status=503, body=CLEAR), shed)).verdict == Outcome.PASS


def test_a_bare_500_fails():
    verdict = judged("RATE302", empty(*both(status=500, body="Internal Server Error")))

    assert verdict.title == f"{FAULT}: 2 of 2 requests got no clear error"
    assert "does not name its cause" in (verdict.seen or "")
    assert not verdict.evidence["rests_on_time"]


def test_an_agent_that_tries_until_nobody_waits_any_more_fails():
    late = both(error="no complete answer within 12 s", seconds=12.0)

    assert judged("RATE302", empty(*late)).evidence["rests_on_time"]


def test_an_agent_that_ends_fails():
    seen = empty(*both(status=503, body=CLEAR), life=running(exited=5.0, exit_status=1), output=printed("Error: quota"))

    assert judged("RATE302", seen).title == f"{FAULT}: the process ended"


def test_an_agent_that_stays_broken_fails():
    stuck = exchange("after", number=8, due=7.0, status=503, body=CLEAR)

    seen = empty(*both(status=503, body=CLEAR), after=stuck)

    assert judged("RATE302", seen).title == f"{FAULT}: the agent did not recover"


def test_an_agent_that_keeps_what_it_could_not_answer_fails():
    seen = empty(*both(status=503, body=CLEAR), memory=[(0.5, 60 * MIB), (5.0, 530 * MIB)])

    verdict = judged("RATE302", seen)

    assert verdict.title == f"{FAULT}: the agent needs more memory than it has"
    assert verdict.seen == "530 MiB while 20 requests were turned away"
    assert verdict.should == "stay below resources.memory, 512 MiB"


def test_a_tool_that_counts_twice_for_a_moment_is_not_kept_memory():
    samples = [(1.5 + index / 10, (600 if index == 38 else 300) * MIB) for index in range(40)]

    assert judged("RATE302", empty(*both(status=503, body=CLEAR), memory=samples)).verdict == Outcome.PASS


def test_what_twenty_connections_take_is_not_accused():
    seen = empty(*both(status=503, body=CLEAR), memory=[(0.5, 7 * MIB), (5.0, 70 * MIB)])

    assert judged("RATE302", seen).verdict == Outcome.PASS


def test_requests_that_never_met_the_429_are_not_tested():
    seen = empty(*both(), model_calls=[call(1)])

    assert (judged("RATE302", seen).reason or "").startswith("nothing to break")
