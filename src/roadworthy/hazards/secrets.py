"""Secrets and injection: what is in the code for everybody to read, and what a model's text can make it do."""

from __future__ import annotations

import ast
import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from roadworthy.findings import Severity
from roadworthy.hazards.hazard import Hazard
from roadworthy.scan.moments import Moment, of_path, uses_command_line
from roadworthy.scan.origins import Origin, asks_for_name, origin
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module

hazard = Hazard(
    "SEC",
    "Secrets and injection",
    cause="A key in the code is read by everybody who gets the repository or the image; and what a model writes, or a "
    "page that it has read, reaches a shell, a database or `eval` as if a developer had written it.",
    fix="Read secrets from the environment or a secret store. Hand values over as arguments, never inside a command.",
    before="""\
client = OpenAI(api_key="sk-proj-…")

def search(pattern):  # a tool: the model says what the pattern is
    return subprocess.run(f"grep -r {pattern} .", shell=True, capture_output=True)
""",
    after="""\
client = OpenAI()  # reads OPENAI_API_KEY

def search(pattern):
    return subprocess.run(["grep", "-r", "-e", pattern, "."], capture_output=True, timeout=30)
""",
)
PLACEHOLDER = re.compile(
    r"x{4,}|\*{3,}|\.{3}|…|your|example|placeholder|change.?me|replace|dummy|fake|mock|redact|insert|sample|secret.?here|"
    r"key.?here|12345|23456|abcdef|qwerty|foobar|todo|test|invalid|not.?a.?real|(.)\1{5,}",
    re.IGNORECASE,
)
"""Words and rows of letters that nobody's real secret holds."""
SECRET_NAME = re.compile(
    r"(^|_)(password|passwd|pwd|secret|secret_?key|api_?key|api_?secret|token|access_?key|private_?key|client_?secret|"
    r"signing_?key|encryption_?key|webhook_?secret)$",
    re.IGNORECASE,
)
_SAYS_ELSEWHERE = re.compile(
    r"^(https?|s3|gs|arn|vault|projects|op|ssm)[:/]|^[/.~]|[{}<>$%\s]|^\w+\(|\.(json|pem|ya?ml|txt|py)$"
)
"""A place where the secret is, or a template of one."""
_WORD_AND_DIGIT = re.compile(r"[a-z]+[-_]?\d")
_WORDS = re.compile(r"[a-z]+([-_.:/][a-z0-9]{1,7})*")
RANDOM = 3.0
"""Bits a letter: English words joined by dashes stay below about 2.9 at this length, random keys are above 3.2."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret in a text: `line` and `column` from one, its `value`, and its beginning, which may be shown."""

    line: int
    column: int
    kind: str
    issuer: str
    shown: str
    value: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of secret that is known by its form; one of `words` stands in each."""

    kind: str
    issuer: str
    words: tuple[str, ...]
    pattern: re.Pattern[str]


@cache
def shapes() -> tuple[Shape, ...]:
    """All kinds of secrets that are known, from data/secret-patterns.toml."""
    rows = _patterns()["secret"]
    return tuple(Shape(row["kind"], row["issuer"], tuple(row["words"]), re.compile(row["pattern"])) for row in rows)


@cache
def public_keys() -> tuple[str, ...]:
    """Beginnings of keys that browsers are given, and so are no secrets."""
    return tuple(beginning for row in _patterns()["public"] for beginning in row["beginnings"])


@cache
def _patterns() -> Any:
    return tomllib.loads(files("roadworthy.data").joinpath("secret-patterns.toml").read_text("utf-8"))


def secrets_in(text: str) -> Iterator[Secret]:
    """The secrets in any text that are known by their shape; placeholders are none."""
    for shape in shapes():
        if not any(word in text for word in shape.words):
            continue
        for match in shape.pattern.finditer(text):
            start = match.start()
            if start and (text[start - 1].isalnum() or text[start - 1] in "_/+-"):
                continue  # the end of a longer word: `task-…`
            url_password = match.groupdict().get("secret")
            value = url_password or match.group()
            if PLACEHOLDER.search(value) or (url_password is None and randomness(value) < RANDOM):
                continue
            if url_password is not None and f"/{value}:{value}@" in match.group():
                continue  # user and password are one word: the default of a developer's database
            line = text.count("\n", 0, start) + 1
            column = start - (text.rfind("\n", 0, start) + 1) + 1
            shown = f"{match.group()[:8]}…" if url_password is None else f"{match.group().partition('://')[0]}://…"
            yield Secret(line, column, shape.kind, shape.issuer, shown, value)


def randomness(value: str) -> float:
    """Shannon's entropy of the letters, in bits a letter."""
    total = len(value)
    return -sum(count / total * math.log2(count / total) for count in Counter(value).values()) if total else 0.0


