"""What the model may look up. A tool that fails says so to the model; the request goes on."""

import asyncio
import json
import logging
import os
import signal

import httpx2

from logs import request_id
from settings import MOST_REQUESTS, TOOL_TIMEOUT, Settings

MOST_BYTES = 16_384  # of one tool's output: what a conversation can carry, and memory too
SEARCHES = 4  # at once: each is a process with a memory of its own

DESCRIPTIONS = [
    {
        "type": "function",
        "function": {
            "name": "search",
            "description": "Find lines in our policies and articles that hold a word or a short phrase.",
            "parameters": {
                "type": "object",
                "properties": {"query": {"type": "string", "minLength": 1}},
                "required": ["query"],
            },
        },
    },
    {
        "type": "function",
        "function": {
            "name": "customer",
            "description": "A customer's name, plan and orders.",
            "parameters": {
                "type": "object",
                "properties": {"customer_id": {"type": "integer", "minimum": 1}},
                "required": ["customer_id"],
            },
        },
    },
]

log = logging.getLogger("tools")


class Tools:
    def __init__(self, settings: Settings):
        self._knowledge = settings.knowledge
        self._searching = asyncio.Semaphore(SEARCHES)
        self._customers = httpx2.AsyncClient(
            base_url=settings.customers_url,
            timeout=TOOL_TIMEOUT,
            limits=httpx2.Limits(max_connections=MOST_REQUESTS),
        )
        self._by_name = {"search": self.search, "customer": self.customer}

    async def run(self, name: str, arguments: str) -> str:
        """The tool's output, or what went wrong with it in words that the model can use."""
        try:
            async with asyncio.timeout(TOOL_TIMEOUT):
                return await self._by_name[name](**json.loads(arguments))
        except TimeoutError:
            problem = f"{name} did not answer within {TOOL_TIMEOUT:g} s"
        except KeyError:
            problem = f"there is no tool {name!r}"
        except (TypeError, ValueError):
            problem = f"these arguments do not fit {name}"
        except (OSError, httpx2.HTTPError) as error:
            problem = f"{name} is not available: {type(error).__name__}"
        log.warning(problem)
        return json.dumps({"error": problem})

    async def search(self, query: str) -> str:
        limits = ["--max-count=5", "--max-columns=300", "--max-filesize=1M", "--threads=1"]
        command = ["rg", "--no-config", "--ignore-case", "--fixed-strings", *limits, "-e", query, "."]
        async with self._searching:
            rg = await asyncio.create_subprocess_exec(
                *command,
                cwd=self._knowledge,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=MOST_BYTES,
                start_new_session=True,
            )
            try:
                found = await beginning(rg.stdout)
            finally:
                await end(rg)
        return found.decode("utf-8", "replace") or "nothing found"

    async def customer(self, customer_id: int) -> str:
        headers = {"X-Request-ID": request_id.get()}
        response = await self._customers.get(f"/customers/{int(customer_id)}", headers=headers)
        if response.status_code != 404:
            response.raise_for_status()
        return response.text[:MOST_BYTES]


async def beginning(stream: asyncio.StreamReader) -> bytes:
    """The first MOST_BYTES of a stream: the rest is never read."""
    found = bytearray()
    while len(found) < MOST_BYTES and (chunk := await stream.read(MOST_BYTES - len(found))):
        found += chunk
    return bytes(found)


async def end(process: asyncio.subprocess.Process) -> None:
    """Kill the process and its children where they still run, and reap it."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    while await process.stdout.read(MOST_BYTES):  # what the pipe still holds; wait() would wait for it
        pass
    await process.wait()
