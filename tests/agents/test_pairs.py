"""The pairs are what they say: every edit fits, every file is Python, and twins differ in their edit alone."""

from __future__ import annotations

import filecmp
from pathlib import Path

import pytest

from tests.agents import pairs

from roadworthy import hazards

EVERY = frozenset(scenario.code for scenario in hazards.scenarios())
VARIANTS = [
    pytest.param(code, variant, id=f"{code}: {variant.name}") for code in pairs.codes() for variant in pairs.failing(code)
]
LOOK_ALIKES = [pytest.param(variant, id=variant.name) for variant in pairs.look_alikes()]


def test_every_scenario_has_a_pair() -> None:
    assert set(pairs.codes()) == EVERY


@pytest.mark.parametrize(("code", "variant"), VARIANTS)
def test_twins_differ_in_the_edited_files_alone(code: str, variant: pairs.Variant, tmp_path: Path) -> None:
    twins = pairs.write_pair(code, tmp_path, variant)

    compared = filecmp.dircmp(twins.failing, twins.mended)
    assert {*compared.diff_files, *compared.left_only} == {edit.file for edit in variant.edit}
    assert not compared.right_only
    _compiles(twins.failing)


@pytest.mark.parametrize("variant", LOOK_ALIKES)
def test_look_alikes_can_be_written(variant: pairs.Variant, tmp_path: Path) -> None:
    _compiles(pairs.write_agent(tmp_path / "agent", variant.edit))


@pytest.mark.parametrize(("code", "variant"), VARIANTS)
def test_what_a_hazard_cannot_help_is_a_scenario_and_says_why(code: str, variant: pairs.Variant) -> None:
    assert variant.also <= EVERY - {code}
    assert variant.why or variant.also <= {"ALL301"}


def test_an_edit_that_fits_twice_or_nowhere_is_refused(tmp_path: Path) -> None:
    for number, old in enumerate(("import ", "no such line")):
        with pytest.raises(AssertionError, match="not once"):
            pairs.write_agent(tmp_path / str(number), [pairs.Edit(file="main.py", old=old, new="")])


def test_the_page_shows_the_pairs_as_they_are() -> None:
    assert pairs.table() in (pairs.HERE / "README.md").read_text("utf-8")


def _compiles(folder: Path) -> None:
    for file in folder.glob("*.py"):
        compile(file.read_text("utf-8"), file, "exec")
