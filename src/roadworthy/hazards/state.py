"""Sessions live in one process: the second worker, the other replica or the restart does not know them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.hazard import Hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.state import changes_in_requests

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
    "langchain_core.chat_history.InMemoryChatMessageHistory": "RedisChatMessageHistory",
    "langchain.memory.ConversationBufferMemory": "a history in Redis or PostgreSQL",
}
"""Stores of frameworks that live in the process, and what takes their place."""


@hazard.rule("STATE101", "conversations kept in the process")
def kept_in_process(module: Module) -> Iterator[Finding]:
    """Conversations are kept in a mapping of the module's by their session's id, or in a framework's in-memory store.

    Quiet in examples and command-line tools. Told once for each name.

    Why: a load balancer sends the second turn to another replica, which has never heard of the first.

    Mend: a store that all replicas share.
    """
    from roadworthy.hazards.concurrency_in_source import SESSIONS

    seen: set[str] = set()
    for change in changes_in_requests(module):
        if change.how != "gains" or change.name in seen or not any(word in change.name.lower() for word in SESSIONS):
            continue
        seen.add(change.name)
        yield module.finding(
            change.node,
            f"{change.name} keeps conversations in this process",
            why="the next turn may reach another replica, or this one after a restart",
            fix="keep them in Redis or PostgreSQL, by the session's id",
            severity=Severity.WARNING,
        )
    for call in module.calls_to(*IN_MEMORY):
        if module.moment(call) not in (Moment.EXAMPLE, Moment.COMMAND):
            yield module.finding(
                call,
                f"{call.name.rpartition('.')[2]} keeps conversations in this process",
                why="the next turn may reach another replica, or this one after a restart",
                fix=f"use {IN_MEMORY[call.name]}",
                severity=Severity.WARNING,
            )
