"""However a rehearsal ends, nothing of it is left: no process, network, mount, control group or folder."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.rehearsal.stage.conftest import Actor
from tests.rehearsal.stage.staging import write_agent

pytestmark = pytest.mark.slow

WITHIN = 5.0
"""Seconds from the end of roadworthy to the end of everything else."""
LARGEST = 200 << 20
"""Bytes that roadworthy itself may use."""
MARK = "STAGING_MARK"
MANIFEST = """
agent:
  command: [{python}, main.py, {mark}]
  port: 8080
budgets: {{answer: 60s}}
resources: {{memory: 256MiB, cpu: 1}}
"""
ENDLESS = """
def answer(query):
    if {hangs}:
        print("ANSWERING", flush=True)
        time.sleep(600)
    return query

import time
"""
NASTY = """
import signal, threading, time

for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)

def escape():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.setsid()
            while True:
                if os.fork() == 0:  # a new process for ever, each with nothing to know it by
                    time.sleep(0.2)
                    os.execve(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)"], {})
                time.sleep(0.1)
        os._exit(0)
    os.wait()

def chatter():
    while True:
        os.write(1, b"a line of a log that does not end\\n" * 100)

escape()
threading.Thread(target=chatter, daemon=True).start()
"""


@dataclass
class Rehearsal:
    """A rehearsal that runs, and what belongs to it on this machine."""

    process: subprocess.Popen[bytes]
    mark: str
    seen: dict[int, str] = field(default_factory=dict)
    """Processes, with the time of their start: numbers are used again."""
    folder: Path | None = None
    peak: int = 0

    def look(self) -> None:
        """Note every process that is there now, and roadworthy's memory."""
        for pid in pids():
            if self.is_ours(pid):
                self.seen[pid] = start_of(pid)
        for pid in self.seen:
            words = read(pid, "cmdline")
            if found := re.search(rb"\0ROADWORTHY_RUN=roadworthy-\w+\0(/[^\0]+/roadworthy-\w+)\0", words):
                self.folder = Path(found[1].decode())
            if b"-m\0roadworthy\0" in words and b"rehearse" in words:
                peak = re.search(rb"VmHWM:\s+(\d+) kB", read(pid, "status"))
                self.peak = max(self.peak, int(peak[1]) * 1024 if peak else 0)

    def is_ours(self, pid: int) -> bool:
        """By its arguments, its variables, or mounts that come from the run's folder."""
        mark = self.mark.encode()
        if mark in read(pid, "cmdline") or mark in read(pid, "environ"):
            return True
        return self.folder is not None and f"/{self.folder.name}/".encode() in read(pid, "mountinfo")

    def is_seen(self, pid: int) -> bool:
        """Whether it is one that was noted, and not only a dead one's entry."""
        return pid in self.seen and self.seen[pid] == start_of(pid) and b"VmRSS" in read(pid, "status")

    def until(self, what: str, happens: Callable[[], bool], within: float = 30) -> None:
        """Look until something is so."""
        deadline = time.monotonic() + within
        while not happens():
            self.look()
            assert time.monotonic() < deadline, f"not {what} within {within} s: {self.left()}"
            time.sleep(0.02)

    def agent(self) -> int | None:
        """The agent's process, by its last argument."""
        ends = f"main.py\0{self.mark}\0".encode()
        return next((pid for pid in self.seen if read(pid, "cmdline").endswith(ends)
                     and b"bwrap" not in read(pid, "cmdline")), None)  # fmt: skip

    def left(self) -> list[str]:
        """What there still is."""
        found = [f"process {pid}: {read(pid, 'cmdline')!r}" for pid in pids() if self.is_seen(pid) or self.is_ours(pid)]
        if self.folder is not None:
            found += [f"folder {self.folder}"] if self.folder.exists() else []
            found += [f"group {place}" for place in Path("/sys/fs/cgroup").glob(f"**/{self.folder.name}-*")]
        return found


def pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def start_of(pid: int) -> str:
    """When it was started, in the kernel's ticks (man 5 proc, `starttime`)."""
    fields = read(pid, "stat").rpartition(b")")[2].split()
    return fields[19].decode() if len(fields) > 19 else "gone"


def read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def started(actor: Actor, source: str, *options: str) -> Rehearsal:
    mark = f"mark-{uuid.uuid4().hex}"
    project = write_agent(actor.home / "project", source)
    (project / "roadworthy.yaml").write_text(MANIFEST.format(python=actor.python, mark=mark))
    actor.owns(actor.place)
    process = actor.start(
        actor.python, "-m", "roadworthy", "rehearse", str(project), "--no-progress", *options,
        environment={MARK: mark}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return Rehearsal(process, mark)


def ended(rehearsal: Rehearsal) -> list[str]:
    """What is left when roadworthy has ended and the time is up."""
    deadline = time.monotonic() + WITHIN
    while rehearsal.left() and time.monotonic() < deadline:
        time.sleep(0.05)
    return rehearsal.left()


def cleaned(rehearsal: Rehearsal) -> None:
    """End what a failed test leaves: roadworthy itself, then what its arguments or variables mark."""
    rehearsal.process.kill()
    rehearsal.process.wait()
    mark = rehearsal.mark.encode()
    for pid in pids():
        if mark in read(pid, "cmdline") or mark in read(pid, "environ"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["Ctrl-C", "TERM", "KILL"])
@pytest.mark.parametrize("nature", ["well-behaved", "nasty"])
def test_nothing_is_left_of_a_rehearsal_that_is_ended(actor: Actor, number: signal.Signals, nature: str) -> None:
    source = (NASTY if nature == "nasty" else "") + ENDLESS.format(hangs=True)
    rehearsal = started(actor, source, "--only", "PATH301")
    try:
        rehearsal.until("started", lambda: rehearsal.agent() is not None)
        rehearsal.until("under way", lambda: len(rehearsal.seen) > (8 if nature == "nasty" else 4))
        began = time.monotonic()
        rehearsal.process.send_signal(number)
        output, _ = rehearsal.process.communicate(timeout=WITHIN)

        assert ended(rehearsal) == []
        assert time.monotonic() - began < WITHIN
        assert rehearsal.folder is not None
        assert 0 < rehearsal.peak < LARGEST
        assert rehearsal.process.returncode == {signal.SIGKILL: -9}.get(number, 130), output.decode()
    finally:
        cleaned(rehearsal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["TERM", "KILL"])
def test_nothing_is_left_of_a_production_stage_that_is_ended(actor: Actor, number: signal.Signals) -> None:
    # There the agent is process 1, has given up its user, and is held by control groups.
    rehearsal = started(actor, ENDLESS.format(hangs="os.getcwd() == '/'"), "--only", "ALL301")
    try:
        rehearsal.until("in production", lambda: any(working_directory(pid) == "/" and pid == rehearsal.agent()
                                                     for pid in rehearsal.seen))  # fmt: skip
        rehearsal.process.send_signal(number)
        rehearsal.process.communicate(timeout=WITHIN)

        assert ended(rehearsal) == []
    finally:
        cleaned(rehearsal)


def test_nothing_is_left_of_a_nasty_agent_at_the_end(actor: Actor) -> None:
    rehearsal = started(actor, NASTY + ENDLESS.format(hangs=False), "--only", "PATH301,PERM301")
    try:
        rehearsal.until("ended", lambda: rehearsal.process.poll() is not None, within=60)
        output, _ = rehearsal.process.communicate(timeout=WITHIN)

        assert ended(rehearsal) == []
        assert rehearsal.peak < LARGEST
        assert b"2 passed" in output, output.decode()
    finally:
        cleaned(rehearsal)


def working_directory(pid: int) -> str:
    try:
        return str(Path(f"/proc/{pid}/cwd").readlink())
    except OSError:
        return ""
