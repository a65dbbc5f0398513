"""A file's text as its own reader would see it: byte-order mark, declared encoding, line ends."""

from __future__ import annotations

import io
import re
import tokenize
import warnings
from pathlib import Path

_TAGS = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_FILLED = re.compile(r"\{\{[^\n{}]*\}\}")
LARGEST = 2_000_000
"""Bytes. What is larger was generated: nobody would mend it by hand."""


class Unreadable(Exception):  # noqa: N818 - a fact about a file, told once
    """Why a file cannot be scanned, in a few words, and the line where that is known."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


def read_bytes(path: Path) -> bytes:
    """The file's bytes. Raises Unreadable where it cannot be read or is larger than `LARGEST`."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable(error.strerror or type(error).__name__) from error
    if len(data) > LARGEST:
        raise Unreadable(f"larger than {LARGEST // 1_000_000} MB")
    return data


def python_text(data: bytes) -> str:
    """Python source as the interpreter decodes it (PEP 263). Raises Unreadable where it could not."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `unicode_escape` warns of what it does not know
            return io.TextIOWrapper(io.BytesIO(data), encoding, newline=None).read()
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise Unreadable(_why(error)) from error


def without_template(text: str) -> str:
    """The source of a Python file that Jinja fills in, as Python: all that is kept stands where it was.

    `{% … %}` and `{# … #}` become blanks, and both branches stay; `{{ … }}` becomes a name of the same length.
    """
    text = _TAGS.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)
    return _FILLED.sub(lambda found: "_" * len(found.group()), text)


def plain_text(data: bytes) -> str:
    """Text of another kind of file: UTF-8, else UTF-16 by its mark. Raises Unreadable for what is neither."""
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("not text")
    try:
        encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
        return io.TextIOWrapper(io.BytesIO(data), encoding, newline=None).read()
    except UnicodeError as error:
        raise Unreadable("not UTF-8 text") from error


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not {error.encoding.upper()} text"
    told = error.msg if isinstance(error, SyntaxError) else str(error).partition(";")[0]
    return f"its encoding cannot be read: {told}"
