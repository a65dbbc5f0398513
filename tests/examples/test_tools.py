"""Sturdy's search holds little memory, leaves no process behind, and says what went wrong."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
from pathlib import Path

import pytest

GOOD = {"OPENAI_API_KEY": "sk-0123456789abcdefghij", "CUSTOMERS_URL": "http://127.0.0.1:1"}

pytestmark = pytest.mark.usefixtures("ripgrep")


@pytest.fixture
def tools(sturdy, tmp_path):
    (tmp_path / "returns.md").write_text("A refund is paid within five days.\n")
    return sturdy.tools.Tools(dataclasses.replace(sturdy.settings.load(GOOD), knowledge=tmp_path))


def shim(tmp_path, monkeypatch, script):
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "rg").write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\n{script}\n")
    (folder / "rg").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


async def is_gone(tmp_path) -> bool:
    """Nothing of the shim's process group runs: what waits to be reaped by init does not count."""
    group = (tmp_path / "pid").read_text().strip()
    for _ in range(100):
        if not any(state != "Z" for state in states(group)):
            return True
        await asyncio.sleep(0.01)
    return False


def states(group: str):
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if its_group == group:
                yield state


async def test_a_line_is_found(tools):
    assert await tools.run("search", '{"query": "REFUND"}') == "./returns.md:A refund is paid within five days.\n"


async def test_nothing_found_is_said(tools):
    assert await tools.run("search", '{"query": "zebra"}') == "nothing found"


@pytest.mark.parametrize("query", ["-e", "--pre=/bin/sh", "(", "a\nb", "*"])
async def test_a_query_stays_a_query(tools, query):
    assert await tools.run("search", json.dumps({"query": query})) == "nothing found"


async def test_a_flood_is_cut_and_its_source_ended(sturdy, tools, tmp_path, monkeypatch):
    shim(tmp_path, monkeypatch, "yes flood & yes flood")

    found = await tools.run("search", '{"query": "refund"}')

    assert len(found) == sturdy.tools.MOST_BYTES
    assert await is_gone(tmp_path)


async def test_one_that_never_ends_is_ended_in_time(sturdy, tools, tmp_path, monkeypatch):
    monkeypatch.setattr(sturdy.tools, "TOOL_TIMEOUT", 0.3)
    shim(tmp_path, monkeypatch, "sleep 1000 & sleep 1000")

    found = json.loads(await tools.run("search", '{"query": "refund"}'))

    assert found == {"error": "search did not answer within 0.3 s"}
    assert await is_gone(tmp_path)


@pytest.mark.parametrize(
    ("name", "arguments", "problem"),
    [
        ("delete", "{}", "there is no tool 'delete'"),
        ("search", '{"query": "abc', "these arguments do not fit search"),
        ("search", "[]", "these arguments do not fit search"),
        ("search", '{"word": "abc"}', "these arguments do not fit search"),
        ("search", '{"query": 3}', "these arguments do not fit search"),
        ("search", '{"query": "a\\u0000b"}', "these arguments do not fit search"),
        ("customer", '{"customer_id": "1/../2"}', "these arguments do not fit customer"),
        ("customer", '{"customer_id": 1}', "customer is not available: ConnectError"),
    ],
)
async def test_a_failing_tool_says_why(tools, name, arguments, problem):
    assert json.loads(await tools.run(name, arguments)) == {"error": problem}
