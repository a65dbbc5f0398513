"""Whether an `except` hides an error that somebody will have to look for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.scan.moments import is_route
from roadworthy.scan.outside import BROAD, CLEANS, POLITE, asks_outside, is_telling
from roadworthy.scan.tree import above

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module

_ENDS = ("__del__", "__exit__", "__aexit__", "close", "aclose", "cleanup", "shutdown", "stop")
_SAYS = re.compile(r"log|print|warn|traceback|exc|capture|sentry|report|notify|record|span|abort", re.IGNORECASE)
"""Calls that may tell somebody of an error, or raise another."""
_ASKS = re.compile(r"^_*(is|has|can|supports)_|(^|_)(exists|ping|available|reachable|healthy|alive)$")
"""Functions whose answer is yes or no."""
_PROBES = re.compile(r"(^|_)(probe|detect|guess|maybe|try|health)(_|$)|_version$")
"""Functions that look whether something is there, and answer that it is not."""
_WAITS = re.compile(r"(^|_)(wait|poll|until|watch|retry)(_|$)")
"""Functions that ask again and again."""
_OPTIONAL = re.compile(
    r"#.*\b(best[- ]effort|fire[- ]and[- ]forget"
    r"|non[- ]?(essential|critical|fatal|blocking)|not (essential|critical|fatal)"
    r"|does(n't| not) matter|(don't|do not|must not|mustn't|never|shouldn't) (let|break|block|fail|crash|stop))\b",
    re.IGNORECASE,
)
"""A comment that says that it can do without: somebody has decided it."""
_REASON = re.compile(r"#(?P<text>.*)")
_MARKERS = re.compile(
    r"\b(noqa|nosec|pragma|type|pylint|pyright|mypy|ruff)\b:?\s*(ignore|no ?cover|disable)?(\[[^]]*\])?"
    r"[:=\s]*([A-Z]+\d+[,\s]*)*"
)
"""What a comment says to a tool."""
_LEFT_TO_DO = re.compile(r"\b(todo|fixme|xxx|hack)\b", re.IGNORECASE)
FEWEST_WORDS = 3
"""In a comment that says why."""
_ERRORS = re.compile(
    r"^(requests\.(exceptions\.)?(RequestException|ConnectionError|HTTPError|Timeout)"
    r"|httpx\.(HTTPError|RequestError|TransportError|NetworkError|ConnectError|TimeoutException|HTTPStatusError)"
    r"|aiohttp\.(\w+\.)?Client\w*Error|urllib\.error\.(URLError|HTTPError)|urllib3\.exceptions\.\w+"
    r"|botocore\.exceptions\.(ClientError|BotoCoreError)|(psycopg2?|asyncpg|sqlite3|pymysql)\.(\w+\.)*\w*Error"
    r"|sqlalchemy\.exc\.(SQLAlchemyError|OperationalError|DBAPIError|DatabaseError|InterfaceError)"
    r"|redis\.(asyncio\.)?(exceptions\.)?(RedisError|ConnectionError|TimeoutError)|pymongo\.errors\.(PyMongoError|ConnectionFailure)"
    r"|(openai|anthropic|groq|mistralai|cohere|litellm)\.(\w+\.)*\w*(Error|Timeout)"
    r"|google\.api_core\.exceptions\.\w+|googleapiclient\.errors\.HttpError|smtplib\.SMTP\w*"
    r"|kubernetes\.client\.(\w+\.)*ApiException|elasticsearch\.(\w+\.)*\w*(Error|Exception))$"
)
"""Exceptions of what is asked outside: of any of them, not of what was not found."""
_NEGATIVE = (ast.Not, ast.Is, ast.Eq, ast.Lt, ast.LtE)
"""In the condition of what is for a failure: `if not found`, `if found is None`."""
_BY_HAND = re.compile(r"(^|\.)(tui|cli|repl)(\.|$)")
"""Folders of what a person runs in a terminal."""
LOUD = re.compile(r"\.(warning|warn|error|exception|critical)$|^(abort|sys\.exit|exit)$")


def hides_errors(module: Module, handler: ast.ExceptHandler) -> bool:
    """Whether it catches what goes wrong with something outside of the process, and says nothing of it.

    Errors of any kind, or of a library's that asks. No is the answer where the lines above only work in memory or tell
    how things go, for an import that may be missing, for the end of something that is given up anyway, where a comment
    says why, for the first of several ways, and for a question whose answer is then no.
    """
    around = module.parent(handler)
    if not isinstance(around, ast.Try) or not _says_nothing(handler):
        return False
    if not is_broad(handler) and not _is_of_outside(module, handler):
        return False
    return not is_left_on_purpose(module, around, handler) and asks_outside(module, around.body)


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
        or _says_why(module, around, handler)
        or is_telling(f"{module.dotted}.{scope.name}")
        or _BY_HAND.search(module.dotted) is not None
        or _is_best_effort(module, around)
        or _tries_the_next(module, around, handler)
        or _tries_another_way(module, around, handler)
        or _asks_again(module, around)
        or ((_ASKS.search(asked) or _PROBES.search(asked)) is not None and _returned(handler) is not None)
    )


def _says_why(module: Module, around: ast.Try, handler: ast.ExceptHandler) -> bool:
    """Whether a comment in the handler gives a reason, or one above says that it can do without."""
    for line in module.lines[handler.lineno - 1 : handler.end_lineno]:
        found = _REASON.search(line)
        if found is None:
            continue
        text = _MARKERS.sub(" ", found["text"])
        if not _LEFT_TO_DO.search(text) and len(re.findall(r"[^\W\d_]['’\w]*", text)) >= FEWEST_WORDS:
            return True
        if _OPTIONAL.search(line):
            return True
    number = around.lineno - 2
    while number >= 0 and module.lines[number].lstrip().startswith("#"):
        if _OPTIONAL.search(module.lines[number]):
            return True
        number -= 1
    return False


def _is_of_outside(module: Module, handler: ast.ExceptHandler) -> bool:
    """`except requests.RequestException`: whatever goes wrong with what is asked."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(each is not None and _ERRORS.search(module.name(each)) is not None for each in kinds)


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
        and any(CLEANS.search(call.name) or POLITE.search(call.name) for call in calls)
        and not asks_outside(module, around.body)
    )


