"""Many requests one after the other, and what the agent holds between them: the step `Repeat`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from roadworthy.rehearsal.driver import Driver
from roadworthy.rehearsal.holds import stated_error
from roadworthy.rehearsal.observed import Exchange, Held
from roadworthy.rehearsal.scenario import Repeat


async def repeat(
    step: Repeat,
    driver: Driver,
    clock: Callable[[], float],
    look: Callable[[int], Held | None],
    forget: Callable[[], None],
    held: list[Held],
) -> None:
    """Warm up, then measure, and note in `held` what `look` sees.

    `clock` counts the agent's own time. `look` is given how many requests have been answered since the warm-up, and
    gives None when the agent has ended. `forget` drops what else was noted of requests that are over.
    """
    if await _answered(step, step.warm_up, driver, clock, forget) < step.warm_up:
        return
    answered, end = 0, clock() + step.within

    def is_over() -> bool:
        return clock() >= end

    seen = look(answered)
    while seen is not None:
        held.append(seen)
        if answered >= step.count or is_over() or is_flat(held, step):
            return
        more = await _batch(step, driver, min(step.every, step.count - answered), is_over, forget)
        answered += more
        seen = look(answered) if more else None


def is_flat(held: Sequence[Held], step: Repeat) -> bool:
    """Whether the memory has stayed within `flat` bytes a request, from lowest to highest, over the last `enough`.

    What every request leaves behind would have taken it further, whatever stretch of them is looked at. Not where it
    has grown by `most` before: what grows in steps is flat between two of them.
    """
    requests, flat = step.enough, step.flat
    if held[-1].memory - held[0].memory >= step.most:
        return False
    last = [each for each in held if each.answered >= held[-1].answered - requests]
    measured = last[-1].answered - last[0].answered
    memory = [each.memory for each in last]
    return measured >= requests and max(memory) - min(memory) <= flat * measured


async def _answered(
    step: Repeat, count: int, driver: Driver, clock: Callable[[], float], forget: Callable[[], None]
) -> int:
    """Send until `count` requests are answered, or nothing comes of it; how many were."""
    answered, end = 0, clock() + step.within

    def is_over() -> bool:
        return clock() >= end

    while answered < count and not is_over():
        more = await _batch(step, driver, min(step.every, count - answered), is_over, forget)
        if not more:
            break
        answered += more
    return answered


async def _batch(
    step: Repeat, driver: Driver, count: int, is_over: Callable[[], bool], forget: Callable[[], None]
) -> int:
    """How many of `count` requests were answered; of these nothing is kept."""
    sent = await driver.in_turn(step.label, count, step.at_once, is_over)
    answered = sum(map(_is_served, sent))
    driver.forget([exchange for exchange in sent if _is_served(exchange)])
    forget()
    return answered


def _is_served(exchange: Exchange) -> bool:
    """A 2xx that states no error. Whether the answer is the right one is not asked: it took the same work."""
    if exchange.status is None or exchange.error is not None or exchange.shape_error is not None:
        return False
    return 200 <= exchange.status < 300 and stated_error(exchange) is None
