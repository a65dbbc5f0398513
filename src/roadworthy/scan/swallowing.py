"""Whether an `except` hides an error that somebody will have to look for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.scan.moments import is_route
from roadworthy.scan.tree import above

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module

BROAD = ("Exception", "BaseException", "")
CLEAN_UP = re.compile(
    r"(^|\.)(close|aclose|unlink|remove|rmtree|kill|terminate|shutdown|cancel|disconnect|cleanup|stop|quit|delete|flush|release|killpg|rmdir|__exit__|__aexit__|unsubscribe|join|wait|logout)$"
)
_ENDS = ("__del__", "__exit__", "__aexit__", "close", "aclose", "cleanup", "shutdown", "stop")
_SAYS = re.compile(r"log|print|warn|traceback|exc|capture|sentry|report|notify|record|span|abort", re.IGNORECASE)
"""Calls that may tell somebody of an error, or raise another."""
_ASKS = re.compile(r"^_*(is|has|can|supports)_")
"""Functions whose answer is yes or no."""
_PROBES = re.compile(r"(^|_)(probe|detect|guess|maybe|try)_|_version$")
"""Functions that look whether something is there, and answer that it is not."""
_POLITE = re.compile(
    r"(^|\.)(trigger_typing|typing|send_typing|send_chat_action|send_action|add_reaction|remove_reaction"
    r"|wait_for_load_state|wait_for_timeout|set_attributes?|add_event|sleep)$"
)
"""Methods for looks and for good manners, without which all else goes on."""
_OPTIONAL = re.compile(
    r"#.*\b(best[- ]effort|non[- ]?(essential|critical|fatal|blocking)|not (essential|critical|fatal)"
    r"|does(n't| not) matter|(don't|do not|must not|mustn't|never|shouldn't) (let|break|block|fail|crash|stop))\b",
    re.IGNORECASE,
)
"""A comment that says that it can do without: somebody has decided it."""
LONGEST_LOOK = 12
"""Statements: what looks at a value is short; in more of them a mistake of the code's own can hide."""
LOOKS = frozenset(
    {
        *("int", "float", "str", "bool", "len", "set", "list", "dict", "tuple", "any", "all", "isinstance", "getattr"),
        *("hasattr", "sorted", "min", "max", "abs", "round", "sum", "enumerate", "zip", "range", "reversed", "type"),
        *("datetime.datetime.strptime", "datetime.datetime.fromisoformat", "datetime.date.fromisoformat"),
        *("dateutil.parser.parse", "uuid.UUID", "decimal.Decimal", "inspect.signature", "json.dumps"),
        *("os.getenv", "os.environ.get"),
    }
)
"""Calls that look at a value, or make another of it: they fail for the value's sake alone."""
LOOK_MODULES = (
    *("re.", "urllib.parse.", "os.path.", "posixpath.", "base64.", "binascii.", "ipaddress.", "math.", "locale."),
    *("readline.", "pygments."),
)
LOOK_METHODS = frozenset(
    {
        *("split", "rsplit", "splitlines", "partition", "rpartition", "strip", "lstrip", "rstrip", "lower", "upper"),
        *("replace", "removeprefix", "removesuffix", "startswith", "endswith", "find", "rfind", "index", "count"),
        *("join", "format", "encode", "decode", "group", "groups", "keys", "values", "items"),
        *("isdigit", "isoformat", "strftime", "timestamp", "total_seconds"),
    }
)
PARSERS = ("json.loads", "orjson.loads", "yaml.safe_load", "ast.literal_eval", "json.JSONDecoder().decode")


