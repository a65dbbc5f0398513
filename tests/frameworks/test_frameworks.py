"""Agents as the quick-starts of their frameworks have them: which hazards each has out of the box.

`edits.toml` plants a hazard into an agent that passes, and mends one that fails: the verdict must turn.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.frameworks.edits import EDITS, Edit, edits_of, write
from tests.frameworks.setting_up import HERE, environment_of
from tests.frameworks.table import EXPECTED, FAILS, PASSES, mark, tables

from roadworthy.findings import Outcome, Report
from roadworthy.hazards import scenarios
from roadworthy.manifest.loading import load
from roadworthy.rehearsal.options import Options
from roadworthy.rehearsal.run import main

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("enforcing_tier")]

IN_EVERY_RUN = ("flask", "pydantic-ai")
OUTCOMES = {"fails": Outcome.FAIL, "not-tested": Outcome.NOT_TESTED}


def rehearsed(agent: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Report:
    monkeypatch.setenv("PATH", environment_of(agent))
    return main(load(folder), Options(seed=7, **options), lambda _event: None)


def compare(agent: str, report: Report) -> None:
    known = EXPECTED[agent]
    expected = {code: outcome for name, outcome in OUTCOMES.items() for code in known[name]}
    seen = {row.code: row.verdict for row in report.verdicts}
    assert seen == {code: expected.get(code, Outcome.PASS) for code in seen}, report


@pytest.mark.parametrize("agent", IN_EVERY_RUN)
def test_every_verdict_of_the_quick_set_is_the_expected_one(agent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compare(agent, rehearsed(agent, HERE / agent, monkeypatch, quick=True))


@pytest.mark.frameworks
@pytest.mark.parametrize("agent", EXPECTED)
def test_every_verdict_is_the_expected_one(agent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compare(agent, rehearsed(agent, HERE / agent, monkeypatch))


@pytest.mark.parametrize("agent", EXPECTED)
def test_every_failure_was_made_to_happen_without_roadworthy(agent: str) -> None:
    assert set(EXPECTED[agent]["confirmed"]) == set(EXPECTED[agent]["fails"])


@pytest.mark.parametrize("agent", EXPECTED)
def test_every_failure_has_a_mend_and_every_pass_an_attack(agent: str) -> None:
    mended = {code for edit in edits_of(agent, "pass") for code in edit["codes"]}
    marks = {scenario.code: mark(agent, scenario.code) for scenario in scenarios()}

    assert {code for code, seen in marks.items() if seen == FAILS} == mended
    assert PASSES not in marks.values()


def _each() -> list[Any]:
    return [
        pytest.param(agent, edit, id=f"{agent}-{'-'.join(edit['codes'])}-{edit['turns']}")
        for edit in EDITS
        for agent in edit["agents"]
    ]


@pytest.mark.frameworks
@pytest.mark.parametrize(("agent", "edit"), _each())
def test_a_planted_hazard_fails_and_a_mended_one_passes(
    agent: str, edit: Edit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment_of(agent)  # what is installed beside the agent is copied with it
    write(agent, edit, tmp_path / "agent")

    rows = rehearsed(agent, tmp_path / "agent", monkeypatch, only=tuple(edit["codes"])).verdicts

    turned = {"fail": Outcome.FAIL, "pass": Outcome.PASS}[edit["turns"]]
    assert {row.code: row.verdict for row in rows} == dict.fromkeys(edit["codes"], turned), rows


@pytest.mark.parametrize("number", range(len(tables())))
def test_the_page_shows_what_is_expected(number: int) -> None:
    assert tables()[number] in (HERE.parents[1] / "docs" / "frameworks.md").read_text("utf-8")
