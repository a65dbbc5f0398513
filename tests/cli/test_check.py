"""The verb `check`, as a user types it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from roadworthy.cli.main import run

MANIFEST = """\
name: helper
agent: {command: [python, main.py]}
env:
  API_KEY: {secret: true, pattern: "sk-.+"}
  MODE: {default: fast, choices: [fast, slow]}
"""
SECRET = "sk-4f9d0c7e21b8a6"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "roadworthy.yaml").write_text(MANIFEST)
    (tmp_path / "main.py").write_text("print('hello')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("API_KEY", SECRET)
    monkeypatch.delenv("MODE", raising=False)
    return tmp_path


def test_a_machine_that_is_ready(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--only", "ENV201,ENV202,ENV203"]) == 0

    assert "✓ all variables set" in capsys.readouterr().out


def test_all_that_is_wrong_is_told_at_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    monkeypatch.delenv("API_KEY")
    monkeypatch.setenv("MODE", "'fast'")
    (project / "roadworthy.yaml").write_text(f"{MANIFEST}timeouts: {{request: 10s, model: 20s}}\n")

    status = run(["check", "--only", "ENV,TIME201"])

    told = capsys.readouterr().out
    assert status == 1
    assert "API_KEY is not set" in told
    assert "MODE has quotes around it" in told
    assert "timeouts.model is 20.0 s" in told


def test_a_warning_fails_the_check_only_when_strict(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "roadworthy.yaml").write_text("agent: {command: [gunicorn, -w, '64', 'app:app']}\n")

    assert run(["check", "--only", "MEM202"]) == 0
    assert run(["check", "--only", "MEM202", "--strict"]) == 1


def test_a_waived_finding_is_shown_and_does_not_fail(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("API_KEY")
    (project / "roadworthy.yaml").write_text(f'{MANIFEST}accept: {{ENV201: "it comes with the first request"}}\n')

    assert run(["check", "--only", "ENV201"]) == 0

    assert "it comes with the first request" in capsys.readouterr().out


def test_a_waiver_of_a_code_that_there_is_not_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "roadworthy.yaml").write_text(f"{MANIFEST}accept: {{ENV299: because, LIFE302: known, ENV201: x}}\n")

    run(["check", "--only", "ENV201"])

    told = " ".join(capsys.readouterr().out.split())
    assert "there is no ENV299 to waive" in told
    assert "LIFE302" not in told
    assert "the waiver was not needed, ENV201 passed" in told


def test_what_is_required_and_not_tested_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--only", "ENV", "--require", "ENV204"]) == 1

    assert "required and not tested: ENV204" in capsys.readouterr().out


def test_a_code_with_nothing_to_look_at_counts_as_not_tested_on_a_line_that_passes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["check", "--only", "BIN", "--require", "BIN202"]) == 1
    assert run(["check", "--only", "BIN", "--require", "BIN203"]) == 0

    assert "required and not tested: BIN202" in capsys.readouterr().out


def test_lines_that_nothing_answers_yet_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    run(["check", "--no-source"])

    assert "services answer" in capsys.readouterr().out
    run(["check", "--no-source", "--format", "json"])
    lines = json.loads(capsys.readouterr().out)["checks"]
    unanswered = [line for line in lines if line["reason"] == "this version does not look at it"]
    assert {line["verdict"] for line in unanswered} == {"not tested"}
    assert {line["group"] for line in lines} >= {"network", "environment", "observability"}


def test_a_report_on_a_commands_stdout_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--format", "json", "--", "true"]) == 2

    assert "stdout is the command's" in capsys.readouterr().err


def test_where_nothing_could_be_judged_the_status_is_2() -> None:
    assert run(["check", "--only", "ENV204"]) == 2


def test_variables_of_a_file_take_the_place_of_those_set(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("API_KEY")
    (project / "production.env").write_text(f"API_KEY={SECRET}\n")

    assert run(["check", "--only", "ENV201"]) == 1
    assert run(["check", "--only", "ENV201", "--env-file", "production.env"]) == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--only", "ENV2O1"], "there is no check 'ENV2O1'\n  did you mean ENV201?"),
        (["--only", "TIME302"], "there is no check 'TIME302'"),
        (["--only", "ENV201", "--skip", "ENV"], "no check is left"),
        (["--env-file", "missing.env"], "missing.env: no such file"),
        (["--timeout", "soon"], "'soon': write seconds, or a number and its unit"),
        (["--timeout", "-1s"], "'-1s': write seconds"),
        (["--for", "moon"], "'moon' is not one of"),
        (["elsewhere"], "elsewhere: no such file"),
    ],
)
def test_mistakes_are_told_with_their_mend(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", *arguments]) == 2

    assert told in capsys.readouterr().err


def test_a_manifest_with_mistakes_is_told_with_all_places(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "roadworthy.yaml").write_text("agent: {comand: [python]}\nenv: {A: {typ: url}}\n")

    assert run(["check"]) == 2

    told = capsys.readouterr().err
    assert "roadworthy.yaml:1:" in told
    assert "roadworthy.yaml:2:" in told


def test_a_value_that_is_no_text_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("API_KEY", os.fsdecode(b"sk-\xff\xfe"))

    assert run(["check", "--only", "ENV203"]) == 1

    assert "API_KEY holds bytes that are no UTF-8 text" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["text", "json", "junit", "github", "sarif"])
def test_no_output_holds_a_secret(
    form: str, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "roadworthy.yaml").write_text(
        "agent: {command: [python, main.py]}\n"
        'env:\n  API_KEY: {secret: true, pattern: "pk-.+"}\n  DATABASE_URL: {type: integer}\n  COUNT: {type: integer}\n'
        'services: {database: {url: "${DATABASE_URL}"}}\n'
    )
    planted = {"API_KEY": SECRET, "DATABASE_URL": f"postgres://me:{SECRET}@127.0.0.1:1/it", "COUNT": f"{SECRET} x"}
    for name, value in planted.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("OTHER_TOKEN", "tok-77aa88bb99")

    assert run(["check", "--no-source", "--timeout", "1s", "--format", form]) == 1

    told = capsys.readouterr()
    assert "API_KEY" in told.out
    assert not [word for word in (SECRET, "tok-77aa88bb99") if word in told.out + told.err]


def test_json_and_junit_are_what_they_say(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["check", "--only", "ENV201", "--format", "json", "--output", "run.json"]) == 0
    assert run(["check", "--only", "ENV201", "--format", "junit", "--output", "run.xml"]) == 0

    report = json.loads((tmp_path / "run.json").read_text())
    assert (report["version"], report["verb"]) == (1, "check")
    assert report["checks"][0]["codes"] == ["ENV201"]
    assert len(ElementTree.parse(tmp_path / "run.xml").findall(".//testcase")) == 1


def test_each_target_judges_what_is_its_own(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("API_KEY")

    assert run(["check", "--only", "ENV201"]) == 1
    assert run(["check", "--only", "ENV201", "--for", "local"]) == 1
    assert run(["check", "--only", "ENV201", "--for", "ci"]) == 2  # where images are built no secrets are
