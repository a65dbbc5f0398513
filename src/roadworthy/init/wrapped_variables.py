"""Variables that a function of the file reads for others: `def required(name): return os.environ[name]`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from roadworthy.scan.scopes import Parameter

if TYPE_CHECKING:
    from roadworthy.scan.module import Module
    from roadworthy.scan.scopes import Function


@dataclass(frozen=True, slots=True)
class Reader:
    """A function that reads the variable that its parameter names; `default` is the parameter that stands in for it."""

    function: Function
    name: int
    default: tuple[int, str] | None
    falls_back: bool
    """It gives something of its own where the variable is not set."""


def wrapped_reads(module: Module) -> Iterator[tuple[str, ast.Call, str | None]]:
    """(name, call, default) of every variable that is read through such a function of this file."""
    if "environ" not in module.source and "getenv" not in module.source:
        return
    for reader in _readers(module):
        for call in module.methods(reader.function.name):
            name = call.text(reader.name)
            if name is None or not name.isidentifier():
                continue
            given = None if reader.default is None else call.text(*reader.default)
            yield name, call.node, given if given is not None else "" if reader.falls_back else None


def _readers(module: Module) -> Iterator[Reader]:
    for function in module.functions:
        arguments = [*function.args.posonlyargs, *function.args.args]
        names = [each.arg for each in arguments if each.arg not in ("self", "cls")]
        for node in ast.walk(function):
            key, default = _read(module, node)
            if not isinstance(key, ast.Name) or key.id not in names:
                continue
            own = default.id if isinstance(default, ast.Name) and default.id in names else None
            falls_back = own is None and isinstance(default, ast.Constant) and default.value not in (None, "")
            place = None if own is None else (names.index(own), own)
            yield Reader(function, names.index(key.id), place, falls_back)
            break


def _read(module: Module, node: ast.AST) -> tuple[ast.expr | None, ast.expr | None]:
    """The key and the default of a look into the environment, whatever the environment is called there."""
    match node:
        case ast.Subscript(value=value, slice=key) if _is_environment(module, value):
            return key, None
        case ast.Call(func=ast.Attribute(value=value, attr="get"), args=[key, *rest]) if _is_environment(module, value):
            return key, rest[0] if rest else None
        case ast.Call(args=[key, *rest]) if module.call(node).name == "os.getenv":
            return key, rest[0] if rest else None
    return None, None


def _is_environment(module: Module, node: ast.expr) -> bool:
    if module.name(node) == "os.environ":
        return True
    bound = module.names.bound(node) if isinstance(node, ast.Name) else []
    return any(
        isinstance(each, Parameter) and each.default is not None and module.name(each.default) == "os.environ"
        for each in bound
    )
