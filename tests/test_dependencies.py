"""docs/dependencies.md has a row for each runtime dependency, and no other."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_dependency_is_explained() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    rows = re.findall(r"(?m)^\| ([a-z0-9-]+) \|", (ROOT / "docs" / "dependencies.md").read_text())

    assert sorted(rows[1:]) == sorted(re.split(r"[><=~\[; ]", each)[0] for each in declared)
