"""Every benchmark but the long one (steadiness.py), one after the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BENCHES = (
    *(("imports.py",), ("stage.py",), ("model.py", "4", "3"), ("quick.py", "3")),
    *(("check.py",), ("rehearsal.py",), ("scan.py", "2")),
)


def main() -> int:
    worst = 0
    for script, *arguments in BENCHES:
        print(f"\n== {script}", flush=True)
        worst = max(worst, subprocess.run([sys.executable, str(HERE / script), *arguments]).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
