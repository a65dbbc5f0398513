"""Which files a start of the project reads, and which only a request or a setting asks for."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from roadworthy.scan.scopes import imported

if TYPE_CHECKING:
    from roadworthy.scan.module import Module
    from roadworthy.scan.summary import Summary


def files_asked_for(module: Module) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The dotted names that this file imports whenever it is read, and those that it imports only then and when.

    Below an `if` of the top level a setting decides; an `if TYPE_CHECKING:` never imports anything.
    """
    always: set[str] = set()
    at_times: set[str] = set()
    for node in module.all(ast.Import, ast.ImportFrom):
        names = {dotted for _, dotted in imported(node, module.scopes.package)}
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        around = module.inside(node, ast.If)
        if isinstance(around, ast.If) and "TYPE_CHECKING" in ast.unparse(around.test):
            continue
        is_put_off = module.scope(node).kind == "function" or (around is not None and not module.is_in_main(node))
        (at_times if is_put_off else always).update(names)
    return tuple(sorted(always)), tuple(sorted(at_times - always))


def put_off(summaries: Iterable[Summary], file_of: Callable[[str], Summary | None]) -> frozenset[str]:
    """The files, by dotted name, that no start reads: all that import them do so in a function or below a setting.

    What nothing imports is read by something outside of the project: a server's command line, a loader of plug-ins.
    """
    known = {each.dotted: each for each in summaries}
    # A file's own name is among them, for the packages around it.
    always = {name: [*_files((name, *each.imports), known, file_of)] for name, each in known.items()}
    late = {name for each in known.values() for name in _files(each.put_off, known, file_of)}
    early = {name for of, names in always.items() for name in names if name != of}
    return frozenset(_reached(late, always) - _reached(known.keys() - late - early, always))


def _files(names: Iterable[str], known: dict[str, Summary], file_of: Callable[[str], Summary | None]) -> Iterator[str]:
    """The files that an import reads: what is named, and the packages around it."""
    for name in names:
        file = file_of(name)
        dotted = file.dotted if file is not None else ""
        while dotted:
            if dotted in known:
                yield dotted
            dotted = dotted.rpartition(".")[0]


def _reached(roots: Iterable[str], always: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    stack = [*roots]
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            stack += always[name]
    return found
