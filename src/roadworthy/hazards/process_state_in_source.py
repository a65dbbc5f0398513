"""CONC104: what a request changes for the whole process."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.hazards.concurrency import hazard
from roadworthy.scan.moments import Moment, is_handler
from roadworthy.scan.scopes import Import
from roadworthy.scan.state import is_guarded
from roadworthy.scan.tree import above
from roadworthy.scan.variety import is_of_request

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module

ALWAYS_SHARED = (
    *("os.chdir", "contextlib.chdir", "os.umask", "locale.setlocale", "os.environ.clear", "os.environ.pop"),
    *("contextlib.redirect_stdout", "contextlib.redirect_stderr"),
)
"""What is undone again, and until then is every request's."""
OUTPUTS = ("contextlib.redirect_stdout", "contextlib.redirect_stderr")
SHARED_BY_VALUE = (
    *("os.putenv", "os.environ.update", "os.environ.setdefault", "socket.setdefaulttimeout"),
    *("google.generativeai.configure", "dashscope.configure"),
)
"""What does no harm with the same value every time."""


@hazard.rule("CONC104", "process-wide state changed in a request")
def process_state(module: Module) -> Iterator[Finding]:
    """A request changes the environment, the working directory, the output or an SDK's key of the whole process.

    Also a Streamlit script that puts what a visitor typed into `os.environ`. It has to be seen that the value is one
    that the function is given. Quiet for what is the same in every request (a constant, a setting, another variable,
    what a file says), for what is put there once because it is missing, below a lock (its own, or one around each use
    of its function), and for what runs at import or start.

    Why: all other requests have it too, from then on, or for as long as this one takes: one user's key pays for
    another.

    Mend: pass it on: `subprocess.run(…, env=…, cwd=…)`, the client's own `api_key=`.
    """
    told: set[ast.AST | None] = set()
    for call in module.calls_to(*ALWAYS_SHARED, *SHARED_BY_VALUE):
        values = [*call.node.args, *(each.value for each in call.node.keywords)]
        default = call.argument(0) if call.name == "os.environ.setdefault" else None
        if call.name in SHARED_BY_VALUE and not any(_is_own(module, call.node, each, default) for each in values):
            continue
        if module.moment(call) is not Moment.REQUEST or is_guarded(module, call.node):
            continue
        entered = module.inside(call.node, ast.With, ast.AsyncWith) if call.name in OUTPUTS else None
        if entered is None or entered not in told:  # `with redirect_stdout(…), redirect_stderr(…)` is one place
            told |= {entered}
            yield _process_wide(module, call.node, call.name)
    for assign in module.all(ast.Assign):
        for target in assign.targets:
            if not _is_process_wide(module, target) or is_guarded(module, assign):
                continue
            what = ast.unparse(target)
            variable = target.slice if isinstance(target, ast.Subscript) else None
            is_own = what in ("sys.stdout", "sys.stderr") or _is_own(module, assign, assign.value, variable)
            if (is_own and module.moment(assign) is Moment.REQUEST) or _is_of_a_visitor(module, assign.value):
                yield _process_wide(module, target, what)
    for deleted in module.all(ast.Delete):
        for target in deleted.targets:
            if (
                _is_process_wide(module, target)
                and module.moment(deleted) is Moment.REQUEST
                and not is_guarded(module, deleted)
            ):
                yield _process_wide(module, target, f"del {ast.unparse(target)}")


def _is_process_wide(module: Module, target: ast.expr) -> bool:
    """Whether it is `os.environ[…]`, or an attribute of an imported module: `openai.api_key`, `sys.stdout`."""
    if isinstance(target, ast.Subscript):
        return "environ" in module.source and module.name(target.value) == "os.environ"
    if not isinstance(target, ast.Attribute) or not isinstance(target.value, ast.Name):
        return False
    bound = module.names.bound(target.value)
    return len(bound) == 1 and isinstance(bound[0], Import) and isinstance(bound[0].node, ast.Import)


def _is_own(module: Module, node: ast.expr | ast.stmt, value: ast.expr, variable: ast.expr | None) -> bool:
    """Whether it is another value in every request, and not put there once where the variable is missing."""
    if not is_of_request(module, value):
        return False
    function = module.scope(node).node
    if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and is_handler(module, function):
        return True
    return variable is None or not _is_missing(node, variable)


def _is_missing(node: ast.AST, variable: ast.expr) -> bool:
    """Whether it is put there as its default, or below a test for the same one: `if not os.getenv("REGION"):`."""
    if isinstance(node, ast.Call):
        return True
    written = ast.unparse(variable)
    for around in above(node):
        if isinstance(around, ast.If) and written in ast.unparse(around.test):
            return True
        if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
    return False


def _is_of_a_visitor(module: Module, value: ast.expr) -> bool:
    """Whether a Streamlit script has it from its visitor: the script runs anew for each, in one process."""
    if not module.imports("streamlit"):
        return False
    for each in ast.walk(value):
        bound = module.names.bound(each) if isinstance(each, ast.Name) else [each]
        names = [module.name(one) for one in bound if isinstance(one, (ast.Call, ast.Attribute))]
        names += [module.name(one.value) for one in bound if isinstance(one, ast.Subscript)]
        if any(name.startswith("streamlit.") and not name.startswith("streamlit.secrets") for name in names):
            return True
    return False


def _process_wide(module: Module, node: ast.AST, what: str) -> Finding:
    return module.finding(
        node,
        f"{what} changes the whole process, and this runs in a request",
        why="every other request has it too, from this moment on",
        fix=_instead_of(what),
    )


def _instead_of(what: str) -> str:
    lower = what.lower()
    if "chdir" in what:
        return "build absolute paths; a program gets its folder by `subprocess.run(…, cwd=…)`"
    if "key" in lower or "token" in lower or "configure" in lower:
        return "give the key to a client of this request's own: `api_key=…`"
    if "std" in lower:
        return "let what prints return its text, or run it as a program and capture its output"
    return "pass it to what needs it: `subprocess.run(…, env=…)`, or the client's argument"
