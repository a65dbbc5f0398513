"""The host of `entry:` agents: one callable behind `POST /agent`, with health endpoints and an orderly end.

Run as a program in the agent's own environment: `python -m roadworthy.serve.host app.py:agent --port 8080`.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import inspect
import json
import logging
import os
import sys
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Answerer: TypeAlias = Callable[[str], Awaitable[Any]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

THREADS = 64
"""Synchronous agents at once: more than the concurrency most manifests declare, each thread is cheap."""
LARGEST_BODY = 1 << 20
HEALTH = ("/health", "/health/live", "/health/ready", "/health/startup")
log = logging.getLogger("roadworthy.host")


def load_entry(entry: str, folder: Path) -> Any:
    """Import `file.py:name` or `package.module:name` from the folder and give the object."""
    place, _, name = entry.partition(":")
    sys.path.insert(0, str(folder))
    if place.endswith(".py"):
        file = (folder / place).resolve()
        sys.path.insert(0, str(file.parent))
        spec = importlib.util.spec_from_file_location(file.stem, file)
        if spec is None or spec.loader is None or not file.exists():
            raise SystemExit(f"agent.entry: there is no file {place}")
        module = importlib.util.module_from_spec(spec)
        sys.modules[file.stem] = module
        spec.loader.exec_module(module)
    else:
        module = importlib.import_module(place)
    try:
        return getattr(module, name)
    except AttributeError:
        raise SystemExit(f"agent.entry: {place} has no {name!r}") from None


def answerer(agent: Any, pool: ThreadPoolExecutor) -> Answerer:
    """One coroutine function for whatever the entry is: sync, async, async generator, or a class of those."""
    if inspect.isclass(agent):

        async def fresh(text: str) -> Any:
            return await answerer(agent(), pool)(text)

        return fresh
    call = agent if inspect.isroutine(agent) else agent.__call__
    if inspect.isasyncgenfunction(call):

        async def joined(text: str) -> str:
            return "".join([str(piece) async for piece in call(text)])

        return joined
    if inspect.iscoroutinefunction(call):
        return call

    async def threaded(text: str) -> Any:
        return await asyncio.get_running_loop().run_in_executor(pool, call, text)

    return threaded


def is_application(agent: Any) -> bool:
    """Whether it is an ASGI application: a coroutine function of scope, receive and send."""
    call = agent if inspect.isroutine(agent) else getattr(agent, "__call__", None)  # noqa: B004 - the bound method
    return (
        not inspect.isclass(agent)
        and inspect.iscoroutinefunction(call)
        and len(inspect.signature(call).parameters) == 3
    )


def application(entry: str, folder: Path) -> Application:
    """The ASGI application. The agent's module is imported at its start-up, before the port opens."""
    state: dict[str, Any] = {}

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(state, entry, folder, receive, send)
        elif scope["path"] in HEALTH:
            await _reply(send, 200, {"status": "healthy"})
        elif "application" in state:
            await state["application"](scope, receive, send)
        elif scope["method"] != "POST":
            await _reply(send, 405, {"status": "error", "error": f"{scope['method']} is not allowed: POST"})
        else:
            await _answer(state["answerer"], scope, receive, send)

    return app


async def _lifespan(state: dict[str, Any], entry: str, folder: Path, receive: Receive, send: Send) -> None:
    await receive()
    agent = load_entry(entry, folder)
    if is_application(agent):
        state["application"] = agent
    else:
        state["answerer"] = answerer(agent, ThreadPoolExecutor(THREADS))
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def _answer(answer: Answerer, scope: Message, receive: Receive, send: Send) -> None:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    request_id = headers.get("x-request-id") or uuid.uuid4().hex
    try:
        text = _query(await _body(receive))
    except ValueError as error:
        await _reply(send, 400, {"status": "error", "error": str(error), "request_id": request_id}, request_id)
        return
    try:
        output = await answer(text)
    except Exception as error:
        log.exception("request %s failed: %s", request_id, type(error).__name__)
        problem = {"status": "error", "error": f"{type(error).__name__}: {error}", "request_id": request_id}
        await _reply(send, 500, problem, request_id)
        return
    await _reply(send, 200, {"output": output, "request_id": request_id}, request_id)


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ValueError("the request ended before its body")
        piece: bytes = message.get("body", b"")
        body += piece
        if len(body) > LARGEST_BODY:
            raise ValueError(f"the body is larger than {LARGEST_BODY} bytes")
        if not message.get("more_body"):
            return body


def _query(body: bytes) -> str:
    try:
        document = json.loads(body)
    except ValueError:
        raise ValueError("the body is not JSON") from None
    if not isinstance(document, dict) or not isinstance(document.get("query"), str):
        raise ValueError('the body must be {"query": "…"}')  # noqa: TRY004 - one kind for every bad body
    query: str = document["query"]
    return query


async def _reply(send: Send, status: int, document: Any, request_id: str | None = None) -> None:
    body = json.dumps(document, default=str).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if request_id is not None:
        headers.append((b"x-request-id", request_id.encode("latin-1", "replace")))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    """Serve one entry until SIGTERM."""
    import uvicorn

    parser = argparse.ArgumentParser(prog="python -m roadworthy.serve.host")
    parser.add_argument("entry")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="where the entry's file is")
    arguments = parser.parse_args()
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"), format="%(levelname)s %(name)s %(message)s")
    uvicorn.run(
        application(arguments.entry, arguments.folder),
        host="0.0.0.0",  # noqa: S104 - a container's port is published by its address, not its loopback
        port=arguments.port,
        lifespan="on",
        log_level="warning",
        timeout_graceful_shutdown=10,
    )


if __name__ == "__main__":
    main()
