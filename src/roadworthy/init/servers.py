"""What in a Python file serves HTTP, or is meant to be: servers that it runs, and applications for one to run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from roadworthy.findings import Place
from roadworthy.init.python_names import identity
from roadworthy.init.starts import Port
from roadworthy.scan.scopes import Parameter
from roadworthy.scan.variables import VariableRead, variables_in

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module

Kind = Literal["asgi", "wsgi", "aiohttp", "plain", "mcp", "other"]


@dataclass(frozen=True, slots=True)
class Known:
    """A call that runs a server: where the application and the port are in it, and its port without one."""

    kind: Kind
    application: int | None
    port: int | None
    default: int
    keyword: str = "port"


RUNS = {
    **dict.fromkeys(("uvicorn.run", "uvicorn.Config"), Known("asgi", 0, None, 8000)),
    "flask.Flask().run": Known("wsgi", None, 1, 5000),
    "quart.Quart().run": Known("asgi", None, 1, 5000),
    "sanic.Sanic().run": Known("asgi", None, 1, 8000),
    "flask_socketio.SocketIO().run": Known("wsgi", 0, 2, 5000),
    "aiohttp.web.run_app": Known("aiohttp", 0, None, 8080),
    "aiohttp.web.TCPSite": Known("aiohttp", None, 2, 8080),
    "waitress.serve": Known("wsgi", 0, None, 8080),
    "werkzeug.serving.run_simple": Known("wsgi", 2, 1, 5000),
    "hypercorn.asyncio.serve": Known("asgi", 0, None, 8000),
    "tornado.web.Application().listen": Known("plain", None, 0, 8888),
    "bottle.run": Known("wsgi", 0, None, 8080),
}
PAIRS = (
    *("http.server.HTTPServer", "http.server.ThreadingHTTPServer", "socketserver.TCPServer"),
    *("socketserver.ThreadingTCPServer", "gevent.pywsgi.WSGIServer", "wsgiref.simple_server.make_server"),
)
"""Servers whose first argument is a pair of address and port."""
APPLICATIONS: dict[str, Kind] = {
    "fastapi.FastAPI": "asgi",
    "fastapi.applications.FastAPI": "asgi",
    "starlette.applications.Starlette": "asgi",
    "litestar.Litestar": "asgi",
    "quart.Quart": "asgi",
    "sanic.Sanic": "asgi",
    "flask.Flask": "wsgi",
    "aiohttp.web.Application": "aiohttp",
}
A2A = ("a2a.server.apps.A2AStarletteApplication", "a2a.server.apps.A2AFastAPIApplication")
TOOL_SERVERS = ("mcp.server.fastmcp.FastMCP", "fastmcp.FastMCP", "mcp.server.Server", "mcp.server.lowlevel.Server")
SCREENS = {
    "streamlit": "a Streamlit page",
    "gradio": "a Gradio page",
    "chainlit": "a Chainlit page",
    "discord": "a Discord bot",
    "slack_bolt": "a Slack bot",
    "telegram": "a Telegram bot",
    "livekit.agents": "a LiveKit worker",
    "textual": "a terminal's screen",
}
"""What is asked by people in a window of its own and not over plain HTTP, by its library."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server that a file runs: in `function`, at its top level (empty), or in its main block."""

    kind: Kind
    seen: Place
    path: str
    function: str
    in_main: bool
    port: Port | None
    application: str
    speaks: str = ""
    """A protocol of its own, where it is one that is known: `a2a`."""


@dataclass(frozen=True, slots=True)
class Application:
    """An object, or a function that makes one, for a server to run."""

    kind: Kind
    seen: Place
    path: str
    name: str
    dotted: str
    is_factory: bool = False


def servers(module: Module) -> Iterator[Served]:
    """Every call that runs a server."""
    speaks = "a2a" if next(module.calls_to(*A2A), None) is not None else ""
    for call in module.calls_to(*RUNS):
        known = RUNS[call.name]
        port = port_of(module, call.argument(known.port, known.keyword))
        port = Port(None, None, None, known.default) if port is None else replace(port, usual=known.default)
        yield replace(_served(call, known.kind, port, _application(module, call, known)), speaks=speaks)
    own = {
        module.names.of_definition(each)
        for each in module.all(ast.ClassDef)
        if any(module.name(base) in PAIRS for base in each.bases)
    }
    for call in module.calls_to(*PAIRS, *own):
        pair = call.argument(0, "server_address")
        if isinstance(pair, ast.Name):
            pair = module.names.value(pair)
        if isinstance(pair, ast.Tuple) and len(pair.elts) == 2:
            yield _served(call, "plain", port_of(module, pair.elts[1]), identity(module, call.argument(1)))


