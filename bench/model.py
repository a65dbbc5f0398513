"""Requests a second of the simulated providers on one core, beside PyPI `llmock`, in turns in the same run.

    uv run --group bench python bench/model.py [SECONDS] [ROUNDS]

Each server has one core to itself, the load another. The load is a mix of whole conversations over keep-alive
connections: a question with two tools offered, the same with the first tool's result, and with both results; each
with a canary of its own, so that nothing can be answered from a cache. Both servers validate, keep their journal
and decide on tools. Goals: at least 1,500 requests a second, and twice llmock's.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from socket import create_connection, socket
from statistics import median
from typing import Any, cast

import httptools
import uvloop

from roadworthy.rehearsal.canary import new_canary

CONNECTIONS = 32
CONVERSATIONS = 400
SERVERS = {
    "roadworthy": [sys.executable, "-m", "roadworthy.rehearsal.world.model", "--port", "{port}"],
    "llmock": [
        str(Path(sys.executable).with_name("llmock")),
        *("serve", "--port", "{port}", "--latency-ms", "0", "--response-style", "hello"),
        *("--tool-mode", "auto", "--log-level", "error"),
    ],
}


def tool(name: str, parameter: str) -> dict[str, Any]:
    parameters = {"type": "object", "properties": {parameter: {"type": "string"}}, "required": [parameter]}
    return {"type": "function", "function": {"name": name, "description": f"Use {name}.", "parameters": parameters}}


def requests(port: int) -> list[bytes]:
    """The three requests of each conversation, shuffled with a fixed seed."""
    rng = Random(1)
    made = []
    for number in range(CONVERSATIONS):
        messages: list[dict[str, Any]] = [
            {"role": "system", "content": "You are a support agent of a shop. " + "Be polite and precise. " * 20},
            {"role": "user", "content": f"Where is order {number}? (reference {new_canary(rng)})"},
        ]
        for name, parameter in (("get_order", "order_id"), ("search_policies", "query"), ("", "")):
            body = {
                "model": "gpt-4.1",
                "messages": messages,
                "temperature": 0.2,
                "tools": [tool("get_order", "order_id"), tool("search_policies", "query")],
            }
            made.append(framed(json.dumps(body).encode(), port))
            called = {"name": name, "arguments": json.dumps({parameter: str(number)})}
            call = {"id": f"call_{number}_{name}", "type": "function", "function": called}
            result = {"role": "tool", "tool_call_id": call["id"], "content": "Sent on Monday. " * 10}
            messages = [*messages, {"role": "assistant", "content": None, "tool_calls": [call]}, result]
    rng.shuffle(made)
    return made


def framed(body: bytes, port: int) -> bytes:
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer sk-test\r\n"
        "Accept: application/json\r\nUser-Agent: OpenAI/Python 3\r\nX-Stainless-Lang: python\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Caller(asyncio.Protocol):
    """One connection: sends the next request as soon as an answer is whole, until the time is up."""

    def __init__(self, made: list[bytes], first: int, until: float, done: asyncio.Future[None]) -> None:
        self.made, self.next, self.until, self.done = made, first, until, done
        self.parser = httptools.HttpResponseParser(self)
        self.statuses: Counter[int] = Counter()
        self.seconds: list[float] = []
        self.sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.send()

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        self.statuses[self.parser.get_status_code()] += 1
        self.seconds.append(now - self.sent)
        self.parser = httptools.HttpResponseParser(self)
        if now < self.until:
            self.send()
        elif not self.done.done():
            self.transport.close()
            self.done.set_result(None)

    def send(self) -> None:
        self.sent = time.perf_counter()
        self.transport.write(self.made[self.next % len(self.made)])
        self.next += 1


async def load(port: int, seconds: float) -> tuple[float, float, Counter[int]]:
    """Requests a second, the 99th percentile in milliseconds, and how many had which status."""
    loop = asyncio.get_running_loop()
    made = requests(port)
    began = time.perf_counter()
    callers = []
    for number in range(CONNECTIONS):
        caller = Caller(made, number * len(made) // CONNECTIONS, began + seconds, loop.create_future())
        await loop.create_connection(lambda caller=caller: caller, "127.0.0.1", port)  # type: ignore[misc]
        callers.append(caller)
    await asyncio.gather(*(caller.done for caller in callers))
    took = time.perf_counter() - began
    statuses = sum((caller.statuses for caller in callers), Counter[int]())
    times = sorted(second for caller in callers for second in caller.seconds)
    return sum(statuses.values()) / took, times[int(len(times) * 0.99)] * 1000, statuses


def start(name: str) -> tuple[subprocess.Popen[bytes], int]:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [part.format(port=port) for part in SERVERS[name]]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(["taskset", "-c", "0", *command], stdin=quiet, stdout=quiet, stderr=quiet)
    for _ in range(300):
        try:
            create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return process, port
    raise SystemExit(f"{name} did not start: {' '.join(command)}")


def memory(process: subprocess.Popen[bytes]) -> int:
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))


def main(seconds: float, rounds: int) -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rates: dict[str, list[float]] = {name: [] for name in SERVERS}
    running = {name: start(name) for name in SERVERS}
    try:
        for _, port in running.values():
            uvloop.run(load(port, 1.0))
        for _ in range(rounds):
            for name, (process, port) in running.items():
                rate, slow, statuses = uvloop.run(load(port, seconds))
                rates[name].append(rate)
                print(
                    f"{name:12} {rate:8,.0f} requests/s   p99 {slow:6.1f} ms   {memory(process):4} MB   "
                    f"statuses {dict(statuses)}"
                )
    finally:
        for process, _ in running.values():
            process.terminate()
            process.wait()
    ours, theirs = (median(rates[name]) for name in SERVERS)
    print(f"median       {ours:8,.0f} against {theirs:,.0f}: {ours / theirs:.1f} times llmock")


if __name__ == "__main__":
    main(*(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0, int(sys.argv[2]) if len(sys.argv) > 2 else 3))
