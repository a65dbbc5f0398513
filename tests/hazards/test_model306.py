import pytest
from tests.hazards.evidence import baseline, call, exchange, judged, observed, reason, trials

from roadworthy.findings import Outcome
from roadworthy.rehearsal.faults.fault import Question, ToolCall, Turn
from roadworthy.rehearsal.faults.says_nothing import REFUSAL, empty_content, no_content, refusal
from roadworthy.rehearsal.holds import PROSE_NOTE
from roadworthy.rehearsal.observed import Exchange, Observed

FAULTS = (no_content(), empty_content(), refusal())


def silent(during: Exchange) -> Observed:
    return observed(exchange("before", number=2), during, model_calls=[call(fault=no_content().name)])


def test_all_three_are_tried():
    assert [trial.subject for trial in trials("MODEL306", base=baseline(model_calls=[call()]))] == [
        fault.name for fault in FAULTS
    ]
    assert "made no model call" in reason("MODEL306", base=baseline())


@pytest.mark.parametrize(
    "during",
    [
        exchange(),
        exchange(says=REFUSAL),
        exchange(status=502, body={"error": "the model gave no answer"}),
        exchange(status=422, body={"error": f"the model refused to answer: {REFUSAL}"}),
        exchange(status=502, body={"error": "empty response"}),
    ],
)
def test_a_second_try_the_refusal_and_a_clear_error_pass(during):
    verdict = judged("MODEL306", silent(during))

    assert (verdict.verdict, verdict.notes) == (Outcome.PASS, ())


@pytest.mark.parametrize("says", ["The model had nothing to say.", "Sorry, there was an error: no answer came."])
def test_a_word_on_it_in_a_200_passes_with_a_note(says):
    assert judged("MODEL306", silent(exchange(says=says))).notes == (PROSE_NOTE,)


@pytest.mark.parametrize(
    "during",
    [
        exchange(says=""),
        exchange(says="None"),
        exchange(says="null"),
        exchange(body={"output": None}),
        exchange(status=500, body={"error": "internal error"}),
        exchange(status=500, body="Traceback (most recent call last):\n  TypeError: the model's content is None"),
    ],
)
def test_anything_else_fails(during):
    assert judged("MODEL306", silent(during)).verdict == Outcome.FAIL


def test_one_final_answer_is_changed_and_no_tool_call():
    asked = [Question(0.0, number, 1, None, wants_json=False, strict_schema=False, tools=()) for number in (0, 1)]
    usual, calling = Turn(text="It is here."), Turn(tool_calls=(ToolCall("1", "search", "{}"),))

    for fault in FAULTS:
        assert fault.reword(usual, asked[0]) != usual
        assert fault.reword(usual, asked[1]) is usual
        assert fault.reword(calling, asked[0]) is calling
