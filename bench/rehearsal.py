"""What a whole rehearsal of examples/sturdy costs, and what makes it cheap: jobs side by side, starts that are shared.

    python bench/rehearsal.py

Goals: ≤ 60 s on 2 cores with every scenario judged; the cost grows linearly with the agent's own start time. The peers,
in the same run: the same rehearsal with one job at a time, and with a start of its own for every trial.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from roadworthy.findings import Outcome
from roadworthy.manifest.loading import load
from roadworthy.rehearsal.engine import Engine, Work
from roadworthy.rehearsal.options import Options
from roadworthy.rehearsal.run import main as rehearse
from roadworthy.rehearsal.session import Session

EXAMPLES = Path(__file__).parent.parent / "examples"
SLOWER = (0.0, 1.0, 2.0, 3.0)
"""Seconds that the agent's start is made longer by."""


def rehearsed(agent: Path, jobs: int | None = None, only: tuple[str, ...] = ()) -> tuple[float, int, int]:
    """Wall seconds, starts of the agent, and scenarios that were judged."""
    starts = 0
    opened: Callable[[Session], Any] = Session.open

    async def counted(session: Session) -> None:
        nonlocal starts
        starts += 1
        await opened(session)

    began = time.monotonic()
    with mock.patch.object(Session, "open", counted):
        report = rehearse(load(agent), Options(jobs=jobs, seed=7, only=only), lambda _event: None)
    failed = [row.code for row in report.verdicts if row.verdict == Outcome.FAIL]
    if failed:
        print(f"  failed: {', '.join(failed)}")
    return time.monotonic() - began, starts, len(report.verdicts) - report.count(Outcome.NOT_TESTED)


def alone(_engine: Engine, works: Sequence[Work]) -> list[list[tuple[Work, int]]]:
    """In place of the engine's plan: every trial by itself."""
    return [[(work, number)] for work in works for number in range(len(work.trials))]


def copy_of_sturdy(folder: Path, slower: float) -> Path:
    shutil.copytree(EXAMPLES / "sturdy", folder / "sturdy", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(EXAMPLES / "customers", folder / "customers", ignore=shutil.ignore_patterns("__pycache__"))
    server = folder / "sturdy" / "server.py"
    server.write_text(f"import time; time.sleep({slower})\n{server.read_text()}")
    return folder / "sturdy"


def main() -> None:
    wall, starts, judged = rehearsed(EXAMPLES / "sturdy")
    print(f"as it is            {wall:6.1f} s, {starts} starts, {judged} scenarios judged")
    single, starts, _ = rehearsed(EXAMPLES / "sturdy", jobs=1)
    print(f"one job at a time   {single:6.1f} s, {starts} starts, ratio {single / wall:.2f}")
    with mock.patch.object(Engine, "_sessions", alone):
        unshared, starts, _ = rehearsed(EXAMPLES / "sturdy")
    print(f"no start shared     {unshared:6.1f} s, {starts} starts, ratio {unshared / wall:.2f}")
    first = None
    for slower in SLOWER:
        with tempfile.TemporaryDirectory() as folder:
            wall, starts, _ = rehearsed(copy_of_sturdy(Path(folder), slower))
        first = first or wall
        each = f", {(wall - first) / slower:.1f} s more for each of them" if slower else ""
        print(f"a start of {slower:g} s more {wall:6.1f} s, {starts} starts{each}")


if __name__ == "__main__":
    main()
