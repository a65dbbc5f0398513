"""Agents as the quick-starts of their frameworks have them: which hazards each has out of the box.

`EDITS` plants a hazard into an agent that passes, and mends one that fails: the verdict must turn.
"""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.frameworks.setting_up import HERE, environment_of

from roadworthy.findings import Outcome, Report
from roadworthy.manifest.loading import load
from roadworthy.rehearsal.options import Options
from roadworthy.rehearsal.run import main

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("enforcing_tier")]

IN_EVERY_RUN = ("flask", "pydantic-ai")
EXPECTED: dict[str, dict[str, dict[str, str]]] = tomllib.loads((HERE / "expected.toml").read_text())
EDITS: list[dict[str, Any]] = tomllib.loads((HERE / "edits.toml").read_text())["edit"]
OUTCOMES = {"fails": Outcome.FAIL, "not-tested": Outcome.NOT_TESTED}


def _agents() -> list[Any]:
    return [
        pytest.param(name, marks=() if name in IN_EVERY_RUN else pytest.mark.frameworks, id=name) for name in EXPECTED
    ]


def rehearsed(agent: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Report:
    monkeypatch.setenv("PATH", environment_of(agent))
    return main(load(folder), Options(seed=7, **options), lambda _event: None)


@pytest.mark.parametrize("agent", _agents())
def test_every_verdict_is_the_expected_one(agent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = rehearsed(agent, HERE / agent, monkeypatch, quick=True)

    expected = {code: OUTCOMES[outcome] for outcome, codes in EXPECTED[agent].items() for code in codes}
    seen = {row.code: row.verdict for row in report.verdicts}
    assert seen == {code: expected.get(code, Outcome.PASS) for code in seen}, report


@pytest.mark.frameworks
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit['agent']}-{edit['code']}-{edit['turns']}")
def test_a_planted_hazard_fails_and_a_mended_one_passes(
    edit: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "agent"
    shutil.copytree(HERE / edit["agent"], copy, ignore=shutil.ignore_patterns(".venv", "node_modules", "__pycache__"))
    if (HERE / edit["agent"] / "node_modules").is_dir():
        shutil.copytree(HERE / edit["agent"] / "node_modules", copy / "node_modules", symlinks=True)
    for file, changes in edit["change"].items():
        text = (copy / file).read_text()
        for before, after in changes:
            assert before in text, f"{file} has no {before!r}"
            text = text.replace(before, after.replace("{folder}", str(copy)))
        (copy / file).write_text(text)

    (row,) = rehearsed(edit["agent"], copy, monkeypatch, only=(edit["code"],)).verdicts

    assert row.verdict == {"fail": Outcome.FAIL, "pass": Outcome.PASS}[edit["turns"]], row
