"""The simulated model's turns: tools in order, then an answer in the shape that was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from roadworthy.rehearsal.faults.fault import Turn
from roadworthy.rehearsal.world.model.conversation import AnswerFormat, Conversation, Message, Tool, ToolChoice
from roadworthy.rehearsal.world.model.simulated import Behaviour, left_out, turn_for
from roadworthy.rehearsal.world.model.thinking import telling_word

CANARY = "rw0123456789ab"
OTHER = "rwffffffffffff"
QUESTION = f"Where is order 1007? ({CANARY})"


def tool(name: str, **properties: Any) -> Tool:
    return Tool(name, schema={"type": "object", "properties": properties, "required": list(properties)})


ORDER = tool("get_order", order_id={"type": "string"})
SEARCH = tool("search_docs", query={"type": "string"})
DELETE = tool("delete_order", order_id={"type": "integer"})


def asked(text: str = QUESTION, *, system: str = "You are helpful.", **rest: Any) -> Conversation:
    return Conversation("m", (Message("system", system), Message("user", text)), **rest)


def says(conversation: Conversation, behaviour: Behaviour | None = None) -> Turn:
    numbers = count(1)
    return turn_for(conversation, behaviour or Behaviour(), lambda: f"call_{next(numbers)}")


def played(tools: tuple[Tool, ...], behaviour: Behaviour | None = None, **rest: Any) -> list[Turn]:
    """The turns of a whole conversation, each tool answered with `ok`."""
    turns: list[Turn] = []
    conversation = asked(tools=tools, **rest)
    while not turns or not turns[-1].final:
        turns.append(says(conversation, behaviour))
        calls = tuple(call.name for call in turns[-1].tool_calls)
        more = (Message("assistant", "", calls), *(Message("tool", "ok") for _ in calls))
        conversation = Conversation("m", conversation.messages + more, tools=tools, **rest)
        assert len(turns) < 20
    return turns


def test_each_tool_is_called_once_in_order_and_then_comes_the_answer() -> None:
    turns = played((ORDER, SEARCH))

    assert [call.name for turn in turns for call in turn.tool_calls] == ["get_order", "search_docs"]
    assert turns[-1] == Turn(text=f"Here is what I found for {CANARY}.")


def test_the_same_conversation_gets_the_same_turn() -> None:
    assert says(asked(tools=(SEARCH,))) == says(asked(tools=(SEARCH,)))


@pytest.mark.parametrize(("steps", "calls"), [(20, 8), (5, 3), (2, 0), (1, 0)])
def test_calls_stay_within_the_budget_of_steps(steps: int, calls: int) -> None:
    many = tuple(tool(f"get_{letter}") for letter in "abcdefghijkl")

    assert len(played(many, Behaviour(steps=steps))) == calls + 1


def test_arguments_take_digits_for_ids_and_a_telling_word_else_and_never_the_canary() -> None:
    lookup = tool(
        "find",
        orderId={"type": "string"},
        ticket_number={"type": "integer"},
        query={"type": "string"},
        paid={"type": "string"},
    )

    (call,) = says(asked(tools=(lookup,))).tool_calls

    assert json.loads(call.arguments) == {"orderId": "1007", "ticket_number": 1007, "query": "order", "paid": "order"}


def test_no_canary_reaches_a_tool_even_in_a_text_of_canaries_alone() -> None:
    (call,) = says(asked(f"{CANARY} {OTHER}", tools=(SEARCH,))).tool_calls

    assert CANARY not in call.arguments
    assert OTHER not in call.arguments


def test_arguments_fit_the_schema() -> None:
    schema = {
        "type": "object",
        "properties": {
            "status": {"enum": ["open", "closed"]},
            "since": {"type": "string", "format": "date"},
            "limit": {"type": "integer", "minimum": 5, "maximum": 7},
        },
        "required": ["status", "since", "limit"],
        "additionalProperties": False,
    }

    (call,) = says(asked(tools=(Tool("list_orders", schema=schema),))).tool_calls

    assert Draft202012Validator(schema).is_valid(json.loads(call.arguments))


def test_the_users_own_arguments_win_and_list_the_tools_that_may_be_called() -> None:
    behaviour = Behaviour(tools={"search_docs": {"query": "refund"}, "delete_order": {}})

    calls = [call for turn in played((ORDER, SEARCH, DELETE), behaviour) for call in turn.tool_calls]

    assert [(call.name, json.loads(call.arguments)) for call in calls] == [
        ("search_docs", {"query": "refund"}),
        ("delete_order", {"order_id": 1007}),
    ]


def test_a_tool_that_changes_something_is_left_out_and_named() -> None:
    conversation = asked(tools=(DELETE, SEARCH))

    assert [call.name for turn in played((DELETE, SEARCH)) for call in turn.tool_calls] == ["search_docs"]
    assert left_out(conversation, Behaviour()) == {"delete_order": "delete"}
    assert left_out(conversation, Behaviour(tools={"delete_order": {}})) == {}


def test_with_writes_allowed_it_is_called() -> None:
    turns = played((DELETE,), Behaviour(allow_writes=True))

    assert [call.name for turn in turns for call in turn.tool_calls] == ["delete_order"]
    assert left_out(asked(tools=(DELETE,)), Behaviour(allow_writes=True)) == {}


def test_a_new_request_of_a_session_calls_the_tools_again() -> None:
    before = (Message("user", f"first {OTHER}"), Message("assistant", "", ("search_docs",)), Message("tool", "ok"))
    conversation = Conversation(
        "m", (*before, Message("assistant", "done"), Message("user", QUESTION)), tools=(SEARCH,)
    )

    assert says(conversation).tool_calls


def test_a_correction_does_not() -> None:
    messages = (
        Message("user", QUESTION),
        Message("assistant", "", ("search_docs",)),
        Message("tool", "ok"),
        Message("assistant", "an answer"),
        Message("user", "That was not valid JSON. Try again."),
    )

    turn = says(Conversation("m", messages, tools=(SEARCH,)))

    assert turn.text == f"Here is what I found for {CANARY}."


def test_calls_that_an_agent_keeps_as_text_count_as_calls() -> None:
    messages = (
        Message("user", QUESTION),
        Message("assistant", "Calling tools: [{'name': 'search_docs', 'arguments': {}}]"),
        Message("user", "Observation: ok"),
    )

    assert says(Conversation("m", messages, tools=(SEARCH,))).final


def test_a_tool_that_is_only_spoken_of_was_not_called() -> None:
    messages = (
        Message("user", QUESTION),
        Message("assistant", "Let me use search_docs for that."),
        Message("user", "Go on."),
    )

    assert says(Conversation("m", messages, tools=(SEARCH,))).tool_calls


def test_tool_choice_none_is_obeyed() -> None:
    assert says(asked(tools=(SEARCH,), tool_choice=ToolChoice("none"))).final


def test_a_named_tool_is_called_before_its_turn() -> None:
    turn = says(asked(tools=(ORDER, SEARCH), tool_choice=ToolChoice("named", "search_docs")))

    assert [call.name for call in turn.tool_calls] == ["search_docs"]
    assert CANARY not in turn.tool_calls[0].arguments


def test_a_named_tool_that_changes_something_is_not_called_among_others() -> None:
    assert says(asked(tools=(ORDER, DELETE), tool_choice=ToolChoice("named", "delete_order"))).final


@pytest.mark.parametrize("choice", [ToolChoice("named", "TicketReply"), ToolChoice("required")])
def test_the_one_tool_that_must_be_called_takes_the_answer(choice: ToolChoice) -> None:
    reply = tool("TicketReply", category={"type": "string"}, text={"type": "string"})

    (call,) = says(asked(tools=(reply,), tool_choice=choice)).tool_calls

    assert CANARY in json.loads(call.arguments)["text"]


def test_one_tool_that_looks_something_up_does_not_take_the_answer_at_first() -> None:
    conversation = asked(tools=(SEARCH,), tool_choice=ToolChoice("required"))

    assert CANARY not in says(conversation).tool_calls[0].arguments


def test_a_tool_for_the_answer_is_called_last_with_the_canary() -> None:
    final = tool("final_result", answer={"type": "string"})

    first, second = played((final, SEARCH))[:2]

    assert first.tool_calls[0].name == "search_docs"
    assert second.tool_calls[0].name == "final_result"
    assert CANARY in second.tool_calls[0].arguments


# The answer's shape.


def answer(**rest: Any) -> Any:
    return json.loads(says(asked(**rest)).text or "")


def test_the_users_own_answer_comes_first() -> None:
    turn = says(asked(answer_format=AnswerFormat("json")), Behaviour(answer='{"a": "{{canary}}"}'))

    assert turn.text == f'{{"a": "{CANARY}"}}'


def test_a_response_schema_is_fitted() -> None:
    schema: Mapping[str, Any] = {
        "type": "object",
        "properties": {"kind": {"enum": ["x"]}, "title": {"type": "string"}, "n": {"type": "integer"}},
    }

    assert answer(answer_format=AnswerFormat("schema", schema)) == {
        "kind": "x",
        "title": f"Here is what I found for {CANARY}.",
        "n": 1,
    }


def test_the_canary_prefers_a_string_that_is_named_like_an_answer() -> None:
    schema = {"type": "object", "properties": {"title": {"type": "string"}, "answer": {"type": "string"}}}

    made = answer(answer_format=AnswerFormat("schema", schema))

    assert made["title"] == "title"
    assert CANARY in made["answer"]


def test_a_short_string_holds_the_canary_alone() -> None:
    schema = {"type": "object", "properties": {"answer": {"type": "string", "maxLength": 20}}}

    assert answer(answer_format=AnswerFormat("schema", schema)) == {"answer": CANARY}


def test_an_example_in_the_prompt_gives_the_keys() -> None:
    system = 'Reply as JSON: {"category": "billing|other", "answer": "...", "sure": 0.9, "tags": ["a"]}. No prose.'

    assert answer(system=system) == {
        "category": "billing",
        "answer": f"Here is what I found for {CANARY}.",
        "sure": 0.9,
        "tags": ["a"],
    }


def test_an_example_with_placeholders_gives_the_keys() -> None:
    system = (
        'Answer with {"answer": <text>, "confidence": 0-1, "tags": [...], "of": {"name": string}, "ok": true/false}'
    )

    assert answer(system=system) == {
        "answer": f"Here is what I found for {CANARY}.",
        "confidence": 1,
        "tags": [],
        "of": {"name": ""},
        "ok": True,
    }


def test_a_schema_in_the_prompt_is_taken_for_one() -> None:
    system = (
        'For the schema {"properties": {"foo": {"type": "string"}}} the object {"foo": "bar"} is right. Your schema: '
        '{"properties": {"reply": {"type": "string"}}, "required": ["reply"]}'
    )

    assert answer(system=system) == {"reply": f"Here is what I found for {CANARY}."}


def test_in_json_mode_names_in_quotes_are_the_keys() -> None:
    system = 'Reply in JSON with the keys `answer` and "source".'

    made = answer(system=system, answer_format=AnswerFormat("json"))

    assert made == {"answer": f"Here is what I found for {CANARY}.", "source": ""}


def test_in_json_mode_without_names_there_is_still_an_object() -> None:
    assert answer(answer_format=AnswerFormat("json")) == {"answer": f"Here is what I found for {CANARY}."}


def test_what_the_agent_began_is_gone_on_with() -> None:
    conversation = asked(system='Reply as {"answer": "..."}', prefill='{\n "answer":')

    assert says(conversation).text == f' "Here is what I found for {CANARY}."}}'


@pytest.mark.parametrize("system", ["Be brief.", "Use {name} in braces.", "A set: {1, 2}", "", "{" * 500])
def test_plain_text_where_nothing_is_asked_for(system: str) -> None:
    assert says(asked(system=system)).text == f"Here is what I found for {CANARY}."


def test_without_a_canary_the_text_is_fixed() -> None:
    assert says(asked("Hello")).text == "Here is what I found."


def test_the_last_canary_of_the_last_user_message_counts() -> None:
    messages = (Message("user", f"{OTHER}"), Message("assistant", OTHER), Message("user", f"{OTHER} then {CANARY}"))

    assert CANARY in (says(Conversation("m", messages)).text or "")


def test_a_canary_elsewhere_counts_where_the_user_gives_none() -> None:
    assert CANARY in (says(asked("Hello", system=f"The request is {CANARY.upper()}")).text or "")


def test_a_limit_of_tokens_cuts_the_answer() -> None:
    turn = says(asked(answer_format=AnswerFormat("json"), max_tokens=5))

    assert turn.finish == "length"
    assert len(turn.text or "") == 20


def test_a_short_limit_leaves_room_for_the_canary_in_plain_text() -> None:
    assert says(asked(max_tokens=5)) == Turn(text=CANARY)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("Where is order 1007?", "order"),
        ("What is your refund policy", "refund"),
        ("Hello!", "example"),
        ("1 2 3", "example"),
    ],
)
def test_the_telling_word_is_no_everyday_word(said: str, word: str) -> None:
    assert telling_word(said) == word


@pytest.mark.parametrize("choice", [ToolChoice(), ToolChoice("named", "final_answer")])
def test_the_users_arguments_are_those_of_a_tool_that_takes_the_answer(choice: ToolChoice) -> None:
    final = tool("final_answer", verdict={"enum": ["yes", "no"]}, text={"type": "string"})
    given = {"final_answer": {"verdict": "no", "text": "Sorry: {{canary}}"}}

    (call,) = says(asked(tools=(final,), tool_choice=choice), Behaviour(tools=given)).tool_calls

    assert json.loads(call.arguments) == {"verdict": "no", "text": f"Sorry: {CANARY}"}
