"""Declared traffic and the provider's limit: does the one fit into the other?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.hazards.checking import Fine, Nothing, Said, check, problem
from roadworthy.hazards.checklist import RATE_LIMITING

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine
    from roadworthy.manifest.model import Manifest


@check("RATE201", "declared traffic beyond the provider's limit", RATE_LIMITING)
def traffic_fits(machine: Machine, manifest: Manifest) -> Iterator[Said]:  # noqa: ARG001 - a check's signature
    """Does the declared traffic fit into what the provider allows?

    Done: `rate_limits.model` is held against two declared loads, each times the model calls of one request
    (`budgets.upstream_calls`, else one): that of a single caller within `rate_limits.client`, and that of
    `budgets.concurrency` requests at once which each take all of `budgets.answer`.

    Must hold: both fit. Requests that answer faster than their budget ask for more than is counted here.

    Why: one user is never limited; the first busy hour is, and then every retry asks once more.

    Mend: ask the provider for a higher limit, lower the caller's, queue requests, or make fewer calls for each.
    """
    allowed = manifest.rate_limits.get("model")
    if allowed is None:
        yield Nothing("no `rate_limits.model` is declared")
        return
    calls = manifest.budgets.upstream_calls or 1
    loads = []
    if (client := manifest.rate_limits.get("client")) is not None:
        loads.append(("one caller within `rate_limits.client`", client * calls))
    if (concurrency := manifest.budgets.concurrency) is not None:
        loads.append((f"{concurrency} requests at once", concurrency / manifest.budgets.answer * calls))
    for what, load in loads:
        if load > allowed:
            yield problem(
                f"{what}, of {_calls(calls)} each, make {_a_minute(load)} of {_a_minute(allowed)} that are allowed",
                why="the provider answers the rest with 429, and each retry counts again",
                fix="raise the provider's limit, lower the declared traffic, or queue requests below the limit",
            )
    if not loads:
        yield Nothing("neither `rate_limits.client` nor `budgets.concurrency` is declared")
    else:
        most = max(load for _, load in loads)
        yield Fine(f"{_a_minute(most)} of {_a_minute(allowed)} model calls")


def _a_minute(rate: float) -> str:
    return f"{rate * 60:,.0f} a minute"


def _calls(count: int) -> str:
    return "one model call" if count == 1 else f"{count} model calls"
