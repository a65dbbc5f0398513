"""An old project tells only what is new."""

from __future__ import annotations

from pathlib import Path

import pytest

from roadworthy.errors import UsageError
from roadworthy.findings import Finding
from roadworthy.scan.baseline import new_since, read_baseline, write_baseline


def finding(message: str = "opens 'a.txt'", line: int = 1) -> Finding:
    return Finding("PATH101", message, path="app.py", line=line)


def test_what_is_known_is_not_told_wherever_it_has_moved(tmp_path: Path) -> None:
    write_baseline(tmp_path / "known.json", [finding(line=3)])

    assert new_since([finding(line=30), finding("opens 'b.txt'")], read_baseline(tmp_path / "known.json")) == [
        finding("opens 'b.txt'")
    ]


def test_one_more_of_what_is_known_is_new(tmp_path: Path) -> None:
    assert write_baseline(tmp_path / "known.json", [finding(), finding(line=2)]) == 2
    found = [finding(line=line) for line in (1, 2, 3)]

    assert new_since(found, read_baseline(tmp_path / "known.json")) == [finding(line=3)]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"findings": [{}]}', '{"findings": 1}', "[" * 100_000])
def test_another_file_is_no_baseline(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)

    with pytest.raises(UsageError, match="this is no baseline\n  --write-baseline"):
        read_baseline(tmp_path / "x.json")


def test_a_missing_file_is_told_with_the_command_that_writes_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file or directory\n  --write-baseline"):
        read_baseline(tmp_path / "x.json")
