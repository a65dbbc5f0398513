"""How many values an expression takes: as many as the code names, or as many as requests bring.

A mapping whose keys are a model's names or a template's paths ends at the last of them; one by a user's id never does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.scan.scopes import Entered, Other, Parameter
from roadworthy.scan.tree import above, parent

if TYPE_CHECKING:
    from roadworthy.scan.module import Module
    from roadworthy.scan.scopes import Bound

DEEPEST = 6
"""Steps from assignment to assignment: more tell nothing that could be explained in one line."""
_OF_ONE = (
    "user|sender|customer|visitor|contact|lead|caller|session|conversation|conv|thread|chat|task|run|job|request|req|"
    "message|msg|ticket|order|invocation|execution|correlation|trace|call|question|answer|report"
)
"""What each request may bring a new one of."""
_IDS = re.compile(
    rf"(^|_)({_OF_ONE})_?(ids?|uuids?|key|number|no)$|(^|_)(sid|uid|uuid|guid|ip|ip_address|remote_addr|timestamp)$|"
    r"^(client_)?host$|^(session|conversation|ticket|visitor|ts)$"
)
"""Names of what tells one user, conversation, task or moment from all others, in lower case."""
_TEXTS = re.compile(
    r"(^|_)(texts?|questions?|quer(y|ies)|prompts?|urls?|links?|e?mails?|e_mails?|message|msg|contents?|sentences?|"
    r"utterance|topics?|sql|search_terms?|phone|domains?|website|elapsed|latency|duration)$"
)
"""Names of what a person or a model writes anew each time, in lower case."""
_OWN_TEXTS = re.compile(
    r"(^|_)(base|db|database|server|api|redis|mcp|system|template|default|proxy|webhook|broker|jwks|issuer|callback|"
    r"redirect|model|service|backend|target|hub|index|store|vector|log)_(\w+_)?(url|link|prompt|text|message|query|email)s?$"
)
"""Names of texts that somebody configured, in lower case."""
_SETTINGS = re.compile(r"^(_?settings|_?config|configuration|conf|cfg|options|opts|env|environ|deps|logger|log)$")
"""Names of what holds the program's own values, in lower case."""
_NEW = (
    *("uuid.uuid1", "uuid.uuid4", "time.time", "time.time_ns", "time.monotonic", "time.perf_counter"),
    *("datetime.datetime.now", "datetime.datetime.utcnow", "secrets.token_hex", "secrets.token_urlsafe"),
)
"""Calls that answer something else each time."""
_SAME = re.compile(
    r"key|hash|digest|md5|sha\d|blake|normal|fingerprint|canonical|slug|(^|_)(host|domain)|"
    r"^(str|int|bytes|repr|tuple|frozenset|sorted|dumps|strip|lstrip|rstrip|lower|upper|casefold|encode|decode|replace|"
    r"removeprefix|removesuffix|hexdigest|join|format|isoformat|quote|urlparse|urlsplit)$"
)
"""Names of functions whose answer differs where what they are given does, in lower case."""
_REQUESTS = ("flask.request", "quart.request", "flask.session", "quart.session", "flask.g")
"""What frameworks call the request that is being answered."""


def is_endless(module: Module, node: ast.expr, depth: int = 0) -> bool:
    """Whether requests may bring ever new values here: ids of theirs, moments, texts, or a hash of one.

    Followed through assignments, and through calls that keep values apart; what is only a constant, a setting or
    some other call's answer has as many values as the program gives it.
    """
    if depth > DEEPEST:
        return False
    match node:
        case ast.Name():
            return _is_endless_name(module, node, depth)
        case ast.Attribute(value=of, attr=attribute):
            if attribute in ("netloc", "hostname", "hex"):
                return is_endless(module, of, depth + 1)
            followed = module.names.value(node)
            if followed is not node and isinstance(followed, ast.Constant):
                return False
            if attribute in ("id", "uuid") and isinstance(of, (ast.Name, ast.Attribute)):
                attribute = f"{of.attr if isinstance(of, ast.Attribute) else of.id}_{attribute}"
            return not _is_of_settings(of) and _tells(attribute)
        case ast.Subscript(value=of, slice=ast.Constant(value=str() as key)):
            return not _is_of_settings(of) and _tells(key)
        case ast.Subscript(value=of, slice=ast.Slice()):
            return is_endless(module, of, depth + 1)
        case ast.Call():
            return _is_endless_call(module, node, depth)
        case ast.BoolOp() | ast.IfExp() | ast.JoinedStr() | ast.Tuple() | ast.BinOp() | ast.Dict() | ast.List():
            return any(is_endless(module, each, depth + 1) for each in _parts(node))
        case ast.Await(value=inner) | ast.NamedExpr(value=inner) | ast.FormattedValue(value=inner):
            return is_endless(module, inner, depth + 1)
        case _:
            return False


