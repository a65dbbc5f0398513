from tests.hazards.evidence import baseline, call, exchange, judged, observed, printed, reason, running, trials

from roadworthy.findings import Outcome
from roadworthy.rehearsal.faults.fault import Question, ToolCall, Turn
from roadworthy.rehearsal.faults.wrapped_in_prose import wrapped_in_prose
from roadworthy.rehearsal.holds import PROSE_NOTE
from roadworthy.rehearsal.observed import Exchange, Observed

FAULT = wrapped_in_prose().name
BASE = baseline(model_calls=[call(wants_json=True)])
DECODE_ERROR = """
Traceback (most recent call last):
  File "/srv/app/agent.py", line 40, in read
    return json.loads(content)["answer"]
  File "/usr/lib/python3.12/json/decoder.py", line 355, in raw_decode
    raise JSONDecodeError("Expecting value", s, err.value) from None
json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
"""


def wrapped(during: Exchange, **keys) -> Observed:
    return observed(exchange("before", number=2), during, model_calls=[call(fault=FAULT, wants_json=True)], **keys)


def test_it_is_tried_where_json_is_asked_for():
    assert len(trials("MODEL302", base=BASE)) == 1


def test_where_no_json_is_asked_for_it_is_not_tested():
    assert "not asked for JSON" in reason("MODEL302", base=baseline(model_calls=[call()]))


def test_a_strict_schema_is_the_providers_promise():
    base = baseline(model_calls=[call(wants_json=True, strict_schema=True)])

    assert "guarantees the JSON" in reason("MODEL302", base=base)


def test_an_agent_without_model_calls_is_not_tested():
    assert "made no model call" in reason("MODEL302", base=baseline())


def test_an_agent_that_finds_the_json_passes():
    assert judged("MODEL302", wrapped(exchange())).verdict == Outcome.PASS


def test_a_bare_500_fails_where_the_json_is_read():
    verdict = judged(
        "MODEL302", wrapped(exchange(status=500, body="Internal Server Error"), output=printed(DECODE_ERROR))
    )

    assert verdict.title == "JSON with words around it: the request failed"
    assert verdict.where is not None
    assert str(verdict.where) == "agent.py:40"


def test_a_clear_502_passes():
    clear = exchange(status=502, body={"error": "the model's answer is not the JSON that it was asked for"})

    assert judged("MODEL302", wrapped(clear)).verdict == Outcome.PASS


def test_an_apology_in_a_200_passes_with_a_note():
    clear = exchange(says="Sorry, I could not read what the model answered.")

    assert judged("MODEL302", wrapped(clear)).notes == (PROSE_NOTE,)


def test_an_empty_answer_fails():
    assert judged("MODEL302", wrapped(exchange(says=""))).verdict == Outcome.FAIL


def test_an_agent_that_ends_fails():
    clear = exchange(status=502, body={"error": "invalid JSON"})

    assert judged("MODEL302", wrapped(clear, life=running(exited=1.2, exit_status=1))).verdict == Outcome.FAIL


def test_a_request_in_which_no_json_was_wrapped_is_not_tested():
    seen = observed(exchange("before", number=2), exchange(), model_calls=[call()])

    assert (judged("MODEL302", seen).reason or "").startswith("nothing to break")


def asked(*, wants_json: bool = True, strict_schema: bool = False) -> Question:
    return Question(0.0, 0, 1, None, wants_json, strict_schema, ())


def test_the_fault_leaves_alone_what_was_not_asked_for_as_json():
    fault = wrapped_in_prose()
    assert fault.reword is not None
    turn, calling = Turn(text='{"answer": 1}'), Turn(tool_calls=(ToolCall("1", "search", "{}"),))

    assert fault.reword(turn, asked(wants_json=False)) is turn
    assert fault.reword(turn, asked(strict_schema=True)) is turn
    assert fault.reword(calling, asked()) is calling
    assert '\n\n{"answer": 1}\n\n' in (fault.reword(turn, asked()).text or "")
