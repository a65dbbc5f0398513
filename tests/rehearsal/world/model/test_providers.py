"""The providers as a whole: faults on the wire, the journal, keys, and connections that end."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from typing import Any

import openai
import pytest
from openai import OpenAI

from roadworthy.rehearsal.faults.fault import NEVER, Fault, Question, Refusal, ToolCall, Turn
from roadworthy.rehearsal.world.model.journal import digest
from roadworthy.rehearsal.world.model.providers import HOSTS, host_in

CANARY = "rw0123456789ab"
MESSAGES: list[Any] = [{"role": "user", "content": f"Where is order 1007? {CANARY}"}]
TOOLS: list[Any] = [
    {
        "type": "function",
        "function": {
            "name": "get_order",
            "parameters": {"type": "object", "properties": {"order_id": {"type": "string"}}, "required": ["order_id"]},
        },
    }
]
TOO_MANY = Refusal(429, "rate_limit", "Rate limit reached.", retry_after=0.3)


@pytest.fixture
def served(serve: Callable[..., Any]) -> Any:
    return serve("api.openai.com")


@pytest.fixture
def client(served: Any, openai_sdk: OpenAI) -> OpenAI:
    return openai_sdk.with_options(base_url=f"{served.url}/v1")


def ask(client: OpenAI, **changes: Any) -> Any:
    return client.chat.completions.create(**{"model": "m", "messages": MESSAGES, **changes})


def begin(served: Any, **parts: Any) -> None:
    served.run(served.providers.begin, Fault("the fault", **parts))


# Refusals.


@pytest.mark.parametrize(
    ("refusal", "error", "status", "code"),
    [
        (Refusal(429, "rate_limit", "x"), openai.RateLimitError, 429, "rate_limit_exceeded"),
        (Refusal(429, "insufficient_quota", "x"), openai.RateLimitError, 429, "insufficient_quota"),
        (Refusal(503, "overloaded", "x"), openai.InternalServerError, 503, None),
        (Refusal(500, "server_error", "x"), openai.InternalServerError, 500, None),
        (Refusal(400, "invalid_request", "x"), openai.BadRequestError, 400, None),
        (Refusal(401, "authentication", "x"), openai.AuthenticationError, 401, "invalid_api_key"),
        (Refusal(404, "not_found", "x"), openai.NotFoundError, 404, "model_not_found"),
        (Refusal(400, "context_length", "x"), openai.BadRequestError, 400, "context_length_exceeded"),
    ],
)
def test_a_refusal_is_the_sdks_own_error(
    client: OpenAI, served: Any, refusal: Refusal, error: Any, status: int, code: Any
) -> None:
    begin(served, refuse=lambda _: refusal)

    with pytest.raises(error) as refused:
        ask(client)

    assert (refused.value.status_code, refused.value.code) == (status, code)
    assert refused.value.request_id.startswith("req_")
    assert not [name for name in refused.value.response.headers if "retry" in name or "ratelimit" in name]
    (call,) = served.calls
    assert (call.fault, call.refused, call.status, call.retry_not_before) == ("the fault", None, status, None)


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        ("rate_limit", 429, "rate_limit_error"),
        ("overloaded", 529, "overloaded_error"),
        ("server_error", 500, "api_error"),
    ],
)
def test_another_provider_words_it_in_its_own_way(
    serve: Callable[..., Any], kind: Any, status: int, error: str, anthropic_sdk: Any
) -> None:
    served = serve("api.anthropic.com")
    begin(served, refuse=lambda _: Refusal(429 if kind == "rate_limit" else 500, kind, "x", retry_after=2))

    with pytest.raises(Exception, match=error) as refused:
        anthropic_sdk.with_options(base_url=served.url).messages.create(model="m", max_tokens=9, messages=MESSAGES)

    assert refused.value.status_code == status  # type: ignore[attr-defined]
    assert refused.value.response.headers["retry-after"] == "2"  # type: ignore[attr-defined]


def test_retry_after_is_in_whole_seconds_and_noted(client: OpenAI, served: Any) -> None:
    begin(served, refuse=lambda _: TOO_MANY)

    with pytest.raises(openai.RateLimitError) as refused:
        ask(client)

    headers = refused.value.response.headers
    assert headers["retry-after"] == "1"
    assert "retry-after-ms" not in headers
    assert headers["x-ratelimit-remaining-requests"] == "0"
    (call,) = served.calls
    assert call.retry_not_before - call.at == pytest.approx(1, abs=0.1)


def test_the_sdk_comes_back_when_it_was_told_and_with_the_same_digest(client: OpenAI, served: Any) -> None:
    begin(served, refuse=lambda question: TOO_MANY if question.number == 0 else None)

    answer = ask(client.with_options(max_retries=2))

    first, second = served.calls
    assert CANARY in answer.choices[0].message.content
    assert (first.status, second.status) == (429, 200)
    assert second.at >= first.retry_not_before - 0.1
    assert first.digest == second.digest
    assert (first.fault, second.fault) == ("the fault", None)


def test_embeddings_are_refused_too_and_lists_of_models_are_not(client: OpenAI, served: Any) -> None:
    begin(served, refuse=lambda _: Refusal(429, "rate_limit", "x"))

    with pytest.raises(openai.RateLimitError):
        client.embeddings.create(model="m", input=CANARY)
    client.models.list()

    assert [(call.fault, call.counted, call.canaries) for call in served.calls] == [
        ("the fault", True, (CANARY,)),
        (None, False, ()),
    ]


def test_an_agents_own_mistake_is_no_fault(client: OpenAI, served: Any) -> None:
    begin(served, refuse=lambda _: TOO_MANY)

    with pytest.raises(openai.BadRequestError):
        ask(client, messages=[])

    assert served.calls[0].fault is None


# Holds.


def test_a_hold_delays_the_first_byte(client: OpenAI, served: Any) -> None:
    begin(served, hold=lambda _: 0.15)
    began = time.monotonic()

    first = next(iter(ask(client, stream=True)))

    assert first.choices[0].delta.role == "assistant"
    assert time.monotonic() - began >= 0.15
    assert served.calls[0].fault == "the fault"


def test_a_provider_that_never_answers_stays_silent_until_the_caller_leaves(client: OpenAI, served: Any) -> None:
    begin(served, hold=lambda _: NEVER)

    with pytest.raises(openai.APITimeoutError):
        ask(client.with_options(timeout=0.1))
    served.until(lambda: served.providers.calls[0].closed_by_agent is not None)

    (call,) = served.calls
    assert (call.status, call.ended, call.fault) == (None, None, "the fault")
    assert call.closed_by_agent > call.at


def test_mending_helps_new_calls_and_not_those_that_are_held(client: OpenAI, served: Any) -> None:
    begin(served, hold=lambda _: NEVER)
    with socket.create_connection(("127.0.0.1", served.port)) as held:
        held.sendall(raw_request())
        served.until(lambda: served.providers.calls)
        served.run(served.providers.mend)

        assert CANARY in ask(client).choices[0].message.content
        assert (served.calls[0].ended, served.calls[0].closed_by_agent) == (None, None)
        served.run(served.providers.close)
        assert held.recv(100) == b""

    assert served.calls[0].closed_by_agent is None


def test_a_caller_that_leaves_during_a_stream_is_noticed(serve: Callable[..., Any]) -> None:
    served = serve("api.openai.com")
    served.providers.latency = lambda: 0.4
    with socket.create_connection(("127.0.0.1", served.port)) as caller:
        caller.sendall(raw_request(stream=True))
        assert caller.recv(10_000).startswith(b"HTTP/1.1 200 OK")
    served.until(lambda: served.providers.calls[0].closed_by_agent is not None)

    assert served.calls[0].ended is None


def test_latency_is_asked_anew_for_each_answer(serve: Callable[..., Any], openai_sdk: OpenAI) -> None:
    delays = iter([0.05, 0.0])
    served = serve("api.openai.com", latency=lambda: next(delays))
    client = openai_sdk.with_options(base_url=f"{served.url}/v1")
    ask(client)
    ask(client)

    slow, fast = served.calls
    assert slow.ended - slow.at >= 0.05 > fast.ended - fast.at


# Rewording.


def test_a_reworded_turn_is_met_and_what_is_left_alone_is_not(client: OpenAI, served: Any) -> None:
    begin(served, reword=lambda turn, _: Turn(text=f"```{turn.text}```") if turn.final else turn)

    ask(client, tools=TOOLS)
    answer = ask(client)

    assert answer.choices[0].message.content.startswith("```")
    assert [call.fault for call in served.calls] == [None, "the fault"]


def test_a_fault_may_count_what_it_met(client: OpenAI, served: Any) -> None:
    unknown = Turn(tool_calls=(ToolCall("call_1", "no_such_tool", "{}"),), finish="tool_calls")
    begin(served, reword=lambda turn, question: unknown if question.number == 0 else turn)

    first, second = ask(client, tools=TOOLS), ask(client, tools=TOOLS)

    assert first.choices[0].message.tool_calls[0].function.name == "no_such_tool"
    assert second.choices[0].message.tool_calls[0].function.name == "get_order"
    assert served.calls[0].tool_arguments == {"no_such_tool": {}}


def test_in_place_of_an_answer_a_tool_may_be_called_once_more(client: OpenAI, served: Any) -> None:
    begin(
        served, reword=lambda turn, asked: Turn(tool_calls=(asked.another,)) if turn.final and asked.another else turn
    )

    first = ask(client, tools=TOOLS).choices[0].message
    called = [{"role": "user", "content": "Where is it?"}, first.to_dict(), result_of(first)]
    again = ask(client, tools=TOOLS, messages=called).choices[0].message
    without = ask(client).choices[0].message

    assert again.tool_calls[0].function.name == first.tool_calls[0].function.name
    assert again.tool_calls[0].id != first.tool_calls[0].id
    assert not without.tool_calls


def result_of(message: Any) -> dict[str, str]:
    return {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "on its way"}


def test_a_refusal_comes_before_a_hold_and_a_hold_before_rewording(client: OpenAI, served: Any) -> None:
    asked: list[str] = []
    begin(
        served,
        refuse=lambda _: asked.append("refuse"),
        hold=lambda _: asked.append("hold") or 0.0,
        reword=lambda turn, _: asked.append("reword") or turn,
    )

    ask(client)

    assert asked == ["refuse", "hold", "reword"]
    assert served.calls[0].fault is None


def test_a_fault_is_asked_what_it_needs_to_know(client: OpenAI, served: Any) -> None:
    questions: list[Question] = []

    def hold(question: Question) -> float:
        questions.append(question)
        return 0.001

    begin(served, hold=hold)
    turns = [*MESSAGES, {"role": "assistant", "content": "hm"}, {"role": "user", "content": "and?"}]
    ask(client)
    ask(client, messages=turns, tools=TOOLS)

    first, second = questions
    assert (first.number, first.turn, first.canary, first.wants_json, first.tools) == (0, 0, CANARY, False, ())
    assert (second.number, second.turn, second.canary, second.tools) == (1, 1, CANARY, ("get_order",))
    assert 0 <= first.since < second.since


# The journal.


def test_a_call_is_noted_in_full(client: OpenAI, served: Any) -> None:
    message = ask(client, tools=TOOLS).choices[0].message
    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "x" * 5000}
    ask(client, messages=[*MESSAGES, message, result], tools=TOOLS)

    first, second = served.calls
    assert (first.provider, first.host, first.path, first.model) == (
        "openai",
        "api.openai.com",
        "/v1/chat/completions",
        "m",
    )
    assert (first.canaries, first.tools, first.turn, first.stream) == ((CANARY,), ("get_order",), 0, False)
    assert first.tool_arguments == {"get_order": {"order_id": "1007"}}
    assert second.tool_results == {message.tool_calls[0].id: "x" * 2000}
    assert (second.turn, second.tool_arguments) == (1, {})
    assert first.size < second.size
    assert second.input_tokens > first.input_tokens > 20
    assert second.output_tokens > 5
    assert (first.status, first.counted, first.refused, first.closed_by_agent) == (200, True, None, None)
    assert first.at < first.ended < second.at


def test_digests_are_equal_for_equal_requests_alone() -> None:
    body = {"model": "m", "messages": [1], "user": "a"}

    assert digest(body) == digest({"messages": [1], "user": "b", "model": "m", "metadata": {"try": "2"}})
    assert digest(body) != digest({**body, "messages": [2]})


def test_keys_are_compared_and_never_noted(serve: Callable[..., Any], openai_sdk: OpenAI) -> None:
    served = serve("api.openai.com", keys={"openai": frozenset({"sk-right"})})
    client = openai_sdk.with_options(base_url=f"{served.url}/v1")

    ask(client.with_options(api_key="sk-right"))
    with pytest.raises(openai.AuthenticationError) as refused:
        ask(client.with_options(api_key="sk-wrong"))

    assert "sk-wrong" not in str(refused.value)
    assert "sk-" not in repr(served.calls)
    assert [bool(call.refused) for call in served.calls] == [False, True]


def test_a_request_without_a_key_is_refused(client: OpenAI, served: Any) -> None:
    with pytest.raises(openai.AuthenticationError):
        ask(client, extra_headers={"Authorization": openai.omit})

    assert served.calls[0].refused


def test_the_journal_is_bounded(monkeypatch: pytest.MonkeyPatch, client: OpenAI, served: Any) -> None:
    monkeypatch.setattr("roadworthy.rehearsal.world.model.providers.JOURNAL_LIMIT", 1)

    ask(client)
    ask(client)

    assert (len(served.calls), served.providers.unrecorded) == (1, 1)


# The wire itself.


def raw_request(body: Any = None, **changes: Any) -> bytes:
    content = json.dumps({"model": "m", "messages": MESSAGES, **changes} if body is None else body).encode()
    if isinstance(body, bytes):
        content = body
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: x:1\r\nAuthorization: Bearer k\r\nContent-Length: {len(content)}"
    )
    return f"{head}\r\n\r\n".encode() + content


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"\xff\xfe", b'{"a": ' + b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(served: Any, body: bytes) -> None:
    head = f"POST /v1/chat/completions HTTP/1.1\r\nAuthorization: Bearer k\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port)) as caller:
        caller.sendall(head.encode() + body)
        answer = caller.recv(10_000)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"invalid_request_error" in answer


def test_without_a_named_listener_the_host_header_or_the_path_tells_the_provider(
    serve: Callable[..., Any], anthropic_sdk: Any
) -> None:
    served = serve()

    anthropic_sdk.with_options(base_url=served.url).messages.create(model="m", max_tokens=9, messages=MESSAGES)

    assert (served.calls[0].provider, served.calls[0].host) == ("anthropic", "127.0.0.1")


@pytest.mark.parametrize(
    ("header", "host"), [("a.b:80", "a.b"), ("a.b", "a.b"), ("[::1]:80", "[::1]"), ("", ""), ("::1", ":")]
)
def test_a_hosts_port_is_left_out(header: str, host: str) -> None:
    assert host_in(header) == host


def test_the_providers_own_hosts_are_known() -> None:
    assert HOSTS == {"api.openai.com": "openai", "api.anthropic.com": "anthropic"}
