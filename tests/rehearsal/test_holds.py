import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.hazards.evidence import canary, exchange, observed, running, terms

from roadworthy.manifest.model import Agent, Stream
from roadworthy.rehearsal import holds
from roadworthy.rehearsal.observed import Exchange
from roadworthy.rehearsal.speech import answer_in

THE = terms()


def test_a_2xx_in_time_with_its_own_canary_answers():
    assert holds.answers(exchange(), 10.0)


def test_a_canary_survives_another_case():
    assert holds.answers(exchange(says=canary(1).upper()), 10.0)


@pytest.mark.parametrize(
    ("which", "why"),
    [
        (exchange(status=500), "status 500"),
        (exchange(status=302), "status 302"),
        (exchange(seconds=10.2), "complete only after 10.2 s, the deadline is 10 s"),
        (exchange(error="the connection was reset"), "the connection was reset"),
        (exchange(body={"text": "…"}), "the answer has nothing at $.output"),
        (exchange(says=canary(2)), "it holds what the model said for another request"),
        (exchange(says="On its way."), "it lacks what the model said for this request"),
        (exchange(says=""), "it is empty"),
        (exchange(body={"output": f"failed: {canary(1)}", "error": "timeout"}), "it reports an error"),
        (exchange(body={"output": f"failed: {canary(1)}", "status": "failed"}), "it reports an error"),
    ],
)
def test_what_does_not_answer_says_why(which: Exchange, why: str):
    assert (holds.why_no_answer(which, 10.0) or "").startswith(why)


@pytest.mark.parametrize("more", [{"error": None}, {"error": ""}, {"status": "ok"}, {"errors": []}])
def test_an_answer_that_says_there_was_no_error_answers(more):
    assert holds.answers(exchange(body={"output": canary(1), **more}), 10.0)


def test_our_own_lateness_is_no_fault_of_the_agents():
    late = exchange(seconds=10.2)
    late.driver_late = 0.3

    assert holds.answers(late, 10.0)


@pytest.mark.parametrize(
    ("which", "form"),
    [
        (exchange(status=504, body={"error": "timed out"}), "status"),
        (exchange(status=429, body="Too slow a model, it timed out"), "status"),
        (exchange(body={"error": {"type": "APITimeoutError"}}), "field"),
        (exchange(body={"status": "error", "detail": "no response in time"}), "field"),
        (exchange(says="Sorry, the request timed out. Please try again."), "prose"),
    ],
)
def test_errors_that_name_their_cause_are_clear_in_each_form(which: Exchange, form: str):
    clarity = holds.is_clear_error(which, THE, "timeout")

    assert clarity
    assert clarity.form == form


def test_a_streams_error_event_is_clear():
    agent = Agent(command=("python", "main.py"), stream=Stream())
    which = exchange(body='data: {"delta": "On it"}\n\ndata: {"error": "the model timed out"}\n\ndata: [DONE]\n\n')
    which.answer, which.shape_error = answer_in(agent, which.body)

    clarity = holds.is_clear_error(which, terms(agent), "timeout")

    assert clarity.form == "event"
    assert clarity


@pytest.mark.parametrize(
    ("which", "why"),
    [
        (exchange(status=500, body="Internal Server Error"), "does not name its cause"),
        (exchange(status=503, body="Service Unavailable"), "does not name its cause"),
        (exchange(status=504, body={"error": "timed out"}, seconds=11.0), "came after 11.0 s"),
        (exchange(error="the connection was reset"), "was none: the connection was reset"),
        (exchange(status=302, body="timed out"), "has status 302"),
        (exchange(says="Your order took no time to find."), "does not say that anything failed"),
        (exchange(says="Sorry, something went wrong."), "does not name its cause"),
        (exchange(says=""), "does not say that anything failed"),
        (
            exchange(status=500, body="Traceback (most recent call last):\n …\nTimeoutError: timed out"),
            "shows its caller",
        ),
    ],
)
def test_what_is_no_clear_error_says_why(which: Exchange, why: str):
    clarity = holds.is_clear_error(which, THE, "timeout")

    assert not clarity
    assert clarity.why_not.startswith(why)


