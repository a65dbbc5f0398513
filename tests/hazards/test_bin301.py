from tests.hazards.evidence import (
    baseline,
    call,
    exchange,
    judged,
    observed,
    printed,
    reason,
    stopped,
    terms,
    trials,
)

from roadworthy.findings import Outcome, Place
from roadworthy.rehearsal.conditions import SlimPath
from roadworthy.rehearsal.observed import Started


def tried(*names: str, found: bool = True) -> list[Started]:
    return [Started(at=1.0, path=f"/usr/bin/{name}", found=found) for name in names]


BASE = baseline(started=tried("rg"))


def test_path_is_slim_where_a_program_was_started():
    assert trials("BIN301", base=BASE)[0].conditions == (SlimPath(),)


def test_an_agent_that_starts_no_program_is_not_tested():
    assert reason("BIN301", base=baseline()) == "nothing to break: the agent started no program"


def test_an_agent_whose_programs_are_declared_passes():
    # As execvp does it: each folder of PATH is tried.
    started = [*tried("rg", found=False), *tried("rg")]

    assert judged("BIN301", observed(exchange(), started=started), BASE).verdict == Outcome.PASS


def test_a_missing_program_is_named_with_the_lines_that_mend_it():
    place = Place("tools.py", 23, 'command = ["rg", "--ignore-case"]')
    error = "FileNotFoundError: [Errno 2] No such file or directory: 'rg'"
    seen = observed(
        exchange(status=500), started=tried("rg", found=False), output=printed(error), mentions={"rg": place}
    )

    verdict = judged("BIN301", seen, BASE)

    assert verdict.title == "rg not declared: the request failed"
    assert verdict.fix == 'declare it, `binaries: {rg: "*"}`, and install it in the image'
    assert verdict.where == place


def test_a_program_that_is_needed_at_start_is_named():
    error = "FileNotFoundError: [Errno 2] No such file or directory: 'git'"
    base = baseline(started=tried("git", "rg"))

    verdict = judged(
        "BIN301", observed(life=stopped(1), started=tried("git", found=False), output=printed(error)), base
    )

    assert verdict.title == "git not declared: the agent did not start"


def test_a_tool_that_quietly_lacks_its_program_fails():
    lacking = call(tool_results={"call_1": "error: [Errno 2] No such file or directory: 'rg'"})

    verdict = judged("BIN301", observed(exchange(), started=tried("rg", found=False), model_calls=[lacking]), BASE)

    assert verdict.title == "rg not declared: the agent answered, but a tool failed"


def test_a_program_that_a_shell_looked_for_in_vain_is_named():
    base = baseline(started=tried("sh", "rg"))
    lacking = call(tool_results={"call_1": "sh: 1: rg: not found"})

    verdict = judged("BIN301", observed(exchange(), started=tried("sh"), model_calls=[lacking]), base)

    assert verdict.title == "rg not declared: the agent answered, but a tool failed"


def test_an_agent_that_can_do_without_it_passes_with_a_note():
    seen = observed(
        exchange(),
        started=tried("rg", found=False),
        model_calls=[call(tool_results={"call_1": "handbook.md:3: refunds take five days"})],
        output=printed("rg is not installed: searching in Python"),
    )

    verdict = judged("BIN301", seen, BASE)

    assert verdict.verdict == Outcome.PASS
    assert verdict.notes == ("it asked for rg, which a slim image lacks, and answered all the same",)


def test_a_declared_program_that_was_never_reached_is_not_blamed():
    the = terms(binaries={"rg": "*"})
    base = baseline(started=tried("git", "rg"))
    error = "FileNotFoundError: [Errno 2] No such file or directory: 'git'\nrg was not tried"

    verdict = judged(
        "BIN301", observed(life=stopped(1), the=the, started=tried("git", found=False), output=printed(error)), base
    )

    assert verdict.title.startswith("git not declared")


def test_where_started_programs_cannot_be_seen_none_is_said_to_have_been_started():
    assert reason("BIN301", base=baseline(enforced=frozenset())) == (
        "which programs the agent starts cannot be seen here"
    )
