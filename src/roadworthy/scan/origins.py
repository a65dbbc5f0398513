"""Where a value comes from: a parameter that a caller fills, or what a model wrote."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from roadworthy.scan.names import DEEPEST
from roadworthy.scan.scopes import Function, Parameter

if TYPE_CHECKING:
    from roadworthy.scan.module import Module

MODEL_TEXT = re.compile(
    r"(choices\[.+\]\.message\.content|\.output_text|content\[.+\]\.text|\.candidates\[.+\]\.content|\.final_output|"
    r"\b(response|completion|reply|answer|ai_message|ai_msg|llm_response|result)\.content|message\.content)$"
)
"""How the text of a model's answer is written."""
_BY_KEYS = re.compile(r"choices(['\"]\])?\[.+\](\.message|\[['\"]message['\"]\])(\.content|\[['\"]content['\"]\])$")
"""The same where an answer is a mapping, as litellm's and older ones of OpenAI's are."""
GOOGLE = ("google.generativeai", "google.genai", "vertexai")
_NO_TEXT = re.compile(
    r"^(int|float|bool|UUID|uuid\.UUID|date|datetime|Decimal|Literal\[.*\])(\s*\|\s*None)?$|^Optional\[(int|float|bool)\]$"
)
"""Types of parameters that hold nothing which could be a command."""
_TESTS = re.compile(r"valid|allowed|safe|sanitiz|check|quote|escape", re.IGNORECASE)
"""Names of functions that look whether a value is allowed."""
_CARRIERS = {
    "request",
    "req",
    "args",
    "arguments",
    "params",
    "input",
    "data",
    "body",
    "payload",
    "query",
    "item",
    "event",
}
"""Parameters whose fields are what a caller sent; fields of others (`settings`, `self`) are the program's own."""
_OWN = ("profile", "config", "settings", "cfg", "conf", "options")
"""Parameters whose entries are what a file of the program's own says."""
_KEPT_BY = {
    *("strip", "lstrip", "rstrip", "lower", "upper", "replace", "removeprefix", "removesuffix", "split", "encode"),
    *("decode", "get", "format", "join", "title"),
}
"""Methods whose result still holds the text that they are called on, or with."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A parameter of `function`, or, where there is no `function`, what a model wrote."""

    name: str
    function: Function | None = None


def origin(module: Module, node: ast.expr | None, depth: int = 0) -> Origin | None:
    """What of a caller's or of a model's is in this value as it was given; None where there is nothing of either.

    What goes through a call of another function counts as made safe there: `shlex.quote(pattern)`, `int(limit)`.
    """
    if node is None or depth > DEEPEST:
        return None
    if is_model_text(module, node):
        return Origin(ast.unparse(node))
    parts: list[ast.expr] = []
    match node:
        case ast.Name():
            return _of_name(module, node, depth)
        case ast.Subscript(value=ast.Name(id=name)) if name in _OWN:
            return None
        case ast.JoinedStr(values=values):
            parts = [each.value for each in values if isinstance(each, ast.FormattedValue)]
        case ast.BinOp(op=ast.Add() | ast.Mod(), left=left, right=right):
            parts = [left, right]
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.BoolOp(values=parts):
            pass
        case ast.IfExp(body=body, orelse=orelse):
            parts = [body, orelse]
        case ast.Await(value=inner) | ast.NamedExpr(value=inner) | ast.Subscript(value=inner):
            parts = [inner]
        case ast.Attribute(value=ast.Name(id=name) as inner) if name in _CARRIERS:
            parts = [inner]
        case ast.Call(func=ast.Name(id="str"), args=[inner]):
            parts = [inner]
        case ast.Call(func=ast.Attribute(value=inner, attr=attr)) if attr in _KEPT_BY:
            parts = [inner]
            if attr in ("format", "join"):
                parts += [*node.args, *(each.value for each in node.keywords)]
    return next((found for part in parts if (found := origin(module, part, depth + 1)) is not None), None)


def is_model_text(module: Module, node: ast.expr) -> bool:
    """Whether an expression is written as the text of a model's answer is: `response.choices[0].message.content`."""
    if isinstance(node, ast.Subscript):
        return _BY_KEYS.search(ast.unparse(node)) is not None
    if not isinstance(node, ast.Attribute) or node.attr not in ("content", "text", "output_text", "final_output"):
        return False
    written = ast.unparse(node)
    if written.endswith("].text") and not module.imports("anthropic", *GOOGLE):
        return False  # a tool server's result is written in the same way
    return bool(MODEL_TEXT.search(written)) or (written.endswith("response.text") and module.imports(*GOOGLE))


def asks_for_name(function: Function, name: str) -> bool:
    """Whether a function compares this name with what is allowed, or tests its form."""
    for node in ast.walk(function):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            if any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node.left)):
                return True
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            word, given = node.func.attr, node.args[-1] if node.args else node.func.value
            is_test = word in ("match", "fullmatch", "isidentifier", "isalnum", "isdigit") or "valid" in word.lower()
            if is_test and isinstance(given, ast.Name) and given.id == name:
                return True
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            is_given = any(isinstance(each, ast.Name) and each.id == name for each in node.args)
            if is_given and _TESTS.search(node.func.id):
                return True
    return False


def _of_name(module: Module, node: ast.Name, depth: int) -> Origin | None:
    scope = module.names.binding_scope(node)
    for bound in module.names.bound(node):
        if isinstance(bound, Parameter):
            annotation = bound.node.annotation
            is_text = annotation is None or not _NO_TEXT.match(ast.unparse(annotation))
            if is_text and node.id not in ("self", "cls") and isinstance(scope and scope.node, Function):
                return Origin(node.id, scope.node)  # type: ignore[union-attr, arg-type]
        elif isinstance(bound, ast.expr) and (found := origin(module, bound, depth + 1)) is not None:
            return found
    return None
