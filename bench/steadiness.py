"""Ten rehearsals in a row, idle and with every core burning: the same verdicts each time?

    python bench/steadiness.py [RUNS] [--quick] [--cores idle|burning] [--first N] [--output TABLE.md] [EXAMPLE …]

Writes a table of every run: the example, whether the cores burned, its time, and each verdict that differs from the
first run's. Exits 1 when any differs, or when one is `not tested` for another reason than that the agent has nothing
to break.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roadworthy.findings import Verdict
from roadworthy.manifest.loading import load
from roadworthy.rehearsal.options import Options
from roadworthy.rehearsal.run import main as rehearse

NOTHING_THERE = ("nothing to break", "no variable", "the manifest has no", "its log is plain text")
"""How reasons begin that are the agent's own: they are the same in every run."""
EXAMPLES = Path(__file__).parent.parent / "examples"


def burn() -> None:
    while True:
        pass


@contextmanager
def burning(cores: int) -> Iterator[None]:
    """Another process burns each core."""
    fires = [multiprocessing.Process(target=burn, daemon=True) for _ in range(cores)]
    for fire in fires:
        fire.start()
    try:
        yield
    finally:
        for fire in fires:
            fire.kill()
            fire.join()


def run(example: str, seed: int, *, quick: bool) -> tuple[float, dict[str, Verdict], bool]:
    """Seconds, verdicts by code, and whether each that is not tested could not be tested with this agent at all."""
    began = time.monotonic()
    report = rehearse(load(EXAMPLES / example), Options(quick=quick, seed=seed), lambda _event: None)
    sure = True
    for row in report.verdicts:
        if row.reason is not None and not row.reason.startswith(NOTHING_THERE):
            sure = False
            print(f"  {row.code} {row.verdict}: {row.reason}; {'; '.join(row.notes)}", flush=True)
    return time.monotonic() - began, {row.code: row for row in report.verdicts}, sure


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="?", type=int, default=10)
    parser.add_argument("examples", nargs="*", default=["sturdy", "fragile"])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--cores", choices=["idle", "burning"], help="only the one; both by default")
    parser.add_argument("--first", type=int, default=1, help="the first run's number, which is its seed")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    lines = [
        "| example | cores | run | seconds | pass | fail | not tested | differs |",
        "|---|---|---|---|---|---|---|---|",
    ]
    steady = True
    for example in arguments.examples:
        first: dict[str, Verdict] | None = None
        for state in (arguments.cores,) if arguments.cores else ("idle", "burning"):
            fires = multiprocessing.cpu_count() if state == "burning" else 0
            for number in range(arguments.first, arguments.first + arguments.runs):
                with burning(fires):
                    seconds, rows, sure = run(example, number, quick=arguments.quick)
                first = first or rows
                others = [row for code, row in sorted(rows.items()) if row.verdict != first[code].verdict]
                for row in others:
                    print(f"  {row.code} {row.verdict}: {row.title}; {row.seen}", flush=True)
                differs = [f"{row.code} {row.verdict}" for row in others]
                counts = [sum(row.verdict == kind for row in rows.values()) for kind in ("pass", "fail", "not tested")]
                steady = steady and sure and not differs
                lines.append(
                    f"| {example} | {state} | {number} | {seconds:.1f} | {counts[0]} | {counts[1]} | {counts[2]} "
                    f"| {', '.join(differs) or 'no'} |"
                )
                print(lines[-1], flush=True)
                if arguments.output is not None:
                    arguments.output.write_text("\n".join(lines) + "\n")
    return 0 if steady else 1


if __name__ == "__main__":
    sys.exit(main())
