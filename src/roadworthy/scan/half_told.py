"""Errors that are told in part: that there was one and not which, the expected one alone, or to nobody who asks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.scan.outside import asks_outside
from roadworthy.scan.swallowing import is_broad, is_left_on_purpose

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module

_LEVELS = ("debug", "info", "warning", "warn", "error", "critical", "log", "print")
_LOG = re.compile(r"^_*(log|logger|logging|LOG|LOGGER|log_\w+|\w+_log|\w+_logger)$")
_KNOWS_MORE = re.compile(r"exc_info|traceback|exc_text|stack_info|exc\w*\(")
_ENDS = re.compile(r"shut_?down|close|clean_?up|stop|cancel|exit|teardown|disconnect", re.IGNORECASE)
"""Functions that give up what still runs."""
_WAITS = ("concurrent.futures.wait", "asyncio.wait")
_GATHERS = ("asyncio.gather",)
_POOLS = ("concurrent.futures.ThreadPoolExecutor().submit", "concurrent.futures.ProcessPoolExecutor().submit")
_READS = ("result", "exception", "cancel", "add_done_callback")


def tells_no_cause(module: Module, handler: ast.ExceptHandler) -> str | None:
    """How a handler for errors of any kind says that there was one, and nothing of it: its words; None where it does.

    `logger.error("failed")` without the exception or its lines; and `logger.info(…)` of what then counts as a no.
    """
    around = module.parent(handler)
    if not is_broad(handler) or not isinstance(around, ast.Try):
        return None
    said = [each for each in handler.body if _is_log(each)]
    others = [each for each in handler.body if not _is_log(each)]
    if not said or not all(_is_quiet(each) for each in others):
        return None
    words = [ast.unparse(each) for each in said]
    if any(".debug(" in each or _KNOWS_MORE.search(each) for each in words):
        return None
    if is_left_on_purpose(module, around, handler):
        return None
    if not _names(handler.body, handler.name):
        at_info = all(".info(" in each for each in words)
        return words[0] if at_info or not any(_says_of_what(each) for each in said) else None
    gives_no = any(isinstance(each, ast.Return) for each in others)
    return words[0] if gives_no and all(".info(" in each for each in words) else None


def _says_of_what(said: ast.stmt) -> bool:
    """Whether a log names what the work failed on: `logger.error(f"no answer for {name}")`."""
    call = said.value if isinstance(said, ast.Expr) else None
    given = [*call.args, *(each.value for each in call.keywords)] if isinstance(call, ast.Call) else []
    return any(isinstance(each, (ast.Name, ast.Attribute)) for argument in given for each in ast.walk(argument))


def falls_back_silently(module: Module, handler: ast.ExceptHandler) -> bool:
    """Whether errors of any kind of something outside lead to a value of the code's own, and nothing tells of them."""
    around = module.parent(handler)
    if not is_broad(handler) or not isinstance(around, ast.Try):
        return False
    return (
        not _names(handler.body, handler.name)
        and all(_is_quiet(each) or _is_own_value(each) for each in handler.body)
        and any(_is_own_value(each) for each in handler.body)
        and not is_left_on_purpose(module, around, handler)
        and asks_outside(module, around.body)
    )


def drops_the_others(handler: ast.ExceptHandler) -> bool:
    """`except HTTPError as error: if error.status == 404: return None`, and every other one is forgotten.

    Not so where the condition leaves out what is expected, `if error.status != 404`, and the rest is told.
    """
    match handler.body:
        case [ast.If(test=test, body=body, orelse=[])] if handler.name:
            is_one = any(isinstance(each, ast.Compare) and _is_one_case(each) for each in _parts_of(test))
            return (
                is_one
                and _names([test], handler.name)
                and not any(isinstance(each, ast.Raise) for part in body for each in ast.walk(part))
            )
    return False


def _parts_of(test: ast.expr) -> list[ast.expr]:
    return test.values if isinstance(test, ast.BoolOp) else [test]


