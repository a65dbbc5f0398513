"""Limits by control groups, version 1 and 2, where this user may make them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
CPU_PERIOD = 100_000
"""Microseconds: the kernel's default accounting period."""


@dataclass(slots=True)
class Group:
    """One agent's group: its folders in each hierarchy."""

    folders: list[Path] = field(default_factory=list)
    memory: Path | None = None
    cpu: Path | None = None

    def limit_memory(self, limit: int) -> None:
        """Kill above `limit` bytes. Raises OSError."""
        assert self.memory is not None
        if (self.memory / "memory.max").exists():
            _write(self.memory / "memory.max", limit)
            with contextlib.suppress(OSError):  # no swap in this kernel
                _write(self.memory / "memory.swap.max", 0)
        else:
            _write(self.memory / "memory.limit_in_bytes", limit)
            with contextlib.suppress(OSError):  # swap is not accounted in this kernel
                _write(self.memory / "memory.memsw.limit_in_bytes", limit)

    def limit_cpu(self, cores: float) -> None:
        """Give `cores` processors' time. Raises OSError."""
        assert self.cpu is not None
        quota = int(cores * CPU_PERIOD)
        if (self.cpu / "cpu.max").exists():
            (self.cpu / "cpu.max").write_text(f"{quota} {CPU_PERIOD}")
        else:
            _write(self.cpu / "cpu.cfs_period_us", CPU_PERIOD)
            _write(self.cpu / "cpu.cfs_quota_us", quota)

    def kills(self) -> int:
        """How many processes the memory limit has killed."""
        if self.memory is None:
            return 0
        for name in ("memory.events", "memory.oom_control"):
            with contextlib.suppress(OSError):
                for line in (self.memory / name).read_text().splitlines():
                    key, _, value = line.partition(" ")
                    if key == "oom_kill":
                        return int(value)
        return 0

    def used(self) -> int | None:
        """Bytes in use, without what the kernel would give back from its file cache."""
        if self.memory is None:
            return None
        with contextlib.suppress(OSError, ValueError):
            stat = dict(line.split() for line in (self.memory / "memory.stat").read_text().splitlines())
            if "total_rss" in stat:
                return int(stat["total_rss"]) + int(stat.get("total_shmem", 0))
            return int(stat["anon"]) + int(stat.get("shmem", 0))
        return None

    def processes(self) -> list[int]:
        """Who is in it; never 0, which stands for a process that cannot be seen from here."""
        found: set[int] = set()
        for folder in self.folders:
            with contextlib.suppress(OSError):
                found.update(map(int, (folder / "cgroup.procs").read_text().split()))
        return sorted(found - {0})

    def remove(self) -> None:
        """Remove the empty folders; the kernel may need a moment after the last process."""
        deadline = time.monotonic() + 2
        for folder in self.folders:
            while folder.exists():
                try:
                    folder.rmdir()
                except OSError:
                    if time.monotonic() > deadline:
                        break
                    time.sleep(0.005)


def make_group(name: str) -> Group:
    """A new group for one agent, as far as this user may make one: look at its `memory` and `cpu`."""
    group = Group()
    for folder in parents():
        made = folder / name
        try:
            made.mkdir()
        except OSError:
            continue
        group.folders.append(made)
        controllers = _controllers(made)
        if "memory" in controllers and group.memory is None:
            group.memory = made
        if "cpu" in controllers and group.cpu is None:
            group.cpu = made
    return group


@cache
def parents() -> tuple[Path, ...]:
    """Folders in which a group can be made and joined: tried out once."""
    return tuple(folder for folder in _candidates() if _works(folder))


def _works(folder: Path) -> bool:
    """Whether a process can be moved into a new group here, and that group limits anything.

    Under version 2 a folder may be writable, and moving into it is refused all the same.
    """
    trial = Group([folder / f"roadworthy-try-{os.getpid()}"])
    made = trial.folders[0]
    try:
        made.mkdir()
        moved = subprocess.run(
            ["/bin/sh", "-c", 'echo $$ >"$1"', "sh", str(made / "cgroup.procs")], check=False, capture_output=True
        )
        return moved.returncode == 0 and not _controllers(made).isdisjoint(("memory", "cpu"))
    except OSError:
        return False
    finally:
        trial.remove()


def _controllers(folder: Path) -> frozenset[str]:
    """What a group can limit: version 2 says so, in version 1 the files do."""
    with contextlib.suppress(OSError):
        return frozenset((folder / "cgroup.controllers").read_text().split())
    files = {"memory": "memory.limit_in_bytes", "cpu": "cpu.cfs_quota_us"}
    return frozenset(name for name, file in files.items() if (folder / file).exists())


def _candidates() -> list[Path]:
    """Our own group in each version 1 hierarchy, and beside our own in version 2."""
    found: list[Path] = []
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return found
    for line in lines:
        _, names, path = line.split(":", 2)
        if names in ("memory", "cpu", "cpu,cpuacct", "cpuacct,cpu"):
            folder = ROOT / names / path.lstrip("/")
            if folder.is_dir() and os.access(folder, os.W_OK):
                found.append(folder)
        elif names == "" and (ROOT / "cgroup.controllers").exists():
            # Version 2 lets no group hold both processes and limited children: make ours beside our own.
            own = ROOT / path.lstrip("/")
            for folder in (own.parent, ROOT):
                control = folder / "cgroup.subtree_control"
                if folder.is_relative_to(ROOT) and os.access(folder, os.W_OK) and control.exists():
                    with contextlib.suppress(OSError):
                        control.write_text("+memory +cpu")
                    found.append(folder)
                    break
    return found


def _write(file: Path, value: int) -> None:
    file.write_text(str(value))
