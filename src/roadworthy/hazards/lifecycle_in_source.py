"""Rules of LIFE: nothing to ask whether the service lives, and somebody who has to type for it to go on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.lifecycle import hazard
from roadworthy.scan.moments import Moment, serves, takes_options
from roadworthy.scan.tree import above

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module

SERVICES = {
    "fastapi.FastAPI": '`@app.get("/health")`',
    "flask.Flask": '`@app.get("/health")`',
    "quart.Quart": '`@app.get("/health")`',
    "sanic.Sanic": '`@app.get("/health")`',
    "litestar.Litestar": '`@get("/health")`',
    "starlette.applications.Starlette": '`Route("/health", health)`',
    "aiohttp.web.Application": '`app.router.add_get("/health", health)`',
    "http.server.HTTPServer": "an answer to `GET /health` in `do_GET`",
    "http.server.ThreadingHTTPServer": "an answer to `GET /health` in `do_GET`",
}
"""What makes a service, and how it gets a health endpoint."""
PROMPTS = (
    *("input", "getpass.getpass", "click.prompt", "click.confirm", "typer.prompt", "typer.confirm"),
    *("rich.prompt.Prompt.ask", "rich.prompt.Confirm.ask", "questionary.text().ask", "questionary.confirm().ask"),
)
"""What waits until somebody types."""
_LOG_INS = ("spotipy.oauth2.SpotifyOAuth", "spotipy.SpotifyOAuth", "spotipy.util.prompt_for_user_token")
"""What asks by `input`, or by a browser, where it has kept no token (spotipy 2.26.0, `spotipy/oauth2.py`)."""
_LOG_IN_METHODS = {
    "run_local_server": ("google_auth_oauthlib",),
    "run_console": ("google_auth_oauthlib",),
    "acquire_token_interactive": ("msal",),
}
"""Methods that wait for a person at a browser (google-auth-oauthlib 1.5.0, msal 1.39.0), and whose they are."""
_OF_COMMANDS = ("click.", "typer.", "questionary.")
"""Libraries for command lines: but in a request that something serves, their questions are for who gave the command."""
_WIZARDS = re.compile(r"(^|/)(\w+_)?(setup|wizard|log_?in|onboard|onboarding|configure)(_\w+)?\.py$")
"""Files in which a person is led through what a program needs to know."""
_WIZARD = re.compile(r"(^|\.)_*(\w+_)?(setup|wizard|log_?in|onboard|onboarding|configure)(_wizard)?$")
"""Functions that do so, where an option asks for them."""
DEBUGGERS = ("breakpoint", "pdb.set_trace", "ipdb.set_trace", "pudb.set_trace", "IPython.embed")
_CONTEXTS = ("app_context", "test_request_context", "test_client", "config", "logger", "secret_key")
"""What an application is asked for by code that serves nothing with it."""
_ASKS_FOR_TERMINAL = re.compile(r"\bisatty\(|is_interactive|non_?interactive")


@hazard.rule("LIFE101", "service without a health endpoint")
def no_health(module: Module) -> Iterator[Finding]:
    """A service is made, and no file shipped with it has a path like `/health`, `/ready`, `/ping` or `/status`.

    Quiet where a file has one, or a library that brings it; in examples and tests; for what runs as a function of a
    cloud's or below LangGraph's server; for an application without routes, and in a function that nothing calls.

    Why: what starts containers cannot tell a process that hangs, or is not ready yet, from one that works: it sends
    requests to both, and restarts neither.

    Mend: a path that answers 200 while the service can work, and 503 while what it needs is away.
    """
    calls = [call for call in module.calls_to(*SERVICES) if _is_service(call)]
    if not calls or module.imports("mangum", "functions_framework", "azure.functions"):
        return
    project = module.project
    if project.declared.is_in_langgraph(module.path):
        return
    if project.tells_health(module.path):
        return
    call = calls[0]
    yield module.finding(
        call,
        "this service has no path that says whether it works",
        why="a process that hangs or is not ready gets requests like any other, and nobody restarts it",
        fix=f"add {SERVICES[call.name]}: 200 while it can answer, 503 while what it needs is away",
        severity=Severity.WARNING,
    )


@hazard.rule("LIFE102", "waits for a terminal")
def waits(module: Module) -> Iterator[Finding]:
    """`input()` or its like stands where a service starts or answers, or a debugger's stop was left in.

    So does a log-in by a browser (`flow.run_local_server()`, `SpotifyOAuth(…)`).

    Quiet in command-line tools, in scripts that nothing imports, in examples, in conversations at a terminal that a
    service's start may lead to, where the code asks whether there is a terminal, for the questions of Click, Typer and
    questionary outside of requests, and for what leads a person through a setup: a file named so (`oauth_setup.py`), or
    a function that only an option's condition calls.

    Why: in production nobody types: `input()` is an EOFError at once, or waits for ever.

    Mend: read it from a setting or the request; an approval by a person is a request of its own.
    """
    for call in module.calls_to(*DEBUGGERS):
        if module.moment(call) is not Moment.EXAMPLE:
            yield module.finding(
                call,
                f"{call.name} stops the process for a debugger",
                why="nobody is at its terminal: it is an error, or the process stands still",
                fix="take it out",
            )
    yield from _log_ins(module)
    for call in module.calls_to(*PROMPTS):
        moment = module.moment(call)
        if moment in (Moment.EXAMPLE, Moment.COMMAND, Moment.UNKNOWN) or _asks_for_terminal(call):
            continue
        if moment is Moment.START and _is_for_a_person(call):
            continue
        if call.name.startswith(_OF_COMMANDS) and not (
            moment is Moment.REQUEST and module.project.serves_beside(module.path)
        ):
            continue
        if moment is not Moment.REQUEST and _is_of_a_wizard(call):
            continue
        if moment is Moment.IMPORT and not module.project.is_imported(module.dotted):
            continue
        where = {Moment.REQUEST: "a request", Moment.START: "the start"}.get(moment, "the import of this file")
        yield module.finding(
            call,
            f"{call.name} waits in {where} for somebody to type",
            why="nobody is at a terminal in production: it ends in an EOFError, or never",
            fix="read it from a setting"
            if moment is not Moment.REQUEST
            else "take the answer from the request; let an approval be a request of its own",
        )


def _log_ins(module: Module) -> Iterator[Finding]:
    """What asks a person to log in, where a service starts or answers."""
    methods = (call for call in module.methods(*_LOG_IN_METHODS) if _is_log_in(call))
    for call in (*module.calls_to(*_LOG_INS), *methods):
        moment = module.moment(call)
        if moment in (Moment.EXAMPLE, Moment.TEST, Moment.COMMAND) or module.is_in_main(call.node):
            continue
        if moment is not Moment.REQUEST and not module.project.is_imported(module.dotted):
            continue  # a program of its own that gets a token for its developer
        if moment is not Moment.REQUEST and not module.project.serves_beside(module.path):
            continue
        yield module.finding(
            call,
            f"{call.name.rpartition('.')[2]} waits for somebody who logs in at a browser or types here",
            why="without a kept token the first call asks, and in a container there is neither browser nor terminal",
            fix="log in once by a script of its own; here take the refresh token, or a service account, from a setting",
            severity=Severity.WARNING,
        )


def _is_log_in(call: Call) -> bool:
    word = call.node.func.attr if isinstance(call.node.func, ast.Attribute) else ""
    return call.module.imports(*_LOG_IN_METHODS.get(word, ("?",)))


def _is_service(call: Call) -> bool:
    """A server of the standard library's that does not serve for ever waits for one answer of a log-in."""
    module = call.module
    if call.name.startswith("http.") and "serve_forever" not in module.source:
        return False
    moment = module.moment(call)
    if moment is Moment.UNKNOWN and not _is_returned_from(call):
        return False  # nothing calls this function; what makes an application returns it
    return moment not in (Moment.EXAMPLE, Moment.COMMAND) and _has_routes(call)


