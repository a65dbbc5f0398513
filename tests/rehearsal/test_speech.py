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


@pytest.mark.parametrize(
    "body",
    [
        b'event: error\ndata: {"error": "TimeoutError", "message": "the model timed out"}\n\n',
        b"event: error\ndata: the model timed out: TimeoutError\n\n",
        b'data: {"delta": "he"}\n\ndata: {"type": "error", "errorText": "TimeoutError: the model"}\n\n',
        b'event: error\ndata: {"type": "error", "error": {"type": "api_error", "message": "TimeoutError"}}\n\n',
        b'data: {"error": {"message": "TimeoutError", "type": "server_error"}}\n\ndata: [DONE]\n\n',
        b'data: {"type": "error", "message": "TimeoutError", "code": null}\n\n',
        b'data: {"delta": "he"}\nevent: error\ndata: TimeoutError\n\n',
    ],
    ids=["langgraph", "plain text", "vercel", "anthropic", "openai chat", "openai responses", "no empty line"],
)
def test_the_error_events_of_known_protocols_are_known(body: bytes) -> None:
    text, reason = answer_in(Agent(stream=Stream()), body)
    assert text is None
    assert (reason or "").startswith("the stream reports an error: ")
    assert "TimeoutError" in (reason or "")


@pytest.mark.parametrize(
    "event",
    [b'{"error": null, "delta": ""}', b'{"error": {}}', b'{"type": "tool_error", "delta": ""}', b'{"text": "error"}'],
)
def test_what_only_looks_like_an_error_event_is_none(event: bytes) -> None:
    body = b"data: " + event + b'\n\ndata: {"delta": "fine"}\n\ndata: [DONE]\n\n'
    assert answer_in(Agent(stream=Stream()), body) == ("fine", None)


@pytest.mark.parametrize(
    ("stream", "body"),
    [
        (
            Stream(text="$.choices[0].delta.content"),
            (
                b'data: {"choices": [{"delta": {"role": "assistant", "content": null}}]}\n\n'
                b'data: {"choices": [{"delta": {"content": "rw01"}}]}\n\n'
                b'data: {"choices": [{"delta": {"content": "23"}}]}\n\ndata: {"choices": []}\n\ndata: [DONE]\n\n'
            ),
        ),
        (
            Stream(text="$.delta.text", end="message_stop"),
            (
                b'event: message_start\ndata: {"type": "message_start"}\n\n'
                b'event: content_block_delta\ndata: {"delta": {"type": "text_delta", "text": "rw01"}}\n\n'
                b'event: content_block_delta\ndata: {"delta": {"type": "text_delta", "text": "23"}}\n\n'
                b'event: message_stop\ndata: {"type": "message_stop"}\n\n'
            ),
        ),
        (
            Stream(),
            (
                b'data: {"type": "text-delta", "id": "1", "delta": "rw01"}\r\n\r\n: still here\r\n\r\n'
                b'data: {"type": "text-delta", "id": "1", "delta": "23"}\r\n\r\ndata: [DONE]\r\n\r\n'
            ),
        ),
        (Stream(format="ndjson", end=None), b'{"delta": "rw01"}\n\n{"delta": "23"}\n'),
    ],
    ids=["openai", "anthropic", "vercel", "ndjson"],
)
def test_a_canary_in_pieces_is_put_together(stream: Stream, body: bytes) -> None:
    assert answer_in(Agent(stream=stream), body) == ("rw0123", None)


@pytest.mark.parametrize("stream", [None, Stream(), Stream(format="ndjson", end=None, text="$..x", error="$..e")])
@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe\x00" * 50,
        b"[" * 100_000,
        b"data: " + b'{"delta":' * 50_000,
        b'{"output": ' + b"[" * 400 + b"]" * 400 + b"}",
        b"\n" * 100_000,
        b"data:\n" * 50_000,
        b"9" * 100_000,
    ],
    ids=["bytes", "deep", "deep event", "nested", "lines", "empty data", "number"],
)
def test_no_body_is_too_strange(stream: Stream | None, body: bytes) -> None:
    text, reason = answer_in(Agent(stream=stream, answer="$..output"), body)
    assert (text is None) == (reason is not None)


@pytest.mark.parametrize("stream", [None, Stream(text="$.output", end=None), Stream(error="$.output")])
def test_what_is_found_can_be_printed(stream: Stream | None) -> None:
    body = b'data: {"output": "\\ud800"}\n\n' if stream else b'{"output": "\\ud800"}'
    text, reason = answer_in(Agent(stream=stream), body)
    assert "?" in (text or reason or "").encode().decode()
