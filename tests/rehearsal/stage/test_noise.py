"""Noise is what the machine did for others while the agent was ready to run, and nothing of its own doing."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.rehearsal.stage.noise import NoiseWatch, Sample, between

seconds = st.floats(0, 100)


def sample(at: float, busy: float, **threads: tuple[float, float]) -> Sample:
    return Sample(at, {int(name[1:]): times for name, times in threads.items()}, busy)


def test_an_idle_agent_has_none() -> None:
    assert between(sample(0, 0, t1=(0, 0)), sample(1, 2.0, t1=(0, 0))) == 0


def test_waiting_while_others_work_is_noise() -> None:
    assert between(sample(0, 0, t1=(0, 0)), sample(1, 2.0, t1=(0.3, 0.7))) == 0.7


def test_a_crowd_of_its_own_threads_is_the_agents_own_doing() -> None:
    before = sample(0, 0, t1=(0, 0), t2=(0, 0), t3=(0, 0), t4=(0, 0))
    after = sample(1, 2.0, t1=(0.5, 0.5), t2=(0.5, 0.5), t3=(0.5, 0.5), t4=(0.5, 0.5))

    assert between(before, after) == 0


def test_a_thread_that_is_new_counts_from_its_start() -> None:
    assert between(sample(0, 0), sample(1, 2.0, t9=(0.2, 0.4))) == 0.4


@given(seconds, seconds, seconds, seconds)
def test_it_is_never_negative_and_never_more_than_the_time(ran: float, waited: float, busy: float, took: float) -> None:
    noise = between(sample(0, 0, t1=(0, 0)), sample(took, busy, t1=(ran, waited)))

    assert 0 <= noise <= took


def _burn() -> None:
    while True:
        pass


@contextmanager
def burning(count: int) -> Iterator[list[multiprocessing.Process]]:
    fires = [multiprocessing.get_context("spawn").Process(target=_burn, daemon=True) for _ in range(count)]
    for fire in fires:
        fire.start()
    try:
        yield fires
    finally:
        for fire in fires:
            fire.kill()
            fire.join()


@pytest.mark.slow
async def test_a_process_on_a_crowded_machine_is_seen_to_wait() -> None:
    count = (os.cpu_count() or 1) + 2
    with burning(count) as fires:
        await asyncio.sleep(1.0)  # until all of them burn: a process that starts waits as well
        watch = NoiseWatch(fires[0].pid or 0, time.monotonic, is_limited=False)
        begin = time.monotonic()
        await asyncio.sleep(1.0)
        end = time.monotonic()
        await watch.close()

    fair = 1 - (os.cpu_count() or 1) / count
    assert watch.during(begin, end) > 0.3 * fair
    assert watch.during(begin, end) <= end - begin


@pytest.mark.slow
async def test_under_a_limit_of_its_processors_nothing_is_noise() -> None:
    with burning(1) as fires:
        watch = NoiseWatch(fires[0].pid or 0, time.monotonic, is_limited=True)
        begin = time.monotonic()
        await asyncio.sleep(0.3)
        await watch.close()

    assert watch.during(begin, time.monotonic()) == 0
