"""The wheel, installed into an environment of its own, and the plugin used from a project that knows nothing of us."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import skip_or_fail
from tests.testing import from_docs
from tests.testing.project import Project

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PACKAGES = ("pytest", "pytest-asyncio", "pytest-xdist", "openai")
PATIENCE = 500.0
"""Seconds for a step that downloads."""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Python of an environment that has the wheel, and what the project needs."""
    folder = tmp_path_factory.mktemp("installed")
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    if not os.access(uv, os.X_OK):
        skip_or_fail("uv is not installed: pip install uv")
    _do(uv, "build", "--wheel", "--out-dir", str(folder), str(ROOT))
    (wheel,) = folder.glob("*.whl")
    _do(uv, "venv", "--python", sys.executable, str(folder / "venv"))
    made = str(folder / "venv" / "bin" / "python")
    _do(uv, "pip", "install", "--python", made, str(wheel), *PACKAGES)
    return made


@pytest.fixture
def separate(project: Project, python: str, needs: Callable[[str], None]) -> Callable[..., tuple[dict[str, int], str]]:
    """The project of docs/testing.md, run with the installed plugin; gives the counts, and the text."""
    needs("rg")
    for name, text in from_docs.files().items():
        project.write(name, text)
    project.variables = {"PYTHONPATH": "", "ONLY_ON_THE_LAPTOP": str(project.folder)}

    def run(*arguments: str) -> tuple[dict[str, int], str]:
        ran = project.run(*arguments, python=python, plugin=())
        return ran.outcomes, ran.text

    return run


def _do(*command: str) -> None:
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        skip_or_fail(f"{' '.join(command[:3])} did not end within {PATIENCE:g} s: is there no package registry?")
    if ended.returncode != 0:
        said = ended.stderr.strip().splitlines()
        skip_or_fail(f"{' '.join(command[:3])} failed; without a package registry this cannot be tried: {said[-3:]}")


def test_a_sound_agent_passes(separate: Callable[..., tuple[dict[str, int], str]]) -> None:
    outcomes, text = separate()

    assert outcomes == {"passed": 4}, text
    assert "roadworthy-" in text  # the plugin is found by its entry point

    outcomes, text = separate("-n2")

    assert outcomes == {"passed": 4}, text


@pytest.mark.parametrize("how", from_docs.BROKEN)
def test_a_broken_agent_fails(separate: Callable[..., tuple[dict[str, int], str]], project: Project, how: str) -> None:
    project.write("agent.py", from_docs.broken(how))

    outcomes, text = separate()

    assert outcomes.get("failed"), text
    assert f"FAILED test_agent.py::{from_docs.FAILS[how]}" in text


def test_a_scenario_of_the_rehearsal_is_a_test(
    separate: Callable[..., tuple[dict[str, int], str]], project: Project, enforcing_tier: str
) -> None:
    outcomes, text = separate("--roadworthy", "-k", "RATE301")

    assert outcomes.pop("deselected")
    assert outcomes == {"passed": 1}, text

    project.write("agent.py", from_docs.broken("429 is not tried again"))
    outcomes, text = separate("--roadworthy", "-k", "RATE301")

    assert outcomes.get("failed") == 1, text
    assert "--only RATE301" in text
