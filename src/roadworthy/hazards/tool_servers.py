"""Tool servers: a stray line on their output, a variable that does not reach them, an answer that never comes."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.hazard import Hazard
from roadworthy.scan.edits import imported, replaced, with_argument, written
from roadworthy.scan.moments import Moment
from roadworthy.scan.stdio import server_it_prints_in, speaks_stdio
from roadworthy.scan.waiting import ended_from_outside

if TYPE_CHECKING:
    from roadworthy.findings import Edit, Finding
    from roadworthy.scan.module import Call, Module

hazard = Hazard(
    "MCP",
    "Tool servers",
    cause="A tool server is another process, or another machine: it speaks a protocol on its standard output, starts "
    "with few of the agent's variables, and may be away or slow.",
    fix="Log to standard error, hand over the variables that the server reads, and bound each call.",
    before="""\
server = StdioServerParameters(command="python", args=["server.py"])  # without the agent's variables
session = ClientSession(read, write)                                  # waits for ever

@mcp.tool()
def search(query):
    print("searching", query)                                         # in the middle of the protocol
""",
    after="""\
server = StdioServerParameters(command="python", args=["server.py"], env={"API_KEY": os.environ["API_KEY"]})
session = ClientSession(read, write, read_timeout_seconds=timedelta(seconds=30))

@mcp.tool()
def search(query):
    logger.info("searching")                                          # logging writes to standard error
""",
)
OUTPUTS = ("print", "sys.stdout.write", "rich.print", "rich.console.Console().print", "pprint.pprint", "click.echo")
"""What writes to standard output where nothing else is said."""
_SESSION = "`ClientSession(read, write, read_timeout_seconds=timedelta(seconds=30))`"
REMOTE = {
    "mcp.client.sse.sse_client": _SESSION,
    "mcp.client.streamable_http.streamablehttp_client": _SESSION,
    "mcp.client.streamable_http.streamable_http_client": "`ClientSession(read, write, read_timeout_seconds=30)`",
    "mcp.client.websocket.websocket_client": _SESSION,
    "fastmcp.Client": "`Client(url, timeout=30)`",
    "fastmcp.client.Client": "`Client(url, timeout=30)`",
}
"""What reaches a server over the network, and what bounds a call to it.

