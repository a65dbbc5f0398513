"""A text that matches a regular expression: the shortest one that comes to hand, always the same."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from re import _constants as op  # type: ignore[attr-defined] # the standard library's own, without stubs
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

TRIES = 64
"""Lengths tried until one fits; each try lets every open-ended repeat run once more."""
LONGEST = 10_000
"""Characters of a text; patterns that demand more are given up."""
STEPS = 1_000_000
"""Steps that a search may take here; one that may take more is done in a process of its own."""
PATIENCE = 1.0
"""Seconds that such a process gets: what takes longer would hold up every model call."""
SEARCH = """\
import json, re, sys
pattern, texts = json.load(sys.stdin)
found = (number for number, text in enumerate(texts) if re.search(pattern, text))
print(next(found, ""), end="")
"""
CLASSES = {
    op.CATEGORY_DIGIT: "1",
    op.CATEGORY_NOT_DIGIT: "a",
    op.CATEGORY_SPACE: " ",
    op.CATEGORY_NOT_SPACE: "a",
    op.CATEGORY_WORD: "a",
    op.CATEGORY_NOT_WORD: "-",
}
REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
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
        open_ended, nested = _open_ended(tree)
        texts = _candidates(pattern, tree, shortest, longest)
        for text in texts:
            ways = 2 ** min(len(text), 64) if nested else math.comb(len(text) + open_ended, open_ended)
            if ways > STEPS:
                return _first_found(pattern, [text, *texts])
            if expression.search(text):
                return text
    except (re.error, RecursionError, OverflowError, subprocess.TimeoutExpired):
        pass
    return None


def _candidates(pattern: str, tree: Any, shortest: int, longest: int | None) -> Iterator[str]:
    for extra in range(TRIES):
        try:
            text = _text(tree, extra, {})
        except _NothingFitsError:
            return
        anchored = text.ljust(shortest, "a") if len(text) < shortest else text
        for candidate in dict.fromkeys((text, anchored)):
            if shortest <= len(candidate) and (longest is None or len(candidate) <= longest):
                yield candidate
        if longest is not None and len(text) > longest:
            break
    if "(?" in pattern:
        lengths = range(max(1, shortest), min(longest or TRIES, TRIES) + 1)
        yield from ((MIXTURE * TRIES)[:length] for length in lengths)


def _first_found(pattern: str, texts: list[str]) -> str | None:
    """The first text in which the pattern is found. One that is in none may be looked for in every way to share it out.

    Raises `subprocess.TimeoutExpired` where that takes too long.
    """
    asked = json.dumps([pattern, texts])
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", SEARCH], input=asked, capture_output=True, text=True, timeout=PATIENCE
    )
    return texts[int(done.stdout)] if done.stdout else None


def _open_ended(tree: Any) -> tuple[int, bool]:
    """How many repeats of no fixed number a pattern has, and whether one is inside of another."""
    count, nested = 0, False
    for kind, value in tree:
        inner: list[Any] = []
        if kind in REPEATS:
            inner = [value[2]]
        elif kind is op.BRANCH:
            inner = list(value[1])
        elif kind is op.SUBPATTERN:
            inner = [value[3]]
        elif kind is op.ATOMIC_GROUP:
            inner = [value]
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            inner = [value[1]]
        below = [_open_ended(each) for each in inner]
        is_open = kind in REPEATS and value[0] != value[1]
        nested = nested or any(each for _, each in below) or (is_open and any(number for number, _ in below))
        count += is_open + sum(number for number, _ in below)
    return count, nested


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
    if kind in REPEATS:
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
