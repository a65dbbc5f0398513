"""State that all workers see: are there several of them, and does each keep conversations for itself?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Finding, Severity
from roadworthy.hazards.checking import PRODUCTION, Fine, Nothing, Said, Untested, check
from roadworthy.hazards.checklist import STATE_FOR_ALL

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine
    from roadworthy.manifest.model import Manifest


@check("STATE201", "several workers, each with sessions of its own", STATE_FOR_ALL, targets=(PRODUCTION,))
def sessions_for_all(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Where several workers serve, do they share what they know of a conversation?

    Done: the number of workers comes from the command's option or from the server's variable. Where it is more than
    one, the source is read for conversations that are kept in the memory of the process (STATE101); a declared Redis
    or PostgreSQL does not acquit by itself.

    Must hold: none is kept there.

    Why: the second request of a conversation comes to another worker, which has never heard of it.

    Mend: keep conversations where all workers see them: Redis, PostgreSQL, the framework's own store for them.
    """
    if not manifest.agents:
        yield Nothing("no agent is declared")
        return
    workers = machine.workers
    if workers is None:
        yield Nothing("nothing says that more than one worker serves")
        return
    count, told = workers
    if count < 2:
        yield Fine("one worker")
        return
    from roadworthy.check.source import said_of_source

    for said in said_of_source(machine, ("STATE101",), machine.remaining())["STATE101"]:
        match said:
            case Finding():
                yield _of_several(said, count, told)
            case Nothing(reason=reason) | Untested(reason=reason):
                fix = "run this check where the source is, or `roadworthy scan --select STATE101`"
                yield Untested(f"{count} workers, and {reason}", fix)
            case Fine():
                yield Fine(f"{count} workers, and nothing is kept in one of them")


def _of_several(found: Finding, count: int, told: str) -> Finding:
    from dataclasses import replace

    return replace(
        found,
        message=f"{count} workers, and each keeps its own: {found.message}",
        why=f"{told}; the next request of a conversation comes to another of them",
        severity=Severity.ERROR,
    )
