"""The support agent over HTTP: POST /agent {"query": "…"} -> {"output": "…"}."""

import asyncio
import json
import logging
import math
import re
import signal
import sys
import time
import uuid

import logs
import settings
from failure import Failure

log = logging.getLogger("server")
LARGEST_BODY = 65_536


class Gone(Exception):
    """The caller has hung up."""


class App:
    """A plain ASGI application."""

    def __init__(self, agent):
        self._agent = agent
        self._running = 0

    async def __call__(self, scope, receive, send):
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        request_id = given if re.fullmatch(r"[\w.:-]{1,128}", given) else uuid.uuid4().hex
        logs.request_id.set(request_id)
        match scope["method"], scope["path"]:
            case "GET", "/health/live" | "/health/ready":  # the port opens when everything is loaded
                await reply(send, request_id, 200, {"status": "ok"})
            case "POST", "/agent":
                await self.handle(request_id, receive, send)
            case _:
                await reply(send, request_id, 404, {"status": "error", "error": "only POST /agent is here"})

    async def handle(self, request_id, receive, send):
        began = time.monotonic()
        retry_after = None
        try:
            status, body = 200, {"output": await self.answer(receive)}
        except Gone:
            log.warning("given up: the caller has gone")
            return
        except Exception as error:
            if isinstance(error, Failure):
                status, message, retry_after = error.status, str(error), error.retry_after
            else:
                status, message = 500, f"the agent failed: {type(error).__name__}"
            body = {"status": "error", "error": message, "request_id": request_id}
            cause = error.__cause__ or error
            fields = {"error": type(cause).__name__, "detail": str(cause)[:500], "status": status}
            level = logging.ERROR if status >= 500 else logging.WARNING
            log.log(level, message, extra={"fields": fields}, exc_info=status == 500)
        else:
            fields = {"status": status, "seconds": round(time.monotonic() - began, 3)}
            log.info("answered", extra={"fields": fields})
        await reply(send, request_id, status, body, retry_after)

    async def answer(self, receive):
        if self._running >= settings.MOST_REQUESTS:
            raise Failure(503, "too many requests at once", retry_after=1)
        self._running += 1
        try:
            async with asyncio.timeout(settings.REQUEST_TIMEOUT) as limit:
                question = await read_question(receive)
                return await unless_gone(receive, self._agent.answer(question, limit.when()))
        except TimeoutError as error:
            raise Failure(504, f"no answer within {settings.REQUEST_TIMEOUT:g} s") from error
        finally:
            self._running -= 1


async def read_question(receive):
    body, more = b"", True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise Gone
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
    """What `work` returns; when the caller hangs up it is cancelled, and so are its calls."""
    working, listening = asyncio.ensure_future(work), asyncio.ensure_future(receive())
    try:
        await asyncio.wait((working, listening), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Gone
        return working.result()
    finally:
        working.cancel()
        listening.cancel()
        await asyncio.gather(working, listening, return_exceptions=True)


async def reply(send, request_id, status, body, retry_after=None):
    text = json.dumps(body).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(text)).encode()),
        (b"x-request-id", request_id.encode()),
    ]
    if retry_after is not None:
        headers.append((b"retry-after", str(math.ceil(retry_after)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


def main():
    # Until uvicorn takes SIGTERM over, and when it hands it back after the last answer: exit 0. Without
    # a handler of its own, process 1 of a container would not hear the signal at all.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        settled = settings.load()
    except settings.BadSettings as error:
        sys.exit(str(error))
    logs.start(settled.log_level, secrets=[settled.openai_api_key])

    import uvicorn

    from agent import Agent

    uvicorn.run(
        App(Agent(settled)),
        host="0.0.0.0",
        port=settled.port,
        lifespan="off",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=settings.GRACE,
    )


if __name__ == "__main__":
    main()
