"""What `import roadworthy` and `roadworthy --help` cost beyond the bare interpreter: medians of paired runs.

    python bench/imports.py [RUNS]

Goals: import ≤ 10 ms over the bare interpreter, `--help` ≤ 150 ms in all.
"""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

WAYS = {
    "bare interpreter": [sys.executable, "-c", "pass"],
    "import roadworthy": [sys.executable, "-c", "import roadworthy"],
    "roadworthy --help": [sys.executable, "-m", "roadworthy", "--help"],
    "peer: pytest --version": [sys.executable, "-m", "pytest", "--version"],
}


def main(runs: int) -> None:
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(runs + 1):
        for name, command in WAYS.items():
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            times[name].append((time.perf_counter() - began) * 1000)
    first = median(times["bare interpreter"][1:])
    print(f"{runs} rounds, the first left out, milliseconds")
    for name, each in times.items():
        middle = median(each[1:])
        print(f"{name:24} median {middle:6.1f}   over bare {middle - first:6.1f}   ratio {middle / first:5.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
