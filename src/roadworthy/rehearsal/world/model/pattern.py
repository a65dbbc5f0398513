"""A text that matches a regular expression: the shortest one that comes to hand, always the same."""

from __future__ import annotations

import re
from functools import lru_cache
from re import _constants as op  # type: ignore[attr-defined] # the standard library's own, without stubs
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

TRIES = 64
"""Lengths tried until one fits; each try lets every open-ended repeat run once more."""
LONGEST = 10_000
"""Characters of a text; patterns that demand more are given up."""
CLASSES = {
    op.CATEGORY_DIGIT: "1",
    op.CATEGORY_NOT_DIGIT: "a",
    op.CATEGORY_SPACE: " ",
    op.CATEGORY_NOT_SPACE: "a",
    op.CATEGORY_WORD: "a",
    op.CATEGORY_NOT_WORD: "-",
}
MIXTURE = "Aa1!"
"""Of this, repeated, a text is made where lookarounds demand letters of several kinds."""
LETTERS = "a1A-_ .,:/@#!?ß"
"""Tried in this order where a class excludes something."""


@lru_cache(maxsize=512)
def matching(pattern: str, shortest: int = 0, longest: int | None = None) -> str | None:
    """A text in which `pattern` is found, of `shortest` to `longest` characters; None where none was found.

    Lookarounds are not planned for, but for rules of passwords; a text is only returned when it truly matches.
    """
    try:
        tree = parser.parse(pattern)
        expression = re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return None
    for extra in range(TRIES):
        try:
            text = _text(tree, extra, {})
        except _NothingFitsError:
            return None
        anchored = text.ljust(shortest, "a") if len(text) < shortest else text
        for candidate in (text, anchored):
            if (
                shortest <= len(candidate)
                and (longest is None or len(candidate) <= longest)
                and expression.search(candidate)
            ):
                return candidate
        if longest is not None and len(text) > longest:
            break
    mixtures = ((MIXTURE * TRIES)[:length] for length in range(max(1, shortest), min(longest or TRIES, TRIES) + 1))
    return next((text for text in mixtures if "(?" in pattern and expression.search(text)), None)


class _NothingFitsError(Exception):
    pass


def _text(tree: Any, extra: int, groups: dict[int, str]) -> str:
    return "".join(_piece(kind, value, extra, groups) for kind, value in tree)


def _piece(kind: Any, value: Any, extra: int, groups: dict[int, str]) -> str:
    if kind is op.LITERAL:
        return chr(value)
    if kind is op.NOT_LITERAL:
        return _other_than(lambda letter: ord(letter) == value)
    if kind is op.ANY:
        return "a"
    if kind is op.IN:
        return _one_of(value)
    if kind is op.BRANCH:
        branches = value[1]
        return _text(branches[extra if extra < len(branches) else 0], extra, groups)
    if kind is op.SUBPATTERN:
        number, _, _, tree = value
        text = _text(tree, extra, groups)
        if number is not None:
            groups[number] = text
        return text
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        fewest, most, tree = value
        return _repeated(tree, min(fewest + extra, most), extra, groups)
    if kind is op.ATOMIC_GROUP:
        return _text(value, extra, groups)
    if kind is op.GROUPREF:
        return groups.get(value, "")
    return ""  # anchors and lookarounds take no room


def _repeated(tree: Any, count: int, extra: int, groups: dict[int, str]) -> str:
    pieces: list[str] = []
    length = 0
    for _ in range(count):
        pieces.append(_text(tree, extra, groups))
        length += max(1, len(pieces[-1]))
        if length > LONGEST:
            raise _NothingFitsError
    return "".join(pieces)


def _one_of(members: Any) -> str:
    if members[0][0] is op.NEGATE:
        return _other_than(lambda letter: any(_belongs(letter, member) for member in members[1:]))
    kind, value = members[0]
    if kind is op.LITERAL:
        return chr(value)
    if kind is op.RANGE:
        return chr(value[0])
    return CLASSES.get(value, "a")


def _belongs(letter: str, member: Any) -> bool:
    kind, value = member
    if kind is op.LITERAL:
        return bool(ord(letter) == value)
    if kind is op.RANGE:
        return bool(value[0] <= ord(letter) <= value[1])
    if value is op.CATEGORY_DIGIT or value is op.CATEGORY_NOT_DIGIT:
        return letter.isdigit() == (value is op.CATEGORY_DIGIT)
    if value is op.CATEGORY_SPACE or value is op.CATEGORY_NOT_SPACE:
        return letter.isspace() == (value is op.CATEGORY_SPACE)
    is_word = letter.isalnum() or letter == "_"
    return is_word == (value is op.CATEGORY_WORD)


def _other_than(excluded: Any) -> str:
    for letter in LETTERS:
        if not excluded(letter):
            return letter
    raise _NothingFitsError
