"""What a container may use, read from trees of files as the kernel shows them: a machine has v1 or v2, not both."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from roadworthy.check.limits import limits

MIB = 1024 * 1024


def tree(root: Path, **files: str) -> Path:
    """Files by path, `__` for `/`; `memory.max` and its like have dots of their own."""
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def written(root: Path, files: dict[str, str]) -> Path:
    return tree(root, **files)


V2 = {"proc__self__cgroup": "0::/a/b\n", "sys__fs__cgroup__cgroup.controllers": "cpu memory\n"}
V1 = {"proc__self__cgroup": "9:memory:/a/b\n4:cpu,cpuacct:/a/b\n1:name=systemd:/x\n"}


@pytest.mark.parametrize(
    ("files", "memory", "said_by"),
    [
        ({**V2, "sys__fs__cgroup__a__b__memory.max": f"{256 * MIB}\n"}, 256 * MIB, "/sys/fs/cgroup/a/b/memory.max"),
        (
            {**V2, "sys__fs__cgroup__a__b__memory.max": "max\n", "sys__fs__cgroup__a__memory.max": f"{64 * MIB}\n"},
            64 * MIB,
            "/sys/fs/cgroup/a/memory.max",
        ),
        (
            {
                **V2,
                "sys__fs__cgroup__a__b__memory.max": f"{512 * MIB}\n",
                "sys__fs__cgroup__a__memory.max": f"{128 * MIB}\n",
            },
            128 * MIB,
            "/sys/fs/cgroup/a/memory.max",
        ),
        # A container's own group is mounted as the root, and /proc names a path outside of it.
        ({**V2, "sys__fs__cgroup__memory.max": f"{32 * MIB}\n"}, 32 * MIB, "/sys/fs/cgroup/memory.max"),
        (
            {**V1, "sys__fs__cgroup__memory__a__b__memory.limit_in_bytes": f"{256 * MIB}\n"},
            256 * MIB,
            "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes",
        ),
        (
            {**V1, "sys__fs__cgroup__memory__memory.limit_in_bytes": f"{99 * MIB}\n"},
            99 * MIB,
            "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        ),
        # systemd's hybrid layout: v2 is mounted below, without controllers.
        (
            {
                "proc__self__cgroup": "9:memory:/a\n0::/a\n",
                "sys__fs__cgroup__unified__a__cgroup.procs": "1\n",
                "sys__fs__cgroup__memory__a__memory.limit_in_bytes": f"{77 * MIB}\n",
            },
            77 * MIB,
            "/sys/fs/cgroup/memory/a/memory.limit_in_bytes",
        ),
    ],
)
def test_the_tightest_limit_of_memory_counts(tmp_path: Path, files: dict[str, str], memory: int, said_by: str) -> None:
    found = limits(written(tmp_path, files))

    assert (found.memory, found.memory_from) == (memory, said_by)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {**V2, "sys__fs__cgroup__a__b__memory.max": "max\n"},
        {**V1, "sys__fs__cgroup__memory__a__b__memory.limit_in_bytes": "9223372036854771712\n"},
        {**V2, "sys__fs__cgroup__a__b__memory.max": "nonsense\n"},
        {"proc__self__cgroup": "0::/../outside\n", "sys__fs__cgroup__cgroup.controllers": "", "sys__outside__x": ""},
    ],
)
def test_without_a_limit_of_memory_there_is_none(tmp_path: Path, files: dict[str, str]) -> None:
    assert limits(written(tmp_path, files)).memory is None


ALLOWED = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("files", "processors"),
    [
        ({**V2, "sys__fs__cgroup__a__b__cpu.max": "50000 100000\n"}, 0.5),
        (
            {**V2, "sys__fs__cgroup__a__cpu.max": "25000 100000\n", "sys__fs__cgroup__a__b__cpu.max": "max 100000\n"},
            0.25,
        ),
        (
            {
                **V1,
                "sys__fs__cgroup__cpu__a__b__cpu.cfs_quota_us": "20000\n",
                "sys__fs__cgroup__cpu__a__b__cpu.cfs_period_us": "100000\n",
            },
            0.2,
        ),
        (
            {
                **V1,
                "sys__fs__cgroup__cpu,cpuacct__a__b__cpu.cfs_quota_us": "30000\n",
                "sys__fs__cgroup__cpu,cpuacct__a__b__cpu.cfs_period_us": "100000\n",
            },
            0.3,
        ),
        ({**V2, "sys__fs__cgroup__a__b__cpu.max": "max 100000\n"}, ALLOWED),
        ({**V2, "sys__fs__cgroup__a__b__cpu.max": "100000000 100000\n"}, ALLOWED),
        (
            {
                **V1,
                "sys__fs__cgroup__cpu__a__b__cpu.cfs_quota_us": "-1\n",
                "sys__fs__cgroup__cpu__a__b__cpu.cfs_period_us": "100000\n",
            },
            ALLOWED,
        ),
    ],
)
def test_the_quota_of_processors(tmp_path: Path, files: dict[str, str], processors: float) -> None:
    assert limits(written(tmp_path, files)).processors == processors


def test_the_machines_memory_is_read(tmp_path: Path) -> None:
    assert limits(tree(tmp_path, proc__meminfo="MemTotal:       2048 kB\nMemFree: 1 kB\n")).machine_memory == 2 * MIB


def test_the_open_files_are_those_of_this_process() -> None:
    looks = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (77, 77)); from pathlib import Path; "
        "from roadworthy.check.limits import limits; print(limits(Path('/')).open_files)"
    )

    assert subprocess.run([sys.executable, "-c", looks], capture_output=True, text=True, check=True).stdout == "77\n"
