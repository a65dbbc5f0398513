"""Rules of ENV: variables that the source reads and production may not have."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.environment import hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.tree import above, parent
from roadworthy.scan.variables import (
    conversion_of,
    is_checked,
    is_refused,
    method_of_none,
    names_for,
    texts_with,
    uses_of,
    variables_in,
)
from roadworthy.scan.waiting import clients

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module
    from roadworthy.scan.variables import VariableRead

OF_EVERY_SYSTEM = frozenset(
    {
        *("HOME", "PATH", "USER", "LANG", "LC_ALL", "PWD", "SHELL", "TERM", "TMPDIR", "TEMP", "TMP", "TZ", "HOSTNAME"),
        *("CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "EDITOR", "DISPLAY", "APPDATA", "LOCALAPPDATA", "USERPROFILE"),
        *("PYTHONPATH", "VIRTUAL_ENV", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"),
    }
)
"""Set by the system, a shell or a terminal; nobody declares them."""
_NEEDED = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS|URL|URI|DSN|HOST|ENDPOINT|CONNECTION|CONNECTION_STRING)$")
"""Ends of names of variables that nothing works without, even where `os.getenv` gives None for them."""
_TAKES_KEY = ("google.generativeai.configure", "dspy.LM", "supabase.create_client", "sendgrid.SendGridAPIClient")
"""Calls that fail without a key and are no clients that wait."""


@hazard.rule("ENV101", "variable that the manifest does not declare")
def undeclared(module: Module) -> Iterator[Finding]:
    """A variable is read that is not under `env:` in the manifest, so nobody who deploys the agent learns of it.

    Quiet without a manifest or its `env:`, for variables that every system sets, in examples, and for each further
    read of the same one.

    Why: what is not declared is not set, not checked and not rehearsed.

    Mend: declare it: `env: {NAME: {}}`, with `default:` or `required: false` where the agent can do without.
    """
    manifest = module.project.manifest
    if manifest is None or manifest.env is None:
        return
    seen: set[str] = set()
    for read in variables_in(module):
        if read.name in manifest.env or read.name in OF_EVERY_SYSTEM or read.name in seen:
            continue
        if module.moment(read.node) is Moment.EXAMPLE:
            continue
        seen.add(read.name)
        needs = "" if read.is_required else "required: false"
        yield module.finding(
            read.node,
            f"reads {read.name}, which the manifest does not declare",
            why="whoever deploys the agent sets what is declared; this one is missing there",
            fix=f"declare it in the manifest: `env: {{{read.name}: {{{needs}}}}}`",
            severity=None if read.is_required else Severity.NOTE,
        )


@hazard.rule("ENV102", "required variable first read in a request")
def read_late(module: Module) -> Iterator[Finding]:
    """A variable that must be there is first read while a request is answered, so a missing one is noticed by users.

    `os.getenv` counts where the variable's name says that nothing works without it (`…_KEY`, `…_URL`), and it is given
    to a library's client or kept in an object, or the function raises where it is missing. Quiet for variables with a
    default, for those that any file of the project reads or asks for when it is imported or started, in functions that
    run then too, and where the code asks whether it is there. A variable that is formatted into a header or an address
    without a default is found wherever it is: `f"Bearer {os.getenv('TOKEN')}"` sends `None`.

    Why: the process starts, says that it is healthy, takes the traffic, and fails every request.

    Mend: read it when the process starts, and stop with its name where it is missing.
    """
    told: set[str] = set()
    for read in variables_in(module):
        if not read.is_required or read.name in OF_EVERY_SYSTEM or module.project.asks_early_for(read.name):
            continue
        texts = [] if is_checked(module, read) else list(texts_with(module, read))[:1]
        for text in texts:
            yield module.finding(
                text,
                f"a missing {read.name} becomes the word 'None' in this text",
                why="nothing fails here; what the text is sent to refuses it, or takes it for true",
                fix=f'read it at the start with `os.environ["{read.name}"]`, which stops with its name',
            )
        if not texts and read.name not in told and _is_late(module, read):
            told.add(read.name)
            yield module.finding(
                read.node,
                f"{read.name} is first read in a request",
                why="without it the process starts and every request that comes here fails",
                fix=f'read it once when the process starts: `os.environ["{read.name}"]` at the top of the module, '
                "or a field of a settings class",
            )


@hazard.rule("ENV103", "variable converted without a handled error")
def converted(module: Module) -> Iterator[Finding]:
    """A variable is converted to a number or JSON, and nothing is said of its name where that fails.

    Also a text's method on what is None where the variable is not set: `os.getenv("HOSTS").split(",")`. Quiet for a
    variable with a default, where the conversion stands in a `try` that handles the error, where the code asks whether
    it is there, and in settings classes, which name the field.

    Why: `invalid literal for int() with base 10: ''` does not say which of forty variables is meant.

    Mend: declare its type in a settings class or the manifest (`type: integer`, which `roadworthy check` compares), or
    catch the error and name the variable.
    """
    for read in variables_in(module):
        if read.how not in ("subscript", "get") or not read.is_required or read.name in OF_EVERY_SYSTEM:
            continue
        conversion = conversion_of(module, read)
        on_none = method_of_none(read)
        if conversion is not None and not _is_harmless(module, read, conversion):
            what = module.call(conversion).name
            yield module.finding(
                conversion,
                f"{read.name} is converted by {what}() and a wrong value is not told by name",
                why=f"a missing or malformed value ends in an error of {what}() that does not name {read.name}",
                fix=f"declare `env: {{{read.name}: {{type: {_type_of(what)}}}}}` and check it before the start, or "
                f"catch ValueError here and say that {read.name} is wrong",
                severity=Severity.WARNING,
            )
        elif on_none is not None and not _is_harmless(module, read, on_none):
            method = ast.unparse(on_none.func).rpartition(".")[2]
            yield module.finding(
                on_none,
                f"{read.name} is None where it is not set, and None has no {method}()",
                why=f"the error is `'NoneType' object has no attribute '{method}'`, which does not name {read.name}",
                fix=f'`os.environ["{read.name}"].{method}(…)`, which names it, or a default: '
                f'`os.getenv("{read.name}", "")`',
                severity=Severity.WARNING,
            )


def _is_harmless(module: Module, read: VariableRead, conversion: ast.Call) -> bool:
    if isinstance(conversion.func, ast.Name) and conversion.func.id == "bool":
        return True
    is_asked = read.how == "get" and is_checked(module, read)
    errors = ("ValueError", "TypeError", "AttributeError", "KeyError")
    return is_asked or any(_is_handled(module, conversion, error) for error in errors)


def _is_late(module: Module, read: VariableRead) -> bool:
    is_needed = read.how == "subscript" or (read.how == "get" and _NEEDED.search(read.name) is not None)
    is_refused_there = is_needed and read.how == "get" and is_refused(module, read)
    return (
        is_needed
        and module.moment(read.node) is Moment.REQUEST
        and not module.project.runs_early(module.dotted, module.scope(read.node).name)
        and (is_refused_there or (not is_checked(module, read) and _is_demanded(module, read)))
        and not _is_handled(module, read.node, "KeyError", by_name=True)
        and not _is_last_resort(read.node)
    )


def _is_demanded(module: Module, read: VariableRead) -> bool:
    """Whether what it is given to fails without it: of `os.getenv` that is a library's client, or an address."""
    if read.how == "subscript":
        return True
    if _is_chosen(read.node):
        return False
    if "." in (names_for(read) or ""):
        return True  # kept in an object, and nobody asks whether it is there
    calls = (each for use in uses_of(module, read) for each in _calls_around(use))
    return any(name in clients() or name in _TAKES_KEY for name in (module.call(each).name for each in calls))