def _tries_the_next(module: Module, around: ast.Try, handler: ast.ExceptHandler) -> bool:
    """In a loop over several ways, of which one is enough, and behind which the failure of all is told."""
    loop = module.inside(around, ast.For, ast.AsyncFor, ast.While)
    leaves = isinstance(handler.body[-1], (ast.Return, ast.Break))
    if leaves or not isinstance(loop, (ast.For, ast.AsyncFor, ast.While)):
        return False
    succeeds = [each for statement in (*around.body, *around.orelse) for each in ast.walk(statement)]
    if not any(isinstance(each, (ast.Return, ast.Break)) for each in succeeds):
        return False
    return _ends_loudly(module, [*loop.orelse, *_behind(module, loop)])


def _tries_another_way(module: Module, around: ast.Try, handler: ast.ExceptHandler) -> bool:
    """Whether what follows is for the failure alone, and tells of its own: "as an id, then by name"."""
    if isinstance(handler.body[-1], (ast.Return, ast.Break, ast.Continue)):
        return False
    rest = _behind(module, around)
    for outer in above(around):
        if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef, ast.For, ast.AsyncFor, ast.While)):
            break
        if isinstance(outer, (ast.If, ast.With, ast.AsyncWith, ast.Try)):
            rest = [*rest, *_behind(module, outer)]
    if any(_leaves(each) for each in (*around.body, *around.orelse)):
        return _ends_loudly(module, rest)
    made = {
        each.id
        for statement in around.body
        for each in ast.walk(statement)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }
    for number, each in enumerate(rest):
        if not isinstance(each, ast.If):
            continue
        if not any(isinstance(name, ast.Name) and name.id in made for name in ast.walk(each.test)):
            continue
        is_for_failure = any(isinstance(part, _NEGATIVE) for part in ast.walk(each.test))
        other = each.body if is_for_failure else each.orelse
        if _ends_loudly(module, other):
            return True
        if asks_outside(module, other, lets_out=False):
            return _ends_loudly(module, rest[number:])
    return False


def _asks_again(module: Module, around: ast.Try) -> bool:
    """Whether it waits in a loop until something works, as its function's name says: all but the last are to fail."""
    loop = module.inside(around, ast.For, ast.AsyncFor, ast.While)
    return loop is not None and _WAITS.search(module.scope(around).name.rpartition(".")[2]) is not None


def _leaves(statement: ast.stmt) -> bool:
    """Whether it returns, or goes on with the next, where it works."""
    return any(isinstance(each, (ast.Return, ast.Continue, ast.Break)) for each in ast.walk(statement))


def _ends_loudly(module: Module, statements: list[ast.stmt]) -> bool:
    """Whether these raise, or log above INFO, or ask outside with nothing around to catch it."""
    return any(
        isinstance(each, ast.Raise) or (isinstance(each, ast.Call) and LOUD.search(module.name(each.func)) is not None)
        for statement in statements
        for each in ast.walk(statement)
    ) or asks_outside(module, statements)


def _behind(module: Module, loop: ast.stmt) -> list[ast.stmt]:
    """The statements that follow one in its block."""
    for _, block in ast.iter_fields(module.parent(loop) or module.tree.root):
        if isinstance(block, list) and loop in block:
            return block[block.index(loop) + 1 :]
    return []


def _calls(module: Module, around: ast.Try) -> Iterator[Call]:
    for statement in around.body:
        yield from (module.call(each) for each in ast.walk(statement) if isinstance(each, ast.Call))
