"""What a value in the manifest may look like, by the word in the model's `Annotated`: read, and described.

One table for the reader, the JSON Schema and the docs, so that they cannot differ.
"""

from __future__ import annotations

import math
import re
import shlex
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from roadworthy.errors import UsageError
from roadworthy.manifest.mistakes import quoted
from roadworthy.manifest.variables import references
from roadworthy.manifest.waivers import Waiver, waiver_in

SECONDS: Mapping[str, float] = {
    **dict.fromkeys(("ms",), 0.001),
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86400),
}
BYTES: Mapping[str, float] = {
    "B": 1,
    **{f"{letter}B": 1000**power for power, letter in enumerate("kMGT", 1)},
    **{f"{letter}{end}": 1024**power for power, letter in enumerate("KMGT", 1) for end in ("i", "iB")},
}
QUANTITY = r"([0-9]+(?:\.[0-9]+)?)"
DURATION = re.compile(rf"{QUANTITY} ?({'|'.join(SECONDS)})?")
SIZE = re.compile(rf"{QUANTITY} ?({'|'.join(BYTES)})?")
RATE = re.compile(rf"{QUANTITY} ?/ ?({'|'.join(SECONDS)})")
PLAIN_JSONPATH = re.compile(r"\$(?:\.[A-Za-z_][A-Za-z0-9_]*|\[(?:0|[1-9][0-9]{0,8})\])*")
LONGEST_NUMBER = 30
"""Digits and units of a quantity that anybody could mean."""
HOST = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
IPV6 = r"\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]?"
VARIABLE = r"\$\{[A-Za-z_][A-Za-z0-9_]*(?::-[^}]*)?\}"
CONDITION = r"(?:>=|<=|==|!=|~=|>|<|=)?[0-9]+(?:\.[0-9]+)*"


class WrongFormatError(ValueError):
    """The text does not have its format; `mends` say what would do."""

    def __init__(self, problem: str, *mends: str) -> None:
        super().__init__(problem)
        self.mends = mends


@dataclass(frozen=True, slots=True)
class Format:
    """`read` turns text (or a number where `numbers`, a list of text where `lists`) into the value.

    `looks` completes "write …"; `schema` is the JSON Schema of what is written, `type` its name in the docs.
    A `private` one may hold a password: messages do not repeat it.
    """

    type: str
    looks: str
    read: Callable[[Any], Any]
    schema: dict[str, Any]
    text: bool = True
    numbers: bool = False
    lists: bool = False
    private: bool = False


def shaped(pattern: str, mend: Callable[[str], str | None] = lambda _text: None) -> dict[str, Any]:
    """A text format that is one regular expression; `mend` guesses from a wrong text what was meant."""
    shape = re.compile(pattern)

    def read(text: str) -> str:
        if not shape.fullmatch(text):
            guess = mend(text)
            fits = guess is not None and shape.fullmatch(guess)
            raise WrongFormatError("", *([f"did you mean {quoted(str(guess))}?"] if fits else []))
        return text

    return {"read": read, "schema": {"type": "string", "pattern": f"^(?:{pattern})$"}}


def quantity(shape: re.Pattern[str], units: Mapping[str, float], *, whole: bool = False) -> dict[str, Any]:
    """A number with a unit, or alone in the unit that counts 1; above zero."""

    def read(given: str | float) -> float:
        number, unit = given, 1.0
        if isinstance(given, str):
            match = shape.fullmatch(given) if len(given) <= LONGEST_NUMBER else None
            if match is None:
                raise WrongFormatError("")
            number, unit = float(match[1]), units.get(match[2], 1.0)
        value = float(number) * unit
        if not math.isfinite(value) or value <= 0 or (whole and value < 1):
            raise WrongFormatError("", "it must be above zero")
        return int(value) if whole else value

    number = {"type": "number", "exclusiveMinimum": 0}
    return {
        "read": read,
        "numbers": True,
        "schema": {"anyOf": [number, {"type": "string", "pattern": f"^(?:{shape.pattern})$"}]},
    }


