"""State that outlives a request and that functions change: what gains, what is replaced, what is bounded or guarded.

Three hazards ask the same of it, and one of them speaks (`speaker`), so that no line is told twice.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
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


class Speaker(StrEnum):
    """Which hazard a change is."""

    SHARED = "CONC101"
    """Requests see each other's."""
    CONVERSATIONS = "STATE101"
    """Each conversation has its own, in this process alone."""
    GROWTH = "MEM102"
    """Nobody sees another's, but nothing is ever taken out."""


CONVERSATION = re.compile(
    r"(^|[^a-z])(session|conversation|conv|thread|chat|user|sender|customer|contact|phone|channel|context|call)"
    r"(_?(id|key|number|uuid|name))?s?([^a-z]|$)|(^|[^a-z])(sid|uid)([^a-z]|$)"
)
"""Keys that name a conversation, in lower case: `session_id`, `request.user.id`."""
_CONVERSATIONS = (
    *("session", "conversation", "histor", "chats", "threads", "memor", "messages", "store", "users", "contexts"),
    *("states", "dialog", "transcript"),
)
"""Words in names of what holds conversations."""
_JOB = re.compile(r"(^|[^a-z])(job|task|run|request|analysis|research|report)_?(id|uuid)([^a-z]|$)")
"""Keys that name work under way, in lower case, by which another request asks how far it is."""
_JOBS = re.compile(r"(^|_)(jobs?|status|statuses|progress|results|task_(store|db|info|results))$|^jobs?_")
"""Names of what tells how far work is, in lower case."""
_ELSEWHERE = ("lock", "task", "connection", "websocket", "socket", "queue", "event", "limit", "cache", "client", "tool")
"""Words in names of what is no conversation, or cannot live outside of the process."""
_FILLED_ONCE = (
    *("cache", "memo", "registry", "registered", "instance", "client", "pool", "singleton", "_lock", "metrics"),
    *("loaded", "initialized", "initialised", "warned"),
)
"""Words in names of what is filled once and is the same for every request."""


def speaker(module: Module, change: Change) -> Speaker | None:
    """The hazard that a change is; None: it is none, being guarded, filled once, or taken out again.

    What is kept under a conversation's key is STATE101's. Under other keys each request has its own, and what remains
    is growth, MEM102's. Without a key all requests meet in one object: CONC101 where functions read it again, MEM102
    where it is only written.
    """
    name = change.name.lower()
    if change.how == "gains" and change.key is not None:
        if isinstance(change.key, ast.Constant):
            if name.startswith("self."):
                return None
            return None if is_once(name) or is_guarded(module, change.node) else Speaker.SHARED
        if _keeps_conversations(name, change.key) or keeps_jobs(module, change):
            return Speaker.CONVERSATIONS
        return None if change.name.startswith("self.") or loses(module, change.name) else Speaker.GROWTH
    if change.name.startswith("self.") or is_guarded(module, change.node) or is_once(name):
        return None
    if change.how == "gains":
        if loses(module, change.name) and _is_set(module, change.name):
            return None  # things under way, which take themselves out
        if _is_read(module, change.name):
            return Speaker.SHARED
        return None if loses(module, change.name) else Speaker.GROWTH
    return Speaker.SHARED


def is_once(name: str) -> bool:
    """Whether a name, in lower case, says that it is filled once, with what is the same for every request."""
    return any(word in name for word in _FILLED_ONCE)


def _keeps_conversations(name: str, key: ast.expr) -> bool:
    if not name.startswith("self."):
        name = name.rpartition(".")[2]  # `client_store.sessions`: the file's name tells nothing
    if any(word in name for word in _ELSEWHERE):
        return False
    written = ast.unparse(key).lower()
    if name.startswith("self."):  # many objects hold mappings: both words must say it
        return any(word in name for word in _CONVERSATIONS) and CONVERSATION.search(written) is not None
    return CONVERSATION.search(written) is not None or (
        any(word in name for word in _CONVERSATIONS) and "name" not in written
    )


