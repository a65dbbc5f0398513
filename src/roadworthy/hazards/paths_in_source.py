"""Rules of PATH: what in the source only works in the folder, or on the machine, where it was written."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.paths import hazard
from roadworthy.scan.beside import beside
from roadworthy.scan.moments import Moment
from roadworthy.scan.openings import first_of, openings, start_of
from roadworthy.scan.tree import above
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module
    from roadworthy.scan.openings import Opening

_NO_PATH = re.compile(r"^(:memory:|file::memory:|[a-z][a-z0-9+.-]+:|[<$%~-])|^\s*$", re.IGNORECASE)
"""An address, a drive, a user's home, standard input: none of them relative to the working directory."""
_BARE = re.compile(r"(^|_|\.)(id|uuid|timestamp|date|slug|now|today)$", re.IGNORECASE)
"""Ends of names of what is part of a file's name and never a path."""
_NAMERS = ("strftime", "isoformat", "uuid4", "token_hex")
_CWD = ("os.getcwd", "os.getcwdb", "pathlib.Path.cwd", "anyio.Path.cwd")
_SHOWING = ("print", "os.path.relpath", "click.echo", "rich.print", "typer.echo")
_SHOWING_METHODS = ("relative_to", "is_relative_to", "debug", "info", "warning", "error", "exception", "print", "log")
_DEVELOPERS = re.compile(
    r"(?:^|[\s='\":,])(?P<path>(?:/Users|/home)/(?P<name>[A-Za-z][\w.-]*)/[^\s'\"]*"
    r"|/mnt/[a-z]/Users/(?P<linux>[\w.-]+)/[^\s'\"]*"
    r"|[A-Za-z]:[\\/]+Users[\\/]+(?P<windows>[\w. -]+)[\\/][^'\"]*)"
)
_HINTS = ("/Users/", "/home/", ":\\", *(f"{quote}{drive}:/" for quote in "'\"" for drive in "CDEcde"))
"""What a file holds that has such a path: most have none, and are done with."""
_DRIVE = re.compile(r"^[A-Za-z]:[\\/]+(?!Windows|Program|path[\\/]|path$|Users?[\\/])\w[\w .-]*[\\/]+\S", re.IGNORECASE)
"""A place on a Windows disk that is no part of Windows itself."""
_PATTERN = re.compile(r"[\[\]*?^|()<>+]")
_WORDS = re.compile(r"(?<!\S)[A-Za-z]{2,}[,.:;]?(?!\S)")
_NOBODY = frozenset(
    {
        *(
            "user",
            "username",
            "users",
            "you",
            "your",
            "yourname",
            "your_name",
            "your-name",
            "your_username",
            "me",
            "name",
        ),
        *("yourusername", "your-username", "example", "foo", "bar", "someone", "somebody", "user1", "user2", "test"),
        *("app", "appuser", "agent", "node", "runner", "ubuntu", "ec2-user", "vscode", "jovyan", "coder", "sandbox"),
        *("sandboxuser", "sandbox-user", "oai", "linuxbrew", "gitpod", "codespace", "daytona", "nonroot", "python"),
        *(
            "container",
            "docker",
            "pwuser",
            "seluser",
            "airflow",
            "service",
            "worker",
            "root",
            "admin",
            "shared",
            "public",
        ),
        *(
            "default",
            "site",
            "developer",
            "dev",
            "myuser",
            "my_user",
            "swe-agent",
            "openhands",
            "researcher",
            "kasm-user",
        ),
    }
)
"""Names that stand for anybody, of images' users, and of sandboxes: `/home/user` is E2B's."""


