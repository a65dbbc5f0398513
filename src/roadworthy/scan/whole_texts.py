"""What of a conversation a value holds whole: a prompt, its messages, a model's answer, what a caller has sent."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from roadworthy.scan.origins import is_model_text

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module

WRITERS = ("json.dumps", "str", "repr", "pformat", "pprint.pformat", "dict", "vars", "asdict", "dataclasses.asdict")
"""What writes a value as it is, in another form."""
_DUMPS = ("model_dump", "model_dump_json", "dict", "json", "copy", "decode")
_WHOLE = re.compile(
    r"(^|\.)(messages|(current|incoming|customer|last_user|human)_(message|query)|(\w+_)?prompt(_text)?"
    r"|user_(message|input|text|question|query)|raw_input|inputs|input_json|conversation(_history)?|chat_history"
    r"|transcript(ion)?|(tool|function)_(args|arguments|input)|email_(body|text|content)|(llm|ai|bot|model|assistant)_(response|answer|reply|output))$"
)
"""Names of what is sent to a model, of what it says, and of what it asks tools."""
_OF_A_PROMPT = re.compile(
    r"(^|_)(is|has|use|no|n|num|max|show|skip|with|in|should|current_shell|command|shell)_\w*prompt$"
)
"""Names of what is only about one."""
_OF_REQUEST = re.compile(
    r"(^|\.|_)(request|req|payload|body|message|update)(\.|\[['\"])(message|messages|prompt|query|question|content|text"
    r"|user_input|input)(\.text|\.content)?(['\"]\])?$"
)
"""How what a person has said is in what came in."""
_SENT = re.compile(r"(^|[._])(request|req)\.(json|get_json|body|form|text|get_data|data)(\(\))?$")
"""All that a caller has sent."""
_ANSWER = re.compile(r"choices|output_text|final_output")
_ASKS_MODEL = re.compile(
    r"(completions|messages|responses)\.(a?create|parse)$|\.generate_content(_async)?$|(^|\.)a?completion$"
    r"|(^|[._])(llm|model|chain|chat_model|chat|agent|graph|agent_executor|runnable|app_graph)\.a?invoke$"
)
"""Calls that a model answers."""
_TOLD_TO = ("instructions", "messages", "prompt", "system", "system_instruction")
"""Keys of a request to a model that hold its prompt."""
_SAID = ("message", "question", "content", "msg")
"""Parameters that hold what somebody has said, in a function that a framework calls."""
_ASKED = re.compile(r"^((user|search|smart|raw)_)?(query|question)(_text)?$")
"""Names of what somebody asked, where no database is asked."""
_EMBEDS = re.compile(r"embedding|\bprompt\b|\bllm\b|chat_?completion|\bagent\b", re.IGNORECASE)
_STATES = ("state", "inputs", "agent_state")
"""What a graph hands from node to node."""


def bare(node: ast.expr) -> ast.expr:
    """What is written: `x` of `json.dumps(x)`, `str(x)` and `x.model_dump()`."""
    while isinstance(node, ast.Call):
        if node.args and ast.unparse(node.func) in WRITERS:
            node = node.args[0]
        elif isinstance(node.func, ast.Attribute) and node.func.attr in _DUMPS and not node.args:
            around = node.func.value
            if node.func.attr == "json" and ast.unparse(around).endswith(("request", "req", "response", "resp")):
                break  # what came, and no other form of it
            node = around
        else:
            break
    if isinstance(node, ast.Attribute) and node.attr == "__dict__":
        return node.value
    return node


def whole_text_in(module: Module, call: Call, node: ast.expr, name: str) -> str | None:
    """What of a prompt, of an answer or of a request is shown whole by this value; None for nothing of them."""
    if isinstance(node, ast.Attribute) and node.attr == "user_message":
        return None  # what an error has for people
    if (_WHOLE.search(name) and not _OF_A_PROMPT.search(name)) or _is_said(call, name) or _is_asked(call, name):
        return None if _is_cut(module, node) else name
    is_failure = call.name.endswith((".error", ".exception"))
    inner = bare(node)
    written = ast.unparse(inner)
    if _OF_REQUEST.search(written) and not is_failure:
        return written
    if _ANSWER.search(written) and is_model_text(module, inner):
        return written
    if is_failure or call.name.endswith(".warning"):
        return None  # what came in place of an answer
    made = _made(module, inner)
    if isinstance(made, ast.Dict) and isinstance(inner, ast.Name):
        keys = (key for each in ast.walk(made) if isinstance(each, ast.Dict) for key in each.keys)
        return name if any(isinstance(key, ast.Constant) and key.value in _TOLD_TO for key in keys) else None
    if _SENT.search(ast.unparse(bare(made))):
        return name or written
    of = inner.value if isinstance(inner, ast.Attribute) and inner.attr in ("content", "text") else inner
    answer = _made(module, of)
    if isinstance(answer, ast.Call) and _ASKS_MODEL.search(ast.unparse(answer.func)):
        return written
    return name if _is_state(module, call, inner) else None


def _made(module: Module, node: ast.expr) -> ast.expr:
    made = module.names.value(node) if isinstance(node, (ast.Name, ast.Await)) else node
    while isinstance(made, ast.Await):
        made = made.value
    return made


def _is_cut(module: Module, node: ast.expr) -> bool:
    """Whether it is made of a part of something: `prompt = prompt[:200]`."""
    bound = module.names.bound(node) if isinstance(node, ast.Name) else []
    return any(isinstance(each, ast.Subscript) and isinstance(each.slice, ast.Slice) for each in bound)


def _is_state(module: Module, call: Call, node: ast.expr) -> bool:
    """Whether it is all that a graph's node is given, of which this file reads the messages."""
    if not isinstance(node, ast.Name) or node.id not in _STATES:
        return False
    return any(
        isinstance(each.slice, ast.Constant)
        and each.slice.value == "messages"
        and isinstance(each.value, ast.Name)
        and each.value.id == node.id
        and module.scope(each) is call.scope
        for each in module.all(ast.Subscript)
    )


def _is_said(call: Call, name: str) -> bool:
    """`message: str`, say, of a function that a framework calls: what somebody has said."""
    function = call.scope.node
    if name not in _SAID or not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    given = (*function.args.args, *function.args.kwonlyargs)
    is_text = any(each.arg == name and each.annotation and ast.unparse(each.annotation) == "str" for each in given)
    return is_text and bool(function.decorator_list)


def _is_asked(call: Call, name: str) -> bool:
    """A parameter `query`, of a function that puts it into a prompt or has it embedded: what somebody asked."""
    function = call.scope.node
    if not _ASKED.match(name) or not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    if not any(each.arg == name for each in (*function.args.args, *function.args.kwonlyargs)):
        return False
    for each in ast.walk(function):
        given: list[ast.AST] = []
        if isinstance(each, ast.Call) and _EMBEDS.search(ast.unparse(each.func)):
            given = [*each.args]
        elif isinstance(each, ast.Assign) and _EMBEDS.search(ast.unparse(each.targets[0])):
            given = [*ast.walk(each.value)]
        if any(isinstance(part, ast.Name) and part.id == name for part in given):
            return True
    return False
