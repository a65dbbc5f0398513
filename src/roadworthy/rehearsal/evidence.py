"""The evidence folder of `--keep`: what was seen in each trial, redacted, one JSON file each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from roadworthy.errors import UsageError
from roadworthy.rehearsal.observed import Observed

LEFT_OUT = frozenset({"terms", "mentions"})
"""The same in every trial, and in the manifest."""


def write(evidence: Sequence[tuple[str, Observed]], folder: Path) -> None:
    """One file a trial, named by its code and subject. Raises UsageError where the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, (code, seen) in enumerate(evidence, 1):
            subject = "".join(letter if letter.isalnum() else "-" for letter in seen.trial.subject)
            name = "-".join(part for part in (f"{number:02}", code, subject) if part)
            text = json.dumps(_plain(seen), indent=2, ensure_ascii=False)
            (folder / f"{name}.json").write_text(text + "\n", "utf-8")
    except OSError as error:
        raise UsageError(f"--keep {folder}: {error.strerror}") from error


def _plain(value: Any) -> Any:
    """Anything as JSON values; functions, which faults hold, by their absence."""
    if is_dataclass(value) and not isinstance(value, type):
        found = {field.name: getattr(value, field.name) for field in fields(value) if field.name not in LEFT_OUT}
        return {name: _plain(item) for name, item in found.items() if not callable(item)}
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
