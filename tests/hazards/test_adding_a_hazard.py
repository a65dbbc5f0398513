"""The worked example of docs/adding-a-hazard.md, carried out: its file is plugged in, its test is run."""

import re
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

from roadworthy import hazards
from roadworthy.hazards.explaining import explanation
from roadworthy.hazards.page import page

DOCUMENT = (Path(__file__).parents[2] / "docs" / "adding-a-hazard.md").read_text("utf-8")
BLOCKS = {
    match["file"]: match["code"]
    for match in re.finditer(r"```python\n# (?P<file>\S+)\n(?P<code>.*?)```", DOCUMENT, re.DOTALL)
}


@pytest.fixture
def example(monkeypatch, tmp_path):
    """The hazard of the page, as a file that another package brings."""
    file = tmp_path / "time_zones.py"
    file.write_text(BLOCKS["src/roadworthy/hazards/time_zones.py"], "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    entry = EntryPoint("time_zones", "time_zones:hazard", hazards.GROUP)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda *, group: (entry,))
    hazards._hazards.cache_clear()
    yield hazards.hazard_of("ZONE")
    hazards._hazards.cache_clear()
    sys.modules.pop("time_zones", None)


def test_the_example_is_found_planned_and_explained(example):
    assert hazards.scenarios(only=["ZONE"])[0].needs == {"variables"}
    assert explanation("ZONE301").must_hold == "It answers, and no result of a tool becomes an error."
    assert "### ZONE301: fourteen hours ahead of UTC" in page([example])


def test_the_examples_own_tests_pass(example):
    tests = ModuleType("test_zone301")
    exec(BLOCKS["tests/hazards/test_zone301.py"], tests.__dict__)

    functions = [value for name, value in vars(tests).items() if name.startswith("test_")]
    assert len(functions) == 3
    for function in functions:
        function()
