"""Rules of LOG over what a log holds that should not be seen: secrets, and what users have said."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.logs import hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.scopes import Other
from roadworthy.scan.whole_texts import bare, whole_text_in
from roadworthy.secret_names import is_secret

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module

LEVELS = ("debug", "info", "warning", "error", "critical", "exception", "log", "warn")
LOGGERS = re.compile(r"^(logging\b|loguru\.logger|structlog\.|\?)|logger|log$", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(^|[_.])((database|db|postgres(ql)?|pg|mysql|mongo(db)?|rabbitmq|amqp|sqlalchemy(_database)?)_(url|uri|dsn)"
    r"|dsn|conn(ection)?_(str|string|uri))$",
    re.IGNORECASE,
)
"""Names of a database's address, which has the password in it."""
_MASKED = re.compile(r"mask|redact|safe|hide|hidden|sanitiz|censor|without_|strip_|clean", re.IGNORECASE)
"""How what takes the password out is named."""
_OF_REQUEST = re.compile(r"(^|[._])(request|req|websocket)\.headers$|(^|_)(request|req|event)\[['\"]headers['\"]\]$")
"""The headers that somebody has sent."""
_DUMPS = ("model_dump", "model_dump_json", "dict", "vars", "asdict", "json")
_SETTINGS = re.compile(r"(^|[._])(settings|config|cfg|conf|options|args)$", re.IGNORECASE)
_LOOPS = (ast.For, ast.AsyncFor, ast.comprehension)
SHORTEST = 4
"""Characters of a text that may be a secret; `"***"` is none."""
_REFUSED = re.compile(
    r"invalid|unknown|wrong|not found|unrecogni[sz]ed|malformed|unresolved|unauthori[sz]ed|error message", re.IGNORECASE
)
"""What a log says of a token that is none, of a stranger's words, and of what the program itself says of an error."""
_VARIABLE = re.compile(r"^[A-Z][A-Z0-9]*_[A-Z0-9_]*$")
"""How environment variables are called."""
VERBOSE_CALLS = (
    *("litellm._turn_on_debug", "langchain.globals.set_debug", "langchain.globals.set_verbose"),
    *("langchain_core.globals.set_debug", "langchain_core.globals.set_verbose"),
    *("llama_index.core.set_global_handler", "llama_index.set_global_handler"),
)
"""What makes a library write every request, with all messages (litellm 1.80, langchain-core 1.1, llama-index 0.14)."""
VERBOSE_SETTINGS = ("litellm.set_verbose", "langchain.debug", "langchain.verbose")
_FAILS = re.compile(r"^not |!= ?200|is None")

_TRIES = re.compile(r"^(test|try)_")
"""Functions in which a developer tries whether a key works."""
_LOGINS = ("webbrowser.open", "webbrowser.open_new", "webbrowser.open_new_tab")
_LOGIN_METHODS = ("run_local_server", "run_console")
"""How a person is asked to log in; the latter are of google_auth_oauthlib's flows."""


@hazard.rule("LOG104", "secret or whole prompt logged")
def logged_secret(module: Module) -> Iterator[Finding]:
    """A key, a password or a token is written to the log, or the whole prompt with what users have said.

    So is the address of a database, which has its password, a mapping (`headers`) with an entry that is a secret, the
    headers that a caller has sent, the whole environment, and settings whose secrets the file reads
    (`settings.model_dump()`). Like a prompt count its messages, a model's answer or whole response, the arguments of a
    tool, and all that a caller has sent (`await request.json()`).

    Quiet for numbers of tokens and places in a list (`page_token`), for words of a text, for names of secrets and of
    their variables, where only a part or a length is shown or it is masked, for an invalid token of a stranger's, for
    prompts at DEBUG, and for the token that a login by the browser prints for who has logged in. Told of too where a
    library is made to write all that it sends: `litellm.set_verbose = True`.

    Why: logs are read by more people, and kept longer, than secrets.

    Mend: log that it is there (`bool(key)`), or its last four characters; of a prompt its length.
    """
    yield from _verbose(module)
    logins = {call.scope.name for call in (*module.calls_to(*_LOGINS), *module.methods(*_LOGIN_METHODS))}
    for call in module.methods(*LEVELS, "print"):
        if call.name != "print" and not (
            isinstance(call.node.func, ast.Attribute) and LOGGERS.search(_receiver(module, call.node.func))
        ):
            continue
        if module.moment(call) is Moment.EXAMPLE or (call.name == "print" and call.scope.name in logins):
            continue
        if _TRIES.search(call.scope.name.rpartition(".")[2]):
            continue
        for node in _shown(call.node):
            name = _written(node)
            if is_secret(name) and _is_kept(module, node) and not _is_refusal(module, call, name):
                yield module.finding(
                    node,
                    f"{name} is written to the log",
                    why="whoever can read the log can use it",
                    fix=f"log that it is set, `bool({name})`, not what it is",
                )
                break
            held = _password_in(module, node, name) or _secret_entry(module, node)
            if held is not None and module.moment(call) is not Moment.COMMAND:
                yield module.finding(
                    node,
                    f"{name} is written to the log, with {held}",
                    why="whoever can read the log can use it",
                    fix="log what it is for, the host or the path, and leave out what lets somebody in",
                )
                break
            what = whole_text_in(module, call, node, name)
            if what is not None and _is_for_others(module, call) and not _says_no(call):
                yield module.finding(
                    node,
                    f"the whole of {what} is written to the log",
                    why="it holds what users have said, and makes every line of the log pages long",
                    fix=f"log its length, `len({what})`, and the request's id",
                    severity=Severity.WARNING,
                )
                break