def tells_endless(name: str) -> bool:
    """Whether a parameter's name says that requests may bring ever new values."""
    return _tells(name)


def is_of_request(module: Module, value: ast.expr, depth: int = 0) -> bool:
    """Whether it is, or is made of, what a function is given: another value in every request.

    What holds the program's own values (`settings`, `config`) is not counted, nor what nobody can be seen to give.
    """
    if depth > DEEPEST:
        return False
    for each in ast.walk(value):
        if not isinstance(each, ast.Name) or not isinstance(each.ctx, ast.Load):
            continue
        if each.id in ("self", "cls"):
            around = parent(each)
            followed = module.names.value(around) if isinstance(around, ast.Attribute) else each
            # Assigned in several places, or elsewhere, it is mostly a setting.
            if followed is not around and followed is not each and is_of_request(module, followed, depth + 1):
                return True
        elif module.name(each).startswith(_REQUESTS) or any(
            _is_given(module, bound, each, depth) for bound in module.names.bound(each)
        ):
            return True
    return False


def _is_given(module: Module, bound: Bound, name: ast.Name, depth: int) -> bool:
    if isinstance(bound, Parameter):
        annotation = "" if bound.node.annotation is None else ast.unparse(bound.node.annotation)
        return not _SETTINGS.search(name.id.lower()) and not re.search(r"(Settings|Config)\b", annotation)
    if isinstance(bound, Entered):
        return is_of_request(module, bound.value, depth + 1)
    if isinstance(bound, Other):
        over = _taken_from(bound)
        return over is not None and is_of_request(module, over, depth + 1)
    scope = module.names.binding_scope(name)
    is_own = scope is not None and scope.kind == "function"
    return is_own and isinstance(bound, ast.expr) and is_of_request(module, bound, depth + 1)


def _taken_from(bound: Other) -> ast.expr | None:
    """What a loop runs over, or is unpacked, to bind a name."""
    for around in above(bound.node):
        if isinstance(around, (ast.For, ast.AsyncFor, ast.comprehension)):
            return around.iter
        if isinstance(around, ast.Assign):
            return around.value
        if isinstance(around, ast.stmt):
            return None
    return None


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.BinOp(left=left, right=right):
            yield from (left, right)
        case ast.BoolOp(values=values) | ast.JoinedStr(values=values):
            yield from values
        case ast.Dict(values=values):
            yield from values
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            yield from elements


def _is_endless_name(module: Module, node: ast.Name, depth: int) -> bool:
    scope = module.names.binding_scope(node)
    if scope is None or scope.kind == "module":
        return False
    for bound in module.names.bound(node):
        if isinstance(bound, Parameter):
            if _tells(node.id) and not _has_few(bound.node):
                return True
        elif isinstance(bound, ast.Constant):
            continue
        elif isinstance(bound, ast.expr):
            if is_endless(module, bound, depth + 1):
                return True
            if _tells(node.id) and is_of_request(module, bound):
                return True
        elif isinstance(bound, Other):
            over = _taken_from(bound)
            is_given = over is not None and is_of_request(module, over)
            if is_given and over is not None and (_tells(node.id) or is_endless(module, over, depth + 1)):
                return True
    return False


def _is_endless_call(module: Module, node: ast.Call, depth: int) -> bool:
    call = module.call(node)
    if call.name in _NEW:
        return True
    word = call.name.rpartition(".")[2]
    if isinstance(node.func, ast.Attribute):
        word = node.func.attr
    elif isinstance(node.func, ast.Name):
        word = node.func.id
    if word == "get" and isinstance(node.func, ast.Attribute):
        key = call.constant(0)
        return isinstance(key, str) and not _is_of_settings(node.func.value) and _tells(key)
    if _IDS.search(re.sub(r"^_?(get|make|new|current|resolve|extract|the|of)_", "", word.lower().lstrip("_"))):
        return True
    if not _SAME.search(word.lower().lstrip("_")):
        return False
    parts = [*node.args, *(each.value for each in node.keywords)]
    if isinstance(node.func, ast.Attribute) and not isinstance(node.func.value, ast.Constant):
        parts.append(node.func.value)
    return any(is_endless(module, each, depth + 1) for each in parts)


def _tells(name: str) -> bool:
    name = name.lower().replace("-", "_").strip("_").removeprefix("x_")
    return bool(_IDS.search(name)) or (bool(_TEXTS.search(name)) and not _OWN_TEXTS.search(name))


def _has_few(parameter: ast.arg) -> bool:
    """Whether its annotation says that there are few of it."""
    return parameter.annotation is not None and bool(
        re.search(r"Literal|Enum|bool|Callable|Type\b|type\[", ast.unparse(parameter.annotation))
    )


def _is_of_settings(of: ast.expr) -> bool:
    word = of.attr if isinstance(of, ast.Attribute) else of.id if isinstance(of, ast.Name) else ""
    return _SETTINGS.search(word.lower()) is not None
