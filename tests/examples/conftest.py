"""The sturdy example's modules, imported as its own process would."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

STURDY = str(Path(__file__).resolve().parents[2] / "examples" / "sturdy")
MODULES = ("settings", "failure", "logs", "answers", "tools")


@pytest.fixture(scope="session")
def sturdy() -> Iterator[SimpleNamespace]:
    """Its modules by name; forgotten afterwards, for their names are common ones."""
    sys.path.insert(0, STURDY)
    try:
        yield SimpleNamespace(**{name: importlib.import_module(name) for name in MODULES})
    finally:
        sys.path.remove(STURDY)
        for name in MODULES:
            sys.modules.pop(name, None)


@pytest.fixture
def ripgrep(needs: Callable[[str], None]) -> None:
    """The example's search tool runs it."""
    needs("rg")
