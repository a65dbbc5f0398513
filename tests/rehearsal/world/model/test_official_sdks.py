"""What the official SDKs' own examples call, by the SDKs themselves, which check the type of each field they get."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Any

import openai as openai_package
import pytest
from anthropic import Anthropic, AsyncAnthropic, NotFoundError
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

CANARY = "rw0123456789ab"
QUESTION = f"What is in this picture? {CANARY}"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
TOOL: Any = {
    "name": "get",
    "parameters": {"type": "object", "properties": {"order_id": {"type": "string"}}, "required": ["order_id"]},
}
CALLING: Any = [{"role": "user", "content": QUESTION}]
IMAGE = f"data:image/png;base64,{PIXEL}"


class Reply(BaseModel):
    category: str
    answer: str


@pytest.fixture
def openai(serve: Callable[..., Any], strict_openai: Callable[[str], OpenAI]) -> OpenAI:
    return strict_openai(serve("api.openai.com").url)


@pytest.fixture
def anthropic(serve: Callable[..., Any], strict_anthropic: Callable[[str], Anthropic]) -> Anthropic:
    return strict_anthropic(serve("api.anthropic.com").url)


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": IMAGE}},
        {"type": "input_audio", "input_audio": {"data": PIXEL, "format": "wav"}},
    ],
)
def test_chat_takes_pictures_and_sound(openai: OpenAI, part: Any) -> None:
    content: Any = [{"type": "text", "text": QUESTION}, part]

    answer = openai.chat.completions.create(model="gpt-4.1", messages=[{"role": "user", "content": content}])

    assert CANARY in (answer.choices[0].message.content or "")


def test_responses_take_pictures_and_reasoning(openai: OpenAI) -> None:
    parts: Any = [
        {"type": "input_text", "text": QUESTION},
        {"type": "input_image", "image_url": IMAGE, "detail": "auto"},
    ]
    asked: dict[str, Any] = {
        "model": "gpt-5.5",
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "store": False,
    }
    first = openai.responses.create(input=[{"role": "user", "content": parts}], **asked)
    reasoning, message = first.output

    again = openai.responses.create(input=[{"role": "user", "content": parts}, *first.output], **asked)  # type: ignore[misc]

    assert (reasoning.type, message.type) == ("reasoning", "message")
    assert reasoning.type == "reasoning"
    assert "picture" in reasoning.summary[0].text
    assert reasoning.encrypted_content
    assert first.usage is not None
    assert 0 < first.usage.output_tokens_details.reasoning_tokens < first.usage.output_tokens
    assert CANARY not in reasoning.to_json()
    assert CANARY in first.output_text
    assert CANARY in again.output_text


def test_reasoning_is_streamed(openai: OpenAI) -> None:
    with openai.responses.stream(model="m", input=QUESTION, reasoning={"effort": "low", "summary": "auto"}) as stream:
        summary = "".join(event.delta for event in stream if event.type == "response.reasoning_summary_text.delta")
        answer = stream.get_final_response()

    assert answer.output[0].type == "reasoning"
    assert answer.output[0].summary[0].text == summary


@pytest.mark.parametrize(("reasoning", "kinds"), [({"effort": "high"}, ["reasoning", "message"]), (None, ["message"])])
def test_without_a_wish_for_a_summary_or_for_reasoning_there_is_none(
    openai: OpenAI, reasoning: Any, kinds: list[str]
) -> None:
    output = openai.responses.create(model="m", input=QUESTION, reasoning=reasoning).output

    assert [item.type for item in output] == kinds
    assert not any(item.summary for item in output if item.type == "reasoning")


@pytest.mark.parametrize("options", [{"seed": 7}, {"stop": ["END"]}, {"n": 2}, {"reasoning_effort": "low"}])
def test_chat_takes_the_usual_options(openai: OpenAI, options: Any) -> None:
    answer = openai.chat.completions.create(
        model="gpt-4.1", messages=[{"role": "user", "content": QUESTION}], **options
    )

    assert len(answer.choices) == options.get("n", 1)
    assert answer.system_fingerprint


def usage(openai: OpenAI, **options: Any) -> Any:
    messages: Any = [{"role": "user", "content": QUESTION}]
    used = openai.chat.completions.create(model="m", messages=messages, **options).usage
    chunks = list(
        openai.chat.completions.create(
            model="m", messages=messages, stream=True, stream_options={"include_usage": True}, **options
        )
    )
    assert chunks[-1].usage == used
    return used


def test_each_choice_is_paid_for(openai: OpenAI) -> None:
    assert usage(openai, n=3).completion_tokens == 3 * usage(openai).completion_tokens
    assert usage(openai, n=3).prompt_tokens == usage(openai).prompt_tokens


def test_what_a_chat_model_thinks_is_paid_for(openai: OpenAI) -> None:
    thinking, plain = usage(openai, reasoning_effort="low"), usage(openai, reasoning_effort="none")

    assert thinking.completion_tokens_details.reasoning_tokens > plain.completion_tokens_details.reasoning_tokens == 0
    assert thinking.completion_tokens > plain.completion_tokens
    assert thinking.total_tokens == thinking.prompt_tokens + thinking.completion_tokens


def test_chat_stops_where_it_is_told_to(openai: OpenAI) -> None:
    answer = openai.chat.completions.create(model="m", messages=[{"role": "user", "content": QUESTION}], stop=".")
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (
        f"Here is what I found for {CANARY}",
        "stop",
    )


@pytest.mark.parametrize("streamed", [False, True])
def test_messages_stop_where_they_are_told_to(anthropic: Anthropic, streamed: bool) -> None:
    asked: dict[str, Any] = {
        "model": "m",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": QUESTION}],
        "stop_sequences": ["END", "."],
    }
    if streamed:
        with anthropic.messages.stream(**asked) as stream:
            answer: Any = stream.get_final_message()
    else:
        answer = anthropic.messages.create(**asked)

    assert (answer.stop_reason, answer.stop_sequence) == ("stop_sequence", ".")
    assert answer.content[0].text == f"Here is what I found for {CANARY}"


def test_a_stream_does_not_tell_at_its_start_how_it_will_end(anthropic: Anthropic) -> None:
    events = list(
        anthropic.messages.create(
            model="m",
            max_tokens=2000,
            messages=CALLING,
            stop_sequences=["."],
            thinking={"type": "adaptive"},
            stream=True,
        )
    )

    begun, ended = events[0], events[-2]
    assert begun.type == "message_start"
    assert (begun.message.stop_reason, begun.message.stop_sequence, begun.message.content) == (None, None, [])
    assert begun.message.usage.output_tokens_details is None
    assert ended.type == "message_delta"
    assert (ended.delta.stop_sequence, ended.usage.input_tokens) == (".", begun.message.usage.input_tokens)
    assert ended.usage.output_tokens_details is not None


@pytest.mark.parametrize(("beside", "told"), [({}, 0), ({"top_logprobs": 3}, 3), ({"top_logprobs": 20}, 20)])
def test_chat_tells_probabilities(openai: OpenAI, beside: Any, told: int) -> None:
    asked: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": QUESTION}], "logprobs": True}
    choice = openai.chat.completions.create(**asked, **beside).choices[0]
    with openai.chat.completions.stream(**asked, **beside) as stream:
        streamed = stream.get_final_completion().choices[0]

    assert choice.logprobs is not None
    assert choice.logprobs.content is not None
    tokens = choice.logprobs.content
    assert "".join(token.token for token in tokens) == choice.message.content
    assert bytes(byte for token in tokens for byte in token.bytes or ()).decode() == choice.message.content
    for token in tokens:
        likely = [other.logprob for other in token.top_logprobs]
        assert likely == sorted(likely, reverse=True)
        assert len({other.token for other in token.top_logprobs}) == told
        assert sum(map(math.exp, likely)) <= 1
        assert not told or token.top_logprobs[0].token == token.token
    assert streamed.logprobs == choice.logprobs


def test_responses_tell_probabilities_where_they_are_included(openai: OpenAI) -> None:
    asked: dict[str, Any] = {"model": "m", "input": QUESTION, "top_logprobs": 2}
    plain: Any = openai.responses.create(**asked).output[0]
    told: Any = openai.responses.create(**asked, include=["message.output_text.logprobs"]).output[0]
    events = list(openai.responses.create(**asked, include=["message.output_text.logprobs"], stream=True))

    assert plain.content[0].logprobs == []
    assert "".join(token.token for token in told.content[0].logprobs) == told.content[0].text
    assert all(len(token.top_logprobs) == 2 for token in told.content[0].logprobs)
    deltas = [event for event in events if event.type == "response.output_text.delta"]
    assert [[token.token for token in delta.logprobs] for delta in deltas] == [[delta.delta] for delta in deltas]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"stop": list("abcde")}, "maximum length 4"),
        ({"top_logprobs": 2}, "only allowed when 'logprobs' is enabled"),
        ({"modalities": ["text", "audio"]}, "does not answer with sound"),
    ],
)
def test_options_that_chat_does_not_take(openai: OpenAI, options: Any, words: str) -> None:
    with pytest.raises(openai_package.BadRequestError, match=words):
        openai.chat.completions.create(model="m", messages=[{"role": "user", "content": QUESTION}], **options)


@pytest.mark.parametrize("parameter", ["max_tokens", "max_completion_tokens"])
def test_chat_cuts_a_call_for_want_of_tokens(openai: OpenAI, parameter: str) -> None:
    tools: Any = [{"type": "function", "function": TOOL}]
    limit: dict[str, Any] = {parameter: 2}
    answer = openai.chat.completions.create(model="m", messages=CALLING, tools=tools, **limit)

    (call,) = answer.choices[0].message.tool_calls or ()
    assert call.type == "function"
    assert (call.function.arguments, answer.choices[0].finish_reason) == ('{"ord', "length")
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 2


def test_responses_cut_a_call_for_want_of_tokens(openai: OpenAI) -> None:
    tool: Any = {**TOOL, "name": "look_up_an_order_with_all_that_belongs_to_it_as_far", "type": "function"}
    answer = openai.responses.create(model="m", input=QUESTION, tools=[tool], max_output_tokens=16)

    assert (answer.status, answer.output[0].type) == ("incomplete", "function_call")
    assert answer.incomplete_details is not None
    assert answer.incomplete_details.reason == "max_output_tokens"
    assert answer.output[0].status == "incomplete"  # type: ignore[union-attr]


def test_messages_cut_a_call_for_want_of_tokens(anthropic: Anthropic) -> None:
    tool: Any = {"name": TOOL["name"], "input_schema": TOOL["parameters"]}
    answer = anthropic.messages.create(model="m", max_tokens=2, messages=CALLING, tools=[tool])

    assert (answer.stop_reason, answer.usage.output_tokens <= 2) == ("max_tokens", True)


def test_messages_take_pictures_documents_caching_and_thinking(anthropic: Anthropic) -> None:
    content: Any = [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}},
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a note"}},
        {"type": "text", "text": QUESTION, "cache_control": {"type": "ephemeral"}},
    ]
    asked: dict[str, Any] = {
        "model": "claude-test",
        "max_tokens": 2048,
        "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "messages": [{"role": "user", "content": content}],
    }

    with anthropic.messages.stream(**asked) as stream:
        streamed = stream.get_final_text()

    assert CANARY in streamed
    assert CANARY in next(block.text for block in anthropic.messages.create(**asked).content if block.type == "text")


def test_a_turn_with_its_thinking_is_sent_back(anthropic: Anthropic) -> None:
    thought: Any = [{"type": "thinking", "thinking": "hm", "signature": "c2ln"}, {"type": "text", "text": "Yes."}]

    answer = anthropic.messages.create(
        model="claude-test",
        max_tokens=100,
        messages=[
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": thought},
            {"role": "user", "content": QUESTION},
        ],
    )

    assert any(block.type == "text" and CANARY in block.text for block in answer.content)


def test_tokens_are_counted_with_pictures(anthropic: Anthropic) -> None:
    image: Any = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}

    counted = anthropic.messages.count_tokens(model="claude-test", messages=[{"role": "user", "content": [image]}])

    assert counted.input_tokens >= 1000


# Every call, by the clients that wait and by those that do not.


async def chat_stream(client: AsyncOpenAI) -> str:
    async with client.chat.completions.stream(model="m", messages=CALLING) as stream:
        return (await stream.get_final_completion()).choices[0].message.content or ""


async def chat_chunks(client: AsyncOpenAI) -> str:
    chunks = await client.chat.completions.create(model="m", messages=CALLING, stream=True)
    return "".join([chunk.choices[0].delta.content or "" async for chunk in chunks])


async def chat_parse(client: AsyncOpenAI) -> str:
    answer = await client.chat.completions.parse(model="m", messages=CALLING, response_format=Reply)
    assert answer.choices[0].message.parsed is not None
    return answer.choices[0].message.parsed.answer


async def responses_create(client: AsyncOpenAI) -> str:
    answer = await client.responses.create(model="m", input=QUESTION)
    assert (await client.responses.retrieve(answer.id)).output_text == answer.output_text
    return answer.output_text


async def responses_stream(client: AsyncOpenAI) -> str:
    async with client.responses.stream(model="m", input=QUESTION, reasoning={"summary": "auto"}) as stream:
        return (await stream.get_final_response()).output_text


async def responses_parse(client: AsyncOpenAI) -> str:
    answer = await client.responses.parse(model="m", input=QUESTION, text_format=Reply)
    assert answer.output_parsed is not None
    return answer.output_parsed.answer


@pytest.mark.parametrize(
    "call", [chat_stream, chat_chunks, chat_parse, responses_create, responses_stream, responses_parse]
)
def test_the_asynchronous_client_of_openai(
    serve: Callable[..., Any], call: Callable[[AsyncOpenAI], Awaitable[str]]
) -> None:
    async def ask() -> str:
        url = f"{serve('api.openai.com').url}/v1"
        async with AsyncOpenAI(api_key="k", base_url=url, _strict_response_validation=True) as client:
            return await call(client)

    assert CANARY in asyncio.run(ask())


async def messages_stream(client: AsyncAnthropic) -> str:
    asked: dict[str, Any] = {"model": "m", "max_tokens": 2000, "messages": CALLING}
    async with client.messages.stream(**asked, thinking={"type": "enabled", "budget_tokens": 1024}) as stream:
        return await stream.get_final_text()


async def messages_events(client: AsyncAnthropic) -> str:
    events = await client.messages.create(model="m", max_tokens=100, messages=CALLING, stream=True)
    deltas = [event.delta async for event in events if event.type == "content_block_delta"]
    return "".join(delta.text for delta in deltas if delta.type == "text_delta")


async def messages_parse(client: AsyncAnthropic) -> str:
    answer = await client.messages.parse(model="m", max_tokens=100, messages=CALLING, output_format=Reply)
    assert answer.parsed_output is not None
    return answer.parsed_output.answer


async def beta_messages(client: AsyncAnthropic) -> str:
    answer = await client.beta.messages.create(model="m", max_tokens=100, messages=CALLING)
    return answer.content[0].to_json()


@pytest.mark.parametrize("call", [messages_stream, messages_events, messages_parse, beta_messages])
def test_the_asynchronous_client_of_anthropic(
    serve: Callable[..., Any], call: Callable[[AsyncAnthropic], Awaitable[str]]
) -> None:
    async def ask() -> str:
        url = serve("api.anthropic.com").url
        async with AsyncAnthropic(api_key="k", base_url=url, _strict_response_validation=True) as client:
            return await call(client)

    assert CANARY in asyncio.run(ask())


def test_embeddings_and_models_have_the_types_that_are_expected(openai: OpenAI, anthropic: Anthropic) -> None:
    # In base64, its default, the SDK itself does not pass its strict check.
    vectors = openai.embeddings.create(model="m", input=["a", "b"], encoding_format="float").data
    openai.chat.completions.create(model="m", messages=CALLING)
    anthropic.messages.create(model="m", max_tokens=100, messages=CALLING)

    assert [vector.index for vector in vectors] == [0, 1]
    assert [model.id for model in openai.models.list()] == ["m"]
    assert openai.models.retrieve("m").id == "m"
    assert [model.id for model in anthropic.models.list()] == ["m"]
    assert anthropic.models.retrieve("m").id == "m"


@pytest.mark.parametrize(
    "call",
    [
        lambda sdk: sdk.images.generate(prompt="a cat"),
        lambda sdk: sdk.audio.speech.create(model="m", input="Hello", voice="ash"),
        lambda sdk: sdk.audio.transcriptions.create(model="m", file=b"RIFF"),
        lambda sdk: sdk.completions.create(model="m", prompt="Hello"),
        lambda sdk: sdk.moderations.create(input="Hello"),
        lambda sdk: sdk.files.list(),
        lambda sdk: sdk.batches.list(),
        lambda sdk: sdk.fine_tuning.jobs.list(),
        lambda sdk: sdk.vector_stores.list(),
        lambda sdk: sdk.conversations.create(),
    ],
)
def test_what_is_not_simulated_of_openai_says_so(openai: OpenAI, call: Callable[[OpenAI], Any]) -> None:
    with pytest.raises(openai_package.NotFoundError, match="simulated provider"):
        call(openai)


@pytest.mark.parametrize(
    "call",
    [
        lambda sdk: sdk.messages.batches.list(),
        lambda sdk: sdk.beta.files.list(),
        lambda sdk: sdk.beta.skills.list(),
        lambda sdk: sdk.beta.agents.list(),
    ],
)
def test_what_is_not_simulated_of_anthropic_says_so(anthropic: Anthropic, call: Callable[[Anthropic], Any]) -> None:
    with pytest.raises(NotFoundError, match="simulated provider"):
        call(anthropic)