def _verbose(module: Module) -> Iterator[Finding]:
    """What makes a library write whole requests, where no setting is asked first."""
    if not module.imports("litellm", "langchain", "langchain_core", "llama_index"):
        return
    settings = (
        (each, ast.unparse(each.targets[0]))
        for each in module.all(ast.Assign)
        if module.constant(each.value) is True and module.name(each.targets[0]) in VERBOSE_SETTINGS
    )
    calls = ((call.node, call.name) for call in module.calls_to(*VERBOSE_CALLS) if _turns_on(call))
    for node, name in (*settings, *calls):
        if module.moment(node) in (Moment.EXAMPLE, Moment.COMMAND) or module.inside(node, ast.If):
            continue
        yield module.finding(
            node,
            f"{name} makes {name.partition('.')[0]} write every request with all of its messages",
            why="what users have said, and the whole prompt, stand in the log of every environment",
            fix="take it out, or ask a setting first that production leaves off",
            severity=Severity.WARNING,
        )


def _turns_on(call: Call) -> bool:
    return not call.node.args or call.constant(0) in (True, "simple")


def _password_in(module: Module, node: ast.expr, name: str) -> str | None:
    """`db_url`, where it is read from a variable or a setting and nobody has taken the password out."""
    if not _ADDRESS.search(name) or "sqlite" in module.source:
        return None
    value = module.names.value(node)
    made = ast.unparse(value.func) if isinstance(value, ast.Call) else ""
    text = module.text(node)
    if _MASKED.search(made) or ".replace" in made or made.endswith("sub"):
        return None
    return None if text is not None and "@" not in text else "the password of the database"


def _secret_entry(module: Module, node: ast.expr) -> str | None:
    """The entry of a mapping that is written whole, `headers` or `body`, which holds what lets somebody in."""
    dumped = _dumped(node)
    node = bare(node)
    if _OF_REQUEST.search(ast.unparse(node)):
        return "the caller's `Authorization` and cookies"
    if ast.unparse(node) == "os.environ":
        return "every key in the environment"
    made = module.names.value(node) if isinstance(node, (ast.Name, ast.Attribute)) else None
    if made is not None and _OF_REQUEST.search(ast.unparse(bare(made))):
        return "the caller's `Authorization` and cookies"
    for each in ast.walk(made) if isinstance(made, ast.Dict) else ():
        for key, value in zip(each.keys, each.values, strict=True) if isinstance(each, ast.Dict) else ():
            word = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
            is_kept = not isinstance(value, (ast.Constant, ast.Compare, ast.IfExp, ast.UnaryOp, ast.Dict))
            is_made = isinstance(value, ast.Call) and ast.unparse(value.func) in ("bool", "len", "str", "hash", "int")
            is_shown = is_kept and not is_made and not _MASKED.search(ast.unparse(value))
            if is_shown and is_secret(word.replace("-", "_")):
                return f"its {word!r}"
    return _read_as_secret(module, node, is_dumped=dumped)


def _dumped(node: ast.expr) -> bool:
    """`settings.model_dump()`, `vars(settings)`: all that an object has, with nothing left out."""
    if isinstance(node, ast.Call):
        word = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return word in _DUMPS and not any(each.arg in ("exclude", "include") for each in node.keywords)
    return isinstance(node, ast.Attribute) and node.attr == "__dict__"


