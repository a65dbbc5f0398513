from __future__ import annotations

import subprocess
import time

from roadworthy.rehearsal.letting_go import until_let_go
from roadworthy.rehearsal.observed import HeldUp, ServiceUse

LITTLE = 0.1


def use(*, met: float | None = 1.0, ended: float | None = None) -> ServiceUse:
    return ServiceUse(at=0.5, service="customers", host="localhost", port=80, met=met, ended=ended)


async def seconds(programs: list[HeldUp], connections: list[ServiceUse], since: float = 1.0) -> float:
    began = time.monotonic()
    await until_let_go(programs, connections, since=since, within=LITTLE, clock=time.monotonic)
    return time.monotonic() - began


async def test_what_was_let_go_of_is_not_waited_for():
    idle, ended, earlier = use(met=None), use(ended=1.5), use(met=0.9)

    assert await seconds([], [idle, ended, earlier]) < LITTLE


async def test_a_connection_that_is_still_open_is_waited_for():
    assert await seconds([], [use()]) >= LITTLE


async def test_a_program_that_runs_is_waited_for_and_one_that_nobody_reaped_is_not():
    with subprocess.Popen(["sleep", "60"]) as running, subprocess.Popen(["true"]) as zombie:
        try:
            held = [HeldUp(at=1.0, pid=running.pid), HeldUp(at=1.0, pid=zombie.pid)]

            assert await seconds(held, []) >= LITTLE
            assert held[0].ended is None
            assert held[1].ended is not None
        finally:
            running.kill()


async def test_a_program_of_an_earlier_fault_is_not_waited_for():
    with subprocess.Popen(["sleep", "60"]) as running:
        try:
            assert await seconds([HeldUp(at=0.5, pid=running.pid)], []) < LITTLE
        finally:
            running.kill()
