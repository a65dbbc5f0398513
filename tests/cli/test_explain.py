"""`roadworthy explain`."""

from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from roadworthy.cli.explain import listing, render
from roadworthy.hazards import all_hazards
from roadworthy.hazards.explaining import Explanation
from roadworthy.report.screen import Screen

EXPLAINED = Explanation(
    code="ENV302",
    title="required variable taken away",
    hazard="Environment variables aren't there",
    verb="rehearse",
    summary="A required variable is missing: does whoever deploys learn of it?",
    done="The agent is started once for each required variable.",
    must_hold="It exits, or stays not ready, and names the variable.",
    why="A deployment that fails is noticed.",
    mend="Read all variables at the start.",
    not_tested="No variable is required.",
    cause="A variable of your shell is missing in production.",
    fix="Exit with its name.",
    before="key = os.environ['KEY']  # in a request\n",
    after="KEY = os.environ['KEY']  # at the start\n",
    codes=(("ENV302", "required variable taken away"),),
)
HAZARD = Explanation(
    "ENV", "Environment variables aren't there", "Environment variables aren't there", None, "Cause.",
    None, None, None, None, None, "Cause.", "Fix.", "", "", (("ENV301", "one"), ("ENV302", "two")),
)  # fmt: skip


@pytest.mark.parametrize("explained", [EXPLAINED, HAZARD])
def test_an_explanation(snapshot: SnapshotAssertion, explained: Explanation) -> None:
    assert render(explained, Screen(80)) == snapshot


def test_the_list_of_codes(snapshot: SnapshotAssertion) -> None:
    assert listing([HAZARD], Screen(80)) == snapshot


def test_every_code_can_be_explained(cli: Callable) -> None:
    for hazard in all_hazards():
        for code in (hazard.prefix, *hazard.rules, *hazard.checks, *hazard.scenarios):
            done = cli("explain", code.lower())
            assert done.status == 0
            assert done.out.startswith(f"{code}  ")


def test_without_a_code_all_are_listed(cli: Callable) -> None:
    listed = cli("explain").out

    assert all(code in listed for hazard in all_hazards() for code in hazard.scenarios)


def test_an_unknown_code_names_the_nearest(cli: Callable) -> None:
    done = cli("explain", "ENV3O2")

    assert done.status == 2
    assert "ENV302" in done.err
