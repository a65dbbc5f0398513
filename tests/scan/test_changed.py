"""What a branch adds, by real git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from roadworthy.errors import UsageError
from roadworthy.findings import Finding
from roadworthy.scan.changed import ALL, changed_since, of_changed
from roadworthy.scan.disk import Disk


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "init.defaultBranch=main")
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a b.py").write_text("one\ntwo\nthree\n")
    (tmp_path / "gone.py").write_text("one\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "begin")
    git(tmp_path, "checkout", "-b", "branch")
    return tmp_path


def test_committed_and_uncommitted_lines_and_new_files_have_changed(repository: Path) -> None:
    file = repository / "app" / "a b.py"
    file.write_text("one\nzwei\nthree\n")
    git(repository, "commit", "-am", "change")
    file.write_text("one\nzwei\nthree\nfour\n")
    (repository / "new.py").write_text("x\n")
    (repository / "gone.py").unlink()

    changed = changed_since(repository, "main")

    assert changed == {"app/a b.py": [range(2, 3), range(4, 5)], "new.py": ALL}
    assert changed_since(repository / "app", "main") == {"a b.py": [range(2, 3), range(4, 5)]}


def test_what_the_other_branch_did_meanwhile_has_not_changed_here(repository: Path) -> None:
    git(repository, "checkout", "main")
    (repository / "gone.py").write_text("two\n")
    git(repository, "commit", "-am", "elsewhere")
    git(repository, "checkout", "branch")

    assert changed_since(repository, "main") == {}


def test_a_finding_is_of_the_change_where_its_statement_overlaps_it() -> None:
    changed = {"a.py": [range(5, 7)], "new.py": ALL}
    found = [
        Finding("X101", "before", path="a.py", line=3, end_line=4),
        Finding("X101", "overlaps", path="a.py", line=3, end_line=5),
        Finding("X101", "after", path="a.py", line=7),
        Finding("X101", "in a new file", path="new.py", line=1),
        Finding("X101", "elsewhere", path="b.py", line=5),
    ]

    assert [each.message for each in of_changed(found, changed)] == ["overlaps", "in a new file"]


@pytest.mark.parametrize("revision", ["nothing", "--output=x", ""])
def test_a_revision_that_is_none_is_refused(repository: Path, revision: str) -> None:
    with pytest.raises(UsageError, match="--changed"):
        changed_since(repository, revision)


def test_a_folder_without_a_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a git repository"):
        changed_since(tmp_path, "main")


def test_no_program_that_the_repository_names_is_run(repository: Path) -> None:
    program = repository / "program"
    program.write_text(f"#!/bin/sh\ntouch {repository}/was-run\n")
    program.chmod(0o755)
    (repository / ".gitattributes").write_text("*.py diff=own\n")
    for key in ("core.fsmonitor", "diff.own.textconv", "diff.own.command", "diff.external"):
        git(repository, "config", key, str(program))
    (repository / "gone.py").write_text("two\n")

    assert "gone.py" in changed_since(repository, "main")
    assert Disk(repository).git_mode("gone.py")
    assert not (repository / "was-run").exists()
