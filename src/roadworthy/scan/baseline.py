"""What an old project is known to have: findings that are kept in a file, so that only new ones are told."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from roadworthy.errors import UsageError
from roadworthy.findings import Finding

VERSION = 1


def write_baseline(file: Path, findings: Iterable[Finding]) -> int:
    """Write what was found to `file`; gives how many. Raises UsageError where it cannot be written."""
    counts: Counter[tuple[str, str, str, str]] = Counter(
        (each.fingerprint, each.code, each.path or "", each.message) for each in findings
    )
    rows = [
        {"fingerprint": fingerprint, "count": count, "code": code, "path": path, "message": message}
        for (fingerprint, code, path, message), count in sorted(counts.items(), key=lambda item: item[0][1:])
    ]
    text = json.dumps({"version": VERSION, "findings": rows}, indent=1, ensure_ascii=False) + "\n"
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}") from error
    return sum(counts.values())


def read_baseline(file: Path) -> Counter[str]:
    """How often each fingerprint is known. Raises UsageError where the file is none that `write_baseline` wrote."""
    try:
        found = json.loads(file.read_text("utf-8"))
        return Counter({row["fingerprint"]: int(row["count"]) for row in found["findings"]})
    except OSError as error:
        raise UsageError(
            f"{file}: cannot be read: {error.strerror}\n  --write-baseline {file} writes what is found now"
        ) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(
            f"{file}: this is no baseline\n  --write-baseline {file} writes a new one from what is found now"
        ) from error


def new_since(findings: Iterable[Finding], known: Counter[str]) -> list[Finding]:
    """The findings that are not known. Of three that look the same, where two are known, the last one is new."""
    left, found = Counter(known), []
    for finding in findings:
        if left[finding.fingerprint] > 0:
            left[finding.fingerprint] -= 1
        else:
            found.append(finding)
    return found
