"""RATE102: calls that are all started at once, as many as an input has items."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.rate_limits import hazard
from roadworthy.scan.asking import BOUNDS, asks
from roadworthy.scan.moments import Moment
from roadworthy.scan.scopes import Entered

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module

FEW = re.compile(
    r"tool_?calls|function_?calls|servers|agents|workers|clients|connections|sessions|tools|plugins|providers|shards"
    r"|backends|listeners|subscribers|handlers|processes|_tasks\b|checks|transports|sinks|exporters|hooks|callbacks|waiters|futures|submissions|(?:batch|chunk)\b"
    r"|(?:agent|server|worker|provider|backend)_\w+s\b",
    re.IGNORECASE,
)
"""Words of what is as many as somebody configured, or as a model asks for at once: no input of a user's size."""
POOLED = frozenset({"run_in_executor", "to_thread"})
"""Last words of calls that wait for a free thread: as many run at once as the pool has."""
ENDING = frozenset(
    {
        *("sleep", "wait", "join", "close", "aclose", "stop", "cancel", "shutdown", "disconnect", "terminate"),
        *("cleanup", "put", "send_json", "send_text", "to_list"),
    }
)
"""Last words of calls that ask nothing of a provider."""


LIMIT = re.compile(r"^(limit|k|n|count|size|page_size|batch_size|top_\w+|max_\w+|num_\w+|\w+_limit)$")
"""Names of arguments that say how many are asked for."""
THROUGH = ("list", "tuple", "set", "sorted", "reversed", "enumerate", "zip", "fromkeys", "filter", "dict")
"""Last words of calls whose answer is as long as what they are given."""
WRAPPED = ("asyncio.create_task", "asyncio.ensure_future", "asyncio.wait_for", "asyncio.shield")
"""What is handed a coroutine, and starts no other."""
DEEPEST = 8
"""Steps from assignment to assignment that are followed."""


@hazard.rule("RATE102", "fan-out without a bound")
def unbounded(module: Module) -> Iterator[Finding]:
    """`asyncio.gather(*…)` over an input starts as many calls at once as the input has items.

    So do `asyncio.as_completed`, a task group's `create_task` in a loop, and a pool with a thread for each,
    `ThreadPoolExecutor(max_workers=len(queries))`. It has to be seen that each of them asks a model, a web address or
    a database: by a library's name, by the words of what is called (`client.search`), or by following the project's
    functions.

    Quiet for a list that is written there, cut to a length (`[:most]`), asked for with a `limit=` or refused where it
    is too long, for what is as many as somebody configured (servers, agents) or a model asks for at once (tool
    calls), where this file or that of what is called bounds it with a semaphore or a pool of threads does, for what
    is under way already, for coroutines of this file that await nothing, and in tests and examples.

    Why: three items on the laptop; three hundred in production are three hundred connections, and 429 for most.

    Mend: `async with semaphore:` around each call, with `asyncio.Semaphore(10)`.
    """
    if any(bound in module.source for bound in BOUNDS):
        return
    for call in (*_gathered(module), *_grouped(module)):
        if module.moment(call) not in (Moment.TEST, Moment.EXAMPLE):
            started = "task" if call.name.endswith("create_task") else "call"
            yield module.finding(
                call,
                f"starts one {started} for each item at once",
                why="a large input is as many calls together: the other side answers 429, or has no connection left",
                fix="bound it: `semaphore = asyncio.Semaphore(10)`, and `async with semaphore:` in what is "
                + ("started" if started == "task" else "gathered"),
                severity=Severity.WARNING,
            )
    for call in module.calls_to("concurrent.futures.ThreadPoolExecutor"):
        workers = call.argument(0, "max_workers")
        counted = workers.args[0] if isinstance(workers, ast.Call) and module.call(workers).name == "len" else None
        if counted is None or not _is_long(module, counted) or not _is_asked_in_threads(module, call):
            continue
        if module.moment(call) not in (Moment.TEST, Moment.EXAMPLE):
            yield module.finding(
                call,
                "starts one thread for each item at once",
                why="a large input is as many calls together: the other side answers 429, or the memory is used up",
                fix=f"bound it: `max_workers=min(10, len({ast.unparse(counted)}))`",
                severity=Severity.WARNING,
            )


def _gathered(module: Module) -> Iterator[Call]:
    for call in module.calls_to("asyncio.gather", "asyncio.wait", "asyncio.as_completed"):
        starred = next((each.value for each in call.node.args if isinstance(each, ast.Starred)), None)
        if starred is None and call.name != "asyncio.gather":
            starred = call.argument(0, "fs")
        made = module.names.value(starred) if starred is not None else None
        if isinstance(starred, ast.Name) and isinstance(made, ast.List) and not made.elts:
            if _fills(module, starred) and not _is_measured(module, starred):
                yield call
        elif isinstance(made, (ast.ListComp, ast.GeneratorExp)) and _is_input(
            module, made.generators[0].iter, made.elt
        ):
            yield call


def _grouped(module: Module) -> Iterator[Call]:
    for call in module.calls_to("asyncio.TaskGroup().create_task"):
        over = _looped_over(module, call)
        if over is not None and call.node.args and _is_input(module, over, call.node.args[0]):
            yield call


