"""Memory that each request leaves behind: the second half of the hazard MEM."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import PurePath
from statistics import median
from typing import Any

from roadworthy.findings import Verdict, failed, not_tested, passed
from roadworthy.hazards.memory import hazard
from roadworthy.hazards.wording import exit_words, told
from roadworthy.hazards.words import size, span
from roadworthy.rehearsal.observed import Baseline, Held, Observed
from roadworthy.rehearsal.scenario import DURING, Plan, Repeat, Trial
from roadworthy.rehearsal.terms import Terms

KIB, MIB = 1024, 1024 * 1024
WARM_UP = 100
"""Requests after which pools, caches and the allocator of an ordinary agent have their size."""
MOST_MEASURED, LEAST_MEASURED = 800, 100
WITHIN = 30.0
"""Seconds of the agent's own time for the warm-up, and for what is measured. An agent that makes a client for each
request grew by 40 KiB with each, in steps of up to 6 MiB: 400 requests did not always show it, 800 do."""
AT_ONCE = 4
"""Requests under way: as many as keep two processors busy with an agent, the model and its services."""
EVERY = 10
"""Requests between two looks: twenty in each quarter of 800."""
LEAK = 20
"""KiB a request, from which on growth counts: a conversation that is kept takes about as much, and at ten requests
a second 512 MiB are full in less than an hour."""
GROWTH = 8
"""MiB by which the memory must have grown in all: more than allocators and collectors move by themselves."""
STEADY = 0.5
"""The least share of the first half's slope that the second half must still have: what settles has less."""
FLAT = LEAK // 2
"""KiB a request within which the memory must stay, over the last 100, for the measurement to end early."""


def many_requests(terms: Terms, baseline: Baseline) -> Plan:
    """One warm agent, and as many requests as there is time for, a few at once."""
    if terms.is_one_shot:
        return not_tested("a command that answers once keeps nothing from one request to the next")
    if PurePath((terms.manifest.agent.command or ("",))[0]).name == "java":
        return not_tested(
            "a Java virtual machine fills its heap before it collects: from outside that looks like a leak"
        )
    at_once = min(AT_ONCE, terms.concurrency)
    needed = LEAST_MEASURED * baseline.median_seconds / at_once
    if needed > WITHIN:
        return not_tested(
            f"a request takes {span(baseline.median_seconds)}: {LEAST_MEASURED} of them cannot be measured in "
            f"{WITHIN:g} s"
        )
    limits = {"every": EVERY, "enough": LEAST_MEASURED, "flat": FLAT * KIB, "most": GROWTH * MIB}
    repeat = Repeat(DURING, WARM_UP, MOST_MEASURED, WITHIN, at_once, **limits)
    return [Trial(steps=(repeat,))]


@hazard.scenario(
    "MEM302",
    "memory over many requests",
    plan=many_requests,
    quiet=True,
    seconds=lambda _terms: 8.0,
    fix="Keep nothing of a request that is over: give caches and histories a limit (`lru_cache(maxsize=…)`, "
    "`deque(maxlen=…)`), make clients once and not for each request, end each thread, and remove each listener.",
)
def keeps_nothing(seen: Observed, _baseline: Baseline) -> Verdict:
    """Hundreds of different requests, one after the other: does each leave something behind in memory?

    Done: 100 requests to warm up, and then up to 800 more, or as many as 30 s allow (without the time in which this
    machine worked for others), four at a time, each with another text. The model answers at once. After every ten
    requests, when none is under way, the memory of the agent's processes is taken (PSS, without the pages of files,
    which the kernel takes back). It ends as soon as the memory has stayed within 10 KiB a request over the last 100
    of them, and has grown by less than 8 MiB in all: a leak that counts would have left twice that. Nothing else runs
    beside it.

    Must hold: the memory does not grow with the number of requests. It fails only where the second half of them adds
    at least 20 KiB a request (Theil-Sen slope), and at least half of what the first half added; where it has grown by
    at least 8 MiB in all; and where the lowest of the third quarter is above the highest of the first, and that of
    the fourth above that of the second, by 10 KiB a request. So neither a cache that fills up, nor an allocator that
    settles, nor one large load, nor garbage that is collected now and then is a failure.

    Why: it is killed at its limit after a day, and once more each day, with all requests under way. No test is long
    enough to show it, and restarts hide it.

    Mend: compare two snapshots of the heap that are some hundred requests apart (`tracemalloc` in Python, the inspector
    in Node): what has grown is what is kept. Then give it a limit, or let it go with its request.

    Not tested: when fewer than 100 requests were answered in 30 s, for the warm-up or after it; for a command that
    starts a Java virtual machine, which fills its heap before it collects: from outside that looks the same.
    """
    held = seen.held
    if seen.life.exited is not None:
        done = WARM_UP + held[-1].answered if held else 0
        return not_tested(f"{exit_words(seen.life.exit_status)} after more than {done} requests")
    if not held or held[-1].answered < LEAST_MEASURED:
        return not_tested(_too_few(seen))
    first, second = halves(held)
    early, late, growth = slope(first), slope(second), _growth(held)
    figures: dict[str, Any] = {
        "requests": held[-1].answered,
        "growth": growth,
        "first_half": round(early),
        "second_half": round(late),
    }
    if not leaks(held):
        return passed(**figures)
    return failed(
        f"{WARM_UP + held[-1].answered} requests: the memory grows by {size(late)} with each",
        seen=f"from {_tenths(held[0].memory)} after {WARM_UP} requests to {_tenths(held[-1].memory)} after "
        f"{held[-1].answered} more; {size(early)} a request in the first half of them and {size(late)} in the second"
        f"{_opened(held)}",
        should=f"keep nothing of a request that is over: less than {LEAK} KiB each once it is warm",
        **figures,
    )


