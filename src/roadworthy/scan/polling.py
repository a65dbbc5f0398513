"""Loops that ask again and again whether something elsewhere is done, and never give up."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.scan.tree import above
from roadworthy.scan.waiting import AROUND

if TYPE_CHECKING:
    from roadworthy.scan.module import Module

_STATES = frozenset({"status", "state", "done", "ready", "job_status", "run_status", "is_done"})
"""How something says how far it is: `run.status`, `answer["status"]`."""
_ASKS = re.compile(r"retrieve|^get|fetch|poll|status|check|describe|refresh|reload|^json$", re.IGNORECASE)
"""Last words of calls that ask how far something is."""
_ENDS_BY_ITSELF = "runs.retrieve"
"""OpenAI's runs expire: a loop over `queued` and `in_progress` ends then, one that waits for `completed` does not."""
_PERSON = re.compile(r"approv|confirm", re.IGNORECASE)
_ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def endless_polls(module: Module) -> Iterator[tuple[ast.While, str]]:
    """Each such loop, and what it looks at as it is written: `run.status`."""
    loops = module.all(ast.While)
    if not loops:
        return
    sleeping = [call.node for call in module.methods("sleep")]
    for loop in loops:
        if not any(loop in above(each) for each in sleeping):
            continue
        nodes = list(ast.walk(loop))
        if _gives_up(nodes) or _is_ended(module, loop):
            continue
        for looked_at in _looked_at(loop):
            text = ast.unparse(looked_at)
            asked = _asked_in(nodes, looked_at)
            if asked is None or _PERSON.search(ast.unparse(loop.test)):
                continue
            if asked.endswith(_ENDS_BY_ITSELF) and _is_pending_only(loop):
                continue
            yield loop, text
            break


def _gives_up(nodes: list[ast.AST]) -> bool:
    """Whether something is counted or measured in it."""
    return any(isinstance(each, ast.Compare) and isinstance(each.ops[0], _ORDERED) for each in nodes)


def _is_ended(module: Module, loop: ast.While) -> bool:
    for around in above(loop):
        if isinstance(around, (ast.With, ast.AsyncWith)):
            entered = [item.context_expr for item in around.items]
            if any(isinstance(each, ast.Call) and module.name(each.func) in AROUND for each in entered):
                return True
        elif isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
    return False


def _looked_at(loop: ast.While) -> Iterator[ast.expr]:
    """What decides whether it goes on: in its test, or in a condition that leaves it."""
    conditions = [each for each in ast.walk(loop) if isinstance(each, ast.If)]
    leaving = [each for each in conditions if any(isinstance(inner, (ast.Break, ast.Return)) for inner in each.body)]
    tests = [loop.test, *(each.test for each in leaving)]
    for test in tests:
        for node in ast.walk(test):
            if isinstance(node, ast.Attribute) and node.attr in _STATES:
                yield node
            elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                if node.slice.value in _STATES:
                    yield node
            elif isinstance(node, ast.Name) and node.id in _STATES:
                yield node


def _asked_in(nodes: list[ast.AST], looked_at: ast.expr) -> str | None:
    """The call in the loop that brings the object anew, or the value itself; None where there is none."""
    owner = looked_at if isinstance(looked_at, ast.Name) else looked_at.value  # type: ignore[attr-defined]
    if isinstance(owner, ast.Call):
        return _name(owner)
    written = ast.unparse(owner)
    for each in nodes:
        if isinstance(each, ast.Assign) and any(ast.unparse(target) == written for target in each.targets):
            value = each.value.value if isinstance(each.value, ast.Await) else each.value
            while isinstance(value, (ast.Attribute, ast.Subscript)):
                value = value.value
            if isinstance(value, ast.Call) and (name := _name(value)) is not None:
                return name
    return None


def _name(call: ast.Call) -> str | None:
    """The called name as it is written, where it asks how far something is; `to_thread` asks what it is handed."""
    called = call.func
    if isinstance(called, ast.Attribute) and called.attr == "to_thread" and call.args:
        called = call.args[0]
    name = ast.unparse(called) if isinstance(called, (ast.Attribute, ast.Name)) else ""
    return name if _ASKS.search(name.rpartition(".")[2]) else None


def _is_pending_only(loop: ast.While) -> bool:
    """Whether it goes on only while the work waits or runs: `while run.status in ("queued", "in_progress")`."""
    compared = [each for each in ast.walk(loop.test) if isinstance(each, ast.Compare)]
    return bool(compared) and all(isinstance(each.ops[0], (ast.In, ast.Eq)) for each in compared)
