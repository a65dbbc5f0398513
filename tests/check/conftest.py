from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from roadworthy.check.machine import Machine
from roadworthy.check.run import Asked, check
from roadworthy.findings import Report
from roadworthy.manifest.loading import loads

Checked = Callable[..., Report]


@pytest.fixture
def checked(tmp_path: Path) -> Checked:
    """Check this machine for `code` alone, with a manifest that declares `text` beside a smallest agent."""

    def run(code: str, text: str, environment: Mapping[str, str] | None = None, **around: Any) -> Report:
        agent = "" if "agent:" in text else "agent: {command: [python, main.py]}\n"
        manifest = loads(tmp_path / "roadworthy.yaml", f"{agent}{text}\n")
        return check(Machine(manifest, environment or {}, **around), Asked(only=(code,)))

    return run
