"""How long a call may wait: by its own argument, by what is around it, or by its library's default."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from roadworthy.scan.edits import imported, with_argument
from roadworthy.scan.tree import above, parent
from roadworthy.scan.values import HOLE, UNKNOWN

if TYPE_CHECKING:
    from roadworthy.findings import Edit
    from roadworthy.scan.module import Call, Module

AROUND = {
    *("asyncio.timeout", "asyncio.wait_for", "asyncio.timeout_at", "async_timeout.timeout", "anyio.fail_after"),
    *("anyio.move_on_after", "trio.fail_after", "trio.move_on_after"),
}
"""What puts an end to all that is awaited inside."""


LONG = 300
"""Seconds up to which a library's own default is taken for a choice: aiohttp gives a whole answer so long."""
ASKING = ("create", "parse", "stream", "get", "post", "put", "patch", "delete", "request", "ws_connect", "count_tokens")
"""Methods that ask something of a client, and take a `timeout`."""
_VERBS = ("get", "post", "put", "patch", "delete", "request")
_OF_ANSWERS = ("raise_for_status", "status_code")
"""What is asked of an answer of `requests`, and of httpx's: aiohttp's has a `status`."""
_HOLDERS = ("urllib3.PoolManager",)
"""What holds a time-out for the calls on it that their own entry does not know."""

_SLOW = re.compile(
    "complet|messages|generat|chat|embed|respon|infer|predict|invoke|run|agent|llm|model|11434|upload|export|transcri"
    "|openai|anthropic|openrouter|mistral|groq|cohere|deepseek|together|perplexity|hugging",
    re.IGNORECASE,
)
"""In the address of what may take minutes to answer."""
_ASKS_LONG = re.compile(r"timeout|\b(messages|prompt|model|max_tokens)\b", re.IGNORECASE)
"""In a call that asks the other side to wait, or a model."""


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
    edit: str = ""
    """What `--fix` adds to a call that says nothing of it."""
    imports: tuple[str, str] | None = None
    """Module and name that the edit needs."""
    quick: tuple[str, ...] = ()
    """Programs that surely end before the edit ends them."""
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
    for call in calls_of_sessions(module):
        yield call, known[call.name]


def calls_of_sessions(module: Module) -> list[Call]:
    """Calls on a `requests` session that another library's object holds: `self.jira._session.get(…)`.

    Known by what is asked of the answer, `raise_for_status` or `status_code`, without awaiting it, in a file where no
    other HTTP library could have made it. Each is given the name that it has on a session of `requests` itself.
    """
    found: list[Call] | None = module.remembered.get("calls of sessions")
    if found is not None:
        return found
    found = module.remembered["calls of sessions"] = []
    source = module.source
    if "session." not in source or "httpx" in source or module.project.first_to_import("requests") is None:
        return found
    for call in module.methods(*_VERBS):
        of = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
        if not isinstance(of, ast.Attribute) or of.attr not in ("session", "_session"):
            continue
        if call.made_by is None and not call.name.startswith("requests.") and _is_answer_of_requests(module, call):
            found.append(type(call)(call.node, f"requests.Session().{call.name.rpartition('.')[2]}", module))
    return found


def _is_answer_of_requests(module: Module, call: Call) -> bool:
    around = parent(call.node)
    if isinstance(around, ast.Attribute):
        return around.attr in _OF_ANSWERS
    if not isinstance(around, ast.Assign) or not isinstance(around.targets[0], ast.Name):
        return False
    name, scope = around.targets[0].id, call.scope
    return any(
        each.attr in _OF_ANSWERS
        and isinstance(each.value, ast.Name)
        and each.value.id == name
        and module.scope(each) is scope
        for each in module.all(ast.Attribute)
    )


def own_timeout(call: Call, client: Client) -> bool | None:
    """Whether the call says how long it waits; None: it says that it waits for ever."""
    given = call.argument(client.position, client.argument) if client.argument else None
    if given is not None:
        return None if _is_endless(call.module, given) else True
    words = (*client.others, client.argument) if client.argument else client.others
    if any(each.arg in words for each in call.node.keywords) or (
        _is_hidden(call) and not _is_told_nowhere(call, client)
    ):
        return True
    if client.text is not None and client.text in (call.text(0, "conninfo") or ""):
        return True
    made = call.made_by
    # `urllib3.PoolManager(timeout=10)` tells what is called on it.
    return bool(client.argument and made is not None and made.name in _HOLDERS and made.has(client.argument))


def _is_hidden(call: Call) -> bool:
    return any(each.arg is None for each in call.node.keywords)


def _is_told_nowhere(call: Call, client: Client) -> bool:
    """Whether `**options` of a call that waits for minutes come from a file that never speaks of time."""
    source = call.module.source
    return (client.seconds or 0) > LONG and not any(word in source for word in ("timeout", "TIMEOUT", *client.others))


def adding(call: Call, client: Client) -> Edit | None:
    """The time-out as another argument of the call, where what is asked would surely have been answered by then."""
    is_model = "{" in client.edit
    seconds = _of_a_model(call.module) if is_model else 0.0
    if not client.edit or seconds is None or _is_hidden(call) or (not is_model and _may_take_long(call, client)):
        return None
    known = imported(call.module, call.node, *client.imports) if client.imports else ("", ())
    if known is None:
        return None
    text = client.edit.format(model=seconds, milliseconds=round(seconds * 1000), name=known[0])
    return with_argument(call, text, *known[1])


def _of_a_model(module: Module) -> float | None:
    """The seconds that the manifest gives a model's answer: its own, or two thirds of the request's."""
    if module.project.manifest is None:
        return None
    declared = module.project.manifest.timeouts
    if declared.model is None and declared.request is not None:
        return round(declared.request * 2 / 3, 1)
    return declared.model


def _may_take_long(call: Call, client: Client) -> bool:
    """Whether the answer may rightly take long: of a model, of a program that serves, of what the call asks to wait."""
    package = call.name.partition(".")[0]
    if package == "subprocess":
        program = call.argument(0, "args")
        first = program.elts[0] if isinstance(program, ast.List) and program.elts else program
        text = call.module.text(first) or ""
        return text.partition(" ")[0] not in client.quick or any(each in text for each in "|&;`$(\n")
    asked = ast.unparse(call.node)
    if package == "imaplib" or call.has("stream", "files") or _ASKS_LONG.search(asked):
        return True
    word = call.name.rpartition(".")[2]
    if package not in ("requests", "urllib", "urllib3", "http") or word in ("get", "head", "options"):
        return False
    address = call.text(1 if word == "request" else 0, "host" if package == "http" else "url")
    return address is None or address.startswith(HOLE) or _SLOW.search(address) is not None


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
