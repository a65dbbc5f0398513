"""The JSON has one documented shape."""

import json

import jsonschema
import pytest
from syrupy.assertion import SnapshotAssertion

from roadworthy.findings import Outcome, Report, Verdict
from roadworthy.report import json_report


def test_the_whole_report(report: Report, snapshot: SnapshotAssertion) -> None:
    assert json_report.render(report) == snapshot


def test_the_keys_come_in_the_order_of_the_design(report: Report) -> None:
    read = json.loads(json_report.render(report))

    assert list(read)[:7] == ["version", "verb", "agent", "stage", "verdicts", "checks", "findings"]
    assert list(read["verdicts"][0])[:5] == ["code", "hazard", "verdict", "severity", "title"]
    assert list(read["findings"][0])[:3] == ["code", "hazard", "severity"]


def test_fingerprints_are_those_of_the_findings(report: Report) -> None:
    read = json.loads(json_report.render(report))

    assert read["verdicts"][0]["fingerprint"] == report.verdicts[0].fingerprint
    assert read["findings"][0]["fingerprint"] == report.findings[0].fingerprint


def test_the_schema_in_the_package_is_up_to_date() -> None:
    made = json.dumps(json_report.schema(), indent=2, ensure_ascii=False) + "\n"

    assert json_report.schema_text() == made, "python -m roadworthy.report.json_report --write"


def test_the_schema_is_one_itself_and_takes_every_report(report: Report, bare_report: Report) -> None:
    jsonschema.Draft202012Validator.check_schema(json_report.schema())
    for each in (report, bare_report):
        jsonschema.validate(json.loads(json_report.render(each)), json_report.schema())


@pytest.mark.parametrize("broken", [{"version": 2}, {"verdicts": [{"verdict": "maybe"}]}, {"agent": None}])
def test_the_schema_refuses_other_shapes(report: Report, broken: dict[str, object]) -> None:
    read = json.loads(json_report.render(report))

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(read | broken, json_report.schema())


def test_evidence_of_any_type_is_written(tmp_path: object) -> None:
    verdict = Verdict(
        Outcome.FAIL, evidence={"path": tmp_path, "set": {1}, "bytes": b"x", 3: float("inf"), "o": object}
    )
    read = json.loads(json_report.render(Report("rehearse", "a", verdicts=(verdict,))))

    assert read["verdicts"][0]["evidence"]["path"] == str(tmp_path)
    assert read["verdicts"][0]["evidence"]["3"] is None
