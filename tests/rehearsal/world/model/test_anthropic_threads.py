"""Threads at the provider: what the official SDK's tool runner sends, and what becomes of a thread that is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic, beta_async_tool, beta_tool

CANARY = "rw0123456789ab"
MESSAGES: list[Any] = [{"role": "user", "content": f"Where is order 1007? {CANARY}"}]


@pytest.fixture
def served(serve: Callable[..., Any]) -> Any:
    return serve("api.anthropic.com")


@pytest.fixture
def client(served: Any, strict_anthropic: Callable[[str], Anthropic]) -> Anthropic:
    return strict_anthropic(served.url)


@beta_tool
def get_order(order_id: str) -> str:
    """Look up an order."""
    return f"order {order_id} is on its way"


@beta_async_tool
async def list_shops() -> str:
    """List the shops."""
    return "one shop"


def test_a_tool_runner_comes_to_its_answer(client: Anthropic, served: Any) -> None:
    runner = client.beta.messages.tool_runner(
        model="claude-test", max_tokens=500, messages=MESSAGES, tools=[get_order], system="Be brief."
    )
    answers = list(runner)

    assert [answer.stop_reason for answer in answers] == ["tool_use", "end_turn"]
    assert CANARY in answers[-1].content[0].to_json()
    assert [call.refused for call in served.calls] == [None, None]
    assert [call.canaries for call in served.calls] == [(CANARY,), (CANARY,)]
    assert [call.turn for call in served.calls] == [0, 1]
    assert served.calls[1].size < served.calls[0].size
    assert list(served.calls[1].tool_results.values()) == ["order 1007 is on its way"]


def test_a_streaming_tool_runner_does_too(client: Anthropic) -> None:
    runner = client.beta.messages.tool_runner(
        model="claude-test", max_tokens=500, messages=MESSAGES, tools=[get_order], stream=True
    )
    answers = [stream.get_final_message() for stream in runner]

    assert CANARY in answers[-1].content[0].to_json()


def test_an_asynchronous_tool_runner_with_thinking_does_too(served: Any) -> None:
    async def last() -> Any:
        async with AsyncAnthropic(api_key="k", base_url=served.url, _strict_response_validation=True) as client:
            runner = client.beta.messages.tool_runner(
                model="claude-test",
                max_tokens=2000,
                messages=MESSAGES,
                tools=[list_shops],
                thinking={"type": "adaptive"},
            )
            return [answer async for answer in runner][-1]

    answer = asyncio.run(last())

    assert [block.type for block in answer.content] == ["thinking", "text"]
    assert CANARY in answer.content[1].text


def continued(client: Anthropic, name: str, **changes: Any) -> Any:
    return client.beta.messages.create(
        model="claude-test",
        max_tokens=500,
        messages=[{"role": "user", "content": "And now?"}],
        thread={"type": "continue", "previous_message_id": name},
        **changes,
    )


def begun(client: Anthropic, **changes: Any) -> str:
    return client.beta.messages.create(model="claude-test", max_tokens=500, messages=MESSAGES, **changes).id


def test_a_thread_goes_on_with_what_it_was_created_with(client: Anthropic, served: Any) -> None:
    name = begun(client, thread={"type": "create"}, system="Reply in English.")

    answer = continued(client, name)

    assert CANARY in answer.content[0].text
    assert answer.usage.input_tokens > 20
    assert continued(client, answer.id).stop_reason == "end_turn"


def test_what_is_not_held_is_not_found(client: Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError) as refused:
        continued(client, begun(client))

    body: Any = refused.value.body
    assert body["error"]["details"] == {"error_code": "thread_not_found"}


def test_a_thread_keeps_its_system_prompt(client: Anthropic) -> None:
    name = begun(client, thread={"type": "create"})

    with pytest.raises(anthropic.BadRequestError, match="system"):
        continued(client, name, system="Be brief.")


def test_a_thread_without_a_message_to_go_on_from_is_refused(client: Anthropic) -> None:
    with pytest.raises(anthropic.BadRequestError, match="previous_message_id: Field required"):
        begun(client, extra_body={"thread": {"type": "continue"}})
