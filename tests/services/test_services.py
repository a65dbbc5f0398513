"""NET301 to NET303 with real clients and their pools, against a real PostgreSQL and a real Redis.

Each agent is sound and passes all three; each of its twins in twins.toml fails the one that it is written for.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.rehearsal.test_pairs import told
from tests.services.servers import Server

from roadworthy.findings import Outcome, Verdict
from roadworthy.manifest.loading import load
from roadworthy.rehearsal.options import Options
from roadworthy.rehearsal.run import main

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("enforcing_tier")]

HERE = Path(__file__).parent
SERVER_OF = {"asyncpg": "database", "psycopg": "database", "redis": "cache"}
VARIABLE_OF = {"database": "DATABASE_URL", "cache": "REDIS_URL"}
ALL = ("NET301", "NET302", "NET303")


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Replace `old`, which stands once in main.py."""

    old: str
    new: str


class Twin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An agent with one hazard written into it."""

    agent: str
    code: str
    name: str
    story: str
    edit: tuple[Edit, ...]
    both: tuple[Edit, ...] = ()
    every_run: bool = False

    @property
    def id(self) -> str:
        return f"{self.agent}-{self.code}-{self.name}"


class Twins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file of them."""

    twin: tuple[Twin, ...]


TWINS = msgspec.toml.decode((HERE / "twins.toml").read_bytes(), type=Twins).twin


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    """The one that the test's agent uses."""
    agent = request.getfixturevalue("agent")
    found: Server = request.getfixturevalue(SERVER_OF[agent])
    return found


@pytest.mark.parametrize("agent", SERVER_OF)
def test_a_sound_agent_passes(agent: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address(agent, server.tcp, monkeypatch)

    verdicts = rehearsed(write(agent, tmp_path / "agent", server), *ALL)

    assert [told(verdict) for verdict in verdicts if verdict.verdict != Outcome.PASS] == []


@pytest.mark.parametrize(
    ("agent", "twin"),
    [pytest.param(twin.agent, twin, id=twin.id, marks=() if twin.every_run else pytest.mark.pairs) for twin in TWINS],
)
def test_its_failing_twin_fails(
    agent: str, twin: Twin, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address(agent, server.tcp, monkeypatch)

    (verdict,) = rehearsed(write(agent, tmp_path / "agent", server, (*twin.both, *twin.edit)), twin.code)

    assert verdict.verdict == Outcome.FAIL, told(verdict)
    assert all((verdict.title, verdict.seen, verdict.should, verdict.fix)), told(verdict)


@pytest.mark.parametrize(
    ("agent", "twin"),
    [pytest.param(twin.agent, twin, id=twin.id, marks=pytest.mark.pairs) for twin in TWINS if twin.both],
)
def test_a_mended_twin_with_edits_of_its_own_passes(
    agent: str, twin: Twin, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address(agent, server.tcp, monkeypatch)

    (verdict,) = rehearsed(write(agent, tmp_path / "agent", server, twin.both), twin.code)

    assert verdict.verdict == Outcome.PASS, told(verdict)


@pytest.mark.parametrize("agent", ["asyncpg", "redis"])
def test_a_unix_socket_is_no_network(
    agent: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address(agent, server.unix, monkeypatch)

    *verdicts, production = rehearsed(write(agent, tmp_path / "agent", server), *ALL, "ALL301")

    assert [verdict.verdict for verdict in verdicts] == [Outcome.NOT_TESTED] * 3, verdicts
    for verdict in verdicts:
        assert f"only unix sockets lead to services ({SERVER_OF[agent]} by {server.folder}" in (verdict.reason or "")
    assert production.verdict == Outcome.PASS, told(production)


def address(agent: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The developer's variable, and a Python that has the clients."""
    monkeypatch.setenv(VARIABLE_OF[SERVER_OF[agent]], url)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")


def write(agent: str, folder: Path, server: Server, edits: Iterable[Edit] = ()) -> Path:
    """The agent with these edits, in a new folder."""
    shutil.copytree(HERE / agent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "main.py"
    text = file.read_text("utf-8")
    for edit in edits:
        assert text.count(edit.old) == 1, f"{text.count(edit.old)} times, not once: {edit.old}"
        text = text.replace(edit.old, edit.new.replace("{{url}}", server.tcp))
    file.write_text(text, "utf-8")
    return folder


def rehearsed(folder: Path, *codes: str) -> list[Verdict]:
    """The verdicts on these scenarios, in their order."""
    report: Any = main(load(folder / "roadworthy.yaml"), Options(only=codes, seed=7), lambda _event: None)
    by_code = {verdict.code: verdict for verdict in report.verdicts}
    return [by_code[code] for code in codes]
