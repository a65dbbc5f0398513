"""Rules of PATH: what in the source only works in the folder, or on the machine, where it was written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.developer_paths_in_source import ASKING
from roadworthy.hazards.paths import hazard
from roadworthy.scan.beside import beside
from roadworthy.scan.files import MARKS
from roadworthy.scan.moments import Moment, is_for_a_terminal
from roadworthy.scan.openings import first_of, openings, start_of
from roadworthy.scan.searches import goes_up, is_one_of_several
from roadworthy.scan.settings import is_last_resort
from roadworthy.scan.tree import above
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module
    from roadworthy.scan.openings import Opening

_NO_PATH = re.compile(r"^(:memory:|file::memory:|(con|nul|aux|prn)$|[a-z][a-z0-9+.-]+:|[<$%~-])|^\s*$", re.IGNORECASE)
"""An address, a drive, a user's home, standard input: none of them relative to the working directory."""
_BARE = re.compile(r"(^|_|\.)(id|uuid|timestamp|date|slug|now|today)$", re.IGNORECASE)
"""Ends of names of what is part of a file's name and never a path."""
_NAMERS = ("strftime", "isoformat", "uuid4", "token_hex")
_CWD = ("os.getcwd", "os.getcwdb", "pathlib.Path.cwd", "anyio.Path.cwd")
_SHOWING = ("print", "os.path.relpath", "click.echo", "rich.print", "typer.echo")
_SHOWING_METHODS = ("relative_to", "is_relative_to", "debug", "info", "warning", "error", "exception", "print", "log")
_CUTTING = ("replace", "removeprefix", "startswith", "split")
"""Methods of texts that look for the folder in them, or take it away."""
_BUILDING = re.compile(r"^((os|pathlib|anyio|glob|shutil|sys\.path)\.|(str|open)$)")
"""Names of calls that make a path of a folder, or open it; others are only handed it."""
_DEVELOPERS_OWN = re.compile(r"(^|/)((scripts?|tools/dev|benchmarks?|bench|evals?|migrations|alembic)/|setup\.py$)")
"""Folders of what developers run by hand, from where it works."""
_DEBUGGING = re.compile(r"\bdebug\b", re.IGNORECASE)
_OF_A_PROJECT = re.compile(
    r"^(\.[\w.-]+|pyproject\.toml|package\.json|requirements\.txt|setup\.(py|cfg)|go\.mod|Cargo\.toml)$"
)
"""What a command looks for in the project that it is given in."""


@hazard.rule("PATH101", "relative path opened")
def relative_open(module: Module) -> Iterator[Finding]:
    """A relative path is opened: it is looked up from wherever the process was started.

    `open`, methods of `Path`, and what loads data, templates, certificates and local databases. A parameter's default
    counts where nothing in the file gives another. Quiet for paths built from `__file__`, a setting, an argument or
    a temporary folder, in files that change to their own folder first, in notebooks and scripts that only developers
    run; for what a command-line tool writes, which goes to the person's folder; and for what is written to look for a
    mistake (`if debug:`).

    Why: the developer starts the agent in the project's folder, a container or a service manager in `/`.

    Mend: build the path from the file that names it: `Path(__file__).parent / "config.yaml"`; what is written
    goes below a folder that a setting names. `--fix` does it for a literal that is read, where one folder around the
    file holds it.
    """
    if module.path.endswith(".ipynb") or _DEVELOPERS_OWN.search(module.path) or _goes_home(module):
        return
    for opened in openings(module):
        path = opened.text
        if path is None or start_of(module, opened.path) != "unknown":
            continue
        if not is_relative(path) and not _is_a_bare_name(module, opened, path):
            continue
        if module.moment(opened.call) is Moment.COMMAND and (opened.writes or opened.by_default is not None):
            continue  # a person's own folder, or one that a person may give
        if opened.writes and (_is_for_debugging(opened.call) or _is_clean_up(opened.call)):
            continue
        if module.moment(opened.call) is Moment.COMMAND and _is_asked_for(opened.call, path):
            continue
        shown = re.sub(r"/{2,}", "/", path.replace(HOLE, "…"))
        by = "" if opened.by_default is None else f", the default of {opened.by_default.arg},"
        yield module.finding(
            opened.call,
            f"{'writes' if opened.writes else 'opens'} {shown!r}{by} relative to the working directory",
            why=_why_relative(opened),
            fix=_fix_relative(module, opened, shown),
            severity=Severity.WARNING if by and module.moment(opened.call) is not Moment.EXAMPLE else None,
            edit=beside(module, opened),
        )


