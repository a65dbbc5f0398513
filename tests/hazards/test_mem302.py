from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hazards.evidence import baseline, exchange, judged, observed, reason, stopped, terms, trials

from roadworthy.findings import Outcome
from roadworthy.hazards.memory_growth import FLAT, KIB, LEAK, MIB, halves, leaks, slope
from roadworthy.manifest.model import Agent, Budgets
from roadworthy.rehearsal.observed import Held
from roadworthy.rehearsal.scenario import Repeat

START = 60 * MIB
MEASURED = 400
NOISE = 150 * KIB
LOOKS = MEASURED // 10 + 1


def looked(memory: Callable[[int], float], requests: int = MEASURED, **keys: Callable[[int], int]) -> list[Held]:
    """A look after every ten requests, at an agent that holds 60 MiB and `memory` of the requests so far."""
    return [
        Held(at=0.02 * n, answered=n, memory=START + round(memory(n)), **{name: of(n) for name, of in keys.items()})
        for n in range(0, requests + 1, 10)
    ]


def noisy(memory: Callable[[int], float], noise: Sequence[int]) -> list[Held]:
    return looked(lambda n: memory(n) + noise[n // 10])


patient = settings(deadline=None)
noises = st.lists(st.integers(-NOISE, NOISE), min_size=LOOKS, max_size=LOOKS)
kib = st.integers(25, 2000).map(lambda count: count * KIB)
mib = st.floats(0, 200).map(lambda count: count * MIB)


# What is sent.


def test_a_hundred_requests_warm_up_and_at_most_four_hundred_are_measured():
    (trial,) = trials("MEM302")

    assert trial.steps == (
        Repeat("during", 100, 800, 30.0, at_once=4, every=10, enough=100, flat=10 * KIB, most=8 * MIB),
    )
    assert trial.conditions == ()


def test_no_more_requests_are_under_way_than_the_agent_bears():
    (trial,) = trials("MEM302", terms(budgets=Budgets(concurrency=1)))

    (step,) = trial.steps
    assert isinstance(step, Repeat)
    assert step.at_once == 1


def test_a_command_that_answers_once_keeps_nothing():
    assert "answers once" in reason("MEM302", terms(Agent(command=("ask",), input="stdin")))


def test_an_agent_that_is_too_slow_to_be_measured_is_not_asked():
    slow = baseline()
    slow.median_seconds = 1.6

    assert reason("MEM302", base=slow) == "a request takes 1.6 s: 100 of them cannot be measured in 30 s"


def test_a_heap_that_fills_before_it_is_collected_is_not_judged():
    assert "Java" in reason("MEM302", terms(Agent(command=("/usr/bin/java", "-jar", "agent.jar"))))


# The verdict.


def test_an_agent_that_keeps_each_request_fails_with_the_figures():
    verdict = judged("MEM302", observed(held=looked(lambda n: 40 * KIB * n)))

    assert verdict.title == "500 requests: the memory grows by 40 KiB with each"
    assert verdict.seen == (
        "from 60.0 MiB after 100 requests to 75.6 MiB after 400 more; 40 KiB a request in the first half of them and "
        "40 KiB in the second"
    )
    assert verdict.evidence == {"requests": 400, "growth": 380 * 40 * KIB, "first_half": 40960, "second_half": 40960}


def test_threads_and_connections_that_grow_with_it_are_named():
    held = looked(lambda n: 90 * KIB * n, threads=lambda n: 4 + n, files=lambda n: 20 + n)

    verdict = judged("MEM302", observed(held=held))

    assert (verdict.seen or "").endswith("; with 400 more threads and 400 more open files or connections")


def test_a_few_more_threads_say_nothing():
    held = looked(lambda n: 90 * KIB * n, threads=lambda n: min(n, 40))

    assert "threads" not in (judged("MEM302", observed(held=held)).seen or "")


@pytest.mark.parametrize(
    "memory",
    [
        lambda n: 0,
        lambda n: 19 * KIB * n,
        lambda n: min(n, 200) * 80 * KIB,
        lambda n: 30 * MIB * (1 - 0.985**n),
        lambda n: (n > 250) * 100 * MIB,
        lambda n: (n > 300) * 100 * MIB,
        lambda n: n % 50 * 300 * KIB,
        lambda n: (n + 150) % 260 * 200 * KIB,
    ],
    ids=["nothing", "a little", "a cache that fills", "an allocator that settles", "one load", "a late load",
         "frequent collections", "rare collections"],
)  # fmt: skip
def test_what_only_looks_like_a_leak_passes(memory):
    assert judged("MEM302", observed(held=looked(memory))).verdict == Outcome.PASS


def test_what_was_over_early_passes_too():
    verdict = judged("MEM302", observed(held=looked(lambda n: FLAT * KIB * n / 2, requests=100)))

    assert verdict.verdict == Outcome.PASS
    assert verdict.evidence["requests"] == 100


def test_what_adds_up_to_too_little_passes():
    assert judged("MEM302", observed(held=looked(lambda n: 70 * KIB * n, requests=100))).verdict == Outcome.PASS


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(36, 25, Outcome.FAIL), (36, 19, Outcome.PASS), (100, 55, Outcome.FAIL), (100, 45, Outcome.PASS)],
)
def test_the_second_half_decides_and_is_held_against_the_first(first, second, expected):
    held = looked(lambda n: (first * min(n, 200) + second * max(0, n - 200)) * KIB)

    assert judged("MEM302", observed(held=held)).verdict == expected


