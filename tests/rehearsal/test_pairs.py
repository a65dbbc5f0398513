"""Each scenario's verdict, on both sides: it fails the agent with its hazard and passes its mended twin.

Without figures of their own (`both`) all mended twins are the sound agent itself, which is rehearsed once. The
plainest failing twin of each code is rehearsed with its own scenario and two neighbours; under the marker
`pairs` every failing twin, and every look-alike, with every scenario.

`make test-stage` repeats as an ordinary user what a stage has to enforce or to see. The rest is marked `any_user`:
its fault and its judge are on the wire, which the sound agent's run shows to carry for any user.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.agents import pairs
from tests.conftest import skip_or_fail

from roadworthy.findings import Outcome, Verdict
from roadworthy.hazards import scenarios
from roadworthy.manifest.loading import load
from roadworthy.rehearsal.options import Options
from roadworthy.rehearsal.run import main

pytestmark = pytest.mark.slow

SEED = 7
CODES = pairs.codes()
FAILING = [(code, variant) for code in CODES for variant in pairs.failing(code)]
PLAINEST = [(code, pairs.failing(code)[0]) for code in CODES]
OWN_FIGURES = [(code, variant) for code, variant in FAILING if variant.both]
SEEN_BY_THE_STAGE = {"TIME303", "LOG302"}
"""Nothing is enforced for these, but programs are held up and their ends seen, and written files searched."""


def named(cases: list[tuple[str, pairs.Variant]]) -> list[Any]:
    return [pytest.param(code, variant, id=f"{code}: {variant.name}", marks=whose(code)) for code, variant in cases]


def whose(code: str) -> tuple[pytest.MarkDecorator, ...]:
    """The marker of what does not depend on the user that rehearses."""
    (scenario,) = scenarios(only=(code,))
    return () if scenario.needs or code in SEEN_BY_THE_STAGE else (pytest.mark.any_user,)


@pytest.fixture(autouse=True)
def _the_manifest_alone_says_the_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "CUSTOMERS_URL", "LOG_LEVEL", "PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("code", "variant"), named(PLAINEST))
def test_a_hazard_fails_its_scenario_and_not_its_neighbours(code: str, variant: pairs.Variant, tmp_path: Path) -> None:
    twins = pairs.write_pair(code, tmp_path, variant)
    following = CODES[(CODES.index(code) + 1) % len(CODES)]

    verdicts = rehearsed(twins.failing, code, following, "ALL301")

    fails_alone(code, variant, verdicts)


def test_the_sound_agent_passes_every_scenario(tmp_path: Path) -> None:
    verdicts = rehearsed(pairs.write_agent(tmp_path / "sound"))

    assert set(verdicts) == set(pairs.codes())
    assert [told(verdict) for verdict in verdicts.values() if verdict.verdict != Outcome.PASS] == []


@pytest.mark.parametrize(("code", "variant"), named(OWN_FIGURES))
def test_a_mended_twin_with_figures_of_its_own_passes(code: str, variant: pairs.Variant, tmp_path: Path) -> None:
    twins = pairs.write_pair(code, tmp_path, variant)

    verdict = rehearsed(twins.mended, code)[code]

    assert verdict.verdict == Outcome.PASS, told(verdict)


@pytest.mark.pairs
@pytest.mark.parametrize(("code", "variant"), named(FAILING))
def test_a_hazard_fails_no_other_scenario(code: str, variant: pairs.Variant, tmp_path: Path) -> None:
    twins = pairs.write_pair(code, tmp_path, variant)

    verdicts = rehearsed(twins.failing)

    fails_alone(code, variant, verdicts)


@pytest.mark.pairs
@pytest.mark.parametrize("variant", pairs.look_alikes(), ids=lambda variant: variant.name)
def test_a_look_alike_is_not_accused(variant: pairs.Variant, tmp_path: Path) -> None:
    verdicts = rehearsed(pairs.write_agent(tmp_path / "agent", variant.edit))

    assert [told(verdict) for verdict in verdicts.values() if verdict.verdict == Outcome.FAIL] == []


def rehearsed(folder: Path, *codes: str) -> dict[str, Verdict]:
    """The verdicts of every scenario, or of `codes` alone, by code."""
    manifest = load(folder / "roadworthy.yaml")
    report = main(manifest, Options(only=codes, seed=SEED), lambda _event: None)
    return {verdict.code: verdict for verdict in report.verdicts}


def fails_alone(code: str, variant: pairs.Variant, verdicts: dict[str, Verdict]) -> None:
    """The verdict on its own hazard is complete, and no other code is failed but what it cannot help."""
    own = verdicts[code]
    if own.verdict == Outcome.NOT_TESTED and (own.reason or "").startswith("not enforced here"):
        skip_or_fail(told(own))
    assert own.verdict == Outcome.FAIL, told(own)
    assert all((own.title, own.seen, own.should, own.fix)), told(own)
    failed = {verdict.code for verdict in verdicts.values() if verdict.verdict == Outcome.FAIL}
    accused = failed - {code} - variant.also
    assert not accused, [told(verdicts[other]) for other in accused]


def told(verdict: Verdict) -> str:
    """A verdict for the one who reads the failing test."""
    output = "".join(f"\n    | {line}" for line in verdict.output)
    return (
        f"{verdict.code} {verdict.verdict}: {verdict.title} · seen: {verdict.seen} "
        f"· should: {verdict.should} · reason: {verdict.reason} · notes: {verdict.notes}{output}"
    )
