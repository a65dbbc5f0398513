"""Where a folder is only one place of several that are looked through, or the one that a search begins at."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from roadworthy.scan.tree import above

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module


def goes_up(module: Module, call: Call) -> bool:
    """Whether a search begins there: `while current != current.parent`, `for folder in (cwd, *cwd.parents)`."""
    for around in above(call.node):
        if isinstance(around, ast.Attribute) and around.attr == "parents":
            return True
        if isinstance(around, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
            target = around.targets[0] if isinstance(around, ast.Assign) else around.target
            return isinstance(target, ast.Name) and _is_left_upwards(module, target)
        if isinstance(around, ast.stmt):
            return False
    return False


def _is_left_upwards(module: Module, target: ast.Name) -> bool:
    """Whether the name becomes its own parent in a loop, or all of its parents are gone through."""
    scope = module.names.binding_scope(target)
    for each in module.all(ast.Attribute):
        value = each.value
        if each.attr not in ("parent", "parents") or not isinstance(value, ast.Name) or value.id != target.id:
            continue
        is_in_loop = module.inside(each, ast.While, ast.For) is not None
        if (each.attr == "parents" or is_in_loop) and module.names.binding_scope(value) is scope:
            return True
    return False


def is_one_of_several(call: Call) -> bool:
    """Whether it stands in a list with other folders: `[Path.cwd(), Path("/tmp")]`."""
    inner: ast.AST = call.node
    for around in above(call.node):
        if isinstance(around, (ast.List, ast.Tuple, ast.Set)):
            others = [each for each in around.elts if each is not inner]
            return bool(others) and all(_is_a_folder(each) for each in others)
        if isinstance(around, ast.stmt):
            return False
        inner = around
    return False


def _is_a_folder(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and node.value.startswith(("/", "~"))
    return any(isinstance(each, (ast.Call, ast.Name, ast.Attribute)) for each in ast.walk(node))
