"""The plan as a table."""

import pytest
from syrupy.assertion import SnapshotAssertion

from roadworthy.rehearsal.options import PlannedScenario
from roadworthy.report.planned import render
from roadworthy.report.screen import Screen

PLANNED = (
    PlannedScenario("ENV302", "required variable taken away", ("variables",), trials=None, seconds=4.0, fresh=True),
    PlannedScenario(
        "MEM301",
        "the declared memory, with a large workspace",
        ("memory limit", "slim PATH"),
        enforceable=False,
        reason="no memory limit can be enforced here",
        seconds=9.0,
    ),
    PlannedScenario("COLD301", "a cold start with the declared CPU", ("CPU limit",), seconds=3.5, quiet=True),
)


@pytest.mark.parametrize("width", [80, 120])
def test_the_plan(snapshot: SnapshotAssertion, width: int) -> None:
    assert render(PLANNED, Screen(width)) == snapshot


def test_without_estimates_there_is_no_sum() -> None:
    assert render([PlannedScenario("ENV301", "x")], Screen(80)).splitlines()[-1] == "1 scenario"


def test_what_cannot_be_enforced_costs_no_time() -> None:
    assert "about 7.5 s one by one" in render(PLANNED, Screen(80))
