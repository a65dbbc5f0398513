"""The environments of the framework agents: made once from their locked requirements, as their users would."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import skip_or_fail

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def environment_of(agent: str) -> str:
    """A PATH with the agent's own environment in front; the test is skipped where it cannot be made."""
    with _alone(HERE / agent) as folder:
        return _node(folder) if (folder / "package.json").exists() else _python(folder)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[Path]:
    """Other test processes wait meanwhile: what one is installing is not yet there for the other."""
    with (folder / "roadworthy.yaml").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield folder


def _python(folder: Path) -> str:
    locked, made = folder / "requirements.txt", folder / ".venv" / "made-from.txt"
    if not made.exists() or made.read_bytes() != locked.read_bytes():
        own = ROOT / ".tools" / "bin" / "uv"
        uv = str(own) if own.exists() else shutil.which("uv")
        if uv is None:
            skip_or_fail("uv is not installed: scripts/setup installs it")
        assert uv is not None
        python = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
        _run([uv, "venv", "--quiet", "--clear", "--python", str(python), ".venv"], folder)
        _run(
            [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", ".venv/bin/python", "-r", locked.name],
            folder,
        )
        shutil.copy(locked, made)
    return f"{folder / '.venv' / 'bin'}:{os.environ['PATH']}"


def _node(folder: Path) -> str:
    if shutil.which("npm") is None:
        skip_or_fail("npm is not installed: apt-get install npm")
    if not (folder / "node_modules").is_dir():
        _run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], folder)
    return os.environ["PATH"]


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"{' '.join(command)} in {folder.name}: {done.stderr[-1000:]}")