def hides_errors(module: Module, handler: ast.ExceptHandler) -> bool:
    """Whether it catches errors of any kind and says nothing, though a log, or a result, should tell of them.

    No is the answer for an import that may be missing, for the end of something that is given up anyway, where a
    comment says that it can do without, for a value that may be none of its kind, for the first of several ways, and
    for a question whose answer is then no.
    """
    around = module.parent(handler)
    if not is_broad(handler) or not isinstance(around, ast.Try) or not _says_nothing(handler):
        return False
    return not is_left_on_purpose(module, around, handler)


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Whether it catches errors of any kind."""
    return _kind(handler) in BROAD


def is_left_on_purpose(module: Module, around: ast.Try, handler: ast.ExceptHandler) -> bool:
    """Whether nobody has to hear of an error here; see `hides_errors`."""
    scope = module.scope(around)
    asked = scope.name.rpartition(".")[2]
    described = ast.get_docstring(scope.node, clean=False) if scope.kind == "function" else None
    return (
        (described is not None and _OPTIONAL.search(f"# {described}") is not None)
        or _is_best_effort(module, around)
        or any(_OPTIONAL.search(line) for line in module.lines[handler.lineno - 1 : handler.end_lineno])
        or _looks_at_values(module, around, handler)
        or _tries_the_next(module, around, handler)
        or ((_ASKS.match(asked) or _PROBES.search(asked)) is not None and _returned(handler) is not None)
    )


def answers_only(module: Module, handler: ast.ExceptHandler) -> bool:
    """Whether it turns errors of any kind, in a function for a web framework, into an answer, and logs none of them."""
    function = module.inside(handler, ast.FunctionDef, ast.AsyncFunctionDef, stop_at_function=False)
    if not is_broad(handler) or _returned(handler) is None:
        return False
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) or not is_route(function):
        return False
    if any(isinstance(each, ast.Expr) and _holds(each, handler.name) for each in handler.body):
        return False  # it is handed on: kept with the request, say
    said = (each for statement in handler.body for each in ast.walk(statement))
    return not any(
        isinstance(each, ast.Raise) or (isinstance(each, ast.Call) and _SAYS.search(ast.unparse(each.func)))
        for each in said
    )


def answers_false(handler: ast.ExceptHandler) -> bool:
    """Whether what called it hears that something failed, and not what."""
    returned = _returned(handler)
    return isinstance(returned, ast.Constant) and returned.value is False


def _holds(statement: ast.stmt, name: str | None) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(statement))


def _kind(handler: ast.ExceptHandler) -> str:
    return ast.unparse(handler.type) if handler.type is not None else ""


def _says_nothing(handler: ast.ExceptHandler) -> bool:
    for statement in handler.body:
        if isinstance(statement, (ast.Pass, ast.Continue, ast.Break)):
            continue
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        if isinstance(statement, ast.Return) and (statement.value is None or _is_nothing(statement.value)):
            continue
        return False
    return True


def _is_nothing(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return value.value in (None, "", False, 0)
    return isinstance(value, (ast.List, ast.Dict, ast.Tuple)) and not ast.unparse(value).strip("[](){}")


def _returned(handler: ast.ExceptHandler) -> ast.expr | None:
    last = handler.body[-1]
    return last.value if isinstance(last, ast.Return) else None


def _is_best_effort(module: Module, around: ast.Try) -> bool:
    """An import that may be missing, or the end of something that is given up anyway."""
    if any(isinstance(each, (ast.Import, ast.ImportFrom)) for each in around.body):
        return True
    if any(
        isinstance(each, (ast.ExceptHandler, ast.Try))
        and (isinstance(each, ast.ExceptHandler) or around in each.finalbody)
        for each in above(around)
    ):
        return True
    if module.scope(around).name.rpartition(".")[2] in _ENDS:
        return True
    calls = list(_calls(module, around))
    return (
        bool(calls)
        and len(around.body) <= 2
        and any(CLEAN_UP.search(call.name) or _POLITE.search(call.name) for call in calls)
    )


def _looks_at_values(module: Module, around: ast.Try, handler: ast.ExceptHandler) -> bool:
    """`int(text)`, `chunk["choices"][0]`: nothing outside is asked, and what is no such value is left as it was.

    A text that is no JSON and becomes a function's empty answer is not left: what asked for it takes it for an answer.
    """
    body = [each for statement in around.body for each in ast.walk(statement)]
    if sum(isinstance(each, ast.stmt) for each in body) > LONGEST_LOOK:
        return False
    if any(isinstance(each, (ast.Await, ast.With, ast.AsyncWith, ast.Yield, ast.YieldFrom)) for each in body):
        return False
    leaves = isinstance(handler.body[-1], ast.Return)
    ends = isinstance(handler.body[-1], ast.Break)
    return all(
        _looks(call) or (not leaves and call.name in PARSERS) or (ends and call.name in ("next", "anext"))
        for call in _calls(module, around)
    )


def _looks(call: Call) -> bool:
    if call.name in LOOKS or call.name.startswith(LOOK_MODULES):
        return True
    word = call.node.func.attr if isinstance(call.node.func, ast.Attribute) else ""
    if word == "get":  # of a mapping, by its key; not of a server, by its address
        key = call.constant(0)
        return isinstance(key, int) or (isinstance(key, str) and "/" not in key)
    return word in LOOK_METHODS


def _tries_the_next(module: Module, around: ast.Try, handler: ast.ExceptHandler) -> bool:
    """In a loop over several ways, of which one is enough, and behind which the failure of all is told."""
    loop = module.inside(around, ast.For, ast.AsyncFor, ast.While)
    leaves = isinstance(handler.body[-1], (ast.Return, ast.Break))
    if leaves or not isinstance(loop, (ast.For, ast.AsyncFor, ast.While)):
        return False
    succeeds = [each for statement in (*around.body, *around.orelse) for each in ast.walk(statement)]
    if not any(isinstance(each, (ast.Return, ast.Break)) for each in succeeds):
        return False
    return any(
        isinstance(each, ast.Raise)
        or (isinstance(each, ast.Call) and re.search(r"\.(warning|error|exception|critical)$", module.name(each.func)))
        for statement in (*loop.orelse, *_behind(module, loop))
        for each in ast.walk(statement)
    )


def _behind(module: Module, loop: ast.stmt) -> list[ast.stmt]:
    """The statements that follow one in its block."""
    for _, block in ast.iter_fields(module.parent(loop) or module.tree.root):
        if isinstance(block, list) and loop in block:
            return block[block.index(loop) + 1 :]
    return []


def _calls(module: Module, around: ast.Try) -> Iterator[Call]:
    for statement in around.body:
        yield from (module.call(each) for each in ast.walk(statement) if isinstance(each, ast.Call))
