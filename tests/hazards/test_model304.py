import pytest
from tests.hazards.evidence import baseline, call, exchange, judged, observed, reason, trials

from roadworthy.findings import Outcome
from roadworthy.hazards.model_output import CUT_NOTE
from roadworthy.rehearsal.faults.cut_short import cut_short
from roadworthy.rehearsal.faults.fault import Question, ToolCall, Turn
from roadworthy.rehearsal.observed import Exchange, Observed


def cut(during: Exchange, *, wants_json: bool = False) -> Observed:
    calls = [call(fault=cut_short().name, wants_json=wants_json)]
    return observed(exchange("before", number=2), during, model_calls=calls)


def test_it_is_tried_with_text_and_with_a_strict_schema_too():
    assert len(trials("MODEL304", base=baseline(model_calls=[call()]))) == 1
    assert len(trials("MODEL304", base=baseline(model_calls=[call(wants_json=True, strict_schema=True)]))) == 1
    assert "made no model call" in reason("MODEL304", base=baseline())


@pytest.mark.parametrize("wants_json", [True, False])
@pytest.mark.parametrize(
    "during",
    [
        exchange(),
        exchange(status=502, body={"error": "the answer was cut off: it is too long"}),
        exchange(status=502, body={"error": "the model stopped early"}),
    ],
)
def test_an_answer_and_a_clear_error_pass(during, wants_json):
    assert judged("MODEL304", cut(during, wants_json=wants_json)).verdict == Outcome.PASS


@pytest.mark.parametrize(
    "during",
    [
        exchange(says="Here is what I found […]"),
        exchange(says="Here is what I found…"),
        exchange(body={"output": "Here is what I found", "truncated": True}),
        exchange(body={"output": "Here is what I found", "finish_reason": "length"}),
    ],
)
def test_cut_text_with_a_mark_passes(during):
    verdict = judged("MODEL304", cut(during))

    assert (verdict.verdict, verdict.notes) == (Outcome.PASS, ())


def test_plain_cut_text_passes_with_a_note():
    assert judged("MODEL304", cut(exchange(says="Here is what I found"))).notes == (CUT_NOTE,)


@pytest.mark.parametrize(
    ("during", "wants_json"),
    [
        (exchange(says='{"answer": "Here is'), True),
        (exchange(status=500, body={"error": "internal error"}), True),
        (exchange(status=500, body="Internal Server Error"), False),
        (exchange(says=""), False),
        (exchange(says="Here is", seconds=30.0), False),
    ],
)
def test_anything_else_fails(during, wants_json):
    assert judged("MODEL304", cut(during, wants_json=wants_json)).verdict == Outcome.FAIL


def test_three_final_answers_are_cut_and_no_tool_call():
    reword = cut_short().reword
    turn, calling = Turn(text="0123456789"), Turn(tool_calls=(ToolCall("1", "search", "{}"),))
    asked = [Question(0.0, number, 1, None, wants_json=False, strict_schema=False, tools=()) for number in range(4)]

    assert [reword(turn, question).text for question in asked] == ["012345"] * 3 + ["0123456789"]
    assert reword(turn, asked[0]).finish == "length"
    assert reword(calling, asked[0]) is calling
