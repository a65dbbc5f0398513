"""Rules of RATE: calls that give up at once, and calls that pile up."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.rate_limits import hazard

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module

SLEEPS = ("sleep", "wait", "backoff")
TAKES = frozenset(
    {"input", "recv", "receive", "receive_text", "receive_json", "readline", "prompt", "get_nowait", "next"}
)
"""Last words of calls that bring something new: a conversation's loop is not one of tries."""
UNREADABLE = frozenset({"JSONDecodeError", "ValidationError", "ValueError", "KeyError", "OutputParserException"})
RAW = ("requests.", "httpx.", "aiohttp.")
"""What answers a 429 like any other status, and raises only where the connection fails."""
MODEL_CALLS = (
    ".completions.create",
    ".responses.create",
    ".messages.create",
    ".embeddings.create",
    ".generate_content",
)
"""Ends of names of calls to a model, whatever the client is called on."""
NETWORK = ("requests.", "httpx.", "openai.", "anthropic.", "aiohttp.", "urllib.request.", "litellm.", "google.genai.")
WRITES = frozenset(
    {
        *("send", "pay", "charge", "refund", "transfer", "place", "book", "email", "publish", "post", "submit"),
        *("create", "order", "notify", "delete", "cancel", "buy", "issue", "withdraw"),
    }
)
"""Verbs that functions begin with which change something elsewhere."""
ASKED = frozenset(
    {"request", "prompt", "query", "completion", "completions", "embedding", "embeddings", "response", "llm"}
)
"""What is only asked of a model or a search: asking twice changes nothing."""


@hazard.rule("RATE103", "tried again at once")
def without_backoff(module: Module) -> Iterator[Finding]:
    """A loop tries a network call again without waiting, or a decorator does.

    `@retry` of tenacity waits not at all unless `wait=` says how long.

    Quiet for the loop of a conversation, and where only an answer that cannot be read is asked for again, or one that
    did not come in time: that time has been waited.

    Why: what refused a call because of too many calls gets more of them, at once, from every replica.

    Mend: wait longer each time, with a random part, and as long as `Retry-After` says.
    """
    for function in module.functions:
        for decorator in function.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if module.name(called) != "tenacity.retry":
                continue
            if not isinstance(decorator, ast.Call) or not module.call(decorator).has("wait"):
                yield module.finding(
                    decorator,
                    f"{function.name} is tried again without waiting",
                    why="tenacity waits not at all unless it is told to, and without `stop=` it never gives up"
                    if not isinstance(decorator, ast.Call)
                    else "tenacity waits not at all unless it is told to",
                    fix="`@retry(wait=wait_random_exponential(max=20), stop=stop_after_attempt(4))`",
                    severity=Severity.WARNING,
                )
    for loop in module.all(ast.For, ast.While):
        if _is_hasty(module, loop):
            yield module.finding(
                loop,
                "tries the call again at once when it fails",
                why=f"what {_refused(module, loop)} gets the next call in the same millisecond",
                fix=f"wait between the tries, longer each time: `{_wait(module, loop)}`",
                severity=Severity.WARNING,
            )


@hazard.rule("RATE104", "writing call that is tried again")
def repeated_write(module: Module) -> Iterator[Finding]:
    """What sends, pays or orders is tried again, and nothing tells the other side that it is the same one.

    Quiet where the function speaks of an idempotency key, and for what only asks a model or a search.

    Why: a time-out does not say whether the first try arrived; the customer pays twice.

    Mend: send an `Idempotency-Key` that is the same in each try.
    """
    for function in module.functions:
        retried = any(
            module.name(each.func if isinstance(each, ast.Call) else each).startswith(
                ("tenacity.retry", "backoff.on_", "stamina.retry")
            )
            for each in function.decorator_list
        )
        words = function.name.lower().strip("_").split("_")
        if not retried or words[0] not in WRITES or ASKED.intersection(words[1:]):
            continue
        body = ast.get_source_segment(module.source, function) or ""
        posts = any(
            isinstance(each, ast.Call)
            and module.call(each).name.endswith((".post", ".send", ".create", ".sendmail", ".send_message", ".publish"))
            and not module.call(each).name.endswith(MODEL_CALLS)
            for each in ast.walk(function)
        )
        if posts and "idempoten" not in body.lower():
            yield module.finding(
                function,
                f"{function.name} writes, and is tried again without an idempotency key",
                why="a try that timed out may have arrived: then it is done twice",
                fix="make one key for the call, and send it with each try as `Idempotency-Key`",
                severity=Severity.WARNING,
            )


def _is_hasty(module: Module, loop: ast.For | ast.While) -> bool:
    tries = [each for each in loop.body if isinstance(each, ast.Try)]
    if len(tries) != 1 or not _counts_tries(module, loop):
        return False
    nodes = list(ast.walk(loop))
    calls = [module.call(each) for each in nodes if isinstance(each, ast.Call)]
    if any(any(word in call.name.rpartition(".")[2] for word in SLEEPS) for call in calls):
        return False
    if any(call.name.rpartition(".")[2] in TAKES for call in calls):
        return False  # each turn is about something new
    asks = any(call.name.startswith(NETWORK) or call.name.endswith(MODEL_CALLS) for call in calls)
    handled = [handler for handler in tries[0].handlers if not _is_no_refusal(handler)]
    goes_on = any(
        not any(isinstance(each, (ast.Raise, ast.Return, ast.Break)) for each in handler.body) for handler in handled
    )
    leaves = any(
        isinstance(each, (ast.Return, ast.Break))
        for statement in (*tries[0].body, *tries[0].orelse)
        for each in ast.walk(statement)
    )
    return asks and goes_on and leaves


def _is_no_refusal(handler: ast.ExceptHandler) -> bool:
    """Whether it handles only an answer that cannot be read, or none within a time: nobody was refused at once."""
    if handler.type is None:
        return False
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    words = [ast.unparse(each).rpartition(".")[2] for each in kinds]
    return all(word in UNREADABLE or "Timeout" in word or word == "DeadlineExceeded" for word in words)


def _refused(module: Module, loop: ast.For | ast.While) -> str:
    """What made the call fail: plain HTTP raises nothing for a status, unless it is asked to."""
    calls = [module.call(each).name for each in ast.walk(loop) if isinstance(each, ast.Call)]
    is_raw = any(name.startswith(RAW) for name in calls) and not any(name.endswith(MODEL_CALLS) for name in calls)
    tried = [each for statement in loop.body if isinstance(statement, ast.Try) for each in statement.body]
    raises = any(name.endswith("raise_for_status") for name in calls) or any(
        isinstance(each, ast.Raise) for statement in tried for each in ast.walk(statement)
    )
    return "refused or dropped the connection" if is_raw and not raises else "answered 429 or 503"


def _wait(module: Module, loop: ast.For | ast.While) -> str:
    tries = loop.target.id if isinstance(loop, ast.For) and isinstance(loop.target, ast.Name) else "attempt"
    wait = f"sleep(2 ** {'attempt' if tries == '_' else tries} + random())"
    return f"await asyncio.{wait}" if module.scope(loop).is_async else f"time.{wait}"


def _counts_tries(module: Module, loop: ast.For | ast.While) -> bool:
    """`for attempt in range(3)` or `while True`: not a loop over things, each of which is asked once."""
    if isinstance(loop, ast.While):
        return True
    return isinstance(loop.iter, ast.Call) and module.call(loop.iter).name == "range"
