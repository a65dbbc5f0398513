"""Anthropic's thinking: blocks with a signature, streamed and sent back, and what the provider refuses of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic

CANARY = "rw0123456789ab"
MESSAGES: list[Any] = [{"role": "user", "content": f"Where is order 1007? {CANARY}"}]
BUDGET: Any = {"type": "enabled", "budget_tokens": 1024}
TOOL: Any = {
    "name": "get_order",
    "input_schema": {"type": "object", "properties": {"order_id": {"type": "string"}}, "required": ["order_id"]},
}


@pytest.fixture
def client(serve: Callable[..., Any], strict_anthropic: Callable[[str], Anthropic]) -> Anthropic:
    return strict_anthropic(serve("api.anthropic.com").url)


def create(client: Anthropic, **changes: Any) -> Any:
    asked = {"model": "m", "max_tokens": 2000, "messages": MESSAGES, "thinking": BUDGET, **changes}
    return client.messages.create(**asked)


def kinds(message: Any) -> list[str]:
    return [block.type for block in message.content]


def test_the_model_thinks_before_it_answers(client: Anthropic) -> None:
    answer = create(client)

    thinking, text = answer.content
    assert (thinking.type, text.type) == ("thinking", "text")
    assert "order" in thinking.thinking
    assert CANARY not in thinking.thinking
    assert CANARY in text.text
    details = answer.usage.output_tokens_details
    assert 0 < details.thinking_tokens < answer.usage.output_tokens


def test_a_stream_brings_the_same(client: Anthropic) -> None:
    with client.messages.stream(model="m", max_tokens=2000, messages=MESSAGES, thinking=BUDGET) as stream:
        seen = {event.type for event in stream}
        streamed = stream.get_final_message()

    assert {"thinking", "signature", "text"} <= seen
    assert [block.to_dict() for block in streamed.content] == [block.to_dict() for block in create(client).content]
    assert streamed.usage.output_tokens_details == create(client).usage.output_tokens_details


@pytest.mark.parametrize(
    ("thinking", "first", "second"),
    [
        (BUDGET, ["thinking", "tool_use"], ["text"]),
        ({"type": "adaptive"}, ["thinking", "tool_use"], ["thinking", "text"]),
        ({"type": "between_tools"}, ["tool_use"], ["thinking", "text"]),
        ({"type": "disabled"}, ["tool_use"], ["text"]),
    ],
)
def test_a_loop_of_tools_sends_its_thinking_back(
    client: Anthropic, thinking: Any, first: list[str], second: list[str]
) -> None:
    called = create(client, thinking=thinking, tools=[TOOL])
    result = {"type": "tool_result", "tool_use_id": called.content[-1].id, "content": "sent"}
    back: list[Any] = [{"role": "assistant", "content": called.content}, {"role": "user", "content": [result]}]

    answer = create(client, thinking=thinking, tools=[TOOL], messages=[*MESSAGES, *back])

    assert (kinds(called), kinds(answer)) == (first, second)
    assert CANARY in answer.content[-1].text


def test_a_thought_that_is_not_to_be_shown_is_signed_all_the_same(client: Anthropic) -> None:
    answer = create(client, thinking={"type": "adaptive", "display": "omitted"})

    assert answer.content[0].thinking == ""
    assert answer.content[0].signature
    assert answer.usage.output_tokens_details.thinking_tokens > 0


def sent_back(client: Anthropic, **changes: Any) -> Any:
    thought = {**create(client).content[0].to_dict(), **changes}
    block = {name: value for name, value in thought.items() if value is not None}
    said = {"role": "assistant", "content": [block, {"type": "text", "text": "On its way."}]}
    return create(client, messages=[*MESSAGES, said, {"role": "user", "content": "When?"}])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"thinking": "Something else."}, "messages.1.content.0: Invalid `signature` in `thinking` block"),
        ({"signature": ""}, "messages.1.content.0: Invalid `signature` in `thinking` block"),
        ({"signature": None}, "messages.1.content.0.thinking.signature: Field required"),
    ],
)
def test_a_thought_that_was_changed_is_refused(client: Anthropic, changes: Any, words: str) -> None:
    with pytest.raises(anthropic.BadRequestError) as refused:
        sent_back(client, **changes)

    assert refused.value.api_message == words


def test_a_thought_as_it_was_and_one_of_the_real_provider_are_taken(client: Anthropic) -> None:
    assert CANARY in sent_back(client).content[-1].text
    assert (
        CANARY
        in sent_back(client, thinking="Hm.", signature="EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pk").to_json()
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 1000}}, "thinking.budget_tokens: Input should be greater"),
        ({"extra_body": {"thinking": {"type": "enabled"}}}, "thinking.enabled.budget_tokens: Field required"),
        ({"max_tokens": 1024}, "`max_tokens` must be greater than `thinking.budget_tokens`"),
        ({"extra_body": {"temperature": 0}}, "`temperature` may only be set to 1"),
        ({"tools": [TOOL], "tool_choice": {"type": "any"}}, "tool_choice forces tool use"),
    ],
)
def test_what_cannot_go_with_a_budget_is_refused(client: Anthropic, changes: Any, words: str) -> None:
    with pytest.raises(anthropic.BadRequestError, match=words):
        create(client, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"max_tokens": 1024, "tools": [TOOL]},
        {"extra_body": {"temperature": 1}},
        {"tools": [TOOL], "tool_choice": {"type": "auto"}},
        {"thinking": {"type": "adaptive"}, "tools": [TOOL], "tool_choice": {"type": "any"}},
        {"thinking": {"type": "adaptive"}, "max_tokens": 100},
    ],
)
def test_a_right_request_is_not(client: Anthropic, changes: Any) -> None:
    assert "thinking" in kinds(create(client, **changes))