def _is_returned_from(call: Call) -> bool:
    """Whether the function that it stands in returns something."""
    module = call.module
    return any(each.value is not None and module.scope(each) is call.scope for each in module.all(ast.Return))


def _has_routes(call: Call) -> bool:
    """Whether anything is done with an application at the top level of a file but to lend its context."""
    module, assign = call.module, call.module.parent(call.node)
    if call.scope.name or not isinstance(assign, ast.Assign) or not isinstance(assign.targets[0], ast.Name):
        return True
    name = assign.targets[0].id
    if module.project.is_imported(f"{module.dotted}.{name}"):
        return True
    uses = [module.parent(each) for each in module.all(ast.Name) if each.id == name and isinstance(each.ctx, ast.Load)]
    return any(not (isinstance(use, ast.Attribute) and use.attr in _CONTEXTS) for use in uses)


def _is_for_a_person(call: Call) -> bool:
    """In a loop it is a conversation; a program of its own that serves nothing has its questions for who starts it."""
    module = call.module
    return module.inside(call.node, ast.While) is not None or (
        bool(module.main_blocks) and takes_options(module) and not serves(module)
    )


def _is_of_a_wizard(call: Call) -> bool:
    """Whether a person has asked to be led through a setup: the file is for that, or a condition leads there."""
    module, scope = call.module, call.scope.name
    if _WIZARDS.search(module.path):
        return True
    if _WIZARD.search(scope) is None:
        return False
    callers = list(module.methods(scope.rpartition(".")[2]))
    return all(
        any(isinstance(each, ast.If) and each not in module.main_blocks for each in above(caller.node))
        for caller in callers
    )


def _asks_for_terminal(call: Call) -> bool:
    first = getattr(call.scope.node, "lineno", 1)
    lines = call.module.lines[first - 1 : call.node.lineno]
    return any(_ASKS_FOR_TERMINAL.search(line) for line in lines)