def tool_server(module: Module) -> tuple[Place, bool] | None:
    """Where the file runs a tool server (MCP), and whether it talks over a pipe (stdio)."""
    for call in module.calls_to(
        *(f"{name}().run" for name in TOOL_SERVERS), *(f"{each}().run_async" for each in TOOL_SERVERS)
    ):
        transport = call.text(0, "transport") if call.name.endswith(("FastMCP().run", "run_async")) else "stdio"
        return place_of(module, call.node), transport in (None, "stdio")
    for each in module.all(ast.ClassDef):
        if any(module.name(base) in TOOL_SERVERS for base in each.bases):
            return place_of(module, each), False
    for call in module.calls_to("mcp.server.stdio.stdio_server"):
        return place_of(module, call.node), True
    return None


def applications(module: Module) -> Iterator[Application]:
    """Applications at the top level of the file, and functions without needed arguments that make one."""
    for name, bound in module.scopes.module.bindings.items():
        for each in bound:
            if isinstance(each, ast.Call) and (kind := APPLICATIONS.get(module.call(each).name)) is not None:
                yield Application(kind, place_of(module, each), module.path, name, f"{module.dotted}.{name}")
    for function in module.functions:
        scope = module.scopes.inside(function)
        if "." in scope.name or len(function.args.args) > len(function.args.defaults):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None:
                made = module.names.value(node.value)
                kind = APPLICATIONS.get(module.call(made).name) if isinstance(made, ast.Call) else None
                if kind is not None:
                    dotted = f"{module.dotted}.{function.name}"
                    yield Application(
                        kind, place_of(module, function), module.path, function.name, dotted, is_factory=True
                    )
                    break


def screen(module: Module) -> str | None:
    """What else than a service the file is, by what it imports."""
    return next((told for name, told in SCREENS.items() if module.imports(name)), None)


def port_of(module: Module, node: ast.expr | None, depth: int = 0) -> Port | None:
    """The port that an expression stands for: a number, a variable with its default, an option's default."""
    if node is None or depth > 6:
        return None
    seen = place_of(module, node)
    value = module.constant(node)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536:
        return Port(value, None, seen)
    if isinstance(value, str) and value.isdecimal() and 0 < int(value) < 65536:
        return Port(int(value), None, seen)
    read = _read_at(module, node)
    if read is not None:
        default = port_of(module, read.default, depth + 1)
        return Port(default.number if default else None, read.name, seen)
    match node:
        case ast.Call(func=ast.Name(id="int" | "str"), args=[inner, *_]):
            return port_of(module, inner, depth + 1)
        case ast.BoolOp(values=values):
            found = [port for each in values if (port := port_of(module, each, depth + 1))]
            numbers = [port.number for port in found if port.number]
            return Port(numbers[0] if numbers else None, found[0].variable, seen) if found else None
        case ast.IfExp(body=body):
            return port_of(module, body, depth + 1)
        case ast.Attribute(attr=attr):
            return Port(_option(module, attr), attr.upper(), seen)
        case ast.Name(id=word):
            for bound in module.names.bound(node):
                if isinstance(bound, Parameter):
                    default = port_of(module, bound.default, depth + 1)
                    return default or Port(_option(module, word), word.upper(), seen)
            followed = module.names.value(node)
            return port_of(module, followed, depth + 1) if followed is not node else Port(None, word.upper(), seen)
    return None


def place_of(module: Module, node: ast.AST) -> Place:
    """Where a node stands."""
    return Place(module.path, getattr(node, "lineno", None))


def _read_at(module: Module, node: ast.expr) -> VariableRead | None:
    known: dict[int, VariableRead] | None = module.remembered.get("reads by node")
    if known is None:
        known = module.remembered["reads by node"] = {id(read.node): read for read in variables_in(module)}
    return known.get(id(node))


def _option(module: Module, name: str) -> int | None:
    """The default of an option of the command line: `add_argument("--port", default=8000)`."""
    for call in module.methods("add_argument", "option"):
        if call.text(0) == f"--{name}" or call.text(1) == f"--{name}":
            default = port_of(module, call.argument(None, "default"), 5)
            return default.number if default else None
    return None


def _application(module: Module, call: Call, known: Known) -> str:
    if known.application is None:
        function = call.node.func
        return identity(module, function.value) if isinstance(function, ast.Attribute) else ""
    node = call.argument(known.application, "app")
    told = module.text(node)
    if told is not None and ":" in told:
        return module.project.whole.resolved(told.replace(":", "."))
    if isinstance(node, ast.Call):
        return identity(module, node.func)
    return identity(module, node)


def _served(call: Call, kind: Kind, port: Port | None, application: str) -> Served:
    module = call.module
    return Served(
        kind, place_of(module, call.node), module.path, call.scope.name, module.is_in_main(call.node), port, application
    )