@hazard.rule("PATH102", "depends on the working directory")
def working_directory(module: Module) -> Iterator[Finding]:
    """A path is built from `os.getcwd()` or `Path.cwd()`, or `os.chdir` moves the whole process.

    Quiet in command-line tools, where it is the person's folder; as the default of a setting or an argument, also one
    that is returned where a setting says nothing; where a search goes up from it; as one of several folders that are
    looked into or allowed; where it is only shown, taken out of a text, or handed on as it is; where a later
    `os.chdir` goes back to it; for a change to the file's own folder at the start; and for a change in a request, which
    CONC104 tells.

    Why: the working directory is `/` or whatever the image says in production, not the project's folder.

    Mend: `Path(__file__).parent`, or a setting that names the folder; `subprocess.run(…, cwd=…)` for one program.
    """
    if module.path.endswith(".ipynb"):
        return
    for call in module.calls_to(*_CWD):
        moment = module.moment(call)
        if moment in (Moment.COMMAND, Moment.EXAMPLE) or is_one_of_several(call):
            continue
        if is_for_a_terminal(module.path) and moment is not Moment.REQUEST:
            continue
        if not _is_only_named(module, call) and not goes_up(module, call) and not is_last_resort(module, call.node):
            yield module.finding(
                call,
                f"{call.name} is the folder that the process was started in",
                why="production starts it in another one, often `/`, and what is built on it is not there",
                fix=f"`{_own_root(module)}` for what belongs to the project, a setting for where the agent works",
                severity=Severity.WARNING,
            )
    for call in module.calls_to("os.chdir", "os.fchdir", "contextlib.chdir"):
        moment = module.moment(call)
        if moment in (Moment.COMMAND, Moment.EXAMPLE, Moment.REQUEST) or _is_home(module, call):
            continue
        yield module.finding(
            call,
            f"{call.name} moves the whole process to another folder",
            why="every relative path, of every thread and library, is another one from here on",
            fix="build paths from a folder that is passed on; one program gets `subprocess.run(…, cwd=…)`",
            severity=Severity.WARNING,
        )


def is_relative(path: str) -> bool:
    """Whether a path with holes is looked up from the working directory; not where its beginning is a hole."""
    if path in (".", "./", "..") or path[0] == HOLE:
        return False
    return not path.startswith(("/", "\\")) and _NO_PATH.search(path) is None


def _is_a_bare_name(module: Module, opened: Opening, path: str) -> bool:
    """Whether a text that begins with a hole is a file's name alone: `f"{session_id}.json"`."""
    if path[0] != HOLE or "/" in path or "\\" in path or "." not in path:
        return False
    whole = module.names.value(opened.path)
    first = whole.values[0] if isinstance(whole, ast.JoinedStr) else None
    if not isinstance(first, ast.FormattedValue):
        return False
    made = module.names.value(first.value)
    if isinstance(made, ast.Call) and isinstance(made.func, ast.Attribute) and made.func.attr in _NAMERS:
        return True
    return isinstance(first.value, (ast.Name, ast.Attribute)) and _BARE.search(ast.unparse(first.value)) is not None


def _why_relative(opened: Opening) -> str:
    if opened.writes:
        return "production starts the process in another folder, which it often may not write"
    return "production starts the process in another folder, and the file is not found there"


def _fix_relative(module: Module, opened: Opening, shown: str) -> str:
    path = str(PurePosixPath(shown))
    if opened.writes:
        return f'put it below a folder that a setting names: `Path(os.environ["STATE_DIR"]) / "{path}"`'
    return f'build it from this file\'s place: `{_own_root(module, path)} / "{path}"`'


def _own_root(module: Module, path: str | None = None) -> str:
    """The folder that holds `path`, seen from this file: of those around it the nearest that does.

    Where none does, or nothing is asked for, it is the nearest that is a project of its own.
    """
    if path is not None and path.startswith(".."):
        return "Path(__file__).parent"
    around = list(PurePosixPath(module.path).parents)
    names = [MARKS] if path is None else [(path.partition("…")[0],), MARKS]
    found = (
        number
        for wanted in names
        for number, folder in enumerate(around)
        if any(module.project.disk.exists(str(folder / name)) for name in wanted if name)
    )
    number = next(found, len(around) - 1)
    return "Path(__file__).parent" if number == 0 else f"Path(__file__).parents[{number}]"


def _is_home(module: Module, call: Call) -> bool:
    """Whether it changes to the code's own folder, or back to where it was."""
    folder = call.argument(0, "path")
    return folder is not None and start_of(module, folder) in ("code", "working")


def _goes_home(module: Module) -> bool:
    return any(
        _is_home(module, call) and start_of(module, call.node.args[0]) == "code" and call.scope.kind == "module"
        for call in module.calls_to("os.chdir")
        if call.node.args
    )


