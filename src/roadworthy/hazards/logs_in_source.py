"""Rules of LOG: what is not seen in production, and what should not be seen."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.logs import hazard
from roadworthy.scan import moments
from roadworthy.scan.half_told import drops_the_others, falls_back_silently, tells_no_cause, unread_results
from roadworthy.scan.moments import Moment, serves
from roadworthy.scan.packages import normalized
from roadworthy.scan.settings import is_default
from roadworthy.scan.stdio import server_it_prints_in
from roadworthy.scan.swallowing import answers_false, answers_only, hides_errors, is_broad
from roadworthy.scan.tree import above

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module

PRINTS = ("print", "pprint.pprint", "pprint.pp")
_OF_CONSOLE = re.compile(
    r"(Console|Terminal|Stdout|Print(er|Callback)|CLI|Repl|Progress)\w*\.|"
    r"(^|\.)_*(((pretty|rich)_|c)?print|echo|banner|dump|show|display|summary|report)(_|\b)",
    re.ASCII,
)
"""Names of classes and functions whose purpose is to print."""
_STARTING = re.compile(r"(^|\.)_*(a?main|cli|run|serve|start|launch)(_\w*)?$")
"""Functions in which a server says to who starts it where it listens."""
_TRIES = re.compile(r"^(main|example|demo|test|try|benchmark)", re.IGNORECASE)
"""Functions in which a developer tries what the others in the file do."""
_SWITCH = re.compile(r"verbose|debug|silen|quiet|print", re.IGNORECASE)
"""Names of what turns output on and off."""
MOST_LINES = 12
"""Lines that a finding names."""


@hazard.rule("LOG101", "print in place of a log")
def printed(module: Module) -> Iterator[Finding]:
    """`print` says something while a request is answered, or in a server's own code: without a time, a level or an id.

    Quiet in command-line tools, whose output it is, in examples, and where it speaks to a terminal: where a server
    says that it starts (`main`), in a function that asks there, in a program that is a conversation there and serves
    nothing, in a class or a function for the console, or without the line's end; where `redirect_stdout` takes it for
    the answer; behind a switch for debugging; for a line of JSON that programs read; and in a function that nothing
    calls. Told once for a function, with the lines of all that it prints.

    Why: at three in the morning nobody can tell which request a line belongs to, or turn it off; and it is buffered.

    Mend: `logger.info("…", extra={"request_id": …})`, with a logger of the module's.
    """
    asking = {call.scope.name for call in module.calls_to("input")}
    if asking and _is_conversation(module):
        return
    captured = {call.scope.name for call in module.calls_to("contextlib.redirect_stdout")}
    by_scope: dict[str, list[Call]] = {}
    for call in module.calls_to(*PRINTS):
        scope = call.scope.name
        if call.has("file", "end") or scope in asking or scope in captured or _OF_CONSOLE.search(scope):
            continue  # LIFE102 tells of those that ask
        if _is_in_service(module, call, asks=bool(asking)) and server_it_prints_in(module, call) is None:
            by_scope.setdefault(scope, []).append(call)  # else MCP101 tells of it
    for scope, calls in by_scope.items():
        if not module.is_run(calls[0]):
            continue
        where = "runs in a request" if module.moment(calls[0]) is Moment.REQUEST else "is a server's code"
        yield module.finding(
            calls[0],
            f"print in {scope or 'this file'}, which {where}{_also(calls[1:])}",
            why="the line has no time, no level and no request, and cannot be turned off",
            fix="`logger = logging.getLogger(__name__)` once, and `logger.info(…)` here",
            severity=Severity.WARNING,
            until=calls[-1].node,
        )


@hazard.rule("LOG102", "swallowed exception")
def swallowed(module: Module) -> Iterator[Finding]:
    """What asks something outside of the process fails, and nothing says so: no log, no result that tells of it.

    Outside are a database, a network, a model, a queue, another program, a file that is written, and what is awaited;
    a function of the project's own where it asks one of these and lets its errors out. Caught is an exception of any
    kind, or one of a library that asks (`requests.RequestException`). In a function for a path of a web framework's an
    answer does not do in place of a log: the framework would log it.

    Quiet where all works in memory (`json.loads(text)`, `found.append(…)`) or only tells how things go (a log, a
    metric), for a narrow kind (`except KeyError`), for optional imports, for the clean-up of what is being closed, for
    several ways of which one is enough where the failure of all is told or raised, for a question (`is_…`) whose answer
    is then no, for what asks again until it works (`wait_for_…`), where a comment in the handler says why, in three
    words or more, in command-line tools, and where the handler uses the exception or returns more than nothing.

    Told of too: a log without the error and its lines (`logger.error("failed")`); a broad handler that puts a value of
    its own in place of an answer from outside; a handler that names one case and drops the rest; and futures that are
    waited for, or handed to a pool, and never asked for their result.

    Why: the request gives a wrong answer, or none, and there is no line in the log to start from.

    Mend: catch what you expect; log the rest with `logger.exception("what was tried")`.
    """
    for call, how in unread_results(module):
        if module.moment(call) not in (Moment.EXAMPLE, Moment.COMMAND):
            yield module.finding(
                call,
                f"{call.name.rpartition('.')[2]} {how}",
                why="an error in the work is kept in its future, and nothing in the log or in the answer tells of it",
                fix="ask each for its result, `future.result()`, and log what it raises: `logger.exception(…)`",
                severity=Severity.WARNING,
            )
    for handler in module.all(ast.ExceptHandler):
        if module.moment(handler) in (Moment.EXAMPLE, Moment.COMMAND):
            continue
        kind = f"`except {ast.unparse(handler.type)}`" if handler.type is not None else "`except`"
        fix = "catch the error that you expect, and log the others: `logger.exception(…)`"
        if hides_errors(module, handler):
            message = f"{kind} swallows every {'error' if is_broad(handler) else 'failure'} of the lines above"
            why = "whatever goes wrong there, nothing in the log or in the answer tells of it"
            if not is_broad(handler):
                fix = "log it before going on: `logger.exception(…)`"
            if answers_false(handler):
                why = "whoever called it hears that it failed, and nobody why: no log has the error"
        elif answers_only(module, handler):
            message = f"{kind} turns every error into an answer, and logs none"
            why = "the framework would have logged it with its lines: now only the caller knows that there was one"
        elif falls_back_silently(module, handler):
            message = f"{kind} takes another value for every error of the lines above"
            why = "a wrong key or an outage looks like a result: nothing in the log tells of it"
        elif drops_the_others(handler):
            message = f"{kind} handles one case, and drops every other one"
            why = "an error that the condition does not name is neither logged nor raised"
            fix = "end the handler with `raise`, or log what is left: `logger.exception(…)`"
        elif (said := tells_no_cause(module, handler)) is not None:
            at_info = handler.name is not None and ".info(" in said
            message = f"{kind} logs {'at INFO' if at_info else 'that something failed, and not what'}"
            why = "the log of production has the lines, and neither the error's kind nor its place"
            if at_info:
                message += ", and goes on as if it were a plain no"
                why = "at the level of production, WARNING or ERROR, nothing of it is to be seen"
            fix = "`logger.exception(…)` in its place: it adds the error and its lines"
        else:
            continue
        yield module.finding(handler, message, why=why, fix=fix, severity=Severity.WARNING)


_FOR_COMMANDS = ("click", "typer", "cyclopts", "fire")
"""Libraries whose commands a person gives."""
_SETS_LEVEL = re.compile(r"set_?level|log\w*_?level|(configure|setup|set_up|init)_?log", re.IGNORECASE)
"""Words of calls that set the level of the log."""
_LEVEL_SET = re.compile(r"\blog\w*_?level|\b\w*(settings|config|args|options|environ)$", re.IGNORECASE)
"""How a level is written that somebody can say, or what it is read from."""


@hazard.rule("LOG103", "log level fixed in code")
def fixed_level(module: Module) -> Iterator[Finding]:
    """The level of the log is written into the code: `basicConfig`, `setLevel`, or the root's in a `dictConfig`.

    Quiet where a variable or an option says it, for the loggers of libraries, where the file sets the level again by a
    setting, in examples, in command-line tools, and in the main block of a file that serves nothing, that production
    imports or that a server is started with.

    Why: to see more in production somebody has to build a new image.

    Mend: `logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"))`.
    """
    for call, level in _levels(module):
        if level is None or is_default(module, level) or module.moment(call) in (Moment.EXAMPLE, Moment.COMMAND):
            continue
        if module.inside(call.node, ast.If) not in (None, *module.main_blocks):
            continue  # `if debug:`, which somebody can say
        if module.is_in_main(call.node) and (not serves(module) or module.project.is_trial(module.dotted)):
            continue
        if module.imports(*_FOR_COMMANDS) and not serves(module):
            continue
        name = module.name(level)
        text = module.constant(level)
        if not (name.startswith("logging.") or (isinstance(text, str) and text.isupper())):
            continue
        if _is_set_again(module):
            continue
        shown = name.removeprefix("logging.") if name.startswith("logging.") else text
        yield module.finding(
            level if call.name == "logging.config.dictConfig" else call,
            f"the log level is {shown}, whatever the environment says",
            why="every request fills production's log, and to have less of it the code has to be changed and deployed"
            if shown == "DEBUG"
            else "to see more of a failure in production, the code has to be changed and deployed",
            fix=f'let a variable say it: `os.environ.get("LOG_LEVEL", "{"INFO" if shown == "DEBUG" else shown}")`',
            severity=Severity.NOTE,
        )


def _levels(module: Module) -> Iterator[tuple[Call, ast.expr | None]]:
    """The calls that say how much is logged by all of the project, or by one of its loggers, and the level of each."""
    for call in module.calls_to(
        "logging.basicConfig", "logging.getLogger().setLevel", "logging.root.setLevel", "logging.config.dictConfig"
    ):
        if call.name.endswith("setLevel"):
            if not _is_of_a_library(module, call.node):
                yield call, call.argument(0)
        elif call.name.endswith("basicConfig"):
            yield call, call.argument(None, "level")
        elif (told := call.argument(0, "config")) is not None:
            yield call, _under(module, _under(module, told, "root"), "level")


def _under(module: Module, node: ast.expr | None, key: str) -> ast.expr | None:
    """What a mapping that is written out has by this key."""
    table = None if node is None else module.names.value(node)
    if not isinstance(table, ast.Dict):
        return None
    pairs = zip(table.keys, table.values, strict=True)
    return next((value for each, value in pairs if isinstance(each, ast.Constant) and each.value == key), None)


def _is_in_service(module: Module, call: Call, *, asks: bool) -> bool:
    """Whether who reads what is printed is nobody: in a request, in a server's own file, or in one that it imports."""
    moment, scope = module.moment(call), call.scope.name
    if _is_record(module, call) or _is_of_debugging(call):
        return False
    if moment is Moment.REQUEST:
        return True
    if moment in (Moment.EXAMPLE, Moment.TEST, Moment.COMMAND) or module.is_in_main(call.node):
        return False
    if asks or any(isinstance(each, ast.If) and _SWITCH.search(ast.unparse(each.test)) for each in above(call.node)):
        return False
    if serves(module) or module.imports(*moments.PAGES):
        return _STARTING.search(scope) is None
    if moment not in (Moment.UNKNOWN, Moment.START) or _TRIES.search(scope) or scope in _tried_out(module):
        return False
    return bool(module.project.is_of_service(module.dotted, module.path))


