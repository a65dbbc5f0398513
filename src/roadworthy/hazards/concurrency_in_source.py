"""Rules of CONC: what requests share without knowing it, and what makes them wait for each other."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.concurrency import hazard
from roadworthy.scan.moments import Moment, reads_command_line, serves
from roadworthy.scan.shared import SharedChange, shared_changes
from roadworthy.scan.speakers import Speaker, speaker
from roadworthy.scan.state import GAINS, changes_in_requests, is_once
from roadworthy.scan.tree import above

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module
    from roadworthy.scan.scopes import Function

ASYNC_CLIENTS = (
    "aiohttp.ClientSession",
    "asyncpg.create_pool",
    "asyncpg.connect",
    "aioredis.from_url",
)


@hazard.rule("CONC101", "module's state changed by requests")
def shared_state(module: Module) -> Iterator[Finding]:
    """A function that answers requests changes a name of its module's: by `global`, or an item of a list or a mapping.

    So it does where it sets an attribute of a module or of an object that the project makes once, or calls a method of
    such an object that adds to its conversation (`assistant.chat(…)`, where that says `self.history.append(…)`).

    It has to be seen that what is written is one request's own: something that the function was given, one more of a
    count, or what a handler itself sets. Quiet for what is filled once or read anew and is the same for all (a cache,
    a client, a registry, a configuration), for a note that something was done, below a lock, for a set of what is
    under way, for conversations by their session's id (STATE101), for what is only written (MEM102), and in a file
    that opens a browser and waits for its answer. Told once for each name.

    Why: a second request changes it between two lines of the first, which then answers with the other's data.

    Mend: pass it as an argument; or a `ContextVar`.
    """
    seen: set[str] = set()
    if module.imports("webbrowser"):
        return  # what answers is there for the one person who sits before it
    for change in changes_in_requests(module):
        if change.name in seen or speaker(module, change) is not Speaker.SHARED:
            continue
        if change.how == "replaced" and _is_filled_once(module, change.node, change.name):
            continue
        if module.moment(change.node) is not Moment.REQUEST and _is_of_terminal(module):
            continue
        seen.add(change.name)
        yield module.finding(
            change.node,
            f"{change.name}, which all requests share, is changed here",
            why="two requests at once see each other's",
            fix=f"give each request its own: pass it as an argument, or make {change.name} a `contextvars.ContextVar`",
            severity=None if module.moment(change.node) is Moment.REQUEST else Severity.NOTE,
        )
    for each in shared_changes(module):
        if each.thing not in seen:
            seen.add(each.thing)
            yield _shared_thing(module, each)


def _is_of_terminal(module: Module) -> bool:
    """Whether it is a program for the one person who started it."""
    is_script = not module.project.is_imported(module.dotted)
    return is_script and reads_command_line(module) and not serves(module)


def _shared_thing(module: Module, change: SharedChange) -> Finding:
    if change.method is None:
        return module.finding(
            change.node,
            f"{change.thing}.{change.attribute}, which all requests share, is changed here",
            why="two requests at once see each other's",
            fix="give each request its own: pass it as an argument, or keep it under the user's or the session's id",
        )
    return module.finding(
        change.node,
        f"{change.thing} is one object for all requests, and {change.method} adds to its {change.attribute}",
        why="one user's conversation goes on with what another has said",
        fix=f"make one for each conversation, or hand {change.attribute} to {change.method} and keep it by session",
    )


@hazard.rule("CONC102", "mutable default or class attribute changed")
def shared_default(module: Module) -> Iterator[Finding]:
    """A default argument or a class attribute is a list or a mapping, and is changed: all calls or objects share it.

    Quiet in command-line tools, which answer nobody else, for what only keeps a warning from being told twice, and for
    an item that is set in an empty list: `window[0] = …` cannot be said of the default.

    Why: what the first request put there, the second one finds.

    Mend: `def f(items=None): items = [] if items is None else items`; assign the attribute in `__init__`.
    """
    for function in module.functions:
        arguments = function.args
        plain = [*arguments.posonlyargs, *arguments.args]
        pairs = [*zip(plain[len(plain) - len(arguments.defaults) :], arguments.defaults, strict=True)]
        pairs += [
            (each, default)
            for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default
        ]
        for argument, default in pairs:
            if not _is_container(module, default):
                continue
            place = _changed_in(module, function, argument.arg, default)
            if place is not None and module.moment(place) is not Moment.COMMAND:
                yield module.finding(
                    place,
                    f"{argument.arg} is the same object in every call of {function.name} that does not give it",
                    why="what one call puts into it, the next one finds",
                    fix=f"`{argument.arg}=None`, and make it in the function where it is None",
                )
    for each in module.all(ast.ClassDef):
        yield from _class_attributes(module, each)


@hazard.rule("CONC105", "async client made at import")
def early_client(module: Module) -> Iterator[Finding]:
    """A client that belongs to an event loop is made when the module is imported, before the loop of its use runs.

    Quiet for the queues and locks of asyncio: they wait for the loop of their first use.

    Why: with a second worker, a test or a reload it belongs to a loop that is closed: "attached to a different loop".

    Mend: make it in the application's lifespan, or at its first use.
    """
    for call in module.calls_to(*ASYNC_CLIENTS):
        if call.scope.kind == "module" and not module.is_in_main(call.node) and module.moment(call) is Moment.IMPORT:
            yield module.finding(
                call,
                f"{call.name} is made at import, before the event loop runs",
                why="it is bound to whichever loop runs first, and fails in any other",
                fix="make it in the application's lifespan, and close it there",
                severity=Severity.WARNING,
            )


def _is_filled_once(module: Module, node: ast.AST, name: str) -> bool:
    """`if client is None: client = …`, or set by a function whose name says that it sets up."""
    for around in above(node):
        if isinstance(around, ast.If) and _tests(around, name):
            return True
        if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if any(_leaves_by(each, name) for each in around.body):
                return True
            if module.project.is_handler(module.names.of_definition(around)):
                return False
            if any(word in name.lower() for word in ("settings", "config")):
                return True  # read anew, and the same for all
            return around.name.lstrip("_").startswith(
                (
                    *("init", "set_up", "setup", "load", "configure", "start", "set_", "get_", "connect", "reset"),
                    *("register", "reload", "refresh", "ensure", "warm", "shutdown", "close", "stop", "install"),
                )
            )
    return False


def _tests(asked: ast.If, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(asked.test))


def _leaves_by(statement: ast.stmt, name: str) -> bool:
    """`if client is not None: return client`."""
    last = statement.body[-1] if isinstance(statement, ast.If) and _tests(statement, name) else None
    return isinstance(last, ast.Return) and isinstance(last.value, ast.Name) and last.value.id == name


def _is_container(module: Module, node: ast.expr) -> bool:
    if isinstance(node, (ast.List, ast.Dict, ast.Set)):
        return True
    return isinstance(node, ast.Call) and module.call(node).name in ("list", "dict", "set") and not node.args


def _is_empty_list(node: ast.expr) -> bool:
    return not node.elts if isinstance(node, ast.List) else isinstance(node, ast.Call) and ast.unparse(node) == "list()"


def _changed_in(module: Module, function: Function, name: str, default: ast.expr) -> ast.AST | None:
    """Where a default's list or mapping is changed; None where the name is bound anew first, or is only read."""
    own = module.scopes.inside(function)
    if any(isinstance(each, ast.expr) for each in own.bindings[name]):
        return None
    for node in ast.walk(function):
        # A function inside may have a parameter of the same name: that one is its own.
        if isinstance(node, ast.Name) and node.id == name and module.names.binding_scope(node) is own:
            if isinstance(module.parent(node), ast.AugAssign) and isinstance(node.ctx, ast.Store):
                return module.parent(node)
            if (changed := _change(module, node, default, "pop")) is not None:
                return changed
    return None


