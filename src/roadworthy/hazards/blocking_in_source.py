"""CONC103: what holds the event loop that all requests share."""

from __future__ import annotations

import ast
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from roadworthy.findings import Severity
from roadworthy.hazards.concurrency import hazard
from roadworthy.scan.event_loop import is_in_lambda
from roadworthy.scan.moments import Moment
from roadworthy.scan.waiting import calls_of_sessions

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module

RUNNABLES = ("langchain", "langgraph")
"""Beginnings of names of libraries whose objects all have `invoke`, and `ainvoke` beside it."""
STORES = (
    *("similarity_search", "similarity_search_with_score", "similarity_search_with_relevance_scores"),
    *("max_marginal_relevance_search", "get_relevant_documents", "add_documents", "add_texts", "from_documents"),
    *("from_texts", "from_existing_index", "embed_query", "embed_documents"),
)
"""Methods of langchain's stores, retrievers and embeddings, all of which have one with an `a` before it beside them."""
ENGINES = ("query_engine", "chat_engine", "retriever", "as_query_engine()", "as_chat_engine()", "as_retriever()")
"""Ends of what llama-index asks."""
RAW = ("openai.", "anthropic.")
"""Libraries whose every method is also found below `with_raw_response`."""
PIPELINE = "pipeline()"
SHORT = 0.1
"""Seconds of a sleep that nobody notices once, and everybody where it is in each request."""


@dataclass(frozen=True, slots=True)
class Client:
    """What calls on an object of a library hold the thread: those that end in one of `sends`, or all `but` these."""

    instead: str
    sends: frozenset[str]
    but: frozenset[str] | None
    once: bool
    """Whether the first call in a function speaks for all of them there."""

    def holds(self, asked: str) -> bool:
        """Whether a call of what stands behind the object waits: `.messages.create`, `.pipeline().set`.

        Where every method sends, what one of them returns is data, and has its own (`.get().decode`). A pipeline only
        gathers what its `execute` sends.
        """
        *before, method = asked.removeprefix(".").split(".")
        if PIPELINE in before:
            return method == "execute"
        if self.but is None:
            return method in self.sends
        is_data = any(each.endswith("()") and each.removesuffix("()") not in self.but for each in before)
        return not is_data and method not in self.but


@cache
def _rows() -> list[dict[str, Any]]:
    table = tomllib.loads(files("roadworthy.data").joinpath("blocking-calls.toml").read_text("utf-8"))
    rows: list[dict[str, Any]] = table["blocking"]
    return rows


@cache
def blocking_clients() -> dict[str, list[Client]]:
    """Classes and functions that make an object whose calls hold the thread."""
    found: dict[str, list[Client]] = defaultdict(list)
    for row in _rows():
        but = frozenset(row["but"]) if "but" in row else None
        client = Client(row["instead"], frozenset(row.get("sends", ())), but, row.get("once", False))
        for name in row.get("clients", ()):
            found[name].append(client)
        for built_up in (name for name in row.get("calls", ()) if ".*." in name):
            made, _, sends = built_up.partition("().*.")
            found[made].append(Client(row["instead"], frozenset({sends}), None, once=False))
    return found


@cache
def _sending_always() -> frozenset[str]:
    clients = blocking_clients().items()
    return frozenset(name.partition(".")[0] for name, rows in clients if any(each.but is not None for each in rows))


@cache
def _words() -> frozenset[str]:
    """The last words of all calls that may hold the thread."""
    sends = {word for rows in blocking_clients().values() for each in rows for word in each.sends}
    return frozenset(sends | {name.rpartition(".")[2] for name in blocking_calls()})


@cache
def blocking_calls() -> dict[str, str]:
    """Calls that hold the thread, and what awaits in their place."""
    known = {name: row["instead"] for row in _rows() for name in row.get("calls", ()) if ".*." not in name}
    wrapped = {_as_raw(name): instead for name, instead in known.items() if name.startswith(RAW)}
    return known | wrapped


def _as_raw(name: str) -> str:
    """`messages.create` as it is asked for with its headers: `messages.with_raw_response.create`."""
    owner, _, method = name.rpartition(".")
    return f"{owner}.with_raw_response.{method}"


@hazard.rule("CONC103", "blocking call in async code")
def blocking(module: Module) -> Iterator[Finding]:
    """A call inside `async def` holds the thread that all requests share: a request, a program, a sleep, a model.

    So does one in a plain function that an `async def` calls. Quiet in a function that is handed to a thread
    (`asyncio.to_thread`, `run_in_executor`), in a generator that something else reads (a streamed answer), in a loop
    that one request has for itself (a view of Flask's, `asyncio.run`), for a tenth of a second outside of handlers,
    at the start, in examples and command-line tools, in a function that nothing calls.

    Why: while one request waits for the model, no other is answered, the health check neither.

    Mend: the library's asynchronous client; else `await asyncio.to_thread(…)`.
    """
    for call, instead in _blocking(module):
        moment = module.moment(call)
        if moment not in (Moment.REQUEST, Moment.UNKNOWN) or call.scope.kind != "function" or is_in_lambda(call):
            continue
        own = f"{module.dotted}.{call.scope.name}"
        found = module.project.in_loop(own)
        if found is None:
            continue
        if _is_short(call) and not module.project.is_handler(own):
            continue
        through, first = (each.removeprefix(f"{module.dotted}.") for each in found)
        calls = "" if through == first else f", and calls {first}"
        if first not in (through, call.scope.name):
            calls += f", which comes to {call.scope.name}"
        yield module.finding(
            call,
            f"{_shown(call)} blocks every other request while it waits",
            why=f"{through} runs in the event loop, which all requests share{calls}",
            fix=_awaited(call, instead, through, first),
            severity=None if moment is Moment.REQUEST else Severity.WARNING,
        )


