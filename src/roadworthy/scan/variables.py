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
    from roadworthy.scan.scopes import Scope

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
    how: Literal["subscript", "get", "library", "settings", "asked"]
    """`os.environ[…]` raises, `get` gives None or the default, a library's and a settings class's raise at once.

    `asked` is `"NAME" in os.environ`.
    """
    default: ast.expr | None = None

    @property
    def is_required(self) -> bool:
        """Whether nothing stands in for it where it is not set."""
        if self.how == "asked":
            return False
        if self.how == "settings":
            return self.default is None
        return self.default is None or (isinstance(self.default, ast.Constant) and self.default.value is None)


def variables_in(module: Module) -> Iterator[VariableRead]:
    """Every read of a variable whose name is known, in the order of the kinds of reading."""
    for subscript in module.all(ast.Subscript) if "environ" in module.source else ():
        if not isinstance(subscript.ctx, ast.Load) or module.name(subscript.value) != "os.environ":
            continue
        for name in _names(module, subscript.slice):
            yield VariableRead(name, subscript, "subscript")
    for call in module.calls_to(*GETTERS):
        argument = call.argument(0, "key")
        default = call.argument(1, "default")
        for name in () if argument is None else _names(module, argument):
            yield VariableRead(name, call.node, "get", default if default is not None else _alternative(call.node))
    for call in module.calls_to(*LIBRARIES):
        argument = call.argument(0)
        for name in () if argument is None else _names(module, argument):
            yield VariableRead(name, call.node, "library", call.argument(LIBRARIES[call.name], "default"))
    yield from _asked(module)
    yield from _fields(module)


def _asked(module: Module) -> Iterator[VariableRead]:
    for compare in module.all(ast.Compare) if "environ" in module.source else ():
        if isinstance(compare.ops[0], (ast.In, ast.NotIn)) and module.name(compare.comparators[0]) == "os.environ":
            for name in _names(module, compare.left):
                yield VariableRead(name, compare, "asked")


def conversion_of(module: Module, read: VariableRead) -> ast.Call | None:
    """The call that converts what was read, or the name it was given: `int(os.environ["PORT"])`."""
    for use in uses_of(module, read):
        around = parent(use)
        if isinstance(around, ast.Call) and module.call(around).name in CONVERTERS and around.func is not use:
            return around
    return None


def method_of_none(read: VariableRead) -> ast.Call | None:
    """The call of a text's method on what is None where the variable is not set: `os.getenv("X").split(",")`."""
    around = parent(read.node)
    call = None if around is None else parent(around)
    if read.how == "get" and read.is_required and isinstance(around, ast.Attribute) and isinstance(call, ast.Call):
        return call if call.func is around else None
    return None


def names_for(read: VariableRead) -> str | None:
    """What the value is assigned to, as it is written: `KEY`, `self.key`."""
    return _assigned_to(read.node, (ast.BoolOp, ast.IfExp))


def uses_of(module: Module, read: VariableRead) -> Iterator[ast.expr]:
    """The read itself, and where the name that it is assigned to, once, is used in its place."""
    if isinstance(read.node, ast.expr):
        yield read.node
    name = names_for(read)
    if name is None:
        return
    nodes: list[ast.Name] | list[ast.Attribute] = (
        module.all(ast.Name) if name.isidentifier() else module.all(ast.Attribute)
    )
    word = name.rpartition(".")[2]
    for node in nodes:
        if (node.id if isinstance(node, ast.Name) else node.attr) != word or not isinstance(node.ctx, ast.Load):
            continue
        if module.names.value(node) is read.node:
            yield node


def texts_with(module: Module, read: VariableRead) -> Iterator[ast.expr]:
    """Where a variable that may be missing is formatted into a text that is sent: it becomes the word `None`.

    A text is taken for sent where it begins as a header or an address does, or stands in headers.
    """
    if read.how != "get" or not read.is_required:
        return
    for use in uses_of(module, read):
        piece = parent(use)
        whole = None if piece is None else parent(piece)
        if isinstance(piece, ast.FormattedValue) and isinstance(whole, ast.JoinedStr) and _is_sent(whole):
            yield use