def _read_as_secret(module: Module, node: ast.expr, *, is_dumped: bool) -> str | None:
    """The secret that this file reads from settings that are written whole: `config["key"]`, `settings.key`."""
    written = ast.unparse(node)
    if not _SETTINGS.search(written) or "SecretStr" in module.source:
        return None
    if is_dumped:
        for each in module.all(ast.Attribute):
            if (
                is_secret(each.attr)
                and not isinstance(module.parent(each), ast.Attribute)
                and ast.unparse(each.value) == written
            ):
                return f"its {each.attr!r}"
    for entry in module.all(ast.Subscript):
        key = entry.slice.value if isinstance(entry.slice, ast.Constant) else None
        if isinstance(key, str) and is_secret(key) and ast.unparse(entry.value) == written:
            return f"its {key!r}"
    return None


def _is_kept(module: Module, node: ast.expr) -> bool:
    """Whether the name may stand for a secret: not for a word of a text, a variable's name or what hides the rest."""
    inner = bare(node)
    if not isinstance(inner, (ast.Name, ast.Attribute)):
        return True
    text = module.constant(inner)
    if isinstance(text, str) and _VARIABLE.match(text):
        return False
    bound = module.names.bound(inner) if isinstance(inner, ast.Name) else module.names.assigned(inner)
    if any(isinstance(each, Other) and isinstance(module.parent(each.node), _LOOPS) for each in bound):
        return False  # `for token in text.split()`
    made = [each for each in bound if isinstance(each, ast.expr)]
    texts = [each.value for each in made if isinstance(each, ast.Constant)]
    if texts and len(texts) == len(bound):
        return any(isinstance(each, str) and len(each) >= SHORTEST for each in texts)
    return not any(_hides(part) for each in made for part in ast.walk(each))


def _hides(part: ast.AST) -> bool:
    """`mask(key)`, `key[:4]`, `key[-4:]`."""
    if isinstance(part, ast.Slice):
        return isinstance(part.upper, ast.Constant) or isinstance(part.lower, ast.UnaryOp)
    return isinstance(part, ast.Call) and _MASKED.search(ast.unparse(part.func)) is not None


def _is_for_others(module: Module, call: Call) -> bool:
    """Whether others read it than who runs the program: not what production does not show, and not in a tool."""
    moment = module.moment(call)
    if call.name == "print":
        is_served = moment is Moment.UNKNOWN and bool(module.project.is_of_service(module.dotted, module.path))
        return (moment is Moment.REQUEST or is_served) and not call.has("file", "end")
    return moment is not Moment.COMMAND and not call.name.endswith(".debug")


def _is_refusal(module: Module, call: Call, name: str) -> bool:
    """`if not token: log(token_response)`: what came in place of the secret, or a stranger's token that is none."""
    around = module.inside(call.node, ast.If)
    if not isinstance(around, ast.If):
        return False
    is_answer = re.search(r"_(data|response|result|body|json)$", name) is not None
    if is_answer and _FAILS.search(ast.unparse(around.test)) is not None:
        return True
    return "token" in name.lower() and _says_no(call)


def _says_no(call: Call) -> bool:
    words = (each.value for each in ast.walk(call.node) if isinstance(each, ast.Constant))
    return _REFUSED.search(" ".join(each for each in words if isinstance(each, str))) is not None


def _receiver(module: Module, function: ast.Attribute) -> str:
    name = module.name(function.value)
    return name if not name.startswith("?") else ast.unparse(function.value)


def _shown(call: ast.Call) -> Iterator[ast.expr]:
    """The values that a call writes as they are: its arguments, and what its f-strings hold."""
    for argument in (*call.args, *(each.value for each in call.keywords if each.arg not in ("exc_info", "stacklevel"))):
        if isinstance(argument, ast.JoinedStr):
            yield from (
                each.value for each in argument.values if isinstance(each, ast.FormattedValue) and not _is_cut(each)
            )
        elif isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Mod):
            right = argument.right
            yield from right.elts if isinstance(right, ast.Tuple) else [right]
        elif isinstance(argument, ast.Dict):
            yield from argument.values
        else:
            yield argument


def _is_cut(value: ast.FormattedValue) -> bool:
    """`{prompt:.200}`: a part of it."""
    return value.format_spec is not None and "." in ast.unparse(value.format_spec)


def _written(node: ast.expr) -> str:
    """A name as it stands, `os.environ["X"]` by the variable's, `str(x)` by x; empty for what is no plain name."""
    node = bare(node)
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return node.slice.value
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("getenv", "get")
        and node.args
    ):
        first = node.args[0]
        return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
    return ""
