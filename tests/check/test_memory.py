"""MEM201 to MEM204: has this container what the manifest declares?"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.check.test_limits import ALLOWED, MIB, V2, written
from tests.conftest import skip_or_fail

from roadworthy.findings import Outcome, Report, Severity

Checked = Callable[..., Report]


def group(tmp_path: Path, **files: str) -> Path:
    """A control group of v2 with these files, on a machine of 4 GiB."""
    own = {f"sys__fs__cgroup__a__b__{name.replace('_', '.')}": text for name, text in files.items()}
    return written(tmp_path / "system", {**V2, **own, "proc__meminfo": f"MemTotal: {4 * MIB} kB\n"})


@pytest.mark.parametrize(
    ("declared", "limit", "told"),
    [
        ("512MiB", 256 * MIB, "the limit is 256 MiB, the manifest declares 512 MiB"),
        ("8GiB", None, "this machine has 4.0 GiB, the manifest declares 8.0 GiB"),
    ],
)
def test_less_memory_than_declared_is_told(
    checked: Checked, tmp_path: Path, declared: str, limit: int | None, told: str
) -> None:
    system = group(tmp_path, memory_max="max" if limit is None else str(limit))

    (finding,) = checked("MEM201", f"resources: {{memory: {declared}}}", system=system).findings

    assert finding.message == told


@pytest.mark.parametrize(("declared", "limit"), [("256MiB", 256 * MIB), ("256MiB", 512 * MIB), ("2GiB", None)])
def test_memory_as_declared_passes(checked: Checked, tmp_path: Path, declared: str, limit: int | None) -> None:
    system = group(tmp_path, memory_max="max" if limit is None else str(limit))

    assert checked("MEM201", f"resources: {{memory: {declared}}}", system=system).checks[0].verdict is Outcome.PASS


def test_memory_that_cannot_be_seen_is_not_tested(checked: Checked, tmp_path: Path) -> None:
    assert checked("MEM201", "", system=tmp_path).checks[0].verdict is Outcome.NOT_TESTED


@pytest.mark.parametrize(
    ("declared", "quota", "severities"),
    [
        ("resources: {cpu: 1}", "50000 100000", [Severity.ERROR]),
        ("agent: {command: [gunicorn, -w, '9', 'a:b']}\nresources: {cpu: 0.5}", "50000 100000", [Severity.WARNING]),
        ("agent: {command: [uvicorn, 'a:b', --workers=4]}", "100000 100000", [Severity.WARNING]),
        ("agent: {command: [gunicorn, -w9, 'a:b']}\nresources: {cpu: 1}", "50000 100000", [*Severity][:2]),
    ],
)
def test_too_few_processors_are_told(
    checked: Checked, tmp_path: Path, declared: str, quota: str, severities: list[Severity]
) -> None:
    report = checked("MEM202", declared, system=group(tmp_path, cpu_max=quota))

    assert [finding.severity for finding in report.findings] == severities


@pytest.mark.parametrize(
    ("declared", "quota", "environment"),
    [
        ("resources: {cpu: 0.5}", "50000 100000", {}),
        ("agent: {command: [gunicorn, -w, '3', 'a:b']}", "100000 100000", {}),
        ("agent: {command: [gunicorn, 'a:b']}", "100000 100000", {"WEB_CONCURRENCY": "2"}),
        ("agent: {command: [python, main.py, --workers, '64']}", "100000 100000", {}),
        (f"resources: {{cpu: {ALLOWED}}}", "max 100000", {}),
    ],
)
def test_processors_as_declared_pass(
    checked: Checked, tmp_path: Path, declared: str, quota: str, environment: dict[str, str]
) -> None:
    report = checked("MEM202", declared, environment, system=group(tmp_path, cpu_max=quota))

    assert (report.findings, report.checks[0].verdict) == ((), Outcome.PASS)


@pytest.mark.parametrize(
    ("folder", "told"),
    [("/nowhere/at/all", "cannot be used: No such file or directory"), ("/proc/sys", "cannot be written")],
)
def test_a_temporary_folder_that_cannot_be_used_is_told(checked: Checked, folder: str, told: str) -> None:
    (finding,) = checked("MEM203", "resources: {tmp: 1MiB}", {"TMPDIR": folder}).findings

    assert told in finding.message


def test_a_temporary_folder_with_too_little_space_is_told_and_one_with_enough_is_not(
    checked: Checked, tmp_path: Path
) -> None:
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    environment = {"TMPDIR": str(tmp_path)}

    assert len(checked("MEM203", f"resources: {{tmp: {free * 2}}}", environment).findings) == 1
    assert checked("MEM203", f"resources: {{tmp: {free // 4}}}", environment).checks[0].verdict is Outcome.PASS


FULL = """
mount -t tmpfs -o size=1m none "$1" && head -c 1048576 /dev/zero >"$1/full"
cd "$2" && TMPDIR="$1" exec "$3" -m roadworthy check --only MEM203
"""


@pytest.mark.slow
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    (tmp_path / "roadworthy.yaml").write_text("agent: {command: [python, main.py]}\nresources: {tmp: 512KiB}\n")
    folder = tmp_path / "tmp"
    folder.mkdir()

    argv = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", FULL, "sh"]
    done = subprocess.run(
        [*argv, str(folder), str(tmp_path), sys.executable], capture_output=True, text=True, check=False, timeout=60
    )

    if "MEM203" not in done.stdout:
        skip_or_fail(f"no mount namespace here: {done.stderr.strip()[-200:]}")
    assert done.returncode == 1
    assert "has 0 bytes left, the manifest declares 512 KiB" in " ".join(done.stdout.split())


LOOKS = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[1])))
from roadworthy.check.machine import Machine
from roadworthy.check.run import Asked, check
from roadworthy.manifest.loading import loads
text = "agent: {command: [python, main.py]}\\nbudgets: {concurrency: 50}\\nservices: {a: {host: a, port: 1, pool: 20}}"
print(check(Machine(loads(Path("/nowhere/roadworthy.yaml"), text), {}), Asked(only=("MEM204",))).checks[0])
"""


@pytest.mark.parametrize(("allowed", "verdict"), [(283, "FAIL"), (284, "PASS")])
def test_open_files_against_the_concurrency(allowed: int, verdict: str) -> None:
    """Fifty requests of four, a pool of twenty, and sixty-four of its own."""
    done = subprocess.run(
        [sys.executable, "-c", LOOKS, str(allowed)], capture_output=True, text=True, check=True, timeout=60
    )

    assert f"Outcome.{verdict}:" in done.stdout


def test_without_a_declared_concurrency_open_files_are_not_judged(checked: Checked) -> None:
    assert checked("MEM204", "").checks[0].reason == "no `budgets.concurrency` is declared"
