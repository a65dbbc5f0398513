"""The words of this environment that a report may not hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit

from roadworthy.redaction import can_be_told, redactor
from roadworthy.secret_names import is_secret

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine
    from roadworthy.findings import Check, Finding
    from roadworthy.manifest.model import Variable

Row = TypeVar("Row", "Finding", "Check")


def without_secrets(machine: Machine, rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """`rows` with a mark in place of each secret of the environment.

    Nothing that writes them shows a value; what a driver or a server says in an error may.
    """
    redact = redactor(_secrets(machine.manifest.env or {}, machine.environment))

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return redact(value)
        return tuple(map(clean, value)) if isinstance(value, tuple) else value

    texts = [{name: clean(getattr(row, name)) for name in _TEXTS if hasattr(row, name)} for row in rows]
    return tuple(replace(row, **changed) for row, changed in zip(rows, texts, strict=True))


_TEXTS = ("message", "why", "fix", "commands", "text", "reason", "item")


def _secrets(declared: Mapping[str, Variable], environment: Mapping[str, str]) -> Iterator[str]:
    for name, value in environment.items():
        if (name in declared and declared[name].secret) or (is_secret(name) and can_be_told(value)):
            yield value
        elif "://" in value and "@" in value:
            yield from _password(value)


def _password(url: str) -> Iterator[str]:
    try:
        password = urlsplit(url).password or ""
    except ValueError:
        return
    if can_be_told(password):
        yield from (password, unquote(password))
