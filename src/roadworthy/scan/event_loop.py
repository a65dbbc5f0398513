"""Which functions run in the event loop that all requests share: `async def`, and what it calls without a thread."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

from roadworthy.scan.moments import Moment, of_function

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module
    from roadworthy.scan.scopes import Function

DEEPEST = 5
"""Calls from an `async def` down to a blocking one that are followed."""
OWN_LOOP = ("flask.Flask().", "flask.Blueprint().")
"""What runs each async view in a loop and a thread of its own."""

ENTERED = ("contextlib.contextmanager",)
"""Decorators of generators whose first part runs where `with` enters them."""
SAME_THREAD = (
    *("staticmethod", "classmethod", "typing.override", "typing_extensions.override", "tenacity.retry"),
    *("backoff.on_exception", "backoff.on_predicate", "retry.retry", "langsmith.traceable", "langfuse.observe"),
    *("langfuse.decorators.observe", "logfire.instrument", "weave.op", "sentry_sdk.trace"),
    *ENTERED,
)
"""Decorators that leave a function in the thread that calls it. What is cached holds it once."""

_THREADS = re.compile(
    r"thread|executor|async|background|submit|pool|spawn|schedul|defer|later|task|callback|register|add_|on_|offload"
    r"|worker|job|queue|cache|memo|tool|route|command|hook|event|handler"
)
"""Words of functions that run what they are handed elsewhere, or later."""

Place = Literal["loop", "own loop", "caller", "reader", "elsewhere"]
"""Where a function runs: a plain one where it is called, a generator where it is read."""


class Thread(msgspec.Struct, frozen=True, gc=False):
    """Where a function runs, and what it calls and reads there itself."""

    place: Place = "elsewhere"
    calls: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    """The generators that it goes through."""
    is_handler: bool = False
    """Whether a decorator hands it to what calls it in requests."""


def threads_of(module: Module) -> dict[str, Thread]:
    """The threads of this file's functions, by qualified name."""
    calls: dict[str, set[str]] = defaultdict(set)
    reads: dict[str, set[str]] = defaultdict(set)
    for call in module.calls:
        if call.scope.kind != "function" or "." not in call.name or call.name.startswith("?"):
            continue
        if not is_in_lambda(call):
            (reads if _is_read(call) else calls)[call.scope.name].add(call.name)
            calls[call.scope.name].update(_run_by_own(module, call))
    found = {}
    generators = {module.scope(node).node for node in module.all(ast.Yield, ast.YieldFrom)}
    for function in module.functions:
        name = module.scopes.inside(function).name
        place = _place(module, function, is_generator=function in generators)
        is_handler = bool(function.decorator_list) and of_function(module, function) is Moment.REQUEST
        if place != "elsewhere" or calls[name] or is_handler:
            together = calls[name] | reads[name]
            found[name] = Thread(place, tuple(sorted(together)), tuple(sorted(reads[name])), is_handler)
    return found


def in_loop(
    files: Mapping[str, Mapping[str, Thread]],
    targets: Callable[[str], list[str]],
    moment: Mapping[str, Moment],
    registered: Collection[str],
) -> dict[str, tuple[str, str]]:
    """The functions that hold the shared loop: each with the `async def` it runs in, and what that calls to come there.

    Both are the function itself where it is one. `files` are the threads of each file, by its dotted name, `registered`
    the functions handed to what calls them in requests. Into other files only what a handler awaits is followed: a
    coroutine that nothing is known to await may have a loop of its own.
    """
    threads = {f"{file}.{name}": thread for file, inside in files.items() for name, thread in inside.items()}
    home = {f"{file}.{name}": file for file, inside in files.items() for name in inside}
    loops = {name: each for name, each in threads.items() if each.place == "loop"}
    handlers = [name for name, each in loops.items() if each.is_handler or name in registered]
    if not handlers and any(each.place == "own loop" for each in threads.values()):
        return {}  # all that is asynchronous here runs for one view
    called = {
        name: [each for call in thread.calls for each in targets(call) if each in threads]
        for name, thread in threads.items()
    }
    own = _in_own_loop(threads, called, moment)
    awaited = _awaited(handlers, threads, called)
    found = {name: (name, name) for name in loops if name not in own}
    level = sorted(found, key=lambda name: name not in awaited)
    for _ in range(DEEPEST):
        deeper = []
        for name in level:
            brought_by, first = found[name]
            read = {each for called_there in threads[name].reads for each in targets(called_there)}
            for callee in called[name]:
                if callee in found or not (brought_by in awaited or home[name] == home[callee]):
                    continue
                place = threads[callee].place
                if place == "caller" or (place == "reader" and callee in read):
                    found[callee] = brought_by, callee if first == brought_by else first
                    deeper.append(callee)
        level = deeper
    return found


