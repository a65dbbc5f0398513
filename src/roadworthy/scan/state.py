"""State at the module's top level that functions change: what gains, what is replaced, what is bounded or guarded."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from roadworthy.scan.moments import Moment
from roadworthy.scan.scopes import Other
from roadworthy.scan.tree import above, parent

if TYPE_CHECKING:
    from roadworthy.scan.module import Module

GAINS = ("append", "add", "extend", "insert", "update", "setdefault", "appendleft")
LOSES = ("pop", "popleft", "popitem", "clear", "remove", "discard", "delete")
MUTABLE = (
    "list",
    "dict",
    "set",
    "collections.defaultdict",
    "collections.deque",
    "collections.OrderedDict",
    "collections.Counter",
)
BOUNDED = (
    "cachetools.",
    "expiringdict.",
    "lru.",
    "diskcache.",
    "weakref.",
    "contextvars.",
    "threading.local",
    "asyncio.Queue",
    "queue.Queue",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One place in a function that changes a name of the module's."""

    name: str
    node: ast.AST
    how: Literal["gains", "set", "replaced"]
    """`gains`: an item more, or under a key; `set`: an attribute; `replaced`: bound anew by `global`."""
    key: ast.expr | None
    """The key of `name[key] = …`."""


def changes_in_requests(module: Module) -> Iterator[Change]:
    """Changes of the module's own state by functions that run in requests, or that nothing here calls."""
    for change in _changes(module):
        if module.moment(change.node) in (Moment.REQUEST, Moment.UNKNOWN):
            yield change


def loses(module: Module, name: str) -> bool:
    """Whether something in this file takes items out of it, or measures how many there are."""
    for call in module.methods(*LOSES):
        function = call.node.func
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == name:
            return True
    for node in module.all(ast.Delete):
        if any(
            isinstance(each, ast.Subscript) and isinstance(each.value, ast.Name) and each.value.id == name
            for each in node.targets
        ):
            return True
    measured = (call for call in module.calls_to("len") if isinstance(parent(call.node), ast.Compare))
    return any(isinstance(call.argument(0), ast.Name) and call.argument(0).id == name for call in measured)  # type: ignore[union-attr]


def is_guarded(node: ast.AST) -> bool:
    """Whether it stands below `with lock:`, or another thing whose name says that it is one."""
    for around in above(node):
        if isinstance(around, (ast.With, ast.AsyncWith)):
            entered = " ".join(ast.unparse(item.context_expr) for item in around.items).lower()
            if "lock" in entered or "mutex" in entered or "semaphore" in entered:
                return True
        if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
    return False


def _changes(module: Module) -> Iterator[Change]:
    shared = _mutable(module)
    for call in module.methods(*GAINS):
        function = call.node.func
        if isinstance(function, ast.Attribute) and (name := _shared(module, function.value, shared)):
            yield Change(name, call.node, "gains", None)
    for subscript in module.all(ast.Subscript):
        if isinstance(subscript.ctx, ast.Store) and (name := _shared(module, subscript.value, shared)):
            yield Change(name, subscript, "gains", subscript.slice)
    for names in module.all(ast.Global):
        scope = module.scope(names)
        for name in names.names:
            for assign in module.all(ast.Assign, ast.AugAssign):
                targets = assign.targets if isinstance(assign, ast.Assign) else [assign.target]
                if (
                    any(isinstance(each, ast.Name) and each.id == name for each in targets)
                    and module.scope(assign) is scope
                ):
                    yield Change(name, assign, "replaced", None)


def _mutable(module: Module) -> set[str]:
    """Names of the module that are bound to one mutable thing that nothing bounds."""
    found = set()
    for name, bound in module.scopes.module.bindings.items():
        kinds = [each for each in bound if not isinstance(each, Other)]
        if len(kinds) == 1 and isinstance(kinds[0], ast.expr) and _is_mutable(module, kinds[0]):
            found.add(name)
    return found


def _is_mutable(module: Module, value: ast.expr) -> bool:
    if isinstance(value, (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp)):
        return True
    if not isinstance(value, ast.Call):
        return False
    call = module.call(value)
    if call.name == "collections.deque":
        return not call.has("maxlen") and call.argument(1) is None
    return call.name in MUTABLE and not call.name.startswith(BOUNDED)


def _shared(module: Module, node: ast.expr, shared: set[str]) -> str | None:
    """The module's name that this is, in a function: not one that the function itself binds."""
    if not isinstance(node, ast.Name) or node.id not in shared:
        return None
    scope = module.scope(node)
    if scope.kind != "function" or module.names.binding_scope(node) is not module.scopes.module:
        return None
    return node.id