def _is_record(module: Module, call: Call) -> bool:
    """`print(json.dumps({…}))`: a line of a log that programs read, by the simplest means."""
    given = call.argument(0)
    return isinstance(given, ast.Call) and module.call(given).name in ("json.dumps", "orjson.dumps", "ujson.dumps")


def _is_of_debugging(call: Call) -> bool:
    """Whether a switch for debugging turns it on: `if self.debug: print(body)`."""
    tests = (each.test for each in above(call.node) if isinstance(each, ast.If))
    return any(re.search(r"(^|[._ ])(debug|verbose)", ast.unparse(test)) for test in tests)


def _tried_out(module: Module) -> set[str]:
    """What the main block of a file calls."""
    return {
        call.name.removeprefix(f"{module.dotted}.").replace("()", "")
        for call in (module.calls if module.main_blocks else ())
        if module.is_in_main(call.node)
    }


def _also(calls: list[Call]) -> str:
    """Where else a function prints."""
    lines = list(dict.fromkeys(str(each.node.lineno) for each in calls))
    if not lines:
        return ""
    shown = lines[:MOST_LINES]
    more = f" and {len(lines) - len(shown)} more" if len(lines) > len(shown) else ""
    return f"; so {'do' if len(lines) > 1 else 'does'} line{'s' if len(lines) > 1 else ''} {', '.join(shown)}{more}"


