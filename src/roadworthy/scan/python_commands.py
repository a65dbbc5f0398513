"""The programs that a Python file starts: `subprocess`, `os`, `asyncio`, and what hands its arguments on to them."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from roadworthy.scan.commands import Command, commands_of
from roadworthy.scan.scopes import Parameter
from roadworthy.scan.tree import above
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module

LISTS = {
    **dict.fromkeys((f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "Popen")), "args"),
    **dict.fromkeys(("anyio.run_process", "anyio.open_process", "trio.run_process"), "command"),
}
"""Calls whose first argument is a list of words, or a text; the keyword of that argument."""
SHELLS = {
    **dict.fromkeys(("os.system", "os.popen"), "command"),
    **dict.fromkeys(("subprocess.getoutput", "subprocess.getstatusoutput"), "cmd"),
    **dict.fromkeys(("asyncio.create_subprocess_shell", "asyncio.subprocess.create_subprocess_shell"), "cmd"),
    "pexpect.run": "command",
}
"""Calls whose first argument is a text for a shell."""
WORDS = ("asyncio.create_subprocess_exec", "asyncio.subprocess.create_subprocess_exec")
"""Calls whose arguments are the words."""
SERVERS = (
    *("mcp.StdioServerParameters", "mcp.client.stdio.StdioServerParameters", "pydantic_ai.mcp.MCPServerStdio"),
    *("google.adk.tools.mcp_tool.mcp_toolset.StdioServerParameters", "fastmcp.client.transports.StdioTransport"),
)
"""Clients of tool servers that start one: `command=`, `args=`."""
CLIENTS = (
    *("StdioServerParameters", "MultiServerMCPClient", "MCPServerStdio", "ClientSession", "stdio_client", "MCPClient"),
    *("MCPToolset", "McpToolset", "MCPTools", "MultiMCPTools", "MCPServerAdapter", "MCPAgent", "StdioTransport"),
    *("StdioServerParams", "McpWorkbench", "BasicMCPClient", "MCPStdioPlugin", "MCPStdioTool", "StdioConnectionParams"),
    *("ClientSessionGroup", "ClaudeAgentOptions", "ClaudeCodeOptions", "MCPToolkit", "MCPServerStdioParams"),
)
"""What connects to tool servers, in the libraries that do, by its last word."""
_WRITING = ("dump", "dumps", "safe_dump", "print", "print_json", "write_text", "echo")
EXECS = {
    **dict.fromkeys(("os.execv", "os.execvp", "os.execve", "os.execvpe"), 0),
    **dict.fromkeys(("os.spawnv", "os.spawnvp", "os.spawnve", "os.spawnvpe"), 1),
    **dict.fromkeys(("os.posix_spawn", "os.posix_spawnp", "os.startfile"), 0),
    **dict.fromkeys(("pexpect.spawn", "pexpect.spawnu"), 0),
}
"""Calls with the program in an argument of its own."""


@cache
def programs_of_libraries() -> dict[str, str]:
    """Calls of libraries that start a program themselves, and which: `pytesseract.image_to_string`, `tesseract`."""
    table: Any = tomllib.loads(files("roadworthy.data").joinpath("binaries.toml").read_text("utf-8"))
    return {name: row["program"] for row in table["library"] for name in row["calls"]}


def commands_of_module(module: Module) -> list[Command]:
    """Every program that the file starts or asks for, where its name is known at least in part."""
    found = [command for call, words in _argument_lists(module) for command in _expanded(call, words)]
    for call in module.calls_to("shutil.which", "distutils.spawn.find_executable"):
        for where, node in _handed(module, call, call.argument(0, "cmd")):
            if (program := module.text(node)) is not None:
                found.append(Command(program, (), where, "asked"))
    found += _configured_servers(module)
    started = programs_of_libraries()
    found += [Command(started[call.name], (), call) for call in module.calls_to(*started)]
    found.sort(key=_place)
    return found


def _place(command: Command) -> tuple[int, int]:
    node = getattr(command.at, "node", command.at)
    return node.lineno, node.col_offset


def _configured_servers(module: Module) -> Iterator[Command]:
    """Tool servers that a mapping describes: `{"command": "npx", "args": ["-y", "server"]}`.

    It starts none where no client is handed it, in this file or in one that imports it: it is written for another's.
    """
    has_client: bool | None = None
    for node in module.all(ast.Dict):
        parts = {
            key.value: value for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)
        }
        if "command" in parts and isinstance(arguments := parts.get("args"), ast.List):
            has_client = _has_client(module) if has_client is None else has_client
            if (has_client and not _is_written(module, node)) or _is_handed_elsewhere(module, node):
                words = [_one(module, parts["command"]), *_each(module, arguments.elts)]
                yield from commands_of(words, node)


def _has_client(module: Module) -> bool:
    if any(each.arg == "mcp_servers" for each in module.all(ast.keyword)):
        return True
    if next(module.methods(*CLIENTS), None) is not None:
        return True
    return any(call.name.startswith(("fastmcp.", "mcp_use.")) for call in module.methods("Client", "from_dict"))


def _is_handed_elsewhere(module: Module, node: ast.Dict) -> bool:
    """Whether a file that has a client imports what holds the mapping: a name of the file, or a function of it."""
    scope = module.scope(node)
    name = scope.name.partition(".")[0]
    for around in above(node) if not name else ():
        if isinstance(around, (ast.Assign, ast.AnnAssign)):
            target = around.targets[0] if isinstance(around, ast.Assign) else around.target
            name = target.id if isinstance(target, ast.Name) else ""
    return bool(name) and module.project.is_imported_beside(f"{module.dotted}.{name}", *CLIENTS)


def _is_written(module: Module, node: ast.Dict) -> bool:
    """Whether it is only turned into a text for somebody: `json.dumps({"mcpServers": {…}})`."""
    calls = (each for each in above(node) if isinstance(each, ast.Call))
    return any(module.name(each.func).rpartition(".")[2] in _WRITING for each in calls)


def _expanded(call: Call, words: list[str] | str) -> Iterator[Command]:
    words = words.split() if isinstance(words, str) and _is_question(words.split()) else words
    if isinstance(words, list):
        if _is_question(words) and call.module.inside(call.node, ast.Try) is not None:
            yield Command(words[0], tuple(words[1:]), call, "asked")
        else:
            yield from commands_of(words, call)
        return
    from roadworthy.scan.shell import commands_in

    for each in commands_in(words):
        yield Command(each.program, each.arguments, call, each.how)


def _is_question(words: list[str]) -> bool:
    """`rg --version`, in a `try`, asks whether it is there."""
    return len(words) == 2 and words[1] in ("--version", "-version", "-V", "-v", "version", "--help")


def _argument_lists(module: Module) -> Iterator[tuple[Call, list[str] | str]]:
    for call in module.calls_to(*LISTS):
        is_shell = call.constant(None, "shell") is True
        for where, node in _handed(module, call, call.argument(0, LISTS[call.name])):
            words = _words(module, node, is_shell=is_shell)
            if words:
                yield where, words
    for call in module.calls_to(*SHELLS):
        for where, node in _handed(module, call, call.argument(0, SHELLS[call.name])):
            if (told := module.text(node)) is not None:
                yield where, told
    for call in module.calls_to(*WORDS):
        first = call.node.args[0] if call.node.args else None
        if isinstance(first, ast.Starred):
            for where, node in _handed(module, call, first.value):
                if words := _words(module, node, is_shell=False):
                    yield where, words
        elif first is not None:
            yield call, _each(module, call.node.args)
    for call in module.calls_to(*SERVERS):
        command = call.argument(0, "command")
        if command is not None:
            arguments = call.argument(1, "args")
            further = _words(module, arguments, is_shell=False) if arguments is not None else []
            yield call, [_one(module, command), *(further if isinstance(further, list) else [])]
    for call in module.calls_to(*EXECS):
        if (program := call.argument(EXECS[call.name])) is not None and (told := _one(module, program)):
            yield call, told.split()


def _handed(module: Module, call: Call, node: ast.expr | None) -> Iterator[tuple[Call, ast.expr]]:
    """The argument itself; for a parameter of the function around, what callers in this file hand in."""
    if node is None:
        return
    if not isinstance(node, ast.Name):
        yield call, node
        return
    bound = module.names.bound(node)
    parameters = [each for each in bound if isinstance(each, Parameter)]
    if not parameters:
        # Added to after it was made (`command += [...]`), a list still begins with its program.
        made = [
            each
            for each in bound
            if isinstance(each, (ast.List, ast.Tuple, ast.BinOp, ast.JoinedStr, ast.Constant, ast.Call))
        ]
        yield from ((call, each) for each in made) if made else [(call, node)]
        return
    function = next((each for each in above(node) if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))), None)
    if function is None:
        return
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    is_star = function.args.vararg is not None and function.args.vararg.arg == node.id
    for caller in module.methods(function.name):
        is_method = bool(names) and names[0] in ("self", "cls")
        if is_star:
            start = len(names) - is_method
            given = caller.node.args[start:]
            if given:
                yield caller, ast.List(elts=given, ctx=ast.Load())
        elif node.id in names:
            argument = caller.argument(names.index(node.id) - is_method, node.id)
            if argument is not None:
                yield caller, argument


def _words(module: Module, node: ast.expr, *, is_shell: bool) -> list[str] | str:
    """The words that start a program: a list's, or a text's; what is not known is a hole."""
    value = module.names.value(node) if not isinstance(node, ast.List) else node
    match value:
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return _each(module, parts)
        case ast.BinOp(op=ast.Add(), left=left) if isinstance(module.names.value(left), (ast.List, ast.Tuple)):
            first = _words(module, left, is_shell=is_shell)
            return [*first, HOLE] if isinstance(first, list) else first
        case ast.Call() if module.name(value.func) == "shlex.split" and value.args:
            return (module.text(value.args[0]) or "").split()
        case ast.IfExp(body=body):
            return _words(module, body, is_shell=is_shell)
    told = module.text(value)
    if told is None:
        return []
    return told if is_shell else [told]


def _each(module: Module, parts: list[ast.expr]) -> list[str]:
    return [_one(module, each) for each in parts]


def _one(module: Module, node: ast.expr) -> str:
    if module.name(node) == "sys.executable":
        return "python"
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value  # an empty one is a word too
    if isinstance(node, ast.Starred):
        return HOLE
    told = module.text(node)
    if told is None and isinstance(node, ast.Name):
        told = _first_of_loop(module, node)
    return HOLE if told is None else told


def _first_of_loop(module: Module, node: ast.Name) -> str | None:
    """`for name in ("libreoffice", "soffice"):` tries the first one first."""
    for around in above(node):
        if isinstance(around, ast.For) and isinstance(around.target, ast.Name) and around.target.id == node.id:
            choices = module.constant(around.iter)
            return choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], str) else None
    return None