def _change(module: Module, node: ast.expr, made: ast.expr, *more: str) -> ast.AST | None:
    """The change that what was made as `made` undergoes where it is read here: `x.append(…)`, `x[key] = …`."""
    around = module.parent(node)
    if isinstance(around, ast.Attribute) and around.attr in (*GAINS, *more):
        called = module.parent(around)
        return called if isinstance(called, ast.Call) and called.func is around else None
    if isinstance(around, ast.Subscript) and isinstance(around.ctx, ast.Store) and around.value is node:
        # An empty list has no item that could be set: who sets one has looked, or was given another list.
        return None if _is_empty_list(made) and not isinstance(around.slice, ast.Slice) else around
    return None


def _attributes_named(module: Module) -> dict[ast.ClassDef, list[ast.Attribute]]:
    """Class → every attribute that is named within it, of whatever."""
    found: dict[ast.ClassDef, list[ast.Attribute]] | None = module.remembered.get("attributes named")
    if found is None:
        found = module.remembered["attributes named"] = defaultdict(list)
        for node in module.all(ast.Attribute):
            for around in above(node):
                if isinstance(around, ast.ClassDef):
                    found[around].append(node)
    return found


def _class_attributes(module: Module, each: ast.ClassDef) -> Iterator[Finding]:
    if any("dataclass" in ast.unparse(decorator) for decorator in each.decorator_list):
        return
    shared = {
        statement.targets[0].id: statement.value
        for statement in each.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and _is_container(module, statement.value)
    }
    if not shared:
        return
    named = [node for node in _attributes_named(module).get(each, ()) if node.attr in shared]
    own = {node.attr for node in named if isinstance(node.ctx, ast.Store)}
    for node in named:
        if node.attr in own or node.attr not in shared:
            continue
        if not isinstance(node.value, ast.Name) or node.value.id != "self" or is_once(node.attr.lower()):
            continue
        if _change(module, node, shared[node.attr]) is None or module.moment(node) is Moment.COMMAND:
            continue
        del shared[node.attr]
        yield module.finding(
            node,
            f"self.{node.attr} is the class's own: all objects of {each.name} share it",
            why="what one request puts into its object, the others find in theirs",
            fix=f"assign it in `__init__`: `self.{node.attr} = …`",
        )
