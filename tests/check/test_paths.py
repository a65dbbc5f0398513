"""PATH201, PATH202, PATH203: declared files that are missing, called otherwise, or kept out of the image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from roadworthy.findings import Outcome, Report

Checked = Callable[..., Report]
DECLARED = "files: {read: [config/prompt.txt]}"


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    (tmp_path / "main.py").write_text("print(1)\n")
    (tmp_path / "config").mkdir()
    (tmp_path / "config/prompt.txt").write_text("Be kind.")
    return tmp_path


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("files: {read: [gone.yaml]}", "gone.yaml is not here"),
        ("files: {read: [gone/deep/x.yaml]}", "gone/deep/x.yaml is not here"),
        ("files: {workspace: repo}", "repo is not here"),
        ("agent: {command: [python, server.py]}", "server.py is not here"),
        ("agent: {entry: app.py:agent}", "app.py is not here"),
        ("files: {read: [main.py/inside]}", "main.py/inside is not here"),
    ],
)
def test_a_missing_file_is_named(checked: Checked, declared: str, told: str) -> None:
    assert [each.message for each in checked("PATH201", declared).findings] == [told]


def test_a_link_that_leads_nowhere_says_where_it_leads(checked: Checked, project: Path) -> None:
    (project / "link.yaml").symlink_to("/mnt/nowhere/x.yaml")

    (finding,) = checked("PATH201", "files: {read: [link.yaml]}").findings

    assert finding.message == "link.yaml is a link to /mnt/nowhere/x.yaml, which is not here"


@pytest.mark.ordinary_user
def test_a_file_that_this_user_may_not_read_is_named(checked: Checked, project: Path) -> None:
    (project / "config/prompt.txt").chmod(0)
    (finding,) = checked("PATH201", DECLARED).findings
    assert finding.message == "config/prompt.txt may not be read by this user"

    (project / "config").chmod(0o600)
    (finding,) = checked("PATH201", DECLARED).findings
    (project / "config").chmod(0o700)
    assert "config may not be entered" in finding.message


@pytest.mark.parametrize(
    "declared",
    [DECLARED, "files: {read: [config], workspace: .}", "agent: {entry: main.py:agent}", "files: {read: [/etc/hosts]}"],
)
def test_files_that_are_here_pass(checked: Checked, declared: str) -> None:
    report = checked("PATH201", declared)

    assert (report.findings, report.checks[0].verdict) == ((), Outcome.PASS)


@pytest.mark.parametrize("named", ["config/Prompt.txt", "Config/prompt.txt", "CONFIG/PROMPT.TXT"])
def test_a_name_in_other_letters_is_told_once(checked: Checked, named: str) -> None:
    report = checked("PATH", f"files: {{read: [{named}]}}")

    assert [each.code for each in report.findings] == ["PATH202"]
    assert f"{named} is not here, and " in report.findings[0].message


def test_asked_alone_a_missing_file_in_other_letters_is_no_pass(checked: Checked) -> None:
    (line,) = checked("PATH201", "files: {read: [config/Prompt.txt]}").checks

    assert (line.verdict, line.reason) == (
        Outcome.NOT_TESTED,
        "config/Prompt.txt is here in other letters only: PATH202 says that",
    )


@pytest.mark.parametrize("named", ["config/prompt.txt", "config/prompts.txt", "other.txt"])
def test_a_name_in_the_same_letters_or_of_another_file_is_no_matter_of_case(checked: Checked, named: str) -> None:
    assert checked("PATH202", f"files: {{read: [{named}]}}").findings == ()


@pytest.mark.parametrize(
    "ignored",
    ["*.txt\nconfig/*.txt", "config", "/config/", "**/prompt.txt", "**/*.txt", "conf?g/prompt.txt", "*\n!main.py",
     "!config\nconfig/[pq]rompt.txt"],
)  # fmt: skip
def test_a_file_that_dockerignore_leaves_out_is_told(checked: Checked, project: Path, ignored: str) -> None:
    (project / ".dockerignore").write_text(f"# what stays here\n{ignored}\n")

    report = checked("PATH203", DECLARED, target="ci")

    assert [each.path for each in report.findings] == [".dockerignore"]


@pytest.mark.parametrize(
    "ignored",
    ["*.txt", "prompt.txt", "config\n!config/prompt.txt", "*\n!main.py\n!config", "**/*.md", "# config", "conf",
     "config/*.md\n.git"],
)  # fmt: skip
def test_a_file_that_dockerignore_lets_in_passes(checked: Checked, project: Path, ignored: str) -> None:
    (project / ".dockerignore").write_text(f"{ignored}\n")

    report = checked("PATH203", DECLARED, target="ci")

    assert (report.findings, report.checks[0].verdict) == ((), Outcome.PASS)


def test_in_the_image_its_ignored_files_are_not_judged(checked: Checked, project: Path) -> None:
    (project / ".dockerignore").write_text("config\n")

    assert checked("PATH203", DECLARED).checks[0].reason == "not judged for production"
