"""The stage holds an agent to its limits: memory, processor time, the size of /tmp."""

from __future__ import annotations

import json
import shutil

import pytest
from tests.rehearsal.stage.conftest import Actor
from tests.rehearsal.stage.staging import Staging, answers, texts, write_agent

from roadworthy.manifest.model import Files
from roadworthy.rehearsal.conditions import (
    AsPid1,
    CpuLimit,
    LargeWorkspace,
    LoudBinary,
    MemoryLimit,
    Production,
    TmpLimit,
)
from roadworthy.rehearsal.scenario import Send, Terminate, Trial

pytestmark = pytest.mark.slow

SEND = (Send("x"),)
MEBIBYTE = 1 << 20
GROUPS = pytest.mark.parametrize("has_groups", [True, False], ids=["control groups", "watchdog"])


@GROUPS
def test_an_agent_above_its_memory_limit_is_killed(actor: Actor, has_groups: bool) -> None:
    project = write_agent(
        actor.home / "project",
        """
def answer(query):
    print("allocating", flush=True)
    held = [bytearray(os.urandom(1 << 20)) for _ in range(400)]
    return str(len(held))
""",
    )
    limited, free = (Trial(conditions, SEND) for conditions in ((MemoryLimit(150 * MEBIBYTE),), ()))

    killed, alive = actor.performs(Staging(project, (actor.python, "main.py"), (limited, free), has_groups=has_groups))

    assert killed.life.killed_for_memory
    assert killed.life.exit_status == -9
    assert killed.exchanges[0].answer is None
    assert texts(killed) == ["allocating"]
    assert not alive.life.killed_for_memory
    assert answers(alive) == ["400"]
    assert max(used for _, used in alive.memory) > 0


@GROUPS
def test_memory_that_processes_share_counts_once(actor: Actor, has_groups: bool) -> None:
    # Ten children see the same 60 MiB: 600 MiB to the eye, 60 MiB in truth.
    project = write_agent(
        actor.home / "project",
        """
import time
HELD = bytearray(os.urandom(60 << 20))
for _ in range(10):
    if os.fork() == 0:
        time.sleep(600)

def answer(query):
    time.sleep(0.5)
    return str(len(HELD))
""",
    )

    (seen,) = actor.performs(
        Staging(
            project,
            (actor.python, "main.py"),
            (Trial((MemoryLimit(200 * MEBIBYTE),), SEND),),
            has_groups=has_groups,
        )
    )

    assert not seen.life.killed_for_memory
    assert answers(seen) == [str(60 * MEBIBYTE)]


@GROUPS
def test_half_a_processor_takes_twice_the_time(actor: Actor, has_groups: bool) -> None:
    project = write_agent(
        actor.home / "project",
        """
import time
def answer(query):
    began, used = time.monotonic(), time.thread_time()
    while time.thread_time() - used < 0.6:
        sum(range(1000))
    return str(time.monotonic() - began)
""",
    )

    (seen,) = actor.performs(
        Staging(project, (actor.python, "main.py"), (Trial((CpuLimit(0.5),), SEND),), has_groups=has_groups)
    )

    # Never faster than twice; how much slower is this machine's business.
    assert float(answers(seen)[0]) > 1.0


def test_a_full_tmp_says_so(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project",
        """
import errno
def answer(query):
    try:
        with open("/tmp/large", "wb") as file:
            for _ in range(64):
                file.write(bytes(1 << 20))
    except OSError as error:
        return errno.errorcode[error.errno]
    return "room enough"
""",
    )

    limited, free, roomy = actor.performs(
        Staging(
            project,
            (actor.python, "main.py"),
            (Trial((TmpLimit(8 * MEBIBYTE),), SEND), Trial((), SEND), Trial((TmpLimit(128 * MEBIBYTE),), SEND)),
        )
    )

    assert answers(limited) == ["ENOSPC"]
    assert answers(free) == answers(roomy) == ["room enough"]


def test_process_1_gets_its_signal_and_its_status_is_seen(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project",
        """
import signal
def end(number, frame):
    print("ending", os.getpid(), flush=True)
    os._exit(3)
signal.signal(signal.SIGTERM, end)
def answer(query):
    return str(os.getpid())
""",
    )
    steps = (Send("x"), Terminate(5))

    child, first, production = actor.performs(
        Staging(
            project,
            (actor.python, "main.py"),
            (Trial((), steps), Trial((AsPid1(),), steps), Trial((Production(),), steps)),
        )
    )

    assert answers(child) != ["1"]
    assert answers(first) == answers(production) == ["1"]
    for each in (child, first, production):
        assert each.life.exit_status == 3
        assert texts(each)[-1].startswith("ending")


def test_a_large_workspace_and_a_loud_binary(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project",
        """
import subprocess
def answer(query):
    found = sorted(os.listdir("work")) + sorted(os.listdir("work/large"))[:1]
    lines = open("work/large/" + found[-1]).read().splitlines()
    said = subprocess.run(["cat", "work/own.txt"], capture_output=True, text=True).stdout
    return json.dumps([found, len(lines), all("needle" in line for line in lines[:-1]), len(said), said[-4:]])
""",
        {"work/own.txt": "mine"},
    )

    cat = shutil.which("cat") or "/bin/cat"
    conditions = (
        MemoryLimit(256 * MEBIBYTE),
        LargeWorkspace(4 * MEBIBYTE, ("needle",)),
        LoudBinary("cat", cat, MEBIBYTE),
    )

    (seen,) = actor.performs(
        Staging(
            project,
            (actor.python, "main.py"),
            (Trial(conditions, SEND),),
            manifest={"files": Files(workspace="work"), "binaries": {"cat": "*"}},
        )
    )

    found, lines, all_hold, said, own = json.loads(answers(seen)[0])
    assert found == ["large", "own.txt", "large-0000.txt"]
    assert lines > 10_000
    assert all_hold
    assert said == MEBIBYTE + 4
    assert own == "mine"
