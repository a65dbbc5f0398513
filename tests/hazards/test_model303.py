import ast
import json

import pytest
from tests.hazards.evidence import baseline, call, exchange, judged, observed, reason, trials

from roadworthy.findings import Outcome
from roadworthy.rehearsal.faults.fault import Fault, Question, Turn
from roadworthy.rehearsal.faults.not_quite_json import single_quotes, trailing_comma
from roadworthy.rehearsal.observed import Exchange, Observed

JSON = Question(0.0, 0, 1, None, wants_json=True, strict_schema=False, tools=())


def changed(during: Exchange, fault: Fault) -> Observed:
    trial = next(trial for trial in trials("MODEL303", base=BASE) if trial.subject == fault.name)
    return observed(
        exchange("before", number=2), during, trial=trial, model_calls=[call(fault=fault.name, wants_json=True)]
    )


BASE = baseline(model_calls=[call(wants_json=True)])


def test_both_forms_are_tried():
    assert [trial.subject for trial in trials("MODEL303", base=BASE)] == [trailing_comma().name, single_quotes().name]


def test_where_no_json_is_asked_for_it_is_not_tested():
    assert "not asked for JSON" in reason("MODEL303", base=baseline(model_calls=[call()]))


@pytest.mark.parametrize("fault", [trailing_comma(), single_quotes()])
def test_an_agent_that_reads_it_and_one_that_says_that_it_cannot_pass(fault):
    clear = exchange(status=502, body={"error": "the model's answer is not JSON"})

    assert judged("MODEL303", changed(exchange(), fault)).verdict == Outcome.PASS
    assert judged("MODEL303", changed(clear, fault)).verdict == Outcome.PASS


def test_a_bare_500_fails_and_says_which_form_it_was():
    verdict = judged("MODEL303", changed(exchange(status=500, body={"error": "internal error"}), single_quotes()))

    assert verdict.verdict == Outcome.FAIL
    assert "single quotes" in verdict.title


@pytest.mark.parametrize("text", ['{"answer": "it\'s here", "sure": true, "more": null}', '{"a": [1, 2]}\n'])
def test_what_is_written_is_no_json_and_still_says_the_same(text):
    comma, quotes = (fault.reword(Turn(text=text), JSON).text for fault in (trailing_comma(), single_quotes()))

    for said in (comma, quotes):
        with pytest.raises(json.JSONDecodeError):
            json.loads(said)
    assert ast.literal_eval(quotes) == json.loads(text)
    assert comma == text.rstrip()[:-1] + ",}"


@pytest.mark.parametrize("text", ["{}", '"a text"', "no JSON", 'answer": "the agent wrote the beginning"}'])
def test_what_has_nothing_to_change_is_left_alone(text):
    turn = Turn(text=text)

    assert all(fault.reword(turn, JSON) is turn for fault in (trailing_comma(), single_quotes()))
