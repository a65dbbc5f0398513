"""The code of notebooks."""

from __future__ import annotations

import ast
import json
import re
import warnings
from typing import Any

_SOURCE_BEGINS = re.compile(r'\s*"source": \[\s*$')
"""A line of the file that begins a cell's text."""


def cells(text: str) -> str:
    """A notebook's code, each line where it stands in the file; magic and cells that are no Python become comments.

    Where the file has no line for each line of code, as when it is written in one line, the cells follow one another.
    Raises ValueError where it is no notebook.
    """
    notebook = json.loads(text)
    found = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(found, list):
        raise ValueError("not a notebook")  # noqa: TRY004 - of a file, not of a caller's mistake
    begins = _where_cells_begin(text, found)
    lines: list[str] = []
    for number, cell in enumerate(found):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            code = _source(cell)
            if code.lstrip().startswith("%%"):
                continue
            here = ["#" + line if line.lstrip().startswith(("%", "!", "?")) else line for line in code.splitlines()]
            if begins:
                lines += [""] * (begins[number] - len(lines))
            lines += here if _is_python("\n".join(here)) else ["#" + line for line in here]
    return "\n".join(lines) + "\n"


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _where_cells_begin(text: str, found: list[Any]) -> list[int]:
    """How many lines of the file stand before each cell's first one; nothing where it is not written line by line."""
    written = text.split("\n")
    begins: list[int] = []
    line = 0
    for cell in found:
        source = cell.get("source") if isinstance(cell, dict) else None
        if not isinstance(source, list):
            return []
        while source and line < len(written) and not _SOURCE_BEGINS.match(written[line]):
            line += 1
        line += bool(source)
        begins.append(line)
        for part in source:
            if line >= len(written) or not _holds(written[line], part):
                return []
            line += 1
    return begins


def _holds(line: str, part: object) -> bool:
    """Whether a line of the file is this line of a cell's, as JSON writes it."""
    try:
        return bool(json.loads(line.strip().removesuffix(",")) == part and str(part).count("\n") <= 1)
    except ValueError:
        return False


def _is_python(code: str) -> bool:
    """Whether a cell can be read: of those that cannot, a half-written one or a shell's, the notebook has many."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
