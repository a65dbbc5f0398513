from __future__ import annotations

from typing import Any

from tests.hazards.evidence import (
    baseline,
    call,
    exchange,
    judged,
    observed,
    printed,
    reason,
    running,
    stopped,
    terms,
    trials,
)

from roadworthy.findings import Outcome, Place, Verdict
from roadworthy.rehearsal.conditions import WithoutBinary
from roadworthy.rehearsal.observed import Exchange, ModelCall, Started
from roadworthy.rehearsal.scenario import Trial

FOUND = "handbook/returns.md:3: an order can be returned within thirty days"
TERMS = terms(binaries={"rg": ">=13", "jq": "*"})


def start(name: str = "rg", *, at: float = 1.15, found: bool = True, folder: str = "/usr/bin") -> Started:
    return Started(at=at, path=f"{folder}/{name}", found=found)


def calls(result: str, *, tool: str = "search") -> list[ModelCall]:
    """The model calls the tool, and then gets its result."""
    asking = call(at=1.1, tool_calls={"call_1": tool}, tool_arguments={tool: {}})
    return [asking, call(at=1.2, tool_results={"call_1": result})]


BASE = baseline(
    exchange("baseline", number=100, due=1.0, seconds=0.3), started=[start()], model_calls=calls(FOUND), the=TERMS
)
ASKED = [start(found=False)]


def verdict_of(*exchanges: Exchange, base: Any = BASE, **keys: Any) -> Verdict:
    keys = {"started": ASKED, "the": TERMS, "trial": Trial(subject="rg"), **keys}
    return judged("BIN302", observed(*exchanges, **keys), base)


def test_each_declared_program_that_was_started_is_taken_away_where_it_was_seen():
    base = baseline(started=[start(folder="/opt/tools"), start("git"), start("jq", found=False)])

    (trial,) = trials("BIN302", TERMS, base)

    assert trial.subject == "rg"
    assert trial.conditions == (WithoutBinary("rg", ("/opt/tools/rg",)),)
    assert trial.may_not_start


def test_what_the_agent_itself_runs_on_is_not_taken_away():
    base = baseline(started=[start(), start("jq")])
    base.runs_on = frozenset({"rg"})

    assert [trial.subject for trial in trials("BIN302", TERMS, base)] == ["jq"]


def test_without_a_declared_program_that_was_started_there_is_nothing_to_test():
    assert reason("BIN302", TERMS, baseline(started=[start("git")])).startswith("nothing to break")


def test_where_started_programs_cannot_be_seen_nothing_is_tested():
    assert "cannot be seen" in reason("BIN302", TERMS, baseline(enforced=frozenset()))


def test_a_start_that_is_refused_with_the_programs_name_passes():
    verdict = verdict_of(life=stopped(1), output=printed("cannot start: rg is not on PATH"), started=[])

    assert verdict.verdict == Outcome.PASS


def test_an_agent_that_stays_not_ready_and_says_why_passes():
    life = running(ready=None, health_body='{"status": "not ready", "missing": ["rg"]}')

    assert verdict_of(life=life, started=[]).verdict == Outcome.PASS


def test_a_start_that_is_refused_without_the_name_fails():
    place = Place("settings.py", 8, 'shutil.which("rg")')

    verdict = verdict_of(life=stopped(1), output=printed("cannot start"), started=[], mentions={"rg": place})

    assert verdict.title == "rg not installed: the agent does not say what is missing"
    assert verdict.where == place
    assert "nothing it printed names rg" in (verdict.seen or "")


def test_an_exit_as_if_all_was_well_fails():
    verdict = verdict_of(life=stopped(0), output=printed("rg is missing"), started=[])

    assert verdict.title == "rg not installed: the agent stopped as if all was well"


def test_a_tool_that_tells_the_model_which_program_is_missing_passes():
    told = calls("error: [Errno 2] No such file or directory: 'rg'")

    assert verdict_of(exchange(), model_calls=told).verdict == Outcome.PASS


def test_a_tool_that_tells_the_model_that_it_failed_passes():
    assert verdict_of(exchange(), model_calls=calls('{"error": "not available"}')).verdict == Outcome.PASS


def test_a_tool_that_tells_the_model_that_it_found_nothing_fails():
    verdict = verdict_of(exchange(), model_calls=calls("nothing found"))

    assert verdict.title == "rg not installed: the agent answered as if all was well"
    assert 'the tool search told the model "nothing found"' in (verdict.seen or "")
    assert "rg or the tool search" in (verdict.seen or "")


