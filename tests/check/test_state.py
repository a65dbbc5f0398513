"""STATE201: several workers, and conversations in the memory of one."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from roadworthy.findings import Outcome, Report, Severity

Checked = Callable[..., Report]
IN_MEMORY = """
from fastapi import FastAPI

app = FastAPI()
histories = {}


@app.post("/agent")
async def answer(session_id: str, query: str):
    histories.setdefault(session_id, []).append(query)
    return {"output": str(histories[session_id])}
"""
SHARED = """
import os

import redis
from fastapi import FastAPI

app = FastAPI()
store = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=5)


@app.post("/agent")
def answer(session_id: str, query: str):
    store.rpush(session_id, query)
    return {"output": str(store.lrange(session_id, 0, -1))}
"""


def project(folder: Path, source: str) -> None:
    (folder / "main.py").write_text(textwrap.dedent(source))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "environment"),
    [
        ("[uvicorn, 'main:app', --workers, '4']", {}),
        ("[gunicorn, -w2, 'main:app']", {}),
        ("[uvicorn, 'main:app']", {"WEB_CONCURRENCY": "3"}),
    ],
)
def test_workers_that_each_keep_conversations_are_told(
    checked: Checked, tmp_path: Path, command: str, environment: dict[str, str]
) -> None:
    project(tmp_path, IN_MEMORY)

    services = "services: {cache: {host: redis, port: 6379}}"
    report = checked("STATE201", f"agent: {{command: {command}}}\n{services}", environment, patience=60)

    (finding,) = report.findings
    assert (finding.path, finding.severity) == ("main.py", Severity.ERROR)
    assert "workers, and each keeps its own" in finding.message


@pytest.mark.slow
def test_workers_that_share_a_store_pass(checked: Checked, tmp_path: Path) -> None:
    project(tmp_path, SHARED)

    report = checked("STATE201", "agent: {command: [uvicorn, 'main:app', --workers, '4']}", patience=60)

    assert report.findings == ()
    assert report.checks[0].verdict is Outcome.PASS


@pytest.mark.parametrize(
    ("command", "verdict", "reason"),
    [
        ("[uvicorn, 'main:app', --workers, '1']", Outcome.PASS, "one worker"),
        ("[uvicorn, 'main:app']", Outcome.NOT_TESTED, "nothing says that more than one worker serves"),
        ("[python, main.py]", Outcome.NOT_TESTED, "nothing says that more than one worker serves"),
    ],
)
def test_one_worker_may_keep_what_it_likes(
    checked: Checked, tmp_path: Path, command: str, verdict: Outcome, reason: str
) -> None:
    project(tmp_path, IN_MEMORY)

    report = checked("STATE201", f"agent: {{command: {command}}}")

    assert (report.checks[0].verdict, report.checks[0].reason) == (verdict, reason)


def test_several_workers_without_source_are_not_tested(checked: Checked) -> None:
    (line,) = checked("STATE201", "agent: {command: [uvicorn, 'main:app', --workers, '4']}").checks

    assert (line.verdict, line.reason) == (Outcome.NOT_TESTED, "4 workers, and source is not here")
