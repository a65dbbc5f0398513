"""Which lines differ from a revision: what a branch adds, and what is not committed yet."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from roadworthy.errors import UsageError
from roadworthy.findings import Finding
from roadworthy.scan.disk import GIT

_FILE = re.compile(r'^\+\+\+ (?:"?b/(?P<path>.*?)"?|/dev/null)\t?$')
_HUNK = re.compile(r"^@@ -\S+ \+(?P<first>\d+)(?:,(?P<count>\d+))? @@")
ALL: Final = None
"""Every line of a file: it is new."""

Changed = dict[str, "list[range] | None"]
"""Path, relative to the scanned folder → its changed lines, or `ALL`."""


def changed_since(folder: Path, revision: str) -> Changed:
    """The lines below `folder` that differ from where this branch left `revision`, and files git does not know yet.

    Raises UsageError where there is no git, no repository, or no such revision.
    """
    if revision.startswith("-"):
        raise UsageError(f"--changed {revision}: this is no revision")
    # First of all, for its error: without a repository `diff` compares any two files.
    others = _git(folder, "ls-files", "--others", "--exclude-standard", "-z", "--", ".")
    options = ("--no-color", "--no-ext-diff", "--no-textconv", "--relative", "--unified=0", "--no-renames")
    diff = _git(folder, "-c", "core.quotePath=false", "diff", *options, "--merge-base", revision, "--", ".")
    found: Changed = {}
    path: str | None = None
    for line in diff.splitlines():
        if match := _FILE.match(line):
            path = match["path"]
        elif path is not None and (match := _HUNK.match(line)):
            first, count = int(match["first"]), int(match["count"] or 1)
            lines = found.setdefault(path, [])
            if lines is not ALL and count:
                lines.append(range(first, first + count))
    return found | dict.fromkeys(filter(None, others.split("\0")), ALL)


def of_changed(findings: Iterable[Finding], changed: Changed) -> list[Finding]:
    """The findings on lines that changed."""
    return [finding for finding in findings if _is_changed(finding, changed)]


def _is_changed(finding: Finding, changed: Changed) -> bool:
    if finding.path not in changed:
        return False
    lines = changed[finding.path]
    first, last = finding.line or 0, max(finding.end_line or 0, finding.line or 0)
    return lines is ALL or any(each.start <= last and first < each.stop for each in lines)


def _git(folder: Path, *arguments: str) -> str:
    command = [*GIT, "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60, check=True)
    except FileNotFoundError as error:
        raise UsageError("--changed needs git, which is not installed here") from error
    except subprocess.TimeoutExpired as error:
        raise UsageError("--changed: git did not answer within 60 s") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines() or ["it said nothing"]
        raise UsageError(
            f"--changed: git: {said[0]}\n  give a revision of the repository that {folder} is in"
        ) from error
    return done.stdout
