import pytest
from tests.hazards.evidence import baseline, call, exchange, judged, observed, reason, running, trials

from roadworthy.findings import Outcome
from roadworthy.rehearsal.faults.fenced import fenced
from roadworthy.rehearsal.holds import PROSE_NOTE
from roadworthy.rehearsal.observed import Exchange, Observed

BASE = baseline(model_calls=[call(wants_json=True)])


def fenced_answer(during: Exchange, **keys) -> Observed:
    return observed(
        exchange("before", number=2), during, model_calls=[call(fault=fenced().name, wants_json=True)], **keys
    )


def test_it_is_tried_once_where_json_is_asked_for():
    assert len(trials("MODEL301", base=BASE)) == 1


@pytest.mark.parametrize(
    ("calls", "why"),
    [
        ([], "made no model call"),
        ([call()], "not asked for JSON"),
        ([call(wants_json=True, strict_schema=True)], "guarantees the JSON"),
    ],
)
def test_without_json_to_change_it_is_not_tested(calls, why):
    assert why in reason("MODEL301", base=baseline(model_calls=calls))


@pytest.mark.parametrize(
    "during",
    [
        exchange(),
        exchange(status=502, body={"error": "the model's answer is not the JSON that it was asked for"}),
        exchange(body={"error": "the model's answer could not be parsed"}),
    ],
)
def test_an_answer_and_a_clear_error_pass(during):
    assert judged("MODEL301", fenced_answer(during)).verdict == Outcome.PASS


def test_an_apology_in_a_200_passes_with_a_note():
    said = exchange(says="Sorry, I could not read what the model answered.")

    assert judged("MODEL301", fenced_answer(said)).notes == (PROSE_NOTE,)


@pytest.mark.parametrize(
    "during",
    [
        exchange(status=500, body="Internal Server Error"),
        exchange(says=""),
        exchange(says="None"),
        exchange(error="reset"),
        exchange(status=500, body="Traceback (most recent call last):\n  json.decoder.JSONDecodeError: x"),
    ],
)
def test_anything_else_fails(during):
    verdict = judged("MODEL301", fenced_answer(during))

    assert verdict.verdict == Outcome.FAIL
    assert verdict.title.startswith("JSON in a fence")


def test_an_agent_that_ends_fails():
    clear = exchange(status=502, body={"error": "invalid JSON"})

    assert judged("MODEL301", fenced_answer(clear, life=running(exited=1.2, exit_status=1))).verdict == Outcome.FAIL


def test_a_request_in_which_nothing_was_changed_is_not_tested():
    seen = observed(exchange("before", number=2), exchange(), model_calls=[call()])

    assert (judged("MODEL301", seen).reason or "").startswith("nothing to break")
