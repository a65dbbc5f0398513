"""Chat completions, judged by the official SDK and its types."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from pydantic import BaseModel, ConfigDict

from roadworthy.rehearsal.faults.fault import Fault, Turn

CANARY = "rw0123456789ab"
MESSAGES: list[Any] = [
    {"role": "system", "content": "You are a support agent."},
    {"role": "user", "content": f"Where is order 1007? {CANARY}"},
]
ORDER_SCHEMA = {"type": "object", "properties": {"order_id": {"type": "string"}}, "required": ["order_id"]}
TOOLS: list[Any] = [
    {"type": "function", "function": {"name": "get_order", "description": "An order.", "parameters": ORDER_SCHEMA}},
    {"type": "function", "function": {"name": "list_shops", "parameters": {"type": "object", "properties": {}}}},
    {"type": "function", "function": {"name": "delete_order", "parameters": ORDER_SCHEMA}},
]


class Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")

    category: Literal["billing", "other"]
    answer: str
    sources: list[str]


@pytest.fixture
def served(serve: Callable[..., Any]) -> Any:
    return serve("api.openai.com")


@pytest.fixture
def client(served: Any, openai_sdk: OpenAI) -> OpenAI:
    return openai_sdk.with_options(base_url=f"{served.url}/v1")


def create(client: OpenAI, **changes: Any) -> Any:
    return client.chat.completions.create(**{"model": "gpt-4.1", "messages": MESSAGES, **changes})


def test_an_answer_has_all_that_the_sdks_types_require(client: OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(model="gpt-4.1", messages=MESSAGES)

    answer = ChatCompletion.model_validate_json(raw.http_response.content, strict=True)

    assert CANARY in (answer.choices[0].message.content or "")
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 10
    assert raw.headers["x-request-id"].startswith("req_")
    assert raw.headers["x-ratelimit-remaining-requests"]
    assert "retry-after" not in raw.headers


def test_a_loop_of_tools_ends_with_the_canary(client: OpenAI, served: Any) -> None:
    messages = list(MESSAGES)
    called = []
    while True:
        message = create(client, messages=messages, tools=TOOLS).choices[0].message
        if not message.tool_calls:
            break
        (call,) = message.tool_calls
        called.append((call.function.name, json.loads(call.function.arguments)))
        messages += [message, {"role": "tool", "tool_call_id": call.id, "content": "found"}]

    assert called == [("get_order", {"order_id": "1007"}), ("list_shops", {})]
    assert CANARY in message.content
    assert served.providers.left_out == {"delete_order": "delete"}


def test_a_stream_has_all_that_the_sdks_types_require(client: OpenAI) -> None:
    chunks = list(create(client, stream=True, stream_options={"include_usage": True}))

    for chunk in chunks:
        ChatCompletionChunk.model_validate_json(chunk.to_json(), strict=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices).endswith(f"{CANARY}.")
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens > 10
    assert [chunk.choices[0].finish_reason for chunk in chunks[:-1]][-1] == "stop"


def test_without_being_asked_a_stream_tells_no_usage(client: OpenAI) -> None:
    assert all(chunk.usage is None and chunk.choices for chunk in create(client, stream=True))


def test_the_sdks_helper_puts_a_streamed_tool_call_together(client: OpenAI) -> None:
    with client.chat.completions.stream(model="gpt-4.1", messages=MESSAGES, tools=TOOLS[:1]) as stream:
        kinds = {event.type for event in stream}
        message = stream.get_final_completion().choices[0].message

    assert "tool_calls.function.arguments.done" in kinds
    assert message.tool_calls is not None
    assert json.loads(message.tool_calls[0].function.arguments) == {"order_id": "1007"}


def test_a_structured_output_is_parsed(client: OpenAI, served: Any) -> None:
    message = (
        client.chat.completions.parse(model="gpt-4.1", messages=MESSAGES, response_format=Reply).choices[0].message
    )

    assert message.parsed is not None
    assert CANARY in message.parsed.answer
    assert served.calls[0].wants_json
    assert served.calls[0].strict_schema


def test_json_mode_gives_an_object(client: OpenAI, served: Any) -> None:
    messages = [{"role": "system", "content": 'Reply in JSON with "answer".'}, MESSAGES[1]]

    answer = create(client, messages=messages, response_format={"type": "json_object"})

    assert CANARY in json.loads(answer.choices[0].message.content)["answer"]
    assert served.calls[0].wants_json
    assert not served.calls[0].strict_schema


def test_several_choices_are_given(client: OpenAI) -> None:
    assert [choice.index for choice in create(client, n=3).choices] == [0, 1, 2]


def test_parts_of_content_are_read(client: OpenAI) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 900_000}}
    messages = [{"role": "user", "content": [{"type": "text", "text": CANARY}, image]}]

    assert CANARY in create(client, messages=messages).choices[0].message.content


def test_a_short_limit_cuts_the_answer(client: OpenAI) -> None:
    answer = create(
        client, response_format={"type": "json_object"}, messages=[{"role": "user", "content": "json"}], max_tokens=3
    )

    assert answer.choices[0].finish_reason == "length"


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (Turn(text=None), (None, None, "stop")),
        (Turn(text=""), ("", None, "stop")),
        (Turn(refusal="I cannot."), (None, "I cannot.", "stop")),
        (Turn(text="half of", finish="length"), ("half of", None, "length")),
        (Turn(text="x", finish="content_filter"), ("x", None, "content_filter")),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_whatever_the_model_says_can_be_said(
    client: OpenAI, served: Any, turn: Turn, expected: Any, stream: bool
) -> None:
    served.run(served.providers.begin, Fault("reworded", reword=lambda _turn, _question: turn))

    if stream:
        with client.chat.completions.stream(model="gpt-4.1", messages=MESSAGES) as events:
            list(events)
            try:
                choice = events.get_final_completion().choices[0]
            except (openai.LengthFinishReasonError, openai.ContentFilterFinishReasonError):
                return
    else:
        choice = create(client).choices[0]

    content, refusal, finish = expected
    assert (choice.message.content or content or None) == (content or None)
    assert choice.message.refusal == refusal
    assert choice.finish_reason == finish


def tool_turn(*ids: str) -> dict[str, Any]:
    calls = [{"id": name, "type": "function", "function": {"name": "get_order", "arguments": "{}"}} for name in ids]
    return {"role": "assistant", "tool_calls": calls}


RESULT = {"role": "tool", "tool_call_id": "a", "content": "ok"}
LOOSE: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"messages": []}, "messages", "empty_array"),
        ({"messages": "hello"}, "messages", "invalid_type"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "invalid_value"),
        ({"messages": [{"content": "x"}]}, "messages[0].role", "missing_required_parameter"),
        ({"messages": [{"role": "user", "content": None}]}, "messages.[0].content", None),
        ({"messages": [*MESSAGES, {"role": "assistant", "content": None}]}, "messages.[2].content", None),
        ({"messages": [*MESSAGES, tool_turn("a")]}, "messages.[3].role", None),
        ({"messages": [*MESSAGES, tool_turn("a", "b"), RESULT, MESSAGES[1]]}, "messages.[4].role", None),
        ({"messages": [*MESSAGES, RESULT]}, "messages.[2].role", None),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id", "missing_required_parameter"),
        ({"messages": [{"role": "user", "content": "x" * 600_000}]}, "messages", "context_length_exceeded"),
        ({"model": ""}, None, None),
        ({"temperature": "hot"}, "temperature", "invalid_type"),
        ({"temperature": 3}, "temperature", "above_max_value"),
        ({"max_tokens": 0}, "max_tokens", "below_min_value"),
        ({"max_tokens": 1.5}, "max_tokens", "invalid_type"),
        ({"extra_body": {"temprature": 1}}, "temprature", "unknown_parameter"),
        ({"tools": []}, "tools", "empty_array"),
        ({"tools": TOOLS * 50}, "tools", "array_above_max_length"),
        ({"tools": [{"type": "function"}]}, "tools[0].function", "missing_required_parameter"),
        ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools[0].function.name", "invalid_value"),
        (
            {"tools": [{"type": "function", "function": {"name": "a", "parameters": {"a": 1}}}]},
            "tools[0].function.parameters",
            "invalid_function_parameters",
        ),
        (
            {"tools": [{"type": "function", "function": {"name": "a", "parameters": LOOSE, "strict": True}}]},
            "tools[0].function.parameters",
            "invalid_function_parameters",
        ),
        ({"tool_choice": "required"}, "tool_choice", None),
        ({"parallel_tool_calls": True}, "parallel_tool_calls", None),
        ({"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "other"}}}, "tool_choice", None),
        ({"stream_options": {"include_usage": True}}, "stream_options", None),
        ({"response_format": {"type": "json_object"}}, "messages", None),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema", "missing_required_parameter"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": LOOSE, "strict": True}}},
            "response_format",
            "invalid_json_schema",
        ),
    ],
)
def test_a_mistake_is_refused_and_noted(client: OpenAI, served: Any, changes: Any, param: Any, code: Any) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        create(client, **changes)

    assert (refused.value.param, refused.value.code) == (param, code)
    assert refused.value.type == "invalid_request_error"
    assert served.calls[0].refused
    assert served.calls[0].counted
    assert served.calls[0].fault is None


@pytest.mark.parametrize(
    "changes",
    [
        {"temperature": 0, "top_p": 1, "seed": 7, "stop": ["\n"], "user": "u", "logit_bias": {"1": 2}},
        {"temperature": None, "tools": None, "response_format": {"type": "text"}, "metadata": {"a": "b"}},
        {"messages": [*MESSAGES, tool_turn("a", "b"), RESULT, {**RESULT, "tool_call_id": "b"}]},
        {"messages": [*MESSAGES, {"role": "assistant", "content": "hi", "annotations": [], "audio": None}]},
        {"messages": [{"role": "developer", "content": [{"type": "text", "text": "x"}]}, MESSAGES[1]]},
        {"tools": [{"type": "custom", "custom": {"name": "code"}}]},
        {"tools": TOOLS, "tool_choice": "auto", "parallel_tool_calls": False},
        {"tools": [{"type": "function", "function": {"name": "now"}}]},
        {"reasoning_effort": "low", "verbosity": "low", "max_completion_tokens": 100, "store": False},
    ],
)
def test_a_right_request_is_never_refused(client: OpenAI, served: Any, changes: Any) -> None:
    create(client, **changes)

    assert served.calls[0].refused is None


def test_another_host_that_speaks_the_protocol_may_have_parameters_and_paths_of_its_own(
    serve: Callable[..., Any], openai_sdk: OpenAI
) -> None:
    served = serve("llm.internal", hosts={"llm.internal": "openai"})
    client = openai_sdk.with_options(base_url=f"{served.url}/proxy/api")

    assert create(client, extra_body={"top_k": 40}).choices[0].message.content
    assert served.calls[0].provider == "openai"
    assert served.calls[0].host == "llm.internal"
