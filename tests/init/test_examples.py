"""The bundled agents without their manifests: what init finds out is what their authors wrote."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from roadworthy.findings import Outcome
from roadworthy.init.discovery import drafted
from roadworthy.init.manifest_file import first
from roadworthy.init.writing import manifest_text
from roadworthy.manifest.loading import load
from roadworthy.rehearsal.options import Options
from roadworthy.rehearsal.run import main

ROOT = Path(__file__).parents[2]
EXAMPLES = ["sturdy", "fragile", "function", "command", "anthropic-async"]
FRAMEWORKS = ["anthropic", "flask", "langgraph", "openai-agents", "pydantic-ai", "smolagents"]


def copied(agent: Path, folder: Path) -> Path:
    copy = folder / agent.name
    shutil.copytree(
        agent, copy, ignore=shutil.ignore_patterns("roadworthy.yaml", "node_modules", "__pycache__", ".venv")
    )
    return copy


@pytest.mark.parametrize(
    "agent",
    [*(ROOT / "examples" / name for name in EXAMPLES), *(ROOT / "tests" / "frameworks" / name for name in FRAMEWORKS)],
    ids=lambda agent: agent.name,
)
def test_the_agent_is_started_and_asked_as_its_own_manifest_says(agent: Path, tmp_path: Path) -> None:
    copy = copied(agent, tmp_path)
    first(copy, {}).save()
    written, own = load(copy), load(agent)

    assert written.agent.entry == own.agent.entry
    assert (written.agent.command or ())[:2] == (own.agent.command or ())[:2]
    assert (written.agent.input, written.agent.port) == (own.agent.input, own.agent.port)
    assert written.agent.request == own.agent.request
    assert (written.agent.answer, written.agent.stream) == (own.agent.answer, own.agent.stream)
    if own.agent.health.ready:
        assert written.agent.health == own.agent.health
    assert set(own.env or {}) <= set(written.env or {})
    assert set(own.models) <= set(written.models)
    assert set(own.binaries) <= set(written.binaries)
    assert all((written.env or {})[name].secret == variable.secret for name, variable in (own.env or {}).items())


def test_the_example_in_the_docs_is_what_is_written(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "init.md").read_text()
    written = manifest_text(drafted(copied(ROOT / "examples" / "fragile", tmp_path), {}))

    assert f"```yaml\n{written}```" in page


@pytest.mark.slow
def test_right_after_init_a_rehearsal_starts(tmp_path: Path, enforcing_tier: str) -> None:
    assert enforcing_tier
    copy = copied(ROOT / "examples" / "sturdy", tmp_path)
    first(copy, {}).save()
    report = main(load(copy), Options(only=("PATH301",)), lambda _event: None)

    assert [(row.code, row.verdict) for row in report.verdicts] == [("PATH301", Outcome.PASS)], report
