"""The lines of the checklist that only the source can answer: `roadworthy scan`, for a few codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roadworthy.findings import Finding, Severity
from roadworthy.hazards.checking import Fine, Nothing, Said, Untested

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine

PATIENCE = 60.0
"""Seconds for the first reading of a large project; what was read is kept for the next."""
MOST_ENTRIES = 5_000
"""Of folders that are looked through for source."""
NOT_OURS = ("node_modules", "site-packages", "__pycache__", "venv")
NOTHING_HERE = "nothing to scan here"


def said_of_source(machine: Machine, codes: Sequence[str], patience: float = PATIENCE) -> dict[str, list[Said]]:
    """What the scan says under each of `codes`, in a process of its own: it is larger than all checks together.

    It is ended after `patience` seconds.
    """
    if not machine.reads_source:
        return _all(codes, Nothing("not read here: `roadworthy scan` does"))
    if not has_source(machine.project):
        return _all(codes, Nothing("source is not here"))
    argv = [sys.executable, "-m", "roadworthy", "scan", ".", "--select", ",".join(codes), "--format", "json"]
    try:
        done = subprocess.run(
            argv, cwd=machine.project, capture_output=True, stdin=subprocess.DEVNULL, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired:
        return _all(codes, Untested(f"the source was not read within {patience:.0f} s", "roadworthy scan"))
    except OSError as error:
        return _all(codes, Untested(f"the source was not read: {error.strerror}"))
    if done.returncode not in (0, 1):
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        if NOTHING_HERE in " ".join(said[:1]):
            return _all(codes, Nothing("source is not here"))
        return _all(codes, Untested(f"the source could not be read: {said[0] if said else 'no reason'}"))
    report = json.loads(done.stdout)
    read = report["source"]
    looked = f"{read['files']} files read"
    found: dict[str, list[Said]] = {code: [] for code in codes}
    for row in report["findings"]:
        found[row["code"]].append(_finding(row))
    return {code: told or [Fine(looked)] for code, told in found.items()}


def has_source(root: Path) -> bool:
    """Whether a Python file or a notebook is below `root`, within the first folders: an image may hold none.

    Starting the scan to learn that takes longer than all other checks together.
    """
    seen, folders = 0, [str(root)]
    while folders and seen < MOST_ENTRIES:
        try:
            entries = list(os.scandir(folders.pop(0)))
        except OSError:
            continue
        seen += len(entries)
        if any(entry.name.endswith((".py", ".ipynb")) for entry in entries):
            return True
        folders += [
            entry.path
            for entry in entries
            if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".") and entry.name not in NOT_OURS
        ]
    return False


def _all(codes: Sequence[str], said: Said) -> dict[str, list[Said]]:
    return {code: [said] for code in codes}


def _finding(row: dict[str, Any]) -> Finding:
    kept = ("code", "message", "hazard", "path", "line", "column", "end_line", "why", "fix", "text")
    return Finding(**{key: row[key] for key in kept}, severity=Severity(row["severity"]))
