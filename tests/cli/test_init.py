"""`roadworthy init` from the command line: what it writes, what it says, and that it never overwrites."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from roadworthy.manifest.loading import load

SERVICE = """
import os
from fastapi import FastAPI
from openai import OpenAI
from pydantic import BaseModel

app = FastAPI()
client = OpenAI()
region = os.getenv("REGION", "eu")


class Question(BaseModel):
    question: str


@app.post("/ask")
def ask(question: Question):
    return {"answer": question.question}
"""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without a manifest; it is the current folder."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "main.py").write_text(SERVICE)
    monkeypatch.chdir(folder)
    return folder


def test_it_writes_a_manifest_that_loads_and_says_what_to_do_next(source: Path, cli: Run) -> None:
    done = cli("init")

    assert (done.status, done.err) == (0, "")
    assert done.out == ("roadworthy.yaml written: 2 variables\nlook it through, then: roadworthy rehearse --quick\n")
    agent = load(source).agent
    assert (agent.request.path, agent.request.json, agent.answer) == ("/ask", {"question": "{{input}}"}, "$.answer")


def test_nothing_of_the_project_is_run(source: Path, cli: Run) -> None:
    (source / "main.py").write_text(SERVICE + "\nopen('ran', 'w')\nraise SystemExit(3)\n")

    assert cli("init").status == 0
    assert not (source / "ran").exists()


@pytest.mark.parametrize("name", ["roadworthy.yaml", "roadworthy.yml", "pyproject.toml"])
def test_a_manifest_that_is_there_is_left_as_it_is(source: Path, cli: Run, name: str) -> None:
    text = '[tool.roadworthy]\nagent = {entry = "app.py:agent"}\n' if name.endswith(".toml") else "agent: {}\n"
    (source / name).write_text(text)
    done = cli("init")

    assert (done.status, done.out) == (2, "")
    assert f"{name}: there is a manifest already" in done.err
    assert "init --update" in done.err
    assert (source / name).read_text() == text
    assert sorted(os.listdir(source)) == sorted({"main.py", name})


def test_diff_shows_the_file_and_writes_nothing(source: Path, cli: Run) -> None:
    done = cli("init", "--diff")

    assert done.out.startswith("--- /dev/null\n+++ roadworthy.yaml\n@@")
    assert "+  answer: $.answer" in done.out
    assert os.listdir(source) == ["main.py"]


def test_update_adds_what_is_new_and_keeps_all_else(source: Path, cli: Run) -> None:
    before = (
        "# ours\nagent: {entry: main.py:app}   # by hand\n\nenv:\n    OPENAI_API_KEY:   {secret: true}\n"
        "    OLD: {required: false} # gone\n\n# the end\n"
    )
    (source / "roadworthy.yaml").write_text(before)
    done = cli("init", "--update")

    after = (source / "roadworthy.yaml").read_text()
    assert after == before.replace("# gone\n", "# gone\n    REGION: {default: eu}  # main.py:9\n")
    assert done.out == (
        "roadworthy.yaml: 1 added\n  + env.REGION (main.py:9)\n"
        "  ? env.OLD is declared, and no file that was read names it\n"
    )
    assert "nothing new was seen" in cli("init", "--update").out
    assert (source / "roadworthy.yaml").read_text() == after


def test_update_with_diff_writes_nothing(source: Path, cli: Run) -> None:
    (source / "roadworthy.yaml").write_text("agent: {entry: main.py:app}\n")

    assert "+env:" in cli("init", "--update", "--diff").out
    assert (source / "roadworthy.yaml").read_text() == "agent: {entry: main.py:app}\n"


def test_update_without_a_manifest_says_how_a_first_one_is_written(source: Path, cli: Run) -> None:
    done = cli("init", "--update")

    assert done.status == 2
    assert "no manifest in" in done.err
    assert os.listdir(source) == ["main.py"]


def test_update_of_a_manifest_with_a_mistake_tells_the_mistake(source: Path, cli: Run) -> None:
    (source / "roadworthy.yaml").write_text("agent: {entry: main.py:app}\nenviroment: {}\n")
    done = cli("init", "--update")

    assert (done.status, 'did you mean "env"?' in done.err) == (2, True)


def test_update_of_a_table_in_pyproject_says_that_it_cannot(source: Path, cli: Run) -> None:
    (source / "pyproject.toml").write_text('[tool.roadworthy]\nagent = {entry = "app.py:agent"}\n')
    done = cli("init", "--update")

    assert (done.status, "--update adds to a YAML file alone" in done.err) == (2, True)


def test_a_file_that_is_no_python_is_named_and_the_rest_is_read(source: Path, cli: Run) -> None:
    (source / "broken.py").write_text("def (:\n")
    done = cli("init")

    assert done.status == 0
    assert "1 file could not be read" in done.out
    assert "#   broken.py:1: no Python" in (source / "roadworthy.yaml").read_text()
    assert load(source).agent.request.path == "/ask"


def test_an_empty_folder_is_told(tmp_path: Path, cli: Run) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    done = cli("init", str(folder))

    assert (done.status, done.out) == (2, "")
    assert "no source here" in done.err


@pytest.mark.parametrize(("name", "said"), [("nowhere", "is not there"), ("main.py", "is a file")])
def test_what_is_no_folder_is_told(source: Path, cli: Run, name: str, said: str) -> None:
    done = cli("init", name)

    assert done.status == 2
    assert f"{name} {said}" in done.err


def test_only_broken_files_are_told(tmp_path: Path, cli: Run) -> None:
    (tmp_path / "broken.py").write_text("def (:\n")
    done = cli("init", str(tmp_path))

    assert done.status == 2
    assert "none of its files could be read\n  broken.py:1" in done.err


def test_a_project_without_python_gets_a_file_to_fill_in(tmp_path: Path, cli: Run) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY agent /agent\n")
    done = cli("init", str(folder))

    assert done.status == 0
    assert "Nothing was found that a request can ask" in done.out
    assert load(folder).agent.command == ("python", "main.py")


def test_a_circle_of_links_ends(source: Path, cli: Run) -> None:
    (source / "circle").symlink_to(source)
    (source / "loop.py").symlink_to("loop.py")

    assert cli("init").status == 0


@pytest.mark.ordinary_user
def test_an_unreadable_folder_is_named(source: Path, cli: Run) -> None:
    (source / "private").mkdir(mode=0)
    try:
        cli("init")
        assert "#   private: the folder cannot be read" in (source / "roadworthy.yaml").read_text()
    finally:
        (source / "private").chmod(0o700)


@pytest.mark.ordinary_user
def test_a_folder_that_cannot_be_written_is_told(source: Path, cli: Run) -> None:
    source.chmod(0o500)
    try:
        done = cli("init")
        assert (done.status, "cannot be written: Permission denied" in done.err) == (2, True)
    finally:
        source.chmod(0o700)


def test_a_dangling_link_in_the_manifests_place_is_not_followed(source: Path, cli: Run) -> None:
    (source / "roadworthy.yaml").symlink_to(source / "elsewhere.yaml")
    done = cli("init")

    assert (done.status, "cannot be written" in done.err) == (2, True)
    assert not (source / "elsewhere.yaml").exists()