def _rate(given: str | float) -> float:
    if not isinstance(given, str):
        return float(quantity(DURATION, {})["read"](given))
    match = RATE.fullmatch(given) if len(given) <= LONGEST_NUMBER else None
    if match is None or float(match[1]) <= 0:
        raise WrongFormatError("")
    return float(match[1]) / SECONDS[match[2]]


def _whole(lowest: int, highest: int | None = None) -> dict[str, Any]:
    def read(number: float) -> int:
        if not isinstance(number, int) or number < lowest or (highest is not None and number > highest):
            raise WrongFormatError("")
        return number

    bounds = {"minimum": lowest} | ({} if highest is None else {"maximum": highest})
    return {"read": read, "text": False, "numbers": True, "schema": {"type": "integer", **bounds}}


def _positive(number: float) -> float:
    if not math.isfinite(number) or number <= 0:
        raise WrongFormatError("")
    return float(number)


def _jsonpath(text: str) -> str:
    """Names and indexes alone are right as they are: the compiler, which is slow to import, is for the rest."""
    if PLAIN_JSONPATH.fullmatch(text):
        return text
    if not text.startswith("$"):
        guess = f"$.{text.lstrip('.')}"
        raise WrongFormatError("", *([f"did you mean {quoted(guess)}?"] if PLAIN_JSONPATH.fullmatch(guess) else []))
    import jsonpath_rfc9535

    try:
        jsonpath_rfc9535.compile(text)
    except (jsonpath_rfc9535.JSONPathError, ValueError, RecursionError) as error:
        problem = str(error).partition("\n")[0].partition(", line ")[0]
        raise WrongFormatError(problem) from error
    return text


def _pattern(text: str) -> str:
    try:
        with warnings.catch_warnings(action="ignore"):
            re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise WrongFormatError(str(error)) from error
    return text


def _command(given: str | tuple[str, ...]) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(given)) if isinstance(given, str) else given
    except ValueError as error:
        raise WrongFormatError(str(error).lower()) from error
    if not words or not words[0]:
        raise WrongFormatError("there is no program in it")
    return words


def _with_references(pattern: str, text: str) -> str:
    """`text` must fit `pattern` once a word stands in place of each `${VAR}`."""
    try:
        references(text)
    except UsageError as error:
        problem, _, mend = str(error).partition("\n  ")
        raise WrongFormatError(problem, mend) from error
    if not re.fullmatch(pattern, re.sub(VARIABLE, "variable", text)):
        guess = re.sub(r"\$([A-Za-z_]\w*)", r"${\1}", text)
        raise WrongFormatError("", *([f"did you mean {quoted(guess)}?"] if guess != text else []))
    return text


def _address(text: str) -> str:
    if re.fullmatch(rf"(?:{VARIABLE})+", text):
        return text
    return _with_references(r"[A-Za-z][A-Za-z0-9+.-]*://\S+", text)


def _host_or_variable(text: str) -> str:
    return text if text.startswith("/") else _with_references(f"{HOST}|{IPV6}", text)


def _waiver(text: str) -> Waiver:
    try:
        return waiver_in(text)
    except ValueError as error:
        raise WrongFormatError(str(error), "write the last day as year-month-day: until 2027-01-31") from error


def _as_entry(text: str) -> str | None:
    """`app.main:agent`, as uvicorn has it, is `app/main.py:agent` here."""
    match = re.fullmatch(r"([\w.]+):([A-Za-z_]\w*)", text)
    return f"{match[1].removesuffix('.py').replace('.', '/')}.py:{match[2]}" if match else None


def _below_root(text: str) -> str | None:
    return f"/{text}" if re.fullmatch(r"[\w][^\s:]*", text) else None


def _host_of(text: str) -> str | None:
    match = re.fullmatch(rf"(?:[a-z+]+://)?(?:[^@/]*@)?({HOST})(?::[0-9]+)?(?:/.*)?", text)
    return match[1] if match else None


