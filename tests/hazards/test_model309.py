from dataclasses import replace

from tests.hazards.evidence import baseline, call, exchange, judged, observed, reason, trials

from roadworthy.findings import Outcome
from roadworthy.rehearsal.faults.fault import Question, ToolCall, Turn
from roadworthy.rehearsal.faults.tool_calls import two_calls
from roadworthy.rehearsal.observed import Exchange, Observed

SEARCH, CUSTOMER = ToolCall("call_1", "search", "{}"), ToolCall("call_2", "customer", "{}")


def met(during: Exchange, *answered: str) -> Observed:
    calls = [
        call(fault=two_calls().name, tools=("search",), tool_calls={"call_1": "search", "call_2": "customer"}),
        call(at=1.1, tools=("search",), tool_results=dict.fromkeys(answered, "found")),
    ]
    return observed(exchange("before", number=2), during, model_calls=calls)


def test_it_is_tried_where_several_calls_are_allowed():
    assert len(trials("MODEL309", base=baseline(model_calls=[call(tools=("search",))]))) == 1
    forbidden = baseline(model_calls=[call(tools=("search",), parallel=False)])
    assert "forbids parallel tool calls" in reason("MODEL309", base=forbidden)
    assert "offered no tools" in reason("MODEL309", base=baseline(model_calls=[call()]))


def test_an_answer_with_both_results_passes():
    assert judged("MODEL309", met(exchange(), "call_1", "call_2")).verdict == Outcome.PASS


def test_a_result_that_never_came_fails_and_is_named():
    verdict = judged("MODEL309", met(exchange(), "call_1"))

    assert verdict.verdict == Outcome.FAIL
    assert verdict.seen == "POST /agent -> 200 after 100 ms; the model never got the result of customer"


def test_results_that_are_sent_as_text_of_the_agents_own_are_not_missed():
    before, during = exchange("before", number=2), exchange()
    calls = [
        call(2, tools=("search",), tool_calls={"call_0": "search"}),
        call(2, at=1.05, tools=("search",)),
        call(fault=two_calls().name, tools=("search",), tool_calls={"call_1": "search", "call_2": "search"}, at=1.2),
        call(at=1.3, tools=("search",)),
    ]

    verdict = judged("MODEL309", observed(before, during, model_calls=calls))

    assert verdict.verdict == Outcome.PASS
    assert "without the ids" in verdict.notes[0]


def test_a_clear_error_is_not_enough():
    clear = exchange(status=502, body={"error": "the model made two tool calls"})

    verdict = judged("MODEL309", met(clear, "call_1", "call_2"))

    assert verdict.verdict == Outcome.FAIL
    assert (verdict.seen or "").endswith("both calls were sound, so an error is not enough")


def test_a_second_call_is_added_once_and_only_where_that_is_allowed():
    reword = two_calls().reword
    turn = Turn(tool_calls=(SEARCH,))
    asked = Question(0.0, 0, 0, None, wants_json=False, strict_schema=False, tools=("search",), another=CUSTOMER)

    assert reword(turn, asked).tool_calls == (SEARCH, CUSTOMER)
    assert reword(turn, replace(asked, number=1)) is turn
    assert reword(turn, replace(asked, parallel=False)) is turn
    assert reword(turn, replace(asked, another=None)) is turn