@hazard.rule("SEC101", "secret in the code", in_tests=True)
def secret_in_code(module: Module) -> Iterator[Finding]:
    """A key, a token, a private key or a password stands in a file; comments and tests count too.

    Quiet for placeholders (`sk-…`, `your-key`, `changeme`), for examples of the documentation, for names of variables
    and places of secrets, for passwords of a database on the developer's own machine, for keys that are made to be
    public, and, where no known shape tells, for what does not look random. In tests and examples only known shapes are
    looked for.

    Why: who gets the repository, the image or a backup of either has the secret, and it cannot be changed without a
    deployment.

    Mend: revoke it, then read its successor from the environment.
    """
    lines = set()
    for secret in secrets_in(module.source):
        lines.add(secret.line)
        at = ast.Constant(secret.shown, lineno=secret.line, col_offset=_bytes_before(module, secret))
        found = module.finding(
            at,
            f"{secret.kind} stands here: {secret.shown}",
            why="everybody who gets this file can use it, also from the history of the repository",
            fix=f"revoke it ({secret.issuer}), and read the new one from the environment",
            severity=Severity.ERROR,
        )
        yield _without(found, secret.value)
    if of_path(module.path) is not None:
        return
    for name, value in _assigned_secrets(module):
        if value.lineno not in lines:
            variable = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
            found = module.finding(
                value,
                f"the value of {name} stands in the code",
                why="everybody who gets this file can use it, also from the history of the repository",
                fix=f'change it, and read the new one: `os.environ["{variable}"]`',
                severity=Severity.ERROR,
            )
            yield _without(found, value.value)


def _without(found: Finding, secret: str) -> Finding:
    """The finding with a line that does not show the secret: reports are kept, and read by many."""
    hidden = (found.text or "").replace(secret, f"{secret[:4]}…")
    return replace(found, text=hidden.replace(secret.partition("\n")[0], f"{secret[:4]}…"))


def _bytes_before(module: Module, secret: Secret) -> int:
    return len(module.lines[secret.line - 1][: secret.column - 1].encode())


def _assigned_secrets(module: Module) -> Iterator[tuple[str, Any]]:
    """Names that say that they are secrets, with the text that they are given."""
    for assign in module.all(ast.Assign, ast.AnnAssign):
        for target in assign.targets if isinstance(assign, ast.Assign) else [assign.target]:
            name = ""
            if isinstance(target, (ast.Name, ast.Attribute)):
                name = target.id if isinstance(target, ast.Name) else target.attr
            elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                name = str(target.slice.value)
            yield from _secret(name, assign.value)
    for keyword in module.all(ast.keyword):
        if keyword.arg is not None:
            yield from _secret(keyword.arg, keyword.value)
    for table in module.all(ast.Dict):
        for key, value in zip(table.keys, table.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield from _secret(key.value, value)
    for call in module.calls_to("os.getenv", "os.environ.get", "os.environ.setdefault"):
        yield from _secret(call.text(0, "key") or "", call.argument(1, "default"))


def _secret(name: str, value: ast.expr | None) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str) or not SECRET_NAME.search(name):
        return
    text = value.value
    if PLACEHOLDER.search(text) or _SAYS_ELSEWHERE.search(text) or text.lower() in name.lower():
        return
    if text.startswith(public_keys()) or not (re.search(r"[A-Za-z]", text) and re.search(r"\d", text)):
        return
    if re.search(r"(password|passwd|pwd)$", name, re.IGNORECASE):
        is_secret = len(text) >= 8 and not _WORD_AND_DIGIT.fullmatch(text)
    else:
        is_secret = len(text) >= 16 and randomness(text) >= RANDOM and not _WORDS.fullmatch(text)
    if is_secret:
        yield name, value


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
    for call in module.calls_to(*PYTHON_TOOLS):
        if module.moment(call) not in (Moment.EXAMPLE, Moment.COMMAND):
            yield module.finding(
                call,
                f"{call.name.rpartition('.')[2]} runs the model's Python in this process",
                why="the code can read every key and file that the agent can",
                fix="run it in a sandbox without secrets and network",
            )


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
_SPEAKS_OF_TOOLS = re.compile(r"\b(tools?|agents?|llm|mcp|openai|anthropic)\b", re.IGNORECASE)
_ANSWER = re.compile(r"(^|_)(response|completion|answer|reply|generated|llm|gpt|claude|gemini)(_|$)", re.IGNORECASE)


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
    is_unseen = module.moment(call) is Moment.UNKNOWN and not uses_command_line(module)
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
