"""SARIF as the standard has it: its own schema takes what is written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.findings import Edit, Finding, Replacement, Report, Severity, SourceRead
from roadworthy.report import sarif

SCHEMA = json.loads((Path(__file__).parent / "standards" / "sarif-schema-2.1.0.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)


def mistakes(report: Report) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(json.loads(sarif.render(report)))]


def test_the_schema_is_the_one_that_reports_name() -> None:
    assert SCHEMA["id"] == sarif.SCHEMA


@pytest.mark.parametrize("which", ["report", "scan_report", "bare_report"])
def test_the_standards_schema_takes_every_report(which: str, request: pytest.FixtureRequest) -> None:
    assert mistakes(request.getfixturevalue(which)) == []


@pytest.mark.parametrize(
    "broken", [{"version": "2.0.0"}, {"runs": [{}]}, {"runs": [{"tool": {"driver": {"name": "a"}}, "extra": 1}]}]
)
def test_the_standards_schema_refuses_what_is_none(scan_report: Report, broken: dict[str, Any]) -> None:
    written = json.loads(sarif.render(scan_report)) | broken

    assert list(VALIDATOR.iter_errors(written))


places = st.none() | st.integers(1, 10_000)


@given(
    finding=st.builds(
        Finding,
        code=st.just("PATH101"),
        hazard=st.just("PATH"),
        message=st.text(),
        severity=st.sampled_from(Severity),
        path=st.none() | st.text(min_size=1),
        line=places,
        column=places,
        end_line=places,
        why=st.none() | st.text(),
        fix=st.none() | st.text(),
        text=st.none() | st.text(),
        edit=st.none()
        | st.builds(
            Edit,
            path=st.text(min_size=1),
            replacements=st.lists(
                st.builds(Replacement, start=st.just((1, 1)), end=st.just((2, 3)), text=st.text()), max_size=2
            ).map(tuple),
            run_bit=st.booleans(),
        ),
    ),
    unread=st.lists(st.text(), max_size=2).map(tuple),
)
def test_the_standards_schema_takes_any_finding(finding: Finding, unread: tuple[str, ...]) -> None:
    assert mistakes(Report("scan", "a", findings=(finding,), source=SourceRead(1, 1, unread))) == []


def test_an_edit_is_a_fix_with_its_regions(scan_report: Report) -> None:
    (run,) = json.loads(sarif.render(scan_report))["runs"]
    fixes = [result.get("fixes") for result in run["results"]]

    assert fixes[0] is None
    ((change,),) = [fix["artifactChanges"] for fix in fixes[1]]
    assert change["artifactLocation"]["uri"] == "support/app/tools.py"
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 12, "startColumn": 10, "endLine": 12, "endColumn": 23},
            "insertedContent": {"text": 'here("config.yaml")'},
        }
    ]


def test_a_file_whose_name_is_no_text_has_an_address(scan_report: Report) -> None:
    named = replace(scan_report.findings[0], path="app/\udcff.py")

    (run,) = json.loads(sarif.render(replace(scan_report, findings=(named,))))["runs"]

    (location,) = run["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "support/app/%FF.py"


def test_a_run_bit_is_no_fix_for_there_is_no_text_to_change(scan_report: Report) -> None:
    only = replace(scan_report.findings[0], edit=Edit("tool.sh", run_bit=True))

    (run,) = json.loads(sarif.render(replace(scan_report, findings=(only,))))["runs"]

    assert "fixes" not in run["results"][0]
