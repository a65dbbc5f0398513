"""Sessions live in one process: the second worker, the other replica or the restart does not know them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.hazard import Hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.state import Speaker, changes_in_requests, speaker

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module

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
IN_MEMORY = {
    "langgraph.checkpoint.memory.MemorySaver": "PostgresSaver or RedisSaver",
    "langgraph.checkpoint.memory.InMemorySaver": "PostgresSaver or RedisSaver",
    "google.adk.sessions.InMemorySessionService": "DatabaseSessionService",
    "google.adk.sessions.in_memory_session_service.InMemorySessionService": "DatabaseSessionService",
    "google.adk.runners.InMemoryRunner": "Runner with a DatabaseSessionService",
    "a2a.server.tasks.InMemoryTaskStore": "DatabaseTaskStore",
}
"""Stores of frameworks that live in the process, and what takes their place."""
HISTORIES = {
    "langchain_core.chat_history.InMemoryChatMessageHistory": "RedisChatMessageHistory",
    "langchain_community.chat_message_histories.ChatMessageHistory": "RedisChatMessageHistory",
    "langchain.memory.ConversationBufferMemory": "a history in Redis or PostgreSQL",
    "langchain.memory.ConversationBufferWindowMemory": "a history in Redis or PostgreSQL",
}
"""One conversation each: a function that makes one may fill it from elsewhere, and forget it when it ends."""
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

    The mapping is the module's, or an object's that outlives the request. Quiet for mappings of what cannot live
    elsewhere (locks, connections, tasks), for caches, for a history that a function makes for itself, in a file that
    chooses a shared store by a setting, in examples and command-line tools. Told once for each name.

    Why: a load balancer sends the second turn to another replica, which has never heard of the first.

    Mend: a store that all replicas share.
    """
    seen: set[str] = set()
    for change in changes_in_requests(module):
        if change.name in seen or speaker(module, change) is not Speaker.CONVERSATIONS:
            continue
        if change.name.startswith("self.") and module.moment(change.node) is not Moment.REQUEST:
            continue
        seen.add(change.name)
        assert change.key is not None
        yield _kept(
            module, change.node, change.name, f"keep {change.name}[{ast.unparse(change.key)}] in Redis or PostgreSQL"
        )
    if any(part in name for name in module.imported for part in SHARED_STORES):
        return
    for call in module.calls_to(*IN_MEMORY, *HISTORIES):
        if module.moment(call) in (Moment.EXAMPLE, Moment.COMMAND, Moment.TEST):
            continue
        if call.name in HISTORIES and call.scope.kind != "module":
            continue
        instead = IN_MEMORY.get(call.name) or HISTORIES[call.name]
        yield _kept(module, call.node, call.name.rpartition(".")[2], f"use {instead}")


def _kept(module: Module, node: ast.AST, what: str, fix: str) -> Finding:
    return module.finding(
        node,
        f"{what} keeps conversations in this process",
        why="the next turn may reach another replica, or this one after a restart",
        fix=fix,
        severity=Severity.WARNING,
    )
