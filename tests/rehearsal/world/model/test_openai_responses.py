"""Responses, embeddings and models, judged by the official SDK and its types."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types import CreateEmbeddingResponse, Model
from openai.types.responses import Response
from pydantic import BaseModel, ConfigDict

from roadworthy.rehearsal.faults.fault import Fault, ToolCall, Turn

CANARY = "rw0123456789ab"
QUESTION = f"Where is order 1007? {CANARY}"
SCHEMA = {"type": "object", "properties": {"order_id": {"type": "string"}}, "required": ["order_id"]}
TOOLS: list[Any] = [
    {"type": "function", "name": "get_order", "description": "An order.", "parameters": SCHEMA},
    {"type": "web_search"},
    {"type": "function", "name": "list_shops", "parameters": {"type": "object", "properties": {}}},
]


class Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")

    category: str
    answer: str


@pytest.fixture
def served(serve: Callable[..., Any]) -> Any:
    return serve("api.openai.com")


@pytest.fixture
def client(served: Any, openai_sdk: OpenAI) -> OpenAI:
    return openai_sdk.with_options(base_url=f"{served.url}/v1")


def create(client: OpenAI, **changes: Any) -> Any:
    return client.responses.create(**{"model": "gpt-4.1", "input": QUESTION, **changes})


def result(call_id: str, output: Any = "found") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": output}


def test_an_answer_has_all_that_the_sdks_types_require(client: OpenAI) -> None:
    raw = client.responses.with_raw_response.create(
        model="gpt-4.1", input=QUESTION, instructions="Be brief.", metadata={"a": "b"}, temperature=0.5
    )

    answer = Response.model_validate_json(raw.http_response.content, strict=True)

    assert CANARY in answer.output_text
    assert answer.status == "completed"
    assert (answer.instructions, answer.metadata, answer.temperature) == ("Be brief.", {"a": "b"}, 0.5)
    assert answer.usage is not None
    assert answer.usage.total_tokens > 10


def test_a_loop_of_tools_that_sends_everything_ends_with_the_canary(client: OpenAI) -> None:
    items: list[Any] = [{"role": "user", "content": [{"type": "input_text", "text": QUESTION}]}]
    called = []
    for _ in range(5):
        answer = create(client, input=items, tools=TOOLS)
        Response.model_validate_json(answer.to_json(), strict=True)
        calls = [item for item in answer.output if item.type == "function_call"]
        items += answer.output
        items += [result(call.call_id) for call in calls]
        called += [(call.name, json.loads(call.arguments)) for call in calls]
        if not calls:
            break

    assert called == [("get_order", {"order_id": "1007"}), ("list_shops", {})]
    assert CANARY in answer.output_text


def test_a_loop_of_tools_that_goes_on_from_the_last_response_does_too(client: OpenAI, served: Any) -> None:
    answer = create(client, tools=TOOLS, instructions="Be brief.")
    for _ in range(5):
        calls = [item for item in answer.output if item.type == "function_call"]
        if not calls:
            break
        answer = create(
            client,
            tools=TOOLS,
            previous_response_id=answer.id,
            input=[result(call.call_id, [{"type": "input_text", "text": "found"}]) for call in calls],
        )

    assert CANARY in answer.output_text
    assert [call.turn for call in served.calls] == [0, 1, 2]
    assert list(served.calls[1].tool_results.values()) == ["found"]


def test_a_response_that_was_not_to_be_stored_is_not_found(client: OpenAI) -> None:
    answer = create(client, store=False)

    with pytest.raises(openai.BadRequestError) as refused:
        create(client, previous_response_id=answer.id)

    assert refused.value.code == "previous_response_not_found"


def test_the_sdk_puts_a_stream_together(client: OpenAI) -> None:
    with client.responses.stream(model="gpt-4.1", input=QUESTION) as stream:
        kinds = [event.type for event in stream]
        answer = stream.get_final_response()

    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] == "response.completed"
    assert CANARY in answer.output_text


def test_a_stream_has_all_that_the_sdks_types_require(client: OpenAI) -> None:
    events = list(create(client, stream=True, tools=TOOLS)) + list(create(client, stream=True))

    for event in events:
        type(event).model_validate_json(event.to_json(), strict=True)
    assert [event.sequence_number for event in events if event.type == "response.created"] == [0, 0]


def test_a_structured_output_is_parsed(client: OpenAI, served: Any) -> None:
    answer = client.responses.parse(model="gpt-4.1", input=QUESTION, text_format=Reply)

    assert answer.output_parsed is not None
    assert CANARY in answer.output_parsed.answer
    assert served.calls[0].strict_schema


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("turn", "text", "refusal", "status"),
    [
        (Turn(text=None), "", None, "completed"),
        (Turn(text=""), "", None, "completed"),
        (Turn(refusal="I cannot."), "", "I cannot.", "completed"),
        (Turn(text="half of", finish="length"), "half of", None, "incomplete"),
        (
            Turn(tool_calls=(ToolCall("x", "a", '{"q": "ab'), ToolCall("y", "a", "{}")), finish="tool_calls"),
            "",
            None,
            "completed",
        ),
    ],
)
def test_whatever_the_model_says_can_be_said(
    client: OpenAI, served: Any, turn: Turn, text: str, refusal: str | None, status: str, stream: bool
) -> None:
    served.run(served.providers.begin, Fault("reworded", reword=lambda _turn, _question: turn))

    answer = list(create(client, stream=True))[-1].response if stream else create(client)

    Response.model_validate_json(answer.to_json(), strict=True)
    said = [
        part.refusal
        for item in answer.output
        if item.type == "message"
        for part in item.content
        if part.type == "refusal"
    ]
    assert (answer.output_text, answer.status, said) == (text, status, [refusal] if refusal else [])
    assert [item.call_id for item in answer.output if item.type == "function_call"] == [
        call.id for call in turn.tool_calls
    ]


CALL = {"type": "function_call", "call_id": "a", "name": "get_order", "arguments": "{}"}


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"input": openai.omit}, None, None),
        ({"model": openai.omit}, "model", "missing_required_parameter"),
        ({"input": 5}, "input", "invalid_type"),
        ({"input": [{"role": "user"}]}, "input[0].content", "missing_required_parameter"),
        ({"input": [{"role": "robot", "content": "x"}]}, "input[0].role", "invalid_value"),
        (
            {"input": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]},
            "input[0].content[0]",
            "invalid_value",
        ),
        ({"input": [{"role": "user", "content": "x"}, CALL]}, "input", None),
        ({"input": [result("a")]}, "input", None),
        ({"input": [{"type": "function_call", "call_id": "a"}]}, "input[0].name", "missing_required_parameter"),
        ({"max_output_tokens": 5}, "max_output_tokens", "below_min_value"),
        ({"extra_body": {"messages": []}}, "messages", "unknown_parameter"),
        ({"tools": [{"type": "function", "function": {"name": "a"}}]}, "tools[0].name", "missing_required_parameter"),
        ({"tools": TOOLS, "tool_choice": {"type": "function", "name": "other"}}, "tool_choice", None),
        ({"tool_choice": "required"}, "tool_choice", None),
        ({"text": {"format": {"type": "json_object"}}}, "input", None),
        ({"text": {"format": {"type": "json_schema", "schema": {}}}}, "text.format.name", "missing_required_parameter"),
        ({"input": "x" * 600_000}, "input", "context_length_exceeded"),
    ],
)
def test_a_mistake_is_refused_and_noted(client: OpenAI, served: Any, changes: Any, param: Any, code: Any) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        create(client, **changes)

    assert (refused.value.param, refused.value.code) == (param, code)
    assert served.calls[0].refused


@pytest.mark.parametrize(
    "changes",
    [
        {"input": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "x"}]}]},
        {
            "input": [
                {"role": "user", "content": "x"},
                {"type": "reasoning", "id": "r", "summary": []},
                CALL,
                result("a"),
            ]
        },
        {"text": {"verbosity": "low"}, "reasoning": {"effort": "low"}, "include": [], "truncation": "auto"},
        {"tools": TOOLS, "tool_choice": {"type": "web_search_preview"}},
        {"tools": TOOLS, "tool_choice": "none", "parallel_tool_calls": False, "max_tool_calls": 3},
    ],
)
def test_a_right_request_is_never_refused(client: OpenAI, served: Any, changes: Any) -> None:
    answer = create(client, **changes)

    Response.model_validate_json(answer.to_json(), strict=True)
    assert served.calls[0].refused is None


# The rest of OpenAI's endpoints.


def test_embeddings_are_unit_vectors_that_lie_close_for_like_texts(client: OpenAI, served: Any) -> None:
    texts = ["where is my order", "my order is where", "a recipe for soup"]
    raw = client.embeddings.with_raw_response.create(
        model="text-embedding-3-small", input=texts, encoding_format="float"
    )

    answer = CreateEmbeddingResponse.model_validate_json(raw.http_response.content, strict=True)

    one, like, other = (item.embedding for item in answer.data)
    assert len(one) == 1536
    assert sum(a * b for a, b in zip(one, like, strict=True)) == pytest.approx(1, abs=1e-4)
    assert sum(a * b for a, b in zip(one, other, strict=True)) < 0.5
    assert served.calls[0].counted


@pytest.mark.parametrize(
    ("model", "options", "size"),
    [("text-embedding-3-large", {}, 3072), ("text-embedding-3-small", {"dimensions": 256}, 256), ("other", {}, 1536)],
)
def test_embeddings_have_the_size_that_was_asked_for(client: OpenAI, model: str, options: Any, size: int) -> None:
    assert len(client.embeddings.create(model=model, input="a", **options).data[0].embedding) == size


@pytest.mark.parametrize("given", ["", [], [""], ["x" * 40_000], ["x"] * 2049, [{"a": 1}]])
def test_what_cannot_be_embedded_is_refused(client: OpenAI, given: Any) -> None:
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model="text-embedding-3-small", input=given)


@pytest.mark.parametrize("given", ["a", ["a", "b"], [1, 2, 3], [[1, 2], [3]]])
def test_texts_and_tokens_can_be_embedded(client: OpenAI, given: Any) -> None:
    assert client.embeddings.create(model="text-embedding-3-small", input=given).usage.total_tokens > 0


def test_models_are_those_that_were_used_and_any_can_be_looked_up(client: OpenAI, served: Any) -> None:
    create(client)

    assert [model.id for model in client.models.list()] == ["gpt-4.1"]
    Model.model_validate_json(client.models.retrieve("gpt-5").to_json(), strict=True)
    assert [call.counted for call in served.calls] == [True, False, False]


def test_traces_are_taken_and_not_counted(client: OpenAI, served: Any) -> None:
    client.post("/traces/ingest", body={"data": []}, cast_to=object)

    assert [(call.counted, call.refused) for call in served.calls] == [(False, None)]


@pytest.mark.parametrize("path", ["/chat/completion", "/v1/chat/completions", "/audio/speech"])
def test_a_path_without_an_endpoint_is_not_found(client: OpenAI, served: Any, path: str) -> None:
    with pytest.raises(openai.NotFoundError):
        client.post(path, body={}, cast_to=object)

    assert served.calls[0].refused is not None
    assert not served.calls[0].counted
