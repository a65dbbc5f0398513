"""CONC104: what a request changes for the whole process."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.hazards.concurrency import hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.scopes import Import
from roadworthy.scan.state import is_guarded

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module

ALWAYS_SHARED = (
    *("os.chdir", "contextlib.chdir", "os.umask", "locale.setlocale", "os.environ.clear", "os.environ.pop"),
    *("contextlib.redirect_stdout", "contextlib.redirect_stderr"),
)
"""What is undone again, and until then is every request's."""
SHARED_BY_VALUE = (
    *("os.putenv", "os.environ.update", "os.environ.setdefault", "socket.setdefaulttimeout"),
    *("google.generativeai.configure", "dashscope.configure"),
)
"""What does no harm with the same value every time."""


@hazard.rule("CONC104", "process-wide state changed in a request")
def process_state(module: Module) -> Iterator[Finding]:
    """A request changes the environment, the working directory, the output or an SDK's key of the whole process.

    Also a Streamlit script that puts what a visitor typed into `os.environ`. Quiet for a value that is the same in
    every request (a constant, a setting, another variable), below a lock, and for what runs at import or start.

    Why: all other requests have it too, from then on, or for as long as this one takes: one user's key pays for
    another.

    Mend: pass it on: `subprocess.run(…, env=…, cwd=…)`, the client's own `api_key=`.
    """
    for call in module.calls_to(*ALWAYS_SHARED, *SHARED_BY_VALUE):
        values = [*call.node.args, *(each.value for each in call.node.keywords)]
        if call.name in SHARED_BY_VALUE and not any(_is_of_a_request(module, each) for each in values):
            continue
        if module.moment(call) is Moment.REQUEST and not is_guarded(module, call.node):
            yield _process_wide(module, call.node, call.name)
    for assign in module.all(ast.Assign):
        for target in assign.targets:
            if not _is_process_wide(module, target) or is_guarded(module, assign):
                continue
            what = ast.unparse(target)
            is_own = what in ("sys.stdout", "sys.stderr") or _is_of_a_request(module, assign.value)
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


def _is_of_a_request(module: Module, value: ast.expr, depth: int = 0) -> bool:
    """Whether it comes from a parameter, or from what the function makes of one: another one in every request."""
    value = module.names.value(value)
    for each in ast.walk(value):
        if not isinstance(each, ast.Name) or not isinstance(each.ctx, ast.Load):
            continue
        scope = module.names.binding_scope(each)
        if scope is None or scope.kind != "function":
            continue
        around = module.parent(each)
        if each.id in ("self", "cls") and isinstance(around, ast.Attribute):
            if module.names.value(around) is around:
                continue  # assigned in several places, or elsewhere: mostly a setting
            each_of: ast.expr = around
        else:
            each_of = each
        followed = module.names.value(each_of)
        if followed is each_of or isinstance(followed, ast.Name) or depth > 5:
            return True
        if _is_of_a_request(module, followed, depth + 1):
            return True
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