def keeps_jobs(module: Module, change: Change) -> bool:
    """Whether a mapping tells how far work is, by the work's id, and another request reads it there."""
    name = change.name.rpartition(".")[2].lower()
    if change.key is None or change.name.startswith("self.") or not _JOBS.search(name):
        return False
    if any(word in name for word in _ELSEWHERE if word != "task") or not _JOB.search(ast.unparse(change.key).lower()):
        return False
    around, first = parent(change.node), change.name.partition(".")[0]
    value = around.value if isinstance(around, ast.Assign) else None
    if isinstance(value, ast.Call) and module.name(value.func).endswith(("create_task", "ensure_future")):
        return False
    return any(
        each.id == first
        and isinstance(each.ctx, ast.Load)
        and module.scope(each).kind == "function"
        and module.scope(each) is not module.scope(change.node)
        and module.moment(each) is Moment.REQUEST
        for each in module.all(ast.Name)
    )


def _is_set(module: Module, name: str) -> bool:
    bound = module.scopes.module.bindings.get(name, [])
    return any(
        isinstance(each, ast.Set) or (isinstance(each, ast.Call) and module.call(each).name == "set") for each in bound
    )


def _is_read(module: Module, name: str) -> bool:
    """Whether a function takes what is in it, other than by changing it or by asking how much there is."""
    found: set[str] | None = module.remembered.get("read")
    if found is None:
        found = module.remembered["read"] = {*_read(module)}
    return name in found


def _read(module: Module) -> Iterator[str]:
    yield from (change.name for change in changes(module) if "." in change.name)  # its own file does
    for node in module.all(ast.Name):
        if not isinstance(node.ctx, ast.Load) or module.scope(node).kind != "function":
            continue
        around = parent(node)
        if isinstance(around, ast.Attribute) and around.attr in (*GAINS, *LOSES):
            continue
        if isinstance(around, ast.Call) and isinstance(around.func, ast.Name) and around.func.id == "len":
            continue
        if module.names.binding_scope(node) is module.scopes.module:
            yield node.id


def changes_in_requests(module: Module) -> Iterator[Change]:
    """Changes of the module's own state by functions that run in requests, or that nothing here calls."""
    for change in changes(module):
        if module.moment(change.node) in (Moment.REQUEST, Moment.UNKNOWN):
            yield change


def loses(module: Module, name: str) -> bool:
    """Whether something in this file takes items out of it, replaces it, or compares how many there are."""
    found: set[str | None] | None = module.remembered.get("lost")
    if found is None:
        found = module.remembered["lost"] = {*_lost(module)}
    attribute = name.rpartition(".")[2]
    if isinstance(_bound(module, name), ast.ClassDef) and not found.isdisjoint(
        (f"cls.{attribute}", f"self.{attribute}")
    ):
        return True
    return name in found or _in_other_file(module, name) is True


def mutable(module: Module) -> dict[str, bool]:
    """The module's lists and mappings that nothing bounds, and whether this file takes something out of each."""
    return {name: loses(module, name) for name in _mutable(module)}


def _lost(module: Module) -> Iterator[str | None]:
    # Not only calls: `task.add_done_callback(tasks.discard)`.
    yield from (_written(each.value) for each in module.all(ast.Attribute) if each.attr in LOSES)
    for node in module.all(ast.Delete):
        yield from (_written(each.value) for each in node.targets if isinstance(each, ast.Subscript))
    yield from (change.name for change in changes(module) if change.how == "replaced")
    for call in module.calls_to("len"):
        if isinstance(parent(call.node), ast.Compare) and (given := call.argument(0)) is not None:
            yield _written(given)


def is_guarded(module: Module, node: ast.AST) -> bool:
    """Whether it stands below `with lock:`, or another thing whose name says that it is one."""
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