def _calls_around(node: ast.AST) -> Iterator[ast.Call]:
    for each in above(node):
        if isinstance(each, ast.stmt):
            return
        if isinstance(each, ast.Call):
            yield each


def _is_chosen(node: ast.AST) -> bool:
    """Whether it stands where a setting has a certain value: `elif provider == "moonshot":`."""
    for each in above(node):
        if isinstance(each, (ast.If, ast.IfExp)) and any(isinstance(part, ast.Compare) for part in ast.walk(each.test)):
            return True
        if isinstance(each, (ast.match_case, ast.FunctionDef, ast.AsyncFunctionDef)):
            return isinstance(each, ast.match_case)
    return False


def _is_last_resort(node: ast.AST) -> bool:
    """`self.api_key or os.getenv("API_KEY")`: who makes the object may give it."""
    around = parent(node)
    if not isinstance(around, ast.BoolOp) or not isinstance(around.op, ast.Or):
        return False
    return any(isinstance(each, ast.Attribute) for each in around.values[: around.values.index(node)])  # type: ignore[arg-type]


def _is_handled(module: Module, node: ast.AST, error: str, *, by_name: bool = False) -> bool:
    """Whether an enclosing `try` catches this error; `by_name`: not just every error there is."""
    around = module.inside(node, ast.Try)
    if not isinstance(around, ast.Try) or not any(_below(node, each) for each in around.body):
        return False
    for handler in around.handlers:
        names = ast.unparse(handler.type) if handler.type is not None else "Exception"
        if error in names or "LookupError" in names or "JSONDecodeError" in names:
            return True
        if "Exception" in names and not by_name:
            return True
    return False


def _below(node: ast.AST, statement: ast.stmt) -> bool:
    return statement.lineno <= getattr(node, "lineno", 0) <= (statement.end_lineno or 0)


def _type_of(converter: str) -> str:
    return {"int": "integer", "float": "number", "json.loads": "json"}.get(converter, "string")
