"""Tool servers that answer over standard output: what prints there, in their file or in one that they run."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from roadworthy.scan.moments import Moment
from roadworthy.scan.tree import above

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module

SERVERS = (
    *("mcp.server.fastmcp.FastMCP().run", "mcp.server.FastMCP().run", "fastmcp.FastMCP().run"),
    *("mcp.server.mcpserver.MCPServer().run", "mcp.server.MCPServer().run"),
    *("mcp.server.fastmcp.FastMCP().run_async", "fastmcp.FastMCP().run_async"),
)
STDIO = (
    *("mcp.server.stdio.stdio_server", "mcp.server.fastmcp.FastMCP().run_stdio_async"),
    *("fastmcp.FastMCP().run_stdio_async",),
)
ELSEWHERE = ("file", "err", "stream")
"""Arguments that say where to print."""
_REDIRECTED = re.compile(r"sys\.stdout\s*=|redirect_stdout")
_MAIN = re.compile(r"^(main|cli|app|run|serve|start)")
"""Functions that something outside of the project may call."""


def speaks_stdio(module: Module) -> bool:
    """Whether this file's server speaks over standard input and output: it does where nothing else is said."""
    if next(module.calls_to(*STDIO), None) is not None:
        return True
    for call in module.calls_to(*SERVERS):
        transport = call.argument(0, "transport")
        if transport is None and not call.has("transport"):
            return True
        if transport is None:
            continue
        told = module.constant(transport)
        if told == "stdio" or (not isinstance(told, str) and '"stdio"' in module.source.replace("'", '"')):
            return True  # said here, or one of those that a setting may say
    return False


def server_it_prints_in(module: Module, call: Call) -> str | None:
    """The path of the server into whose protocol this call prints; None where it prints elsewhere, or not then."""
    if not call.scope.name and module.is_in_main(call.node) and not speaks_stdio(module):
        return None
    name = f"{module.dotted}.{call.scope.name}" if call.scope.name else module.dotted
    server = module.path if speaks_stdio(module) else module.project.stdio_server_of(name)
    if server is None or _REDIRECTED.search(module.source) or call.has(*ELSEWHERE):
        return None
    if call.made_by is not None and call.made_by.has("stderr", "file"):
        return None
    moment = module.moment(call)
    if moment is Moment.EXAMPLE or (moment is Moment.UNKNOWN and _is_left_over(call)):
        return None
    if moment is not Moment.REQUEST and _does_something_else(call):
        return None
    return None if _is_at_end(call) or _is_over_http(call) else server


def _is_left_over(call: Call) -> bool:
    """In a function that nothing calls, that nothing decorates, and that is no entry by its name."""
    function = call.scope.node
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    return not function.decorator_list and not _MAIN.search(function.name)


def _is_at_end(call: Call) -> bool:
    """Printed when somebody stops the server, or when it ends with an error: nobody reads the protocol any more."""
    return any(
        isinstance(around, ast.ExceptHandler)
        and (
            (around.type is not None and "KeyboardInterrupt" in ast.unparse(around.type))
            or any("exit(" in ast.unparse(each) for each in around.body)
        )
        for around in above(call.node)
    )


def _does_something_else(call: Call) -> bool:
    """`if arguments.version: print(…); return`: a start that ends without serving."""
    child: ast.AST = call.node
    for around in above(call.node):
        if isinstance(around, ast.If) and around.test is not child:
            last = (around.body if child in around.body else around.orelse)[-1]
            if isinstance(last, ast.Return) or re.match(r"(sys\.|os\._)?exit\(|raise SystemExit", ast.unparse(last)):
                return True
        child = around
    return False


def _is_over_http(call: Call) -> bool:
    """Printed where the server was told to speak HTTP."""
    child: ast.AST = call.node
    for around in above(call.node):
        if isinstance(around, ast.If) and child in around.body:
            test = ast.unparse(around.test)
            if re.search(r"http|sse", test, re.IGNORECASE) and "stdio" not in test:
                return True
        child = around
    return False
