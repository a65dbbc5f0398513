"""Which constants are only the default of something that can be set from outside."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from roadworthy.scan.tree import above, parent
from roadworthy.scan.variables import GETTERS, LIBRARIES, SETTINGS

if TYPE_CHECKING:
    from roadworthy.scan.module import Module

DECLARES = ("add_argument", "option", "Option", "argument", "Argument", "Field", "field", "config", "mapped_column")
"""Calls that declare an option, an argument or a field, whose default this is."""
_SETTING = re.compile(r"(^|[._])(settings|config|cfg|conf|args|options|opts)$", re.IGNORECASE)
"""How an object is called that has what somebody set."""
READS = ("get", "getenv", "pop", "setdefault", "getattr", "get_secret", "get_setting", "getstr")


def is_default(module: Module, node: ast.expr) -> bool:
    """Whether a constant stands in for what a variable, an option, a field or an argument may say."""
    child: ast.AST = node
    for around in above(node):
        match around:
            case ast.Call() if is_default_in(module, around, child):
                return True
            case ast.BoolOp(op=ast.Or(), values=values) if child is not values[0]:
                return True
            case ast.IfExp(body=body, orelse=orelse) if child in (body, orelse):
                return True
            case ast.arguments():
                return True
            case ast.AnnAssign() | ast.Assign() if isinstance(parent(around), ast.ClassDef):
                return _is_settings(module, parent(around))
            case ast.stmt():
                return _is_fallback(around)
        child = around
    return False


def is_last_resort(module: Module, node: ast.AST) -> bool:
    """Whether it is returned where a setting has been read before, and says nothing: `if told: return told`."""
    statement = next((each for each in above(node) if isinstance(each, ast.stmt)), None)
    if not isinstance(statement, ast.Return):
        return False
    block = parent(statement)
    if not isinstance(block, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    return any(
        isinstance(each, ast.If) and isinstance(each.body[-1], ast.Return) and _asks_a_setting(module, each.test)
        for each in block.body[: block.body.index(statement)]
    )


def _asks_a_setting(module: Module, test: ast.expr) -> bool:
    for each in ast.walk(test):
        value = module.names.value(each) if isinstance(each, ast.Name) else each
        while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            if module.name(value.func) in GETTERS:
                return True
            value = value.func.value  # `os.environ.get("HOST", "").strip()`
        if isinstance(value, ast.Call) and module.name(value.func) in GETTERS:
            return True
        if isinstance(value, ast.Subscript) and module.name(value.value) == "os.environ":
            return True
        if isinstance(value, ast.Attribute) and _SETTING.search(ast.unparse(value.value)):
            return True
    return False


def is_default_in(module: Module, call: ast.Call, argument: ast.AST) -> bool:
    """Whether an argument of this call is what it gives where nothing else is set."""
    name = module.name(call.func)
    word = name.rpartition(".")[2]
    if name in GETTERS or name in LIBRARIES or word in DECLARES:
        return True
    return word in READS and argument in call.args[1:]


def _is_settings(module: Module, around: ast.AST | None) -> bool:
    """A field of a settings class, a dataclass or a model: whoever makes one can say otherwise."""
    assert isinstance(around, ast.ClassDef)
    decorated = any(
        module.name(each.func if isinstance(each, ast.Call) else each).endswith("dataclass")
        for each in around.decorator_list
    )
    named = any(word in around.name for word in ("Settings", "Config", "Options"))
    models = any(module.name(base) in (*SETTINGS, "pydantic.BaseModel") for base in around.bases)
    return decorated or named or models


def _is_fallback(statement: ast.stmt) -> bool:
    """Assigned in an `if` or an `except`: where something else was looked for first."""
    around = parent(statement)
    if isinstance(around, ast.If) and "__name__" in ast.dump(around.test):
        return False
    return isinstance(statement, (ast.Assign, ast.Return)) and isinstance(
        around, (ast.If, ast.ExceptHandler, ast.match_case)
    )
