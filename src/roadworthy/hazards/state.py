"""Sessions live in one process: the second worker, the other replica or the restart does not know them."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.hazard import Hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.shared import list_of_self
from roadworthy.scan.speakers import Speaker, keeps_jobs, speaker
from roadworthy.scan.state import changes_in_requests
from roadworthy.scan.tree import above

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module
    from roadworthy.scan.state import Change

hazard = Hazard(
    "STATE",
    "Sessions live in one process",
    cause="What a conversation said is kept in the memory of the one process that answered; another worker, another "
    "replica or the same one after a restart has never heard of it.",
    fix="Keep conversations where all replicas see them: Redis, PostgreSQL, or the framework's own store for them.",
    before="""\
histories = {}  # the other replica has its own

def answer(session, query):
    histories.setdefault(session, []).append(query)
""",
    after="""\
store = RedisHistory(os.environ["REDIS_URL"])

def answer(session, query):
    store.append(session, query)
""",
)


@dataclass(frozen=True, slots=True)
class Store:
    """A library's object that keeps conversations in the process."""

    instead: str
    is_one: bool
    """Whether it is a single conversation."""
    unless: tuple[int, str] | None


@cache
def stores() -> dict[str, Store]:
    """By the name of what makes one; from data/conversation-stores.toml."""
    table = tomllib.loads(files("roadworthy.data").joinpath("conversation-stores.toml").read_text("utf-8"))
    return {
        name: Store(row["instead"], row.get("one", False), tuple(row["unless"]) if "unless" in row else None)
        for row in table["store"]
        for name in row["names"]
    }


BOTS = ("discord.", "nextcord.", "disnake.", "botbuilder.core.", "interactions.", "revolt.")
"""Beginnings of names of classes of which a process has one object, for all who write to it."""
OWN_STORE = re.compile(r"\.(InMemory|Memory)\w*(Session|Conversation|History|Chat|Thread|Memory|State|Checkpoint)\w*$")
"""Names of a project's own classes that say that they keep conversations in memory."""
SHARED_STORES = (
    "Postgres",
    "Redis",
    "Sqlite",
    "Mongo",
    "DynamoDB",
    "DatabaseSession",
    "DatabaseTask",
    "VertexAiSession",
)
"""Parts of names of stores that replicas share: a file that knows one chooses it by a setting."""


@hazard.rule("STATE101", "conversations kept in the process")
def kept_in_process(module: Module) -> Iterator[Finding]:
    """Conversations are kept in a mapping by their session's id, or in a framework's in-memory store.

    The mapping's name says so (`conversations`, `chat_histories`), or what is put into it does: messages, texts that
    somebody said, a memory, an agent for each user. So is how far a job is, where another request asks for it by the
    job's id. The mapping is the module's, or an object's that outlives the request. A single conversation of a
    framework's that is made with the module (a chat, a memory) counts too, and a list of a bot's, which all who write
    share.

    Quiet for what else is kept by a session (its log level, its browser, how often it failed), for mappings of what
    cannot live elsewhere (locks, connections, tasks), for caches, for a history that a function makes for itself, for
    a class that says that it is the one in memory among several, in a file that chooses a shared store by a setting,
    in examples and command-line tools. Told once for each name.

    Why: a load balancer sends the second turn to another replica, which has never heard of the first.

    Mend: a store that all replicas share.
    """
    seen: set[str] = set()
    for change in changes_in_requests(module):
        if change.name in seen or speaker(module, change) is not Speaker.CONVERSATIONS:
            continue
        if keeps_jobs(module, change):
            seen.add(change.name)
            yield _jobs(module, change)
            continue
        if (
            change.name.startswith("self.")
            and module.moment(change.node) is not Moment.REQUEST
            and not module.project.serves_beside(module.path)
        ):
            continue
        seen.add(change.name)
        assert change.key is not None
        yield _kept(
            module, change.node, change.name, f"keep {change.name}[{ast.unparse(change.key)}] in Redis or PostgreSQL"
        )
    for call, attribute in _of_bots(module):
        yield module.finding(
            call,
            f"self.{attribute} is one conversation of all who write, kept in this process",
            why="one user reads what another has said, and after a restart nobody's is known",
            fix="keep one for each channel or user, in Redis or PostgreSQL",
            severity=Severity.WARNING,
        )
    if any(part in name for name in module.imported for part in SHARED_STORES):
        return
    for call in module.calls_to(*stores()):
        store = stores()[call.name]
        if module.moment(call) in (Moment.EXAMPLE, Moment.COMMAND, Moment.TEST):
            continue
        if store.unless is not None and call.argument(*store.unless) is not None:
            continue
        if not store.is_one or (call.scope.kind == "module" and _is_of_requests(module, call)):
            yield _kept(module, call.node, _word(call), f"use {store.instead}")
    for call in module.calls:
        if call.scope.kind != "module" or not OWN_STORE.search(call.name) or not module.project.is_own(call.name):
            continue
        if module.moment(call) is Moment.IMPORT and not module.is_in_main(call.node):
            yield _kept(module, call.node, _word(call), "keep them in Redis or PostgreSQL")


def _word(call: Call) -> str:
    """The class that is made, without what makes it: `ChatMemoryBuffer.from_defaults`."""
    parts = call.name.replace("()", "").split(".")
    return parts[-1] if parts[-1][0].isupper() else ".".join(parts[-2:])


def _is_of_requests(module: Module, call: Call) -> bool:
    """Whether a function of this file that runs in requests reads the name that it is given, or another file may."""
    if module.imports("streamlit") or module.is_in_main(call.node):
        return False  # each session runs a page anew
    if module.moment(call) is not Moment.IMPORT:
        return False
    names = {name for name, bound in module.scopes.module.bindings.items() if any(call.node is each for each in bound)}
    names |= {_part_of(call)} - {None}  # type: ignore[arg-type]
    return any(module.project.is_imported(f"{module.dotted}.{name}") for name in names) or any(
        each.id in names and module.scope(each).kind == "function" and module.moment(each) is Moment.REQUEST
        for each in module.all(ast.Name)
    )


def _part_of(call: Call) -> str | None:
    """`chain = Chain(memory=ConversationBufferMemory())`: the name of what it is part of."""
    for around in above(call.node):
        if isinstance(around, ast.Assign) and isinstance(around.targets[0], ast.Name):
            return around.targets[0].id
    return None


def _of_bots(module: Module) -> Iterator[tuple[Call, str]]:
    """Where a bot's one object adds to a list that is its conversation with everybody."""
    seen: set[str] = set()
    for call in module.methods("append", "extend"):
        around = call.scope.class_around
        attribute = list_of_self(call)
        if around is None or attribute is None or attribute in seen or not isinstance(around.node, ast.ClassDef):
            continue
        if any(module.name(base).startswith(BOTS) for base in around.node.bases):
            seen.add(attribute)
            yield call, attribute


def _jobs(module: Module, change: Change) -> Finding:
    assert change.key is not None
    return module.finding(
        change.node,
        f"{change.name} keeps in this process how far jobs are",
        why="whoever asks may reach another replica, or this one after a restart, which has never heard of the job",
        fix=f"keep {change.name}[{ast.unparse(change.key)}] in Redis or PostgreSQL",
        severity=Severity.WARNING,
    )


def _kept(module: Module, node: ast.AST, what: str, fix: str) -> Finding:
    return module.finding(
        node,
        f"{what} keeps conversations in this process",
        why="the next turn may reach another replica, or this one after a restart",
        fix=fix,
        severity=Severity.WARNING,
    )
