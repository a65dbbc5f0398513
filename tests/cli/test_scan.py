"""`roadworthy scan` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roadworthy.cli.main import run

SOURCE = 'def answer(query):\n    return open("prompt.txt").read()\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    for name in ("app/one.py", "app/two.py", "other.py"):
        (tmp_path / name).write_text(SOURCE)
    return tmp_path


def scanned(*arguments: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    status = run(["scan", *map(str, arguments), "--select", "PATH101", "--format", "json"])
    return status, [finding["path"] for finding in json.loads(capsys.readouterr().out)["findings"]]


def test_a_folder_is_read_with_all_below_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scanned(project, capsys=capsys) == (0, ["app/one.py", "app/two.py", "other.py"])


def test_of_a_file_only_its_own_findings_are_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scanned(project / "app" / "two.py", capsys=capsys) == (0, ["two.py"])


def test_of_several_paths_only_their_findings_are_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scanned(project / "app" / "one.py", project / "other.py", capsys=capsys) == (0, ["app/one.py", "other.py"])


def test_warnings_fail_a_strict_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scanned(project, "--strict", capsys=capsys)[0] == 1


def test_what_is_known_passes_and_what_is_new_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = project / "known.json"
    assert run(["scan", str(project), "--select", "PATH101", "--write-baseline", str(known)]) == 0
    assert "3 findings written" in capsys.readouterr().out
    (project / "new.py").write_text(SOURCE)

    assert scanned(project, "--baseline", known, "--strict", capsys=capsys) == (1, ["new.py"])


def test_the_project_around_a_file_is_read_for_what_it_declares(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".git").mkdir()
    (project / "app" / "tools.py").write_text('import subprocess\nsubprocess.run(["rg", "x"], timeout=5)\n')
    monkeypatch.chdir(project / "app")

    def found() -> list[str]:
        run(["scan", "tools.py", "--select", "BIN101", "--format", "json"])
        return [finding["path"] for finding in json.loads(capsys.readouterr().out)["findings"]]

    (project / "Dockerfile").write_text("FROM python:3.13-slim\n")
    assert found() == ["app/tools.py"]
    (project / "Dockerfile").write_text("FROM python:3.13-slim\nRUN apt-get install -y ripgrep\n")
    assert found() == []


def test_nothing_above_the_repository_is_read(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("")
    (project / "app" / ".git").mkdir()

    assert scanned(project / "app" / "one.py", capsys=capsys) == (0, ["one.py"])


@pytest.mark.parametrize("ignored", ["app/", "app", "*"])
def test_a_folder_that_its_project_leaves_out_is_read_when_it_is_named(
    project: Path, capsys: pytest.CaptureFixture[str], ignored: str
) -> None:
    (project / ".git").mkdir()
    (project / ".gitignore").write_text(f"{ignored}\n")

    assert scanned(project / "app", capsys=capsys) == (0, ["one.py", "two.py"])


def test_files_of_which_none_can_be_read_are_not_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").write_text("def f(:\n")

    assert run(["scan", str(tmp_path)]) == 2
    assert "none of its files could be read\n  a.py:1: no Python" in capsys.readouterr().err


def test_a_folder_with_nothing_to_read_cannot_be_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scan", str(tmp_path)]) == 2
    assert "nothing to scan here" in capsys.readouterr().err


def test_a_rule_that_does_not_exist_is_told_with_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["scan", str(tmp_path), "--select", "PATH11"]) == 2
    assert "there is no rule 'PATH11'" in capsys.readouterr().err


def test_source_that_is_no_python_here_may_be_a_newer_ones(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "newer.py").write_text("def f(:\n")

    assert run(["scan", str(project), "--select", "PATH101"]) == 0

    said = " ".join(capsys.readouterr().out.split())
    assert "newer.py:1: no Python" in said
    assert "can be read by running roadworthy on that one" in said


SETTINGS = """\
scan:
  select: [PATH101, ENV]
  exclude: [app/two.py]
  per_file_ignores: {other.py: [PATH]}
"""
TOML = """\
[tool.roadworthy.scan]
select = ["PATH101"]
exclude = ["app/two.py"]
per_file_ignores = {"other.py" = ["PATH"]}
"""


def found_with(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert run(["scan", *arguments, "--format", "json"]) in (0, 1)
    return [finding["path"] for finding in json.loads(capsys.readouterr().out)["findings"]]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("roadworthy.yaml", SETTINGS),
        (
            "pyproject.toml",
            TOML,
        ),
    ],
)
def test_settings_say_what_is_scanned_and_told(
    project: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    (project / name).write_text(text)

    assert found_with([str(project)], capsys) == ["app/one.py"]


def test_the_command_line_wins_over_settings(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "roadworthy.yaml").write_text("scan: {select: [ENV], ignore: [PATH101]}\n")

    assert found_with([str(project)], capsys) == []
    assert found_with([str(project), "--select", "PATH101"], capsys) == ["app/one.py", "app/two.py", "other.py"]


def test_a_file_that_settings_leave_out_is_clean_also_where_it_is_named(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "roadworthy.yaml").write_text(SETTINGS)
    (project / ".git").mkdir()

    assert run(["scan", str(project / "app" / "two.py")]) == 0
    assert "app/two.py: left out by `scan.exclude` of the manifest" in " ".join(capsys.readouterr().out.split())


def test_settings_name_a_baseline_that_is_written_in_full(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "roadworthy.yaml").write_text("scan: {select: [PATH101], baseline: known.json}\n")

    assert run(["scan", str(project)]) == 2  # it is not there yet
    assert f"--write-baseline {project / 'known.json'}" in capsys.readouterr().err
    for _ in range(2):
        assert run(["scan", str(project), "--write-baseline", str(project / "known.json")]) == 0
        assert "3 findings written" in capsys.readouterr().out
    (project / "new.py").write_text(SOURCE)

    assert found_with([str(project)], capsys) == ["new.py"]


def test_a_rule_in_the_settings_that_does_not_exist_is_told_with_its_place(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "roadworthy.yaml").write_text("scan:\n  select: [PATH11]\n")

    assert run(["scan", str(project)]) == 2
    assert 'roadworthy.yaml:2:12: scan.select[0]: there is no rule "PATH11"' in capsys.readouterr().err
