"""What this container may use: memory and processors by its control group (v1 and v2), open files by its limits."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

UNLIMITED = 1 << 60
"""Bytes. Without a limit v1 shows the largest multiple of a page below 2⁶³ (kernel: mm/page_counter.c)."""
SHORTEST_PERIOD = 1_000
"""Microseconds: a quota's period below that is none (kernel: sched/core.c)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """None: without a limit, or not to be seen."""

    memory: int | None
    """Bytes, of the tightest control group around this process."""
    memory_from: str | None
    """The file that says so."""
    machine_memory: int | None
    """Bytes of the whole machine."""
    processors: float
    """Processors' time per second: the quota, else the processors this process may run on."""
    processors_from: str
    open_files: int | None
    """Files and sockets that one process may have open; None: any number."""


def limits(system: Path) -> Limits:
    """The limits of this process. `system` is the root of `/proc` and `/sys`."""
    memory = min(_memory(system), default=None)
    quota = min(_quotas(system), default=None)
    allowed = float(len(os.sched_getaffinity(0)))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return Limits(
        memory=memory[0] if memory else None,
        memory_from=memory[1] if memory else None,
        machine_memory=_machine_memory(system),
        processors=quota[0] if quota and quota[0] < allowed else allowed,
        processors_from=quota[1] if quota and quota[0] < allowed else "the processors that it may run on",
        open_files=None if soft == resource.RLIM_INFINITY else soft,
    )


def _memory(system: Path) -> Iterator[tuple[int, str]]:
    for folder, version in _groups(system, "memory"):
        file = folder / ("memory.max" if version == 2 else "memory.limit_in_bytes")
        number = _number(_text(file))
        if number is not None and 0 < number < UNLIMITED:
            yield number, _told(system, file)


def _quotas(system: Path) -> Iterator[tuple[float, str]]:
    for folder, version in _groups(system, "cpu"):
        if version == 2:
            file = folder / "cpu.max"
            quota, _, period = _text(file).partition(" ")
        else:
            file = folder / "cpu.cfs_quota_us"
            quota, period = _text(file), _text(folder / "cpu.cfs_period_us")
        used, of = _number(quota), _number(period)
        if used is not None and of is not None and used > 0 and of >= SHORTEST_PERIOD:
            yield used / of, _told(system, file)


def _groups(system: Path, controller: str) -> Iterator[tuple[Path, int]]:
    """The control groups that hold this process, from its own up to the root, and their version.

    In a container the own group is usually mounted as the root, and what /proc says is a path outside of it: then the
    root alone is there.
    """
    unified, own = None, None
    for line in _text(system / "proc/self/cgroup").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controller in controllers.split(","):
            own = path
        elif number == "0" and controllers == "":
            unified = path
    mounts = system / "sys/fs/cgroup"
    if own is not None:
        for root in (mounts / controller, mounts / "cpu,cpuacct", mounts / "cpuacct,cpu"):
            if root.is_dir() and (controller == "cpu" or root.name == controller):
                yield from ((folder, 1) for folder in _upwards(root, own))
                break
    if unified is not None:
        # Beside v1 (the hybrid layout of systemd) it is mounted below, and holds no controllers.
        root = mounts if (mounts / "cgroup.controllers").is_file() else mounts / "unified"
        yield from ((folder, 2) for folder in _upwards(root, unified))


def _upwards(root: Path, path: str) -> Iterator[Path]:
    own = root / path.lstrip("/")
    if ".." not in own.parts and own.is_dir():
        while own != root:
            yield own
            own = own.parent
    yield root


def _machine_memory(system: Path) -> int | None:
    for line in _text(system / "proc/meminfo").splitlines():
        if line.startswith("MemTotal:"):
            number = _number(line.split()[1])
            return None if number is None else number * 1024
    return None


def _text(file: Path) -> str:
    try:
        return file.read_text("ascii", "replace").strip()
    except OSError:
        return ""


def _number(text: str) -> int | None:
    return int(text) if text.removeprefix("-").isdecimal() else None


def _told(system: Path, file: Path) -> str:
    return f"/{file.relative_to(system)}"
