"""Where the program runs a tool that the model has named, and what of its result goes into the conversation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.scan.moments import Moment
from roadworthy.scan.tree import parent

if TYPE_CHECKING:
    from roadworthy.scan.module import Module
    from roadworthy.scan.scopes import Function

ROLES = ("tool", "function", "tool_result", "function_call_output")
"""What a message says that it is, under `role` or `type`, where it holds a tool's result."""
MESSAGES = ("ToolMessage", "FunctionMessage", "LiberalToolMessage", "ToolResultBlockParam", "ToolResponseMessage")
"""Classes of such messages, of several libraries."""
HELD_UNDER = ("content", "output")
_RUNS = re.compile(
    r"^_*(a?call|a?run|a?execute|a?invoke|process|handle|dispatch|use|perform)_?\w*(tool|function|action)s?"
    r"(_?(call|use|wrapper|safely|async|by_name)s?)?$"
    r"|^(tool|function)_(call|run|execute)$|^call_?tool$",
    re.IGNORECASE,
)
"""Words of functions that run a tool by its name."""
_TOOL = re.compile(r"(^|[^a-z])(tools?|functions?|skills?|plugins?)([^a-z]|$)")
"""In what a tool is called on."""
_METHODS = ("run", "arun", "invoke", "ainvoke", "call", "acall", "execute", "aexecute", "forward", "on_invoke_tool")
_CUT = re.compile(
    r"trunc|trim|shorten|clip|summar|limit|compress|compact|max_|crop|prune|cap_|_cap\b|ellip|head|_window|within|to_fit"
)
"""Words of functions that make a text shorter, and of names that say how long it may be."""
_CALLS = re.compile(r"(tool|function)_?(call|use)|call_id|tool_input", re.IGNORECASE)
"""How a model's call of a tool is named."""
_LISTS = re.compile(r"message|content|histor|context|conversation|result|output|input|chat|block|response|item")
"""Words in names of what holds a conversation, or the results that go into it."""
_READS = ("read", "read_text", "fetchall", "fetchmany", "query", "search", "get_text", "page_content", "scrape", "text")
_OUTSIDE = ("requests.", "httpx.", "subprocess.", "urllib.", "aiohttp.", "open", "os.popen", "os.walk")
_DEEPEST = 3
"""Assignments from a message back to the call that ran the tool."""


def uncapped_results(module: Module) -> Iterator[tuple[ast.AST, str]]:
    """The places where a tool's result goes into the conversation whole, and how it is written there."""
    if "tool" not in module.source and "function" not in module.source:
        return
    seen: set[ast.AST] = set()
    for place, held in _messages(module):
        function = module.scope(place).node
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) or function in seen:
            continue
        if module.moment(place) in (Moment.EXAMPLE, Moment.TEST):
            continue
        result = _result(module, held)
        if result is not None and _names_calls(function) and not _is_cut(function):
            seen.add(function)
            yield place, result


def _names_calls(function: Function) -> bool:
    """Whether it answers a model's calls: what else is given the role of a tool is shown to people."""
    return any(
        (isinstance(each, ast.Attribute) and _CALLS.search(each.attr))
        or (isinstance(each, ast.Constant) and isinstance(each.value, str) and _CALLS.search(each.value))
        or (isinstance(each, ast.Name) and _CALLS.search(each.id))
        for each in ast.walk(function)
    )


def _messages(module: Module) -> Iterator[tuple[ast.AST, ast.expr]]:
    """Messages with what they hold, and what is handed to a function on its way into a list of messages."""
    for each in module.all(ast.Dict):
        entries = {key.value: value for key, value in zip(each.keys, each.values, strict=True) if _is_word(key)}  # type: ignore[union-attr]
        said = [entries[key] for key in ("role", "type") if key in entries]
        is_result = any(isinstance(word, ast.Constant) and word.value in ROLES for word in said)
        if is_result or ("tool_call_id" in entries and "role" not in entries and "type" not in entries):
            yield from ((each, entries[key]) for key in HELD_UNDER if key in entries)
    for call in module.methods(*MESSAGES):
        held = call.argument(0, "content")
        if held is not None:
            yield call.node, held
    for call in module.methods("append"):
        made, on = call.argument(0), call.node.func
        if (
            isinstance(made, ast.Call)
            and isinstance(on, ast.Attribute)
            and _LISTS.search(ast.unparse(on.value).lower())
        ):
            called = ast.unparse(made.func).rpartition(".")[2].lower()
            if "tool" in called and "message" not in called:
                yield from ((call.node, given) for given in made.args)


