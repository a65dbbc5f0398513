from __future__ import annotations

import pytest
from tests.hazards.evidence import baseline, call, exchange, observed

from roadworthy.hazards.tool_use import came_to_nothing, found_nothing, results_by_tool, tools_behind
from roadworthy.rehearsal.observed import ModelCall

FOUND = "handbook/returns.md:3: an order can be returned within thirty days"


def said(result: str, *, number: int = 1) -> list[ModelCall]:
    key = f"call_{number}"
    return [call(number, at=1.0, tool_calls={key: "search"}), call(number, at=2.0, tool_results={key: result})]


def test_the_tool_behind_a_moment_is_the_one_that_the_model_called_last():
    seen = observed(
        model_calls=[
            call(at=3.0, tool_calls={}),
            call(at=1.0, tool_calls={"a": "search"}),
            call(at=2.0, tool_calls={"b": "customer", "c": "orders"}),
        ]
    )

    assert tools_behind([1.5], seen) == {"search"}
    assert tools_behind([2.5], seen) == {"customer", "orders"}
    assert tools_behind([0.5, 3.5], seen) == set()


def test_results_are_found_by_the_calls_they_answer_each_once():
    seen = observed(exchange(), model_calls=[*said(FOUND), call(at=3.0, tool_results={"call_1": FOUND, "x": "stray"})])

    assert results_by_tool(seen) == {"search": [FOUND]}
    assert results_by_tool(seen, exchange(number=2)) == {}


@pytest.mark.parametrize(
    "result",
    [
        "",
        "[]",
        '{"matches": []}',
        "nothing found",
        "error: timed out",
        "the search is not available at the moment, sorry",
    ],
)
def test_a_result_that_lost_what_was_found_came_to_nothing(result: str):
    seen = observed(exchange(), model_calls=said(result))

    assert came_to_nothing(seen, exchange(), baseline(model_calls=said(FOUND, number=7))) == ("search", result)


@pytest.mark.parametrize(
    "result",
    [
        FOUND,
        '[{"file": "returns.md", "line": 3, "text": "An order can be returned within thirty days"}]',
        "shipping.md:7: an order is sent within two days, and another one is sent back to us by whoever has it",
    ],
    ids=["the same", "in another form", "something else"],
)
def test_a_result_that_found_something_did_not(result: str):
    seen = observed(exchange(), model_calls=said(result))

    assert came_to_nothing(seen, exchange(), baseline(model_calls=said(FOUND, number=7))) is None


def test_a_tool_that_the_laptop_did_not_show_has_lost_nothing():
    assert came_to_nothing(observed(exchange(), model_calls=said("")), exchange(), baseline()) is None


def test_a_tool_that_found_nothing_on_the_laptop_is_known():
    assert found_nothing("search", baseline(model_calls=said("nothing found")))
    assert not found_nothing("search", baseline(model_calls=[*said("nothing found"), *said(FOUND, number=7)]))