def _is_asked_in_threads(module: Module, pool: Call) -> bool:
    """Whether a pool that this call makes is handed something that asks."""
    around = module.inside(pool.node, ast.With, ast.FunctionDef, ast.AsyncFunctionDef) or module.scope(pool.node).node
    handed = (
        each.args[0]
        for each in ast.walk(around)
        if isinstance(each, ast.Call)
        and isinstance(each.func, ast.Attribute)
        and each.func.attr in ("map", "submit", "run_in_executor")
        and each.args
    )
    return any(asks(module, each) for each in handed if isinstance(each, (ast.Name, ast.Attribute)))


def _looped_over(module: Module, call: Call) -> ast.expr | None:
    """What the loop or the comprehension around a call runs over."""
    around = module.inside(call.node, ast.For, ast.ListComp, ast.GeneratorExp)
    if isinstance(around, ast.For):
        return around.iter
    return around.generators[0].iter if isinstance(around, (ast.ListComp, ast.GeneratorExp)) else None


def _fills(module: Module, name: ast.Name) -> bool:
    """Whether a loop over an input puts one call for each item into this list."""
    for call in module.methods("append"):
        function = call.node.func
        if not (isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and call.node.args):
            continue
        is_same = function.value.id == name.id and call.scope is module.scope(name)
        loop = module.inside(call.node, ast.For) if is_same else None
        if isinstance(loop, ast.For) and _is_input(module, loop.iter, call.node.args[0]):
            return True
    return False


def _is_long(module: Module, over: ast.expr, depth: int = 0) -> bool:
    """Whether it may be as long as somebody's input: it is not written here, cut, or as many as are configured."""
    if FEW.search(ast.unparse(over)) or depth > DEEPEST:
        return False
    match over:
        case ast.Name(id=name):
            return not name.isupper() and _is_long_by_name(module, over, depth)
        case ast.Attribute():
            followed = module.names.value(over)
            return followed is over or _is_long(module, followed, depth + 1)
        case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
            return _is_long(module, over.generators[0].iter, depth + 1)
        case ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.Constant():
            return False
        case ast.Subscript(slice=part):
            return not _is_cut(part)
        case ast.Await(value=inner) | ast.NamedExpr(value=inner) | ast.IfExp(body=inner):
            return _is_long(module, inner, depth + 1)
        case ast.BoolOp(values=values):
            return _is_long(module, values[0], depth + 1)
        case ast.Call():
            return _is_long_answer(module, over, depth)
        case _:
            return True


def _is_long_by_name(module: Module, name: ast.Name, depth: int) -> bool:
    bound = [each.value if isinstance(each, Entered) else each for each in module.names.bound(name)]
    if any(isinstance(each, ast.Subscript) and _is_cut(each.slice) for each in bound) or _is_measured(module, name):
        return False
    written = [each for each in bound if isinstance(each, ast.expr)]
    if not written or len(written) < len(bound):
        return True
    return any(_is_long(module, each, depth + 1) for each in written)


def _is_long_answer(module: Module, over: ast.Call, depth: int) -> bool:
    """Whether what a call returns may be long: it goes through all of what it is given, or is asked for no limit."""
    call = module.call(over)
    word = call.name.rpartition(".")[2]
    if word in THROUGH and over.args:
        return _is_long(module, over.args[0], depth + 1)
    if word in ("items", "values", "keys", "copy") and isinstance(over.func, ast.Attribute):
        return _is_long(module, over.func.value, depth + 1)
    return word not in ("range", "sample", "nlargest", "islice", "batched") and not any(
        each.arg is not None and LIMIT.search(each.arg) for each in over.keywords
    )


def _is_measured(module: Module, name: ast.Name) -> bool:
    """Whether the function compares how many there are with more than one: what is too long is refused, or cut."""
    function = module.scope(name).node
    for call in module.calls_to("len"):
        around, given = module.parent(call.node), call.argument(0)
        if not isinstance(around, ast.Compare) or not isinstance(given, ast.Name) or given.id != name.id:
            continue
        other = around.comparators[0] if around.left is call.node else around.left
        is_few = isinstance(other, ast.Constant) and other.value in (0, 1)
        if not is_few and not isinstance(other, ast.Call) and module.scope(call.node).node is function:
            return True
    return False


def _is_cut(part: ast.expr) -> bool:
    """Whether it says where to stop (`[:most]`, `[at : at + 10]`); `[:-1]` leaves as many as there are."""
    return isinstance(part, ast.Slice) and part.upper is not None and not isinstance(part.upper, ast.UnaryOp)


def _is_input(module: Module, over: ast.expr, item: ast.expr) -> bool:
    """Whether it runs over something whose length is not written here, and asks something outside for each item."""
    if not _is_long(module, over):
        return False
    item = module.names.value(item)  # `task = asyncio.create_task(…)`, and then `tasks.append(task)`
    for _ in WRAPPED:
        if not isinstance(item, ast.Call):
            return False
        if module.call(item).name not in WRAPPED or not item.args:
            break
        item = item.args[0]
    if not isinstance(item, ast.Call):
        return False
    called = module.call(item)
    if called.name.rpartition(".")[2] in ENDING | POOLED or _awaits_nothing(called):
        return False
    return asks(module, item.func)


def _awaits_nothing(called: Call) -> bool:
    """Whether it is a coroutine of this file that never gives way to another one."""
    module, name = called.module, called.name.replace("()", "")
    bodies = (each for each in module.all(ast.AsyncFunctionDef) if module.names.of_definition(each) == name)
    body = next(bodies, None)
    if body is None or all(isinstance(each, (ast.Expr, ast.Pass, ast.Raise)) for each in body.body):
        return False  # what only says what others must do
    return not any(isinstance(each, (ast.Await, ast.AsyncFor, ast.AsyncWith)) for each in ast.walk(body))