def is_checked(module: Module, read: VariableRead) -> bool:
    """Whether the code asks if it is there: in a condition, or by a name that a condition then asks for."""
    if read.name in _asked_for(module):
        return True
    for around in above(read.node):
        if isinstance(around, (ast.If, ast.IfExp)) and f"'{read.name}'" in ast.unparse(around.test):
            return True  # asked for by its name, in a condition around this
        if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            break
    for around in above(read.node):
        if isinstance(around, (ast.If, ast.While, ast.IfExp, ast.Assert)) and _holds(around.test, read.node):
            return True
        if isinstance(around, (ast.Compare, ast.UnaryOp, ast.comprehension)):
            return True
        if isinstance(around, ast.Call) and module.call(around).name in ("bool", "all", "any"):
            return True
        if isinstance(around, ast.stmt):
            break
    assigned = _assigned_to(read.node, (ast.BoolOp, ast.IfExp, ast.Call, ast.Attribute))
    if assigned is None:
        return False
    scope = module.scope(read.node)
    if "." in assigned and any(_is_tested(module, name, own) for name, own in _aliases(module, assigned)):
        return True
    return _is_tested(module, assigned, scope)


def is_refused(module: Module, read: VariableRead) -> bool:
    """Whether the function that reads it goes no further without it: `if not key: raise …`."""
    around, scope = parent(read.node), module.scope(read.node)
    if not isinstance(around, ast.Assign) or not isinstance(around.targets[0], ast.Name):
        return False
    name = around.targets[0].id
    if len(scope.bindings.get(name, ())) != 1:
        return False
    return any(
        isinstance(test.body[-1], ast.Raise) and name in _missed_by(test.test)
        for test in module.all(ast.If)
        if module.scope(test) is scope
    )


def _missed_by(test: ast.expr) -> list[str]:
    """The names of which one being empty makes a condition true: `not key`, `key is None`, `not key or not url`."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
            return [name]
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
            return [name]
        case ast.UnaryOp(op=ast.Not(), operand=ast.BoolOp(op=ast.And(), values=values)):
            return [each.id for each in values if isinstance(each, ast.Name)]
        case ast.UnaryOp(op=ast.Not(), operand=ast.Call(func=ast.Name(id="all"), args=[ast.List(elts=values)])):
            return [each.id for each in values if isinstance(each, ast.Name)]
        case ast.BoolOp(op=ast.Or(), values=values):
            return [name for each in values for name in _missed_by(each)]
    return []


def _is_tested(module: Module, assigned: str, scope: Scope) -> bool:
    word = assigned.rpartition(".")[2]
    for test in _tests(module):
        if any(_is_named(each, word) and ast.unparse(each) == assigned for each in ast.walk(test)):
            owner = module.scope(test)
            if "." in assigned or owner is scope or (scope.kind != "function" and owner.lookup(assigned)):
                return True
    return False


def _aliases(module: Module, attribute: str) -> Iterator[tuple[str, Scope]]:
    """`key = self.key`: the names under which functions look at an attribute."""
    word = attribute.rpartition(".")[2]
    for assign in module.all(ast.Assign):
        value, target = assign.value, assign.targets[0]
        if isinstance(value, ast.Attribute) and value.attr == word and isinstance(target, ast.Name):
            yield target.id, module.scope(assign)


def tells_if_missing(module: Module, read: VariableRead) -> bool:
    """Whether a missing one stops what reads it: `os.environ[…]`, a settings class, a condition that asks."""
    return read.how == "asked" or (read.is_required and (read.how != "get" or is_checked(module, read)))


def _is_sent(text: ast.JoinedStr) -> bool:
    first = text.values[0]
    begins = str(first.value).lower() if isinstance(first, ast.Constant) else ""
    if begins.startswith(("bearer ", "token ", "basic ", "apikey ", "api-key ", "key ")) or "://" in begins[:10]:
        return True
    for around in above(text):
        match around:
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if value is text and isinstance(key, ast.Constant) and key.value == "Authorization":
                        return True
            case ast.stmt() | ast.Call():
                return False
    return False


def _tests(module: Module) -> Iterator[ast.expr]:
    for each in module.all(ast.If, ast.Assert, ast.IfExp):
        yield each.test
    for call in module.calls_to("all", "any"):
        yield call.node
    for boolean in module.all(ast.BoolOp):
        if isinstance(boolean.op, ast.And):
            yield boolean


def _is_named(node: ast.AST, word: str) -> bool:
    return (isinstance(node, ast.Name) and node.id == word) or (isinstance(node, ast.Attribute) and node.attr == word)


def _asked_for(module: Module) -> set[str]:
    """Variables whose presence this file asks for: `"X" in os.environ`, and loops over names of required ones."""
    found: set[str] = set()
    found.update(read.name for read in _asked(module))
    for call in module.calls_to(*GETTERS[:2]):
        argument = call.argument(0, "key")
        if isinstance(argument, ast.Name) and module.text(argument) is None:
            found.update(_names(module, argument))
    return found


def _alternative(node: ast.expr) -> ast.expr | None:
    """`os.environ.get("X") or "y"`."""
    around = parent(node)
    if isinstance(around, ast.BoolOp) and isinstance(around.op, ast.Or) and around.values[-1] is not node:
        return around.values[-1]
    return None


def _names(module: Module, node: ast.expr) -> tuple[str, ...]:
    """The variable's name, or all that a loop over constants gives: `for name in REQUIRED: os.environ[name]`."""
    text = module.text(node)
    if text is not None:
        return () if HOLE in text else (text,)
    if not isinstance(node, ast.Name):
        return ()
    for around in above(node):
        loops: list[ast.For | ast.comprehension] = [around] if isinstance(around, ast.For) else []
        if isinstance(around, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)):
            loops = list(around.generators)
        for loop in loops:
            if isinstance(loop.target, ast.Name) and loop.target.id == node.id:
                names = module.constant(loop.iter)
                names = list(names) if isinstance(names, (list, dict)) else []
                return tuple(each for each in names if isinstance(each, str) and each)
    return ()


