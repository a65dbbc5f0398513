"""Where an answer ends before its end, by the request's own limits."""

from __future__ import annotations

from typing import Any

import pytest

from roadworthy.rehearsal.faults.fault import ToolCall, Turn
from roadworthy.rehearsal.world.model.conversation import AnswerFormat, Conversation, Message
from roadworthy.rehearsal.world.model.limits import bounded
from roadworthy.rehearsal.world.model.thinking import thought

CANARY = "rw0123456789ab"
SENTENCE = f"Here is what I found for {CANARY}."
CALL = ToolCall("c1", "search", '{"query": "refund"}')


def asked(**parts: Any) -> Conversation:
    return Conversation("m", (Message("user", f"Where is order 7? {CANARY}"),), **parts)


@pytest.mark.parametrize(
    ("said", "stops", "text", "stopped_at"),
    [
        ("one\nObservation: two", ("\nObservation:",), "one", "\nObservation:"),
        ("one two three", ("three", "two"), "one ", "two"),
        ("one two", ("THREE",), "one two", None),
        ("STOP and go", ("STOP",), "", "STOP"),
        (SENTENCE, (".",), SENTENCE[:-1], "."),
        (SENTENCE, ("what",), CANARY, None),
        (SENTENCE, ("rw",), "Here is what I found for ", "rw"),
    ],
)
def test_a_text_ends_before_the_first_of_the_texts_to_stop_at(
    said: str, stops: tuple[str, ...], text: str, stopped_at: str | None
) -> None:
    turn = bounded(Turn(text=said), asked(stop=stops))

    assert (turn.text, turn.stopped_at, turn.finish) == (text, stopped_at, "stop")


def test_what_stands_behind_a_stop_is_not_called() -> None:
    turn = bounded(Turn(text="Now STOP", tool_calls=(CALL,), finish="tool_calls"), asked(stop=("STOP",)))

    assert turn == Turn(text="Now ", stopped_at="STOP")


def test_json_is_cut_without_regard_to_the_canary() -> None:
    turn = bounded(Turn(text=f'{{"a": "{SENTENCE}"}}'), asked(stop=("}",), answer_format=AnswerFormat("json")))

    assert turn == Turn(text=f'{{"a": "{SENTENCE}"', stopped_at="}")


@pytest.mark.parametrize(
    ("most", "arguments", "finish"), [(10, CALL.arguments, "tool_calls"), (3, CALL.arguments[:6], "length")]
)
def test_a_limit_of_tokens_cuts_the_arguments_of_a_call(most: int, arguments: str, finish: str) -> None:
    turn = bounded(Turn(tool_calls=(CALL,), finish="tool_calls"), asked(max_tokens=most))

    assert (turn.tool_calls[0].arguments, turn.finish) == (arguments, finish)


def test_calls_for_which_there_is_no_token_left_are_not_begun() -> None:
    turn = bounded(Turn(text="12345678", tool_calls=(CALL, CALL), finish="tool_calls"), asked(max_tokens=3))

    assert (turn.text, turn.tool_calls, turn.finish) == ("12345678", (), "length")


def test_a_thought_takes_its_share_of_the_tokens() -> None:
    conversation = asked(thinks=True, max_tokens=40)
    turn = bounded(Turn(text="x" * 160), conversation)

    assert len(turn.text or "") + len(thought(conversation) or "") == 160
    assert turn.finish == "length"


def test_where_there_is_hardly_room_there_is_no_thought() -> None:
    assert thought(asked(thinks=True, max_tokens=16)) is None


def test_a_thought_is_asked_for_and_holds_no_canary() -> None:
    assert thought(asked()) is None
    assert thought(asked(thinks=True)) == "The request is about order. I look at what I have been told."
