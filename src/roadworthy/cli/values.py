"""What options of several verbs take: codes, durations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def codes(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """`ENV302,rate RATE3` in any number of options, as one tuple in upper case."""
    return tuple(code.upper() for value in given for code in value.replace(",", " ").split())


def code_option(name: str, text: str) -> Callable[[Any], Any]:
    """An option that takes codes, or prefixes of codes, with commas between them, any number of times."""
    return click.option(name, multiple=True, metavar="CODE,…", callback=codes, help=text)


class Duration(click.ParamType[float]):
    """`30`, `500ms`, `2m`, as in the manifest; seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds, above zero."""
        from roadworthy.manifest.formats import FORMATS, WrongFormatError

        form = FORMATS["duration"]
        try:
            return float(form.read(value))
        except WrongFormatError:
            self.fail(f"{value!r}: write {form.looks}", param, ctx)
