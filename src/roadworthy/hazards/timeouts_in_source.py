"""Rules of TIME: calls that wait longer than anybody who asked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.timeouts import hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.polling import endless_polls
from roadworthy.scan.values import HOLE
from roadworthy.scan.waiting import (
    ASKING,
    LONG,
    adding,
    clients,
    ended_from_outside,
    has_global_timeout,
    is_set_elsewhere,
    own_timeout,
    told_by_each_call,
    waiting_calls,
)

if TYPE_CHECKING:
    from roadworthy.findings import Edit, Finding
    from roadworthy.scan.module import Call, Module
    from roadworthy.scan.waiting import Client

LOAD_BALANCER = 60
"""Seconds after which the usual proxies give up: nginx's proxy_read_timeout, an AWS load balancer's idle timeout."""
TERMINAL = re.compile(r"(^|/)(cli|commands?|terminal_\w+)(/|\.py$)")
"""Files of a program for a terminal, where nothing tells who calls their functions."""
PROGRAMS = ("subprocess.", "os.system")
INSTALLS = re.compile(r"\b(pip3?|uv|npm|yarn|pnpm|apt|apt-get|apk|brew|poetry)\b.*\b(install|add|sync)\b")
"""What loads packages takes as long as they are large; PERM103 tells of it in requests."""
INSTANT = (
    "which",
    "where",
    "whoami",
    "hostname",
    "uname",
    "id",
    "date",
    "echo",
    "pwd",
    "basename",
    "dirname",
    "realpath",
)
"""Programs that look something up on this machine, and cannot hang for long."""
_OF_GIT = (
    "rev-parse",
    "symbolic-ref",
    "describe",
    "--version",
    "config",
    "ls-files",
    "merge-base",
    "rev-list",
    "check-ignore",
)
"""What is asked of git that reads the repository alone."""
NEAR = 5
"""Lines from where a program is killed to where its end is waited for."""
SOCKETS = ("requests.", "urllib.", "socket.", "smtplib.", "ftplib.", "imaplib.", "http.client.")
"""What obeys `socket.setdefaulttimeout`."""


@hazard.rule("TIME101", "call without a time-out")
def without_timeout(module: Module) -> Iterator[Finding]:
    """A network, database, subprocess or model call may wait for ever, or longer than whoever asked will.

    A time-out on the call, its client, its session, around it (`asyncio.timeout`, `wait_for`) or set for the whole
    library in this file (`litellm.request_timeout = 30`) counts, and so does one on each call of a client. Quiet for
    programs that only look something up (`which`, `git rev-parse`), and for the end of one that was killed. A
    library's own default is judged by its number: the 600 s of the OpenAI and Anthropic clients are a warning, the
    300 s of aiohttp are none. Quiet in examples, and for what a command-line tool waits for: a program, or an answer
    that a library ends at last. Installing packages is PERM103's. A loop that asks again and again how far something is
    (`while run.status != "completed"`) needs an end too: a count, or a time.

    Why: what never answers holds its thread, its connection and its caller; a few of them hold the whole service.

    Mend: give every call the time that its caller can wait: `timeout=10`. `--fix` adds it where what is
    asked would surely have answered by then; a model's client gets the manifest's `timeouts.model`.
    """
    has_default = has_global_timeout(module)
    for call, client in waiting_calls(module):
        moment = module.moment(call)
        is_awaited_by_person = moment is Moment.COMMAND or (moment is Moment.UNKNOWN and TERMINAL.search(module.path))
        is_program = call.name.startswith(PROGRAMS)
        if moment is Moment.EXAMPLE or (is_program and (is_awaited_by_person or _is_short(call, client))):
            continue
        own = own_timeout(call, client)
        if own or ended_from_outside(call) or _is_over(call) or (has_default and call.name.startswith(SOCKETS)):
            continue
        if (client.constructor and told_by_each_call(call)) or is_set_elsewhere(module, call):
            continue
        if own is None:
            yield _endless(call, client, f"says `{_said(call, client)}`: it waits for ever")
        elif client.seconds is None:
            what = f"has no time-out and may wait for ever{_only(client)}"
            yield _endless(call, client, what, adding(call, client))
        elif client.seconds > LONG and not is_awaited_by_person:
            yield _long(call, client, client.seconds)
    for loop, state in endless_polls(module):
        if module.moment(loop) not in (Moment.EXAMPLE, Moment.COMMAND):
            yield module.finding(
                loop,
                f"asks for `{state}` until it is what it waits for, without an end",
                why="what failed, was cancelled or hangs there never becomes that, and the caller waits with it",
                fix="give it an end: `deadline = time.monotonic() + 60` before it, and in it "
                "`if time.monotonic() > deadline: raise TimeoutError`; leave it on every final state",
                severity=Severity.WARNING,
            )


@hazard.rule("TIME102", "inner time-out not below the outer one")
def not_nested(module: Module) -> Iterator[Finding]:
    """What is inside may wait as long as what is around it, or longer: then the outer one always ends it first.

    Compared are `asyncio.timeout` and `wait_for` with the time-outs of the calls inside, and of calls with
    the manifest's `timeouts.request`.

    Why: the inner error names what did not answer; the outer one says only that something took too long.

    Mend: give the inner one less, so that there is time to say what failed.
    """
    manifest = module.project.manifest
    request = manifest.timeouts.request if manifest is not None else None
    for call, client in waiting_calls(module):
        if client.argument is None:
            continue
        inner = call.constant(client.position, client.argument)
        if not isinstance(inner, (int, float)) or isinstance(inner, bool):
            continue
        outer = _around(call)
        if outer is not None and inner >= outer:
            yield _nested(call, client, inner, outer, "the time-out around it")
        elif request is not None and inner >= request and module.moment(call) is Moment.REQUEST:
            yield _nested(call, client, inner, request, "`timeouts.request` of the manifest")
    for call, client, inner, outer in _asked_inside(module):
        yield _nested(call, client, inner, outer, "the time-out around it")


def _is_short(call: Call, client: Client) -> bool:
    """Whether a program's time is another rule's, or one that has no argument for it surely ends at once."""
    if INSTALLS.search(ast.unparse(call.node)):
        return True
    if _is_instant(call):
        return True
    if client.argument is not None:
        return False
    program = (call.text(0, "command") or call.text(0, "cmd") or "").partition(" ")[0]
    return not program or HOLE in program or program in client.quick


def _is_instant(call: Call) -> bool:
    """Whether the program looks something up and ends: `which`, `git rev-parse`, `ffmpeg -version`."""
    given = call.argument(0, "args")
    words = [call.module.text(each) or HOLE for each in given.elts] if isinstance(given, (ast.List, ast.Tuple)) else []
    if not words:
        words = (call.text(0, "args") or "").split()
    if not words or any(each in word for word in words for each in "|&;`$(\n"):
        return False
    name = words[0].rpartition("/")[2]
    asks_git = name == "git" and any(each in _OF_GIT for each in words[1:])
    return name in INSTANT or asks_git or (len(words) == 2 and words[1].lstrip("-") in ("version", "V"))


def _is_over(call: Call) -> bool:
    """Whether it waits for a program that was killed just before: `process.kill()`, then `await process.wait()`."""
    function = call.node.func
    if not isinstance(function, ast.Attribute) or function.attr not in ("wait", "communicate"):
        return False
    killed = f"{ast.unparse(function.value)}.kill"
    scope = call.scope
    return any(
        ast.unparse(each.node.func) == killed
        and each.scope is scope
        and 0 < call.node.lineno - each.node.lineno <= NEAR
        for each in call.module.methods("kill")
    )


def _only(client: Client) -> str:
    return f" ({client.only})" if client.only else ""


def _said(call: Call, client: Client) -> str:
    given = call.argument(client.position, client.argument)
    return f"{client.argument}={'None' if given is None else ast.unparse(given)}"


def _asked_inside(module: Module) -> Iterator[tuple[Call, Client, float, float]]:
    """Calls on a client that waits longer than what is around the call: (call, client, inner, outer)."""
    known = clients()
    for call in module.methods(*ASKING):
        if call.name in known:
            continue
        outer = _around(call)
        if outer is None:
            continue
        made = call.made_by
        while made is not None and made.name not in known:
            made = made.made_by
        client = known.get(made.name) if made is not None else None
        if made is None or client is None or not client.constructor:
            continue
        inner = call.constant(None, "timeout")
        inner = _seconds(inner if call.has("timeout") else made.constant(client.position, "timeout"))
        if inner is not None and inner >= outer:
            yield call, client, inner, outer


def _endless(call: Call, client: Client, what: str, edit: Edit | None = None) -> Finding:
    return call.module.finding(
        call,
        f"{call.name.replace('()', '')} {what}",
        why=f"while it waits, {_holds(call)} waits with it",
        fix=f"give it one: `{client.mend}`" if client.mend else f"give it `{client.argument}`",
        severity=Severity.WARNING if call.module.moment(call) is Moment.START else None,
        edit=edit,
    )


def _long(call: Call, client: Client, seconds: float) -> Finding:
    tries = f", and tries {client.retries + 1} times" if client.retries else ""
    return call.module.finding(
        call,
        f"{call.name} waits {seconds:g} s for an answer{tries}, if it is not told otherwise{_only(client)}",
        why=f"whoever asked has long given up: load balancers wait {LOAD_BALANCER} s"
        if call.module.moment(call) is Moment.REQUEST
        else f"what does not answer holds whatever asked it for {seconds * (client.retries + 1) / 60:.2g} minutes",
        fix=f"give it what your callers can wait: `{client.mend}`",
        severity=Severity.WARNING,
        edit=adding(call, client),
    )


def _holds(call: Call) -> str:
    if call.name.startswith(PROGRAMS):
        return "a program that hangs keeps running, and what started it"
    return "the request" if call.module.moment(call) is Moment.REQUEST else "what called it"


def _nested(call: Call, client: Client, inner: float, outer: float, what: str) -> Finding:
    return call.module.finding(
        call,
        f"`{client.argument}={inner:g}` is not below {what}, {outer:g} s",
        why="the outer one ends it first, and its error does not say what did not answer",
        fix=f"give it less than {outer:g} s, with its retries",
        severity=Severity.WARNING,
    )


def _around(call: Call) -> float | None:
    """Seconds after which `asyncio.timeout` or `wait_for` ends this call."""
    module = call.module
    around = module.inside(call.node, ast.AsyncWith)
    while isinstance(around, ast.AsyncWith):
        for item in around.items:
            if isinstance(item.context_expr, ast.Call):
                entered = module.call(item.context_expr)
                if entered.name in ("asyncio.timeout", "async_timeout.timeout", "anyio.fail_after"):
                    return _seconds(entered.constant(0, "delay"))
        around = module.inside(around, ast.AsyncWith)
    waits = module.inside(call.node, ast.Call)
    if isinstance(waits, ast.Call) and module.name(waits.func) == "asyncio.wait_for":
        return _seconds(module.call(waits).constant(1, "timeout"))
    return None


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
