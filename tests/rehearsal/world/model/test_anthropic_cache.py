"""Anthropic's prompt cache as its usage tells of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from anthropic import Anthropic

CANARY = "rw0123456789ab"
MARK = {"cache_control": {"type": "ephemeral"}}
LONG = "Be polite and precise. " * 400
QUESTION = f"Where is order 1007? {CANARY}"


@pytest.fixture
def client(serve: Callable[..., Any], strict_anthropic: Callable[[str], Anthropic]) -> Anthropic:
    return strict_anthropic(serve("api.anthropic.com").url)


def usage(client: Anthropic, system: Any, *texts: str, mark_last: bool = False, **changes: Any) -> tuple[int, int, int]:
    messages: list[Any] = [{"role": "user", "content": [{"type": "text", "text": text}]} for text in texts]
    if mark_last:
        messages[-1]["content"][0] |= MARK
    asked: dict[str, Any] = {"model": "m", "max_tokens": 100, "system": system, "messages": messages, **changes}
    used = client.messages.create(**asked).usage
    assert used.cache_creation is not None
    assert used.cache_creation.ephemeral_5m_input_tokens == used.cache_creation_input_tokens
    return used.input_tokens, used.cache_creation_input_tokens or 0, used.cache_read_input_tokens or 0


def test_a_marked_beginning_is_written_once_and_read_from_then_on(client: Anthropic) -> None:
    system = [{"type": "text", "text": LONG, **MARK}]

    rest, written, read = usage(client, system, QUESTION)

    assert (rest < 20, written > 2000, read) == (True, True, 0)
    assert usage(client, system, QUESTION, "And?") == (rest + 1, 0, written)


def test_a_mark_that_moves_on_finds_what_was_written_before_it(client: Anthropic) -> None:
    _, written, _ = usage(client, LONG, QUESTION, mark_last=True)

    _, more, read = usage(client, LONG, QUESTION, "And now? " * 40, mark_last=True)

    assert read == written
    assert 80 < more < 120


def test_a_mark_on_the_whole_request_stands_for_its_last_block(client: Anthropic) -> None:
    assert usage(client, LONG, QUESTION, cache_control={"type": "ephemeral"})[1] > 2000
    assert usage(client, LONG, QUESTION, cache_control={"type": "ephemeral"})[2] > 2000


@pytest.mark.parametrize(
    ("system", "model"),
    [([{"type": "text", "text": LONG + "!", **MARK}], "m"), ([{"type": "text", "text": LONG, **MARK}], "other")],
)
def test_another_beginning_or_model_reads_nothing(client: Anthropic, system: Any, model: str) -> None:
    usage(client, [{"type": "text", "text": LONG, **MARK}], QUESTION)

    assert usage(client, system, QUESTION, model=model)[2] == 0


def test_without_a_mark_or_with_little_text_nothing_is_written(client: Anthropic) -> None:
    assert usage(client, LONG, QUESTION)[1:] == (0, 0)
    assert usage(client, [{"type": "text", "text": "Be brief.", **MARK}], QUESTION)[1:] == (0, 0)


def test_the_bytes_of_a_picture_are_not_counted(client: Anthropic) -> None:
    source: Any = {"type": "base64", "media_type": "image/png", "data": "A" * 100_000}
    content: Any = [{"type": "image", "source": source, **MARK}]

    used = client.messages.create(model="m", max_tokens=100, messages=[{"role": "user", "content": content}]).usage

    assert used.cache_creation_input_tokens == 1500
