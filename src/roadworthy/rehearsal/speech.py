"""How the agent is spoken to: a request built from the manifest, an answer found in what comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from roadworthy.manifest.model import Agent

INPUT = "{{input}}"
SESSION = "{{session}}"
"""A caller and conversation of its own for each request: many at once are strangers to each other."""
LINE_END = re.compile(r"\r\n|\n|\r")
"""Not `str.splitlines`, which also splits at U+2028, and that may stand in a JSON string as it is."""


def input_with(example: str, canary: str) -> str:
    """An example input that carries a canary, worded so that no model or tool stumbles over it."""
    return f"{example} (reference {canary})"


def request_bytes(agent: Agent, host: str, text: str, session: str, headers: Mapping[str, str]) -> bytes:
    """One HTTP/1.1 request with `text` in place of every `{{input}}` and `session` in place of every `{{session}}`.

    The connection is closed after it.
    """
    request, marks = agent.request, {INPUT: text, SESSION: session}
    path = _filled_text(request.path, {mark: quote(value, safe="") for mark, value in marks.items()})
    has_body = request.method not in ("GET", "HEAD", "DELETE")
    body = json.dumps(filled(request.json, marks), ensure_ascii=False).encode() if has_body else b""
    fields = {
        "Host": host,
        "User-Agent": "roadworthy",
        "Accept": "*/*",
        "Connection": "close",
        **({"Content-Type": "application/json", "Content-Length": str(len(body))} if has_body else {}),
        **{name: _filled_text(value, marks) for name, value in request.headers.items()},
        **headers,
    }
    head = f"{request.method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return head.encode("utf-8") + b"\r\n" + body


def filled(template: Any, marks: Mapping[str, str]) -> Any:
    """A JSON value with every mark replaced, keys left alone."""
    if isinstance(template, str):
        return _filled_text(template, marks)
    if isinstance(template, Mapping):
        return {key: filled(value, marks) for key, value in template.items()}
    if isinstance(template, (list, tuple)):
        return [filled(value, marks) for value in template]
    return template


def _filled_text(template: str, marks: Mapping[str, str]) -> str:
    for mark, value in marks.items():
        template = template.replace(mark, value)
    return template


def answer_in(agent: Agent, body: bytes) -> tuple[str | None, str | None]:
    """The answer's text, and why there is none: `(text, None)` or `(None, reason)`."""
    if agent.stream is not None:
        return _streamed(agent, body.decode("utf-8", "replace"))
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None, "the answer is not JSON"
    return _at(agent.answer, document)


def _at(path: str, document: Any) -> tuple[str | None, str | None]:
    import jsonpath_rfc9535

    values = [node.value for node in jsonpath_rfc9535.find(path, document)]
    if not values:
        return None, f"the answer has nothing at {path}"
    return "\n".join(value if isinstance(value, str) else json.dumps(value) for value in values), None


def _streamed(agent: Agent, text: str) -> tuple[str | None, str | None]:
    """The pieces of a stream, joined: server-sent events or one JSON document a line."""
    assert agent.stream is not None
    pieces, ended = [], agent.stream.end is None
    for data in _events(text) if agent.stream.format == "sse" else LINE_END.split(text):
        if agent.stream.end is not None and data.strip() == agent.stream.end:
            ended = True
            continue
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            continue
        error, _ = _at(agent.stream.error, document)
        if error is not None:
            return None, f"the stream reports an error: {error}"
        piece, _ = _at(agent.stream.text, document)
        pieces.append(piece or "")
    if not ended:
        return None, f"the stream ended without {agent.stream.end}"
    return "".join(pieces), None


def _events(text: str) -> Iterator[str]:
    """The data of each server-sent event: its `data:` lines, joined (WHATWG HTML, 9.2.6).

    Lines that are no JSON together are given one by one: many servers leave out the empty line between two
    events, and many clients do not mind. An event that the end of the stream cut off is given as well.
    """
    data: list[str] = []
    for line in (*LINE_END.split(text), ""):
        if line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and data:
            joined = "\n".join(data)
            yield from [joined] if _is_json(joined) else data
            data = []


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
