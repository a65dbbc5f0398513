"""One pass over a syntax tree: every node knows its parent, and is found by its type."""

from __future__ import annotations

import ast
import gc
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, overload

from roadworthy.scan.text import Unreadable

A = TypeVar("A", bound=ast.AST)
B = TypeVar("B", bound=ast.AST)
C = TypeVar("C", bound=ast.AST)

_FIELDS: dict[type, tuple[str, ...]] = {}
"""The fields of each type of node that may hold nodes."""
_OPENING = {ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef}
"""What opens a scope."""
_PLAIN = {
    *("ctx", "type_comment", "id", "attr", "arg", "name", "asname", "kind", "level", "op", "ops", "module"),
    *("conversion", "simple", "is_async", "str", "tag"),
}
"""Fields without nodes: names, numbers, and operators, which have nothing below them and are no places."""
_WITHOUT_NODES: dict[type[ast.AST], str] = {
    ast.Constant: "value",
    ast.MatchSingleton: "value",
    ast.MatchMapping: "rest",
    ast.MatchClass: "kwd_attrs",
    ast.Global: "names",
    ast.Nonlocal: "names",
}
"""Fields that may hold nodes in other types, and none in these."""


class Tree:
    """A parsed file. `nodes` holds all its nodes by type, in the order of the source."""

    def __init__(self, text: str) -> None:
        self.root = _parsed(text)
        self.nodes: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        self._walk()

    @overload
    def all(self, one: type[A], /) -> list[A]: ...
    @overload
    def all(self, one: type[A], two: type[B], /) -> list[A | B]: ...
    @overload
    def all(self, one: type[A], two: type[B], three: type[C], /) -> list[A | B | C]: ...
    def all(self, *kinds: type[Any]) -> list[Any]:
        """Every node of these types, in a list that nobody changes."""
        if len(kinds) == 1:
            return self.nodes.get(kinds[0], [])
        return [node for each in kinds for node in self.nodes.get(each, ())]

    def release(self) -> None:
        """Let go of every node: each knows its parent, so that without this only the collector would free them."""
        for kind, nodes in self.nodes.items():
            if _FIELDS[kind]:  # what holds no node is freed with what holds it
                for node in nodes:
                    node.__dict__.clear()
        self.nodes.clear()

    def _walk(self) -> None:
        nodes = self.nodes
        stack: list[ast.AST] = [self.root]
        self.root.parent = None  # type: ignore[attr-defined]
        self.root.home = self.root  # type: ignore[attr-defined]
        while stack:
            node = stack.pop()
            kind = type(node)
            nodes[kind].append(node)
            fields = _FIELDS.get(kind)
            if fields is None:
                fields = _FIELDS[kind] = _fields_with_nodes(kind)
            if not fields:
                continue
            held = node.__dict__
            below: list[Any] = []
            for name in fields:
                value = held.get(name)
                if value.__class__ is list:
                    below += value
                elif value is not None:
                    below.append(value)
            below.reverse()
            outer = held["home"]
            if kind in _OPENING:
                for child in below:
                    if child is not None:
                        child.parent = node
                        # A decorator, a default and a base are looked up around the definition.
                        child.home = node if isinstance(child, ast.stmt) else outer
                        stack.append(child)
            else:
                for child in below:
                    if child is not None:  # a dictionary's `**more` has no key
                        child.parent = node
                        child.home = outer
                        stack.append(child)


def home(node: ast.AST) -> ast.AST:
    """The module, the class or the function in whose scope a node's names are looked up."""
    return node.home  # type: ignore[attr-defined, no-any-return]


def parent(node: ast.AST) -> ast.AST | None:
    """The node around this one; None above the module."""
    return node.parent  # type: ignore[attr-defined, no-any-return]


def above(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes around this one, the nearest first."""
    around = parent(node)
    while around is not None:
        yield around
        around = parent(around)


def _fields_with_nodes(kind: type[ast.AST]) -> tuple[str, ...]:
    plain = (
        _PLAIN - {"name"} if kind.__name__ == "TypeAlias" else _PLAIN
    )  # its name is a node; Python 3.12 has it first
    return tuple(name for name in kind._fields if name not in plain and name != _WITHOUT_NODES.get(kind))


@contextmanager
def without_collector() -> Iterator[None]:
    """No garbage collection meanwhile: trees hold no garbage, and looking for it takes half of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _parsed(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in a stranger's string
            return ast.parse(text)
    except SyntaxError as error:
        raise Unreadable(
            f"no Python {sys.version_info.major}.{sys.version_info.minor}: {error.msg}", error.lineno
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(str(error) if isinstance(error, ValueError) else "nested too deeply") from error
