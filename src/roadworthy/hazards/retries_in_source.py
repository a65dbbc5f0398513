"""RATE101: calls of an API that give up at the first refusal."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.rate_limits import hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.scopes import Parameter
from roadworthy.scan.waiting import clients

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module

MODEL_HOSTS = (
    *("api.openai.com", "api.anthropic.com", "generativelanguage.googleapis.com", "api.mistral.ai", "api.groq.com"),
    *("openrouter.ai", "api.cohere.com", "api.cohere.ai", "api.deepseek.com", "api.together.xyz", "api.perplexity.ai"),
)
RAW_POSTS = (
    "requests.post",
    "httpx.post",
    "requests.Session().post",
    "httpx.Client().post",
    "httpx.AsyncClient().post",
)
RAW_CLIENTS = (
    *("requests", "requests.Session()", "requests.session()", "httpx", "httpx.Client()", "httpx.AsyncClient()"),
    "aiohttp.ClientSession()",
)
RAW_CALLS = (
    "urllib.request.urlopen",
    *(f"{client}.{verb}" for client in RAW_CLIENTS for verb in ("get", "post", "put", "patch", "delete", "request")),
)
MODEL_LIBRARIES = (
    *("openai.", "anthropic.", "groq.", "together.", "cerebras.", "litellm.", "instructor.", "llama_index."),
    *("langchain.", "langchain_"),
)
"""Beginnings of names of clients and models that try again by themselves, `max_retries` times."""
OPTIONS = ("init_chat_model", "with_options", "init_embeddings")
TRIED_AROUND = (".with_retry(", ".with_fallbacks(")
"""How langchain tries a model again, or another one in its place."""
RETRIERS = (
    "tenacity",
    "backoff",
    "stamina",
    "retrying",
    "retry",
    "urllib3.util.retry",
    "urllib3.Retry",
    "httpx_retries",
)
TRIES = re.compile(r"retr(y|ies)|attempt", re.IGNORECASE)
GOOGLE = "googleapiclient.discovery.build()."
BEST_EFFORT = re.compile(r"telemetry|analytics|metrics|ping|alive|heartbeat|health", re.IGNORECASE)
"""In the name of what nobody waits for, and what is asked again anyway."""
TERMINAL = re.compile(r"(^|/)(cli|commands?|terminal_\w+)(/|\.py$)")
_PUBLIC = re.compile(r"https://(?!.*\.(internal|local|svc|lan)\b)[\w-]+(\.[\w-]+)+")
"""The address of a service on the Internet."""
OWN_MACHINE = re.compile(r"//(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])")


@hazard.rule("RATE101", "model call that is not tried again")
def not_retried(module: Module) -> Iterator[Finding]:
    """Retries are switched off (`max_retries=0`), or a model's API is called by plain HTTP without any.

    Another API that is read so, or a public one, is told once for a function, in requests and where nothing tells when
    it runs, and each call of Google's client in a loop without `num_retries=`. Quiet where a library of retries is used
    in the file or it counts attempts, for clients whose retries are switched off where the project has a function that
    tries again, for this machine's own addresses, for a page whose address the caller names, in a function that nothing
    calls, and in examples.

    Why: at a thousand requests a minute a 429 is ordinary, and says after how many seconds it will have passed.

    Mend: leave the client its retries (`max_retries=2`); around plain HTTP, try again after `Retry-After`.
    """
    retried = module.imports(*RETRIERS)
    for call in _switched_off(module):
        if not retried and not module.project.tries_again() and module.moment(call) is not Moment.EXAMPLE:
            yield module.finding(
                call,
                f"{_shown(call)} does not try again: `max_retries=0`",
                why="one 429 or one dropped connection fails the request",
                fix="let it try again: `max_retries=2`, with a `timeout` that leaves time for it",
                severity=Severity.WARNING,
            )
    if not retried:
        yield from _google_calls(module)
    if retried or "Retry-After" in module.source or "retry" in module.source.lower():
        return
    told = False
    for call in module.calls_to(*RAW_POSTS):
        url = call.text(0, "url") or ""
        if any(host in url for host in MODEL_HOSTS) and module.moment(call) is not Moment.EXAMPLE:
            yield module.finding(
                call,
                "calls the model's API by plain HTTP, and tries once",
                why="a 429 says after how many seconds it will have passed, and nobody reads it",
                fix="use the provider's SDK, or try again on 429 and 5xx after `Retry-After`",
                severity=Severity.WARNING,
            )
            told = True
    if told or TRIES.search(module.source):
        return
    yield from _raw_calls(module)


def _switched_off(module: Module) -> Iterator[Call]:
    """Calls with `max_retries=0` that make a model's client, where nothing made of it tries again in its place."""
    if "max_retries" not in module.source or any(each in module.source for each in TRIED_AROUND):
        return
    known = {name for name, client in clients().items() if client.constructor}
    for keyword in module.all(ast.keyword):
        node = module.parent(keyword)
        if keyword.arg != "max_retries" or not isinstance(node, ast.Call):
            continue
        call = module.call(node)
        word = call.name.rpartition(".")[2]
        is_client = call.name.startswith(MODEL_LIBRARIES) and (word[:1].isupper() or word in OPTIONS)
        zero = module.constant(keyword.value)
        if (call.name in known or is_client) and zero == 0 and not isinstance(zero, bool):
            yield call


