"""The streaming example: what goes wrong before the first piece has a status, what goes wrong after it an event."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOLDER = str(Path(__file__).resolve().parents[2] / "examples" / "anthropic-async")


@pytest.fixture(scope="module")
def server() -> Iterator[ModuleType]:
    """Its module; forgotten afterwards, for the other examples' have the same names."""
    names = ("server", "failure")
    others = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    sys.path.insert(0, FOLDER)
    try:
        import server  # type: ignore[import-not-found]

        yield server
    finally:
        sys.path.remove(FOLDER)
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(others)


class Saying:
    """In place of the agent: pieces, then perhaps an error."""

    def __init__(self, *pieces: str, then: Exception | None = None, hold: bool = False) -> None:
        self._pieces, self._then, self._hold = pieces, then, hold
        self.is_closed = False

    async def answer(self, _question: str) -> AsyncIterator[str]:
        try:
            for piece in self._pieces:
                yield piece
            if self._hold:
                await asyncio.Event().wait()
            if self._then is not None:
                raise self._then
        finally:
            self.is_closed = True


async def asked(server: ModuleType, agent: Saying, body: bytes = b'{"query": "x"}', *, leaves: bool = False) -> Any:
    """Status, headers and body of one request; with `leaves` the caller hangs up after the first piece."""
    sent: list[dict[str, Any]] = []
    has_piece, asked_before = asyncio.Event(), False

    async def receive() -> dict[str, Any]:
        nonlocal asked_before
        if not asked_before:
            asked_before = True
            return {"type": "http.request", "body": body}
        await (has_piece.wait() if leaves else asyncio.Event().wait())
        return {"type": "http.disconnect"}

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)
        if event.get("body"):
            has_piece.set()

    scope = {"method": "POST", "path": "/agent", "headers": [(b"x-request-id", b"request-7")]}
    async with asyncio.timeout(5):
        await server.App(agent)(scope, receive, send)
    text = b"".join(event.get("body", b"") for event in sent).decode()
    return sent[0]["status"], dict(sent[0]["headers"]), text, sent[-1].get("more_body")


async def test_pieces_become_events(server: ModuleType) -> None:
    status, headers, text, more = await asked(server, Saying("hel", "lo\n"))

    assert (status, headers[b"content-type"], headers[b"x-request-id"]) == (200, b"text/event-stream", b"request-7")
    assert text == 'data: {"delta": "hel"}\n\ndata: {"delta": "lo\\n"}\n\ndata: [DONE]\n\n'
    assert more is False


@pytest.mark.parametrize(
    ("make", "status", "message"),
    [
        (lambda server: server.Failure(429, "the limit is reached", retry_after=5), 429, "the limit is reached"),
        (lambda _: KeyError("secret"), 500, "the agent failed: KeyError"),
    ],
)
async def test_what_fails_before_the_first_piece_has_a_status(
    server: ModuleType, make: Callable[[ModuleType], Exception], status: int, message: str
) -> None:
    got, headers, text, _ = await asked(server, Saying(then=make(server)))

    assert (got, json.loads(text)) == (status, {"error": message, "request_id": "request-7"})
    assert headers.get(b"retry-after") == (b"5" if status == 429 else None)


async def test_what_fails_later_is_an_event_and_no_end(server: ModuleType) -> None:
    status, _, text, more = await asked(server, Saying("hel", then=server.Failure(504, "the model is silent")))

    assert status == 200
    assert text.endswith('data: {"error": "the model is silent", "request_id": "request-7"}\n\n')
    assert "[DONE]" not in text
    assert more is False


async def test_one_that_takes_too_long_is_ended(server: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "REQUEST_TIMEOUT", 0.05)
    agent = Saying("hel", hold=True)

    _, _, text, _ = await asked(server, agent)

    assert "no answer from the model within 0.05 s" in text
    assert agent.is_closed


async def test_nobody_is_asked_for_a_caller_who_has_gone(server: ModuleType) -> None:
    agent = Saying("hel", hold=True)

    _, _, text, _ = await asked(server, agent, leaves=True)

    assert "[DONE]" not in text
    assert agent.is_closed


@pytest.mark.parametrize("body", [b"", b"[]", b'{"query": 3}', b'{"query": " "}', b"\xff"])
async def test_a_bad_request_is_told_what_is_asked_for(server: ModuleType, body: bytes) -> None:
    status, _, text, _ = await asked(server, Saying(), body)

    assert status == 400
    assert "query" in json.loads(text)["error"]
