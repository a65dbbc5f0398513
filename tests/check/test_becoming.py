"""After a check: this process becomes the command, or watches over it as process 1 would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.conftest import skip_or_fail

ROADWORTHY = (sys.executable, "-m", "roadworthy")
MANIFEST = "agent: {command: [python, main.py]}\nenv: {NEEDED: {}}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "roadworthy.yaml").write_text(MANIFEST)
    return tmp_path


def started(project: Path, *argv: str, options: Sequence[str] = (), **environment: str) -> subprocess.Popen[str]:
    checks = ("--only", "ENV201", "--offline", *options)
    return subprocess.Popen(
        [*ROADWORTHY, "check", *checks, "--", *argv],
        cwd=project,
        env={**os.environ, "NEEDED": "here", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("options", [(), ("--init",)])
def test_streams_and_exit_status_are_the_commands_own(project: Path, options: tuple[str, ...]) -> None:
    process = started(project, "sh", "-c", "read line; echo out $line; echo err >&2; exit 7", options=options)

    out, err = process.communicate("in\n", timeout=30)

    assert (out, process.returncode) == ("out in\n", 7)
    assert err.endswith("err\n")
    assert "1 passed, 0 failed" in err


def test_it_becomes_the_command_with_the_same_process_id(project: Path) -> None:
    process = started(project, "sh", "-c", "echo $$")

    out, _ = process.communicate(timeout=30)

    assert int(out) == process.pid


def test_where_something_fails_the_command_is_not_run(project: Path) -> None:
    process = started(project, "sh", "-c", "echo ran", NEEDED="")

    out, err = process.communicate(timeout=30)

    assert (out, process.returncode) == ("", 1)
    assert "NEEDED is set to nothing" in err


@pytest.mark.parametrize("options", [(), ("--init",)])
def test_a_command_that_is_not_there_is_a_shells_127(project: Path, options: tuple[str, ...]) -> None:
    process = started(project, "no-such-program", options=options)

    _, err = process.communicate(timeout=30)

    assert process.returncode == 127
    assert "no-such-program: no such program on PATH" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("options", [(), ("--init",)])
def test_a_command_that_cannot_be_run_is_a_shells_126(project: Path, options: tuple[str, ...]) -> None:
    (project / "notes.txt").write_text("no program")

    process = started(project, "./notes.txt", options=options)
    _, err = process.communicate(timeout=30)

    assert process.returncode == 126
    assert "./notes.txt: cannot be run: Permission denied" in err


TELLS_SIGNALS = """
import signal, sys
def told(number, frame):
    print(signal.Signals(number).name, flush=True)
    sys.exit(5)
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
    signal.signal(number, told)
print("ready", flush=True)
signal.pause()
"""


@pytest.mark.parametrize("options", [(), ("--init",)])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_signals_reach_the_command(project: Path, options: tuple[str, ...], number: signal.Signals) -> None:
    process = started(project, sys.executable, "-c", TELLS_SIGNALS, options=options)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"

    process.send_signal(number)
    out, _ = process.communicate(timeout=30)

    assert (out, process.returncode) == (f"{number.name}\n", 5)


def test_a_signal_that_ends_the_command_is_told_as_a_shell_does(project: Path) -> None:
    process = started(project, "sh", "-c", "kill -KILL $$", options=("--init",))

    process.communicate(timeout=30)

    assert process.returncode == 128 + signal.SIGKILL


ORPHANS = """
import os, sys, time
if os.fork() == 0:
    if os.fork() == 0:
        time.sleep(0.3)
        os._exit(0)
    os._exit(0)
os.wait()
print(os.getppid(), flush=True)
sys.stdin.readline()
"""


@pytest.mark.slow
def test_as_process_1_it_reaps_what_is_orphaned(project: Path) -> None:
    """In a process namespace of its own, where orphans become children of process 1."""
    argv = [*ROADWORTHY, "check", "--only", "ENV201", "--init", "--", sys.executable, "-c", ORPHANS]
    process = subprocess.Popen(
        ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", *argv],
        cwd=project,
        env={**os.environ, "NEEDED": "here"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    line = process.stdout.readline()
    if not line:
        process.kill()
        skip_or_fail(f"no process namespace here: {process.communicate()[1].strip()[-200:]}")
    assert line == "1\n"  # ours is process 1
    first = _children(process.pid)[0]

    deadline = 100
    while _zombies(first) or len(_children(first)) > 1:  # until the orphan has ended and is reaped
        deadline -= 1
        assert deadline, "an orphan was not reaped"
        signal.sigtimedwait([], 0.1)
    process.communicate("\n", timeout=30)

    assert process.returncode == 0


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _zombies(pid: int) -> list[int]:
    return [each for each in _children(pid) if Path(f"/proc/{each}/stat").read_text().split()[2] == "Z"]


def test_what_python_ignores_is_not_ignored_by_the_command(project: Path) -> None:
    process = started(project, "sh", "-c", "grep SigIgn /proc/$$/status")

    out, _ = process.communicate(timeout=30)

    ignored = int(out.split()[1], 16)
    assert not ignored & (1 << (signal.SIGPIPE - 1))


def test_nothing_after_the_dashes_is_a_mistake(project: Path) -> None:
    process = started(project)

    _, err = process.communicate(timeout=30)

    assert process.returncode == 2
    assert "nothing stands after --" in err


def test_init_without_a_command_is_a_mistake(project: Path) -> None:
    done = subprocess.run(
        [*ROADWORTHY, "check", "--init"], cwd=project, capture_output=True, text=True, check=False, timeout=30
    )

    assert done.returncode == 2
    assert "--init without a command" in done.stderr
