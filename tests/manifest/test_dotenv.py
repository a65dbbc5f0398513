"""The developer's `.env`."""

import os
from pathlib import Path

import pytest

from roadworthy.errors import UsageError
from roadworthy.manifest.dotenv import environment_file


def test_quotes_exports_comments_and_many_lines_are_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# the laptop's\n"
        "PLAIN=a b # not this\n"
        "export QUOTED='$HOME #1'\n"
        'KEY="-----BEGIN\nabc\n-----END"\n'
        "EMPTY=\n"
        "NOTHING\n"
        "URL=http://${PLAIN}/\n",
        encoding="utf-8",
    )

    assert environment_file(tmp_path) == {
        "PLAIN": "a b",
        "QUOTED": "$HOME #1",
        "KEY": "-----BEGIN\nabc\n-----END",
        "EMPTY": "",
        "URL": "http://a b/",
    }


def test_no_file_is_no_variables_even_where_a_folder_above_has_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n", encoding="utf-8")
    (tmp_path / "project").mkdir()

    assert environment_file(tmp_path / "project") == {}


def test_the_environment_itself_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHARED", "from the shell")
    (tmp_path / ".env").write_text("NEW_ONE=1\nSHARED=2\nSEEN=${SHARED}\n", encoding="utf-8")

    assert environment_file(tmp_path) == {"NEW_ONE": "1", "SHARED": "2", "SEEN": "2"}
    assert (os.environ["SHARED"], os.environ.get("NEW_ONE")) == ("from the shell", None)


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff\n")

    with pytest.raises(UsageError, match=r"\.env: not UTF-8 text \(byte 3\)\n  save it as UTF-8"):
        environment_file(tmp_path)
