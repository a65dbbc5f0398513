"""`roadworthy scan --fix` and `--diff` from the command line."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from roadworthy.cli.main import run

SOURCE = """\
import requests


def answer(url):
    page = open("prompt.txt").read()
    return requests.get(url), requests.get(page)
"""
MENDED = """\
from pathlib import Path

import requests


def answer(url):
    page = open(Path(__file__).parent / "prompt.txt").read()
    return requests.get(url, timeout=10), requests.get(page, timeout=10)
"""
CODES = ("--select", "PATH101,TIME101")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "agent.py").write_text(SOURCE)
    (tmp_path / "app" / "prompt.txt").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_fix_mends_files_and_tells_what_is_left(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app" / "other.py").write_text('open("nowhere.txt")\n')

    assert run(["scan", *CODES, "--fix"]) == 1

    out = capsys.readouterr().out
    assert (project / "app" / "agent.py").read_text() == MENDED
    assert "app/agent.py: PATH101, 2 TIME101 mended" in out
    assert "app/other.py:1:1  PATH101 error" in out
    assert "app/agent.py:" not in out.replace("app/agent.py: PATH101", "")


def test_a_second_fix_changes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["scan", *CODES, "--fix"])
    before = (project / "app" / "agent.py").stat()
    capsys.readouterr()

    assert run(["scan", *CODES, "--fix"]) == 0

    assert (project / "app" / "agent.py").stat().st_mtime_ns == before.st_mtime_ns
    assert "mended" not in capsys.readouterr().out


def test_a_report_says_how_much_can_be_mended(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["scan", *CODES])

    assert "2 can be mended with --fix" in capsys.readouterr().out  # two calls on one line are one finding


def test_json_tells_edits_with_the_text_that_they_are_of(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["scan", *CODES, "--format", "json"])

    (path, _) = json.loads(capsys.readouterr().out)["findings"]
    assert path["edit"]["path"] == "app/agent.py"
    assert path["edit"]["replacements"][0] == {
        "start": [5, 17],
        "end": [5, 29],
        "text": 'Path(__file__).parent / "prompt.txt"',
    }


def test_diff_prints_what_fix_would_do_and_writes_nothing(
    project: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(["scan", *CODES, "--diff"]) == 1

    out, err = capsysbinary.readouterr()
    assert (project / "app" / "agent.py").read_text() == SOURCE
    assert b'+    page = open(Path(__file__).parent / "prompt.txt").read()\n' in out
    assert b"2 findings would be mended in 1 file" in err
    subprocess.run(["git", "apply", "-"], input=out, check=True)
    assert "timeout=10" in (project / "app" / "agent.py").read_text()


def test_diff_of_nothing_to_mend_passes(project: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    (project / "app" / "agent.py").write_text('open("nowhere.txt")\n')

    assert run(["scan", *CODES, "--diff"]) == 0

    assert capsysbinary.readouterr().out == b""


def test_diff_wins_where_both_are_given(project: Path) -> None:
    assert run(["scan", *CODES, "--fix", "--diff"]) == 1

    assert (project / "app" / "agent.py").read_text() == SOURCE


def test_a_diffs_paths_are_seen_from_here(
    project: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "elsewhere").mkdir()
    monkeypatch.chdir(project / "elsewhere")

    run(["scan", "../app", *CODES, "--diff"])

    assert b"--- a/../app/agent.py\n" in capsysbinary.readouterr().out


def test_only_what_is_told_is_mended(project: Path) -> None:
    (project / "app" / "two.py").write_text(SOURCE)
    (project / "app" / "ignored.py").write_text(f"{SOURCE}# roadworthy: ignore-file[PATH101, TIME101] known\n")

    run(["scan", "app/two.py", "app/ignored.py", "--select", "TIME101", "--fix"])

    assert (project / "app" / "agent.py").read_text() == SOURCE
    assert (project / "app" / "two.py").read_text().count("timeout=10") == 2
    assert (project / "app" / "ignored.py").read_text().startswith(SOURCE)


def test_what_is_known_is_left_as_it_is(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["scan", *CODES, "--write-baseline", "known.json"])

    assert run(["scan", *CODES, "--baseline", "known.json", "--fix"]) == 0

    assert (project / "app" / "agent.py").read_text() == SOURCE


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fix", "--write-baseline", "known.json"], "need not be mended"),
        (["--diff", "--format", "json"], "--diff prints a diff, and no report"),
    ],
)
def test_options_that_exclude_each_other_are_told(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert run(["scan", *CODES, *arguments]) == 2

    assert message in capsys.readouterr().err


def test_what_cannot_be_mended_is_told_with_its_reason(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from roadworthy.scan import fixing

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fixing, "_replace", full)

    assert run(["scan", *CODES, "--fix"]) == 0  # two warnings

    out = " ".join(capsys.readouterr().out.split())
    assert "app/agent.py:5: PATH101 is not mended: it cannot be written: No space left on device" in out
    assert (project / "app" / "agent.py").read_text() == SOURCE
