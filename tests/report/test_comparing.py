"""Two runs beside each other: what got better, worse, new and gone."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from roadworthy.errors import UsageError
from roadworthy.findings import Change, Outcome, Report, Severity, Verdict
from roadworthy.report import json_report
from roadworthy.report.comparing import compared, earlier_report
from roadworthy.report.wording import changes_told

STATES = {
    "pass": Verdict(Outcome.PASS, code="ENV302"),
    "waived": Verdict(Outcome.FAIL, code="ENV302", waived="known"),
    "warning": Verdict(Outcome.FAIL, code="ENV302", severity=Severity.WARNING),
    "fail": Verdict(Outcome.FAIL, code="ENV302"),
    "not tested": Verdict(Outcome.NOT_TESTED, code="ENV302", reason="no limit"),
}


def report(*verdicts: Verdict) -> Report:
    return Report("rehearse", "agent", verdicts=verdicts)


def written(folder: Path, made: Report) -> Path:
    path = folder / "before.json"
    path.write_text(json_report.render(made))
    return path


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("pass", "fail", "worse"),
        ("pass", "warning", "worse"),
        ("waived", "fail", "worse"),
        ("fail", "pass", "better"),
        ("fail", "waived", "better"),
        ("pass", "not tested", "other"),
        ("not tested", "fail", "other"),
        ("fail", "fail", None),
        ("not tested", "not tested", None),
    ],
)
def test_a_scenario_in_both_runs(tmp_path: Path, before: str, after: str, place: str | None) -> None:
    found = compared(earlier_report(written(tmp_path, report(STATES[before]))), report(STATES[after]), "before.json")

    changed = {name: rows for name in ("better", "worse", "other", "new", "gone") if (rows := getattr(found, name))}
    assert changed == ({place: (Change("ENV302", before, after),)} if place else {})
    assert found.same == (place is None)


def test_what_ran_in_one_of_the_two_is_new_or_gone(tmp_path: Path) -> None:
    other = replace(STATES["fail"], code="MEM301")

    found = compared(earlier_report(written(tmp_path, report(other))), report(STATES["pass"]), "before.json")

    assert found.new == (Change("ENV302", None, "pass"),)
    assert found.gone == (Change("MEM301", "fail", None),)


def test_a_comparison_is_told_and_written(tmp_path: Path) -> None:
    found = compared(earlier_report(written(tmp_path, report(STATES["pass"]))), report(STATES["fail"]), "before.json")

    told = changes_told(found)
    read = json.loads(json_report.render(replace(report(STATES["fail"]), comparison=found)))

    assert told[0] == ("compare", "with before.json: 0 scenarios as before")
    assert told[1:] == [("worse", "ENV302: pass, now fail")]
    assert read["comparison"]["worse"] == [{"code": "ENV302", "before": "pass", "after": "fail"}]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("<xml/>", "this is no JSON"),
        ("[]", "this is no report of a rehearsal"),
        ('{"version": 1, "verb": "doctor", "agent": "a", "verdicts": []}', "this is no report of a rehearsal"),
        ('{"version": 99, "verb": "rehearse", "agent": "a", "verdicts": []}', "a report of version 99"),
        ('{"version": 1, "verb": "rehearse", "agent": "a", "verdicts": [{}]}', "a verdict in it has no code"),
        ('{"version": 1, "verb": "rehearse", "agent": "a", "verdicts": [{"code": "A", "verdict": []}]}', "no outcome"),
    ],
)
def test_a_file_that_is_no_report_is_refused(tmp_path: Path, content: Any, told: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(content)

    with pytest.raises(UsageError, match=told):
        earlier_report(path)


def test_a_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        earlier_report(tmp_path / "none.json")
