import json

import pytest
from tests.hazards.evidence import baseline, call, canary, exchange, judged, observed, reason, trials

from roadworthy.findings import Outcome
from roadworthy.rehearsal.faults.fault import Fault, Question, Turn
from roadworthy.rehearsal.faults.other_keys import EXTRA, extra_key, missing_key
from roadworthy.rehearsal.observed import Exchange, Observed

CLEAR = exchange(status=502, body={"error": 'the model\'s JSON has no "answer"'})


def changed(during: Exchange, fault: Fault) -> Observed:
    return observed(exchange("before", number=2), during, model_calls=[call(fault=fault.name, wants_json=True)])


def asked(*required: str, has_schema: bool = True) -> Question:
    keys = required if has_schema else None
    return Question(0.0, 0, 1, None, wants_json=True, strict_schema=False, tools=(), required_keys=keys)


def test_both_are_tried_where_json_is_asked_for():
    assert len(trials("MODEL305", base=baseline(model_calls=[call(wants_json=True)]))) == 2
    assert "not asked for JSON" in reason("MODEL305", base=baseline(model_calls=[call()]))


def test_with_one_key_more_it_has_to_be_answered():
    assert judged("MODEL305", changed(exchange(), extra_key())).verdict == Outcome.PASS

    verdict = judged("MODEL305", changed(CLEAR, extra_key()))

    assert verdict.verdict == Outcome.FAIL
    assert "one key more" in verdict.title


@pytest.mark.parametrize("during", [exchange(), CLEAR])
def test_with_one_key_less_a_clear_error_will_do(during):
    assert judged("MODEL305", changed(during, missing_key())).verdict == Outcome.PASS


@pytest.mark.parametrize(
    "during", [exchange(status=500, body={"error": "'answer'"}), exchange(says="None"), exchange(says="")]
)
def test_with_one_key_less_anything_else_fails(during):
    assert judged("MODEL305", changed(during, missing_key())).verdict == Outcome.FAIL


TEXT = json.dumps({"sure": True, "answer": f"found for {canary(1)}", "more": 1})


def keys(fault: Fault, question: Question) -> set[str]:
    return set(json.loads(fault.reword(Turn(text=TEXT), question).text))


def test_the_missing_key_is_a_required_one_and_the_answers_where_it_can_be():
    assert keys(missing_key(), asked(has_schema=False)) == {"sure", "more"}
    assert keys(missing_key(), asked("more", "answer")) == {"sure", "more"}
    assert keys(missing_key(), asked("more")) == {"sure", "answer"}
    assert keys(missing_key(), asked()) == {"sure", "answer", "more"}


def test_the_extra_key_is_one_that_was_not_there():
    assert keys(extra_key(), asked()) == {"sure", "answer", "more", EXTRA}