def leaks(held: Sequence[Held]) -> bool:
    """Whether the memory grows with the requests, by what `keeps_nothing` says."""
    first, second = halves(held)
    late = slope(second)
    return late >= LEAK * KIB and late >= STEADY * slope(first) and _growth(held) >= GROWTH * MIB and _climbs(held)


def slope(held: Sequence[Held]) -> float:
    """Theil-Sen: the median of the slopes between any two looks, in bytes a request.

    More than a quarter of the looks may be far off before it follows them.
    """
    slopes = [
        (after.memory - before.memory) / (after.answered - before.answered)
        for before, after in combinations(held, 2)
        if after.answered > before.answered
    ]
    return median(slopes) if slopes else 0.0


def halves(held: Sequence[Held]) -> tuple[Sequence[Held], Sequence[Held]]:
    """Up to the middle one, and from it on."""
    middle = len(held) // 2
    return held[: middle + 1], held[middle:]


def _climbs(held: Sequence[Held]) -> bool:
    """Whether the lowest of each later quarter is above the highest of the last but one, by half a leak.

    What was loaded once is a step in one place, and what a collector gives back brings the lowest down: a slope
    alone follows both.
    """
    quarters = [quarter for half in halves(held) for quarter in halves(half)]
    lowest = [min(each.memory for each in quarter) for quarter in quarters]
    highest = [max(each.memory for each in quarter) for quarter in quarters]
    apart = [later[0].answered - earlier[-1].answered for earlier, later in zip(quarters, quarters[2:], strict=False)]
    return all(
        low - high >= LEAK * KIB / 2 * requests for low, high, requests in zip(lowest[2:], highest, apart, strict=False)
    )


def _growth(held: Sequence[Held]) -> int:
    """From the first looks to the last ones; of three each the middle one, so that no single look decides."""
    return round(median(each.memory for each in held[-3:]) - median(each.memory for each in held[:3]))


def _too_few(seen: Observed) -> str:
    answered = seen.held[-1].answered if seen.held else 0
    which = f"{answered} were answered after the warm-up" if seen.held else f"the {WARM_UP} of the warm-up were not"
    lost = next(iter(seen.labelled(DURING)), None)
    why = f"; as one of the others: {told(seen, lost)}" if lost is not None else ""
    return f"too few to tell: in {WITHIN:g} s {which}{why}"


def _tenths(count: int) -> str:
    return f"{count / MIB:.1f} MiB"


def _opened(held: Sequence[Held]) -> str:
    """What else grew with it, where that is at least one for every other request: it says where to look."""
    answered = held[-1].answered - held[0].answered
    grown = {
        "threads": held[-1].threads - held[0].threads,
        "open files or connections": held[-1].files - held[0].files,
    }
    more = [f"{count} more {what}" for what, count in grown.items() if count >= answered / 2]
    return f"; with {' and '.join(more)}" if more else ""
