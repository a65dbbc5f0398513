"""What a slim image has on PATH: this machine's programs, less all that such an image lacks."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

FOLDERS = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin", "/sbin")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

FORGET_AFTER = 30 * 86_400
"""Seconds."""


def slim_names(kind: str) -> frozenset[str]:
    """The programs of a slim Debian 12 image, with Python or without.

    Source: /usr/bin and /usr/sbin of a minimal bookworm debootstrap, November 2026.
    """
    name = "slim-binaries-python-bookworm.txt" if kind == "python" else "slim-binaries-bookworm.txt"
    return frozenset(resources.files("roadworthy.data").joinpath(name).read_text("utf-8").split())


def slim_folders(names: Iterable[str], kept: Iterable[str], strangers: Iterable[str], cache: Path) -> dict[str, Path]:
    """For each folder of programs one that holds only `names`, and an empty file for each of `kept`.

    `strangers` lie in none of them: they get their empty file in /usr/local/bin.

    Programs are copied, so that every other name is simply not there (a mask over a file would answer
    EACCES instead of ENOENT), once for a state of this machine; `kept` ones are bound over their empty file.
    """
    wanted, kept, strangers = frozenset(names), frozenset(kept), frozenset(strangers)
    made = {}
    for folder in FOLDERS:
        source = Path(folder)
        if source.is_symlink() or not source.is_dir():
            continue
        more = strangers if folder == "/usr/local/bin" else frozenset()
        state = f"{source.stat().st_mtime_ns} {sorted(wanted)} {sorted(kept)} {sorted(more)}"
        target = cache / f"{folder.strip('/').replace('/', '-')}-{hashlib.sha256(state.encode()).hexdigest()[:16]}"
        if target.is_dir():
            os.utime(target)
        else:
            _forget(cache)
            _fill(source, target, wanted, kept, more)
        made[folder] = target
    return made


def _forget(cache: Path) -> None:
    """Remove what no rehearsal has used for long: each new state of this machine leaves some 30 MB behind."""
    for folder in cache.iterdir() if cache.is_dir() else ():
        if folder.stat().st_mtime < time.time() - FORGET_AFTER:
            shutil.rmtree(folder, ignore_errors=True)


def _fill(source: Path, target: Path, wanted: frozenset[str], kept: frozenset[str], more: frozenset[str]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=".slim-"))
    draft.chmod(0o755)
    for name in more:
        (draft / name).touch()
    for entry in os.scandir(source):
        if entry.name in kept:
            (draft / entry.name).touch()
        elif entry.name in wanted and not entry.is_dir():
            try:
                shutil.copy2(entry.path, draft / entry.name, follow_symlinks=False)
            except PermissionError:
                continue  # not readable for this user, so not usable either
    try:
        draft.rename(target)
    except OSError:  # somebody else was faster
        shutil.rmtree(draft, ignore_errors=True)
        if not target.is_dir():
            raise


def cache_folder(otherwise: Path) -> Path:
    """Where copies of programs are kept between runs; a new one is made when this machine's change.

    `otherwise` where this user has no folder for caches.
    """
    home = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    folder = Path(home) / "roadworthy" / "programs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return otherwise
    return folder if os.access(folder, os.W_OK) else otherwise
