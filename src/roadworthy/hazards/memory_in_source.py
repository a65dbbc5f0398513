"""Rules of MEM: what is read as a whole, and what only grows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.memory import hazard
from roadworthy.scan.moments import Moment, of_function
from roadworthy.scan.scopes import Parameter
from roadworthy.scan.speakers import Speaker, is_of_few, speaker
from roadworthy.scan.state import changes_in_requests
from roadworthy.scan.tree import above
from roadworthy.scan.variety import tells_endless

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module

READS = ("read", "readlines", "read_text", "read_bytes")
UPLOADS = (
    *("fastapi.UploadFile().read", "fastapi.UploadFile().file.read", "starlette.datastructures.UploadFile().read"),
    *("fastapi.UploadFile().file.readlines", "starlette.datastructures.UploadFile().file.read"),
)
OPEN_FILES = ("io.BufferedReader().read", "typing.BinaryIO().read", "typing.IO().read")
"""Files that a function is handed open."""
GETS = ("requests.get", "requests.Session().get", "httpx.get", "httpx.Client().get", "httpx.AsyncClient().get")
AIO_GET = "aiohttp.ClientSession().get"
ADDRESS = re.compile(r"(^|_)(url|uri|link|address|href|website)s?$")
"""Names of what a caller chooses, and so how much is read from there."""
LIMITED = re.compile(
    r"MAX_\w*(SIZE|BYTES|LENGTH)|max_\w*(size|bytes)|[Cc]ontent-[Ll]ength|iter_content|aiter_|iter_bytes"
)
"""How a limit is written, or reading piece by piece."""
FETCHES = re.compile(
    r"(fetch|scrape|crawl|visit|browse|open|read|(?<!up)load|get)_?\w*(url|page|web|site|html|link)|scrape|browse"
)
"""Names of functions that read whatever page they are asked for."""
OWN = (
    *("__file__", "prompt", "template", "config", "settings", "system", "schema", "readme", "version", "license"),
    *("skill", "persona", "instruction", "workload"),
)
"""Words in what is opened, or in the name of what opens it, that say that its size is the developer's own choice."""
MANY = ("str", "bytes", "int", "float", "tuple", "Optional[str", "Optional[int", "frozenset")
"""Annotations of arguments that may take any number of values; of another class there are few objects."""


@hazard.rule("MEM101", "whole tree or file read at once")
def read_whole(module: Module) -> Iterator[Finding]:
    """A request lists a whole tree, or reads files whose size its caller decides, into memory at once.

    Also an upload, the page behind an address that a tool is given, and a file that a tool or a handler is asked to
    `json.load`. Quiet for the agent's own files (prompts, configuration, what lies beside the code), for reads with a
    limit or after a look at the size, and outside of requests.

    Why: the laptop's handbook has forty files; production's repository has two hundred thousand.

    Mend: go through it piece by piece, and stop at a limit.
    """
    for call in module.calls_to("list", "sorted"):
        inner = call.argument(0)
        if (
            isinstance(inner, ast.Call)
            and module.call(inner).name.rpartition(".")[2] == "rglob"
            and _in_request(module, call)
        ):
            yield _whole(
                module, call, "lists a whole tree at once", "go through it without `list`, and stop at a limit"
            )
    for call in module.methods(*READS):
        if call.node.args or (call.node.keywords and not call.has("encoding", "errors")):
            continue
        if not _in_request(module, call):
            continue
        if call.name in UPLOADS:
            if not _measured(call, "size"):
                read = "await " * isinstance(module.parent(call.node), ast.Await) + ast.unparse(call.node.func)
                fix = f"read a limit, `{read}(10_000_000)`, and answer 413 to what is larger"
                yield _whole(module, call, "reads a whole upload at once", fix)
        elif (opened := _theirs(module, call)) is not None:
            what = f"reads a whole file with {call.name.rpartition('.')[2]}()"
            yield _whole(module, call, what, _instead(call, opened))
        elif call.name in OPEN_FILES and not _measured(call, "size"):
            fix = f"read a limit, `{ast.unparse(call.node.func)}(10_000_000)`, and refuse what is larger"
            yield _whole(module, call, "reads a whole file that it is handed at once", fix)
        elif _is_of_form(module, call) and not LIMITED.search(module.source):
            fix = "set `app.config['MAX_CONTENT_LENGTH']`, which answers 413 to what is larger"
            yield _whole(module, call, "reads a whole upload at once", fix)
    if not LIMITED.search(module.source):
        yield from _whole_pages(module)
    for call in module.calls_to("json.load"):
        file = call.argument(0)
        made = module.names.value(file) if file is not None else None
        if not isinstance(made, ast.Call) or not _in_request(module, call) or not _is_asked_itself(module, call):
            continue
        if (opened := _opened_for_others(module, call, module.call(made))) is not None:
            yield _whole(module, call, "reads a whole file with json.load()", _size_first(opened))


