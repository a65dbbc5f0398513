"""Runaway runs and full contexts: nothing ends the loop, nothing bounds what goes into the next call."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.hazard import Hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module
    from roadworthy.scan.scopes import Function

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
    r"(chat\.completions\.create|responses\.create|messages\.create|\.acompletion|^litellm\.completion|generate_content|send_message)$"
)
MODEL_METHODS = ("create", "acompletion", "completion", "generate_content", "send_message")
"""The last words of what `MODEL_CALLS` finds."""
LIMITS = re.compile(
    r"(max|limit|budget|deadline|time\.|monotonic|perf_counter|steps|turns|rounds|iteration|attempts|count)"
)
"""Words of what bounds a loop."""
WAITS = (
    *("input", "prompt", "prompt_async", "ask", "get_input", "get_user_input", "user_input", "receive", "receive_text"),
    *("receive_json", "recv", "Prompt"),
)
"""Calls that wait for a person or a client: each round is asked for."""
TOOL_METHODS = ("_run", "_arun", "run", "arun", "execute", "forward", "call", "_call", "__call__", "invoke")
"""Methods by which frameworks run a tool."""
RESULTS = ("TextContent", "CallToolResult", "ToolResult", "ToolMessage", "str")
"""What a tool's text is put into."""
_TOOL_CLASS = re.compile(r"Tool(Base)?(\[|$)")
TOOL_CALLS = ("tool_calls", "tool_use", "function_call", "stop_reason")


@cache
def unlimited() -> dict[str, str]:
    """Agents of frameworks without a limit of their own → the argument that sets one; from data/tool-loops.toml."""
    table = tomllib.loads(files("roadworthy.data").joinpath("tool-loops.toml").read_text("utf-8"))
    return {name: row["limit"] for row in table["agent"] for name in row["names"]}


@hazard.rule("LOOP101", "tool loop without a limit")
def endless_loop(module: Module) -> Iterator[Finding]:
    """`while True`, or `while message.tool_calls`, asks a model until it calls no more tools, and nothing counts.

    A function that runs itself again for each tool's result is such a loop too. The model may be asked in a function
    of the same file that the loop calls, and the loop may be a framework's that has no limit of its own. Quiet where
    something that the loop counts, a clock or a limit by its name is compared, and where each round waits for a
    person's or a client's input.

    Why: a model that calls the same tool again and again costs money until somebody notices.

    Mend: `for _ in range(max_steps):`, and an error that says that the limit was reached.
    """
    for call in module.calls_to(*unlimited()):
        limit = unlimited()[call.name]
        has_tools = call.argument(None, "tools") is not None
        if has_tools and not call.has(limit) and module.moment(call) is not Moment.EXAMPLE:
            yield module.finding(
                call,
                f"this agent calls tools until the model calls no more: it has no `{limit}`",
                why="a model that goes on calling tools is paid for until somebody notices",
                fix=f"give it one: `{limit}=20`",
                severity=Severity.WARNING,
            )
    for function in _that_run_again(module):
        yield module.finding(
            function,
            f"{module.scopes.inside(function).name} asks the model and runs itself again for tools, without a limit",
            why="a model that goes on calling tools is paid for until somebody notices, or Python's stack is full",
            fix="hand on the number of steps that are left, and end with an error at 0",
        )
    for loop in module.all(ast.While):
        is_endless = isinstance(loop.test, ast.Constant) and loop.test.value
        asked = [_word(each) for each in ast.walk(loop.test) if isinstance(each, (ast.Attribute, ast.Constant))]
        if not is_endless and not (set(asked) & set(TOOL_CALLS) and not _is_bounded(loop, loop.test)):
            continue
        if module.moment(loop) in (Moment.EXAMPLE, Moment.TEST):
            continue
        nodes = list(ast.walk(loop))
        if not any(isinstance(each, (ast.Attribute, ast.Constant)) and _word(each) in TOOL_CALLS for each in nodes):
            continue
        calls = [module.call(each) for each in nodes if isinstance(each, ast.Call)]
        if not any(_asks_model(module, call) for call in calls):
            continue
        if any(
            call.name.rpartition(".")[2] in WAITS and not _asks_model(module, call) for call in calls
        ) or _is_bounded(loop, loop):
            continue
        yield module.finding(
            loop,
            "asks the model until it calls no more tools, without a limit",
            why="a model that goes on calling tools is paid for until somebody notices",
            fix="`for _ in range(max_steps):` in place of `while`, and an error after it",
        )


def _that_run_again(module: Module) -> Iterator[Function]:
    """Functions that ask a model, run themselves again for the tools that it calls, and count nothing."""
    seen: set[ast.AST] = set()
    for asked in module.methods(*MODEL_METHODS):
        function = module.inside(asked.node, ast.FunctionDef, ast.AsyncFunctionDef)
        if not MODEL_CALLS.search(asked.name) or function in seen:
            continue
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) or module.moment(function) in (
            Moment.EXAMPLE,
            Moment.TEST,
        ):
            continue
        seen.add(function)
        nodes, own = list(ast.walk(function)), module.names.of_definition(function)
        words = {_word(each) for each in nodes if isinstance(each, (ast.Attribute, ast.Constant))}
        calls = (module.call(each).name.replace("()", "") for each in nodes if isinstance(each, ast.Call))
        if words & set(TOOL_CALLS) and own in calls and not _is_bounded(function, function):
            yield function


@hazard.rule("LOOP102", "tool's result goes into the context uncapped")
def uncapped(module: Module) -> Iterator[Finding]:
    """What a program prints, a page holds or a file says goes into the model's context whole.

    Looked at are tools (functions that a framework calls by name, or is handed, and methods of a tool's class) that
    return a program's whole output, a response's whole text or a whole file.

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


def _word(node: ast.Attribute | ast.Constant) -> object:
    return node.attr if isinstance(node, ast.Attribute) else node.value


def _asks_model(module: Module, call: Call) -> bool:
    """Whether it asks a model, or runs a function of this file that does."""
    if MODEL_CALLS.search(call.name):
        return True
    own = call.name.replace("()", "")
    if not own.startswith(f"{module.dotted}."):
        return False
    return any(
        module.names.of_definition(function) == own
        and any(
            isinstance(each, ast.Call) and MODEL_CALLS.search(module.name(each.func)) for each in ast.walk(function)
        )
        for function in module.functions
    )


def _is_bounded(loop: ast.AST, where: ast.AST) -> bool:
    """Whether a count of the loop's, a clock or a limit is compared there: not the length of an answer."""
    counted = {ast.unparse(each.target) for each in ast.walk(loop) if isinstance(each, ast.AugAssign)}
    for node in ast.walk(where):
        if not isinstance(node, ast.Compare):
            continue
        for side in (node.left, *node.comparators):
            written = ast.unparse(side)
            if written in counted or LIMITS.search(written.lower()):
                return True
    return False


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
    if isinstance(value, ast.Name) and _is_communicated(module, value):
        return True
    followed = module.names.value(value)
    if isinstance(followed, ast.Attribute) and followed.attr in ("stdout", "text"):
        made = module.name(followed.value)
        return made.startswith(("subprocess.run()", "requests.", "httpx."))
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
