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
    r"(chat\.completions|responses|messages)\.(with_(raw|streaming)_response\.)?(create|parse|stream)$"
    r"|(\.acompletion|^litellm\.completion|generate_content(_stream)?(_async)?|send_message(_async)?|\.converse(_stream)?"
    r"|^ollama\.chat|^ollama\.(Async)?Client\(\)\.chat|(llm|model|chat_model|bound)\.a?invoke)$"
)
MODEL_FUNCTIONS = re.compile(
    r"^_*a?(ask|call|query|prompt|request|run|get|create|generate|stream|complete|chat)_?\w*"
    r"(llm|model|claude|gpt|openai|anthropic|gemini|completion|chat_response|model_response)s?(_?(async|stream|response))?$"
)
"""Names of functions of other files that ask a model."""
LIMITS = re.compile(
    r"(max|limit|budget|deadline|time\.|monotonic|perf_counter|steps|turns|rounds|iteration|attempts|count)"
)
"""Words of what bounds a loop."""
WAITS = (
    *("input", "prompt", "prompt_async", "ask", "get_input", "get_user_input", "user_input", "receive", "receive_text"),
    *("receive_json", "recv", "Prompt"),
)
"""Calls that wait for a person or a client: each round is asked for."""
TOOL_CALLS = ("tool_calls", "tool_use", "function_call", "stop_reason", "finish_reason")


@cache
def unlimited() -> dict[str, str]:
    """Agents of frameworks without a limit of their own → the argument that sets one; from data/tool-loops.toml."""
    table = tomllib.loads(files("roadworthy.data").joinpath("tool-loops.toml").read_text("utf-8"))
    return {name: row["limit"] for row in table["agent"] for name in row["names"]}


@hazard.rule("LOOP101", "tool loop without a limit")
def endless_loop(module: Module) -> Iterator[Finding]:
    """`while True`, or `while message.tool_calls`, asks a model until it calls no more tools, and nothing counts.

    A function that runs itself again for each tool's result is such a loop too. The model may be asked in a function
    that the loop calls, of the same file or of another one whose name says so, and the loop may be a framework's that
    has no limit of its own. Quiet where something that the loop counts, a clock or a limit by its name is compared, and
    where each round waits for a person's or a client's input.

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
    words_called = set(module.words_called)
    for function in module.functions:
        if function.name not in words_called:
            continue
        own = module.names.of_definition(function)
        again = (each for each in module.methods(function.name) if module.scope(each.node).node is function)
        if not any(each.name.replace("()", "") == own for each in again) or module.moment(function) in (
            Moment.EXAMPLE,
            Moment.TEST,
        ):
            continue
        nodes = list(ast.walk(function))
        words = {_word(each) for each in nodes if isinstance(each, (ast.Attribute, ast.Constant))}
        if not words & set(TOOL_CALLS) or _is_bounded(function, function):
            continue
        calls = (module.call(each) for each in nodes if isinstance(each, ast.Call))
        if any(_asks_model(module, call, but=own) for call in calls):
            yield function


def _word(node: ast.Attribute | ast.Constant) -> object:
    return node.attr if isinstance(node, ast.Attribute) else node.value


def _asks_model(module: Module, call: Call, depth: int = 2, but: str = "") -> bool:
    """Whether it asks a model, or runs a function that does: one of this file, or one whose name says so."""
    function = call.node.func
    if MODEL_CALLS.search(call.name):
        return True
    if call.name.startswith("?"):
        if MODEL_CALLS.search(ast.unparse(function)):
            return True
        bound = module.names.bound(function) if isinstance(function, ast.Name) else []
        if any(MODEL_CALLS.search(module.name(each)) for each in bound if isinstance(each, ast.expr)):
            return True
        return MODEL_FUNCTIONS.match(call.name.rpartition(".")[2]) is not None
    own = call.name.replace("()", "")
    if not own.startswith(f"{module.dotted}."):
        return module.project.is_own(own.rpartition(".")[0]) and bool(MODEL_FUNCTIONS.match(own.rpartition(".")[2]))
    if depth == 0 or own == but:
        return False
    inner = (each for each in module.functions if module.names.of_definition(each) == own)
    return any(
        isinstance(each, ast.Call) and _asks_model(module, module.call(each), depth - 1, but)
        for function_inside in inner
        for each in ast.walk(function_inside)
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
