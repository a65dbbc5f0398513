"""The manifest's part of a TOML document to a tree with places."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from roadworthy.manifest.mistakes import ManifestError, Source
from roadworthy.manifest.toml_places import Path, Place, locate
from roadworthy.manifest.tree import Entry, Items, Node, Scalar, Table

ERROR_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def toml_tree(source: Source, table: tuple[str, ...]) -> Node | None:
    """What stands at `table`, such as `("tool", "roadworthy")`; None where there is nothing.

    Raises ManifestError where the text is no TOML.
    """
    try:
        value: Any = tomllib.loads(source.text)
        for key in table:
            if not isinstance(value, dict) or key not in value:
                return None
            value = value[key]
        return _tree(value, table, locate(source.text))
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(source, str(error)) from None
    except RecursionError:
        raise source.error(0, "nested too deeply to be read") from None
    except ValueError:  # a whole number of more digits than Python reads
        raise source.error(0, "holds a number that is too long to be read") from None


def _tree(value: Any, path: Path, places: dict[Path, Place]) -> Node:
    place = places[path]
    if isinstance(value, dict):
        entries = [Entry(k, places[*path, k].key, _tree(v, (*path, k), places)) for k, v in value.items()]
        return Table(place.value, tuple(entries))
    if isinstance(value, list):
        return Items(place.value, tuple(_tree(item, (*path, i), places) for i, item in enumerate(value)))
    if isinstance(value, str | bool | int | float):
        return Scalar(place.value, value, value if isinstance(value, str) else place.written)
    return Scalar(place.value, place.written, place.written)  # a date or a time


def _syntax_error(source: Source, problem: str) -> ManifestError:
    found = ERROR_PLACE.search(problem)
    at = len(source.text.rstrip())
    if found and found[1]:
        lines = source.text.split("\n")
        line = min(int(found[1]), len(lines)) - 1
        column = min(int(found[2]) - 1, len(lines[line].rstrip("\r")))
        at = sum(len(text) + 1 for text in lines[:line]) + column
    return source.error(at, f"not valid TOML: {ERROR_PLACE.sub('', problem)}")
