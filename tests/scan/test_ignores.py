"""Comments that keep findings quiet."""

from __future__ import annotations

from pathlib import Path

import pytest

from roadworthy.hazards import rules
from roadworthy.scan.engine import scan
from roadworthy.scan.scanned import Scanned

OPENS = 'open("a.txt")'


def scanned(folder: Path, text: str) -> Scanned:
    (folder / "app.py").write_text(text)
    return scan(folder, list(rules(only=["PATH101"])))


@pytest.mark.parametrize(
    "text",
    [
        f"{OPENS}  # roadworthy: ignore[PATH101] started by a unit with WorkingDirectory=",
        f"{OPENS}  # noqa: PTH123  # roadworthy: ignore[path101]",
        f"{OPENS}  # roadworthy: ignore[PATH]",
        f"{OPENS}  # roadworthy: ignore",
        f"{OPENS}  # roadworthy: ignore[ENV101, PATH101]",
        f"# roadworthy: ignore-file[PATH101] a script\n\n{OPENS}",
        'open(\n    "a.txt",  # roadworthy: ignore[PATH101]\n)',
    ],
)
def test_a_comment_on_the_statement_or_for_the_file_keeps_it_quiet(tmp_path: Path, text: str) -> None:
    done = scanned(tmp_path, text)

    assert (done.findings, done.unused) == ([], [])


@pytest.mark.parametrize(
    "text",
    [
        f"{OPENS}  # roadworthy: ignore[ENV101]",
        f"# roadworthy: ignore[PATH101]\n{OPENS}",
        f'{OPENS}\ntext = "say roadworthy, ignore[PATH101]"',
    ],
)
def test_a_comment_elsewhere_or_of_another_code_does_not(tmp_path: Path, text: str) -> None:
    assert [finding.code for finding in scanned(tmp_path, text).findings] == ["PATH101"]


def test_a_comment_that_keeps_nothing_quiet_is_told_with_its_place(tmp_path: Path) -> None:
    done = scanned(tmp_path, "x = 1  # roadworthy: ignore[PATH101]\n")

    assert [str(each) for each in done.unused] == ["app.py:1: `ignore[PATH101]` keeps nothing quiet: take it out"]


def test_a_comment_for_a_rule_that_was_not_applied_may_be_needed(tmp_path: Path) -> None:
    assert scanned(tmp_path, "x = 1  # roadworthy: ignore[ENV101]\n").unused == []
