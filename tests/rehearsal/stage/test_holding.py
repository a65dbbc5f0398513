"""A program that is held up: slow, endless, well again; and whether an agent that gives it up ends it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.rehearsal.stage.conftest import Actor
from tests.rehearsal.stage.staging import Staging, answers, write_agent

from roadworthy.rehearsal.conditions import HoldableBinary
from roadworthy.rehearsal.faults.program_endless import program_endless
from roadworthy.rehearsal.faults.program_slow import program_slow
from roadworthy.rehearsal.observed import Observed
from roadworthy.rehearsal.scenario import AFTER, BEFORE, DURING, Break, Mend, Send, Trial, UntilLetGo

pytestmark = pytest.mark.slow

LATER = 0.5
PATIENCE = 1.0
"""Seconds that each of these agents waits for its tool."""
TOOL = "#!/bin/sh\necho it runs: $0 $*\n"

RUN = """
import subprocess
def answer(query):
    try:
        return subprocess.run(["tool", "a word"], capture_output=True, text=True, timeout=1).stdout.strip()
    except subprocess.TimeoutExpired:
        return "gave up"
"""
KILLS_THE_SHELL = """
import subprocess
def answer(query):
    process = subprocess.Popen("tool 'a word' | cat", shell=True, stdout=subprocess.PIPE, text=True)
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        process.kill()
        return "gave up"
    return process.stdout.read().strip()
"""
KILLS_THE_GROUP = KILLS_THE_SHELL.replace("text=True)", "text=True, start_new_session=True)").replace(
    "process.kill()", "os.killpg(process.pid, 9)"
)


def performed(actor: Actor, source: str) -> tuple[Observed, Path]:
    """One start of an agent whose tool lies in its user's own folder."""
    project = write_agent(actor.home / "project", source)
    tool = actor.home / "tools" / "tool"
    tool.parent.mkdir()
    tool.write_text(TOOL)
    tool.chmod(0o755)
    steps = (
        Send(BEFORE),
        Break(program_slow("tool", LATER)),
        Send("slow"),
        Mend(),
        Break(program_endless("tool")),
        Send(DURING),
        UntilLetGo(0.5),
        Mend(),
        Send(AFTER),
    )
    (seen,) = actor.performs(
        Staging(
            project,
            (actor.python, "main.py"),
            (Trial((HoldableBinary("tool", str(tool)),), steps),),
            environment={"PATH": f"{tool.parent}:{actor.environment['PATH']}"},
        )
    )
    assert tool.read_text() == TOOL
    return seen, tool


def test_a_program_is_slow_then_endless_and_then_well_again(actor: Actor) -> None:
    seen, _ = performed(actor, RUN)

    said = dict(zip((BEFORE, "slow", DURING, AFTER), answers(seen), strict=True))
    took = {exchange.label: exchange.seconds or 0.0 for exchange in seen.exchanges}
    assert said[DURING] == "gave up"
    assert {said[label] for label in (BEFORE, "slow", AFTER)} == {"it runs: /dev/roadworthy/held/tool a word"}
    assert took["slow"] >= LATER
    assert took[DURING] >= PATIENCE
    assert {start.name for start in seen.started} == {"tool"}
    assert all(held.ended is not None for held in seen.held_up)  # subprocess.run kills what it has started
    slow, endless = (held.at for held in seen.held_up)  # and none before the faults, or after them
    assert seen.labelled("slow")[0].due <= slow < seen.labelled(DURING)[0].due <= endless


def test_an_agent_that_ends_the_whole_group_leaves_nothing(me: Actor) -> None:
    seen, _ = performed(me, KILLS_THE_GROUP)

    assert answers(seen)[2] == "gave up"
    assert all(held.ended is not None for held in seen.held_up)


def test_an_agent_that_kills_the_shell_alone_leaves_the_program_running(actor: Actor) -> None:
    seen, _ = performed(actor, KILLS_THE_SHELL)

    assert answers(seen)[2] == "gave up"
    assert seen.held_up[-1].ended is None
    assert not Path(f"/proc/{seen.held_up[-1].pid}").exists(), "the end of the rehearsal ends it"
