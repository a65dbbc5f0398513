"""Rules of PERM: what only the developer's own user may do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.permissions import hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.settings import is_default
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module

ROOT_OWNED = ("/etc/", "/usr/", "/opt/", "/bin/", "/sbin/", "/lib/", "/root/", "/boot/", "/srv/")
"""Folders below which an ordinary user writes nothing."""
WRITING_METHODS = ("write_text", "write_bytes", "mkdir", "touch", "unlink", "rename", "rmdir")
MAKING = ("os.makedirs", "os.mkdir", "shutil.copy", "shutil.copyfile", "shutil.move", "shutil.copytree", "os.remove")
INSTALLERS = {"pip", "pip3", "apt", "apt-get", "apk", "npm", "uv", "conda", "brew", "yum", "dnf", "playwright"}
INSTALLS = {"install", "add", "i"}
STARTERS = (
    "subprocess.run",
    "subprocess.call",
    "subprocess.check_call",
    "subprocess.check_output",
    "subprocess.Popen",
    "os.system",
)


@hazard.rule("PERM102", "write to a root-owned place or beside the code")
def writes(module: Module) -> Iterator[Finding]:
    """A file is written below a root-owned folder, or below the folder of the code (`Path(__file__).parent`).

    Quiet in tests, examples and command-line tools.

    Why: in production an ordinary user runs the process, and its disk is read-only.

    Mend: write below a folder that a setting names, and declare it under `files.write`; or a temporary one.
    """
    for call, path in _written(module):
        if module.moment(call) in (Moment.EXAMPLE, Moment.COMMAND) or path is None or is_default(module, path):
            continue
        text = module.text(path) or ""
        owned = text.startswith(ROOT_OWNED)
        if not owned and not _is_beside_the_code(module, path):
            continue
        yield module.finding(
            call,
            f"writes below {text[:40].replace(HOLE, '…')}" if owned else "writes beside its own code",
            why="an ordinary user on a read-only disk may not, and in production that is who runs it",
            fix="write below a folder that a setting names, and declare it: `files: {write: [/var/lib/agent]}`",
            severity=Severity.WARNING if not owned else None,
        )


@hazard.rule("PERM103", "installs packages or binds a low port at run time")
def at_run_time(module: Module) -> Iterator[Finding]:
    """A package is installed while the agent runs, or a port below 1024 is bound.

    Quiet in command-line tools, examples and tests.

    Why: neither is allowed to an ordinary user, and the disk is read-only.

    Mend: install it while the image is built; bind a port from 1024, and let the platform map it.
    """
    for call in module.calls_to(*STARTERS):
        words = _words(module, call)
        if module.moment(call) in (Moment.COMMAND, Moment.EXAMPLE) or not words:
            continue
        names = [word.rpartition("/")[2] for word in words[:4]]
        if any(name in INSTALLERS for name in names) and INSTALLS & set(words[1:5]):
            yield module.finding(
                call,
                f"installs a package at run time: {' '.join(words[:5])[:60]}",
                why="an ordinary user on a read-only disk cannot, and each start would fetch it again",
                fix="install it while the image is built",
            )
    for call in module.calls_to("uvicorn.run", "flask.Flask().run", "aiohttp.web.run_app", "socket.socket().bind"):
        port = call.constant(None, "port")
        if isinstance(port, int) and 0 < port < 1024 and module.moment(call) is not Moment.EXAMPLE:
            yield module.finding(
                call,
                f"binds port {port}",
                why="ports below 1024 are root's, and in production an ordinary user runs this",
                fix="bind 8080, and let the platform map it",
            )


def _written(module: Module) -> Iterator[tuple[Call, ast.expr | None]]:
    for call in module.calls_to("open", "io.open", "aiofiles.open"):
        mode = call.constant(1, "mode")
        if isinstance(mode, str) and set(mode) & set("wax+"):
            yield call, call.argument(0, "file")
    for call in module.calls_to(*MAKING):
        yield call, call.argument(1 if call.name.startswith("shutil.") else 0)
    for call in module.methods(*WRITING_METHODS):
        if isinstance(call.node.func, ast.Attribute) and not call.name.startswith(("os.", "shutil.")):
            yield call, call.node.func.value


def _is_beside_the_code(module: Module, path: ast.expr) -> bool:
    """Whether a path is built from `__file__`, by names that were assigned from it too."""
    for _ in range(6):
        nodes = list(ast.walk(path))
        if any(isinstance(each, ast.Name) and each.id == "__file__" for each in nodes):
            return not any(isinstance(each, ast.Call) and "temp" in module.name(each.func) for each in nodes)
        names = [each for each in nodes if isinstance(each, ast.Name)]
        followed = next((value for each in names if (value := module.names.value(each)) is not each), None)
        if followed is None:
            return False
        path = followed
    return False


def _words(module: Module, call: Call) -> list[str]:
    given = call.argument(0, "args")
    if isinstance(given, (ast.List, ast.Tuple)):
        return [module.text(each) or HOLE for each in given.elts]
    return (module.text(given) or "").split()
