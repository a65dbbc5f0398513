"""What the agent wrote: the upper layers of its copy-on-write views, and what changed in its copies."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

MOST_BYTES = 4 << 20
"""Of one file: a log of some requests is far smaller."""
MOST_FILES = 2000
SKIPPED = (".pyc", ".so")
"""Written by the interpreter, not by the agent."""


def written_texts(folder: Path, since: float) -> dict[str, str] | None:
    """By path below its view, the text of each file written from `since` (seconds of the epoch) on.

    `folder` is the start's own. None where there are neither views nor copies: nobody knows then who wrote what.
    Left out are `.env` files: a secret is where it belongs there.
    """
    roots = [*folder.glob("view-*/upper"), *folder.glob("view-*/copy")]
    if not roots:
        return None
    texts: dict[str, str] = {}
    for root in roots:
        for path in _files(root, since):
            try:
                with path.open("rb") as file:
                    texts[str(path.relative_to(root))] = file.read(MOST_BYTES).decode("utf-8", "replace")
            except OSError:
                continue  # gone meanwhile, or nobody else may read it
            if len(texts) == MOST_FILES:
                return texts
    return texts


def _files(root: Path, since: float) -> Iterator[Path]:
    for place, _, names in os.walk(root):
        for name in names:
            path = Path(place, name)
            if name.startswith(".env") or name.endswith(SKIPPED):
                continue
            try:
                found = path.lstat()
            except OSError:
                continue
            if stat.S_ISREG(found.st_mode) and found.st_mtime >= since - 0.01:
                yield path
