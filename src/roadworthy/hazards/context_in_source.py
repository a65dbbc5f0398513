"""LOOP102: what tools return goes into the model's context."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.loops import hazard
from roadworthy.scan.tool_runs import uncapped_results
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module

TOOL_METHODS = ("_run", "_arun", "run", "arun", "execute", "forward", "call", "_call", "__call__", "invoke")
"""Methods by which frameworks run a tool."""
RESULTS = ("TextContent", "CallToolResult", "ToolResult", "ToolMessage", "str")
"""What a tool's text is put into."""
SANDBOXES = ("e2b.Sandbox()", "e2b_code_interpreter.Sandbox()", "modal.Sandbox.create()")
"""Beginnings of names of what a program printed in another place."""
_TOOL_CLASS = re.compile(r"Tool(Base)?(\[|$)")


@hazard.rule("LOOP102", "tool's result goes into the context uncapped")
def uncapped(module: Module) -> Iterator[Finding]:
    """What a program prints, a page holds or a file says goes into the model's context whole.

    Looked at are tools (functions that a framework calls by name, or is handed, and methods of a tool's class) that
    return a program's whole output, a response's whole text or a whole file. And a loop of one's own that runs the tool
    which the model named, and appends what it returned: `messages.append({"role": "tool", "content": result})`. Quiet
    where it is cut, or its length is looked at, and where all tools are of this file and read nothing.

    Why: one `cat` of a log file is larger than the model's context, and the request fails, or costs dollars.

    Mend: return the first ten thousand characters, and say that there is more.
    """
    handed = _handed_over(module)
    for function in module.functions:
        if not (_is_tool(function) or _is_of_tool_class(module, function) or function.name in handed):
            continue
        for statement in ast.walk(function):
            if isinstance(statement, ast.Return) and statement.value is not None and _is_whole(module, statement.value):
                yield module.finding(
                    statement,
                    f"{module.scopes.inside(function).name} returns all that it got to the model",
                    why="one large result fills the context, and the request fails or costs a fortune",
                    fix="return a part of it, `text[:10_000]`, and say how much is left",
                    severity=Severity.WARNING,
                )
    for place, what in uncapped_results(module):
        yield module.finding(
            place,
            f"all that a tool returned goes into the context: {what}",
            why="one large result fills the context, and the next call fails or costs a fortune",
            fix=f"cut it before: `{what}[:10_000]`, and say that there is more",
            severity=Severity.WARNING,
        )


def _is_tool(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        word = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
        if word in ("tool", "function_tool", "tool_plain", "kernel_function", "beta_tool", "call_tool"):
            return True
    return False


def _is_of_tool_class(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    around = module.parent(function)
    return (
        function.name in TOOL_METHODS
        and isinstance(around, ast.ClassDef)
        and any(_TOOL_CLASS.search(ast.unparse(base)) for base in around.bases)
    )


def _handed_over(module: Module) -> set[str]:
    """Functions of this file that a framework gets as tools: `Agent(tools=[search])`, `Tool(func=search)`."""
    found: set[str] = set()
    for keyword in module.all(ast.keyword):
        if keyword.arg in ("tools", "func", "coroutine"):
            values = keyword.value.elts if isinstance(keyword.value, (ast.List, ast.Tuple)) else [keyword.value]
            found |= {each.id for each in values if isinstance(each, ast.Name)}
    return found


def _is_whole(module: Module, value: ast.expr) -> bool:
    """A program's whole output, a response's whole text, a whole file."""
    match value:
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _is_whole(module, left) or _is_whole(module, right)
        case ast.BoolOp(values=parts):
            return any(_is_whole(module, each) for each in parts)
        case ast.JoinedStr(values=parts):
            return any(isinstance(each, ast.FormattedValue) and _is_whole(module, each.value) for each in parts)
        case ast.IfExp(body=body, orelse=orelse):
            return _is_whole(module, body) or _is_whole(module, orelse)
        case ast.Dict(values=parts) | ast.List(elts=parts):
            return any(_is_whole(module, each) for each in parts)
        case ast.Call(func=ast.Name(id=word) | ast.Attribute(attr=word)) if word in RESULTS:
            given = (*value.args, *(each.value for each in value.keywords if each.arg in ("text", "content")))
            return any(_is_whole(module, each) for each in given)
        case ast.Call(func=ast.Attribute(value=inner, attr="strip" | "rstrip" | "decode"), args=[]):
            return _is_whole(module, inner)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="json"), attr="dumps"), args=[inner, *_]):
            written = module.names.value(inner)
            return _is_whole(module, written if isinstance(written, ast.Dict) else inner)
    if isinstance(value, ast.Name) and _is_communicated(module, value):
        return True
    followed = module.names.value(value)
    if isinstance(followed, ast.Attribute) and followed.attr in ("stdout", "text"):
        made = module.name(followed.value)
        return made.startswith(("subprocess.run()", "requests.", "httpx.", *SANDBOXES))
    if isinstance(followed, ast.Call):
        call = module.call(followed)
        if call.name in ("subprocess.check_output", "subprocess.getoutput"):
            return True
        word = call.name.rpartition(".")[2]
        opened = call.made_by
        if opened is not None and HOLE not in (opened.text(0) or HOLE):
            return False  # a file of the agent's own
        return (
            word in ("read_text", "read")
            and not call.node.args
            and call.made_by is not None
            and call.made_by.name in ("open", "pathlib.Path")
        )
    return False


def _is_communicated(module: Module, name: ast.Name) -> bool:
    """`out, errors = await process.communicate()`."""
    for node in ast.walk(module.scope(name).node):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            value = node.value.value if isinstance(node.value, ast.Await) else node.value
            is_asked = isinstance(value, ast.Call) and getattr(value.func, "attr", "") == "communicate"
            if is_asked and any(isinstance(each, ast.Name) and each.id == name.id for each in node.targets[0].elts):
                return True
    return False
