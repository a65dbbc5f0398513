"""Rules of NET: addresses, certificates and downloads that only work where the source was written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.network import hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.python_commands import WORDS
from roadworthy.scan.settings import is_default, is_last_resort
from roadworthy.scan.tree import above, parent
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module

_PRIVATE = (
    r"(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+"
    r"|172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+|host\.docker\.internal)"
)
_URL = re.compile(
    rf"^[a-z][a-z0-9+.-]*://(?:[^/@\s]*@)?(?P<host>{_PRIVATE})(?::\d+|:\N{{OBJECT REPLACEMENT CHARACTER}})?(?:[/?#]|$)",
    re.IGNORECASE,
)
_HOST = re.compile(rf"^(?P<host>{_PRIVATE})(?::\d+)?$", re.IGNORECASE)
HOST_ARGUMENTS = ("host", "hostname", "server", "address", "broker", "bootstrap_servers", "addr")
_NOT_REACHED = re.compile(
    r"origin|cors|allow|proxy|redirect|callback|trusted|whitelist|test|mock|example|log_|print|default|servers$|issuer"
    r"|audience|description|help|title",
    re.IGNORECASE,
)
"""Words of what names a list of callers, a default, or where a browser is sent: nothing is reached there."""
BINDING = ("run", "serve", "launch", "start_server", "create_server", "bind", "listen", "FastMCP", "run_simple")
"""Last words of calls that listen on a host; who connects to it is elsewhere."""
_ONLY_SAID = frozenset(
    {
        *("info", "debug", "warning", "error", "exception", "log", "echo", "write"),
        *("startswith", "endswith", "replace", "removeprefix", "match", "search", "split", "count"),
    }
)
"""Methods that tell somebody of an address, or compare it."""
SERVERS = {
    "uvicorn.run": ("host", None, "127.0.0.1"),
    "uvicorn.Config": ("host", None, "127.0.0.1"),
    "flask.Flask().run": ("host", 0, "127.0.0.1"),
    "aiohttp.web.run_app": ("host", None, "0.0.0.0"),  # noqa: S104 - its default
    "aiohttp.web.TCPSite": ("host", 1, "0.0.0.0"),  # noqa: S104 - its default
    "hypercorn.Config": ("bind", None, "127.0.0.1:8000"),
    "werkzeug.serving.run_simple": ("hostname", 0, None),
    "waitress.serve": ("host", None, "0.0.0.0"),  # noqa: S104 - its default
    "gradio.Blocks().launch": ("server_name", None, "127.0.0.1"),
    "gradio.ChatInterface().launch": ("server_name", None, "127.0.0.1"),
    "gradio.Interface().launch": ("server_name", None, "127.0.0.1"),
}
"""What starts a server: the argument that binds it, its position, and where it listens without it."""
BY_POSITION = {"websockets.serve": 1, "websockets.asyncio.server.serve": 1, "asyncio.start_server": 1}
"""Servers of which nobody need name the address, and its position."""
_OF_GRADIO = "GRADIO_SERVER_NAME"
"""The variable by which an image tells Gradio where to listen."""
_LOG_IN = re.compile(r"callback|oauth|log_?in|authori[sz]e|redirect", re.IGNORECASE)
"""Words of the small server that waits for a browser to come back: it belongs on loopback."""
_GUESS = re.compile(r"docker|container", re.IGNORECASE)
"""How a condition asks whether the process runs in a container; containerd and Kubernetes leave no `/.dockerenv`."""
PAIRS = (
    "http.server.HTTPServer",
    "http.server.ThreadingHTTPServer",
    "socketserver.TCPServer",
    "socketserver.ThreadingTCPServer",
)
"""Servers whose first argument is a pair of address and port."""
_LISTENS = {name.rpartition(".")[2] for name in (*SERVERS, *PAIRS, *BY_POSITION)} | set(BINDING)


@hazard.rule("NET101", "loopback or private host in the code")
def fixed_host(module: Module) -> Iterator[Finding]:
    """A loopback or private address is written where something connects to it.

    Quiet where it is the default of a variable, a setting, an option, a field or an argument, also one that is returned
    where a setting says nothing: that is the mend. Quiet for a constant that is only read as such a default or is named
    so, for what a server binds, for lists of allowed origins, for where a log-in's browser comes back to, for the port
    of a process or a server that the file itself starts, in examples and tests.

    Why: on the laptop the database listens on localhost; in a container nothing does.

    Mend: take it from a variable: `os.environ["DATABASE_URL"]`, and declare the service in the manifest.
    """
    for constant in module.all(ast.Constant):
        if not isinstance(constant.value, str) or len(constant.value) > 300:
            continue
        text, node = _whole(constant)
        match = _URL.match(text)
        if match is None and not (_HOST.match(text) and _names_host(node)):
            continue
        if match is None:
            match = _HOST.match(text)
        if match is None or not _connects(module, node) or is_last_resort(module, node):
            continue
        if _comes_back(module, text, node) or (HOLE in match.group() and _starts_what_it_asks(module)):
            continue
        yield module.finding(
            node,
            f"{match['host']} is written into the code",
            why="in production the service is on another host, and nothing listens here",
            fix="take the address from a variable with this as its default for the laptop, and declare the service in "
            "the manifest",
        )


@hazard.rule("NET102", "server bound to loopback")
def bound_to_loopback(module: Module) -> Iterator[Finding]:
    """A server listens on 127.0.0.1, by its argument or by its library's default.

    Quiet where the address comes from a setting, in examples and tests, for the server that a log-in's browser comes
    back to or that opens a browser itself, on a port that the system chooses, in the main block of a file whose
    application is started in another way, and for one that reloads its code where an image starts it in another way.

    Why: a container's loopback is its own: the port is published, and every connection to it is refused.

    Mend: bind 0.0.0.0 in the container: `host=os.environ.get("HOST", "127.0.0.1")`, and set HOST there.
    """
    for call in module.calls_to(*SERVERS):
        keyword, position, default = SERVERS[call.name]
        if _stays_local(module, call):
            continue
        if call.has(keyword) and call.argument(position, keyword) is None:
            continue  # hidden in `**options`
        given = call.argument(position, keyword)
        if given is not None and is_default(module, given):
            continue
        if given is None and call.name.startswith("gradio.") and _OF_GRADIO in module.project.declared.variables:
            continue
        host = default if given is None else _text(module, given)
        if host is not None and host.startswith(("127.", "localhost")):
            how = "by its default" if given is None else f"as `{keyword}={host!r}`"
            yield _bound(module, call, how, f'`{keyword}=os.environ.get("HOST", "0.0.0.0")`')
    for call in module.methods(*BINDING):
        if call.name in SERVERS or _stays_local(module, call):
            continue
        given = call.argument(BY_POSITION.get(call.name), "host")
        if given is None or is_default(module, given):
            continue
        host = _text(module, given)
        if host is not None and host.startswith(("127.", "localhost")):
            yield _bound(module, call, f"as {host!r}", '`host=os.environ.get("HOST", "0.0.0.0")`')
    for call in module.calls_to("mcp.server.fastmcp.FastMCP().run"):
        made = call.made_by
        is_remote = call.constant(0, "transport") in ("sse", "streamable-http")
        is_set = made is None or made.has("host") or ".settings.host" in module.source
        if is_remote and not is_set and not _stays_local(module, call):
            mend = '`FastMCP(…, host=os.environ.get("HOST", "0.0.0.0"))`'
            yield _bound(module, call, "by FastMCP's default", mend)
    yield from _set_to_loopback(module)
    for call in module.calls_to(*PAIRS):
        if _stays_local(module, call):
            continue
        address = call.argument(0)
        host = _text(module, address.elts[0]) if isinstance(address, ast.Tuple) and address.elts else None
        if host is not None and host.startswith(("127.", "localhost")):
            yield _bound(module, call, f"as {host!r}", "an address from a setting, 0.0.0.0 in a container")


def _set_to_loopback(module: Module) -> Iterator[Finding]:
    """`mcp.settings.host = "127.0.0.1"`, or the address that is taken where a guess says that this is no container."""
    for assign in module.all(ast.Assign):
        target, given = assign.targets[0], assign.value
        if not isinstance(target, ast.Attribute) or target.attr != "host":
            continue
        if not module.name(target.value).endswith("FastMCP().settings"):
            continue
        value = module.names.value(given)
        if isinstance(value, ast.IfExp):
            is_guess = _GUESS.search(ast.unparse(value.test)) is not None
            given = value.orelse if is_guess else value
        elif is_default(module, given):
            continue
        host = _text(module, given)
        if host is None or not host.startswith(("127.", "localhost")):
            continue
        if module.moment(assign) in (Moment.EXAMPLE, Moment.TEST):
            continue
        how = f"as {host!r}" + (", where a guess finds no Docker" if isinstance(value, ast.IfExp) else "")
        yield _bound(module, assign, how, f'`{ast.unparse(target)} = os.environ.get("HOST", "0.0.0.0")`')


def _whole(constant: ast.Constant) -> tuple[str, ast.expr]:
    """The text that a constant begins, with the expression: an f-string's first part is not the whole."""
    around = parent(constant)
    if isinstance(around, ast.JoinedStr):
        # Only what is written here: a host that stands in a setting is none of this line's.
        rest = HOLE if len(around.values) > 1 else ""
        return (f"{constant.value!s}{rest}", around) if around.values[0] is constant else ("", constant)
    return str(constant.value), constant


