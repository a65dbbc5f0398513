"""A file's text: encodings, byte-order marks, nul bytes, what no reader could read."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.scan.text import LARGEST, Unreadable, plain_text, python_text, read_bytes
from roadworthy.scan.tree import Tree


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"x = 1\n", "x = 1\n"),
        ("x = 'é'\n".encode(), "x = 'é'\n"),
        (codecs.BOM_UTF8 + b"x = 1\n", "x = 1\n"),
        (b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "# -*- coding: latin-1 -*-\nx = 'é'\n"),
        (b"# vim: set fileencoding=cp1252 :\nx = '\x80'\n", "# vim: set fileencoding=cp1252 :\nx = '€'\n"),
        (b"x = 1\r\ny = 2\r\n", "x = 1\ny = 2\n"),
        (b"x = 1\ry = 2\r", "x = 1\ny = 2\n"),
        (b"", ""),
    ],
)
def test_source_is_decoded_as_python_decodes_it(data: bytes, text: str) -> None:
    assert python_text(data) == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"x = '\xe9'\n", "invalid or missing encoding declaration"),
        (b"\n\n\nx = '\xe9'\n", "not UTF-8 text"),
        (b"# coding: no-such-encoding\n", "unknown encoding: no-such-encoding"),
        (codecs.BOM_UTF8 + b"# coding: latin-1\n", "encoding problem: utf-8"),
        (b"# coding: rot13\nk = 1\n", "not a text encoding"),
        (b"# coding: hex\n00\n", "not a text encoding"),
    ],
)
def test_source_that_python_could_not_read_is_told_as_that(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as told:
        python_text(data)

    assert reason in told.value.reason


@given(st.binary(max_size=200) | st.binary(max_size=80).map(lambda data: b"# coding: utf-16\n" + data))
def test_any_bytes_are_source_or_unreadable(data: bytes) -> None:
    for read in (python_text, plain_text):
        try:
            text = read(data)
        except Unreadable as error:
            assert error.reason
        else:
            assert "\r" not in text


@given(
    st.sampled_from(
        [
            "utf-8",
            "utf-8-sig",
            "latin-1",
            "ascii",
            "utf-7",
            "utf-16",
            "punycode",
            "idna",
            "undefined",
            "unicode_escape",
            "raw_unicode_escape",
            "base64",
            "zip",
            "mbcs",
            "cp037",
        ]
    ),
    st.binary(max_size=60),
)
def test_any_declared_encoding_is_read_or_told(encoding: str, data: bytes) -> None:
    try:
        assert isinstance(python_text(f"# coding: {encoding}\n".encode() + data), str)
    except Unreadable as error:
        assert error.reason


@given(st.text(max_size=60))
def test_any_text_is_a_tree_or_unreadable_with_a_reason(text: str) -> None:
    try:
        tree = Tree(text)
    except Unreadable as error:
        assert error.reason
    else:
        assert tree.root in next(iter(tree.nodes.values()))


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\0",
        "(" * 5000,
        "-" * 100_000 + "1",
        "x = " + "[" * 150 + "]" * 150,
        "print 'two'",
        "x = '\ud800'",
        "a." * 3000 + "b",
    ],
    ids=["nul", "parentheses", "minus", "lists", "python 2", "surrogate", "attributes"],
)
def test_what_no_parser_takes_ends_in_one_reason(text: str) -> None:
    try:
        Tree(text)
    except Unreadable as error:
        assert error.reason
        assert "\n" not in error.reason


def test_utf_16_by_its_mark_is_plain_text() -> None:
    assert plain_text("a: é\r\n".encode("utf-16")) == "a: é\n"


def test_nul_bytes_are_no_text() -> None:
    with pytest.raises(Unreadable, match="not text"):
        plain_text(b"a\0b")


def test_a_file_that_is_too_large_is_told_without_being_read_whole(tmp_path: Path) -> None:
    (tmp_path / "large.py").write_bytes(b"#" * (LARGEST + 1))

    with pytest.raises(Unreadable, match="larger than 2 MB"):
        read_bytes(tmp_path / "large.py")


def test_a_missing_file_is_told_by_the_systems_words(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="No such file"):
        read_bytes(tmp_path / "gone.py")
