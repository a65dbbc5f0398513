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


ASKING = ("create", "parse", "stream", "get", "post", "put", "patch", "delete", "request", "ws_connect", "count_tokens")
"""Methods that ask something of a client, and take a `timeout`."""
_HOLDERS = ("urllib3.PoolManager",)
"""What holds a time-out for the calls on it that their own entry does not know."""


@dataclass(frozen=True, slots=True)
class Client:
    """Calls with one default. `seconds` None: they may wait for ever."""

    calls: tuple[str, ...]
    source: str
    date: str
    argument: str | None = None
    position: int | None = None
    others: tuple[str, ...] = ()
    """Further arguments that may bring a time-out with them."""
    text: str | None = None
    """Says in a connection string that there is a time-out."""
    seconds: float | None = None
    retries: int = 0
    mend: str = ""
    only: str = ""
    """What it is true of, where that is not all: the versions of the library before it was changed, some providers."""
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
        return None if _is_endless(call.module, given) else True
    if call.has(*client.others) or (client.argument and call.has(client.argument)):
        return True
    if client.text is not None and client.text in (call.text(0, "conninfo") or ""):
        return True
    made = call.made_by
    # `urllib3.PoolManager(timeout=10)` tells what is called on it.
    return bool(client.argument and made is not None and made.name in _HOLDERS and made.has(client.argument))


def told_by_each_call(call: Call) -> bool:
    """Whether a client is made without a time-out, and all that this file asks of it brings its own."""
    asked = _asked_of(call.module).get(call.node, [])
    return bool(asked) and all(each.has("timeout") or ended_from_outside(each) for each in asked)


def _asked_of(module: Module) -> dict[ast.Call, list[Call]]:
    """The calls on each client of this file that is bound to a name."""
    found: dict[ast.Call, list[Call]] = {}
    for call in module.methods(*ASKING):
        made = call.made_by
        while made is not None:
            found.setdefault(made.node, []).append(call)
            made = made.made_by
    return found


def is_set_elsewhere(module: Module, call: Call) -> bool:
    """Whether a library's default was changed in this file: `litellm.request_timeout = 30`, a wrapped `request`."""
    package = call.name.partition(".")[0]
    for assign in module.all(ast.Assign):
        target = assign.targets[0]
        if not isinstance(target, ast.Attribute):
            continue
        if target.attr in ("timeout", "request_timeout") and module.name(target.value) == package:
            return True
        if target.attr == "request" and "timeout" in ast.unparse(assign.value) and call.made_by is not None:
            # `session.request = functools.partial(session.request, timeout=10)`
            return module.names.value(target.value) is call.made_by.node
    if package == "requests" and call.made_by is not None:
        mounted = (each for each in module.methods("mount") if each.made_by is not None)
        return any("timeout" in ast.unparse(each.node).lower() and each.made_by == call.made_by for each in mounted)
    return False


def _is_endless(module: Module, given: ast.expr) -> bool:
    """`None`, or an object that says so: `httpx.Timeout(None)`, `aiohttp.ClientTimeout(total=None)`."""
    if module.constant(given) is None:
        return True
    made = module.names.value(given)
    if not isinstance(made, ast.Call):
        return False
    call = module.call(made)
    if call.name == "google.genai.types.HttpOptions":
        return not call.has("timeout")
    if call.name not in ("httpx.Timeout", "openai.Timeout", "anthropic.Timeout", "aiohttp.ClientTimeout"):
        return False
    others = [each for each in made.keywords if each.arg not in ("timeout", "total")]
    return call.constant(0, "total" if call.name.startswith("aiohttp") else "timeout") is None and not others


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
