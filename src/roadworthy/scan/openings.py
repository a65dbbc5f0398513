"""Which files and folders a file of source opens, from where their paths start, and whether it writes them."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from roadworthy.scan.scopes import Import, Parameter, Scope
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module

READING = ("read_text", "read_bytes", "iterdir", "glob", "rglob")
WRITING = ("write_text", "write_bytes", "mkdir", "touch", "unlink", "rmdir")
"""Methods of a `Path` that look at the disk; `open` says by its mode what it does."""
_PATHS = ("pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "pathlib.PurePosixPath", "anyio.Path")
_FIRST_ARGUMENT = (
    *_PATHS,
    *("os.path.join", "os.path.abspath", "os.path.realpath", "os.path.dirname", "os.path.normpath", "os.fspath", "str"),
    *("os.path.expanduser", "os.path.expandvars"),
)
_SAME_START = ("joinpath", "resolve", "absolute", "with_suffix", "with_name", "as_posix", "expanduser", "parent")
_SQLITE = re.compile(r"sqlite(?:\+\w+)?:///")
BESIDE = "__file__"
"""Stands for a path that is built from the place of the code."""
_NAMES_PATH = re.compile(r"(path|dir|file|folder|root|location|db)s?$", re.IGNORECASE)
LONGEST = 200
"""Characters of a path that other files are told of."""
DEEPEST = 20
"""Parts of a path followed to its start: more than anybody writes, and an end to circles."""

Start = Literal["code", "working", "temporary", "unknown"]


@dataclass(frozen=True, slots=True)
class Opening:
    """One call that opens a file or a folder."""

    call: Call
    path: ast.expr
    text: str | None
    """The path, with holes; None where nothing of it is known."""
    writes: bool
    by_default: ast.arg | None = None
    """The parameter whose default the path is."""


def openings(module: Module) -> Iterator[Opening]:
    """Every call that opens a file or a folder."""
    known = _known()
    for call in module.calls_to(*known):
        position, keyword, writes = known[call.name]
        path = call.argument(None if position < 0 else position, keyword)
        if path is not None:
            is_written = _is_written(call, 1) if writes is None else writes
            yield from _opening(module, call, path, is_written)
    for call in module.methods("open", *READING, *WRITING):
        function = call.node.func
        if not isinstance(function, ast.Attribute) or call.name in known:
            continue
        if module.text(function.value) is None and not _is_path(module, function.value):
            continue
        is_written = function.attr in WRITING or (function.attr == "open" and _is_written(call, 0))
        yield from _opening(module, call, function.value, is_written)


def start_of(module: Module, path: ast.expr) -> Start:
    """What a path is built from: the code's own folder, the working directory, a temporary folder."""
    first = first_of(module, path)
    if isinstance(first, ast.Name) and first.id == "__file__":
        return "code"
    if _named_elsewhere(module, first) == BESIDE:
        return "code"
    if isinstance(first, ast.Call):
        name = module.call(first).name
        if name in ("os.getcwd", "pathlib.Path.cwd"):
            return "working"
        if name.startswith("tempfile."):
            return "temporary"
    return "unknown"


def first_of(module: Module, path: ast.expr) -> ast.expr:
    """The expression that a path begins with, through joins, names, f-strings and methods of `Path`."""
    for _ in range(DEEPEST):
        following = _before(module, path)
        if following is None:
            return path
        path = following
    return path


def paths_named(module: Module) -> Iterator[tuple[str, str]]:
    """The names at the top level that are paths, for other files: the path, or `BESIDE` for one beside the code."""
    for name, bound in module.scopes.module.bindings.items():
        value = bound[0]
        if len(bound) != 1 or not isinstance(value, (ast.Constant, ast.Call, ast.BinOp, ast.JoinedStr)):
            continue
        if start_of(module, value) == "code":
            yield name, BESIDE
        elif _NAMES_PATH.search(name) and (text := module.text(value)) is not None and len(text) < LONGEST:
            yield name, text


def _named_elsewhere(module: Module, node: ast.expr) -> str | None:
    """What another file calls by this name, where it is a path: `DATA_DIR`, `constants.DATA_DIR`."""
    head, rest = node, ""
    while isinstance(head, ast.Attribute):
        rest = f".{head.attr}{rest}"
        head = head.value
    bound = module.names.bound(head) if isinstance(head, ast.Name) else []
    imported = bound[0] if len(bound) == 1 else None
    return module.project.path_named(f"{imported.dotted}{rest}") if isinstance(imported, Import) else None


def _before(module: Module, path: ast.expr) -> ast.expr | None:
    match path:
        case ast.BinOp(op=ast.Div() | ast.Add(), left=left):
            return left
        case ast.JoinedStr(values=[ast.FormattedValue(value=value), *_]):
            return value
        case ast.Subscript(value=ast.Attribute(value=value, attr="parents")):
            return value
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in _SAME_START and not _is_module(
            module, value
        ):
            return value
        case ast.Call(args=[first, *_]) if module.call(path).name in _FIRST_ARGUMENT:
            return first
        case ast.Attribute(value=value, attr="parent" | "name"):
            return value
    followed = module.names.value(path)
    return None if followed is path else followed


