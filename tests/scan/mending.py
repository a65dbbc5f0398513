"""A file of a project with its mends."""

from __future__ import annotations

from pathlib import Path

from roadworthy.findings import Finding
from roadworthy.hazards import rules
from roadworthy.manifest.loading import load
from roadworthy.scan.engine import scan
from roadworthy.scan.fixing import planned


def found(folder: Path, code: str, source: str, name: str = "app/agent.py") -> list[Finding]:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(source)
    manifest = load(folder) if (folder / "roadworthy.yaml").exists() else None
    return scan(folder, list(rules(only=[code])), manifest).findings


def mended(folder: Path, code: str, source: str, name: str = "app/agent.py") -> str:
    """The file after its mends: the same where there are none. What is mended is found no more."""
    findings = found(folder, code, source, name)
    assert findings, "the rule finds nothing"
    plan = planned(folder, findings)
    assert not plan.refused
    if not plan.files:
        return source
    (file,) = plan.files
    after = file.after.decode()
    left = found(folder, code, after, name)
    assert len(left) == len(findings) - len(file.made)
    assert not planned(folder, left).files or plan.waiting
    return after