def _is_only_named(module: Module, call: Call) -> bool:
    """Whether no path is built on it: it is a default, shown, handed on or gone back to, or where a program runs."""
    if any(_is_home(module, other) and _leads_to(module, other, call) for other in module.calls_to("os.chdir")):
        return True
    node: ast.AST = call.node
    is_built_on = False
    for around in above(call.node):
        match around:
            case ast.arguments() | ast.keyword(arg="default" | "default_factory" | "cwd" | "help" | "description"):
                return True
            case ast.Dict(keys=keys, values=values) if node in values:
                key = next(key for key, value in zip(keys, values, strict=True) if value is node)
                if isinstance(key, ast.Constant) and key.value in ("cwd", "working_dir", "working_directory"):
                    return not is_built_on
            case ast.If(test=test) if _asks_for(test, _target(node)) or "__file__" in ast.unparse(test):
                return True
            case ast.Call(func=function) if node is not function:
                name = module.call(around).name
                if name in ("os.getenv", "os.environ.get", "os.environ.setdefault"):
                    return True
                if _BUILDING.search(name) is not None:
                    is_built_on = is_built_on or len(around.args) > 1
                elif not is_built_on:
                    return True
            case ast.BinOp(op=op):  # with no more than a separator it is what `abspath` does
                is_path = isinstance(op, ast.Div) or re.search(r"\w", module.text(around) or "") is not None
                is_built_on = is_built_on or is_path
            case ast.Assign(targets=[ast.Name() as target]) if _is_only_shown_later(module, target):
                return True
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return False
        if (shown := _is_shown(module, around, node)) is not None:
            return shown
        node = around
    return False


def _is_shown(module: Module, around: ast.AST, node: ast.AST) -> bool | None:
    """Whether what stands around a folder only chooses, compares or tells it; None where more is to be seen."""
    match around:
        case ast.BoolOp() | ast.IfExp() | ast.Compare() | ast.FormattedValue() | ast.Raise():
            return not _goes_on(module, around)
        case ast.Call(func=function) if node is not function:
            word = function.attr if isinstance(function, ast.Attribute) else ""
            if word in (*_SHOWING_METHODS, *_CUTTING) or module.call(around).name in _SHOWING:
                return True
    return None


def _is_only_shown_later(module: Module, target: ast.Name) -> bool:
    """Whether the name is read, and nowhere for more than to tell it: a traceback without the folder's name."""
    scope = module.names.binding_scope(target)
    uses = [each for each in module.all(ast.Name) if each.id == target.id and isinstance(each.ctx, ast.Load)]
    own = [each for each in uses if module.names.binding_scope(each) is scope]
    return bool(own) and all(_is_shown(module, around, each) for each in own if (around := module.parent(each)))


def _is_for_debugging(call: Call) -> bool:
    return any(isinstance(each, ast.If) and _DEBUGGING.search(ast.unparse(each.test)) for each in above(call.node))


def _is_clean_up(call: Call) -> bool:
    """`os.remove(path)` after a failure: what made the file is told of."""
    word = call.name.rpartition(".")[2]
    return word in ("remove", "unlink", "rmdir", "rmtree") and any(
        isinstance(each, ast.ExceptHandler) for each in above(call.node)
    )


def _is_asked_for(call: Call, path: str) -> bool:
    """`if Path("pyproject.toml").exists():` in a command: it looks into the folder of who gave it."""
    if not _OF_A_PROJECT.match(path):
        return False
    tests = (ast.unparse(each.test) for each in above(call.node) if isinstance(each, ast.If))
    return any(repr(path) in test and ASKING.search(test) for test in tests)


def _goes_on(module: Module, node: ast.AST) -> bool:
    """Whether a text goes on after the folder: `f"{os.getcwd()}/data"` is a path."""
    whole = module.parent(node)
    if not isinstance(node, ast.FormattedValue) or not isinstance(whole, ast.JoinedStr):
        return False
    return whole.values[0] is node and any(
        isinstance(each, ast.Constant) and str(each.value).startswith(("/", "\\")) for each in whole.values[1:2]
    )


def _leads_to(module: Module, change: Call, call: Call) -> bool:
    folder = change.argument(0, "path")
    return folder is not None and first_of(module, folder) is call.node


def _target(node: ast.AST) -> str | None:
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0])
    return ast.unparse(node.target) if isinstance(node, ast.AnnAssign) else None


def _asks_for(test: ast.expr, name: str | None) -> bool:
    """`if root is None: root = Path.cwd()`."""
    return name is not None and any(
        isinstance(each, (ast.Name, ast.Attribute)) and ast.unparse(each) == name for each in ast.walk(test)
    )