def _whichever(call: Call, known: dict[str, str]) -> str | None:
    """What awaits in place of a call on one of several clients, `OpenAI` or `AzureOpenAI`, that all hold the thread."""
    asked: ast.expr = call.node.func
    attributes = ""
    while isinstance(asked, ast.Attribute):
        attributes = f".{asked.attr}{attributes}"
        asked = asked.value
    bound = call.module.names.bound(asked) if isinstance(asked, ast.Name) else []
    made: list[ast.expr] = []
    for each in bound:
        if not isinstance(each, ast.expr):
            return None
        made += [each.body, each.orelse] if isinstance(each, ast.IfExp) else [each]
    names = [call.module.name(each) + attributes for each in made]
    return known[names[0]] if names and all(name in known for name in names) else None


def _is_short(call: Call) -> bool:
    """Whether it takes so little that it tells only where every request passes: a short sleep, a file opened."""
    if call.name != "time.sleep":
        return call.name == "sqlite3.connect"
    seconds = call.constant(0)
    return isinstance(seconds, (int, float)) and seconds <= SHORT


def _shown(call: Call) -> str:
    """The call's name; of one that is built up, its two ends."""
    client, _, method = call.name.rpartition(".")
    is_listed = call.name in blocking_calls() or call.name.partition("()")[0] in blocking_clients()
    if method == "invoke" or not is_listed:
        return ast.unparse(call.node.func)
    is_built_up = call.name.count("()") > 1 and call.name not in blocking_calls()
    return f"{client.partition('()')[0]}(…)….{method}" if is_built_up else call.name.replace("()", "")


def _awaited(call: Call, instead: str, through: str, first: str) -> str:
    """How the loop goes on meanwhile: in a plain function nothing can be awaited, but its caller can hand it over."""
    if first == through and call.name == "time.sleep":
        return "`await asyncio.sleep(…)`"
    written = ast.unparse(call.node.func)
    thread = f"`await asyncio.to_thread({_shown(call) if '(' in written else written}, …)`"
    if first != through:
        thread = f"`await asyncio.to_thread({first.rpartition('.')[2]}, …)` in {through}"
    return thread if instead == "a thread" else f"use {instead}, or {thread}"


def _blocking(module: Module) -> Iterator[tuple[Call, str]]:
    """The calls that hold their thread, each with what awaits in its place."""
    known = blocking_calls()
    told: set[tuple[ast.AST, str]] = set()
    # A client of which every method sends is looked for where its package is named: each call would have to be named.
    is_any = any(package in module.source for package in _sending_always())
    for call in module.calls if is_any else module.methods(*_words()):
        if isinstance(module.parent(call.node), (ast.Await, ast.AsyncFor, ast.AsyncWith)):
            continue
        made, _, rest = call.name.partition("()")
        if call.name in known:
            yield call, known[call.name]
        elif call.name.startswith("?"):
            if (awaited := _whichever(call, known)) is not None:
                yield call, awaited
        elif rest.startswith(".") and not (made.startswith("openai") and "with_streaming" in rest):
            for client in blocking_clients().get(made, ()):
                place = (call.scope.node, made)
                if client.holds(rest) and not rest.endswith(")") and not (client.once and place in told):
                    told.add(place)
                    yield call, client.instead
                    break
    for call in calls_of_sessions(module):
        yield call, known[call.name]
    yield from _of_frameworks(module, known)


def _of_frameworks(module: Module, known: dict[str, str]) -> Iterator[tuple[Call, str]]:
    """Calls of libraries whose objects come from everywhere, and are known by their methods."""
    if any(name.startswith(RUNNABLES) for name in module.imported):
        for call in module.methods("invoke", *STORES):
            word = call.name.rpartition(".")[2]
            if call.name in known or isinstance(module.parent(call.node), (ast.Await, ast.AsyncFor)):
                continue
            if word == "invoke" or call.name.startswith((*RUNNABLES, "?")):
                yield call, f"`await {ast.unparse(call.node.func).removesuffix(word)}a{word}(…)`"
        for call in module.methods("run", "predict", "load", "stream"):
            around, word = module.parent(call.node), call.name.rpartition(".")[2]
            is_read = word != "stream" or isinstance(around, ast.For)
            is_object = call.name.startswith(RUNNABLES) and "()." in call.name
            if is_object and is_read and not isinstance(around, ast.Await):
                yield call, f"`await {ast.unparse(call.node.func).removesuffix(word)}a{word}(…)`"
    if any(name.startswith("llama_index") for name in module.imported):
        for call in module.methods("query", "chat", "stream_chat", "retrieve"):
            of = ast.unparse(call.node.func).rpartition(".")[0]
            is_engine = of.endswith(ENGINES) or call.name.rpartition(".")[0].endswith(ENGINES)
            if is_engine and not isinstance(module.parent(call.node), ast.Await):
                yield call, f"`await {of}.a{call.name.rpartition('.')[2]}(…)`"
