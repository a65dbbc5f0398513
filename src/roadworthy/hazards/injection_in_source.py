"""Rules of SEC over commands, queries and code: what a model's text, or a caller's, can make them do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.secrets import hazard
from roadworthy.scan.moments import Moment, reads_command_line, serves
from roadworthy.scan.origins import Origin, asks_for_name, origin
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module

SHELLS = {
    "os.system": "subprocess.run([…])",
    "os.popen": "subprocess.run([…])",
    "subprocess.getoutput": "subprocess.run([…])",
    "subprocess.getstatusoutput": "subprocess.run([…])",
    "asyncio.create_subprocess_shell": "asyncio.create_subprocess_exec(…)",
}
"""What always runs a shell, and what takes the arguments one by one."""
PROGRAMS = (
    *("subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen"),
    *("asyncio.create_subprocess_exec",),
)
QUERIES = ("execute", "executemany", "executescript", "fetch", "fetchrow", "fetchval", "fetch_all", "fetch_one")
READERS = ("read_sql", "read_sql_query", "run", "query", "text")
"""Methods that take a query where their text looks like one; others of the same name take something else."""
SQL = re.compile(
    r"^\s*(select\b.+\bfrom|insert\s+into|update\b.+\bset|delete\s+from|create\s+\w+|drop\s+\w+|alter\s+table|with\b.+\bas|"
    r"pragma|truncate|match\s*\(|merge\s*\(|call\s+\w+)",
    re.IGNORECASE | re.DOTALL,
)
_NAME_FOLLOWS = re.compile(
    r"\b(from|into|table|update|join|index|exists|pragma|schema|database|by|on)\s+[\"`\[]?$", re.IGNORECASE
)
"""Words before the name of a table or a column, which no parameter of a query can stand for."""


@hazard.rule("SEC102", "tool's or model's text becomes part of a command")
def injected(module: Module) -> Iterator[Finding]:
    """A parameter of a tool or a handler, or a model's text, becomes part of a shell command or of a query.

    Quiet for what is quoted (`shlex.quote`), converted (`int`), compared with what is allowed, or handed over as an
    argument of its own; for constants and settings; in command-line tools and examples. A tool that is made to run
    whole commands or queries is told of with a warning.

    Why: a model repeats what a page or a mail told it to write: `; curl … | sh` ends one command and begins another.

    Mend: `subprocess.run(["grep", "-e", pattern, path])`; `execute("… WHERE name = ?", (name,))`.
    """
    for call, command, instead in _shell_commands(module):
        found = origin(module, command)
        if found is not None and _is_served(module, call, found):
            is_whole = _is_whole(module, command)
            yield module.finding(
                call,
                f"{found.name} {'is run as' if is_whole else 'becomes part of'} a shell command",
                why="`;`, `|` and `$(…)` in it are run too, and a model writes what a page told it to",
                fix=f"hand it over as an argument of its own: `{instead}`"
                if not is_whole
                else "run only programs that you allow, `shlex.split` without a shell, in a sandbox without secrets",
                severity=Severity.WARNING if is_whole else None,
            )
    for call, query in _queries(module):
        found = origin(module, query)
        if found is None or not _is_served(module, call, found):
            continue
        before = (module.text(query) or "").partition(HOLE)[0]
        if _NAME_FOLLOWS.search(before) and (found.function is None or not _is_entry(module, found.function)):
            continue  # a table's name, in a helper: its callers are of this program
        yield module.finding(
            call,
            f"{found.name} becomes part of the query",
            why="a quote in it ends the text and begins another query: every row can be read or deleted",
            fix=f"leave a place for it, and hand it over beside the query: `…, ({found.name},)`"
            if not _NAME_FOLLOWS.search(before)
            else f"compare {found.name} with the names that are allowed",
        )


@hazard.rule("SEC103", "model's text is evaluated")
def evaluated(module: Module) -> Iterator[Finding]:
    """`eval` or `exec` of what a model wrote or a tool was given, or a framework's Python tool, which does the same.

    Quiet for `ast.literal_eval`, for constants, for files of the program's own, and in command-line tools and examples.

    Why: it runs with all that the agent may do: read its keys, its files, its database.

    Mend: `json.loads` for data; for sums a parser of expressions; code only in a sandbox without secrets and network.
    """
    for call in module.calls_to("eval", "exec"):
        found = origin(module, call.argument(0)) or _answer(module, call.argument(0))
        if found is None or not _is_served(module, call, found):
            continue
        yield module.finding(
            call,
            f"{call.name} runs {found.name} with all that the agent may do",
            why="a model writes what a page or a user told it to: one line of Python reads every key and file",
            fix="`json.loads` for data, a parser for sums; run code in a sandbox without secrets and network",
        )
    for method, library in PYTHON_METHODS.items():
        for call in module.methods(method) if module.imports(library) else ():
            if module.moment(call) not in (Moment.EXAMPLE, Moment.COMMAND):
                yield _runs_python(call, method)
    for call in module.calls_to(*PYTHON_TOOLS):
        if module.moment(call) not in (Moment.EXAMPLE, Moment.COMMAND):
            yield _runs_python(call, call.name.rpartition(".")[2])


PYTHON_TOOLS = (
    *("langchain_experimental.utilities.PythonREPL", "langchain_experimental.tools.PythonREPLTool"),
    *("langchain_experimental.tools.PythonAstREPLTool", "langchain_experimental.utilities.python.PythonREPL"),
    *(
        "langchain_experimental.tools.python.tool.PythonREPLTool",
        "langchain_experimental.tools.python.tool.PythonAstREPLTool",
    ),
    *("langchain_experimental.agents.create_pandas_dataframe_agent", "langchain_experimental.agents.create_csv_agent"),
    *("langchain_experimental.agents.agent_toolkits.create_pandas_dataframe_agent",),
    *("langchain_experimental.agents.agent_toolkits.create_csv_agent",),
    *("agno.tools.python.PythonTools", "llama_index.experimental.query_engine.PandasQueryEngine"),
)
"""Tools of frameworks that evaluate what the model writes."""
PYTHON_METHODS = {"get_plotly_figure": "vanna"}
"""Methods that do so, and whose they are."""
_SPEAKS_OF_TOOLS = re.compile(r"\b(tools?|agents?|llm|mcp|openai|anthropic)\b", re.IGNORECASE)
_ANSWER = re.compile(r"(^|_)(response|completion|answer|reply|generated|llm|gpt|claude|gemini)(_|$)", re.IGNORECASE)


def _runs_python(call: Call, what: str) -> Finding:
    return call.module.finding(
        call,
        f"{what} runs the model's Python in this process",
        why="the code can read every key and file that the agent can",
        fix="run it in a sandbox without secrets and network",
    )


def _shell_commands(module: Module) -> Iterator[tuple[Call, ast.expr, str]]:
    """Every command that a shell reads, and what runs a program without one."""
    for call in module.calls_to(*SHELLS):
        command = call.argument(0, "cmd") or call.argument(0, "command")
        if command is not None:
            yield call, command, SHELLS[call.name]
    for call in module.calls_to(*PROGRAMS):
        command = call.argument(0, "args")
        if command is None:
            continue
        if call.constant(None, "shell") is True:
            yield call, command, f"{call.name}([…])"
            continue
        words = command.elts if isinstance(command, (ast.List, ast.Tuple)) else call.node.args
        if len(words) >= 3 and _is_shell(module.constant(words[0])) and module.constant(words[1]) in ("-c", "-lc"):
            yield call, words[2], f"{call.name}([…]) without the shell"


def _queries(module: Module) -> Iterator[tuple[Call, ast.expr]]:
    """Every query that is put together from parts."""
    for call in module.methods(*QUERIES, *READERS):
        query = call.argument(0)
        if query is None:
            continue
        if isinstance(query, ast.Call) and module.name(query.func).rpartition(".")[2] == "text":
            continue  # `execute(text(…))`: the inner call is looked at itself
        text = module.text(query)
        if text is not None and HOLE in text and SQL.search(text):
            yield call, query


def _is_served(module: Module, call: Call, found: Origin) -> bool:
    """Whether what a caller or a model gives comes here unchecked, and others than the developer call it."""
    if module.moment(call) in (Moment.EXAMPLE, Moment.COMMAND):
        return False
    if found.function is None:
        return True
    # Tools that a program looks up by their names are called by nothing that can be seen.
    is_unseen = module.moment(call) is Moment.UNKNOWN and (serves(module) or not reads_command_line(module))
    is_tool = is_unseen and _SPEAKS_OF_TOOLS.search(module.source) is not None
    is_served = is_tool or module.moment(call) is Moment.REQUEST
    return is_served and not asks_for_name(found.function, found.name)


def _is_entry(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a framework fills the function's parameters, and not this program."""
    return bool(function.decorator_list) and module.moment(function.body[0]) is Moment.REQUEST


def _is_whole(module: Module, command: ast.expr) -> bool:
    text = module.text(command)
    return text is None or not text.strip(HOLE)


def _is_shell(word: object) -> bool:
    return isinstance(word, str) and word.rpartition("/")[2] in ("sh", "bash", "zsh", "dash")


def _answer(module: Module, node: ast.expr | None) -> Origin | None:
    """A name that says that a model wrote it, and that a call returned."""
    if (
        isinstance(node, ast.Name)
        and _ANSWER.search(node.id)
        and any(isinstance(bound, (ast.Call, ast.Await, ast.Subscript)) for bound in module.names.bound(node))
    ):
        return Origin(node.id)
    return None