def _is_of_form(module: Module, call: Call) -> bool:
    """`request.files["file"].read()` of Flask's."""
    of = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
    found = None if of is None else module.names.value(of)
    return isinstance(found, ast.Subscript) and module.name(found.value) == "flask.request.files"


def _whole_pages(module: Module) -> Iterator[Finding]:
    """What the address holds that a caller names, told once in each function."""
    told: set[ast.AST] = set()
    for node in module.all(ast.Attribute):
        if node.attr not in ("text", "content", "read") or not isinstance(node.ctx, ast.Load):
            continue
        made = module.names.value(node.value)
        if not isinstance(made, ast.Call):
            continue
        call, function = module.call(made), module.scope(node).node
        is_read = call.name in GETS if node.attr != "read" else call.name == AIO_GET
        is_read = is_read or (call.name == AIO_GET and isinstance(module.parent(node), ast.Call))
        address = call.argument(0, "url")
        if not is_read or function in told or not isinstance(address, ast.Name) or not ADDRESS.search(address.id):
            continue
        if call.has("stream") or not any(isinstance(each, Parameter) for each in module.names.bound(address)):
            continue
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if module.moment(node) is Moment.REQUEST and (
            FETCHES.search(function.name) or of_function(module, function) is Moment.REQUEST
        ):
            told.add(function)
            yield module.finding(
                node,
                f"all that {address.id} answers is read into memory at once",
                why="how large it is, the address decides, and the memory of the process has a limit",
                fix="stream it, and stop at a limit: `client.stream(…)` of httpx, `stream=True` of requests",
                severity=Severity.WARNING,
            )


@hazard.rule("MEM102", "state that only grows")
def grows(module: Module) -> Iterator[Finding]:
    """A list or a mapping of the module's gains with every request, and no file takes anything out of it.

    It has to be seen that what it gains never ends: keys, or items, that are an id of a user, a session, a task or the
    like, a moment, a text, an address, or a hash of one of these, followed to where they are given. Also
    `@lru_cache(maxsize=None)` and `@cache` on a function that is given such.

    Quiet for keys that the code, a setting or a folder has a number of (a template's path, a provider, a logger's
    name, a place to connect to), where something is taken out, where its length is compared, for registries that are
    filled at import, for conversations (STATE101) and for what other requests read (CONC101).

    Why: memory grows until the process is killed, every few days, in the middle of a request.

    Mend: give it a bound: `collections.deque(maxlen=…)`, `functools.lru_cache(maxsize=1024)`, or keep it elsewhere.
    """
    seen: set[str] = set()
    for change in changes_in_requests(module):
        if change.name in seen or module.moment(change.node) is not Moment.REQUEST:
            continue
        if speaker(module, change) is not Speaker.GROWTH:
            continue
        seen.add(change.name)
        yield module.finding(
            change.node,
            f"{change.name} gains with each request, and nothing is ever taken out",
            why="the process grows until its memory limit, and is killed with all requests under way",
            fix=f"bound it: `{change.name} = collections.deque(maxlen=1000)`"
            if change.key is None
            else f"bound it: `{change.name} = cachetools.TTLCache(maxsize=1000, ttl=600)`, or keep it in Redis",
            severity=Severity.WARNING,
        )
    for function in module.functions:
        yield from _endless_cache(module, function)


