"""Conditions behind a requirement (PEP 508's markers): `sys_platform == "win32" and python_version < "3.12"`.

`packaging` has them too, and is not there in an image that holds only what the agent asks for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from roadworthy.check.versions import fits

_TOKEN = re.compile(
    r"\s*(?P<token>\(|\)|'[^']*'|\"[^\"]*\"|===|==|!=|<=|>=|~=|<|>|\bnot\s+in\b|\bin\b|\band\b|\bor\b|[A-Za-z_.]+)"
)
_VERSIONS = ("python_version", "python_full_version", "implementation_version", "platform_release")
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


class _UnknownError(Exception):
    """Something that is not understood."""


def holds(marker: str, environment: Mapping[str, str]) -> bool | None:
    """Whether a marker holds in `environment` (`python_version` and so on); None where that cannot be told."""
    tokens: list[str] = []
    at = 0
    text = marker.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            return None
        tokens.append(re.sub(r"\s+", " ", found["token"]))
        at = found.end()
    try:
        told = _either(tokens, environment)
    except (_UnknownError, IndexError):
        return None
    return None if tokens else told


def _either(tokens: list[str], environment: Mapping[str, str]) -> bool:
    told = _both(tokens, environment)
    while tokens and tokens[0] == "or":
        tokens.pop(0)
        told = _both(tokens, environment) or told
    return told


def _both(tokens: list[str], environment: Mapping[str, str]) -> bool:
    told = _one(tokens, environment)
    while tokens and tokens[0] == "and":
        tokens.pop(0)
        told = _one(tokens, environment) and told
    return told


def _one(tokens: list[str], environment: Mapping[str, str]) -> bool:
    if tokens[0] == "(":
        tokens.pop(0)
        told = _either(tokens, environment)
        if tokens.pop(0) != ")":
            raise _UnknownError
        return told
    left, operator, right = tokens.pop(0), tokens.pop(0), tokens.pop(0)
    if left[0] in "'\"":
        left, right, operator = right, left, _TURNED.get(operator, operator)
        if operator in ("in", "not in"):
            value = environment.get(right if right[0] not in "'\"" else left)
            if value is None:
                raise _UnknownError
            return (right[1:-1] in value) is (operator == "in")
    if left not in environment or right[0] not in "'\"":
        raise _UnknownError
    return _compared(left, environment[left], operator, right[1:-1])


def _compared(name: str, value: str, operator: str, wanted: str) -> bool:
    if operator in ("in", "not in"):
        return (value in re.split(r"[\s,]+", wanted) or value == wanted) is (operator == "in")
    if name in _VERSIONS[:2]:
        version = tuple(map(int, re.findall(r"\d+", value)[:3]))
        if name == "python_version":  # exactly two parts: 3.11 is not above 3.11
            version = (*version[:2], 0)
        told = fits(version, f"{operator}{wanted}")
        if told is None:
            raise _UnknownError
        return told
    if name in _VERSIONS:
        raise _UnknownError
    match operator:
        case "==" | "===":
            return value == wanted
        case "!=":
            return value != wanted
        case _:
            raise _UnknownError
