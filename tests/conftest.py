"""What every test may ask for: programs that have to be there, and a stage that enforces everything."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable

import pytest
from hypothesis import settings

# How long an example takes says something of the machine, and nothing of the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

PACKAGES = {"bwrap": "bubblewrap", "rg": "ripgrep", "node": "nodejs"}


def skip_or_fail(reason: str) -> None:
    """Skip on a developer's machine; fail in CI, where everything has to be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.geteuid() != 0:
        return
    for item in items:
        if item.get_closest_marker("ordinary_user") is not None:
            item.add_marker(pytest.mark.skip(reason="root may do it all the same: `make test-stage` as another user"))


@pytest.fixture(scope="session")
def needs() -> Callable[[str], None]:
    """`needs("rg")`: skips the test, or fails it in CI, where the program is absent."""

    def need(program: str) -> None:
        if shutil.which(program) is None:
            skip_or_fail(f"{program} is not installed: apt-get install {PACKAGES.get(program, program)}")

    return need


@pytest.fixture(scope="session")
def enforcing_tier(needs: Callable[[str], None]) -> str:
    """The stage's tier, A or B; skips where this machine has neither."""
    from roadworthy.rehearsal.stage.inspect import examined

    needs("bwrap")
    machine = asyncio.run(examined("auto"))
    if machine.tier not in ("A", "B"):
        skip_or_fail(f"no sandbox here: {machine.missing[0].reason}; {machine.missing[0].fix}")
    return machine.tier
