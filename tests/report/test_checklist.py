"""The checklist on a terminal, in a log, and before a command."""

from __future__ import annotations

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from roadworthy.findings import Check, Finding, Outcome, Report, Severity
from roadworthy.report.checklist import render, render_failures
from roadworthy.report.screen import Screen


@pytest.fixture
def checked() -> Report:
    return Report(
        verb="check",
        agent="support-agent",
        manifest="roadworthy.yaml",
        seconds=0.031,
        checks=(
            Check("environment", "all variables set", Outcome.FAIL, ("ENV201",), "OPENAI_API_KEY is not set"),
            Check("environment", "values as declared", Outcome.PASS, ("ENV202", "ENV203"), "12 set"),
            Check(
                "dependencies", "binaries installed", Outcome.FAIL, ("BIN201",), "rg is not on PATH; jq is not on PATH"
            ),
            Check("network", "outbound allowed", Outcome.NOT_TESTED, ("NET205",), "--offline"),
            Check(
                "network",
                "services answer",
                Outcome.NOT_TESTED,
                ("NET202",),
                "services answer: cut off after 5 s",
                "give it longer: --timeout SECONDS",
            ),
            Check(
                "resources",
                "a restricted user that can write where it must",
                Outcome.FAIL,
                ("PERM202",),
                "runs as root",
                severity=Severity.WARNING,
            ),
        ),
        findings=(
            Finding("ENV201", "OPENAI_API_KEY is not set", hazard="ENV", fix="set it where the agent is deployed"),
            Finding(
                "BIN201",
                "rg is not on PATH",
                hazard="BIN",
                why="it is declared under `binaries`, and no folder of PATH has a program of that name",
                fix="install the package that provides it",
                commands=("apt-get install -y ripgrep jq", "RUN apt-get update && apt-get install -y ripgrep jq"),
            ),
            Finding("PERM202", "runs as root", Severity.WARNING, "PERM", fix="run it as a user of its own"),
            Finding("NET204", "db is on localhost", hazard="NET", waived="a side-car", path="roadworthy.yaml", line=7),
        ),
    )


@pytest.mark.parametrize("width", [60, 100])
def test_the_whole_checklist(checked: Report, width: int, snapshot: SnapshotAssertion) -> None:
    assert render(checked, Screen(width)) == snapshot


def test_the_whole_checklist_in_colour(checked: Report, snapshot: SnapshotAssertion) -> None:
    assert render(checked, Screen(100, color=True)) == snapshot


def test_before_a_command_only_what_is_wrong_is_told(checked: Report, snapshot: SnapshotAssertion) -> None:
    assert render_failures(checked, Screen(100)) == snapshot


def test_without_unicode_the_marks_are_ascii(checked: Report) -> None:
    told = render(replace(checked, findings=()), Screen(100, unicode=False))

    assert told.isascii()
    assert "  x all variables set" in told
    assert "  + values as declared" in told
    assert "  - outbound allowed" in told


def test_commands_are_never_wrapped(checked: Report) -> None:
    told = render(checked, Screen(40))

    assert "          RUN apt-get update && apt-get install -y ripgrep jq\n" in told