def _is_one_case(test: ast.Compare) -> bool:
    is_any = any(isinstance(each, ast.Constant) and each.value is True for each in ast.walk(test))
    return isinstance(test.ops[0], (ast.Eq, ast.In, ast.Is)) and not is_any


def unread_results(module: Module) -> Iterator[tuple[Call, str]]:
    """Calls that wait for work, or hand it to a pool, whose errors nobody then asks for, and how that is."""
    for call in module.calls_to(*_WAITS):
        if not _reads_results(call) and not _is_used(module, call):
            yield call, "waits for the work, and never asks for its results"
    for call in module.calls_to(*_GATHERS):
        is_taken = call.constant(None, "return_exceptions") is True
        if is_taken and not _ENDS.search(call.scope.name) and _is_dropped(module, call) and not _reads_results(call):
            yield call, "takes each error as a result, and nobody looks at the results"
    for call in module.calls_to(*_POOLS):
        if _is_dropped(module, call) and not _catches_all(module, call.argument(0)):
            yield call, "hands work to a pool, and drops what its error would be in"


def _is_log(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    function = statement.value.func
    if isinstance(function, ast.Name):
        return function.id == "print"
    if not isinstance(function, ast.Attribute) or function.attr not in _LEVELS:
        return False
    of = function.value
    return (
        _LOG.match(of.attr if isinstance(of, ast.Attribute) else of.id if isinstance(of, ast.Name) else "") is not None
    )


def _is_quiet(statement: ast.stmt) -> bool:
    """Whether it goes on, or returns nothing."""
    match statement:
        case ast.Pass() | ast.Continue() | ast.Break() | ast.Return(value=None | ast.Constant(value=None | False)):
            return True
        case ast.Return(value=ast.List(elts=[]) | ast.Dict(keys=[]) | ast.Constant(value="" | 0)):
            return True
        case ast.Expr(value=ast.Constant()):
            return True
    return False


def _is_own_value(statement: ast.stmt) -> bool:
    """Whether it gives a name a value that no call but one of a number makes: `tokens = len(text) / 4`."""
    match statement:
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            calls = (each for each in ast.walk(value) if isinstance(each, ast.Call))
            return all(isinstance(each.func, ast.Name) and each.func.id in ("len", "int", "round") for each in calls)
    return False


def _names(body: list[ast.stmt] | list[ast.expr], name: str | None) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for part in body for each in ast.walk(part))


def _is_dropped(module: Module, call: Call) -> bool:
    around = module.parent(call.node)
    if isinstance(around, ast.Await):
        around = module.parent(around)
    return isinstance(around, ast.Expr)


def _is_used(module: Module, call: Call) -> bool:
    """Whether what was waited for gets a name that is read again, or is handed on."""
    around = module.parent(call.node)
    if isinstance(around, ast.Await):
        around = module.parent(around)
    if isinstance(around, ast.Expr):
        return False
    names = {each.id for each in ast.walk(around) if isinstance(each, ast.Name)} if around is not None else set()
    scope = call.scope
    return any(
        each.id in names
        and isinstance(each.ctx, ast.Load)
        and module.scope(each) is scope
        and each.lineno > call.node.lineno
        for each in module.all(ast.Name)
    ) or not isinstance(around, ast.Assign)


def _reads_results(call: Call) -> bool:
    """Whether the function asks futures for their results, or has cancelled them."""
    module, scope = call.module, call.scope
    return any(
        each.scope is scope for each in module.methods(*_READS, "as_completed", "gather") if each.node is not call.node
    )


def _catches_all(module: Module, function: ast.expr | None) -> bool:
    """Whether the function that is handed over catches its errors itself, or is not of this file."""
    bound = module.names.bound(function) if isinstance(function, ast.Name) else []
    defined = [each for each in bound if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))]
    if len(defined) != 1:
        return True
    return any(isinstance(each, ast.Try) and any(map(is_broad, each.handlers)) for each in defined[0].body)
