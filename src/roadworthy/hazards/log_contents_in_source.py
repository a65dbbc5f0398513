"""Rules of LOG over what a log holds that should not be seen: secrets, and what users have said."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.logs import hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.origins import is_model_text

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module

LEVELS = ("debug", "info", "warning", "error", "critical", "exception", "log", "warn")
LOGGERS = re.compile(r"^(logging\b|loguru\.logger|structlog\.|\?)|logger|log$", re.IGNORECASE)
SECRET = re.compile(
    r"(^|_)(api_?key|secret|password|passwd|token|authorization|credentials?|private_key|access_key)(_|$)",
    re.IGNORECASE,
)
_NO_SECRET = re.compile(
    r"tokens|tokenizer|key_name|token_type|secret_name|is_|has_|_id$|_hash$|_file$|_path$|_url$"
    r"|(^|_)(n|nums?|numbers?|cnt|counts?|counter|totals?|amount|sums?|len|lengths?|sizes?|percent|ratio|budget|usage)(_|$)"
    r"|(^|_)(limit|max|min|cost|price|clip|index|idx|per|left|remaining)(_|$)",
    re.IGNORECASE,
)
"""Words in names of what is counted, or of what tells where a secret lies."""
_ADDRESS = re.compile(
    r"(^|[_.])((database|db|postgres(ql)?|pg|mysql|mongo(db)?|rabbitmq|amqp|sqlalchemy(_database)?)_(url|uri|dsn)"
    r"|dsn|conn(ection)?_(str|string|uri))$",
    re.IGNORECASE,
)
"""Names of a database's address, which has the password in it."""
_MASKED = re.compile(r"mask|redact|safe|hide|hidden|sanitiz|censor|without_|strip_|clean", re.IGNORECASE)
"""How what takes the password out is named."""
_WRITERS = ("json.dumps", "str", "repr", "pformat", "pprint.pformat")
"""What writes a value as it is, in another form."""
WHOLE_PROMPT = re.compile(
    r"(^|\.)(messages|(current|incoming|customer|last_user|human)_(message|query|question)|((system|full|user|final|formatted|complete|whole|llm|chat)_)?prompt(_text)?|user_(message|input|text"
    r"|question|query)|raw_input|question|inputs|input_json|conversation(_history)?|chat_history|transcript"
    r"|(llm|ai|bot|model|assistant)_(response|answer|reply|output))$"
)
"""Names of what is sent to a model, and of what it says."""
_OF_REQUEST = re.compile(
    r"(^|\.|_)(request|req|payload|body|message|update)(\.|\[['\"])(message|messages|prompt|query|question|content|text"
    r"|user_input|input)(\.text|\.content)?(['\"]\])?$"
)
"""How what a person has said is in what came in."""
_ANSWER = re.compile(r"choices|output_text|final_output")
_TOLD_TO = ("instructions", "messages", "prompt", "system", "system_instruction")
"""Keys of a request to a model that hold its prompt."""
_SAID = ("message", "question", "content", "msg")
"""Parameters that hold what somebody has said, in a function that a framework calls."""
_ASKED = re.compile(r"^((user|search|smart|raw)_)?query(_text)?$")
"""Names of what somebody asked, where no database is asked."""
_EMBEDS = re.compile(r"embedding|\bprompt\b|\bllm\b|chat_?completion|\bagent\b", re.IGNORECASE)
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

    So is the address of a database, which has its password, and a mapping (`headers`) with an entry that is a secret.

    Quiet for numbers of tokens, for names of secrets, where only a part or a length is shown, and for the token that a
    login by the browser prints for who has logged in. Told of too where a library is made to write all that it sends:
    `litellm.set_verbose = True`.

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
            if SECRET.search(name) and not _NO_SECRET.search(name) and not _is_refusal(module, call, name):
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
            what = _prompt_in(module, call, node, name)
            if what is not None and _is_for_others(module, call):
                yield module.finding(
                    node,
                    f"the whole of {what} is written to the log",
                    why="it holds what users have said, and makes every line of the log pages long",
                    fix=f"log its length, `len({what})`, and the request's id",
                    severity=Severity.NOTE if call.name.endswith(".debug") else Severity.WARNING,
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
    while isinstance(node, ast.Call) and node.args and ast.unparse(node.func) in _WRITERS:
        node = node.args[0]
    made = module.names.value(node) if isinstance(node, (ast.Name, ast.Attribute)) else None
    if not isinstance(made, ast.Dict):
        return None
    for each in ast.walk(made):
        for key, value in zip(each.keys, each.values, strict=True) if isinstance(each, ast.Dict) else ():
            word = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
            plain = word.replace("-", "_")
            is_kept = not isinstance(value, (ast.Constant, ast.Compare, ast.IfExp, ast.UnaryOp, ast.Dict))
            is_made = isinstance(value, ast.Call) and ast.unparse(value.func) in ("bool", "len", "str", "hash", "int")
            is_shown = is_kept and not is_made and not _MASKED.search(ast.unparse(value))
            if is_shown and SECRET.search(plain) and not _NO_SECRET.search(plain):
                return f"its {word!r}"
    return None


def _prompt_in(module: Module, call: Call, node: ast.expr, name: str) -> str | None:
    """What of a prompt, or of an answer, is shown whole by this value."""
    if WHOLE_PROMPT.search(name) or _is_said(call, name) or _is_asked(call, name):
        return name
    written = ast.unparse(node)
    is_said = _OF_REQUEST.search(written) is not None and not call.name.endswith((".error", ".exception"))
    if is_said or (_ANSWER.search(written) is not None and is_model_text(module, node)):
        return written
    inner = node.args[0] if isinstance(node, ast.Call) and node.args and ast.unparse(node.func) in _WRITERS else node
    made = module.names.value(inner) if isinstance(inner, ast.Name) else inner
    if isinstance(made, ast.Dict) and isinstance(inner, ast.Name):
        keys = (key for each in ast.walk(made) if isinstance(each, ast.Dict) for key in each.keys)
        return name if any(isinstance(key, ast.Constant) and key.value in _TOLD_TO for key in keys) else None
    return None


def _is_for_others(module: Module, call: Call) -> bool:
    """Whether others read it than who runs the program: not in a tool, and what is printed only in a request."""
    moment = module.moment(call)
    if call.name == "print":
        return moment is Moment.REQUEST and not call.has("file", "end")
    if moment is Moment.COMMAND:
        return False
    return not call.name.endswith(".debug") or moment is Moment.REQUEST or module.project.serves_beside(module.path)


def _is_refusal(module: Module, call: Call, name: str) -> bool:
    """`if not token: log(token_response)`: what came in place of the secret."""
    around = module.inside(call.node, ast.If)
    is_answer = re.search(r"_(data|response|result|body|json)$", name) is not None
    return is_answer and isinstance(around, ast.If) and _FAILS.search(ast.unparse(around.test)) is not None


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
    return any(
        isinstance(each, ast.Call)
        and _EMBEDS.search(ast.unparse(each.func))
        and any(isinstance(given, ast.Name) and given.id == name for given in each.args)
        for each in ast.walk(function)
    ) or any(
        isinstance(each, ast.Assign)
        and _EMBEDS.search(ast.unparse(each.targets[0]))
        and any(isinstance(given, ast.Name) and given.id == name for given in ast.walk(each.value))
        for each in ast.walk(function)
    )


def _receiver(module: Module, function: ast.Attribute) -> str:
    name = module.name(function.value)
    return name if not name.startswith("?") else ast.unparse(function.value)


def _shown(call: ast.Call) -> Iterator[ast.expr]:
    """The values that a call writes as they are: its arguments, and what its f-strings hold."""
    for argument in (*call.args, *(each.value for each in call.keywords if each.arg not in ("exc_info", "stacklevel"))):
        if isinstance(argument, ast.JoinedStr):
            yield from (each.value for each in argument.values if isinstance(each, ast.FormattedValue))
        elif isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Mod):
            right = argument.right
            yield from right.elts if isinstance(right, ast.Tuple) else [right]
        elif isinstance(argument, ast.Dict):
            yield from argument.values
        else:
            yield argument


def _written(node: ast.expr) -> str:
    """A name as it stands, `os.environ["X"]` by the variable's, `str(x)` by x; empty for what is no plain name."""
    if isinstance(node, ast.Call) and len(node.args) >= 1 and ast.unparse(node.func) in _WRITERS:
        node = node.args[0]
    if isinstance(node, (ast.Name, ast.Attribute)):
        return ast.unparse(node).rpartition(".")[2] if isinstance(node, ast.Attribute) else node.id
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
