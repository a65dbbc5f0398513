"""How long a start may take, on a machine that has other work."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from tests.hazards.evidence import terms

from roadworthy.rehearsal import service_agent
from roadworthy.rehearsal.conditions import Without
from roadworthy.rehearsal.leaks import Leaks
from roadworthy.rehearsal.scenario import Trial
from roadworthy.rehearsal.service_agent import ServiceAgent
from roadworthy.rehearsal.stage.stage import Programs

BUDGET, LATER = 5.0, 7.0
TRIAL = Trial(conditions=(Without("KEY"),), may_not_start=True)


def open_at(opens_at: float, noise: float, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> float | None:
    """When an agent's port was seen to open, by a clock of its own; `noise` is what other work took from it."""
    the = terms()
    around: Any = SimpleNamespace(terms=the, ground=SimpleNamespace(manifest=the.manifest), warm_after=0.0)
    ticks = iter(range(100_000))

    def clock() -> float:
        return next(ticks) / 100

    async def connect() -> Any:
        if clock() < opens_at:
            raise OSError
        return SimpleNamespace(close=lambda: None)

    async def ports() -> tuple[int, ...]:
        return ()

    async def has_no_health(*_: Any) -> tuple[int, str]:
        return 404, ""

    async def wait() -> Any:
        agent = ServiceAgent(around, Any, Leaks(str, {}, clock), clock, Programs(tmp_path))  # type: ignore[arg-type]
        agent._running = SimpleNamespace(  # type: ignore[assignment]
            connect=connect, ports=ports, noise=SimpleNamespace(during=lambda _begin, _end: noise)
        )
        await agent.until_ready(TRIAL)
        agent._output.close()
        return agent.life.port_open

    monkeypatch.setattr(service_agent, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(service_agent, "ask", has_no_health)
    return asyncio.run(wait())


def test_what_other_work_has_taken_from_a_start_does_not_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    assert open_at(LATER, 3.0, monkeypatch, tmp_path) == pytest.approx(LATER, abs=0.1)


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_a_start_that_is_late_for_its_own_reasons_is_late(
    noise: float, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    assert open_at(LATER, noise, monkeypatch, tmp_path) is None


def test_noise_without_an_end_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    assert open_at(3 * BUDGET, 100.0, monkeypatch, tmp_path) is None
