"""How long a call may wait: by its own argument, by what is around it, or by its library's default."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from roadworthy.scan.tree import above
from roadworthy.scan.values import UNKNOWN

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module

AROUND = {
    *("asyncio.timeout", "asyncio.wait_for", "asyncio.timeout_at", "async_timeout.timeout", "anyio.fail_after"),
    *("anyio.move_on_after", "trio.fail_after", "trio.move_on_after"),
}
"""What puts an end to all that is awaited inside."""


@dataclass(frozen=True, slots=True)
class Client:
    """Calls with one default. `seconds` None: they may wait for ever."""

    calls: tuple[str, ...]
    source: str
    argument: str | None = None
    position: int | None = None
    others: tuple[str, ...] = ()
    """Further arguments that may bring a time-out with them."""
    text: str | None = None
    """Says in a connection string that there is a time-out."""
    seconds: float | None = None
    retries: int = 0
    mend: str = ""
    constructor: bool = False
    is_async: bool = False


@cache
def clients() -> dict[str, Client]:
    """Each call that leaves the process, by its name."""
    table = tomllib.loads(files("roadworthy.data").joinpath("clients.toml").read_text("utf-8"))
    found: dict[str, Client] = {}
    for row in table["client"]:
        values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
        client = Client(**values)
        found |= dict.fromkeys(client.calls, client)
    return found


def waiting_calls(module: Module) -> Iterator[tuple[Call, Client]]:
    """The calls of this file that wait for something outside, with what is known of them."""
    known = clients()
    for call in module.calls_to(*known):
        yield call, known[call.name]


def own_timeout(call: Call, client: Client) -> bool | None:
    """Whether the call says how long it waits; None: it says that it waits for ever."""
    given = call.argument(client.position, client.argument) if client.argument else None
    if given is not None:
        value = call.module.constant(given)
        return None if value is None else True
    if call.has(*client.others) or (client.argument and call.has(client.argument)):
        return True
    return client.text is not None and client.text in (call.text(0, "conninfo") or "")


def ended_from_outside(call: Call) -> bool:
    """Whether something around the call ends it: `asyncio.timeout`, `wait_for`."""
    module = call.module
    for around in above(call.node):
        if isinstance(around, (ast.With, ast.AsyncWith)):
            entered = [item.context_expr for item in around.items]
            if any(isinstance(each, ast.Call) and module.name(each.func) in AROUND for each in entered):
                return True
        elif isinstance(around, ast.Call) and module.name(around.func) in AROUND:
            return True
        elif isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
    return False


def has_global_timeout(module: Module) -> bool:
    """Whether this file sets the time-out of every socket."""
    return any(call.constant(0) not in (None, UNKNOWN) for call in module.calls_to("socket.setdefaulttimeout"))
