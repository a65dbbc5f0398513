"""The agent over HTTP: POST /agent {"query": "…"} -> server-sent events {"delta": "…"}, then [DONE].

What fails before the first piece has a status of its own. After it the status is sent, so a failure is the event
{"error": "…"}, and [DONE] does not come.
"""

import asyncio
import contextlib
import json
import logging
import os
import re
import signal
import sys
import uuid

from failure import Failure

REQUEST_TIMEOUT = 9.0  # seconds: our callers wait ten
GRACE = 9  # seconds for what is running at SIGTERM
LARGEST_BODY = 65_536
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

log = logging.getLogger("server")


class App:
    """A plain ASGI application."""

    def __init__(self, agent):
        self._agent = agent

    async def __call__(self, scope, receive, send):
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        answer = Answer(send, given if re.fullmatch(r"[\w.:-]{1,128}", given) else uuid.uuid4().hex)
        match scope["method"], scope["path"]:
            case "GET", "/health/live" | "/health/ready":  # the port opens when everything is loaded
                await answer.whole(200, {"status": "ok"})
            case "POST", "/agent":
                await self.handle(answer, receive)
            case _:
                await answer.whole(404, {"error": "only POST /agent is here"})

    async def handle(self, answer, receive):
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT):
                await unless_gone(receive, self.stream(await question_in(receive), answer))
        except Exception as error:
            failure = error
            if isinstance(error, TimeoutError):
                failure = Failure(504, f"no answer from the model within {REQUEST_TIMEOUT:g} s")
            elif not isinstance(error, Failure):
                failure = Failure(500, f"the agent failed: {type(error).__name__}")
            cause = error.__cause__ or error
            write(logging.ERROR, str(failure), answer, status=failure.status, error=type(cause).__name__)
            await answer.failed(failure)
        else:
            write(logging.INFO, "answered" if answer.is_ended else "the caller has gone", answer)

    async def stream(self, question, answer):
        # Closed here, and not when the collector comes by: so is the model's connection.
        async with contextlib.aclosing(self._agent.answer(question)) as pieces:
            async for piece in pieces:
                await answer.event(json.dumps({"delta": piece}))
        await answer.event("[DONE]", is_last=True)


class Answer:
    """One answer on its way: whole, or in events."""

    def __init__(self, send, request_id):
        self._send = send
        self.request_id = request_id
        self._is_started = self.is_ended = False

    async def event(self, data, *, is_last=False):
        if not self._is_started:
            await self._start(200, "text/event-stream")
        await self._body(f"data: {data}\n\n".encode(), is_last=is_last)

    async def whole(self, status, body, retry_after=None):
        await self._start(status, "application/json", retry_after)
        await self._body(json.dumps({**body, "request_id": self.request_id}).encode(), is_last=True)

    async def failed(self, failure):
        if self._is_started:
            await self.event(json.dumps({"error": str(failure), "request_id": self.request_id}), is_last=True)
        else:
            await self.whole(failure.status, {"error": str(failure)}, failure.retry_after)

    async def _start(self, status, content_type, retry_after=None):
        self._is_started = True
        headers = {"content-type": content_type, "cache-control": "no-store", "x-request-id": self.request_id}
        if retry_after is not None:
            headers["retry-after"] = str(retry_after)
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": pairs})

    async def _body(self, data, *, is_last):
        await self._send({"type": "http.response.body", "body": data, "more_body": not is_last})
        self.is_ended = is_last


async def question_in(receive):
    body, more = b"", True
    while more:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
        if len(body) > LARGEST_BODY:
            raise Failure(413, f"the request is larger than {LARGEST_BODY} bytes")
    try:
        question = json.loads(body)["query"]
    except (ValueError, TypeError, KeyError) as error:
        raise Failure(400, 'the request should be a JSON object: {"query": "…"}') from error
    if not isinstance(question, str) or not question.strip():
        raise Failure(400, '"query" should be a text')
    return question


async def unless_gone(receive, work):
    """Does `work`; when the caller hangs up it is cancelled, and with it the call of the model."""
    working, listening = asyncio.ensure_future(work), asyncio.ensure_future(receive())
    try:
        await asyncio.wait((working, listening), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
    finally:
        working.cancel()
        listening.cancel()
        await asyncio.gather(working, listening, return_exceptions=True)


def write(level, message, answer, **fields):
    log.log(level, json.dumps({"message": message, "request_id": answer.request_id, **fields}))


def settings():
    """Port, log level and key. Exits with the name of each variable that is missing or malformed."""
    wrong = []
    key = os.environ.get("ANTHROPIC_API_KEY", "")
    if not re.fullmatch(r"sk-ant-[A-Za-z0-9_-]{20,}", key):
        wrong.append("ANTHROPIC_API_KEY is missing or malformed: it should be a key that starts with sk-ant-")
    level = os.environ.get("LOG_LEVEL", "INFO")
    if level not in LEVELS:
        wrong.append(f"LOG_LEVEL is malformed: it should be one of {', '.join(LEVELS)}")
    port = os.environ.get("PORT", "8080")
    if not (port.isdecimal() and 1 <= int(port) <= 65_535):
        wrong.append("PORT is malformed: it should be a number from 1 to 65535")
    if wrong:
        sys.exit("\n".join(wrong))
    return int(port), level, key


def main():
    # Process 1 of a container hears SIGTERM only through a handler of its own; uvicorn takes over, and hands it
    # back after the last answer.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    port, level, key = settings()
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stdout)
    log.setLevel(level)

    # The SDK takes seconds to load: what is missing is said before.
    import uvicorn

    from agent import Agent

    uvicorn.run(
        App(Agent(key)),
        host="0.0.0.0",
        port=port,
        lifespan="off",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE,
    )


if __name__ == "__main__":
    main()
