"""State that outlives a request and that functions change: what gains, what is replaced, what is bounded or guarded."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from roadworthy.scan.moments import Moment
from roadworthy.scan.scopes import Bound, Import, Other
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
_FILLED_ONCE = (
    *("cache", "memo", "registry", "registered", "instance", "client", "pool", "singleton", "_lock", "metrics"),
    *("loaded", "initialized", "initialised", "warned"),
)
"""Words in names of what is filled once and is the same for every request."""
_FORGETS = re.compile(r"evict|prune|purge|expire|trim|shrink|clean_?up|sweep|forget")
"""Names of functions that take out what is old of what they are handed, in lower case."""


@dataclass(frozen=True, slots=True)
class Change:
    """One place in a function that changes a name of the module's."""

    name: str
    """`sessions`, or `self.sessions` of an object."""
    node: ast.AST
    how: Literal["gains", "replaced"]
    """`gains`: an item more, or under a key; `replaced`: bound anew by `global`."""
    key: ast.expr | None
    """The key of `name[key] = …`, `name[key].append(…)` and `name.setdefault(key, …)`."""


def is_once(name: str) -> bool:
    """Whether a name, in lower case, says that it is filled once, with what is the same for every request."""
    return any(word in name for word in _FILLED_ONCE)


def changes_in_requests(module: Module) -> Iterator[Change]:
    """Changes of the module's own state by functions that run in requests, or that nothing here calls."""
    for change in changes(module):
        if module.moment(change.node) in (Moment.REQUEST, Moment.UNKNOWN):
            yield change


def loses(module: Module, name: str) -> bool:
    """Whether something in the project takes items out of it, replaces it, or compares how many there are."""
    if _loses_here(module, name) or _in_other_file(module, name) is True:
        return True
    return bool(module.project.is_taken_out(_dotted(module, name)))


def _loses_here(module: Module, name: str) -> bool:
    found = _lost_here(module)
    attribute = name.rpartition(".")[2]
    if isinstance(_bound(module, name), ast.ClassDef) and not found.isdisjoint(
        (f"cls.{attribute}", f"self.{attribute}")
    ):
        return True
    return name in found


def mutable(module: Module) -> dict[str, bool]:
    """The module's lists and mappings that nothing bounds, and whether this file takes something out of each."""
    return {name: _loses_here(module, name) for name in _mutable(module)}


def taken_out(module: Module) -> tuple[str, ...]:
    """The dotted names of what other files may have bound, and this one takes something out of."""
    named = (name for name in _lost_here(module) if name is not None and isinstance(_bound(module, name), Import))
    return tuple(sorted({_dotted(module, name) for name in named}))


def _lost_here(module: Module) -> set[str | None]:
    found: set[str | None] | None = module.remembered.get("lost")
    if found is None:
        found = module.remembered["lost"] = {*_lost(module)}
    return found


def _dotted(module: Module, name: str) -> str:
    bound = _bound(module, name)
    rest = name[len(name.partition(".")[0]) :]
    return bound.dotted + rest if isinstance(bound, Import) else f"{module.dotted}.{name}"


def _lost(module: Module) -> Iterator[str | None]:
    # Not only calls: `task.add_done_callback(tasks.discard)`.
    yield from (_written(each.value) for each in module.all(ast.Attribute) if each.attr in LOSES)
    for node in module.all(ast.Delete):
        yield from (_written(each.value) for each in node.targets if isinstance(each, ast.Subscript))
    yield from (change.name for change in changes(module) if change.how == "replaced")
    for subscript in module.all(ast.Subscript):
        if isinstance(subscript.slice, ast.Slice) and isinstance(subscript.ctx, ast.Store):
            yield _written(subscript.value)  # `seen[:] = …`
    for call in module.calls_to("len"):
        if isinstance(parent(call.node), ast.Compare) and (given := call.argument(0)) is not None:
            yield _written(given)
    for call in module.methods(*(word for word in module.words_called if _FORGETS.search(word.lower()))):
        yield from (_written(each) for each in call.node.args)


def is_guarded(module: Module, node: ast.AST) -> bool:
    """Whether it stands below `with lock:`, or another thing whose name says that it is one.

    Or each use of its function in this file does.
    """
    if _is_below_lock(module, node):
        return True
    function = module.scope(node).node
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    uses = _uses(module).get(function.name, ())
    return bool(uses) and all(_is_below_lock(module, each) for each in uses)


def _uses(module: Module) -> dict[str, list[ast.AST]]:
    """Word → where it is read, as a name or as an attribute's."""
    found: dict[str, list[ast.AST]] | None = module.remembered.get("uses")
    if found is None:
        found = module.remembered["uses"] = defaultdict(list)
        for each in module.all(ast.Name, ast.Attribute):
            if isinstance(each.ctx, ast.Load):
                found[each.id if isinstance(each, ast.Name) else each.attr].append(each)
    return found