An event stream's own 300 s end nothing while the server sends keep-alives; `fastmcp.Client` has no limit of its own.
"""
BOUNDS = ("timeout", "read_timeout_seconds", "sse_read_timeout", "init_timeout")
_BOUNDED_LATER = re.compile(
    r"read_timeout_seconds\s*=(?!\s*None)|\bwait_for\(|\basyncio\.timeout\(|\bfail_after\(|move_on_after\("
)
INHERITED = frozenset({"HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER"})
"""What the SDK hands on to a server by itself: mcp/client/stdio, DEFAULT_INHERITED_ENV_VARS."""
STARTERS = ("StdioServerParameters", "MCPServerStdio", "StdioConnectionParams", "StdioTransport")
CLIENTS = ("mcp", "langchain_mcp_adapters", "agents", "fastmcp", "pydantic_ai", "google.adk", "agno", "crewai_tools")


@dataclass(frozen=True, slots=True)
class Started:
    """A tool server that a program starts: its words, and what it is given to start with."""

    at: ast.expr
    command: ast.expr | None
    arguments: ast.expr | None
    variables: ast.expr | None


@dataclass(frozen=True, slots=True)
class Server:
    """A published tool server: the variables that it needs, and words in its arguments that take their place."""

    package: str
    variables: tuple[str, ...]
    instead: tuple[str, ...]


@cache
def servers() -> tuple[Server, ...]:
    """Published tool servers, from data/tool-servers.toml."""
    rows = tomllib.loads(files("roadworthy.data").joinpath("tool-servers.toml").read_text("utf-8"))["server"]
    return tuple(Server(row["package"], tuple(row["variables"]), tuple(row.get("or", ()))) for row in rows)


@hazard.rule("MCP101", "tool server prints into its protocol")
def prints(module: Module) -> Iterator[Finding]:
    """A server that speaks over standard input and output prints to standard output.

    What is printed in a file that the server imports, or in a function that it calls, counts too. Quiet for
    `file=sys.stderr`, for servers over HTTP, for what is printed when the server ends, in a function that nothing
    calls, and where standard output is turned elsewhere.

    Why: each line there has to be a message of the protocol; the client fails on any other, or closes the connection.

    Mend: `logging`, which writes to standard error, or `print(…, file=sys.stderr)`; `--fix` sends to standard error
    what a tool prints and what a log writes.
    """
    for call in module.calls_to(*OUTPUTS):
        server = server_it_prints_in(module, call)
        if server is None:
            continue
        speaker = "this server" if server == module.path else f"{server} runs this, and"
        yield module.finding(
            call,
            f"{call.name} writes into the protocol: {speaker} answers over standard output",
            why="the client takes the line for a message, cannot read it, and fails or closes the connection",
            fix="log it, `logger.info(…)`, or `print(…, file=sys.stderr)`",
            severity=None if module.moment(call) is not Moment.UNKNOWN else Severity.WARNING,
            edit=_to_stderr(call),
        )
    if not speaks_stdio(module):
        return
    for call in module.calls_to("logging.StreamHandler", "logging.basicConfig"):
        stream = call.argument(0 if call.name.endswith("Handler") else None, "stream")
        if stream is not None and module.name(stream) == "sys.stdout":
            yield module.finding(
                call,
                "the log goes into the protocol: this server answers over standard output",
                why="the client takes each line for a message, cannot read it, and fails or closes the connection",
                fix="leave the stream out: logging writes to standard error by itself",
                edit=replaced(module, stream, "sys.stderr") if written(module, stream) == "sys.stdout" else None,
            )


@hazard.rule("MCP102", "variables do not reach the tool server")
def dropped(module: Module) -> Iterator[Finding]:
    """A tool server is started without a variable that it needs: it gets PATH, HOME and what `env=` holds.

    Looked at are servers of this project, whose source says what they read, and published ones that are known.

    Quiet where all variables are handed on (`**os.environ`), where the server has a default or reads a `.env` file.

    Why: on the laptop the server finds the key in a file of its own; in production its first call is refused.

    Mend: `env={"GITHUB_TOKEN": os.environ["GITHUB_TOKEN"]}`.
    """
    for started in _started(module):
        given = _given(module, started.variables)
        if given is None:
            continue
        name, needed = _needed(module, started)
        missing = [variable for variable in needed if variable not in given and variable not in INHERITED]
        if not missing or module.moment(started.at) is Moment.EXAMPLE:
            continue
        shown = ", ".join(missing[:3]) + (" …" if len(missing) > 3 else "")
        yield module.finding(
            started.at,
            f"{name} reads {shown}, and is started without {'it' if len(missing) == 1 else 'them'}",
            why="a server over standard input gets PATH, HOME and what `env` holds, not the agent's other variables",
            fix=f'`env={{"{missing[0]}": os.environ["{missing[0]}"]}}`'
            + (", and so for the others" if missing[1:] else ""),
        )


@hazard.rule("MCP103", "remote tool server without a time-out")
def endless(module: Module) -> Iterator[Finding]:
    """A tool server on another machine is called, and nothing bounds how long its answer may take.

    Quiet where the client, the session, the call or something around it has a time-out, and for clients whose own
    default is short (OpenAI Agents: 5 s).

    Why: a session waits for ever by itself, and keep-alives of the server keep the stream's own limit from ending it.

    Mend: `ClientSession(read, write, read_timeout_seconds=timedelta(seconds=30))`.
    """
    calls = list(module.calls_to(*REMOTE))
    if not (calls or module.imports("langchain_mcp_adapters")) or _BOUNDED_LATER.search(module.source):
        return
    for call in calls:
        if call.has(*BOUNDS) or ended_from_outside(call) or module.moment(call) is Moment.EXAMPLE:
            continue
        if call.name.endswith(".Client") and not (call.text(0, "transport") or "").startswith(("http://", "https://")):
            continue
        yield _endless(module, call.node, REMOTE[call.name])
    if not module.imports("langchain_mcp_adapters"):
        return
    for table in module.all(ast.Dict):
        entry = _entry(table)
        if None in table.keys or not {"url", "transport"} <= set(entry) or set(BOUNDS) & set(entry):
            continue
        if "session_kwargs" not in entry and module.moment(table) is not Moment.EXAMPLE:
            mend = '`"session_kwargs": {"read_timeout_seconds": timedelta(seconds=30)}` beside the URL'
            yield _endless(module, entry["url"], mend)


def _endless(module: Module, at: ast.expr, mend: str) -> Finding:
    return module.finding(
        at,
        "calls to this tool server have no time-out",
        why="a server that takes the call and never answers holds the request, and the run, for ever",
        fix=mend,
        severity=Severity.WARNING if module.moment(at) is Moment.UNKNOWN else None,
    )


def _to_stderr(call: Call) -> Edit | None:
    """Where a tool prints, or the file as it is imported: what a command-line tool prints may be its output."""
    if call.name != "print" or call.module.moment(call) not in (Moment.REQUEST, Moment.IMPORT):
        return None
    known = imported(call.module, call.node, "sys")
    return None if known is None else with_argument(call, f"file={known[0]}.stderr", *known[1])


def _started(module: Module) -> Iterator[Started]:
    """The tool servers that this file starts, by a call or by an entry of a table."""
    for call in module.methods(*STARTERS):
        command = call.argument(0, "command")
        if command is not None:
            yield Started(call.node, command, call.argument(1, "args"), call.argument(None, "env"))
    if not module.imports(*CLIENTS):
        return
    for table in module.all(ast.Dict):
        entry = _entry(table)
        if "command" in entry and "args" in entry and None not in table.keys:
            yield Started(entry["command"], entry["command"], entry["args"], entry.get("env"))


def _entry(table: ast.Dict) -> dict[str, ast.expr]:
    return {
        key.value: value
        for key, value in zip(table.keys, table.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def _given(module: Module, variables: ast.expr | None) -> frozenset[str] | None:
    """The names of the variables that are handed over; None where they are not known, or all of them are."""
    if variables is None or (isinstance(variables, ast.Constant) and variables.value is None):
        return frozenset()
    table = module.names.value(variables)
    if not isinstance(table, ast.Dict) or None in table.keys:
        return None
    if isinstance(variables, ast.Name) and re.search(rf"\b{variables.id}(\[|\.update|\s*\|=)", module.source):
        return None
    names = [module.text(key) for key in table.keys]
    return None if None in names else frozenset(name for name in names if name)


def _needed(module: Module, started: Started) -> tuple[str, tuple[str, ...]]:
    """The server's name, and the variables that it cannot do without, where that is known."""
    listed = module.names.value(started.arguments) if started.arguments is not None else None
    words = [module.text(each) or "" for each in listed.elts] if isinstance(listed, (ast.List, ast.Tuple)) else []
    for server in servers():
        if any(word == server.package or word.startswith(f"{server.package}@") for word in words):
            is_given = any(each in word for each in server.instead for word in words)
            return server.package, () if is_given else server.variables
    path, *needs = module.project.own_server(*words)
    return path, tuple(needs)