FORMATS = {
    "duration": Format(
        "duration", "seconds, or a number and its unit: 30, 500ms, 30s, 2m, 1h", **quantity(DURATION, SECONDS)
    ),
    "size": Format("size", "bytes, or a number and its unit: 1024, 512MiB, 1GB", **quantity(SIZE, BYTES, whole=True)),
    "rate": Format(
        "rate",
        "a number per second, or a number and its time: 10, 10/s, 500/minute",
        _rate,
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0},
                {"type": "string", "pattern": f"^(?:{RATE.pattern})$"},
            ]
        },
        numbers=True,
    ),
    "count": Format("positive whole number", "a whole number, 1 or more", **_whole(1)),
    "error status": Format(
        "HTTP status of an error", "a whole number from 400 to 599: 429, 500, 503", **_whole(400, 599)
    ),
    "port": Format("port", "a whole number from 1 to 65535", **_whole(1, 65535)),
    "positive number": Format(
        "positive number",
        "a number above zero",
        _positive,
        {"type": "number", "exclusiveMinimum": 0},
        text=False,
        numbers=True,
    ),
    "JSONPath": Format(
        "JSONPath",
        "where it is in the JSON: $.output, $.choices[0].text",
        _jsonpath,
        {"type": "string", "pattern": r"^\$"},
    ),
    "pattern": Format(
        "regular expression",
        "a regular expression of Python's `re`: sk-.+",
        _pattern,
        {"type": "string", "format": "regex"},
    ),
    "command": Format(
        "command",
        "a program and its arguments: [python, main.py], or python main.py",
        _command,
        {
            "anyOf": [
                {"type": "string", "pattern": r"\S"},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
            ]
        },
        lists=True,
    ),
    "entry": Format(
        "entry point (file.py:name)",
        "the file and the name in it: app.py:agent",
        **shaped(r"[^:\s][^:]*\.py:[A-Za-z_][A-Za-z0-9_.]*", _as_entry),
    ),
    "method": Format("HTTP method", "an HTTP method: GET, POST", **shaped(r"[A-Z]+", str.upper)),
    "web address": Format(
        "URL",
        "an address with http:// or https://: https://staging.internal",
        **shaped(rf"https?://[^\s/]\S*|{VARIABLE}\S*"),
    ),
    "URL path": Format("URL path", "a path from the root: /health", **shaped(r"/\S*", _below_root)),
    "address": Format(
        "URL",
        "an address with its scheme, or a variable: postgres://localhost:5432/app, ${NAME}",
        _address,
        {"type": "string", "pattern": r"://|\$\{"},
        private=True,
    ),
    "host or variable": Format(
        "host",
        "a host's name, an IP address, a unix socket's path or a variable: localhost, 127.0.0.1, /run/db.sock, ${NAME}",
        _host_or_variable,
        {"type": "string", "minLength": 1},
    ),
    "host": Format("host", "a host's name alone: db.internal", **shaped(HOST, _host_of)),
    "file path": Format(
        "path", "a path: config.yaml, /var/lib/agent (`~` is not expanded)", **shaped(r"[^~\s](?:.*\S)?")
    ),
    "absolute path": Format("absolute path", "a path from the root: /app", **shaped(r"/(?:.*\S)?", _below_root)),
    "versions": Format(
        "versions",
        'any version, or conditions with commas between: "*", ">=13", ">=13, <15"',
        **shaped(rf"\*|{CONDITION}(?:, ?{CONDITION})*"),
    ),
    "variable name": Format(
        "variable", "letters, digits and underscores: DATABASE_URL", **shaped(r"[A-Za-z_.-][A-Za-z0-9_.-]*")
    ),
    "waiver": Format(
        "waiver",
        "the reason, and the last day if there is one: answers are idempotent, until 2027-01-31",
        _waiver,
        {"type": "string", "pattern": r"\S"},
    ),
    "rule": Format(
        "rule",
        "a rule's code, or how codes begin: PATH101, ENV",
        **shaped(r"[A-Z]+[0-9]{0,3}", str.upper),
    ),
    "file pattern": Format(
        "file pattern", "a pattern as in .gitignore: scripts/, *.ipynb, tests/**/data", **shaped(r"[^#\s](?:.*\S)?")
    ),
    "code": Format("code", "a hazard's letters and three digits: LIFE302", **shaped(r"[A-Z]+[0-9]{3}", str.upper)),
}
"""Every word that an `Annotated` of the model has."""
