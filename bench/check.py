"""`roadworthy check` as a whole process, beside the bare interpreter and `dotenv run`, in one run.

    python bench/check.py [ROUNDS]

The manifest declares 50 variables, 20 programs and 20 files; all are there. The goals: 150 ms as a whole process, of
which the checks 60; 150 ms with a command behind it; 40 MB.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

VARIABLES, PROGRAMS, FILES = 50, 20, 20
ROUNDS = 20


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        environment = {**os.environ, **_write(project)}
        here = Path(sys.executable).parent
        roadworthy, dotenv = str(here / "roadworthy"), str(here / "dotenv")
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "dotenv run -- true": [dotenv, "run", "--", "true"],
            "check --offline": [roadworthy, "check", "--offline"],
            "check --offline -- true": [roadworthy, "check", "--offline", "--", "true"],
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        memory: dict[str, int] = {}
        for _ in range(rounds):
            for name, argv in commands.items():  # in turns: what else the machine does meets all of them
                took, peak = _measured(argv, project, environment)
                seconds[name].append(took)
                memory[name] = max(peak, memory.get(name, 0))
        bare = statistics.median(seconds["python -c pass"])
        for name, times in seconds.items():
            median = statistics.median(times)
            print(
                f"{name:26} {median * 1000:6.0f} ms  least {min(times) * 1000:6.0f} ms  {median / bare:5.1f} × bare  "
                f"{memory[name] / 1024:5.0f} MiB"
            )
        print(f"of which the checks        {_checks(commands['check --offline'], project, environment) * 1000:6.0f} ms")


def _write(project: Path) -> dict[str, str]:
    """The project's files and its manifest; what its variables have to be is returned."""
    programs = sorted(
        {path.name for folder in ("/usr/bin", "/bin") for path in Path(folder).iterdir() if path.name.isalnum()}
    )[:PROGRAMS]
    names = [f"SETTING_{number}" for number in range(VARIABLES)]
    kinds = ["{type: integer, minimum: 1}", "{secret: true, pattern: '[a-z0-9-]+'}", "{type: url}", "{}"]
    values = ["8080", "sk-0123456789", "https://db.internal/x", "text"]
    files = [f"config/{number}.yaml" for number in range(FILES)]
    (project / "config").mkdir()
    for file in files:
        (project / file).write_text("a: 1\n")
    binaries = ", ".join(f"{json.dumps(name)}: '*'" for name in programs)
    env = "\n".join(f"  {name}: {kinds[at % len(kinds)]}" for at, name in enumerate(names))
    (project / "roadworthy.yaml").write_text(
        f"name: bench\nagent: {{command: [{sys.executable}, config/0.yaml]}}\nenv:\n{env}\n"
        f"binaries: {{{binaries}}}\n"
        f"files: {{read: [{', '.join(files)}]}}\n"
    )
    set_to = {name: values[at % len(values)] for at, name in enumerate(names)}
    (project / ".env").write_text("".join(f"{name}={value}\n" for name, value in set_to.items()))
    return set_to


def _measured(argv: list[str], project: Path, environment: dict[str, str]) -> tuple[float, int]:
    """Seconds by the clock, and the largest resident memory in KiB."""
    import time

    began = time.perf_counter()
    pid = os.posix_spawn(
        "/bin/sh",
        ["sh", "-c", 'cd "$0" && exec "$@" >/dev/null 2>&1', str(project), *argv],
        environment,
    )
    _, status, used = os.wait4(pid, 0)
    took = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{' '.join(argv)}: exit status {os.waitstatus_to_exitcode(status)}")
    return took, used.ru_maxrss


def _checks(argv: list[str], project: Path, environment: dict[str, str]) -> float:
    """Seconds that the report says."""
    done = subprocess.run([*argv, "--format", "json"], cwd=project, env=environment, capture_output=True, check=True)
    return float(json.loads(done.stdout)["seconds"])


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else ROUNDS)
