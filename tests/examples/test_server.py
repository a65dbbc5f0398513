"""Sturdy as a process, against the simulated provider: retries, time-outs, shedding, request ids, SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

import httpx2
import pytest

from roadworthy.rehearsal.faults.fault import NEVER, Fault, Refusal
from roadworthy.rehearsal.world.model.providers import Providers, Settings

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("ripgrep")]

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
QUESTION = {"query": "Where is order 1007? (reference rw0123456789ab)"}
KEY = "sk-0123456789abcdefghij"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Started:
    """The process, a client for it, and the provider it asks."""

    def __init__(self, process, client, providers):
        self.process, self.client, self.providers = process, client, providers

    async def ask(self, question=QUESTION, **headers):
        return await self.client.post("/agent", json=question, headers=headers)

    async def ended(self) -> tuple[int, list[dict]]:
        """Its exit status and its log, once it has ended."""
        output, _ = await self.process.communicate()
        return self.process.returncode, [json.loads(line) for line in output.splitlines()]

    async def stopped(self) -> list[dict]:
        self.process.send_signal(signal.SIGTERM)
        return (await self.ended())[1]


@pytest.fixture
async def agent():
    providers = Providers(Settings(), time.monotonic)
    loop = asyncio.get_running_loop()
    provider = await loop.create_server(lambda: providers.connection("api.openai.com"), "127.0.0.1", 0)
    port, customers_port = free_port(), free_port()
    customers = await asyncio.create_subprocess_exec(
        sys.executable, EXAMPLES / "customers" / "customers.py", str(customers_port)
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        EXAMPLES / "sturdy" / "server.py",
        env={
            "PATH": os.environ["PATH"],
            "PORT": str(port),
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": f"http://127.0.0.1:{provider.sockets[0].getsockname()[1]}/v1",
            "CUSTOMERS_URL": f"http://127.0.0.1:{customers_port}",
        },
        cwd="/",
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=15) as client:
            await until_ready(client)
            yield Started(process, client, providers)
    finally:
        for child in (process, customers):
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
        providers.close()
        provider.close()


async def until_ready(client):
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(httpx2.TransportError):
                if (await client.get("/health/ready")).status_code == 200:
                    return
            await asyncio.sleep(0.02)


async def test_it_looks_things_up_and_answers(agent):
    answer = await agent.ask(**{"X-Request-ID": "request-7"})

    assert answer.status_code == 200
    assert "rw0123456789ab" in answer.json()["output"]
    assert answer.headers["x-request-id"] == "request-7"
    results = agent.providers.calls[-1].tool_results.values()
    assert any("warehouse" in result for result in results)
    assert any('"orders"' in result for result in results)
    log = await agent.stopped()
    assert [line["message"] for line in log if line["request_id"] == "request-7"] == ["answered"]


async def test_a_failing_request_is_found_in_the_log(agent):
    refusal = Refusal(400, "invalid_request", f"not with {KEY}")
    agent.providers.begin(Fault("refused", refuse=lambda _: refusal))

    answer = await agent.ask(**{"X-Request-ID": "request-8"})

    assert (answer.status_code, answer.json()["request_id"]) == (502, "request-8")
    (line,) = [line for line in await agent.stopped() if line["request_id"] == "request-8"]
    assert (line["level"], line["error"]) == ("ERROR", "BadRequestError")
    assert KEY not in str(line)
    assert "[redacted]" in line["detail"]


async def test_it_waits_as_long_as_a_429_asks_for(agent):
    def busy(question):
        left = 1.0 - question.since
        return Refusal(429, "rate_limit", "too many", retry_after=left) if left > 0 else None

    agent.providers.begin(Fault("busy", refuse=busy))

    answers = await asyncio.gather(*(agent.ask() for _ in range(5)))

    assert [answer.status_code for answer in answers] == [200] * 5
    told = [call.retry_not_before for call in agent.providers.calls if call.status == 429]
    later = [call.at for call in agent.providers.calls if call.status == 200]
    assert min(later) >= max(told) - 0.1


@pytest.mark.parametrize(
    ("refusal", "status", "most_calls"),
    [
        (Refusal(429, "rate_limit", "too many"), 429, 3),
        (Refusal(503, "overloaded", "too much"), 503, 3),
        (Refusal(429, "rate_limit", "too many", retry_after=60), 429, 1),
        (Refusal(429, "insufficient_quota", "used up"), 503, 1),
    ],
    ids=["busy", "overloaded", "busy for a minute", "quota used up"],
)
async def test_a_provider_that_stays_busy_is_told_to_the_caller(agent, refusal, status, most_calls):
    agent.providers.begin(Fault("busy", refuse=lambda _: refusal))

    answer = await agent.ask()

    assert answer.status_code == status
    assert int(answer.headers["retry-after"]) >= 1
    assert len(agent.providers.calls) == most_calls


async def test_a_silent_provider_is_a_clear_error_in_time(agent):
    agent.providers.begin(Fault("silent", hold=lambda _: NEVER))
    began = time.monotonic()

    answer = await agent.ask()

    assert (answer.status_code, answer.json()["error"]) == (504, "the model did not answer within 3 s")
    assert time.monotonic() - began < 6
    agent.providers.mend()
    assert (await agent.ask()).status_code == 200


async def test_too_many_at_once_are_sent_away_and_the_others_answered(agent):
    agent.providers.begin(Fault("slow", hold=lambda _: 0.5))

    statuses = [answer.status_code for answer in await asyncio.gather(*(agent.ask() for _ in range(80)))]

    assert (statuses.count(200), statuses.count(503)) == (64, 16)


async def test_what_runs_is_finished_after_sigterm(agent):
    agent.providers.begin(Fault("slow", hold=lambda _: 0.5))
    asking = asyncio.create_task(agent.ask())
    while not agent.providers.calls:
        await asyncio.sleep(0.01)

    agent.process.send_signal(signal.SIGTERM)

    assert (await asking).status_code == 200
    assert (await agent.ended())[0] == 0


async def test_nobody_is_asked_for_a_caller_who_has_gone(agent):
    agent.providers.begin(Fault("slow", hold=lambda _: 5.0))
    asking = asyncio.create_task(agent.ask())
    while not agent.providers.calls:
        await asyncio.sleep(0.01)

    asking.cancel()

    async with asyncio.timeout(2):
        while agent.providers.calls[0].closed_by_agent is None:
            await asyncio.sleep(0.01)
    assert "given up: the caller has gone" in [line["message"] for line in await agent.stopped()]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"query": 3}', b'{"query": " "}', b"\xff", b'{"ask": "x"}'])
async def test_a_bad_request_is_told_what_is_asked_for(agent, body):
    answer = await agent.client.post("/agent", content=body)

    assert answer.status_code == 400
    assert "query" in answer.json()["error"]
