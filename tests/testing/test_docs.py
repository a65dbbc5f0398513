"""docs/testing.md: its project passes as it stands, and its tests notice when its agent is broken."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.testing import from_docs
from tests.testing.project import Project

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def shown(project: Project, needs: Callable[[str], None]) -> None:
    needs("rg")
    for name, text in from_docs.files().items():
        project.write(name, text)
    project.variables |= {"ONLY_ON_THE_LAPTOP": str(project.folder)}


def test_the_tests_of_the_page_pass_also_side_by_side(project: Project) -> None:
    assert project.outcomes() == {"passed": 4}
    assert project.outcomes("-n2") == {"passed": 4}


@pytest.mark.parametrize("how", from_docs.BROKEN)
def test_they_fail_when_the_agent_is_broken(project: Project, how: str) -> None:
    project.write("agent.py", from_docs.broken(how))

    ran = project.run()

    assert ran.outcomes.get("failed"), ran.text
    assert f"FAILED test_agent.py::{from_docs.FAILS[how]}" in ran.text