@hazard.rule("PATH101", "relative path opened")
def relative_open(module: Module) -> Iterator[Finding]:
    """A relative path is opened: it is looked up from wherever the process was started.

    `open`, methods of `Path`, and what loads data, templates, certificates and local databases. A parameter's default
    counts where nothing in the file gives another. Quiet for paths built from `__file__`, a setting, an argument or
    a temporary folder, in files that change to their own folder first, and in notebooks.

    Why: the developer starts the agent in the project's folder, a container or a service manager in `/`.

    Mend: build the path from the file that names it: `Path(__file__).parent / "config.yaml"`; what is written
    goes below a folder that a setting names. `--fix` does it for a literal that is read, where one folder around the
    file holds it.
    """
    if module.path.endswith(".ipynb") or _goes_home(module):
        return
    for opened in openings(module):
        path = opened.text
        if path is None or start_of(module, opened.path) != "unknown":
            continue
        if not is_relative(path) and not _is_a_bare_name(module, opened, path):
            continue
        if opened.by_default is not None and module.moment(opened.call) is Moment.COMMAND:
            continue  # a person may give another
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

    Quiet in command-line tools, where it is the person's folder; as the default of a setting or an argument; where it
    is only shown; where a later `os.chdir` goes back to it; for a change to the file's own folder at the start;
    and for a change in a request, which CONC104 tells.

    Why: the working directory is `/` or whatever the image says in production, not the project's folder.

    Mend: `Path(__file__).parent`, or a setting that names the folder; `subprocess.run(…, cwd=…)` for one program.
    """
    if module.path.endswith(".ipynb"):
        return
    for call in module.calls_to(*_CWD):
        if module.moment(call) not in (Moment.COMMAND, Moment.EXAMPLE) and not _is_only_a_fallback(module, call):
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


@hazard.rule("PATH103", "a developer's absolute path")
def developers_path(module: Module) -> Iterator[Finding]:
    """A text holds a path of one person's machine: `/Users/…`, `/home/…`, `C:\\\\…`.

    Quiet for documentation, descriptions, examples and prompts, for patterns, for names that stand for anybody
    (`/home/user`, which is a sandbox's too), for users of images (`/home/node`), and for Windows' own folders.

    Why: the folder is on no other machine.

    Mend: a path beside the file, or a setting.
    """
    if not any(each in module.source for each in _HINTS):
        return
    for node in module.all(ast.Constant):
        text = node.value
        if not isinstance(text, str) or len(text) > 300 or "\n" in text:
            continue
        if isinstance(module.parent(node), ast.Expr) or _is_told(module, node):
            continue
        path = _developers(text)
        if path is not None:
            yield module.finding(
                node,
                f"{path!r} is a path of one person's machine",
                why="no other machine has this folder",
                fix="build it from `Path(__file__).parent`, or read it from a setting",
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
    """The folder that holds `path`, seen from this file: of those around it the nearest that does, else the root."""
    around = PurePosixPath(module.path).parents
    number = len(around) - 1
    if path is not None and HOLE not in path:
        for each, folder in enumerate(around):
            # Not `Path.exists`: a name that is too long for the disk is an error there.
            if os.path.exists(module.project.root / folder / path.partition("…")[0]):  # noqa: PTH110
                number = each
                break
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


def _is_only_a_fallback(module: Module, call: Call) -> bool:
    """Whether it is a default, is shown, compared or gone back to, or is where a program runs anyway."""
    if any(_is_home(module, other) and _leads_to(module, other, call) for other in module.calls_to("os.chdir")):
        return True
    node: ast.AST = call.node
    for around in above(call.node):
        match around:
            case ast.BoolOp() | ast.IfExp() | ast.arguments() | ast.Compare() | ast.FormattedValue() | ast.Raise():
                return not _goes_on(module, around)
            case ast.keyword(arg="default" | "default_factory" | "cwd" | "help" | "description"):
                return True
            case ast.If(test=test) if _asks_for(test, _target(node)):
                return True
            case ast.Call(func=function):
                name = module.call(around).name
                is_shown = isinstance(function, ast.Attribute) and function.attr in _SHOWING_METHODS
                if is_shown or name in _SHOWING or name in ("os.getenv", "os.environ.get", "os.environ.setdefault"):
                    return True
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return False
        node = around
    return False


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


def _developers(text: str) -> str | None:
    found = _DEVELOPERS.search(text)
    if found is not None:
        name = (found["name"] or found["linux"] or found["windows"]).lower()
        is_anybody = name in _NOBODY or name.startswith(("your", "my_", "my-"))
        is_prose = len(_WORDS.findall(text[: found.start()])) > 3
        return None if is_anybody or is_prose or _PATTERN.search(found["path"]) else found["path"]
    if _DRIVE.search(text) and _PATTERN.search(text) is None and re.search(r"path[\\/]+to", text) is None:
        return text
    return None


def _is_told(module: Module, node: ast.expr) -> bool:
    """Whether it is documentation: a text of its own, a description, an example, or said to a person."""
    for around in above(node):
        match around:
            case ast.Expr() | ast.Raise() | ast.Compare():
                return not isinstance(around, ast.Expr) or around.value is node or isinstance(node, ast.JoinedStr)
            case ast.keyword(
                arg="description" | "help" | "examples" | "example" | "metavar" | "placeholder" | "epilog"
            ):
                return True
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    is_about = isinstance(key, ast.Constant) and key.value in (
                        "description",
                        "example",
                        "examples",
                        "help",
                    )
                    if is_about and (value is node or node in ast.walk(value)):
                        return True
            case ast.Call(func=ast.Attribute(attr="startswith" | "endswith" | "replace" | "removeprefix")):
                return True
            case ast.Call() if module.call(around).name.startswith(("re.", "print", "typing.")):
                return True
            case ast.stmt():
                return False
    return False