def test_a_fast_leak_is_seen_in_a_hundred_requests():
    held = looked(lambda n: 200 * KIB * n, requests=100)

    assert judged("MEM302", observed(held=held)).verdict == Outcome.FAIL


def test_fewer_than_a_hundred_requests_are_too_few():
    lost = exchange("during", status=429, body={"error": "too many"})

    verdict = judged("MEM302", observed(lost, held=looked(lambda n: 900 * KIB * n, requests=90)))

    assert (verdict.reason or "").startswith("too few to tell: in 30 s 90 were answered after the warm-up; as one of")
    assert "429" in (verdict.reason or "")


def test_an_unfinished_warm_up_is_too_few():
    assert judged("MEM302", observed()).reason == "too few to tell: in 30 s the 100 of the warm-up were not"


def test_an_agent_that_ends_meanwhile_is_not_judged_by_its_memory():
    verdict = judged("MEM302", observed(held=looked(lambda n: 0, requests=150), life=stopped(3, at=9.0)))

    assert verdict.reason == "it exited with status 3 after more than 250 requests"


# The slope, and what follows from it.


@patient
@given(st.integers(-1000, 1000), st.integers(0, 10**9))
def test_the_slope_of_a_line_is_its_gradient(gradient, start):
    assert slope(looked(lambda n: start + gradient * n)) == gradient


@patient
@given(st.integers(0, 1000), st.sets(st.integers(0, LOOKS - 1), max_size=LOOKS // 4), st.integers(-(10**9), 10**9))
def test_a_quarter_of_wild_looks_does_not_move_it(gradient, wild, by):
    held = looked(lambda n: gradient * n + (by if n // 10 in wild else 0))

    assert slope(held) == pytest.approx(gradient, abs=1)


def test_two_looks_at_the_same_count_have_no_slope():
    assert slope([Held(1.0, 10, START), Held(2.0, 10, START + MIB)]) == 0.0


@patient
@given(st.integers(2, 60))
def test_halves_share_the_middle_and_leave_nothing_out(count):
    held = looked(lambda n: n, requests=10 * (count - 1))

    first, second = halves(held)

    assert first[-1] == second[0]
    assert [*first, *second[1:]] == held


@patient
@given(kib, noises)
def test_a_leak_is_found_through_noise(leak, noise):
    assert leaks(noisy(lambda n: leak * n, noise))


@patient
@given(noises)
def test_noise_is_no_leak(noise):
    assert not leaks(noisy(lambda _n: 0, noise))


@patient
@given(mib, st.integers(0, MEASURED), noises)
def test_one_load_of_any_size_at_any_time_is_no_leak(load, at, noise):
    assert not leaks(noisy(lambda n: load if n > at else 0, noise))


@patient
@given(mib, st.integers(1, MEASURED // 2), noises)
def test_what_is_full_half_way_is_no_leak(full, at, noise):
    assert not leaks(noisy(lambda n: full * min(n, at) / at, noise))


@patient
@given(mib, st.integers(10, MEASURED), st.integers(0, MEASURED), noises)
def test_garbage_that_is_collected_once_or_more_is_no_leak(garbage, period, phase, noise):
    collected = (phase + MEASURED) // period > phase // period
    # A collection at the very edge shows in one look alone, and less than a quarter later nothing can be said.
    edge = (period - phase % period) % period
    if collected and 10 <= edge <= MEASURED - 10:
        assert not leaks(noisy(lambda n: garbage * ((n + phase) % period) / period, noise))


@patient
@given(st.integers(1, (LEAK - 1) * KIB), st.integers(0, 100))
def test_less_than_the_least_leak_is_none(little, start):
    assert not leaks(looked(lambda n: start + little * n))
