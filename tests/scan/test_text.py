"""A file's text: encodings, byte-order marks, nul bytes, what no reader could read."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roadworthy.hazards import rules
from roadworthy.scan.engine import scan
from roadworthy.scan.text import LARGEST, Unreadable, plain_text, python_text, read_bytes, without_template
from roadworthy.scan.tree import Tree, above


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
    with pytest.raises(Unreadable) as raised:
        python_text(data)

    assert reason in raised.value.reason


def told(read: Callable[[Any], object], given: object) -> str | None:
    """Why it cannot be read; None where it can."""
    try:
        read(given)
    except Unreadable as error:
        return error.reason
    return None


@given(st.binary(max_size=200) | st.binary(max_size=80).map(lambda data: b"# coding: utf-16\n" + data))
def test_any_bytes_are_source_or_unreadable(data: bytes) -> None:
    for read in (python_text, plain_text):
        assert told(read, data) != ""


ENCODINGS = ["utf-8", "utf-8-sig", "latin-1", "ascii", "utf-7", "utf-16", "punycode", "idna", "undefined"]
NO_TEXT = ["unicode_escape", "raw_unicode_escape", "base64", "zip", "mbcs", "cp037", "rot13", "hex"]


@given(st.sampled_from([*ENCODINGS, *NO_TEXT]), st.binary(max_size=60))
@example("unicode_escape", b"\\\0")  # it warns, and a warning may be an error
def test_any_declared_encoding_is_read_or_told(encoding: str, data: bytes) -> None:
    assert told(python_text, f"# coding: {encoding}\n".encode() + data) != ""


@given(st.text(max_size=60))
def test_any_text_is_a_tree_or_unreadable_with_a_reason(text: str) -> None:
    assert told(Tree, text) != ""


@pytest.mark.parametrize(
    "text",
    [
        *("x = 1\0", "(" * 5000, "-" * 100_000 + "1", "x = " + "[" * 150 + "]" * 150),
        *("print 'two'", "x = '\ud800'", "a." * 3000 + "b"),
    ],
    ids=["nul", "parentheses", "minus", "lists", "python 2", "surrogate", "attributes"],
)
def test_what_a_parser_may_not_take_ends_in_one_line_or_a_tree(text: str) -> None:
    reason = told(Tree, text)

    assert reason is None or (reason and "\n" not in reason)


@given(st.text("ab(): =\n'#[]{}\t", max_size=80))
def test_every_node_of_a_tree_knows_the_one_around_it(text: str) -> None:
    if told(Tree, text) is not None:
        return
    tree = Tree(text)

    for nodes in tree.nodes.values():
        assert all([node, *above(node)][-1] is tree.root for node in nodes)


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


TEMPLATE = """\
import logging
{%- if cookiecutter.is_web %}
from fastapi import FastAPI
{%- else %}
from flask import Flask as FastAPI
{%- endif %}
{{cookiecutter.name}}_agent = FastAPI("{{cookiecutter.name}}")
{# nothing
more #}
logging.basicConfig(level=logging.INFO)
"""


def test_a_template_is_read_with_all_that_is_kept_where_it_was() -> None:
    text = without_template(TEMPLATE)
    Tree(text)

    assert [len(line) for line in text.splitlines()] == [len(line) for line in TEMPLATE.splitlines()]
    assert text.splitlines()[-1] == TEMPLATE.splitlines()[-1]


def test_rules_look_at_templates(tmp_path: Path) -> None:
    folder = tmp_path / "{{cookiecutter.name}}"
    folder.mkdir()
    (folder / "app.py").write_text(TEMPLATE)

    scanned = scan(tmp_path, list(rules(only=("LOG103",))))

    assert [(each.line, each.code) for each in scanned.findings] == [(10, "LOG103")]
    assert scanned.problems == []