FLASK_500 = (
    "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n"
    "<p>The server encountered an internal error and was unable to complete your request. Either the server is "
    "overloaded or there is an error in the application.</p>\n"
)


def test_a_frameworks_page_for_whatever_failed_names_no_cause_though_it_sounds_so():
    clarity = holds.is_clear_error(exchange(status=500, body=FLASK_500), THE, "unavailable", "rate_limit", "timeout")

    assert not clarity
    assert clarity.why_not == "does not name its cause"
    assert not holds.shed(exchange(status=500, body=FLASK_500), THE)


def test_an_error_of_the_agents_own_that_says_overloaded_names_its_cause():
    assert holds.is_clear_error(exchange(status=500, body="Either the model is overloaded, or …"), THE, "unavailable")


def test_the_name_of_what_was_broken_names_the_cause():
    assert holds.is_clear_error(exchange(status=502, body="no luck with Customers"), THE, names=["customers"])
    assert not holds.is_clear_error(exchange(status=502, body="no luck with mycustomers"), THE, names=["customers"])


def test_only_a_500_and_prose_have_a_note():
    assert holds.is_clear_error(exchange(status=504, body="timed out"), THE, "timeout").notes == ()
    assert "429, 503 or 504" in holds.is_clear_error(exchange(status=500, body="timed out"), THE, "timeout").notes[0]
    assert holds.is_clear_error(exchange(says="Sorry, it timed out"), THE, "timeout").notes == (holds.PROSE_NOTE,)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("openai.RateLimitError: Error code: 429", "rate_limit"),
        ("rate_limit_exceeded", "rate_limit"),
        ("APITimeoutError", "timeout"),
        ("ReadTimeout", "timeout"),
        ("The model didn’t answer: couldn’t connect", "network"),
        ("JSONDecodeError: Expecting value", "json"),
        ("ECONNREFUSED 127.0.0.1:5432", "network"),
    ],
)
def test_words_are_found_however_they_are_written(text: str, cause: str):
    assert holds.names_cause(text, cause)


@pytest.mark.parametrize("text", ["Internal Server Error", "internal error", "something went wrong", ""])
def test_an_error_that_says_nothing_names_no_cause(text: str):
    assert not holds.names_cause(text, *(cause for cause in holds.causes() if cause != "failure"))


def test_every_list_of_words_has_its_reason_and_is_in_lower_case():
    for name, cause in holds.causes().items():
        assert cause.why, name
        assert all(word == holds._plain(word).strip() for word in cause.words), name


def test_a_request_is_shed_with_retry_after_or_a_word_on_the_cause():
    assert holds.shed(exchange(status=503, body="", headers={"retry-after": "1"}), THE)
    assert holds.shed(exchange(status=503, body={"error": "overloaded"}), THE)
    assert not holds.shed(exchange(status=500, body="Internal Server Error"), THE)
    assert not holds.shed(exchange(status=503, headers={"retry-after": "1"}, body="", seconds=11.0), THE)


def test_an_agent_recovers_when_a_request_sent_within_ten_seconds_is_answered():
    breaks = [(1.0, "fault"), (5.0, "")]

    def recovers(due: float, **keys: object) -> bool:
        return holds.recovers(observed(exchange("after", due=due), breaks=breaks, **keys))

    assert recovers(14.9)
    assert not recovers(15.1)
    assert not recovers(6.0, life=running(exited=5.5, exit_status=1))


@given(st.text(max_size=300), st.integers(100, 599))
def test_whatever_comes_back_is_judged_without_an_error(text: str, status: int):
    which = exchange(status=status, body=text)

    assert holds.handled(which, THE, "timeout", names=[text[:5]]).clear in (True, False)


@given(st.text(alphabet=st.characters(codec="ascii"), min_size=1, max_size=12).filter(str.strip))
def test_a_name_stands_in_a_text_of_its_own(name: str):
    assert holds.names_exactly(f"- {name} -", name)
