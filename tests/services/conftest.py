"""The servers, started once for each process of the tests when the first test asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.services.servers import Server, postgresql, redis_server


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