def _text(module: Module, node: ast.expr) -> str | None:
    value = module.constant(node)
    return value if isinstance(value, str) else None


def _names_host(node: ast.expr) -> bool:
    """A bare host is an address only where it is called one."""
    around = parent(node)
    if isinstance(around, ast.keyword):
        return around.arg in HOST_ARGUMENTS
    if isinstance(around, ast.Assign) and isinstance(around.targets[0], ast.Name):
        return around.targets[0].id.lower().endswith(("host", "hostname", "server", "address"))
    return False


def _connects(module: Module, node: ast.expr) -> bool:
    if module.moment(node) in (Moment.EXAMPLE, Moment.TEST) or is_default(module, node):
        return False
    child: ast.AST = node
    for around in above(node):
        if isinstance(around, ast.Expr) or (
            isinstance(around, ast.stmt) and isinstance(around, (ast.Raise, ast.Assert))
        ):
            return isinstance(around, ast.Expr) and child is not node and not _is_said(module, child)
        if isinstance(around, ast.Compare):
            return False
        if isinstance(around, ast.Call) and (_is_said(module, around) or _is_put_on_a_list(around)):
            return False
        if isinstance(around, ast.Call) and module.name(around.func).rpartition(".")[2] in _LISTENS:
            return False
        if isinstance(around, ast.keyword) and around.arg and _NOT_REACHED.search(around.arg):
            return False
        if isinstance(around, (ast.Assign, ast.AnnAssign)):
            target = around.targets[0] if isinstance(around, ast.Assign) else around.target
            written = ast.unparse(target)
            return not (_NOT_REACHED.search(written) or _binds(module, target) or _is_defaults_name(module, target))
        if isinstance(around, ast.stmt):
            return True
        child = around
    return False


