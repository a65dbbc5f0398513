"""The command line in this process, and a project for it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from roadworthy.cli.main import run


@dataclass(frozen=True)
class Done:
    """What one command did."""

    status: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture(autouse=True)
def quiet_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> Done:
        status = run(arguments)
        captured = capsys.readouterr()
        return Done(status, captured.out, captured.err)

    return call


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a project with the smallest manifest; it is the current one."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "roadworthy.yaml").write_text("agent: {entry: app.py:agent}\n")
    (folder / "app.py").write_text("def agent(query): return query\n")
    monkeypatch.chdir(folder)
    return folder