def _is_conversation(module: Module) -> bool:
    """A program of its own that asks again and again at its terminal, and that nothing imports or is served by."""
    asks_again = any(module.inside(call.node, ast.While) for call in module.calls_to("input"))
    return (
        asks_again and bool(module.main_blocks) and not serves(module) and not module.project.is_imported(module.dotted)
    )


def _is_of_a_library(module: Module, node: ast.Call) -> bool:
    """`logging.getLogger("httpx").setLevel(…)`: another's logger is made quieter, not the project's own.

    So are those that a loop goes through: what they have in common is no level of the whole.
    """
    made = module.call(node).made_by
    if made is None or not made.node.args:
        return False
    if module.inside(node, ast.For, ast.AsyncFor) is not None and isinstance(made.node.args[0], ast.Name):
        return True
    if _writes_by(module, node):
        return False
    name = made.text(0)
    if name is not None and module.imports(name) and _is_asked_for(module, name):
        return True
    return not (ast.unparse(made.node.args[0]) == "__name__" or (name and module.project.owns(name)))


def _writes_by(module: Module, node: ast.Call) -> bool:
    """Whether the file itself logs by this one, and so it is no other's, whatever its name: `log.info(…)`."""
    logger = node.func.value if isinstance(node.func, ast.Attribute) else None
    if not isinstance(logger, ast.Name):
        return False
    told = (call.node.func for call in module.methods("debug", "info", "warning", "error", "exception"))
    return any(
        isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == logger.id
        for each in told
    )


def _is_asked_for(module: Module, name: str) -> bool:
    """Whether a distribution of this name is a dependency: a folder of the project's may be called so too."""
    asked = module.project.declared.dependencies(module.path) or ()
    return any(each.name == normalized(name) for each in asked)


def _is_set_again(module: Module) -> bool:
    """Whether something that the file calls is handed a level that a setting says: `apply_level(config.log_level)`."""
    return any(
        _LEVEL_SET.search(ast.unparse(argument)) is not None
        for call in module.calls
        if _SETS_LEVEL.search(call.name.rpartition(".")[2])
        for argument in (*call.node.args, *(each.value for each in call.node.keywords))
    )
