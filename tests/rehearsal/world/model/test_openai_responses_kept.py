"""Responses that are kept: the official SDK looks them up, streams them again, deletes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest
from openai import OpenAI

CANARY = "rw0123456789ab"
PARTS: list[Any] = [
    {"type": "input_text", "text": "What is this?"},
    {"type": "input_image", "image_url": "data:image/png;base64,AA=="},
]
ITEMS: list[Any] = [
    {"role": "user", "content": PARTS},
    {"type": "reasoning", "id": "rs_1", "summary": []},
    {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "c1", "output": "a cat"},
    {"role": "assistant", "content": "A cat."},
    {"role": "user", "content": f"Sure? {CANARY}"},
]


@pytest.fixture
def client(serve: Callable[..., Any], strict_openai: Callable[[str], OpenAI]) -> OpenAI:
    return strict_openai(serve("api.openai.com").url)


def test_a_response_is_looked_up_as_it_was_answered(client: OpenAI) -> None:
    answer = client.responses.create(model="m", input=f"Hello {CANARY}")

    assert client.responses.retrieve(answer.id).to_json() == answer.to_json()


def test_one_in_the_background_is_complete_at_once(client: OpenAI) -> None:
    answer = client.responses.create(model="m", input=f"Hello {CANARY}", background=True)

    assert answer.status == "completed"
    assert client.responses.cancel(answer.id).id == answer.id


def test_a_stream_is_gone_on_with_where_it_was_left(client: OpenAI) -> None:
    with client.responses.create(model="m", input=f"Hello {CANARY}", background=True, stream=True) as stream:
        first = next(iter(stream))
    assert first.type == "response.created"

    events = list(client.responses.retrieve(first.response.id, stream=True, starting_after=5))

    assert [event.sequence_number for event in events] == list(range(6, 6 + len(events)))
    last = events[-1]
    assert last.type == "response.completed"
    assert CANARY in last.response.output_text


def test_a_deleted_response_is_gone(client: OpenAI) -> None:
    answer = client.responses.create(model="m", input="Hello")
    client.responses.delete(answer.id)

    with pytest.raises(openai.NotFoundError, match="not found"):
        client.responses.retrieve(answer.id)
    with pytest.raises(openai.BadRequestError, match="Previous response"):
        client.responses.create(model="m", input="Hello", previous_response_id=answer.id)


def test_one_that_was_not_to_be_stored_is_not_found(client: OpenAI) -> None:
    answer = client.responses.create(model="m", input="Hello", store=False)

    for look in (client.responses.retrieve, client.responses.delete, client.responses.input_items.list):
        with pytest.raises(openai.NotFoundError):
            look(answer.id)


def test_one_that_is_not_in_the_background_cannot_be_cancelled(client: OpenAI) -> None:
    answer = client.responses.create(model="m", input="Hello")

    with pytest.raises(openai.BadRequestError, match="synchronous"):
        client.responses.cancel(answer.id)


def test_what_was_put_in_is_listed_page_by_page(client: OpenAI) -> None:
    answer = client.responses.create(model="m", input=ITEMS)

    backwards = list(client.responses.input_items.list(answer.id, limit=4))
    forwards = client.responses.input_items.list(answer.id, order="asc", limit=2)

    assert [item.type for item in backwards] == [
        *("message", "message", "function_call_output", "function_call", "reasoning", "message")
    ]
    assert len({item.id for item in backwards}) == 6
    assert [item.type for item in forwards.data] == ["message", "reasoning"]
    assert forwards.has_more


def test_a_plain_text_is_listed_as_a_message(client: OpenAI) -> None:
    answer = client.responses.create(model="m", input="Hello")

    (item,) = client.responses.input_items.list(answer.id).data

    assert item.type == "message"
    assert item.content[0].type == "input_text"


def test_tokens_are_counted_as_they_are_in_an_answer(client: OpenAI) -> None:
    counted = client.responses.input_tokens.count(model="m", input=ITEMS, instructions="Be brief.")
    answer = client.responses.create(model="m", input=ITEMS, instructions="Be brief.")

    assert answer.usage is not None
    assert counted.input_tokens == answer.usage.input_tokens > 1000


def test_looking_up_is_no_model_call(serve: Callable[..., Any], openai_sdk: OpenAI) -> None:
    served = serve("api.openai.com")
    client = openai_sdk.with_options(base_url=f"{served.url}/v1")
    client.responses.retrieve(client.responses.create(model="m", input=f"Hello {CANARY}").id)

    assert [call.counted for call in served.calls] == [True, False]


def test_a_request_that_goes_on_is_noted_with_the_canary_of_the_conversation(
    serve: Callable[..., Any], openai_sdk: OpenAI
) -> None:
    served = serve("api.openai.com")
    client = openai_sdk.with_options(base_url=f"{served.url}/v1")
    first = client.responses.create(model="m", input=f"Hello {CANARY}")
    client.responses.create(model="m", input="And?", previous_response_id=first.id)

    assert [call.canaries for call in served.calls] == [(CANARY,), (CANARY,)]