def test_a_tool_that_tells_the_model_nothing_at_all_fails():
    for nothing in ("", "[]", '{"error": null, "matches": []}', "not found"):
        assert verdict_of(exchange(), model_calls=calls(nothing)).verdict == Outcome.FAIL


def test_a_line_of_output_that_names_the_program_passes():
    line = '{"level": "ERROR", "message": "rg: command not found", "request_id": "4711"}'

    assert verdict_of(exchange(), model_calls=calls("nothing found"), output=printed(line)).verdict == Outcome.PASS


def test_a_line_of_output_that_names_the_tool_passes():
    line = "WARNING search is not available: FileNotFoundError"

    assert verdict_of(exchange(), model_calls=calls("nothing found"), output=printed(line)).verdict == Outcome.PASS


def test_a_line_that_only_says_what_is_started_fails():
    line = "INFO starting rg --ignore-case order"

    assert verdict_of(exchange(), model_calls=calls("nothing found"), output=printed(line)).verdict == Outcome.FAIL


def test_a_line_that_the_laptop_printed_too_says_nothing_of_this():
    line = "12:00:{} search needs rg, request {}ab: starting"
    base = baseline(
        exchange("baseline", number=100, due=1.0, seconds=0.3),
        started=[start()],
        model_calls=calls(FOUND),
        output=printed(line.format("01", "7f")),
    )
    again = printed(line.format("59", "20"))

    verdict = verdict_of(exchange(), base=base, model_calls=calls("nothing found"), output=again)

    assert verdict.verdict == Outcome.FAIL


def test_an_error_that_names_the_tool_passes():
    assert verdict_of(exchange(status=503, body={"error": "search is not available"})).verdict == Outcome.PASS


def test_an_internal_error_fails_even_where_its_traceback_names_the_program():
    trace = """\
Traceback (most recent call last):
  File "/srv/app/agent.py", line 48, in search
    found = subprocess.run(["rg", query])
FileNotFoundError: [Errno 2] No such file or directory: 'rg'"""

    verdict = verdict_of(exchange(status=500, body={"error": "something went wrong"}), output=printed(trace))

    assert verdict.title == "rg not installed: the request failed"
    assert "does not name its cause" in (verdict.seen or "")
    assert verdict.where is not None
    assert (verdict.where.path, verdict.where.line) == ("agent.py", 48)


def test_a_process_that_ends_on_the_first_request_fails():
    life = running(exited=1.3, exit_status=1)

    verdict = verdict_of(exchange(error="reset"), life=life, output=printed("rg: not found", at=1.25))

    assert verdict.title == "rg not installed: the process ended"


def test_a_late_answer_fails_and_rests_on_time():
    verdict = verdict_of(exchange(error="timed out after 12 s", seconds=12.0), output=printed("rg: not found"))

    assert verdict.title == "rg not installed: the request failed"
    assert verdict.evidence["rests_on_time"]


def test_an_agent_that_finds_the_same_in_another_way_passes_with_a_note():
    same = "an order can be returned within thirty days (returns.md)"

    verdict = verdict_of(exchange(), model_calls=calls(same))

    assert verdict.verdict == Outcome.PASS
    assert verdict.notes == ("it answers without rg, with what its tools found on the laptop",)


def test_an_agent_that_looks_for_it_and_does_without_passes():
    assert verdict_of(exchange(), model_calls=calls(FOUND), started=[]).verdict == Outcome.PASS


def test_a_request_that_had_no_use_for_it_is_nothing_tested():
    later = baseline(
        exchange("baseline", number=100, due=0.2, seconds=0.1), started=[start()], model_calls=calls(FOUND)
    )

    verdict = verdict_of(exchange(), base=later, model_calls=calls(FOUND), started=[])

    assert verdict.reason == "nothing to break: this request did not ask for rg"


def test_a_tool_that_found_nothing_on_the_laptop_shows_nothing():
    empty = baseline(
        exchange("baseline", number=100, due=1.0, seconds=0.3), started=[start()], model_calls=calls("nothing found")
    )

    verdict = verdict_of(exchange(), base=empty, model_calls=calls("nothing found"))

    assert verdict.verdict == Outcome.NOT_TESTED
    assert "search found nothing on the laptop either" in (verdict.reason or "")


def test_a_program_that_was_there_all_the_same_is_not_tested():
    verdict = verdict_of(exchange(), model_calls=calls(FOUND), started=[start(folder="/opt/copy")])

    assert verdict.reason == "rg could not be taken away: the agent found it at /opt/copy/rg"
