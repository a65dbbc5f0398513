"""A word that matches a regular expression, made by walking over the expression as `re` has parsed it.

The parser is private to the standard library and has kept its shape since Python 2. What a word cannot be
made for (looking ahead or behind, contradictions) comes out not matching, so every word is tried before use.
"""

from __future__ import annotations

import importlib
import random
import re
import string
import warnings
from collections.abc import Iterable
from typing import Any

LONGEST = 4000
"""Characters of a word: longer ones are given up."""
USUAL_LENGTH = 24
"""How often one character is repeated where the expression sets no end: enough to tell a secret by."""
PLAIN = string.ascii_lowercase + string.ascii_uppercase + string.digits
PRINTABLE = PLAIN + "-_.~ !#$%&()*+,/:;<=>?@[]^{|}\"'`\\\t\n" + "äß中"
"""In the order of preference; every character but the plain ones is for classes that allow nothing else."""


def word_that_matches(pattern: str, rng: random.Random) -> str | None:
    """A word that the whole of `pattern` matches, or None where this attempt did not find one."""
    parser = importlib.import_module("re._parser")
    try:
        with warnings.catch_warnings(action="ignore"):
            parsed = parser.parse(pattern)
            word = _Walk(parsed.state.flags, rng).words(parsed)
            return word if re.fullmatch(pattern, word) else None
    except (re.error, OverflowError, RecursionError, _TooLongError):
        return None


class _TooLongError(Exception):
    pass


class _Walk:
    def __init__(self, flags: int, rng: random.Random) -> None:
        self.flags = flags
        self.rng = rng
        self.groups: dict[int, str] = {}
        self.length = 0

    def words(self, parts: Iterable[tuple[Any, Any]]) -> str:
        return "".join(self.word(str(part), argument) for part, argument in parts)

    def word(self, part: str, argument: Any) -> str:
        match part:
            case "LITERAL":
                return self.count(chr(argument))
            case "NOT_LITERAL" | "ANY" | "IN" | "CATEGORY" | "RANGE":
                return self.count(self.character(part, argument))
            case "BRANCH":
                return self.words(self.rng.choice(argument[1]))
            case "SUBPATTERN":
                group, _, _, inner = argument
                text = self.words(inner)
                if group is not None:
                    self.groups[group] = text
                return text
            case "ATOMIC_GROUP":
                return self.words(argument)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, inner = argument
                return "".join(self.words(inner) for _ in range(self.times(least, most, inner)))
            case "GROUPREF":
                return self.count(self.groups.get(argument, ""))
            case "GROUPREF_EXISTS":
                group, present, absent = argument
                return self.words((present if group in self.groups else absent) or ())
            case _:  # anchors and what looks ahead or behind add no characters
                return ""

    def times(self, least: int, most: int, inner: Any) -> int:
        """One character is repeated to the usual length, a group only as often as it must be, or a few times."""
        single = len(inner) == 1 and str(inner[0][0]) in ("NOT_LITERAL", "ANY", "IN", "CATEGORY")
        if least > LONGEST:
            raise _TooLongError
        if single:
            return max(least, min(int(most), USUAL_LENGTH))
        return self.rng.randint(least, min(int(most), least + 2))

    def character(self, part: str, argument: Any) -> str:
        one = re.compile(_class_of(part, argument), self.flags & (re.ASCII | re.IGNORECASE | re.DOTALL))
        for alphabet in (PLAIN, PRINTABLE):
            fitting = [c for c in alphabet if one.fullmatch(c)]
            if fitting:
                return self.rng.choice(fitting)
        return next((c for c in map(chr, range(0x3000)) if one.fullmatch(c)), "")

    def count(self, text: str) -> str:
        self.length += len(text)
        if self.length > LONGEST:
            raise _TooLongError
        return text


def _class_of(part: str, argument: Any) -> str:
    """The parsed character class as an expression again."""
    match part:
        case "ANY":
            return "."
        case "NOT_LITERAL":
            return f"[^{_escaped(argument)}]"
        case "IN":
            return f"[{''.join(_member(str(kind), value) for kind, value in argument)}]"
        case _:
            return f"[{_member(part, argument)}]"


def _member(kind: str, value: Any) -> str:
    match kind:
        case "NEGATE":
            return "^"
        case "RANGE":
            return f"{_escaped(value[0])}-{_escaped(value[1])}"
        case "CATEGORY":
            return _categories[str(value)]
        case _:
            return _escaped(value)


def _escaped(codepoint: int) -> str:
    return f"\\U{codepoint:08x}"


_categories = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
