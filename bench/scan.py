"""Lines a second of `roadworthy scan`, beside bandit, semgrep with eight rules, and ruff as the limit; what a second
scan, a changed file and a larger tree cost.

    python bench/scan.py [ROUNDS] [--lines N]

The source is this Python's own standard library without its tests, copied until it has N lines (300,000). The peers
come from PyPI into uv's own environments. Goals: on one core 4 times bandit and 3 times semgrep; 1,000,000 lines again
without a change in 1 s, with one changed file in 0.1 s more than the start takes; 300 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

UV = Path(__file__).parent.parent / ".tools" / "bin" / "uv"
PATTERNS = (
    *("requests.get(...)", "subprocess.run(...)", "open($X)", "os.environ[$X]", "print(...)", "time.sleep(...)"),
    *("json.loads($X)", "os.getcwd()"),
)
LEFT_OUT = ("test", "tests", "idle_test", "site-packages", "__pycache__", "lib2to3")


def source(folder: Path, lines: int) -> int:
    """Copies of the standard library until there are so many lines; how many there are."""
    library = Path(sysconfig.get_paths()["stdlib"])
    count, copies = 0, 0
    while count < lines:
        target = folder / f"copy{copies}"
        shutil.copytree(library, target, ignore=shutil.ignore_patterns(*LEFT_OUT, "*.so", "*.pyc", "config-*"))
        copies += 1
        for file in sorted(target.rglob("*.py")):
            held = file.read_bytes().count(b"\n")
            count += held
            if count > lines + 5000:
                file.unlink()
                count -= held
    return count


def seconds(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """How long a command takes, and the processors' time of it, which other work does not change; findings are no
    failure."""
    began, used = time.perf_counter(), processors()
    done = subprocess.run(command, capture_output=True, env=environment, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} failed\n{done.stderr[-2000:]}")
    return time.perf_counter() - began, processors() - used


def processors() -> float:
    """Seconds that all ended children have used."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main(rounds: int, lines: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        tree = place / "source"
        count = source(tree, lines)
        rules = place / "rules.yaml"
        rules.write_text(
            json.dumps(
                {
                    "rules": [
                        {
                            "id": f"rule{number}",
                            "languages": ["python"],
                            "severity": "WARNING",
                            "message": "-",
                            "pattern": each,
                        }
                        for number, each in enumerate(PATTERNS)
                    ]
                }
            )
        )
        small = place / "small"
        small.mkdir()
        (small / "a.py").touch()
        changed = next(tree.rglob("argparse.py"))
        environment = {**os.environ, "XDG_CACHE_HOME": str(place / "cache"), "SEMGREP_SEND_METRICS": "off"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        scan = [sys.executable, "-m", "roadworthy", "scan", str(tree), "--format", "json"]
        tool = [str(UV), "tool", "run"]
        semgrep = [*tool, "semgrep", "scan", "--config", str(rules), "--metrics=off", "--disable-version-check"]
        semgrep += ["--quiet", "--no-git-ignore", "--output", "/dev/null"]
        ruff = ["ruff", "check", "--quiet", "--no-cache", "--select", "ALL", "--output-file", "/dev/null"]
        ways: dict[str, tuple[list[str], Callable[[], object]]] = {
            "bandit": ([*tool, "bandit", "-q", "-r", str(tree), "-o", "/dev/null"], lambda: None),
            "semgrep, 8 rules, 1 job": ([*semgrep, "--jobs", "1", str(tree)], lambda: None),
            "ruff, all rules, no cache": ([*ruff, str(tree)], lambda: None),
            "roadworthy, 1 job": ([*scan, "--no-cache", "--jobs", "1"], lambda: None),
            "roadworthy, all cores": ([*scan, "--no-cache"], lambda: None),
            "roadworthy, again": (scan, lambda: None),
            "roadworthy, one file changed": (scan, lambda: changed.write_text(changed.read_text() + "\n# changed\n")),
            "roadworthy, one empty file": ([str(small) if word == str(tree) else word for word in scan], lambda: None),
        }
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(rounds + 1):
            for name, (command, before) in ways.items():
                before()
                times[name].append(seconds(command, environment))
        print(f"{count:,} lines, {rounds} rounds, the first left out")
        print(f"{'':30} {'time':>9} {'lines/s':>9} {'x bandit':>9} {'processors':>11} {'x bandit':>9}")
        peer, peer_used = (median(each) for each in zip(*times["bandit"][1:], strict=True))
        for name, each in times.items():
            took, used = (median(column) for column in zip(*each[1:], strict=True))
            print(
                f"{name:30} {took:7.2f} s {count / took:9,.0f} {peer / took:9.2f} {used:9.2f} s {peer_used / used:9.2f}"
            )
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"largest process of all: {largest:.0f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("rounds", type=int, nargs="?", default=3)
    parser.add_argument("--lines", type=int, default=300_000)
    given = parser.parse_args()
    main(given.rounds, given.lines)
