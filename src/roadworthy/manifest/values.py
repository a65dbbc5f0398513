"""Does a value fit its variable, and values that do or do not: for checks, and for rehearsals.

Nothing here tells a value: it may be a secret.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from roadworthy.errors import UsageError
from roadworthy.manifest.model import Variable

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without those that look alike."""
TRIES = 100
"""Words made from a pattern before giving up: what looks ahead or behind is met by chance only."""
INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
BOOLEANS = ("true", "false", "1", "0", "yes", "no", "on", "off")
WIDEST = 1000
"""How far from its one limit a number is chosen where the other limit is missing."""


def violations(variable: Variable, value: str) -> list[str]:
    """What is wrong with `value`, each as the end of a sentence that begins with the variable's name."""
    found = []
    if not _readable[variable.type](value):
        found.append(f"is no {_nouns[variable.type]}")
    elif variable.type in ("integer", "number"):
        if variable.minimum is not None and float(value) < variable.minimum:
            found.append(f"is below {variable.minimum:g}")
        if variable.maximum is not None and float(value) > variable.maximum:
            found.append(f"is above {variable.maximum:g}")
    if variable.choices and value not in variable.choices:
        found.append(f"is none of {', '.join(variable.choices)}")
    if variable.pattern is not None and not re.fullmatch(variable.pattern, value):
        found.append(f"does not match the pattern {variable.pattern}")
    return found


def value_that_fits(variable: Variable, rng: random.Random) -> str:
    """A made-up value with the right type, choices and pattern; long enough to be found again.

    Raises UsageError where none is found: a pattern that looks ahead or behind, or that contradicts the rest.
    """
    for value in _candidates(variable, rng):
        if not violations(variable, value):
            return value
    raise UsageError(
        f"no value was found that fits its {'pattern ' + variable.pattern if variable.pattern else 'limits'}\n"
        "  give it one for rehearsals: `rehearse: …` below its name in the manifest's `env`"
    )


def values_that_violate(name: str, variable: Variable) -> list[str]:
    """Values that break each thing declared of the variable; none where any text will do.

    `name` is in none of them: an agent that repeats the value has not named the variable.
    """
    word = next(word for word in ("wrong", "q7x9z") if word not in name.lower())
    wrong = {
        "integer": [word, "1.5"],
        "number": [word],
        "boolean": [word],
        "url": [word],
        "json": ["{" + word],
    }.get(variable.type, [])
    if variable.type in ("integer", "number"):
        if variable.minimum is not None:
            wrong.append(f"{math.floor(variable.minimum) - 1}")
        if variable.maximum is not None:
            wrong.append(f"{math.ceil(variable.maximum) + 1}")
    if variable.choices or variable.pattern is not None:
        wrong += [word, f" {word}!", ""]
    broken = [value for value in dict.fromkeys(wrong) if violations(variable, value)]
    return [value for value in broken if value] or broken


def _candidates(variable: Variable, rng: random.Random) -> Iterator[str]:
    if variable.choices:
        yield from rng.sample(variable.choices, len(variable.choices))
        return
    if variable.pattern is not None:
        from roadworthy.manifest.pattern_words import word_that_matches

        for _ in range(TRIES):
            word = word_that_matches(variable.pattern, rng)
            if word is not None:
                yield word
    for _ in range(TRIES if variable.pattern is not None else 1):
        yield _of_type(variable, rng)
    if variable.default is not None:
        yield variable.default


def _of_type(variable: Variable, rng: random.Random) -> str:
    word = "".join(rng.choices(LETTERS, k=24))
    match variable.type:
        case "integer":
            low, high = _range(variable)
            return str(rng.randint(math.ceil(low), max(math.ceil(low), math.floor(high))))
        case "number":
            return repr(rng.uniform(*_range(variable)))
        case "boolean":
            return rng.choice(("true", "false"))
        case "url":
            return f"https://{word}.invalid/"
        case "json":
            return json.dumps({"made_up": word})
        case "path":
            return f"/tmp/{word}"  # noqa: S108 - a name, nothing is written there
        case _:
            return word


def _range(variable: Variable) -> tuple[float, float]:
    low, high = variable.minimum, variable.maximum
    if low is None:
        low = 1.0 if high is None else high - WIDEST
    return low, low + WIDEST if high is None else high


def _is_url(text: str) -> bool:
    if re.search(r"\s", text) or not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://.", text):
        return False
    try:
        urlsplit(text).port  # noqa: B018 - reading it is what checks it
    except ValueError:
        return False
    return True


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


_readable: dict[str, Callable[[str], bool]] = {
    "string": lambda _: True,
    "integer": lambda text: INTEGER.fullmatch(text) is not None,
    "number": lambda text: NUMBER.fullmatch(text) is not None and math.isfinite(float(text)),
    "boolean": lambda text: text.lower() in BOOLEANS,
    "url": _is_url,
    "json": _is_json,
    "path": lambda text: text != "" and "\0" not in text,
}
_nouns = {
    "integer": "whole number",
    "number": "number",
    "boolean": f"boolean ({', '.join(BOOLEANS)})",
    "url": "URL",
    "json": "JSON",
    "path": "path",
}