def _shown(call: Call) -> str:
    return call.name.replace("()", "")


def _raw_calls(module: Module) -> Iterator[Finding]:
    """One call of each function that asks an API by plain HTTP, in a request or where nothing tells when it runs."""
    seen: set[str] = set()
    for call in module.calls_to(*RAW_CALLS):
        moment, around = module.moment(call), call.scope.name
        is_asked = moment is Moment.REQUEST or (moment is Moment.UNKNOWN and call.scope.kind == "function")
        if not is_asked or around in seen or TERMINAL.search(module.path):
            continue
        at = 1 if call.name.endswith(".request") else 0
        address = call.argument(at, "url")
        if _changes_something(call, call.text(at, "url")):
            continue
        if OWN_MACHINE.search(call.text(at, "url") or "") or BEST_EFFORT.search(f"{module.path} {around}"):
            continue
        if call.name.endswith((".get", ".urlopen")) and _is_handed_in(module, address):
            continue
        if not module.is_run(call):
            continue
        seen.add(around)
        is_waited_for = moment is Moment.REQUEST
        yield module.finding(
            call,
            f"{call.name.replace('()', '')} tries once{', while a request waits for it' if is_waited_for else ''}",
            why=f"one 429 or one dropped connection fails {'the request' if is_waited_for else 'what asked'}; "
            "no call of this file is tried again",
            fix="try again on 429 after `Retry-After`: a call that was refused has changed nothing yet",
            severity=Severity.WARNING,
        )


def _changes_something(call: Call, address: str | None) -> bool:
    """Whether it writes to a service that is not seen to be a public one: what is sent twice may be done twice."""
    word = call.name.rpartition(".")[2]
    verb = str(call.constant(0, "method")).lower() if word == "request" else word
    is_read = verb in ("get", "head", "options", "urlopen")
    return not (is_read or _PUBLIC.match(address or ""))


def _is_handed_in(module: Module, address: ast.expr | None) -> bool:
    """Whether it is whatever address the caller names: a page or a picture, and no API with a limit of its own."""
    if not isinstance(address, ast.Name):
        return False
    return any(isinstance(each, Parameter) for each in module.names.bound(address))


def _google_calls(module: Module) -> Iterator[Finding]:
    """Calls of Google's APIs in a loop, one for each thing: their client tries again only where it is told to."""
    for call in module.methods("execute"):
        if not call.name.startswith(GOOGLE) or call.has("num_retries"):
            continue
        if module.inside(call.node, ast.For) and module.moment(call) not in (Moment.EXAMPLE, Moment.COMMAND):
            yield module.finding(
                call,
                "asks Google once for each turn of the loop, and tries once",
                why="many calls in a row are answered 429 or 403, `rateLimitExceeded`, and that turn's is lost",
                fix="let it try again, longer each time: `execute(num_retries=3)`",
                severity=Severity.WARNING,
            )