def _endless_cache(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Finding]:
    parameters = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    if is_of_few(function.name) or not any(_has_many_values(each) for each in parameters):
        return
    for decorator in function.decorator_list:
        name = module.name(decorator.func if isinstance(decorator, ast.Call) else decorator)
        is_endless = name == "functools.cache" or (
            name == "functools.lru_cache"
            and isinstance(decorator, ast.Call)
            and module.call(decorator).constant(0, "maxsize") is None
        )
        if is_endless and module.moment(function.body[0]) is Moment.REQUEST:
            yield module.finding(
                decorator,
                f"the cache of {function.name} has no bound",
                why="it keeps an answer for every argument that was ever given",
                fix="`@functools.lru_cache(maxsize=1024)`",
                severity=Severity.WARNING,
            )


def _has_many_values(parameter: ast.arg) -> bool:
    if parameter.arg in ("self", "cls"):
        return False
    is_many = parameter.annotation is None or ast.unparse(parameter.annotation).startswith(MANY)
    return is_many and tells_endless(parameter.arg)


def _in_request(module: Module, call: Call) -> bool:
    return module.moment(call) is Moment.REQUEST


def _theirs(module: Module, call: Call) -> Call | None:
    """What opened the file that is read, where an argument names it: its size is the caller's choice."""
    return _opened_for_others(module, call, call.made_by)


def _opened_for_others(module: Module, call: Call, opened: Call | None) -> Call | None:
    if opened is None or opened.name not in ("open", "io.open", "aiofiles.open", "pathlib.Path") or _measured(call):
        return None
    if re.search(r"MAX_\w*(SIZE|BYTES)", module.source):
        return None
    function = module.scope(call.node).node
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    of = f"{ast.unparse(opened.node)} {function.name} {module.path.rpartition('/')[2]}"
    if any(word in of.lower() for word in OWN):
        return None
    parameters = {each.arg for each in (*function.args.args, *function.args.kwonlyargs, *function.args.posonlyargs)}
    parameters -= {"self", "cls"}
    named = (each for each in ast.walk(opened.node) if isinstance(each, ast.Name))
    return opened if any(each.id in parameters for each in named) else None


def _is_asked_itself(module: Module, call: Call) -> bool:
    """Whether the function around is a tool or a handler: what it opens is not the project's own data."""
    function = module.scope(call.node).node
    return isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and (
        of_function(module, function) is Moment.REQUEST
    )


def _instead(call: Call, opened: Call) -> str:
    is_binary = call.name.endswith("read_bytes") or "b" in str(opened.text(1, "mode") or "")
    return _size_first(opened) if is_binary else "read a limit, `read(1_000_000)`, or go through its lines"


def _size_first(opened: Call) -> str:
    """What has no lines is needed as a whole: then only its size can be looked at."""
    path = opened.argument(0, "file")
    return (
        f"look first, `os.path.getsize({'path' if path is None else ast.unparse(path)})`, and refuse what is too large"
    )


def _measured(call: Call, *words: str) -> bool:
    """Whether the function looks at a size before."""
    for around in above(call.node):
        if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return any(
                isinstance(each, ast.Attribute) and each.attr in ("st_size", "getsize", *words)
                for each in ast.walk(around)
            )
    return False


def _whole(module: Module, call: Call, what: str, fix: str) -> Finding:
    return module.finding(
        call,
        what,
        why="how large it is, the request decides, and the memory of the process has a limit",
        fix=fix,
        severity=Severity.WARNING,
    )
