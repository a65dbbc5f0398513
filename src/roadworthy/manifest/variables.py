"""`${VAR}` in the manifest's addresses: finding the references, and putting values in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping

from roadworthy.errors import UsageError

REFERENCE = re.compile(
    r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}|(?P<wrong>\{))"
)
"""A dollar sign before anything else stands for itself."""
FORMS = "the forms are ${NAME} and ${NAME:-default}; a dollar sign before a brace is written $$"


def references(text: str) -> tuple[str, ...]:
    """The names of the variables in `text`, each once. Raises UsageError for a broken reference."""
    names = []
    for match in REFERENCE.finditer(text):
        _refuse_broken(match, text)
        if match["name"]:
            names.append(match["name"])
    return tuple(dict.fromkeys(names))


def resolve(text: str, environment: Mapping[str, str]) -> str:
    """`text` with each `${VAR}` replaced by its value.

    As in a shell, the default of `${VAR:-default}` also stands in for an empty value. `$$` is one dollar
    sign. Raises UsageError naming the variable that is not there, or the broken reference.
    """

    def value(match: re.Match[str]) -> str:
        _refuse_broken(match, text)
        if match["dollar"]:
            return "$"
        name, default = match["name"], match["default"]
        if default is not None:
            return environment.get(name) or default
        if name not in environment:
            raise UsageError(
                f"${{{name}}}: the variable {name} is not set\n"
                f"  export it, put it into .env, or write a default into the manifest: ${{{name}:-…}}"
            )
        return environment[name]

    return REFERENCE.sub(value, text)


def _refuse_broken(match: re.Match[str], text: str) -> None:
    if match["wrong"]:
        end = text.find("}", match.start())
        broken = text[match.start() : end + 1 if end >= 0 else match.start() + 20]
        raise UsageError(f"{broken!r} is no reference to a variable\n  {FORMS}")
