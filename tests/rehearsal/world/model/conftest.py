"""Providers on a real loopback socket, one event loop in a thread for the whole session."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from roadworthy.rehearsal.observed import ModelCall
from roadworthy.rehearsal.world.model.providers import Providers, Settings


@dataclass(frozen=True)
class Served:
    """Where the providers listen, and the providers themselves."""

    url: str
    port: int
    providers: Providers
    loop: asyncio.AbstractEventLoop

    @property
    def calls(self) -> list[ModelCall]:
        """The journal, once the providers' thread is done with what it was doing."""
        self.run(lambda: None)
        return self.providers.calls

    def run(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Call a function in the providers' own thread and wait for it."""

        async def call() -> None:
            function(*arguments)

        asyncio.run_coroutine_threadsafe(call(), self.loop).result(10)

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for something that happens in the providers' thread."""

        async def wait() -> None:
            while not condition():
                await asyncio.sleep(0.002)

        asyncio.run_coroutine_threadsafe(asyncio.wait_for(wait(), 5), self.loop).result(10)


@pytest.fixture(scope="session")
def loop_in_thread() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.fixture
def serve(loop_in_thread: asyncio.AbstractEventLoop) -> Iterator[Callable[..., Served]]:
    """Start providers with these settings; `host` is what their listener stands for."""
    opened: list[tuple[asyncio.Server, Providers]] = []

    def start(host: str | None = None, **settings: Any) -> Served:
        async def listen() -> Served:
            providers = Providers(Settings(**settings), time.monotonic)
            server = await loop_in_thread.create_server(lambda: providers.connection(host), "127.0.0.1", 0)
            opened.append((server, providers))
            port = server.sockets[0].getsockname()[1]
            return Served(f"http://127.0.0.1:{port}", port, providers, loop_in_thread)

        return asyncio.run_coroutine_threadsafe(listen(), loop_in_thread).result(10)

    yield start

    async def stop() -> None:
        for server, providers in opened:
            server.close()
            providers.close()
        await asyncio.sleep(0)

    asyncio.run_coroutine_threadsafe(stop(), loop_in_thread).result(10)


@pytest.fixture(scope="session")
def openai_sdk() -> Any:
    """One for the session: each client of its own would read the machine's certificates again."""
    from openai import OpenAI

    return OpenAI(api_key="sk-test", base_url="http://127.0.0.1", max_retries=0)


@pytest.fixture(scope="session")
def anthropic_sdk() -> Any:
    """One for the session, as above."""
    from anthropic import Anthropic

    return Anthropic(api_key="sk-ant-test", base_url="http://127.0.0.1", max_retries=0)


@pytest.fixture
def strict_openai(openai_sdk: Any) -> Callable[[str], Any]:
    """A client that raises where an answer does not have the types that the SDK expects."""
    from openai import OpenAI

    def at(url: str) -> OpenAI:
        return OpenAI(
            api_key="sk-test",
            base_url=f"{url}/v1",
            max_retries=0,
            http_client=openai_sdk._client,
            _strict_response_validation=True,
        )

    return at


@pytest.fixture
def strict_anthropic(anthropic_sdk: Any) -> Callable[[str], Any]:
    """As above."""
    from anthropic import Anthropic

    def at(url: str) -> Anthropic:
        return Anthropic(
            api_key="sk-ant-test",
            base_url=url,
            max_retries=0,
            http_client=anthropic_sdk._client,
            _strict_response_validation=True,
        )

    return at
