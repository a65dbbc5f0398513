"""Which environment variables a file reads, and what becomes of each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from roadworthy.scan.tree import above, parent
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.scan.module import Module

GETTERS = ("os.getenv", "os.environ.get", "os.environ.setdefault", "os.environ.pop")
LIBRARIES = {
    "decouple.config": 1,
    "environs.Env().str": 1,
    "environs.Env().int": 1,
    "environs.Env().bool": 1,
    "environ.Env()": 1,
    "starlette.config.Config()": None,
}
"""Functions of settings libraries that raise with the variable's name, and the position of their default."""
SETTINGS = ("pydantic_settings.BaseSettings", "pydantic.BaseSettings", "pydantic.v1.BaseSettings")
CONVERTERS = ("int", "float", "bool", "json.loads", "ast.literal_eval", "uuid.UUID", "datetime.timedelta")


@dataclass(frozen=True, slots=True)
class VariableRead:
    """One place that reads a variable."""

    name: str
    node: ast.expr | ast.AnnAssign
    how: Literal["subscript", "get", "library", "settings"]
    """`os.environ[…]` raises, `get` gives None or the default, a library's and a settings class's raise at once."""
    default: ast.expr | None = None

    @property
    def is_required(self) -> bool:
        """Whether nothing stands in for it where it is not set."""
        if self.how == "settings":
            return self.default is None
        return self.default is None or (isinstance(self.default, ast.Constant) and self.default.value is None)


def variables_in(module: Module) -> Iterator[VariableRead]:
    """Every read of a variable whose name is known, in the order of the kinds of reading."""
    for subscript in module.all(ast.Subscript):
        if not isinstance(subscript.ctx, ast.Load) or module.name(subscript.value) != "os.environ":
            continue
        if (name := _name(module, subscript.slice)) is not None:
            yield VariableRead(name, subscript, "subscript")
    for call in module.calls_to(*GETTERS):
        argument = call.argument(0, "key")
        if argument is not None and (name := _name(module, argument)) is not None:
            default = call.argument(1, "default")
            yield VariableRead(name, call.node, "get", default if default is not None else _alternative(call.node))
    for call in module.calls_to(*LIBRARIES):
        argument = call.argument(0)
        if argument is not None and (name := _name(module, argument)) is not None:
            yield VariableRead(name, call.node, "library", call.argument(LIBRARIES[call.name], "default"))
    yield from _fields(module)


def conversion_of(module: Module, read: VariableRead) -> ast.Call | None:
    """The call that converts what was read: `int(os.environ["PORT"])`."""
    around = parent(read.node)
    if isinstance(around, ast.BoolOp):
        around = parent(around)
    if isinstance(around, ast.Call) and module.call(around).name in CONVERTERS and around.func is not read.node:
        return around
    return None


def is_in_text(read: VariableRead) -> bool:
    """Whether it is formatted into a text as it is: a variable that is not set becomes the word `None`."""
    return read.how == "get" and read.is_required and isinstance(parent(read.node), ast.FormattedValue)


def is_checked(module: Module, read: VariableRead) -> bool:
    """Whether the code asks if it is there: in a condition, one around it, or by a name that a condition asks for."""
    for around in above(read.node):
        if isinstance(around, (ast.If, ast.IfExp)) and f"'{read.name}'" in ast.unparse(around.test):
            return True
        if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            break
    for around in above(read.node):
        if isinstance(around, (ast.If, ast.While, ast.IfExp, ast.Assert)) and _holds(around.test, read.node):
            return True
        if isinstance(around, (ast.Compare, ast.UnaryOp, ast.comprehension)):
            return True
        if isinstance(around, ast.stmt):
            break
    assigned = _assigned_to(read.node)
    if assigned is None:
        return False
    scope = module.scope(read.node)
    for test in (each.test for each in module.all(ast.If, ast.Assert, ast.IfExp)):
        if any(isinstance(each, ast.Name) and each.id == assigned for each in ast.walk(test)):
            owner = module.scope(test)
            if owner is scope or (scope.kind != "function" and owner.lookup(assigned)):
                return True
    return False


def _alternative(node: ast.expr) -> ast.expr | None:
    """`os.environ.get("X") or "y"`."""
    around = parent(node)
    if isinstance(around, ast.BoolOp) and isinstance(around.op, ast.Or) and around.values[-1] is not node:
        return around.values[-1]
    return None


def _name(module: Module, node: ast.expr) -> str | None:
    text = module.text(node)
    return None if not text or HOLE in text else text


def _holds(inside: ast.AST, node: ast.AST) -> bool:
    return any(each is inside for each in (node, *above(node)))


def _assigned_to(node: ast.AST) -> str | None:
    around = parent(node)
    while isinstance(around, (ast.BoolOp, ast.Call, ast.Attribute)):
        around = parent(around)
    match around:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case ast.NamedExpr(target=ast.Name(id=name)):
            return name
    return None


def _fields(module: Module) -> Iterator[VariableRead]:
    """Fields of settings classes: pydantic reads `api_key` from `API_KEY`, below `env_prefix`."""
    for each in module.all(ast.ClassDef):
        if not any(module.name(base) in SETTINGS for base in each.bases):
            continue
        prefix = _prefix(module, each)
        for field in each.body:
            if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
                continue
            if not field.target.id.startswith(("model_config", "_")):
                yield _field(module, field, field.target.id, prefix)


def _field(module: Module, field: ast.AnnAssign, name: str, prefix: str) -> VariableRead:
    default: ast.expr | None = field.value
    if isinstance(default, ast.Call) and module.name(default.func).endswith("Field"):
        call = module.call(default)
        alias = call.text(None, "validation_alias") or call.text(None, "alias") or call.text(None, "env")
        if alias:
            name, prefix = alias, ""
        default = call.argument(0, "default") or call.argument(None, "default_factory")
        if isinstance(default, ast.Constant) and default.value is ...:
            default = None
    return VariableRead(f"{prefix}{name}".upper(), field, "settings", default)


def _prefix(module: Module, settings: ast.ClassDef) -> str:
    for call in (each for each in ast.walk(settings) if isinstance(each, ast.Call)):
        if module.name(call.func).endswith("SettingsConfigDict"):
            return module.call(call).text(None, "env_prefix") or ""
    for assign in (each for each in ast.walk(settings) if isinstance(each, ast.Assign)):
        if isinstance(assign.targets[0], ast.Name) and assign.targets[0].id == "env_prefix":
            return module.text(assign.value) or ""
    return ""
