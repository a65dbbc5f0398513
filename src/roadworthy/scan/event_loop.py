"""Which functions run in the event loop that all requests share: `async def`, and what it calls without a thread."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

from roadworthy.scan.moments import Moment

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module
    from roadworthy.scan.scopes import Function

DEEPEST = 3
"""Calls from an `async def` down to a blocking one that are followed."""
OWN_LOOP = ("flask.Flask().", "flask.Blueprint().")
"""What runs each async view in a loop and a thread of its own."""

SAME_THREAD = ("staticmethod", "classmethod", "functools.lru_cache", "functools.cache", "tenacity.retry")
"""Decorators that leave a function in the thread that calls it."""

Place = Literal["loop", "own loop", "caller", "reader", "elsewhere"]
"""Where a function runs: a plain one where it is called, a generator where it is read."""


class Thread(msgspec.Struct, frozen=True, gc=False):
    """Where a function runs, and what it calls and reads there itself."""

    place: Place = "elsewhere"
    calls: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    """The generators that it goes through."""


def threads_of(module: Module) -> dict[str, Thread]:
    """The threads of this file's functions, by qualified name."""
    calls: dict[str, set[str]] = defaultdict(set)
    reads: dict[str, set[str]] = defaultdict(set)
    for call in module.calls:
        if call.scope.kind != "function" or "." not in call.name or call.name.startswith("?"):
            continue
        if not is_in_lambda(call):
            (reads if _is_read(call) else calls)[call.scope.name].add(call.name)
    found = {}
    generators = {module.scope(node).node for node in module.all(ast.Yield, ast.YieldFrom)}
    for function in module.functions:
        name = module.scopes.inside(function).name
        place = _place(module, function, is_generator=function in generators)
        if place != "elsewhere" or calls[name]:
            found[name] = Thread(place, tuple(sorted(calls[name] | reads[name])), tuple(sorted(reads[name])))
    return found


def in_loop(
    threads: Mapping[str, Thread], target: Callable[[str], str | None], moment: Mapping[str, Moment]
) -> dict[str, tuple[str, str]]:
    """The functions that hold the shared loop: each with the `async def` it runs in, and what that calls to come there.

    Both are the function itself where it is one.
    """
    called = {name: [each for call in thread.calls if (each := target(call))] for name, thread in threads.items()}
    own = _in_own_loop(threads, called, moment)
    found = {name: (name, name) for name, thread in threads.items() if thread.place == "loop" and name not in own}
    level = [*found]
    for _ in range(DEEPEST):
        deeper = []
        for name in level:
            read = {target(each) for each in threads[name].reads}
            for callee in called[name]:
                place = threads[callee].place if callee in threads else "elsewhere"
                if callee not in found and (place == "caller" or (place == "reader" and callee in read)):
                    brought_by, first = found[name]
                    found[callee] = brought_by, callee if first == brought_by else first
                    deeper.append(callee)
        level = deeper
    return found


def _in_own_loop(
    threads: Mapping[str, Thread], called: Mapping[str, list[str]], moment: Mapping[str, Moment]
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
    grows = bool(own)
    while grows:
        more = {
            name
            for name, by in callers.items()
            if name not in own and name in threads and threads[name].place == "loop" and by <= own
        }
        own |= more
        grows = bool(more)
    return own


def is_in_lambda(call: Call) -> bool:
    """Whether it runs when a lambda around it is called, and there."""
    return call.module.inside(call.node, ast.Lambda) is not None


def _place(module: Module, function: Function, *, is_generator: bool) -> Place:
    decorators = (each.func if isinstance(each, ast.Call) else each for each in function.decorator_list)
    names = [module.name(each) for each in decorators]
    if isinstance(function, ast.AsyncFunctionDef):
        return "own loop" if any(name.startswith(OWN_LOOP) for name in names) else "loop"
    if not all(name in SAME_THREAD for name in names):
        return "elsewhere"
    return "reader" if is_generator else "caller"


def _is_read(call: Call) -> bool:
    """Whether a loop goes through it here, or a function that reads all of it at once."""
    around = call.module.parent(call.node)
    if isinstance(around, (ast.For, ast.comprehension)):
        return around.iter is call.node
    return isinstance(around, ast.YieldFrom) or (
        isinstance(around, ast.Call) and call.module.name(around.func) in ("list", "tuple", "next", "sum", "sorted")
    )
