from tests.hazards.evidence import exchange, judged, observed, printed, reason, running, stopped, terms, trials

from roadworthy.findings import Outcome
from roadworthy.manifest.model import Agent
from roadworthy.rehearsal.scenario import Send, UntilAnswered

RESET = "the connection was reset"


def test_the_first_request_comes_at_once_and_further_ones_until_one_is_answered():
    (trial,) = trials("COLD302")

    assert trial.at_once
    assert trial.steps == (Send("during"), UntilAnswered("later"))


def test_an_agent_that_answers_at_once_passes():
    assert judged("COLD302", observed(exchange(), exchange("later", number=2))).verdict == Outcome.PASS


def test_a_first_answer_that_takes_long_passes():
    assert judged("COLD302", observed(exchange(seconds=6.0))).verdict == Outcome.PASS


def test_a_503_at_the_first_sign_of_readiness_fails_and_tells_how_much_too_early_it_came():
    early = exchange(status=503, body={"error": "the index is not loaded yet"}, due=0.5)
    lost = exchange("later", number=2, status=503, body={"error": "the index is not loaded yet"}, due=1.0)

    verdict = judged("COLD302", observed(early, lost, exchange("later", number=3, due=1.5)))

    assert verdict.title == "asked at the first 2xx of /health: the request failed"
    assert verdict.seen == (
        'POST /agent -> 503 after 100 ms: "{"error": "the index is not loaded yet"}"; '
        "1.0 s later a request was answered"
    )


def test_a_reset_fails_where_the_open_port_is_the_sign():
    verdict = judged("COLD302", observed(exchange(error=RESET), life=running(ready_path=None)))

    assert verdict.title == "asked as soon as its port was open: the request failed"
    assert "later" not in (verdict.seen or "")


def test_a_500_with_a_traceback_in_the_output_shows_where():
    trace = """
Traceback (most recent call last):
  File "/srv/app/main.py", line 7, in answer
    return index.find(query)
AttributeError: 'NoneType' object has no attribute 'find'
"""
    verdict = judged("COLD302", observed(exchange(status=500, body={"error": "internal"}), output=printed(trace)))

    assert verdict.where is not None
    assert (verdict.where.path, verdict.where.line) == ("main.py", 7)


def test_an_agent_that_does_not_start_fails():
    assert judged("COLD302", observed(life=stopped())).verdict == Outcome.FAIL


def test_a_command_that_answers_once_has_no_readiness():
    assert "answers once" in reason("COLD302", terms(Agent(command=("ask",), input="stdin")))
