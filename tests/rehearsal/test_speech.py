"""How the agent is spoken to: requests filled in from the manifest, answers found in bodies and streams."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.manifest.model import Agent, Request, Stream
from roadworthy.rehearsal.speech import answer_in, filled, request_bytes


def body_of(request: bytes) -> object:
    head, _, body = request.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    return json.loads(body)


@given(st.text())
def test_any_input_arrives_as_it_is(text: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    assert body_of(request_bytes(Agent(), "127.0.0.1:8080", clean, "session-1", {})) == {"query": clean}


def test_each_request_has_a_session_of_its_own_where_the_manifest_asks_for_one() -> None:
    request = Request(path="/chat/{{session}}", json={"thread": "{{session}}", "messages": [{"text": "{{input}}"}]})
    sent = request_bytes(Agent(request=request), "127.0.0.1:8080", "hello", "session-7", {})
    assert sent.startswith(b"POST /chat/session-7 HTTP/1.1\r\n")
    assert body_of(sent) == {"thread": "session-7", "messages": [{"text": "hello"}]}


def test_an_input_in_the_path_is_quoted() -> None:
    sent = request_bytes(
        Agent(request=Request(method="GET", path="/ask?q={{input}}")), "127.0.0.1:8080", "a b&c\r\nX: 1", "s", {}
    )
    assert sent.startswith(b"GET /ask?q=a%20b%26c%0D%0AX%3A%201 HTTP/1.1\r\n")


def test_keys_and_other_values_are_left_alone() -> None:
    template = {"{{input}}": 1, "n": [True, None, 2.5, "{{input}}"]}
    assert filled(template, {"{{input}}": "x"}) == {"{{input}}": 1, "n": [True, None, 2.5, "x"]}


@pytest.mark.parametrize(
    ("body", "text", "reason"),
    [
        (b'{"output": "yes"}', "yes", None),
        (b'{"output": {"a": 1}}', '{"a": 1}', None),
        (b'{"text": "yes"}', None, "the answer has nothing at $.output"),
        (b"<html>", None, "the answer is not JSON"),
        (b"", None, "the answer is not JSON"),
    ],
)
def test_the_answer_is_found_or_the_reason_told(body: bytes, text: str | None, reason: str | None) -> None:
    assert answer_in(Agent(), body) == (text, reason)


def test_a_stream_is_joined_up_to_its_end_mark() -> None:
    agent = Agent(stream=Stream())
    body = b'data: {"delta": "he"}\n\ndata: {"delta": "llo"}\n\ndata: [DONE]\n\n'
    assert answer_in(agent, body) == ("hello", None)


def test_a_stream_without_its_end_mark_is_no_answer() -> None:
    text, reason = answer_in(Agent(stream=Stream()), b'data: {"delta": "he"}\n\n')
    assert text is None
    assert reason is not None


def test_a_stream_s_error_event_is_no_answer() -> None:
    text, reason = answer_in(Agent(stream=Stream()), b'data: {"error": "the model timed out"}\n\ndata: [DONE]\n\n')
    assert text is None
    assert "the model timed out" in (reason or "")