def _is_module(module: Module, node: ast.expr) -> bool:
    return isinstance(node, (ast.Name, ast.Attribute)) and module.name(node) == "os.path"


def _is_path(module: Module, node: ast.expr) -> bool:
    """Whether it is built by `Path(…)` or from `__file__`: `open` of an archive opens no path."""
    for _ in range(DEEPEST):
        if isinstance(node, ast.Call) and module.call(node).name in _PATHS:
            return True
        following = _before(module, node)
        if following is None:
            return _named_elsewhere(module, node) is not None
        node = following
    return False


def _opening(module: Module, call: Call, path: ast.expr, writes: bool) -> Iterator[Opening]:
    if isinstance(path, (ast.List, ast.Tuple)):
        for each in path.elts:
            yield from _opening(module, call, each, writes)
        return
    text = module.text(path)
    if text is None or text.startswith(HOLE):
        first = first_of(module, path)
        named = _named_elsewhere(module, first)
        if named not in (None, BESIDE):
            below = text.removeprefix(HOLE) if text is not None else "" if first is path else f"/{HOLE}"
            text = f"{named}{below}"
    parameter = None
    if text is None and (found := _default_of(module, path)) is not None:
        parameter, text = found
    if text is None:
        text = _given_of(module, path)
    if text is not None and call.name.endswith(("create_engine", "create_async_engine", "from_conn_string")):
        url = _SQLITE.match(text)
        if url is None and "engine" in call.name:
            return
        text = text[url.end() :] if url is not None else text
    yield Opening(call, path, text, writes, parameter)


def _default_of(module: Module, path: ast.expr) -> tuple[ast.arg, str] | None:
    """The parameter that a path is, and its default, where a call in this file leaves it out or none is here."""
    found = _parameter(module, path)
    if found is None:
        return None
    scope, parameter = found
    text = None if parameter.default is None else module.text(parameter.default)
    if text is None or _is_always_given(module, scope, parameter.node):
        return None
    return parameter.node, text


def _given_of(module: Module, path: ast.expr) -> str | None:
    """What all calls in this file give for the parameter that a path is; None where that is not known of each."""
    found = _parameter(module, path)
    if found is None:
        return None
    given = [call.text(position, word) for call, position, word in _calls_with(module, *found)]
    return given[0] if given and None not in given else None


def _parameter(module: Module, path: ast.expr) -> tuple[Scope, Parameter] | None:
    """The parameter that a path is, `Path(path)` and `str(path)` too, of a function that no framework calls."""
    while isinstance(path, ast.Call) and module.call(path).name in (*_PATHS, "str") and len(path.args) == 1:
        path = path.args[0]
    path = module.names.value(path)
    while isinstance(path, ast.Call) and module.call(path).name in (*_PATHS, "str") and len(path.args) == 1:
        path = path.args[0]
    if not isinstance(path, ast.Name):
        return None
    found = module.scope(path).lookup(path.id)
    if found is None or len(found[1]) != 1 or not isinstance(found[1][0], Parameter):
        return None
    scope, (parameter, *_) = found
    if not isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef)) or scope.node.decorator_list:
        return None
    assert isinstance(parameter, Parameter)
    return scope, parameter


def _is_always_given(module: Module, scope: Scope, parameter: ast.arg) -> bool:
    """Whether all calls of this function in this file give the argument."""
    calls = _calls_with(module, scope, Parameter(parameter, None))
    return bool(calls) and all(
        call.argument(position, word) is not None or call.has(word) for call, position, word in calls
    )


def _calls_with(module: Module, scope: Scope, parameter: Parameter) -> list[tuple[Call, int | None, str]]:
    """The calls of a function in this file, with the position and the name of one of its parameters."""
    assert isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef))
    word, arguments = scope.node.name, [each.arg for each in scope.node.args.args]
    if word == "__init__" and scope.outer is not None:
        word = scope.outer.name.rpartition(".")[2]
    if arguments and arguments[0] in ("self", "cls"):
        del arguments[0]
    name = parameter.node.arg
    position = arguments.index(name) if name in arguments else None
    return [(call, position, name) for call in module.methods(word)]


def _is_written(call: Call, position: int) -> bool:
    mode = call.constant(position, "mode")
    return isinstance(mode, str) and any(letter in mode for letter in "wax+")


@cache
def mendable() -> frozenset[str]:
    """What takes a `Path` in place of a text, and gives nothing back that shows the difference."""
    return frozenset(
        name
        for library in _table()["library"]
        if library.get("edit")
        for name in (*library.get("moded", ()), *library.get("reads", ()))
        if name not in library.get("no_edit", ())
    )


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("roadworthy") / "data" / "openers.toml").read_text("utf-8"))


@cache
def _known() -> dict[str, tuple[int, str, bool | None]]:
    """Dotted name → position and keyword of the path, and whether it is written; None: its mode says so."""
    found: dict[str, tuple[int, str, bool | None]] = {}
    for library in _table()["library"]:
        found |= dict.fromkeys(library.get("moded", ()), (0, "file", None))
        for kind in ("reads", "writes"):
            found |= {name: (at, word, kind == "writes") for name, (at, word) in library.get(kind, {}).items()}
    return found