def _binds(module: Module, target: ast.expr) -> bool:
    """Whether a name is only what a server binds: `HOST = "127.0.0.1"` for `uvicorn.run(app, host=HOST)`."""
    if not isinstance(target, ast.Name):
        return False
    for call in module.calls_to(*SERVERS):
        given = call.argument(SERVERS[call.name][1], SERVERS[call.name][0])
        if isinstance(given, ast.Name) and given.id == target.id:
            return True
    return False


def _is_defaults_name(module: Module, target: ast.expr) -> bool:
    """Whether a name is read as the default of something: `os.environ.get("DATABASE_URL", LOCAL_URL)`."""
    if not isinstance(target, ast.Name):
        return False
    uses = (each for each in module.all(ast.Name) if each.id == target.id and isinstance(each.ctx, ast.Load))
    return any(is_default(module, use) for use in uses)


def _is_put_on_a_list(call: ast.Call) -> bool:
    """`origins.append("http://localhost:3000")`: one of those who may call."""
    function = call.func
    is_adding = isinstance(function, ast.Attribute) and function.attr in ("append", "add", "insert", "extend")
    return is_adding and _NOT_REACHED.search(ast.unparse(function)) is not None


def _is_said(module: Module, node: ast.AST) -> bool:
    """A call that only tells somebody of it, or shows it in the browser of who started this."""
    if not isinstance(node, ast.Call):
        return False
    name = module.name(node.func)
    return name == "print" or name.startswith("webbrowser.") or name.rpartition(".")[2] in _ONLY_SAID


def _stays_local(module: Module, call: Call) -> bool:
    """Whether nobody but this machine should reach it: a test, the developer, a browser that has logged in."""
    if module.moment(call) in (Moment.EXAMPLE, Moment.TEST) or _LOG_IN.search(call.scope.name):
        return True
    if module.imports("webbrowser") or _chooses_a_port(module, call):
        return True
    if module.is_in_main(call.node) and module.project.is_trial(module.dotted):
        return True
    if call.constant(None, "reload") is True and module.project.declared.has_image:
        return True
    return any(_LOG_IN.search(ast.unparse(each)) for each in call.node.args[1:2])


def _chooses_a_port(module: Module, call: Call) -> bool:
    """Whether the system says which port it gets: only who has started it can know."""
    port = call.argument(2, "port")
    pair = call.argument(0)
    if isinstance(pair, ast.Tuple) and len(pair.elts) == 2:
        port = pair.elts[1]
    return port is not None and module.constant(port) == 0


def _comes_back(module: Module, text: str, node: ast.expr) -> bool:
    """Whether a browser is sent there after a log-in: its own machine is the right one."""
    path = text.partition("://")[2].partition("/")[2]
    return re.search(r"callback|redirect", f"{path} {module.scope(node).name}", re.IGNORECASE) is not None


def _starts_what_it_asks(module: Module) -> bool:
    """Whether the file starts a process or a server of its own, which listens on the port that it was given."""
    words = (name.rpartition(".")[2] for name in (*PAIRS, *BY_POSITION, *WORDS, "subprocess.Popen"))
    return next(module.methods(*words), None) is not None


def _bound(module: Module, at: ast.AST | Call, how: str, mend: str) -> Finding:
    return module.finding(
        at,
        f"the server listens on loopback alone, {how}",
        why="in a container nobody outside it can connect, the load balancer's health check neither",
        fix=f"let a setting say it: {mend}",
        severity=Severity.WARNING,
    )
