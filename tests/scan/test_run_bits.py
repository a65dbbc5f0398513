"""The mode that git has for a script is what a checkout gets, whatever the disk says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from roadworthy.hazards import rules
from roadworthy.scan.engine import scan


@pytest.mark.parametrize(("in_git", "on_disk", "found"), [("-", "+", 1), ("+", "-", 0)])
def test_gits_mode_counts_where_git_has_the_script(tmp_path: Path, in_git: str, on_disk: str, found: int) -> None:
    script = tmp_path / "search.sh"
    script.write_text("#!/bin/sh\n")
    (tmp_path / "agent.py").write_text("import subprocess\n\nsubprocess.run(['./search.sh'])\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "add", "search.sh"], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "update-index", f"--chmod={in_git}x", "search.sh"], check=True)
    script.chmod(0o755 if on_disk == "+" else 0o644)

    findings = scan(tmp_path, list(rules(["PERM101"]))).findings

    assert len(findings) == found
    assert all("in git" in each.message for each in findings)
