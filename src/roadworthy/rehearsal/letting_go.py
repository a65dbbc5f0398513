"""Whether an agent ends what it has given up: the programs it started, and the connections it opened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from roadworthy.rehearsal.observed import HeldUp, ServiceUse
from roadworthy.rehearsal.stage.processes import is_running

LOOK_EVERY = 0.02


async def until_let_go(
    programs: Sequence[HeldUp],
    connections: Sequence[ServiceUse],
    *,
    since: float,
    within: float,
    clock: Callable[[], float],
) -> None:
    """Wait until all that met a fault has been ended, and note when a program was found to have been.

    Those that were held up, or met it, from `since` on by the clock; for `within` seconds at most.
    """
    end = clock() + within
    while True:
        for program in programs:
            if program.ended is None and not is_running(program.pid):
                program.ended = clock()
        ends = [program.ended for program in programs if program.at >= since]
        ends += [use.ended for use in connections if use.met is not None and use.met >= since]
        if None not in ends or clock() >= end:
            return
        await asyncio.sleep(LOOK_EVERY)
