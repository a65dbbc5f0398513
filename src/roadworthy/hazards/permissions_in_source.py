"""Rules of PERM: what in the source needs rights that a restricted user on a read-only disk has not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.hazards.permissions import hazard
from roadworthy.scan.module import Call
from roadworthy.scan.moments import Moment, serves
from roadworthy.scan.openings import openings, start_of
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module

_ROOTS_OWN = re.compile(r"^/(etc|usr|opt|srv|root|bin|sbin|lib|lib64|boot|sys|proc|run|var(?!/tmp(/|$)))(/|$)")
"""Folders that an ordinary user may not write (Filesystem Hierarchy Standard 3.0)."""
PROGRAMS = (
    *("subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen"),
    *("subprocess.getoutput", "subprocess.getstatusoutput", "os.system", "os.popen"),
    *("asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell"),
)
_INSTALLS = re.compile(
    r"\b(?P<tool>(?:uv )?pip3?|pipx|conda|mamba|apt|apt-get|apk|yum|dnf|brew|npm|pnpm|yarn|playwright|poetry|cargo|gem|"
    r"uv|bun|deno)(?: -[\w-]+)* (?P<verb>install|add|i|sync)\b"
)
"""A command that installs, after its words were put together."""
_ELSEWHERE = re.compile(r"^(sudo )?(docker|podman|nerdctl|kubectl|ssh|vagrant|echo|printf|grep|rg)\b")
"""What runs its command in a container or on another machine, or only shows it."""
_SERVERS = {
    "uvicorn.run": (None, "port"),
    "hypercorn.run": (None, "port"),
    "waitress.serve": (None, "port"),
    "aiohttp.web.run_app": (None, "port"),
    "aiohttp.web.TCPSite": (2, "port"),
    "flask.Flask().run": (1, "port"),
    "quart.Quart().run": (1, "port"),
    "mcp.server.fastmcp.FastMCP": (None, "port"),
    "fastmcp.FastMCP().run": (None, "port"),
    "sanic.Sanic().run": (1, "port"),
    "bottle.run": (None, "port"),
    "asyncio.start_server": (2, "port"),
    "websockets.serve": (2, "port"),
    "websockets.asyncio.server.serve": (2, "port"),
    "gunicorn.run": (None, "port"),
    "prometheus_client.start_http_server": (0, "port"),
}
"""What listens, and the argument that is the port: (position, keyword)."""
_AT_ADDRESSES = (
    "http.server.HTTPServer",
    "http.server.ThreadingHTTPServer",
    "socketserver.TCPServer",
    "socketserver.ThreadingTCPServer",
    "socket.socket().bind",
    "wsgiref.simple_server.WSGIServer",
)
"""What listens at a pair of host and port, its first argument."""
_FIRST_FREE_PORT = 1024


@hazard.rule("PERM102", "writes where only root may")
def writes_outside(module: Module) -> Iterator[Finding]:
    """A file is written below a folder of root's (`/etc`, `/var/log`, `/opt`), or into the code's own folder.

    Quiet for what the manifest declares under `files.write`, for temporary folders, settings and arguments, in
    notebooks, examples and command-line tools. Told once for each folder.

    Why: in production the agent is a user without rights, and the image is read-only.

    Mend: a folder that a setting names and the manifest declares under `files.write`; a log to standard output.
    """
    seen: set[str] = set()
    for opened in openings(module):
        if not opened.writes or module.moment(opened.call) in (Moment.EXAMPLE, Moment.COMMAND):
            continue
        if opened.call.name.startswith("dotenv.") and module.main_blocks and not serves(module):
            continue  # a set-up that is run by hand keeps there what it has made
        if opened.text is not None and _ROOTS_OWN.match(opened.text):
            where = opened.text.replace(HOLE, "…")
            told, folder = f"writes {where!r}, where only root may", where.rpartition("/")[0]
        elif start_of(module, opened.path) == "code":
            where = _after_the_code(module, opened.path)
            told, folder = f"writes {where} into the code's own folder", ast.unparse(_named(opened.path))
        else:
            continue
        if folder in seen or _is_declared(module, where.lstrip("…/")):
            continue
        seen.add(folder)
        yield module.finding(
            opened.call,
            told,
            why="production runs the agent as a user without rights, on a disk that it may not write",
            fix='write below a folder that a setting names, `Path(os.environ["STATE_DIR"])`, declared in the manifest: '
            "`files: {write: [/var/lib/agent]}`",
        )


@hazard.rule("PERM103", "installs packages or binds a port below 1024")
def needs_root(module: Module) -> Iterator[Finding]:
    """The running agent installs packages (`pip install`, `apt-get install`), or listens on a port below 1024.

    Quiet in command-line tools, examples and set-up scripts, for a port that a setting gives, and for commands that
    run in a container or a sandbox of their own.

    Why: a user without rights on a read-only disk can do neither; and what is installed late is in no lock file.

    Mend: name the package in the requirements, the program in the Dockerfile; listen on 8080, and let the
    load balancer or the service map 80 to it.
    """
    for call, command in _programs(module):
        found = None if _ELSEWHERE.match(command) else _INSTALLS.search(command)
        if found is None or module.moment(call) in (Moment.EXAMPLE, Moment.COMMAND) or _is_a_set_up(module, call):
            continue
        yield module.finding(
            call,
            f"installs with {found.group()!r} while it runs",
            why="the user that runs the agent may not write there, and no network may lead to the registry",
            fix="install it when the image is built: in the requirements, or in the Dockerfile",
        )
    for call in module.calls_to("pip.main", "pip._internal.main", "pip._internal.cli.main.main"):
        if module.moment(call) not in (Moment.EXAMPLE, Moment.COMMAND):
            yield module.finding(
                call,
                "installs packages with pip while it runs",
                why="the user that runs the agent may not write there, and no network may lead to the registry",
                fix="name the packages in the requirements",
            )
    for call, port in _ports(module):
        if module.moment(call) is not Moment.EXAMPLE:
            yield module.finding(
                call,
                f"listens on port {port}, which only root may",
                why=f"a user without rights gets `Permission denied` for a port below {_FIRST_FREE_PORT}",
                fix=f"listen on {8443 if port == 443 else 8080}, and map {port} to it where requests come in",
            )


def _after_the_code(module: Module, path: ast.expr) -> str:
    text = module.text(path)
    return "a file" if text is None or not text.strip(HOLE + "/.") else repr(text.replace(HOLE, "…"))


def _named(path: ast.expr) -> ast.expr:
    """The name that a path begins with: `DATA` of `DATA / "x.json"`."""
    while isinstance(path, (ast.BinOp, ast.Attribute, ast.Call)):
        match path:
            case ast.BinOp(left=left):
                path = left
            case ast.Attribute(value=value):
                path = value
            case ast.Call(args=[first, *_]):
                path = first
            case _:
                return path
    return path


def _is_declared(module: Module, where: str) -> bool:
    """Whether the manifest names this or a folder around it under `files.write`."""
    manifest = module.project.manifest
    written = manifest.files.write if manifest is not None and manifest.files is not None else ()
    where = where.strip("'").strip("…/").lstrip("/")
    return any(f"{where}/".startswith(f"{str(each).strip('./')}/") for each in written)


def _programs(module: Module) -> Iterator[tuple[Call, str]]:
    """What is started, in words: by a call of this file, or by a function of it that the call hands the command to."""
    own = list(module.calls_to(*PROGRAMS))
    yield from ((call, _command(module, call)) for call in own)
    for command in module.commands:
        if command.how == "started" and isinstance(command.at, Call) and command.at not in own:
            yield command.at, " ".join((command.program, *command.arguments)).replace(HOLE, "…")


def _command(module: Module, call: Call) -> str:
    """The words of a command with spaces between them; what is not known is left out."""
    words: list[str] = []
    for argument in call.node.args:
        followed = module.names.value(argument)
        if isinstance(followed, ast.BinOp):
            followed = module.names.value(followed.left)
        for part in followed.elts if isinstance(followed, (ast.List, ast.Tuple)) else [argument]:
            text = module.text(part)
            if text is not None:
                words.append(text.replace(HOLE, "…"))
    return " ".join(words)


def _is_a_set_up(module: Module, call: Call) -> bool:
    """Whether the file or the function is there to install: a person runs it on purpose."""
    names = (module.path.rpartition("/")[2], call.scope.name.rpartition(".")[2])
    return (
        any(
            re.search(r"(^|_)(setup|install|installer|bootstrap|deploy|build|launch|update|upgrade)(_|\.|$)", each)
            for each in names
        )
        and module.moment(call) is not Moment.REQUEST
    )


def _ports(module: Module) -> Iterator[tuple[Call, int]]:
    for call in module.calls_to(*_SERVERS):
        port = call.constant(*_SERVERS[call.name])
        if type(port) is int and 0 < port < _FIRST_FREE_PORT:
            yield call, port
    for call in module.calls_to(*_AT_ADDRESSES):
        address = call.argument(0)
        followed = None if address is None else module.names.value(address)
        if isinstance(followed, ast.Tuple) and len(followed.elts) == 2:
            port = module.constant(followed.elts[1])
            if type(port) is int and 0 < port < _FIRST_FREE_PORT:
                yield call, port
