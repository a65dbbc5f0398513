"""How the agent is spoken to: a request built from the manifest, an answer found in what comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from roadworthy.manifest.model import Agent, Stream
from roadworthy.rehearsal.holds import STREAM_ERROR

if TYPE_CHECKING:
    from jsonpath_rfc9535 import JSONPathQuery

INPUT = "{{input}}"
SESSION = "{{session}}"
"""A caller and conversation of its own for each request: many at once are strangers to each other."""
LINE_END = re.compile(r"\r\n|\n|\r")
"""Not `str.splitlines`, which also splits at U+2028, and that may stand in a JSON string as it is."""

UNREADABLE = object()
"""In place of a document: null is one."""


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
        return _streamed(agent.stream, body.decode("utf-8", "replace"))
    document = _read(body.decode("utf-8", "replace"))
    if document is UNREADABLE:
        return None, "the answer is not JSON"
    values = _at(agent.answer, document)
    if not values:
        return None, f"the answer has nothing at {agent.answer}"
    return "\n".join(map(_said, values)), None


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return UNREADABLE


@cache
def _compiled(path: str) -> JSONPathQuery:
    import jsonpath_rfc9535

    return jsonpath_rfc9535.compile(path)


def _at(path: str, document: Any) -> list[Any]:
    import jsonpath_rfc9535

    try:
        return [node.value for node in _compiled(path).find(document)]
    except (jsonpath_rfc9535.JSONPathError, RecursionError):
        return []  # nested deeper than anything can follow


def _said(value: Any) -> str:
    """A value as text that can be shown: JSON may spell half a surrogate pair, which nothing can print."""
    try:
        text = value if isinstance(value, str) else json.dumps(value)
    except RecursionError:
        return "…"
    return text.encode("utf-8", "replace").decode()


def _streamed(stream: Stream, text: str) -> tuple[str | None, str | None]:
    """The pieces of a stream, joined: server-sent events or one JSON document a line."""
    pieces: list[str] = []
    ended = stream.end is None
    for name, data in _events(text) if stream.format == "sse" else (("", line) for line in LINE_END.split(text)):
        document = _read(data)
        if (error := _stream_error(stream, name, data, document)) is not None:
            return None, f"{STREAM_ERROR}: {error}"
        if stream.end is not None and stream.end in (data.strip(), name):
            ended = True
        elif document is not UNREADABLE:
            # Null is no text: many protocols open a stream with an event that has only a role.
            pieces += [_said(value) for value in _at(stream.text, document) if value is not None]
    if not ended:
        return None, f"the stream ended without {stream.end}"
    return "".join(pieces), None


def _stream_error(stream: Stream, name: str, data: str, document: Any) -> str | None:
    """What an event says went wrong; None for any other event.

    It is an error by the manifest's `stream.error` (a null or empty one is none: some protocols send `"error": null`
    with every event), by its name (`event: error`, as LangGraph sends) or by its type (`{"type": "error"}`, as the
    Vercel AI SDK, Anthropic and OpenAI's responses send).
    """
    told = [value for value in _at(stream.error, document) if value] if document is not UNREADABLE else []
    if told:
        return "\n".join(map(_said, told))
    if name == "error" or (isinstance(document, dict) and document.get("type") == "error"):
        return data.strip()
    return None


def _events(text: str) -> Iterator[tuple[str, str]]:
    """The name and data of each server-sent event: its `data:` lines, joined (WHATWG HTML, 9.2.6).

    Lines that are no JSON together are given one by one: many servers leave out the empty line between two
    events, and many clients do not mind. An event that the end of the stream cut off is given as well.
    """
    name, data = "", list[str]()
    for line in (*LINE_END.split(text.removeprefix("\ufeff")), ""):
        field, _, value = line.partition(":")
        if field == "data":
            data.append(value.removeprefix(" "))
        elif field == "event":
            if data:  # the empty line before it was left out
                yield from _parted(name, data)
                data = []
            name = value.removeprefix(" ")
        elif not line:
            yield from _parted(name, data)
            name, data = "", []


def _parted(name: str, data: list[str]) -> Iterator[tuple[str, str]]:
    joined = "\n".join(data)
    for part in [joined] if data and (len(data) == 1 or _read(joined) is not UNREADABLE) else data:
        yield name, part
