"""How long `rehearse --quick` takes on examples/sturdy, and how much of the machine is roadworthy's own.

    python bench/quick.py [RUNS]

Beside it, in the same run: starting the bare agent until its port is open, as often as the rehearsal starts it.
Goals: ≤ 30 s on 2 cores with every scenario judged; own CPU time, world included, ≤ 20 % of wall time × cores.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from roadworthy.findings import Outcome, Report
from roadworthy.manifest.loading import load
from roadworthy.rehearsal.events import Event, TrialStarted
from roadworthy.rehearsal.options import Options
from roadworthy.rehearsal.run import main as rehearse

STURDY = Path(__file__).parent.parent / "examples" / "sturdy"


def one_rehearsal(seed: int) -> tuple[float, float, int, Report]:
    """Wall seconds, own CPU seconds, trials, report."""
    trials = 0

    def count(event: Event) -> None:
        nonlocal trials
        trials += isinstance(event, TrialStarted)

    wall, cpu = time.monotonic(), time.process_time()
    report = rehearse(load(STURDY), Options(quick=True, seed=seed), count)
    return time.monotonic() - wall, time.process_time() - cpu, trials, report


def bare_start() -> float:
    """Seconds until the agent's port is open, as a plain process of this machine."""
    environment = {
        **os.environ,
        "OPENAI_API_KEY": "sk-" + "x" * 40,
        "CUSTOMERS_URL": "http://localhost:9107",
        "PORT": "8391",
    }
    began = time.monotonic()
    agent = subprocess.Popen(
        [sys.executable, "server.py"], cwd=STURDY, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", 8391)) == 0:
                    return time.monotonic() - began
            if agent.poll() is not None:
                raise SystemExit("the bare agent exits at once: is its environment complete?")
            time.sleep(0.01)
    finally:
        agent.terminate()
        agent.wait()


def main(runs: int) -> None:
    cores = os.cpu_count() or 1
    walls, shares, starts = [], [], []
    for seed in range(runs):
        wall, cpu, trials, report = one_rehearsal(seed)
        starts.append(bare_start())
        walls.append(wall)
        shares.append(cpu / (wall * cores))
        judged = len(report.verdicts) - report.count(Outcome.NOT_TESTED)
        print(f"run {seed + 1}: {wall:5.1f} s, {judged} of {len(report.verdicts)} judged, own CPU {cpu:4.1f} s")
    start = median(starts)
    print(f"rehearsal        median {median(walls):6.1f} s on {cores} cores, own share {median(shares):.1%}")
    print(f"bare agent start median {start:6.2f} s, {trials} trials: {trials * start:5.1f} s one after the other")
    print(f"ratio rehearsal / bare starts {median(walls) / (trials * start):5.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
