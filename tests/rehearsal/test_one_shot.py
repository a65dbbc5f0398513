"""Commands that answer once: a process for each request, judged by its exit status and what it prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.agents import one_shot, pairs

from roadworthy.errors import UsageError
from roadworthy.findings import Outcome, Report, Verdict
from roadworthy.manifest.loading import load
from roadworthy.rehearsal.options import Options
from roadworthy.rehearsal.run import main

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("enforcing_tier")]

NO_LIFE_OF_ITS_OWN = {"MEM302", "CONC302", "COLD302", "COLD303", "LOG301", "LOG303", "LIFE301", "LIFE302"}


@pytest.fixture(autouse=True)
def _the_manifest_alone_says_the_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "CUSTOMERS_URL", "LOG_LEVEL", "PORT"):
        monkeypatch.delenv(name, raising=False)


def rehearsed(folder: Path, *edits: pairs.Edit, source: Any = "argument", only: tuple[str, ...] = ()) -> Report:
    agent = pairs.write_agent(folder / "agent", (*one_shot.edits(source), *edits))
    return main(load(agent), Options(only=only, seed=7), lambda _event: None)


def outcomes(report: Report) -> dict[str, Outcome]:
    return {row.code: row.verdict for row in report.verdicts}


def planted(code: str, number: int = 0) -> tuple[pairs.Edit, ...]:
    variant = pairs.failing(code)[number]
    return (*variant.both, *variant.edit)


def failure(code: str, report: Report) -> Verdict:
    (row,) = report.verdicts
    assert row.code == code
    assert row.verdict == Outcome.FAIL, row
    return row


def test_a_sound_command_passes_all_but_what_only_a_service_has(tmp_path: Path) -> None:
    report = rehearsed(tmp_path)

    untested = {row.code for row in report.verdicts if row.verdict == Outcome.NOT_TESTED}
    assert [row for row in report.verdicts if row.verdict == Outcome.FAIL] == []
    assert untested == {code for code in outcomes(report) if code in NO_LIFE_OF_ITS_OWN}


def test_the_question_can_come_by_standard_input(tmp_path: Path) -> None:
    report = rehearsed(tmp_path, source="stdin", only=("PATH301", "CONC301", "MODEL302"))

    assert set(outcomes(report).values()) == {Outcome.PASS}


@pytest.mark.parametrize("code", ["PATH301", "NET301", "BIN301", "PERM301", "NET303", "MEM301", "LOG302"])
def test_a_hazard_of_the_agent_is_found_behind_a_command_too(code: str, tmp_path: Path) -> None:
    failure(code, rehearsed(tmp_path, *planted(code), only=(code,)))


def test_a_command_that_hangs_with_its_provider_is_late(tmp_path: Path) -> None:
    row = failure("TIME302", rehearsed(tmp_path, *planted("TIME302"), only=("TIME302",)))

    assert row.seen is not None
    assert row.seen.startswith("python ask.py -> no complete answer within")


def test_a_missing_variable_that_is_not_named_fails(tmp_path: Path) -> None:
    quiet = pairs.Edit(file="settings.py", old='sys.exit("cannot start: " + "; ".join(problems))', new="sys.exit(3)")

    row = failure("ENV302", rehearsed(tmp_path, quiet, only=("ENV302",)))

    assert row.title.endswith("the agent does not say what is missing")
    assert "exited with status 3" in (row.seen or "")


def test_a_command_that_says_all_is_well_without_its_key_fails(tmp_path: Path) -> None:
    shrug = pairs.Edit(file="settings.py", old='sys.exit("cannot start: " + "; ".join(problems))', new="sys.exit(0)")

    row = failure("ENV302", rehearsed(tmp_path, shrug, only=("ENV302",)))

    assert row.title.endswith("the agent stopped as if all was well")


def test_an_error_that_says_nothing_fails(tmp_path: Path) -> None:
    mute = pairs.Edit(file="ask.py", old='sys.exit(f"cannot answer: {error}")', new="sys.exit(1)")

    row = failure("RATE302", rehearsed(tmp_path, mute, only=("RATE302",)))

    assert "exit status 1" in (row.seen or "")


def test_a_traceback_that_names_the_cause_is_a_clear_error_with_a_note(tmp_path: Path) -> None:
    raw = pairs.Edit(file="ask.py", old='sys.exit(f"cannot answer: {error}")', new="raise")

    (row,) = rehearsed(tmp_path, raw, only=("TIME302",)).verdicts

    assert row.verdict == Outcome.PASS, row
    assert any("traceback" in note for note in row.notes)


ENDLESS = "import sys\nfor _ in range(300):\n    sys.stdout.write('x' * (1 << 20))\n"


@pytest.mark.parametrize(
    ("front", "told"),
    [
        (ENDLESS, "the request's text did not reach the model"),
        ("import sys\nsys.stdout.buffer.write(bytes(range(256)))\n", "the request's text did not reach the model"),
        ("", "(an empty body)"),
        ("import os\nos.abort()\n", "exit status -6, before anything was changed"),
        ("import os, sys\nos.close(1)\nsys.exit(4)\n", "exit status 4, before anything was changed"),
    ],
    ids=["hundreds of megabytes", "no text at all", "nothing", "a crash", "a closed output"],
)
def test_an_answer_that_is_none_is_refused_in_plain_words(front: str, told: str, tmp_path: Path) -> None:
    agent = pairs.write_agent(tmp_path / "agent", one_shot.edits("argument"))
    (agent / "ask.py").write_text(front)

    with pytest.raises(UsageError) as refusal:
        main(load(agent), Options(only=("PATH301",), seed=7), lambda _event: None)

    assert told in str(refusal.value)
