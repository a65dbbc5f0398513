"""Imports that production can do without: where a package is missing, the code goes on, and says so."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from roadworthy.scan.scopes import imported
from roadworthy.scan.tree import above

if TYPE_CHECKING:
    from roadworthy.scan.module import Module

_GUARDS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
_CHOICE = re.compile("TYPE_CHECKING|platform|os.name")
"""Conditions of imports that production may never come to."""


def is_optional(node: ast.stmt) -> bool:
    """Whether an import stands where its failure is caught, or where it may never be tried."""
    for around in above(node):
        if isinstance(around, ast.Try):
            caught = {each for handler in around.handlers for each in _caught(handler)}
            if not caught or caught & _GUARDS:
                return True
        elif isinstance(around, ast.If) and _CHOICE.search(ast.unparse(around.test)):
            return True
    return False


def imports_of(module: Module) -> tuple[frozenset[str], frozenset[str]]:
    """The dotted names that this file imports, relative ones too, and those of them only imported in such places."""
    tried: set[str] = set()
    needed: set[str] = set()
    for node in module.all(ast.Import, ast.ImportFrom):
        names = {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
        names |= {dotted for _, dotted in imported(node, module.package)}
        (tried if is_optional(node) else needed).update(names)
    return frozenset(tried | needed), frozenset(tried - needed)


def tried_tops(module: Module) -> frozenset[str]:
    """The packages of which an import stands in such a place: elsewhere in the file they are known to be there."""
    found = (node for node in module.all(ast.Import, ast.ImportFrom) if is_optional(node))
    names = (dotted for node in found for _, dotted in imported(node, module.package))
    return frozenset(dotted.partition(".")[0] for dotted in names)


def _caught(handler: ast.ExceptHandler) -> list[str]:
    if handler.type is None:
        return ["Exception"]
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return [ast.unparse(each) for each in kinds]
