"""PERM201 to PERM204: what the agent's user may write, run and read, and who reads its secrets."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from roadworthy.findings import Outcome, Report, Severity

Checked = Callable[..., Report]


@pytest.mark.ordinary_user
def test_a_folder_that_cannot_be_written_is_told(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o555)

    (finding,) = checked("PERM201", "files: {write: [out]}").findings

    assert finding.message == "out cannot be written: Permission denied"
    assert finding.commands


@pytest.mark.ordinary_user
def test_a_folder_that_cannot_be_made_is_told(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o555)

    assert len(checked("PERM201", "files: {write: [var/agent/cache]}").findings) == 1


@pytest.mark.parametrize("named", ["/proc/sys/nothing-here", "main.py/x"])
def test_what_nobody_can_write_is_told(checked: Checked, tmp_path: Path, named: str) -> None:
    (tmp_path / "main.py").write_text("")

    assert len(checked("PERM201", f"files: {{write: [{named}]}}").findings) == 1


@pytest.mark.parametrize("named", ["out", "new/deep", "log.txt", "/tmp"])
def test_what_can_be_written_passes_and_is_left_as_it_was(checked: Checked, tmp_path: Path, named: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "log.txt").write_text("kept")
    before = sorted(tmp_path.rglob("*"))

    report = checked("PERM201", f"files: {{write: [{named}]}}")

    assert (report.findings, report.checks[0].verdict) == ((), Outcome.PASS)
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "log.txt").read_text() == "kept"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_is_a_warning(checked: Checked) -> None:
    (finding,) = checked("PERM202", "").findings

    assert (finding.message, finding.severity) == ("runs as root", Severity.WARNING)


@pytest.mark.ordinary_user
def test_an_ordinary_user_is_no_root(checked: Checked) -> None:
    assert checked("PERM202", "").checks[0].reason == f"user {os.geteuid()}"


def test_root_on_a_laptop_or_where_images_are_built_is_not_judged(checked: Checked) -> None:
    assert checked("PERM202", "", target="ci").checks[0].reason == "not judged for ci"


@pytest.mark.parametrize(
    ("text", "mode", "told"),
    [
        ("#!/bin/sh\n", 0o644, "./start.sh has no run bit for this user"),
        ("#!/bin/sh\r\n", 0o755, "CR LF"),
        ("#!/opt/nothing/python\n", 0o755, "its interpreter /opt/nothing/python is not here"),
    ],
)
def test_a_script_that_cannot_be_run_is_told(checked: Checked, tmp_path: Path, text: str, mode: int, told: str) -> None:
    (tmp_path / "start.sh").write_bytes(text.encode())
    (tmp_path / "start.sh").chmod(mode)

    (finding,) = checked("PERM203", "agent: {command: [./start.sh]}").findings

    assert told in finding.message


@pytest.mark.parametrize("command", ["[./start.sh]", "[sh, start.sh]", "[./gone.sh]"])
def test_scripts_that_can_be_run_or_are_read_by_a_shell_pass(checked: Checked, tmp_path: Path, command: str) -> None:
    (tmp_path / "start.sh").write_text("#!/bin/sh\n")
    (tmp_path / "start.sh").chmod(0o755 if "./" in command else 0o644)

    assert checked("PERM203", f"agent: {{command: {command}}}").findings == ()


KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\n"


@pytest.mark.parametrize(
    ("named", "declared", "environment"),
    [
        (".env", "env: {A: {}}", {}),
        ("key.json", "env: {GOOGLE_APPLICATION_CREDENTIALS: {type: path, secret: true}}",
         {"GOOGLE_APPLICATION_CREDENTIALS": "key.json"}),
        ("token", "env: {API_TOKEN_FILE: {}}", {"API_TOKEN_FILE": "token"}),
        ("id", "files: {read: [id]}", {}),
    ],
)  # fmt: skip
def test_a_secret_file_that_others_may_read_is_told_and_one_of_its_own_is_not(
    checked: Checked, tmp_path: Path, named: str, declared: str, environment: dict[str, str]
) -> None:
    (tmp_path / named).write_text(KEY)
    (tmp_path / named).chmod(0o644)
    (finding,) = checked("PERM204", declared, environment).findings
    assert (finding.severity, "0644" in finding.message) == (Severity.WARNING, True)
    assert not any(value in finding.message + finding.commands[0] for value in environment.values())

    (tmp_path / named).chmod(0o600)
    assert checked("PERM204", declared, environment).findings == ()


def test_a_group_of_ones_own_may_read_it_and_what_is_mounted_may_be_read(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n")
    (tmp_path / ".env").chmod(0o640)
    volume = tmp_path / "secrets"
    (volume / "..2026").mkdir(parents=True)
    (volume / "..data").symlink_to("..2026")
    (volume / "api-token").write_text("x")
    (volume / "api-token").chmod(0o644)
    declared, environment = "env: {API_TOKEN_FILE: {}}", {"API_TOKEN_FILE": str(volume / "api-token")}

    assert checked("PERM204", declared, environment).findings == ()


def test_files_that_hold_no_secret_may_be_read(checked: Checked, tmp_path: Path) -> None:
    for name in ("prompt.txt", "config.yaml"):
        (tmp_path / name).write_text("text")
    declared = "env: {CONFIG_FILE: {}}\nfiles: {read: [prompt.txt]}"

    report = checked("PERM204", declared, {"CONFIG_FILE": "config.yaml"})

    assert report.checks[0].reason == "no file with a secret is here"
