"""The user's script: which entry fits, and what the official SDKs get of it in each protocol."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from itertools import count
from typing import Any

import anthropic
import openai
import pytest

from roadworthy.manifest.mistakes import Source
from roadworthy.manifest.script import script_in
from roadworthy.rehearsal.faults.fault import Turn
from roadworthy.rehearsal.world.model.conversation import Conversation, Message, Tool
from roadworthy.rehearsal.world.model.script import scripted
from roadworthy.rehearsal.world.model.simulated import Behaviour, left_out, turn_for

CANARY = "rw0123456789ab"
QUESTION = f"Refund order 7? {CANARY}"
ASKED = Message("user", QUESTION)
CALLED = Message("assistant", "", ("search", "fetch"), ("c1", "c2"))
RESULTS = (Message("tool", "order 7: paid", ids=("c2",)), Message("tool", "nothing found", ids=("c1",)))
SCRIPT = """\
- when: {contains: break}
  reply: {error: {status: 503, message: not today}}
- when: {contains: slow}
  reply: {error: {status: 529, message: busy}, delay: 50ms}
- when: {turn: 1, matches: "order [0-9]+"}
  reply: {text: Let me see., calls: [{name: search, arguments: {query: refund}}]}
- when: {result: {search: nothing}}
  reply: {text: "No such order. {{canary}}"}
"""
PARAMETERS: dict[str, Any] = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}


def behaviour(text: str) -> Behaviour:
    return Behaviour(script=script_in(Source("talk.yaml", text)))


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ("{}", True),
        ("{turn: 2}", True),
        ("{turn: 1}", False),
        ("{contains: nothing}", True),
        ("{contains: Refund}", False),
        ("{matches: '^noth'}", True),
        ("{matches: '^found'}", False),
        ("{result: {search: found}}", True),
        ("{result: {fetch: found}}", False),
        ("{result: {fetch: paid, search: found}}", True),
        ("{result: {fetch: paid, other: ''}}", False),
        ("{turn: 2, contains: paid}", False),
    ],
)
def test_an_entry_fits_when_all_that_it_says_holds(when: str, fits: bool) -> None:
    earlier = (
        Message("user", "before"),
        Message("assistant", "", ("other",), ("c0",)),
        Message("tool", "", ids=("c0",)),
    )
    conversation = Conversation("m", (*earlier, ASKED, CALLED, *RESULTS, Message("system", "Be brief.")))
    script = behaviour(f"- when: {when}\n  reply: {{text: yes indeed}}").script

    assert (scripted(conversation, script) is not None) == fits


def test_the_first_entry_that_fits_wins_and_without_one_comes_the_usual_answer() -> None:
    two = behaviour("- {when: {turn: 1}, reply: {text: one}}\n- {when: {contains: order}, reply: {text: two}}")
    said = (Message("assistant", "one"), Message("user", "go on"))

    assert turn_for(Conversation("m", (ASKED,)), two, str) == Turn(text="one")
    assert turn_for(Conversation("m", (ASKED, *said)), two, str) == Turn(text=f"Here is what I found for {CANARY}.")


def test_a_canary_is_put_into_text_and_arguments() -> None:
    finish = behaviour("- reply: {text: '<{{canary}}>', calls: [{name: finish, arguments: {a: ['{{canary}}']}}]}")
    numbers = count(1)

    turn = turn_for(Conversation("m", (ASKED,)), finish, lambda: f"c{next(numbers)}")

    assert turn.text == f"<{CANARY}>"
    assert json.loads(turn.tool_calls[0].arguments) == {"a": [CANARY]}


def test_a_tool_that_the_script_calls_is_not_left_out() -> None:
    conversation = Conversation("m", (ASKED,), (Tool("delete_order"), Tool("send_mail")))

    assert set(left_out(conversation, behaviour("- reply: {calls: [{name: delete_order}]}"))) == {"send_mail"}


def test_chat_completions(serve: Callable[..., Any], openai_sdk: openai.OpenAI) -> None:
    served = serve("api.openai.com", behaviour=behaviour(SCRIPT))
    client = openai_sdk.with_options(base_url=f"{served.url}/v1")
    tools: Any = [{"type": "function", "function": {"name": "search", "parameters": PARAMETERS}}]
    messages: list[Any] = [{"role": "user", "content": QUESTION}]

    first = client.chat.completions.create(model="m", messages=messages, tools=tools).choices[0]
    (call,) = first.message.tool_calls or ()
    result = {"role": "tool", "tool_call_id": call.id, "content": "nothing found"}
    messages += [first.message.model_dump(exclude_none=True), result]
    stream = client.chat.completions.create(model="m", messages=messages, tools=tools, stream=True)
    last = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)

    assert (first.message.content, first.finish_reason) == ("Let me see.", "tool_calls")
    assert call.type == "function"
    assert (call.function.name, json.loads(call.function.arguments)) == ("search", {"query": "refund"})
    assert last == f"No such order. {CANARY}"
    with pytest.raises(openai.InternalServerError, match="not today") as caught:
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "break"}])
    assert caught.value.status_code == 503
    assert served.calls[-1].refused is None


def test_responses_that_go_on_from_a_stored_one(serve: Callable[..., Any], openai_sdk: openai.OpenAI) -> None:
    client = openai_sdk.with_options(base_url=f"{serve('api.openai.com', behaviour=behaviour(SCRIPT)).url}/v1")
    tools: Any = [{"type": "function", "name": "search", "parameters": PARAMETERS, "strict": False}]

    first = client.responses.create(model="m", input=QUESTION, tools=tools)
    (call,) = (item for item in first.output if item.type == "function_call")
    last = client.responses.create(
        model="m",
        previous_response_id=first.id,
        input=[{"type": "function_call_output", "call_id": call.call_id, "output": "nothing found"}],
        tools=tools,
    )

    assert (first.output_text, call.name, json.loads(call.arguments)) == ("Let me see.", "search", {"query": "refund"})
    assert last.output_text == f"No such order. {CANARY}"
    with pytest.raises(openai.InternalServerError, match="not today"):
        client.responses.create(model="m", input="break")


def test_messages(serve: Callable[..., Any], anthropic_sdk: anthropic.Anthropic) -> None:
    client = anthropic_sdk.with_options(base_url=serve("api.anthropic.com", behaviour=behaviour(SCRIPT)).url)
    asked: dict[str, Any] = {
        "model": "m",
        "max_tokens": 100,
        "tools": [{"name": "search", "input_schema": PARAMETERS}],
    }
    messages: list[Any] = [{"role": "user", "content": QUESTION}]

    first = client.messages.create(messages=messages, **asked)
    text, call = first.content
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "nothing found"}
    messages += [{"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    with client.messages.stream(messages=messages, **asked) as stream:
        last = stream.get_final_text()

    assert (text.text, first.stop_reason) == ("Let me see.", "tool_use")
    assert (call.name, call.input) == ("search", {"query": "refund"})
    assert last == f"No such order. {CANARY}"
    began = time.monotonic()
    with pytest.raises(anthropic.APIStatusError, match="busy") as caught:
        client.messages.create(messages=[{"role": "user", "content": "slow"}], **asked)
    assert (caught.value.status_code, caught.value.type) == (529, "overloaded_error")
    assert time.monotonic() - began >= 0.05
