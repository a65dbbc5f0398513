"""A draft as YAML, one line for each guess, with its comment behind it.

What needs quotes gets them: the reader takes `on` for a boolean and `8080` for a number, and here all text is text.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from typing import Any

from roadworthy.init.guess import Draft, Guess, is_writable

WIDEST = 118
"""Columns of a line with its comment; a longer one gets its comment above it."""
FARTHEST = 76
"""The column up to which the comments of a section begin below each other."""
_PLAIN = re.compile(
    r"[A-Za-z_/][A-Za-z0-9_./+-]*(?::[A-Za-z_][\w.]*)?"  # words, paths, `app.py:agent`
    r"|\$(?:\.[A-Za-z_]\w*)*"  # JSONPath
    r"|\d+(?:\.\d+)?(?:[KMG]i?B|s|ms|m)"  # sizes and durations
    r"|\d+\.\d+\.\d+\.\d+"
    r"|--?[A-Za-z][\w-]*"
)
_OTHER = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
HEADER = (
    "What this agent needs, as `roadworthy init` saw it in the source; the comment behind a line says where.",
    "Look it through, correct it, and `roadworthy rehearse --quick` runs the agent with it.",
)


def manifest_text(draft: Draft) -> str:
    """The whole file."""
    lines = [f"# {line}" for line in HEADER]
    if draft.unread:
        lines.append("# These files could not be read, and what is in them is missing here:")
        lines += [f"#   {one_line(each)}" for each in draft.unread[:10]]
        lines += [f"#   and {len(draft.unread) - 10} more"] if len(draft.unread) > 10 else []
    lines += [f"name: {flow(draft.name)}", "agent:"]
    for remark in draft.remarks:
        told = one_line(remark)
        if told.startswith(" "):
            lines.append(f"  # {told}")  # to be copied
        else:
            lines += textwrap.wrap(
                told, WIDEST, initial_indent="  # ", subsequent_indent="  #   ", break_on_hyphens=False
            )
    lines += section_lines(draft.agent, 2)
    lines += section_lines(draft.sections, 0)
    return "\n".join(lines) + "\n"


def section_lines(section: Mapping[str, Any], indent: int) -> list[str]:
    """The lines of a mapping of guesses, of lists of guesses, and of further mappings."""
    own = {key: value for key, value in section.items() if isinstance(value, Guess)}
    pairs = [(" " * indent + f"{flow(key)}: {flow(value.value)}", value.comment) for key, value in own.items()]
    commented = dict(zip(own, _commented(pairs, indent), strict=True))
    lines: list[str] = []
    for key, value in section.items():
        if key in commented:
            lines += commented[key]
            continue
        lines.append(" " * indent + f"{flow(key)}:")
        lines += list_lines(value, indent + 2) if isinstance(value, list) else section_lines(value, indent + 2)
    return lines


def list_lines(guesses: list[Guess], indent: int) -> list[str]:
    """The lines of a list."""
    own = [(" " * indent + f"- {flow(each.value)}", each.comment) for each in guesses]
    return [line for group in _commented(own, indent) for line in group]


def _commented(lines: list[tuple[str, str]], indent: int) -> list[list[str]]:
    """Each line with its comment: behind it, those of neighbours below each other, or above it."""
    widths = [len(line) for line, comment in lines if comment and len(line) <= FARTHEST]
    column = max(widths, default=0)
    found = []
    for line, comment in lines:
        told = one_line(comment)
        whole = f"{line:<{column}}  # {told}"
        if not told:
            found.append([line])
        elif len(whole) <= WIDEST:
            found.append([whole])
        else:
            found.append([" " * indent + f"# {told}", line])
    return found


def flow(value: Any) -> str:
    """A value on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case str() if not is_writable(value):
            return "text"  # nobody's question has a NUL in it, or is as long as a page
        case str():
            return value if _is_plain(value) else '"' + "".join(map(_escaped, value)) + '"'
        case Mapping():
            return "{" + ", ".join(f"{flow(str(key))}: {flow(each)}" for key, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(flow, value)) + "]"
        case _:
            return repr(value)


def one_line(text: str) -> str:
    """A comment's text: what would end its line, or cannot be written, is escaped."""
    return "".join(each if each.isprintable() else _escaped(each) for each in text)


def _is_plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None and text.lower() not in _OTHER


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
