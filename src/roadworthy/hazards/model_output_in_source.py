"""Rules of MODEL: answers that are taken for what was asked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.model_output import hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.origins import is_model_text
from roadworthy.scan.scopes import Other, Parameter
from roadworthy.scan.tree import above

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module

RECOVERIES = (
    "json_repair",
    "parse_json",
    "extract_json",
    "repair_json",
    "raw_decode",
    "json5",
    "dirtyjson",
    "partial_json_parser",
)
PARSERS = ("json.loads", "pydantic.TypeAdapter().validate_json", "orjson.loads", "ast.literal_eval")
MODEL_PARSERS = ("model_validate_json", "parse_raw")
"""Methods of pydantic's models that read JSON."""
NO_JSON = ("Exception", "BaseException", "ValueError", "JSONDecodeError", "ValidationError")
"""What a text that is no JSON raises."""
NO_LITERAL = ("Exception", "BaseException", "SyntaxError")
"""What catches all that a text which is no literal raises."""
_ARGUMENTS = re.compile(
    r"(\bfunction_?call|\bfunction|tool_calls?\b.*|\b(tool_?|function_?)?(call|item|tc|fc|output|event|tool|func))"
    r"(\.|\[['\"])arguments(['\"]\])?$"
)
"""How the arguments of a tool call are written."""
_ARGUMENTS_NAME = re.compile(
    r"^(function_|tool_|tool_call_|call_|fn_)?(arguments|args)(_json|_str|_string|_text|_raw)?$"
)
"""Names of what holds them as text, in a file that speaks of tool calls."""
_CLEANED_BY = ("strip", "lstrip", "rstrip", "replace", "removeprefix", "removesuffix")
"""Methods that take a fence off, and leave what is no JSON as it was."""
_CHOICE = re.compile(r"choices|\bchoice\b")
"""How what a model's answer is in is written."""


@hazard.rule("MODEL102", "model's JSON parsed without recovery")
def parsed(module: Module) -> Iterator[Finding]:
    """`json.loads` of a model's text, or of the arguments of its tool call, and nothing handles what is no JSON.

    Quiet in a `try` that handles it, where a library repairs it, and where the request asks for a strict schema.

    Why: models put JSON into a fence, words around it, or end it half-way.

    Mend: ask for a strict schema; else catch the error, and ask again or say that the model's answer was no JSON.
    """
    if any(word in module.source for word in RECOVERIES):
        return
    for call in (*module.calls_to(*PARSERS), *module.methods(*MODEL_PARSERS)):
        argument = call.argument(0, "s") or call.argument(None, "json_data")
        if argument is None or handles(call.node, NO_LITERAL if call.name == "ast.literal_eval" else NO_JSON):
            continue
        if _is_tool_arguments(module, argument):
            yield module.finding(
                call,
                "takes the arguments that the model wrote for JSON, and nothing handles other text",
                why="arguments that are cut off, or quoted in another way, end the request in a JSONDecodeError",
                fix="catch `json.JSONDecodeError` here, and give the model the error as the tool's result",
                severity=Severity.WARNING if module.moment(call) is Moment.UNKNOWN else None,
            )
        elif _is_content(module, argument) and not _asks_for_schema(module):
            is_literal = call.name == "ast.literal_eval"
            is_model = call.name.rpartition(".")[2] in MODEL_PARSERS
            error = "SyntaxError" if is_literal else "ValidationError" if is_model else "JSONDecodeError"
            caught = "json.JSONDecodeError" if error == "JSONDecodeError" else "ValidationError"
            caught = "(ValueError, SyntaxError)" if is_literal else caught
            yield module.finding(
                call,
                f"takes the model's text for {'a literal' if is_literal else 'JSON'}, and nothing handles other text",
                why=f"the first answer in a fence, with words around it or cut off ends in a {error}",
                fix=f"ask for a strict schema (`response_format`), or catch `{caught}` here and ask again",
            )


def is_message_content(module: Module, node: ast.expr) -> bool:
    """`….choices[0].message.content`, or the same by keys: not the message of a chat that a person wrote."""
    match node:
        case ast.Attribute(attr="content", value=message):
            pass
        case ast.Subscript(slice=ast.Constant(value="content"), value=message):
            pass
        case ast.Call(func=ast.Attribute(attr="get", value=message), args=[ast.Constant(value="content"), *_]):
            pass
        case _:
            return False
    match module.names.value(message):
        case ast.Attribute(attr="message", value=choice):
            pass
        case ast.Subscript(slice=ast.Constant(value="message"), value=choice):
            pass
        case _:
            return False
    written = f"{ast.unparse(choice)} {ast.unparse(module.names.value(choice))}"
    return _CHOICE.search(written) is not None


def _is_content(module: Module, node: ast.expr) -> bool:
    """Whether an expression is the text of a model's answer."""
    for _ in range(6):
        if is_model_text(module, node) or (isinstance(node, ast.Call) and _gives_text(module, node)):
            return True
        match node:
            case ast.Call(func=ast.Attribute(value=inner, attr=attr)) if attr in _CLEANED_BY:
                node = inner
                continue
            case ast.Call(args=[_, _, inner, *_]) if module.call(node).name == "re.sub":
                node = inner
                continue
            case ast.Subscript(value=inner, slice=ast.Slice()):
                node = inner
                continue
        followed = module.names.value(node)
        if followed is node:
            return False
        node = followed
    return False


def _gives_text(module: Module, node: ast.Call) -> bool:
    """Whether a function of this file is called that returns a model's text."""
    own = module.call(node).name
    if not own.startswith(f"{module.dotted}."):
        return False
    return any(
        each.value is not None and _is_answer(module, module.names.value(each.value))
        for function in module.functions
        if module.names.of_definition(function) == own
        for each in ast.walk(function)
        if isinstance(each, ast.Return)
    )


def _is_answer(module: Module, node: ast.expr) -> bool:
    return is_model_text(module, node) or is_message_content(module, node)


def _is_tool_arguments(module: Module, node: ast.expr) -> bool:
    """`call.function.arguments`, a name that is bound to it alone, or one that is handed over by this name."""
    if any(_ARGUMENTS.search(ast.unparse(each)) for each in (node, module.names.value(node))):
        return True
    if not isinstance(node, ast.Name) or not _ARGUMENTS_NAME.match(node.id):
        return False
    is_given = any(isinstance(each, (Parameter, Other)) for each in module.names.bound(node))
    return is_given and ("tool_call" in module.source or "function_call" in module.source)


def handles(node: ast.AST, kinds: tuple[str, ...] | None = None) -> bool:
    """Whether an error here is caught: of any kind, or of these; of an unknown name it is taken to be."""
    child = node
    for around in above(node):
        if isinstance(around, ast.Try) and child in around.body and around.handlers:
            caught = {word.rpartition(".")[2] for each in around.handlers for word in _kinds(each)}
            if kinds is None or any(each in kinds or not each.endswith(("Error", "Exception")) for each in caught):
                return True
        if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
        child = around
    return False


def _kinds(handler: ast.ExceptHandler) -> list[str]:
    if handler.type is None:
        return ["Exception"]
    return [
        ast.unparse(each) for each in (handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type])
    ]


def _asks_for_schema(module: Module) -> bool:
    return "json_schema" in module.source or bool(
        re.search(r"response_format\s*=\s*[A-Z]|\"strict\":\s*True|text_format=", module.source)
    )
