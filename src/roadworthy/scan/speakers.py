"""Which hazard a change of what outlives a request is: CONC101, STATE101 or MEM102, and where none.

Three hazards ask the same of it, and one of them speaks (`speaker`), so that no line is told twice.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

from roadworthy.scan.conversations import ELSEWHERE, keeps_conversations
from roadworthy.scan.moments import Moment, is_handler
from roadworthy.scan.state import GAINS, LOSES, changes, is_guarded, is_once, loses
from roadworthy.scan.tree import above, parent
from roadworthy.scan.variety import is_endless, is_of_request

if TYPE_CHECKING:
    from roadworthy.scan.module import Module
    from roadworthy.scan.state import Change


class Speaker(StrEnum):
    """Which hazard a change is."""

    SHARED = "CONC101"
    """Requests see each other's."""
    CONVERSATIONS = "STATE101"
    """Each conversation has its own, in this process alone."""
    GROWTH = "MEM102"
    """Nobody sees another's, but nothing is ever taken out."""


_JOB = re.compile(r"(^|[^a-z])(job|task|run|request|analysis|research|report)_?(id|uuid)([^a-z]|$)")
"""Keys that name work under way, in lower case, by which another request asks how far it is."""
_JOBS = re.compile(r"(^|_)(jobs?|status|statuses|progress|results|task_(store|db|info|results))$|^jobs?_")
"""Names of what tells how far work is, in lower case."""
_OF_A_RUN = re.compile(r"(^|_)(run|current|last|user|tenant|session)_")
"""Names of what is of one run or user, in lower case."""
_OF_FEW = re.compile(r"engine|pool|client|connection|driver|maker|logger|lock|breaker|tool|template|prompt|schema")
"""Names of mappings of what is made for each place that somebody configured, in lower case."""


def speaker(module: Module, change: Change) -> Speaker | None:
    """The hazard that a change is; None: it is none, being guarded, filled once, or taken out again.

    What is kept under a conversation's key is STATE101's. Under other keys each request has its own, and what remains
    is growth, MEM102's. Without a key all requests meet in one object: CONC101 where functions read it again, MEM102
    where it is only written. Either has to be seen: that a request's own goes in, or that what goes in never ends.
    """
    name = change.name.lower()
    if change.how == "gains" and change.key is not None and not isinstance(change.key, ast.Constant):
        if keeps_conversations(module, change) or keeps_jobs(module, change):
            return Speaker.CONVERSATIONS
        return _growth(module, change)
    if name.startswith("self.") or is_guarded(module, change.node) or is_once(name):
        return None
    if change.how == "gains" and change.key is None:
        if loses(module, change.name) and _is_set(module, change.name):
            return None  # things under way, which take themselves out
        if _is_read(module, change.name):
            return Speaker.SHARED if _is_a_requests_own(module, change) else None
        return _growth(module, change)
    return Speaker.SHARED if _is_a_requests_own(module, change) else None


def _growth(module: Module, change: Change) -> Speaker | None:
    if change.name.startswith("self.") or loses(module, change.name):
        return None
    gained = [change.key] if change.key is not None else values_of(change)
    if is_of_few(change.name) and not _has_id(gained):
        return None
    return Speaker.GROWTH if any(is_endless(module, each) for each in gained) else None


def is_of_few(name: str) -> bool:
    """Whether a name says that it is made for each place that somebody configured: an engine, a client, a template."""
    return _OF_FEW.search(name.lower()) is not None


def _has_id(gained: list[ast.expr]) -> bool:
    return any(re.search(r"(^|_)(session|user|task|run|thread|request)_id\b", ast.unparse(each)) for each in gained)


def _is_a_requests_own(module: Module, change: Change) -> bool:
    """Whether what is put in is of one request: what it was given, one more of a count, or what its handler sets."""
    if isinstance(parent(change.node), ast.AugAssign) or isinstance(change.node, ast.AugAssign):
        return module.moment(change.node) is Moment.REQUEST and _decides(module, change.name)
    values = values_of(change)
    if any(is_of_request(module, each) or is_endless(module, each) for each in values):
        return True
    if module.moment(change.node) is not Moment.REQUEST:
        return False
    function = module.scope(change.node).node
    if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and is_handler(module, function):
        return True
    return all(isinstance(each, ast.Constant) for each in values) and _OF_A_RUN.search(change.name.lower()) is not None


def _decides(module: Module, name: str) -> bool:
    """Whether a count is begun anew, or something is decided by it: others only tell how much was done."""
    if any(
        change.name == name
        and not isinstance(change.node, ast.AugAssign)
        and not isinstance(parent(change.node), ast.AugAssign)
        for change in changes(module)
    ):
        return True
    for node in module.all(ast.Name):
        if node.id == name and isinstance(node.ctx, ast.Load) and module.scope(node).kind == "function":
            inner: ast.AST = node
            for around in above(node):
                if isinstance(around, ast.Compare) or (
                    isinstance(around, (ast.If, ast.While)) and around.test is inner
                ):
                    return True
                if isinstance(around, ast.stmt):
                    break
                inner = around
    return False


def values_of(change: Change) -> list[ast.expr]:
    """What is put in, bound anew, or counted up by, where it is written there."""
    node = change.node
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "setdefault":
            return [*node.args[1:]]
        return [*node.args, *(each.value for each in node.keywords)]
    around = node if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) else parent(node)
    if isinstance(around, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and around.value is not None:
        if isinstance(around, ast.Assign) and isinstance(around.value, ast.Tuple):
            return _of_its_own(around, change.name)
        return [around.value]
    call = parent(around) if isinstance(around, ast.Attribute) else None  # `app.state.said[key].append(…)`
    if isinstance(call, ast.Call):
        return [*call.args]
    return []


def _of_its_own(assign: ast.Assign, name: str) -> list[ast.expr]:
    """`a, b = 1, 2`: what one of the names is bound to."""
    assert isinstance(assign.value, ast.Tuple)
    for target in assign.targets:
        if isinstance(target, ast.Tuple) and len(target.elts) == len(assign.value.elts):
            pairs = zip(target.elts, assign.value.elts, strict=True)
            return [value for each, value in pairs if isinstance(each, ast.Name) and each.id == name]
    return [assign.value]


def keeps_jobs(module: Module, change: Change) -> bool:
    """Whether a mapping tells how far work is, by the work's id, and another request reads it there."""
    name = change.name.rpartition(".")[2].lower()
    if change.key is None or change.name.startswith("self.") or not _JOBS.search(name):
        return False
    if any(word in name for word in ELSEWHERE if word != "task") or not _JOB.search(ast.unparse(change.key).lower()):
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
        if (
            isinstance(around, ast.Compare)
            and node in around.comparators
            and isinstance(around.ops[0], (ast.In, ast.NotIn))
        ):
            continue  # asks only whether it is there already
        if module.names.binding_scope(node) is module.scopes.module:
            yield node.id
