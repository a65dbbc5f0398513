"""A project of its own for each test of the plugin."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.services.conftest import cache, database
from tests.testing.project import Project

__all__ = ["cache", "database"]
"""The servers' fixtures, started once for each process of the tests."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty one. What this session's own variables are must not matter to it."""
    for name in ("TOOL_TIMEOUT", "DATABASE_URL", "REDIS_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    return Project(tmp_path)