def _is_word(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and isinstance(key.value, str)


def _result(module: Module, held: ast.expr) -> str | None:
    """How the part of a message is written that is what a tool returned; None where there is none, or it is cut."""
    if _is_shorter(held):
        return None
    for name in (each for each in ast.walk(held) if isinstance(each, (ast.Name, ast.Call))):
        if isinstance(name, ast.Call):
            if _runs_tool(module, name):
                return ast.unparse(held)
        elif _comes_from_tool(module, name):
            return name.id
    return None


def _is_shorter(node: ast.expr) -> bool:
    """Whether something in it is a slice, or a call of what cuts."""
    return any(
        isinstance(each, ast.Slice)
        or (isinstance(each, ast.Call) and _CUT.search(ast.unparse(each.func).lower()) is not None)
        for each in ast.walk(node)
    )


def _comes_from_tool(module: Module, name: ast.Name, depth: int = 0) -> bool:
    found = False
    for bound in module.names.bound(name):
        if not isinstance(bound, ast.expr):
            continue
        if _is_shorter(bound):
            return False
        value = bound.value if isinstance(bound, ast.Await) else bound
        if isinstance(value, ast.Call) and _runs_tool(module, value):
            found = True
        elif depth < _DEEPEST and not isinstance(value, ast.Constant):
            inner = (each for each in ast.walk(value) if isinstance(each, (ast.Name, ast.Call)) and each is not name)
            found = found or any(
                _runs_tool(module, each)
                if isinstance(each, ast.Call)
                else each.id != name.id and _comes_from_tool(module, each, depth + 1)
                for each in inner
            )
    return found


def _runs_tool(module: Module, call: ast.Call) -> bool:
    """Whether it runs whichever tool has been asked for, or one of this file, and that may return much."""
    function = call.func
    if isinstance(function, (ast.Call, ast.Subscript)):
        return _has_arguments_of_model(call) and _may_return_much(module, function)
    if isinstance(function, ast.Name):
        bound = module.names.bound(function)
        looked_up = [each for each in bound if isinstance(each, (ast.Call, ast.Subscript))]
        if looked_up and _has_arguments_of_model(call):
            return all(_may_return_much(module, each) for each in looked_up)
    own = _own(module).get(module.name(function).replace("()", ""))
    if own is not None:
        return _returns_much(module, own)
    if not isinstance(function, (ast.Name, ast.Attribute)):
        return False
    word = function.attr if isinstance(function, ast.Attribute) else function.id
    if word in _METHODS and isinstance(function, ast.Attribute):
        return _TOOL.search(ast.unparse(function.value).lower()) is not None
    return _RUNS.match(word) is not None and bool(call.args or call.keywords)


def _has_arguments_of_model(call: ast.Call) -> bool:
    """`f(**arguments)`, `f(arguments)`."""
    given = (*call.args, *(each.value for each in call.keywords))
    is_spread = any(each.arg is None for each in call.keywords)
    return is_spread or any(re.search(r"arg|input|param", ast.unparse(each).lower()) for each in given)


def _may_return_much(module: Module, looked_up: ast.expr) -> bool:
    """Whether one of the functions in the table that is asked reads something; a table that is not known may."""
    of = looked_up.func if isinstance(looked_up, ast.Call) else looked_up
    table = of.value if isinstance(of, (ast.Attribute, ast.Subscript)) else None
    known = None if table is None else module.names.value(table)
    listed = [known] if isinstance(known, ast.Dict) and known.values else _tables(module)
    if not listed:
        return True
    functions = [_own(module).get(module.name(value)) for each in listed for value in each.values]
    return any(each is None or _returns_much(module, each) for each in functions)


def _own(module: Module) -> dict[str, Function]:
    """The file's functions, by their dotted names."""
    found: dict[str, Function] | None = module.remembered.get("own functions")
    if found is None:
        found = {module.names.of_definition(each): each for each in module.functions}
        module.remembered["own functions"] = found
    return found


def _tables(module: Module) -> list[ast.Dict]:
    """Mappings of names to functions of this file: what a parameter `tools` of another function most likely is."""
    own = _own(module)
    return [
        each
        for each in module.all(ast.Dict)
        if each.values and all(isinstance(value, ast.Name) and module.name(value) in own for value in each.values)
    ]


def _returns_much(module: Module, function: Function, depth: int = 0) -> bool:
    """Whether it reads something from outside, or runs what does; of what another file has that is not asked."""
    for each in ast.walk(function):
        if not isinstance(each, ast.Call):
            continue
        name = module.name(each.func)
        if name.startswith(_OUTSIDE) or name.rpartition(".")[2] in _READS:
            return True
        own = _own(module).get(name.replace("()", ""))
        if own is None:
            looked_up = isinstance(each.func, ast.Name) and any(
                isinstance(bound, (ast.Call, ast.Subscript)) and _may_return_much(module, bound)
                for bound in module.names.bound(each.func)
            )
            if (looked_up and _has_arguments_of_model(each)) or _is_of_others(each):
                return True
        elif own is not function and depth < _DEEPEST and _returns_much(module, own, depth + 1):
            return True
    return False


def _is_of_others(call: ast.Call) -> bool:
    """`session.call_tool(…)`, `tool.invoke(…)`."""
    if not isinstance(call.func, ast.Attribute):
        return False
    word = call.func.attr
    return word == "call_tool" or (word in _METHODS and _TOOL.search(ast.unparse(call.func.value).lower()) is not None)


def _is_cut(function: Function) -> bool:
    """Whether the function looks at a length, cuts what it has, or calls what does."""
    for each in ast.walk(function):
        if isinstance(each, ast.Call):
            if _CUT.search(ast.unparse(each.func).rpartition(".")[2].lower()):
                return True
            around = parent(each)
            if (
                isinstance(each.func, ast.Name)
                and each.func.id == "len"
                and isinstance(around, ast.Compare)
                and not any(isinstance(side, ast.Constant) and side.value in (0, 1) for side in around.comparators)
            ):
                return True
    return False
