"""Secrets and injection: what should be a secret is in the source, what should be data is run."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from math import log2
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.hazard import Hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.tree import above

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module

hazard = Hazard(
    "SEC",
    "Secrets and injection",
    cause="A key is in the source, where everybody who has it can read it; or what a model says is handed to a shell "
    "or the interpreter.",
    fix="Keep secrets in variables that the platform sets; pass what a model says as an argument, never as code.",
    before="""\
subprocess.run(f"rg {query} handbook", shell=True)  # query: "; rm -rf ~"
""",
    after="""\
subprocess.run(["rg", "--", query, "handbook"], timeout=10)
""",
)
_PLACEHOLDER = re.compile(
    r"(example|placeholder|changeme|your|dummy|fake|mock|test|xxx|\.\.\.|<|>|\*\*|000000|123456|abcdef|insert|replace|todo|redacted)",
    re.IGNORECASE,
)
LEAST_ENTROPY = 3.0
"""Bits a character: random base 62 has about 5, words and repetitions below 3."""
SHELLS = (
    "os.system",
    "os.popen",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "asyncio.create_subprocess_shell",
)
WITH_SHELL = (
    "subprocess.run",
    "subprocess.call",
    "subprocess.check_call",
    "subprocess.check_output",
    "subprocess.Popen",
)
EVALUATORS = ("eval", "exec")


@hazard.rule("SEC101", "secret in the source", in_tests=True)
def secret_in_source(module: Module) -> Iterator[Finding]:
    """A key in the form of a known service's is written in the code, tests included.

    Quiet for placeholders and for what repeats itself: `sk-your-key`, `sk-xxxxxxxx`.

    Why: it is in every clone, every image and every backup, and cannot be taken back: only revoked.

    Mend: revoke it, and read the new one from a variable that is declared `secret: true`.
    """
    for constant in module.all(ast.Constant):
        text = constant.value
        if not isinstance(text, str) or not 16 <= len(text) <= 5000:
            continue
        name = next((name for name, form in _forms() if form.fullmatch(text.strip())), None)
        if name is None or _PLACEHOLDER.search(text[:200]) or _entropy(text) < LEAST_ENTROPY:
            continue
        yield module.finding(
            constant,
            f"{name} is in the source: {text[:6]}…",
            why="whoever has a clone, an image or a backup can use it",
            fix="revoke it now, and read the new one from a variable: `os.environ[…]`, declared `secret: true`",
            severity=Severity.WARNING if module.moment(constant) in (Moment.TEST, Moment.EXAMPLE) else Severity.ERROR,
        )


@hazard.rule("SEC102", "argument reaches a shell unquoted")
def unquoted(module: Module) -> Iterator[Finding]:
    """A parameter of a function is put into a text that a shell runs.

    Quiet where `shlex.quote` quotes it, for texts without a parameter, and in command-line tools and examples. A tool
    that runs whole commands by design is told as well: it needs a sandbox.

    Why: a model passes on what a web page told it: `; curl … | sh`.

    Mend: a list of arguments without a shell: `subprocess.run(["rg", "--", query])`.
    """
    for call in module.calls_to(*SHELLS, *WITH_SHELL):
        if call.name in WITH_SHELL and call.constant(None, "shell") is not True:
            continue
        given = call.argument(0, "args") or call.argument(0, "cmd")
        if given is None or module.moment(call) in (Moment.COMMAND, Moment.EXAMPLE):
            continue
        name = _parameter_in(module, call, given)
        if name is None:
            continue
        yield module.finding(
            call,
            f"{name} reaches a shell as it is",
            why="what a model or a user says there is run as a command: `; curl … | sh`",
            fix=f'pass a list without a shell: `subprocess.run([…, "--", {name}])`, or quote it with `shlex.quote`',
            severity=None if module.moment(call) is Moment.REQUEST else Severity.WARNING,
        )


@hazard.rule("SEC103", "text is evaluated")
def evaluated(module: Module) -> Iterator[Finding]:
    """`eval` or `exec` runs a text that is not written there.

    Quiet for constants, and in tests and examples.

    Why: what a model says becomes code of the process, with all its secrets.

    Mend: `json.loads` or `ast.literal_eval` for data; a sandbox of its own for code.
    """
    for call in module.calls_to(*EVALUATORS):
        given = call.argument(0)
        if given is None or isinstance(given, ast.Constant) or module.moment(call) is Moment.EXAMPLE:
            continue
        if isinstance(given, ast.Call) and module.call(given).name == "compile":
            given = given.args[0] if given.args else given
        if isinstance(module.constant(given), str):
            continue
        yield module.finding(
            call,
            f"{call.name}() runs a text that this code did not write",
            why="if any of it is a model's or a user's, it runs with all that this process may do and knows",
            fix="parse data with `json.loads` or `ast.literal_eval`; run code in a sandbox of its own",
            severity=None if module.moment(call) is Moment.REQUEST else Severity.WARNING,
        )


@cache
def _forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    table = tomllib.loads(files("roadworthy.data").joinpath("secret-patterns.toml").read_text("utf-8"))
    return tuple((row["name"], re.compile(row["form"])) for row in table["secret"])


def _entropy(text: str) -> float:
    counts = {character: text.count(character) for character in set(text)}
    return -sum(count / len(text) * log2(count / len(text)) for count in counts.values())


def _parameter_in(module: Module, call: Call, given: ast.expr) -> str | None:
    """The parameter that stands in a command's text, unquoted; followed through one assignment."""
    function = next(
        (each for each in above(call.node) if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))), None
    )
    if function is None:
        return None
    arguments = function.args
    parameters = {each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)} - {
        "self",
        "cls",
    }
    for _ in range(4):
        quoted = {
            id(inner)
            for each in ast.walk(given)
            if isinstance(each, ast.Call) and module.name(each.func) in ("shlex.quote", "shlex.join", "int", "float")
            for inner in ast.walk(each)
        }
        names = [each for each in ast.walk(given) if isinstance(each, ast.Name) and id(each) not in quoted]
        found = next((each.id for each in names if each.id in parameters), None)
        if found is not None:
            return found
        followed = next((value for each in names if (value := module.names.value(each)) is not each), None)
        if followed is None:
            return None
        given = followed
    return None