def _awaited(
    handlers: Iterable[str], threads: Mapping[str, Thread], called: Mapping[str, Iterable[str]]
) -> frozenset[str]:
    """The coroutines that handlers are, or come to."""
    found: set[str] = set()
    stack = [*handlers]
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            stack += (each for each in called[name] if threads[each].place == "loop")
    return frozenset(found)


def _in_own_loop(
    threads: Mapping[str, Thread], called: Mapping[str, Iterable[str]], moment: Mapping[str, Moment]
) -> set[str]:
    """Coroutines that only run in loops made for one request: a view of Flask's, `asyncio.run` in a handler."""
    callers: dict[str, set[str]] = defaultdict(set)
    for name, names in called.items():
        for callee in names:
            callers[callee].add(name)
    own = {name for name, thread in threads.items() if thread.place == "own loop"}
    own |= {
        name
        for name, thread in threads.items()
        if thread.place != "loop" and "asyncio.run" in thread.calls and moment.get(name) is Moment.REQUEST
    }
    size = -1
    while size != len(own):
        size = len(own)
        own |= {name for name, by in callers.items() if threads[name].place == "loop" and by <= own}
    return own


def is_in_lambda(call: Call) -> bool:
    """Whether it runs when a lambda around it is called, and there."""
    return call.module.inside(call.node, ast.Lambda) is not None


def _place(module: Module, function: Function, *, is_generator: bool) -> Place:
    decorators = (each.func if isinstance(each, ast.Call) else each for each in function.decorator_list)
    names = [module.name(each) for each in decorators]
    if isinstance(function, ast.AsyncFunctionDef):
        return "own loop" if any(name.startswith(OWN_LOOP) for name in names) else "loop"
    if not all(name in SAME_THREAD or _is_own_wrapper(module, name) for name in names):
        return "elsewhere"
    return "reader" if is_generator and not any(name in ENTERED for name in names) else "caller"


def _is_own_wrapper(module: Module, name: str) -> bool:
    """Whether a decorator is of the same package, and its name says nothing of another thread: `@log_calls`."""
    is_own = name.partition(".")[0] == module.dotted.partition(".")[0]
    return is_own and not _THREADS.search(name.rpartition(".")[2].lower())


def _run_by_own(module: Module, call: Call) -> Iterator[str]:
    """The functions inside this one that are handed to a plain one of the same file, which runs them there."""
    if not call.name.startswith(f"{module.dotted}.") or _THREADS.search(call.name.rpartition(".")[2].lower()):
        return
    if isinstance(module.parent(call.node), ast.Await):
        return
    for given in (*call.node.args, *(each.value for each in call.node.keywords)):
        bound = module.names.bound(given) if isinstance(given, ast.Name) else []
        if len(bound) == 1 and isinstance(bound[0], ast.FunctionDef) and module.scope(bound[0]) is call.scope:
            yield module.names.of_definition(bound[0])


def _is_read(call: Call) -> bool:
    """Whether a loop goes through it here, or a function that reads all of it at once."""
    around = call.module.parent(call.node)
    if isinstance(around, (ast.For, ast.comprehension)):
        return around.iter is call.node
    return isinstance(around, ast.YieldFrom) or (
        isinstance(around, ast.Call) and call.module.name(around.func) in ("list", "tuple", "next", "sum", "sorted")
    )
