"""Make text from elsewhere safe to show: an agent's output may hold whatever drives a terminal."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

# ECMA-48: control sequences (colours, cursor), control strings (titles, links; only when they end), and the
# two-character escapes.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-Z\\^-~]"
)

# What is left and must not reach a terminal, a log or an XML file: control characters but for line feed and
# tab, line separators, marks that change the direction of text, surrogates, tags and noncharacters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """`text` without terminal sequences, other control characters written out (`\\x07`).

    Line feeds and tabs stay; `\\r\\n` and `\\r` become line feeds.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub(_written_out, _SEQUENCE.sub("", text))


def one_line(text: str) -> str:
    """`visible(text)` on one line: each run of white space is one space."""
    return " ".join(visible(text).split())


def no_commands(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """`text` for a log: under GitHub Actions without what its runner takes for commands.

    The runner reads `::name::` at the start of any line, after white space, and `##[name]` anywhere.
    """
    if environ.get("GITHUB_ACTIONS") != "true":
        return text
    return re.sub(r"(?m)^(\s*)::", r"\1: :", text).replace("##[", "# #[")


def _written_out(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape", "surrogatepass").decode("ascii")
