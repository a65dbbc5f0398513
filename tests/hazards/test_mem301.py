from tests.hazards.evidence import (
    baseline,
    call,
    canary,
    exchange,
    judged,
    observed,
    printed,
    reason,
    running,
    terms,
    trials,
)

from roadworthy.findings import Outcome, Place
from roadworthy.manifest.model import Files, Resources
from roadworthy.rehearsal.conditions import LargeWorkspace, LoudBinary, MemoryLimit
from roadworthy.rehearsal.observed import Started

MIB = 1024 * 1024
THE = terms(binaries={"rg": "*", "jq": "*"}, files=Files(workspace="handbook"), resources=Resources(memory=128 * MIB))
BASE = baseline(
    started=[Started(0.2, "/usr/bin/rg", found=True)],
    model_calls=[call(tool_arguments={"search": {"query": f"refund policy {canary(1)}", "limit": 3}})],
)
(TRIAL,) = trials("MEM301", THE, BASE)


def seen(*exchanges, **keys):
    return observed(*exchanges, the=THE, trial=TRIAL, **keys)


def test_the_workspace_is_twice_the_limit_and_used_programs_print_a_quarter_of_it():
    assert TRIAL.conditions == (
        MemoryLimit(128 * MIB),
        LargeWorkspace(256 * MIB, ("refund", "policy")),
        LoudBinary("rg", "/usr/bin/rg", 32 * MIB),
    )


def test_without_a_workspace_and_a_used_program_there_is_nothing_to_make_large():
    assert reason("MEM301", terms(binaries={"jq": "*"}), BASE).startswith("nothing to make large")


def test_an_agent_that_lives_and_answers_passes():
    verdict = judged("MEM301", seen(exchange(), memory=[(1.0, 40 * MIB)]), BASE)

    assert verdict.verdict == Outcome.PASS
    assert verdict.evidence["peak"] == 40 * MIB


def test_an_agent_that_is_killed_at_the_limit_fails():
    life = running(exited=1.4, exit_status=-9, killed_for_memory=True)
    # Where the source names rg first may be anywhere: a wrong line is worse than none.
    mentions = {"rg": Place("settings.py", 39, 'shutil.which("rg")')}
    dropped = exchange(error="the connection closed without an answer")

    verdict = judged(
        "MEM301", seen(dropped, life=life, memory=[(1.0, 30 * MIB), (1.3, 128 * MIB)], mentions=mentions), BASE
    )

    assert verdict.title == (
        "limited to 128 MiB, with 256 MiB in the workspace and 32 MiB printed by rg: the agent was killed"
    )
    assert verdict.seen == "it was killed at the limit after 1.4 s"
    assert verdict.where is None


def test_an_agent_of_which_a_child_was_killed_fails_although_it_runs_on():
    life = running(killed_for_memory=True)

    assert judged("MEM301", seen(exchange(), life=life), BASE).verdict == Outcome.FAIL


def test_an_agent_that_ends_with_a_memory_error_fails():
    life = running(exited=1.4, exit_status=1)
    text = 'Traceback (most recent call last):\n  File "/srv/app/tools.py", line 9, in search\n    x\nMemoryError'

    verdict = judged("MEM301", seen(exchange(error="the connection was reset"), life=life, output=printed(text)), BASE)

    assert verdict.title.endswith(": the agent ended")
    assert "MemoryError" in (verdict.seen or "")


def test_an_agent_that_lives_and_is_late_passes_with_a_note():
    verdict = judged("MEM301", seen(exchange(error="no complete answer within 12 s", seconds=12.0)), BASE)

    assert verdict.verdict == Outcome.PASS
    assert verdict.notes == ("it lived, but did not answer: POST /agent -> no complete answer within 12 s",)


def test_an_agent_that_was_not_ready_in_time_is_not_tested():
    verdict = judged("MEM301", seen(life=running(ready=None)), BASE)

    assert verdict.verdict == Outcome.NOT_TESTED


def test_what_the_agent_itself_runs_on_is_not_made_loud():
    base = baseline(started=[Started(0.2, "/usr/bin/python3", found=True)])
    base.runs_on = frozenset({"python3"})

    assert reason("MEM301", terms(binaries={"python3": "*"}), base).startswith("nothing to make large")
