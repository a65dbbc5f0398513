"""Declared time-outs: does each inner one end before the outer one that waits for it?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.hazards.checking import Fine, Nothing, Said, check, problem
from roadworthy.hazards.checklist import TIMEOUTS_NEST
from roadworthy.hazards.words import span

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine
    from roadworthy.manifest.model import Manifest


@check("TIME201", "time-outs do not nest", TIMEOUTS_NEST)
def timeouts_nest(machine: Machine, manifest: Manifest) -> Iterator[Said]:  # noqa: ARG001 - a check's signature
    """Do the declared time-outs nest?

    Done: the manifest's `timeouts` are held against each other. The request's is `timeouts.request`, else
    `budgets.answer`.

    Must hold: the model's and each tool's are below the request's, and the request's below the load balancer's.

    Why: an inner time-out that is not the first to end is never seen: the caller is told "bad gateway" and never which
    tool was slow, and what is waited for in vain is held meanwhile.

    Mend: lower the inner one, or raise the outer one; leave room for an answer after it.
    """
    timeouts = manifest.timeouts
    request = manifest.budgets.answer if timeouts.request is None else timeouts.request
    named = "timeouts.request" if timeouts.request is not None else "budgets.answer"
    inner = {f"timeouts.tools.{name}": seconds for name, seconds in timeouts.tools.items()}
    if timeouts.model is not None:
        inner["timeouts.model"] = timeouts.model
    pairs = [(name, seconds, named, request) for name, seconds in inner.items()]
    if timeouts.load_balancer is not None:
        pairs.append((named, request, "timeouts.load_balancer", timeouts.load_balancer))
    for name, seconds, around, limit in pairs:
        if seconds >= limit:
            yield problem(
                f"{name} is {span(seconds)}, and {around}, which waits for it, is {span(limit)}",
                why="the outer one ends first: nobody learns what was slow",
                fix=f"declare less for {name}, or more for {around}, in the manifest and where it is configured",
            )
    yield Fine(f"{len(pairs)} compared") if pairs else Nothing("no time-outs are declared")
