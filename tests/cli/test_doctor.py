"""`roadworthy doctor`."""

import json
from collections.abc import Callable

import jsonschema
import pytest
from syrupy.assertion import SnapshotAssertion

from roadworthy.cli.doctor import TIERS, render
from roadworthy.findings import Missing, StageSummary
from roadworthy.rehearsal.conditions import Feature
from roadworthy.report.json_report import schema
from roadworthy.report.screen import Screen

LACKING = StageSummary(
    "process",
    "D",
    enforced=("variables", "simulated world"),
    missing=(
        Missing("sandbox", "bubblewrap is not installed", "apt-get install bubblewrap"),
        Missing("started programs seen", "the kernel has no seccomp listener"),
    ),
)

WHOLE = StageSummary("bubblewrap", "A", enforced=tuple(Feature))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[[StageSummary], None]:
    def prepare(stage: StageSummary) -> None:
        monkeypatch.setattr("roadworthy.rehearsal.stage.inspect.examine", lambda: stage)

    return prepare


@pytest.mark.parametrize("stage", [LACKING, WHOLE])
def test_what_it_says(snapshot: SnapshotAssertion, stage: StageSummary) -> None:
    assert render(stage, Screen(80)) == snapshot


@pytest.mark.parametrize(("tier", "status"), [("A", 0), ("B", 0), ("D", 1)])
def test_the_exit_status_says_whether_everything_can_be_judged(
    cli: Callable, machine: Callable, tier: str, status: int
) -> None:
    machine(StageSummary("bubblewrap", tier))

    done = cli("doctor")

    assert done.status == status
    assert TIERS[tier][:20] in done.out


def test_json_is_a_report(cli: Callable, machine: Callable) -> None:
    machine(LACKING)
    read = json.loads(cli("doctor", "--format", "json").out)

    jsonschema.validate(read, schema())
    assert read["stage"]["missing"][0]["fix"] == "apt-get install bubblewrap"
