"""Runaway runs and full contexts: nothing ends the loop, nothing bounds what goes into the next call."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.hazard import Hazard
from roadworthy.scan.moments import Moment

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module

hazard = Hazard(
    "LOOP",
    "Runaway runs and full contexts",
    cause="A model that goes on calling tools is asked again and again, and what the tools return fills its context.",
    fix="Bound the steps of a run, and the length of each tool's result.",
    before="""\
while True:  # until the model stops calling tools, which is up to the model
    message = ask(messages)
    if not message.tool_calls:
        return message.content
""",
    after="""\
for _ in range(MAX_STEPS):
    message = ask(messages)
    if not message.tool_calls:
        return message.content
raise TooManySteps(MAX_STEPS)
""",
)
MODEL_CALLS = re.compile(
    r"(chat\.completions\.create|responses\.create|messages\.create|\.acompletion|^litellm\.completion|generate_content)$"
)
TOOL_CALLS = ("tool_calls", "tool_use", "function_call", "stop_reason")


@hazard.rule("LOOP101", "tool loop without a limit")
def endless_loop(module: Module) -> Iterator[Finding]:
    """`while True` asks a model until it calls no more tools, and nothing counts the rounds.

    Quiet where the loop counts, compares a number or a time, or waits for a person's input.

    Why: a model that calls the same tool again and again costs money until somebody notices.

    Mend: `for _ in range(max_steps):`, and an error that says that the limit was reached.
    """
    for loop in module.all(ast.While):
        if not (isinstance(loop.test, ast.Constant) and loop.test.value) or module.moment(loop) is Moment.EXAMPLE:
            continue
        nodes = list(ast.walk(loop))
        calls = [module.call(each) for each in nodes if isinstance(each, ast.Call)]
        if not any(MODEL_CALLS.search(call.name) for call in calls):
            continue
        if not any(isinstance(each, (ast.Attribute, ast.Constant)) and _word(each) in TOOL_CALLS for each in nodes):
            continue
        if (
            any(call.name == "input" for call in calls)
            or any(isinstance(each, ast.AugAssign) for each in nodes)
            or any(_compares_number(each) for each in nodes)
        ):
            continue
        yield module.finding(
            loop,
            "asks the model until it calls no more tools, without a limit",
            why="a model that goes on calling tools is paid for until somebody notices",
            fix="`for _ in range(max_steps):` in place of `while True:`, and an error after it",
        )


@hazard.rule("LOOP102", "tool's result goes into the context uncapped")
def uncapped(module: Module) -> Iterator[Finding]:
    """What a program prints, a page holds or a file says goes into the model's context whole.

    Looked at are tools (functions that a framework calls by name) that return a program's whole output, a response's
    whole text or a whole file.

    Why: one `cat` of a log file is larger than the model's context, and the request fails, or costs dollars.

    Mend: return the first ten thousand characters, and say that there is more.
    """
    for function in module.functions:
        if not _is_tool(function):
            continue
        for statement in ast.walk(function):
            if isinstance(statement, ast.Return) and statement.value is not None and _is_whole(module, statement.value):
                yield module.finding(
                    statement,
                    f"{function.name} returns all that it got to the model",
                    why="one large result fills the context, and the request fails or costs a fortune",
                    fix="return a part of it, `text[:10_000]`, and say how much is left",
                    severity=Severity.WARNING,
                )


def _word(node: ast.Attribute | ast.Constant) -> object:
    return node.attr if isinstance(node, ast.Attribute) else node.value


def _compares_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Compare) and any(isinstance(op, (ast.Gt, ast.GtE, ast.Lt, ast.LtE)) for op in node.ops)


def _is_tool(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        word = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
        if word in ("tool", "function_tool", "tool_plain", "kernel_function", "beta_tool"):
            return True
    return False


def _is_whole(module: Module, value: ast.expr) -> bool:
    """A program's whole output, a response's whole text, a whole file."""
    followed = module.names.value(value)
    if isinstance(followed, ast.Attribute) and followed.attr in ("stdout", "text"):
        made = module.name(followed.value)
        return made.startswith(("subprocess.run()", "requests.", "httpx."))
    if isinstance(followed, ast.Call):
        call = module.call(followed)
        if call.name in ("subprocess.check_output", "subprocess.getoutput"):
            return True
        word = call.name.rpartition(".")[2]
        return (
            word in ("read_text", "read")
            and not call.node.args
            and call.made_by is not None
            and call.made_by.name in ("open", "pathlib.Path")
        )
    return False
