"""The example agents, rehearsed: every verdict is what each example's README says it should be."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import skip_or_fail

from roadworthy.findings import Outcome, Report
from roadworthy.hazards import scenarios
from roadworthy.manifest.loading import load
from roadworthy.rehearsal.options import Options
from roadworthy.rehearsal.run import main

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[2] / "examples"
QUICK = {
    "ENV302", "PATH301", "NET301", "PERM301", "BIN301", "RATE301", "TIME302", "MEM301", "CONC301", "MODEL302",
    "COLD301", "LOG301", "LIFE301", "ALL301",
}  # fmt: skip


def rehearsed(example: str, *, quick: bool = True) -> Report:
    return main(load(EXAMPLES / example), Options(quick=quick, seed=7), lambda _event: None)


def by_outcome(report: Report) -> dict[Outcome, set[str]]:
    return {outcome: {row.code for row in report.verdicts if row.verdict == outcome} for outcome in Outcome}


@pytest.fixture(autouse=True)
def _enforcing_stage(enforcing_tier: str) -> None:
    """Only tiers A and B can tell these agents apart in everything."""


def test_the_sturdy_agent_passes_every_scenario_and_none_is_left_untested() -> None:
    report = rehearsed("sturdy", quick=False)
    every = {scenario.code for scenario in scenarios()}
    assert by_outcome(report) == {Outcome.PASS: every, Outcome.FAIL: set(), Outcome.NOT_TESTED: set()}, report


def test_the_fragile_agent_fails_every_scenario_and_each_failure_explains_itself() -> None:
    report = rehearsed("fragile")
    assert by_outcome(report) == {Outcome.PASS: set(), Outcome.FAIL: QUICK, Outcome.NOT_TESTED: set()}, report
    for row in report.verdicts:
        assert row.title, row
        assert row.seen, row
        assert row.should, row
        assert row.fix, row


def test_the_function_passes_all_that_is_its_own_and_not_its_servers() -> None:
    outcomes = by_outcome(rehearsed("function"))
    assert outcomes[Outcome.FAIL] == set()
    assert outcomes[Outcome.PASS] == {
        "ENV302", "PATH301", "PERM301", "BIN301", "RATE301", "TIME302", "CONC301", "COLD301", "ALL301",
    } - outcomes[Outcome.NOT_TESTED]  # fmt: skip
    assert outcomes[Outcome.NOT_TESTED] <= {"NET301", "BIN301", "MEM301", "MODEL302", "LOG301", "LIFE301"}


def test_the_node_agent_passes_every_scenario(needs: Callable[[str], None]) -> None:
    needs("node")
    if not (EXAMPLES / "node" / "node_modules").is_dir():
        assert shutil.which("npm") is None, "scripts/setup tests installs the Node example's packages"
        skip_or_fail("the Node example's packages are not installed: (cd examples/node && npm ci)")
    outcomes = by_outcome(rehearsed("node"))
    assert outcomes[Outcome.FAIL] == set()
    assert outcomes[Outcome.NOT_TESTED] == set()


@pytest.mark.any_user
def test_the_streaming_agent_passes_all_that_it_has_something_for() -> None:
    outcomes = by_outcome(rehearsed("anthropic-async"))
    assert outcomes[Outcome.FAIL] == set()
    # No service, no program, no workspace, and its answers are prose. Its SDK takes seconds of a processor to load:
    # on a machine that is busy with other things, its cold start is unsteady.
    assert outcomes[Outcome.NOT_TESTED] - {"COLD301"} == {"NET301", "BIN301", "MEM301", "MODEL302"}


def test_the_command_passes_all_that_has_no_need_of_a_service() -> None:
    outcomes = by_outcome(rehearsed("command"))
    assert outcomes[Outcome.FAIL] == set()
    # Its SDK takes a second of a processor to load, for every request: what many at once take is unsteady where the
    # machine is busy with other things.
    assert outcomes[Outcome.NOT_TESTED] - {"ALL301"} == {"NET301", "MEM301", "MODEL302", "LOG301", "LIFE301"}
