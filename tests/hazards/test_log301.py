import json

import pytest
from tests.hazards.evidence import baseline, call, exchange, judged, observed, printed, reason, terms, trials

from roadworthy.findings import Outcome, Place
from roadworthy.hazards.logs import HEADERS, REQUEST_ID, TRACE_ID
from roadworthy.manifest.model import Agent, Variable
from roadworthy.rehearsal.conditions import With
from roadworthy.rehearsal.observed import Exchange, Observed
from roadworthy.rehearsal.scenario import Trial

FAILED = exchange(status=502, body={"error": "the model provider answered 400"})
TRACE = """Traceback (most recent call last):
  File "/srv/app/model.py", line 33, in ask
    return read(post(body, deadline))
model.Failed: the model said no"""
CHAINED = f"""
request failed
Traceback (most recent call last):
  File "/srv/app/model.py", line 33, in ask
    return read(post(body, deadline))
urllib.error.HTTPError: HTTP Error 400: Bad Request

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/app/main.py", line 56, in answer
    return 200, agent.answer(query)
model.Failed: the model said no [{REQUEST_ID}]
"""


def failing(text: str = "", request: Exchange = FAILED, *, at: float = 1.05, **keys) -> Observed:
    return observed(
        exchange("before", number=2, due=0.6),
        request,
        model_calls=[call(fault="the provider answers 400", status=400)],
        output=printed(text, at=at) if text else [],
        **keys,
    )


def test_the_level_is_the_one_that_the_manifest_gives_production():
    env = {"LOG_LEVEL": Variable(default="WARNING"), "PORT": Variable(default="8080"), "KEY": Variable()}

    (trial,) = trials("LOG301", terms(env=env))

    assert trial.conditions == (With("LOG_LEVEL", "WARNING"),)


@pytest.mark.parametrize("name", ["AGENT_LOG_LEVEL", "LOGLEVEL", "LOGGING_LEVEL", "RUST_LOG"])
def test_other_names_of_the_level_are_known(name):
    assert trials("LOG301", terms(env={name: Variable(default="INFO")}))[0].conditions == (With(name, "INFO"),)


def test_a_level_without_a_default_is_left_as_it_is():
    assert trials("LOG301", terms(env={"LOG_LEVEL": Variable(required=False)}))[0].conditions == ()


def test_an_entry_agents_log_is_its_servers():
    assert reason("LOG301", terms(Agent(entry="app.py:agent"))).startswith("provided by the server")


def test_an_agent_without_model_calls_is_not_tested():
    assert "made no model call" in reason("LOG301", base=baseline(calls_per_request=0.0))


@pytest.mark.parametrize(
    "text",
    [
        f"ERROR request {REQUEST_ID} failed: BadRequestError: no",
        json.dumps({"level": "ERROR", "request_id": REQUEST_ID, "error": "invalid_request_error"}),
        json.dumps({"level": "ERROR", "trace_id": TRACE_ID, "message": "HTTPError: the provider said no"}),
        f"POST /agent status=502 id={REQUEST_ID} 31ms",
        f"request failed [{REQUEST_ID}]\n{TRACE}",
        json.dumps({"id": REQUEST_ID, "exception": TRACE}),
        CHAINED,
    ],
    ids=["plain", "json", "trace id", "access line", "traceback below", "traceback in JSON", "id at a traceback's end"],
)
def test_a_line_with_the_id_and_the_error_passes(text):
    assert judged("LOG301", failing(text)).verdict == Outcome.PASS


def test_an_id_that_the_agent_returns_passes_too():
    own = exchange(status=502, body={"error": "model", "request_id": "f0e1d2c3"}, headers={"x-request-id": "f0e1d2c3"})

    assert judged("LOG301", failing("ERROR [f0e1d2c3] BadRequestError", own)).verdict == Outcome.PASS


def test_a_swallowed_error_fails():
    verdict = judged("LOG301", failing())

    assert verdict.title == "a failing request cannot be found in the output"
    assert (verdict.seen or "").endswith("0 lines of output, none with its id")


def test_an_error_without_the_id_fails_and_names_the_level_and_where_it_is_read():
    place = Place("settings.py", 40, 'LOG_LEVEL = os.environ.get("LOG_LEVEL")')
    trial = Trial(conditions=(With("LOG_LEVEL", "WARNING"),))

    verdict = judged(
        "LOG301", failing("ERROR request failed: BadRequestError", trial=trial, mentions={"LOG_LEVEL": place})
    )

    assert verdict.title == "a failing request cannot be found in the output at LOG_LEVEL=WARNING"
    assert verdict.where == place


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"level": "ERROR", "message": "request failed", "request_id": REQUEST_ID}),
        f"2026-11-23 10:00:12,502 ERROR request {REQUEST_ID} failed in 400 ms",
        f"POST /agent 200 {REQUEST_ID}",
    ],
    ids=["no error", "a time and a duration are no status", "a good status"],
)
def test_a_line_with_the_id_and_without_the_error_fails(text):
    verdict = judged("LOG301", failing(text))

    assert (verdict.seen or "").endswith("1 line of output, 1 with its id, none of these says what failed")


def test_a_line_that_comes_too_late_fails():
    assert judged("LOG301", failing(f"{REQUEST_ID}: BadRequestError", at=3.5)).verdict == Outcome.FAIL


def test_the_reference_in_the_input_is_no_id():
    own = exchange(status=502, body={"error": "no", "request_id": FAILED.canary})

    assert judged("LOG301", failing(f"{FAILED.canary}: BadRequestError", own)).verdict == Outcome.FAIL


def test_a_200_with_an_errors_text_is_not_accused():
    told = exchange(body={"error": "the model provider answered 400"})

    assert judged("LOG301", failing(f"{REQUEST_ID} failed: HTTPError", told)).verdict == Outcome.PASS


def test_an_agent_that_answers_all_the_same_is_not_tested():
    assert (judged("LOG301", failing("", exchange())).reason or "").startswith("nothing to break")


def test_a_request_whose_call_was_not_refused_is_not_tested():
    seen = observed(exchange("before", number=2), FAILED, model_calls=[call()])

    assert (judged("LOG301", seen).reason or "").startswith("nothing to break")


def test_both_usual_headers_are_sent():
    assert {name.lower() for name in HEADERS} == {"x-request-id", "traceparent"}
