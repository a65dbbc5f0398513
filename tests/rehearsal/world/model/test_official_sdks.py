"""What the official SDKs' own examples call, by the SDKs themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from anthropic import Anthropic
from openai import OpenAI

CANARY = "rw0123456789ab"
QUESTION = f"What is in this picture? {CANARY}"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
IMAGE = f"data:image/png;base64,{PIXEL}"


@pytest.fixture
def openai(serve: Callable[..., Any], openai_sdk: OpenAI) -> OpenAI:
    return openai_sdk.with_options(base_url=f"{serve('api.openai.com').url}/v1")


@pytest.fixture
def anthropic(serve: Callable[..., Any], anthropic_sdk: Anthropic) -> Anthropic:
    return anthropic_sdk.with_options(base_url=serve("api.anthropic.com").url)


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

    answer = openai.responses.create(
        model="gpt-5.5",
        input=[
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {"role": "user", "content": parts},
        ],
        reasoning={"effort": "low", "summary": "auto"},
        include=["reasoning.encrypted_content"],
    )

    assert CANARY in answer.output_text


@pytest.mark.parametrize(
    "options",
    [{"seed": 7}, {"stop": ["END"]}, {"logprobs": True, "top_logprobs": 2}, {"n": 2}, {"reasoning_effort": "low"}],
)
def test_chat_takes_the_usual_options(openai: OpenAI, options: Any) -> None:
    answer = openai.chat.completions.create(
        model="gpt-4.1", messages=[{"role": "user", "content": QUESTION}], **options
    )

    assert len(answer.choices) == options.get("n", 1)


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