def _is_below_lock(module: Module, node: ast.AST) -> bool:
    for around in above(node):
        if isinstance(around, (ast.With, ast.AsyncWith)):
            entered = " ".join(
                f"{ast.unparse(item.context_expr)} {module.name(item.context_expr)}" for item in around.items
            ).lower()
            if "lock" in entered or "mutex" in entered or "semaphore" in entered:
                return True
        if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
    return False


def changes(module: Module) -> list[Change]:
    """Every change by a function of what outlives its call: names of the module, mappings of an object."""
    found: list[Change] | None = module.remembered.get("changes")
    if found is None:
        found = module.remembered["changes"] = [*_gains(module), *_replaced(module)]
    return found


def _gains(module: Module) -> Iterator[Change]:
    shared = _mutable(module)
    for call in module.methods(*GAINS):
        function = call.node.func
        if not isinstance(function, ast.Attribute):
            continue
        if name := _shared(module, function.value, shared):
            yield Change(name, call.node, "gains", call.argument(0) if function.attr == "setdefault" else None)
        elif isinstance(function.value, ast.Subscript) and (name := _shared(module, function.value.value, shared)):
            yield Change(name, call.node, "gains", function.value.slice)
    for subscript in module.all(ast.Subscript):
        if isinstance(subscript.slice, ast.Slice):
            continue
        if isinstance(subscript.ctx, ast.Store) and (name := _shared(module, subscript.value, shared)):
            yield Change(name, subscript, "gains", subscript.slice)
        elif isinstance(subscript.value, ast.Attribute) and (name := _of_app(subscript.value)) is not None:
            around = parent(subscript)
            if isinstance(subscript.ctx, ast.Store) or (isinstance(around, ast.Attribute) and around.attr in GAINS):
                yield Change(name, subscript, "gains", subscript.slice)


def _replaced(module: Module) -> Iterator[Change]:
    rebound: dict[tuple[int, str], ast.AST] = {}
    for names in module.all(ast.Global):
        scope = module.scope(names)
        rebound |= {(id(scope), name): names for name in names.names}
    if not rebound:
        return
    for assign in module.all(ast.Assign, ast.AugAssign, ast.AnnAssign):
        for target in assign.targets if isinstance(assign, ast.Assign) else [assign.target]:
            each: ast.expr
            for each in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(each, ast.Name) and (id(module.scope(assign)), each.id) in rebound:
                    yield Change(each.id, assign, "replaced", None)


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
    """The name that this is, in a function: the module's, another file's, or an object's mapping."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        value = module.names.value(node)
        return f"self.{node.attr}" if value is not node and _is_mutable(module, value) else None
    if isinstance(node, ast.Attribute) and (of := _class_named(module, node.value)) is not None:
        assigned = module.names.attribute(of, node.attr)
        return f"{of}.{node.attr}" if len(assigned) == 1 and _is_mutable(module, assigned[0]) else None
    name = node.value if isinstance(node, ast.Attribute) else node
    if not isinstance(name, ast.Name) or module.scope(node).kind != "function":
        return None
    if module.names.binding_scope(name) is not module.scopes.module:  # what the function itself binds
        return None
    if name is node and name.id in shared:
        return name.id
    written = _written(node)
    return None if written is None or _in_other_file(module, written) is None else written


def _of_app(node: ast.Attribute) -> str | None:
    """`app.state.sessions`, `request.app.state.sessions`: what all requests of an application share."""
    of = node.value
    if not isinstance(of, ast.Attribute) or of.attr != "state":
        return None
    application = of.value
    word = application.attr if isinstance(application, ast.Attribute) else getattr(application, "id", "")
    return f"app.state.{node.attr}" if word == "app" else None


def _class_named(module: Module, node: ast.expr) -> str | None:
    """The class of this file that `cls`, or its name, stands for in a function."""
    if not isinstance(node, ast.Name) or module.scope(node).kind != "function":
        return None
    if node.id == "cls":
        around = module.scope(node).class_around
        return None if around is None else around.name
    bound = module.names.bound(node)
    return module.scopes.inside(bound[0]).name if len(bound) == 1 and isinstance(bound[0], ast.ClassDef) else None


def _in_other_file(module: Module, name: str) -> bool | None:
    """Whether another file takes something out of its own list or mapping, here called `sessions` or `store.sessions`.

    None where it is none of another file's.
    """
    bound = _bound(module, name)
    return (
        module.project.mutable(bound.dotted + name[len(name.partition(".")[0]) :])
        if isinstance(bound, Import)
        else None
    )


def _bound(module: Module, name: str) -> Bound | None:
    """The one thing that the first word of a name is bound to at the top level."""
    bound = module.scopes.module.bindings.get(name.partition(".")[0], [])
    return bound[0] if len(bound) == 1 else None


def _written(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return None
