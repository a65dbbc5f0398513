"""The agent's processes, seen from outside: who they are, what memory they hold."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")


def children(pid: int) -> list[int]:
    """The direct children of every thread of a process."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError, ValueError):
                found += map(int, (task / "children").read_text().split())
    return found


def family(pid: int) -> list[int]:
    """A process and everything below it."""
    found, waiting = [], [pid]
    while waiting:
        current = waiting.pop()
        found.append(current)
        waiting += children(current)
    return found


def is_running(pid: int) -> bool:
    """Whether there is such a process, and it has not ended without being reaped."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in ("Z", "X")


def resident(pid: int) -> int:
    """RSS in bytes: quick, counts pages that forks share once for each."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    return 0


def proportional(pid: int) -> int:
    """PSS in bytes: right, and some fifty times slower than `resident`, which stands in where there is none."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return resident(pid)


def held(pid: int) -> int:
    """PSS in bytes without the pages of files, which the kernel takes back when it needs room; with what is swapped.

    Plain PSS where the kernel does not tell them apart (before Linux 5.4).
    """
    with contextlib.suppress(OSError, ValueError):
        lines = (line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines())
        sizes = {fields[0]: int(fields[1]) * 1024 for fields in lines if fields[-1] == "kB"}
        if "Pss_Anon:" in sizes:
            return sum(sizes.get(name, 0) for name in ("Pss_Anon:", "Pss_Shmem:", "SwapPss:"))
    return proportional(pid)


def threads(pid: int) -> int:
    """How many threads a process has."""
    return _entries(f"/proc/{pid}/task")


def open_files(pid: int) -> int:
    """How many files and connections a process has open; 0 where this user may not see them."""
    return _entries(f"/proc/{pid}/fd")


def _entries(folder: str) -> int:
    with contextlib.suppress(OSError):
        return sum(1 for _ in Path(folder).iterdir())
    return 0
