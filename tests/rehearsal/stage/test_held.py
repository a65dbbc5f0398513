"""What an agent holds over many requests: what is kept counts, whoever keeps it; files do not."""

from __future__ import annotations

import pytest
from tests.rehearsal.stage.conftest import Actor
from tests.rehearsal.stage.staging import Staging, write_agent

from roadworthy.rehearsal.scenario import Repeat, Send, Trial

pytestmark = pytest.mark.slow

KEPT = 200_000
STEP = Repeat("x", warm_up=10, count=50, within=60.0, at_once=2, every=10, enough=1000, flat=0, most=0)
KEEPING = """
kept = []
def answer(query):
    kept.append(os.urandom(200_000))
    return query
"""
IN_A_CHILD_OF_A_CHILD = """
receives, sends = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        kept = []
        while os.read(receives, 1):
            kept.append(os.urandom(200_000))
    os._exit(0)
os.wait()

def answer(query):
    os.write(sends, b"x")
    return query
"""
IN_FILES = """
import mmap
from pathlib import Path
Path("/tmp/index").write_bytes(os.urandom(100 * 200_000))
index = mmap.mmap(os.open("/tmp/index", os.O_RDONLY), 0, prot=mmap.PROT_READ)
at = 0
def answer(query):
    global at
    at += 200_000
    with open("/tmp/log", "ab") as log:
        log.write(index[at:at + 200_000])
    return query
"""


@pytest.mark.parametrize("source", [KEEPING, IN_A_CHILD_OF_A_CHILD], ids=["itself", "an orphan"])
def test_what_each_request_leaves_behind_is_seen(actor: Actor, source: str) -> None:
    project = write_agent(actor.home / "project", source)

    (seen,) = actor.performs(Staging(project, (actor.python, "main.py"), (Trial(steps=(STEP,)),)))

    assert [each.answered for each in seen.held] == [0, 10, 20, 30, 40, 50]
    assert seen.held[-1].memory - seen.held[0].memory == pytest.approx(50 * KEPT, rel=0.2)
    assert seen.held[0].threads >= 1


def test_what_is_read_and_written_as_files_is_not(actor: Actor) -> None:
    project = write_agent(actor.home / "project", IN_FILES)

    (seen,) = actor.performs(Staging(project, (actor.python, "main.py"), (Trial(steps=(STEP,)),)))

    assert seen.held[-1].answered == 50
    assert seen.held[-1].memory - seen.held[0].memory < 10 * KEPT


def test_nothing_is_kept_of_what_was_answered(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project",
        "import subprocess\ndef answer(query):\n    subprocess.run(['true'])\n    return query\n",
    )

    (seen,) = actor.performs(Staging(project, (actor.python, "main.py"), (Trial(steps=(STEP, Send("after"))),)))

    assert [exchange.label for exchange in seen.exchanges] == ["after"]
    assert 1 <= sum(start.found and start.name == "true" for start in seen.started) < 10  # of sixty-one
