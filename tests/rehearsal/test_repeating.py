"""Many requests in a row: what is measured, when it ends, and what is kept."""

from __future__ import annotations

from collections.abc import Callable

from tests.hazards.evidence import exchange

from roadworthy.rehearsal.observed import Exchange, Held
from roadworthy.rehearsal.repeating import is_flat, repeat
from roadworthy.rehearsal.scenario import Repeat

STEP = Repeat("during", warm_up=20, count=60, within=10.0, at_once=4, every=10, enough=30, flat=100, most=1_000_000)


class Agent:
    """Stands in for the driver and the agent behind it: each request takes `seconds` and leaves `left` bytes."""

    def __init__(
        self, *, seconds: float = 0.01, left: int = 1000, status: Callable[[int], int] = lambda _: 200
    ) -> None:
        self.seconds, self.left, self.status = seconds, left, status
        self.now, self.sent, self.ends_after = 0.0, 0, 10_000
        self.exchanges: list[Exchange] = []
        self.forgotten = 0

    def clock(self) -> float:
        return self.now

    async def in_turn(self, label: str, count: int, at_once: int, is_over: Callable[[], bool]) -> list[Exchange]:
        sent = []
        while len(sent) < count and not is_over():
            self.now += self.seconds
            self.sent += 1
            sent.append(exchange(label, number=self.sent, status=self.status(self.sent)))
        self.exchanges += sent
        return sent

    def forget(self, exchanges: list[Exchange]) -> None:
        self.exchanges = [each for each in self.exchanges if each not in exchanges]

    def look(self, answered: int) -> Held | None:
        return Held(self.now, answered, 1_000_000 + self.left * self.sent) if self.sent < self.ends_after else None

    async def repeats(self) -> list[Held]:
        held: list[Held] = []

        def forget() -> None:
            self.forgotten += 1

        await repeat(STEP, self, self.clock, self.look, forget, held)  # type: ignore[arg-type]
        return held


async def test_the_warm_up_is_not_measured_and_then_every_tenth_is():
    agent = Agent()

    held = await agent.repeats()

    assert [each.answered for each in held] == [0, 10, 20, 30, 40, 50, 60]
    assert held[0].memory == 1_000_000 + 20 * 1000
    assert agent.sent == 20 + 60


async def test_it_ends_as_soon_as_the_memory_stays_where_it_is():
    assert [each.answered for each in await Agent(left=0).repeats()] == [0, 10, 20, 30]


async def test_nothing_is_kept_of_answered_requests():
    agent = Agent()

    await agent.repeats()

    assert agent.exchanges == []
    assert agent.forgotten == 8


async def test_a_failed_request_is_kept_and_does_not_count():
    agent = Agent(status=lambda number: 503 if number == 33 else 200)

    held = await agent.repeats()

    assert [each.answered for each in held][:4] == [0, 10, 19, 29]
    assert [each.status for each in agent.exchanges] == [503]


async def test_where_nothing_is_answered_any_more_it_ends():
    agent = Agent(status=lambda number: 429 if number > 42 else 200)

    held = await agent.repeats()

    assert held[-1].answered == 22
    assert agent.sent == 60


async def test_an_agent_that_ends_is_looked_at_no_more():
    agent = Agent()
    agent.ends_after = 45

    assert [each.answered for each in await agent.repeats()] == [0, 10, 20]


async def test_when_the_time_is_over_it_ends():
    assert [each.answered for each in await Agent(seconds=0.4).repeats()] == [0, 10, 20, 25]


async def test_a_warm_up_that_is_not_done_in_time_leaves_nothing_to_measure():
    assert await Agent(seconds=0.6).repeats() == []


def test_flat_is_what_stays_within_a_few_bytes_a_request_over_the_last_ones():
    def grown(*memory: int) -> list[Held]:
        return [Held(0.0, 10 * number, each) for number, each in enumerate(memory)]

    assert is_flat(grown(0, 0, 500, 1000, 2999), STEP)
    assert not is_flat(grown(0, 0, 500, 1000, 3001), STEP)
    assert not is_flat(grown(0, 0, 0), STEP)
    assert is_flat(grown(9_000_000, 0, 500, 1000, 1500), STEP)
    assert not is_flat(grown(0, 9_000_000, 500, 1000, 1500), STEP)


def test_what_has_grown_before_may_grow_again_and_is_not_flat():
    def stepped(size: int) -> list[Held]:
        return [Held(0.0, 10 * number, each) for number, each in enumerate((0, size, size, size, size))]

    assert is_flat(stepped(999_999), STEP)
    assert not is_flat(stepped(1_000_000), STEP)
