"""Several tool calls in one message, by a script and by a fault, in each protocol, whole and streamed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from anthropic import Anthropic
from openai import OpenAI

from roadworthy.manifest.mistakes import Source
from roadworthy.manifest.script import script_in
from roadworthy.rehearsal.faults.tool_calls import two_calls
from roadworthy.rehearsal.world.model.simulated import Behaviour

CANARY = "rw0123456789ab"
QUESTION = f"Where is order 7? {CANARY}"
PARAMETERS: dict[str, Any] = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
NAMES = ("search", "fetch")
SCRIPT = """\
- when: {turn: 1}
  reply: {calls: [{name: search, arguments: {query: a}}, {name: fetch, arguments: {query: b c}}]}
"""


@pytest.fixture(params=["script", "fault"])
def served(request: pytest.FixtureRequest, serve: Callable[..., Any]) -> Callable[[str], Any]:
    def start(host: str) -> Any:
        if request.param == "script":
            return serve(host, behaviour=Behaviour(script=script_in(Source("talk.yaml", SCRIPT))))
        served = serve(host)
        served.run(served.providers.begin, two_calls())
        return served

    return start


@pytest.mark.parametrize("streamed", [False, True])
def test_chat_completions(served: Callable[[str], Any], openai_sdk: OpenAI, streamed: bool) -> None:
    client = openai_sdk.with_options(base_url=f"{served('api.openai.com').url}/v1")
    tools: Any = [{"type": "function", "function": {"name": name, "parameters": PARAMETERS}} for name in NAMES]
    asked: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": QUESTION}], "tools": tools}

    def ask() -> Any:
        if not streamed:
            return client.chat.completions.create(**asked).choices[0].message
        with client.chat.completions.stream(**asked) as stream:
            return stream.get_final_completion().choices[0].message

    message = ask()
    results = [{"role": "tool", "tool_call_id": call.id, "content": "found"} for call in message.tool_calls]
    asked["messages"] += [message.model_dump(exclude_none=True, exclude={"parsed"}), *results]

    assert [call.function.name for call in message.tool_calls] == list(NAMES)
    assert all("query" in json.loads(call.function.arguments) for call in message.tool_calls)
    assert len({call.id for call in message.tool_calls}) == 2
    assert CANARY in ask().content


@pytest.mark.parametrize("streamed", [False, True])
def test_responses(served: Callable[[str], Any], openai_sdk: OpenAI, streamed: bool) -> None:
    client = openai_sdk.with_options(base_url=f"{served('api.openai.com').url}/v1")
    tools = [{"type": "function", "name": name, "parameters": PARAMETERS, "strict": False} for name in NAMES]
    asked: dict[str, Any] = {"model": "m", "input": [{"role": "user", "content": QUESTION}], "tools": tools}

    def ask() -> Any:
        if not streamed:
            return client.responses.create(**asked)
        with client.responses.stream(**asked) as stream:
            return stream.get_final_response()

    calls = [item for item in ask().output if item.type == "function_call"]
    for call in calls:
        said = {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments}
        asked["input"].append(said)
    asked["input"] += [{"type": "function_call_output", "call_id": call.call_id, "output": "x"} for call in calls]

    assert [call.name for call in calls] == list(NAMES)
    assert all("query" in json.loads(call.arguments) for call in calls)
    assert CANARY in ask().output_text


@pytest.mark.parametrize("streamed", [False, True])
def test_messages(served: Callable[[str], Any], anthropic_sdk: Anthropic, streamed: bool) -> None:
    client = anthropic_sdk.with_options(base_url=served("api.anthropic.com").url)
    tools: Any = [{"name": name, "input_schema": PARAMETERS} for name in NAMES]
    messages: list[Any] = [{"role": "user", "content": QUESTION}]

    def ask() -> Any:
        if not streamed:
            return client.messages.create(model="m", max_tokens=500, messages=messages, tools=tools)
        with client.messages.stream(model="m", max_tokens=500, messages=messages, tools=tools) as stream:
            return stream.get_final_message()

    message = ask()
    calls = [block for block in message.content if block.type == "tool_use"]
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": "found"} for call in calls]
    messages += [{"role": "assistant", "content": message.content}, {"role": "user", "content": results}]

    assert [call.name for call in calls] == list(NAMES)
    assert all("query" in call.input for call in calls)
    assert CANARY in ask().content[0].text