def _holds(inside: ast.AST, node: ast.AST) -> bool:
    return any(each is inside for each in (node, *above(node)))


def _assigned_to(node: ast.AST, through: tuple[type[ast.AST], ...]) -> str | None:
    """What a value is assigned to, as it is written, through these nodes around it."""
    around = parent(node)
    while isinstance(around, through):
        around = parent(around)
    match around:
        case ast.Assign(targets=[ast.Name() | ast.Attribute() as target]):
            return ast.unparse(target)
        case ast.AnnAssign(target=ast.Name() | ast.Attribute() as target):
            return ast.unparse(target)
        case ast.NamedExpr(target=ast.Name(id=name)):
            return name
    return None


def _fields(module: Module) -> Iterator[VariableRead]:
    """Fields of settings classes: pydantic reads `api_key` from `API_KEY`, below `env_prefix`."""
    for each in module.all(ast.ClassDef):
        if not _is_settings(module, each):
            continue
        prefix = _prefix(module, each)
        for field in each.body:
            if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
                continue
            if not field.target.id.startswith(("model_config", "_")):
                yield _field(module, field, field.target.id, prefix)


def _is_settings(module: Module, each: ast.ClassDef, depth: int = 0) -> bool:
    """Whether it is a settings class, or one of a class of this file that is."""
    for base in each.bases:
        if module.name(base) in SETTINGS:
            return True
        bound = module.names.bound(base) if isinstance(base, ast.Name) and depth < 5 else []
        if len(bound) == 1 and isinstance(bound[0], ast.ClassDef) and _is_settings(module, bound[0], depth + 1):
            return True
    return False


def _field(module: Module, field: ast.AnnAssign, name: str, prefix: str) -> VariableRead:
    default: ast.expr | None = field.value
    if isinstance(default, ast.Call) and module.name(default.func).endswith("Field"):
        call = module.call(default)
        alias = call.text(None, "validation_alias") or call.text(None, "alias") or call.text(None, "env")
        choices = call.argument(None, "validation_alias")
        if isinstance(choices, ast.Call):
            alias = module.call(choices).text(0) or alias
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
