"""A project of its own for each test of the plugin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.servers import Server, postgresql, redis_server
from tests.testing.project import Project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty one. What this session's own variables are must not matter to it."""
    for name in ("TOOL_TIMEOUT", "DATABASE_URL", "REDIS_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    return Project(tmp_path)


@pytest.fixture(scope="session")
def database() -> Iterator[Server]:
    """PostgreSQL."""
    with postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def cache() -> Iterator[Server]:
    """Redis."""
    with redis_server() as server:
        yield server
