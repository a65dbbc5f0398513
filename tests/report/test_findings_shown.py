"""Findings of a scan as people and editors read them."""

from __future__ import annotations

import json

import pytest
from syrupy.assertion import SnapshotAssertion

from roadworthy.findings import Report
from roadworthy.report import sarif, terminal
from roadworthy.report.screen import Screen


@pytest.mark.parametrize("width", [80, 120])
def test_the_text(scan_report: Report, hazards: dict[str, str], width: int, snapshot: SnapshotAssertion) -> None:
    assert terminal.render(scan_report, Screen(width), hazards) == snapshot


def test_a_screen_without_unicode_gets_ascii(scan_report: Report, hazards: dict[str, str]) -> None:
    assert terminal.render(scan_report, Screen(80, unicode=False), hazards).isascii()


def test_the_caret_stands_below_the_column(scan_report: Report, hazards: dict[str, str]) -> None:
    lines = terminal.render(scan_report, Screen(80), hazards).splitlines()
    source = next(number for number, line in enumerate(lines) if 'open("config.yaml",' in line)

    assert lines[source].index("open") == lines[source + 1].index("^")


def test_sarif(scan_report: Report, snapshot: SnapshotAssertion) -> None:
    written = json.loads(sarif.render(scan_report))
    for rule in written["runs"][0]["tool"]["driver"]["rules"]:
        # Taken from the rules' own docstrings, which may change.
        assert rule.pop("fullDescription")["text"]
        assert rule.pop("help")["text"]

    assert written == snapshot


def test_sarif_of_a_rehearsal_holds_what_failed(report: Report) -> None:
    (run,) = json.loads(sarif.render(report))["runs"]
    codes = [result["ruleId"] for result in run["results"]]

    assert {"PATH101", "ENV302"} <= set(codes)
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(dict.fromkeys(codes))
    assert all(
        run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"]
    )
    assert any("suppressions" in result for result in run["results"])
