"""Anthropic's messages, judged by the official SDK and its types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic
from anthropic.types import Message, ModelInfo
from pydantic import BaseModel

from roadworthy.rehearsal.faults.fault import Fault, ToolCall, Turn

CANARY = "rw0123456789ab"
MESSAGES: list[Any] = [{"role": "user", "content": f"Where is order 1007? {CANARY}"}]
SCHEMA = {"type": "object", "properties": {"order_id": {"type": "string"}}, "required": ["order_id"]}
TOOLS: list[Any] = [
    {"name": "get_order", "description": "An order.", "input_schema": SCHEMA},
    {"type": "bash_20250124", "name": "bash"},
    {"name": "list_shops", "input_schema": {"type": "object", "properties": {}}},
]


class Reply(BaseModel):
    category: str
    answer: str


@pytest.fixture
def served(serve: Callable[..., Any]) -> Any:
    return serve("api.anthropic.com")


@pytest.fixture
def client(served: Any, anthropic_sdk: Anthropic) -> Anthropic:
    return anthropic_sdk.with_options(base_url=served.url)


def create(client: Anthropic, **changes: Any) -> Any:
    return client.messages.create(**{"model": "claude-test", "max_tokens": 500, "messages": MESSAGES, **changes})


def test_an_answer_has_all_that_the_sdks_types_require(client: Anthropic) -> None:
    raw = client.messages.with_raw_response.create(model="claude-test", max_tokens=500, messages=MESSAGES)

    answer = Message.model_validate_json(raw.http_response.content, strict=True)

    assert CANARY in answer.to_json()
    assert answer.stop_reason == "end_turn"
    assert answer.usage.input_tokens > 5
    assert raw.headers["request-id"].startswith("req_")
    assert raw.headers["anthropic-ratelimit-requests-remaining"]


@pytest.mark.parametrize("streamed", [False, True])
def test_a_loop_of_tools_ends_with_the_canary(client: Anthropic, streamed: bool) -> None:
    messages = list(MESSAGES)
    called = []
    for _ in range(5):
        if streamed:
            with client.messages.stream(
                model="claude-test", max_tokens=500, messages=messages, tools=TOOLS, system="Be brief."
            ) as stream:
                answer: Any = stream.get_final_message()
        else:
            answer = create(client, messages=messages, tools=TOOLS, system=[{"type": "text", "text": "Be brief."}])
        uses = [block for block in answer.content if block.type == "tool_use"]
        if not uses:
            break
        called += [(use.name, use.input) for use in uses]
        results = [{"type": "tool_result", "tool_use_id": use.id, "content": "found"} for use in uses]
        messages += [{"role": "assistant", "content": answer.content}, {"role": "user", "content": results}]

    assert called == [("get_order", {"order_id": "1007"}), ("list_shops", {})]
    assert CANARY in answer.content[0].text


def test_a_stream_has_all_that_the_sdks_types_require(client: Anthropic) -> None:
    events = list(create(client, stream=True)) + list(create(client, stream=True, tools=TOOLS))

    for event in events:
        type(event).model_validate_json(event.to_json(), strict=True)
    kinds = [event.type for event in events]
    assert kinds[0] == "message_start"
    assert kinds[-2:] == ["message_delta", "message_stop"]


def test_a_structured_output_is_parsed(client: Anthropic, served: Any) -> None:
    answer = client.messages.parse(model="claude-test", max_tokens=500, messages=MESSAGES, output_format=Reply)

    assert answer.parsed_output is not None
    assert CANARY in answer.parsed_output.answer
    assert served.calls[0].strict_schema


def test_what_the_agent_began_is_gone_on_with(client: Anthropic, served: Any) -> None:
    messages = [
        {"role": "user", "content": f'Reply as {{"answer": "..."}}. {CANARY}'},
        {"role": "assistant", "content": '{"answer":'},
    ]

    answer = create(client, messages=messages)

    assert answer.content[0].text == f' "Here is what I found for {CANARY}."}}'
    assert served.calls[0].wants_json


def test_the_tool_that_must_be_used_takes_the_answer(client: Anthropic) -> None:
    tool = {"name": "reply", "input_schema": {"type": "object", "properties": {"text": {"type": "string"}}}}

    answer = create(client, tools=[tool], tool_choice={"type": "tool", "name": "reply"})

    assert CANARY in answer.content[0].input["text"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("turn", "content", "stop_reason"),
    [
        (Turn(text=None), [], "end_turn"),
        (Turn(text=""), ["text"], "end_turn"),
        (Turn(refusal="I cannot."), ["text"], "refusal"),
        (Turn(text="half", finish="length"), ["text"], "max_tokens"),
        (
            Turn(tool_calls=(ToolCall("x", "a", "{}"), ToolCall("y", "b", "{}")), finish="tool_calls"),
            ["tool_use"] * 2,
            "tool_use",
        ),
    ],
)
def test_whatever_the_model_says_can_be_said(
    client: Anthropic, served: Any, turn: Turn, content: list[str], stop_reason: str, stream: bool
) -> None:
    served.run(served.providers.begin, Fault("reworded", reword=lambda _turn, _question: turn))

    if stream:
        with client.messages.stream(model="m", max_tokens=500, messages=MESSAGES) as events:
            answer: Any = events.get_final_message()
    else:
        answer = create(client)
        Message.model_validate_json(answer.to_json(), strict=True)

    assert [block.type for block in answer.content] == content
    assert answer.stop_reason == stop_reason


def test_arguments_that_are_no_json_arrive_empty(client: Anthropic, served: Any) -> None:
    cut = Turn(tool_calls=(ToolCall("x", "a", '{"query": "ab'),), finish="tool_calls")
    served.run(served.providers.begin, Fault("cut", reword=lambda _turn, _question: cut))

    assert create(client).content[0].input == {}


def use(name: str) -> dict[str, Any]:
    return {"role": "assistant", "content": [{"type": "tool_use", "id": name, "name": "get_order", "input": {}}]}


def result(name: str) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "tool_result", "tool_use_id": name, "content": "ok"}]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"messages": []}, "at least one message"),
        ({"messages": "hello"}, "messages: Input should be a valid list"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user"}]}, "messages.0.content: Field required"),
        ({"messages": [{"role": "user", "content": ""}]}, "non-empty content"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": ""}]}]}, "must be non-empty"),
        ({"messages": [*MESSAGES, {"role": "assistant", "content": ""}, *MESSAGES]}, "messages.1: all messages"),
        ({"messages": [*MESSAGES, {"role": "assistant", "content": "so "}]}, "trailing whitespace"),
        ({"messages": [*MESSAGES, use("a")]}, "without `tool_result`"),
        ({"messages": [*MESSAGES, use("a"), *MESSAGES]}, "messages.2: `tool_use` ids"),
        ({"messages": [*MESSAGES, result("a")]}, "unexpected `tool_use_id`"),
        ({"messages": [*MESSAGES, use("a"), result("a"), result("a")]}, "messages.3.content.0: unexpected"),
        (
            {"messages": [*MESSAGES, {"role": "user", "content": [{"type": "tool_result"}]}]},
            "tool_use_id: Field required",
        ),
        ({"messages": [{"role": "user", "content": "x" * 900_000}]}, "prompt is too long"),
        ({"max_tokens": 0}, "max_tokens: Input should be greater than or equal to 1"),
        ({"extra_body": {"max_tokens": "many"}}, "max_tokens: Input should be a valid integer"),
        ({"extra_body": {"temperature": 2}}, "temperature: Input should be less than or equal to 1"),
        ({"extra_body": {"functions": []}}, "functions: Extra inputs are not permitted"),
        ({"tools": [{"name": "a b", "input_schema": SCHEMA}]}, "tools.0.custom.name"),
        ({"tools": [{"name": "a"}]}, "tools.0.custom.input_schema: Field required"),
        ({"tools": [{"name": "a", "input_schema": {}}]}, "input_schema.type"),
        ({"tool_choice": {"type": "any"}}, "while providing tools"),
        ({"tools": TOOLS, "tool_choice": {"type": "tool", "name": "other"}}, "not found in provided tools"),
    ],
)
def test_a_mistake_is_refused_and_noted(client: Anthropic, served: Any, changes: Any, words: str) -> None:
    with pytest.raises(anthropic.BadRequestError) as refused:
        create(client, **changes)

    assert words in (refused.value.api_message or "")
    assert refused.value.type == "invalid_request_error"
    assert served.calls[0].refused
    assert served.calls[0].counted


@pytest.mark.parametrize(
    "changes",
    [
        {"extra_body": {"temperature": 1, "top_k": 5, "thinking": {"type": "disabled"}}, "stop_sequences": ["x"]},
        {"messages": [*MESSAGES, use("a"), result("a")], "metadata": {"user_id": "u"}},
        {"messages": [*MESSAGES, *MESSAGES]},
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}]}
            ]
        },
        {"tools": TOOLS, "tool_choice": {"type": "auto", "disable_parallel_tool_use": True}},
        {"tools": TOOLS, "tool_choice": {"type": "none"}},
    ],
)
def test_a_right_request_is_never_refused(client: Anthropic, served: Any, changes: Any) -> None:
    create(client, **changes)

    assert served.calls[0].refused is None


def test_a_request_without_a_version_or_a_key_is_refused(client: Anthropic, served: Any) -> None:
    with pytest.raises(anthropic.BadRequestError, match="anthropic-version"):
        create(client, extra_headers={"anthropic-version": ""})
    with pytest.raises(anthropic.AuthenticationError):
        create(client, extra_headers={"Authorization": anthropic.omit})


def test_tokens_are_counted_and_the_call_is_not(client: Anthropic, served: Any) -> None:
    count = client.messages.count_tokens(model="claude-test", messages=MESSAGES, tools=TOOLS)

    assert count.input_tokens > 20
    assert not served.calls[0].counted


def test_models_are_those_that_were_used_and_any_can_be_looked_up(client: Anthropic) -> None:
    create(client)

    assert [model.id for model in client.models.list()] == ["claude-test"]
    ModelInfo.model_validate_json(client.models.retrieve("claude-other").to_json())


def test_a_path_without_an_endpoint_is_not_found(client: Anthropic, served: Any) -> None:
    with pytest.raises(anthropic.NotFoundError):
        client.post("/v1/complete", body={}, cast_to=object)

    assert not served.calls[0].counted
