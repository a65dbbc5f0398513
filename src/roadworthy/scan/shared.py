"""Objects that a project makes once and that requests change: by setting an attribute, or by a method that keeps more.

The object, its class and the request may be in three files.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from roadworthy.scan.moments import Moment, is_handler
from roadworthy.scan.state import is_guarded, is_once
from roadworthy.scan.tree import above
from roadworthy.scan.variety import is_of_request

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module

CONVERSATION = re.compile(r"conversation|histor(y|ies)|messages|dialog|transcript|chat_?log")
"""Words in names of an object's lists that are one conversation; a mapping of them may be many, each by its key."""
_ADDS = ("append", "extend", "insert")
_WITHIN = 3
"""Calls from method to method of a class that are followed."""


@dataclass(frozen=True, slots=True)
class SharedChange:
    """One place in a request that changes a thing which all requests share."""

    node: ast.AST
    thing: str
    """As it is written: `assistant`, `personas`."""
    attribute: str
    method: str | None
    """The method that changes the attribute; None: it is set here."""


def kept_by_methods(module: Module, called: Mapping[str, set[str]]) -> dict[str, str]:
    """`Assistant.chat` → the list of its object that it adds to, `history`; also by way of another method.

    `called` are the names that each scope calls.
    """
    found: dict[str, str] = {}
    for call in module.methods(*_ADDS):
        if call.scope.class_around is not None and (attribute := list_of_self(call)) is not None:
            found.setdefault(call.scope.name, attribute)
    for _ in range(_WITHIN):
        own = {f"{module.dotted}.{_of_object(name)}": attribute for name, attribute in found.items()}
        found |= {
            scope: own[name] for scope, names in called.items() for name in names if name in own and scope not in found
        }
    return {name: attribute for name, attribute in found.items() if not name.endswith("__init__")}


def shared_changes(module: Module) -> Iterator[SharedChange]:
    """What requests change here of objects and modules of the project, in the order of the source within each kind."""
    for assign in module.all(ast.Assign, ast.AugAssign):
        targets = assign.targets if isinstance(assign, ast.Assign) else [assign.target]
        for target in targets:
            if not isinstance(target, ast.Attribute) or _is_sign(assign.value):
                continue
            if is_once(target.attr.lower()) or not _is_shared(module, target.value) or _is_asked_first(assign, target):
                continue
            if not module.project.is_own(module.name(target.value)) or not _in_request(module, assign):
                continue
            if _is_a_requests_own(module, assign):
                yield SharedChange(assign, ast.unparse(target.value), target.attr, None)
    for call in module.methods(*module.project.keeping_among(*module.words_called)):
        function = call.node.func
        if not isinstance(function, ast.Attribute) or not _is_shared(module, function.value):
            continue
        attribute = module.project.kept_by(call.name)
        if attribute is not None and _in_request(module, call.node):
            yield SharedChange(call.node, ast.unparse(function.value), attribute, function.attr)


def _in_request(module: Module, node: ast.AST) -> bool:
    return module.moment(node) is Moment.REQUEST and not is_guarded(module, node)


def _is_a_requests_own(module: Module, assign: ast.Assign | ast.AugAssign) -> bool:
    """Whether it is something given, one more of a count, or set by a handler itself: not the same for all."""
    function = module.scope(assign).node
    is_handlers = isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and is_handler(module, function)
    return is_handlers or isinstance(assign, ast.AugAssign) or is_of_request(module, assign.value)


def _is_sign(value: ast.expr) -> bool:
    """`client.is_ready = True`: a sign that something has been done, for all."""
    return isinstance(value, ast.Constant) and isinstance(value.value, bool)


def _is_asked_first(assign: ast.AST, target: ast.Attribute) -> bool:
    """`if Config.default is None: Config.default = …`: filled once."""
    return any(
        isinstance(around, ast.If)
        and any(isinstance(each, ast.Attribute) and each.attr == target.attr for each in ast.walk(around.test))
        for around in above(assign)
    )


def _is_shared(module: Module, thing: ast.expr) -> bool:
    """Whether it is a name of the module's, bound or imported at the top, that a function reads."""
    return (
        isinstance(thing, ast.Name)
        and module.scope(thing).kind == "function"
        and module.names.binding_scope(thing) is module.scopes.module
    )


def list_of_self(call: Call) -> str | None:
    """The list of its object that is a conversation, by its name, and that this call adds to."""
    function = call.node.func
    of = function.value if isinstance(function, ast.Attribute) else None
    if not isinstance(of, ast.Attribute) or not CONVERSATION.search(of.attr.lower()):
        return None
    assigned = call.module.names.assigned(of)
    return of.attr if any(isinstance(each, ast.List) for each in assigned) else None


def _of_object(method: str) -> str:
    """`Assistant.chat` as a call of it is named: `Assistant().chat`."""
    head, _, last = method.rpartition(".")
    return f"{head}().{last}"
