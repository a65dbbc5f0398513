from dataclasses import replace

import pytest
from tests.hazards.evidence import baseline, call, exchange, judged, observed, reason, trials

from roadworthy.findings import Outcome
from roadworthy.hazards.model_tool_calls import ENDED_NOTE
from roadworthy.rehearsal.faults.fault import Question, ToolCall, Turn
from roadworthy.rehearsal.faults.tool_calls import UNKNOWN, unknown_tool
from roadworthy.rehearsal.observed import Exchange, Observed

SEARCH = ToolCall("call_1", "search", '{"query": "x"}')
FIRST = Question(0.0, 0, 0, None, wants_json=False, strict_schema=False, tools=("search",))


def met(during: Exchange, **results: str) -> Observed:
    """The fault in the first call of the model, and a second one that holds these results."""
    calls = [
        call(fault=unknown_tool().name, tools=("search",), tool_calls={"call_1": "no_such_tool"}),
        call(at=1.1, tools=("search",), tool_results=results),
    ]
    return observed(exchange("before", number=2), during, model_calls=calls)


def test_it_is_tried_where_tools_are_offered():
    assert len(trials("MODEL307", base=baseline(model_calls=[call(tools=("search",))]))) == 1
    assert "offered no tools" in reason("MODEL307", base=baseline(model_calls=[call()]))
    assert "made no model call" in reason("MODEL307", base=baseline())


def test_an_agent_that_tells_the_model_and_goes_on_passes():
    verdict = judged("MODEL307", met(exchange(), call_1="error: no_such_tool failed"))

    assert (verdict.verdict, verdict.notes) == (Outcome.PASS, ())


def test_a_clear_error_passes_with_a_note():
    clear = exchange(status=502, body={"error": "the model made a tool call that cannot be run"})

    assert judged("MODEL307", met(clear)).notes == (ENDED_NOTE,)


def test_an_agent_that_asks_again_without_the_mistake_passes_with_a_note():
    assert "asked again" in judged("MODEL307", met(exchange())).notes[0]


@pytest.mark.parametrize("during", [exchange(status=500, body={"error": "internal error"}), exchange(says="")])
def test_anything_else_fails(during):
    assert judged("MODEL307", met(during)).verdict == Outcome.FAIL


def test_without_a_tool_call_it_is_not_tested():
    seen = observed(exchange("before", number=2), exchange(), model_calls=[call(tools=("search",))])

    assert (judged("MODEL307", seen).reason or "").startswith("nothing to break")


def test_one_call_is_changed_and_none_that_the_request_names_itself():
    reword = unknown_tool().reword
    turn, text = Turn(tool_calls=(SEARCH,)), Turn(text="It is here.")

    assert reword(turn, FIRST).tool_calls == (replace(SEARCH, name=UNKNOWN),)
    assert reword(turn, replace(FIRST, number=1)) is turn
    assert reword(turn, replace(FIRST, forced=True)) is turn
    assert reword(text, FIRST) is text
