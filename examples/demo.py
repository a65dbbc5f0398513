"""Rehearse the fragile and the sturdy example, show both reports, and say whether they came out as they should."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
SHOULD_FAIL = {
    "ENV302", "PATH301", "NET301", "PERM301", "BIN301", "RATE301", "TIME302", "MEM301", "CONC301", "MODEL302",
    "COLD301", "LOG301", "LIFE301", "ALL301",
}  # fmt: skip
"""Of the fragile agent: every hazard that these stand for. The sturdy one passes them all."""


def rehearse(example: str, folder: Path) -> tuple[str, dict[str, str]]:
    """Show one rehearsal; the stage's tier, and the verdicts by code."""
    result = folder / f"{example}.json"
    command = ["rehearse", f"examples/{example}", "--quick"]
    print(f"\n$ roadworthy {' '.join(command)}\n", flush=True)
    outputs = ["--format", "text", "--output", "-", "--format", "json", "--output", str(result)]
    subprocess.run([sys.executable, "-m", "roadworthy", *command, *outputs], cwd=HERE.parent)
    if not result.exists():
        return "", {}
    report = json.loads(result.read_text())
    return report["stage"]["tier"], {row["code"]: row["verdict"] for row in report["verdicts"]}


def main() -> int:
    """0 when each verdict that could be reached is the right one."""
    with tempfile.TemporaryDirectory() as folder:
        tier, fragile = rehearse("fragile", Path(folder))
        _, sturdy = rehearse("sturdy", Path(folder))
    wrong = [f"fragile {code}: {fragile.get(code)}" for code in SHOULD_FAIL if fragile.get(code) == "pass"]
    wrong += [f"sturdy {code}: {verdict}" for code, verdict in sturdy.items() if verdict == "fail"]
    untested = [f"fragile {code}" for code in SHOULD_FAIL if fragile.get(code) not in ("pass", "fail")]
    untested += [f"sturdy {code}" for code in SHOULD_FAIL if sturdy.get(code) not in ("pass", "fail")]
    if tier in ("A", "B"):  # everything is enforced there
        wrong += [f"{row}: not tested" for row in untested]
    elif not sturdy or "fail" not in fragile.values():
        wrong.append("a rehearsal did not come to an end")
    print()
    if wrong:
        print("not as it should be: " + "; ".join(sorted(wrong)))
        return 1
    if untested:
        print(f"not tested on this machine: {', '.join(sorted(untested))} (`roadworthy doctor` says why)")
    print("as it should be: the fragile agent fails, the sturdy one passes.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
