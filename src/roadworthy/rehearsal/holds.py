"""What must hold: answers, clear error, handled, alive, recovers. Pure functions over what was seen.

Two engineers who judge the same agent must reach the same verdict, so each word has one definition, here.
The docs' definitions are these docstrings.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from roadworthy.rehearsal.canary import canaries_in
from roadworthy.rehearsal.traces import holds_traceback

if TYPE_CHECKING:
    from roadworthy.rehearsal.observed import Exchange, ModelCall, Observed
    from roadworthy.rehearsal.terms import Terms

RECOVERY = 10.0
"""Seconds after a fault's end; `recovers` has the reason."""
STREAM_ERROR = "the stream reports an error"
"""How `Exchange.shape_error` begins when a stream ended in an error event."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Words by which an error names its cause, and why they do."""

    why: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clarity:
    """Whether a failure tells its caller what went wrong.

    `form` is one of `status` (4xx or 5xx), `field` (2xx with `error` or a failed `status`), `event` (a
    stream's error event) and `prose` (2xx text). `why_not` completes "not a clear error: it …".
    """

    clear: bool
    form: str = ""
    why_not: str = ""
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.clear


PROSE_NOTE = "the failure came as a 2xx answer in prose: programs that call the agent, and its metrics, cannot see it"


TRACE_NOTE = "whoever runs the command sees a traceback; a line that says what failed would do"


def answers(exchange: Exchange, deadline: float) -> bool:
    """**Answers**: a 2xx, complete by D, with the request's own canary in it, that reports no error.

    The canary is looked for in the text that `agent.answer` points at, or in the body where there is no such
    text. It is a random word of the request which the simulated model repeats, so it shows that this answer
    was made for this request. A stream is judged at its last byte. Of a command that answers once the answer is its
    standard output, and exit status 0 stands for a 2xx. D counts from the moment the
    request was due, less the lateness of our own driver, and less the time that the agent was ready to run while this
    machine's processors worked for others. The driver waits D + 2 s, so that a late answer is
    seen as late and not as none.
    """
    return why_no_answer(exchange, deadline) is None


def why_no_answer(exchange: Exchange, deadline: float) -> str | None:
    """The first thing that keeps an exchange from being an answer, in a few words; None for an answer."""
    if exchange.error is not None:
        return exchange.error
    if exchange.status is None or exchange.seconds is None:
        return "no answer"
    if exchange.exit_status:
        return f"exit status {exchange.exit_status}"
    if not 200 <= exchange.status < 300:
        return f"status {exchange.status}"
    if exchange.seconds > deadline:
        return f"complete only after {exchange.seconds:.1f} s, the deadline is {deadline:g} s"
    if exchange.shape_error is not None:
        return exchange.shape_error
    if (stated := stated_error(exchange)) is not None:
        return f"it reports an error: {stated[:120]}"
    text = exchange.text if exchange.answer is None else exchange.answer
    found = canaries_in(text)
    if found and exchange.canary not in found:
        return "it holds what the model said for another request"
    if not found:
        return "it lacks what the model said for this request" if text.strip() else "it is empty"
    return None


def stated_error(exchange: Exchange) -> str | None:
    """The error that a JSON body states: a filled `error`, or a `status` of `error` or `failed`."""
    try:
        document = json.loads(exchange.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    if document.get("error"):
        return exchange.text
    if str(document.get("status", "")).lower() in ("error", "failed"):
        return exchange.text
    return None


def is_clear_error(exchange: Exchange, terms: Terms, *causes: str, names: Iterable[str] = ()) -> Clarity:
    """**Clear error**: complete by D, no traceback in it, and it names the cause.

    The cause is named by one of the words of `causes` (see the word lists), or by the name of the tool,
    variable or service that was broken (`names`). It comes as one of

    - a 4xx or 5xx;
    - a 2xx whose JSON has a filled `error`, or a `status` of `error` or `failed`;
    - a stream's error event;
    - prose in a 2xx that says that something failed. This passes with a note: programs that call the agent
      cannot see such a failure.

    A command that answers once exits with another status than 0, and names the cause in its output or on standard
    error. A traceback there is for the log: it passes with a note.

    A bare "Internal Server Error" is not clear, nor is the page that a framework has for it. A 500 that
    names its cause is, with a note that 429, 503 or 504 would tell the caller whether to try again.
    """
    if exchange.error is not None or exchange.status is None or exchange.seconds is None:
        return Clarity(False, why_not=f"was none: {exchange.error or 'no answer'}")
    if exchange.seconds > terms.deadline:
        late = f"came after {exchange.seconds:.1f} s, the deadline is {terms.deadline:g} s"
        return Clarity(False, why_not=late)
    if holds_traceback(exchange.text):
        return Clarity(False, why_not="shows its caller a traceback")
    said, names = f"{exchange.text}\n{exchange.stderr}", tuple(names)
    if not 200 <= exchange.status < 300:
        if exchange.status < 400:
            return Clarity(False, why_not=f"has status {exchange.status}")
        form = "status"
    elif (exchange.shape_error or "").startswith(STREAM_ERROR):
        form, said = "event", exchange.shape_error or ""
    elif stated_error(exchange) is not None:
        form = "field"
    else:
        form, said = "prose", exchange.text if exchange.answer is None else exchange.answer
        if not names_cause(said, "failure"):
            return Clarity(False, form, _quoted("does not say that anything failed", said))
    if not names_cause(_without_stock_sentences(said), *causes, names=names):
        unnamed = "does not name its cause"
        return Clarity(False, form, _quoted(unnamed, said) if form == "prose" else unnamed)
    return Clarity(True, form, notes=_notes(exchange, form))


def handled(exchange: Exchange, terms: Terms, *causes: str, names: Iterable[str] = ()) -> Clarity:
    """**Handled**: it answers, or it is a clear error."""
    if answers(exchange, terms.deadline):
        return Clarity(True)
    return is_clear_error(exchange, terms, *causes, names=names)


def says_come_back(exchange: Exchange) -> bool:
    """A 429 or 503 that tells its caller when to try again: `Retry-After` is there."""
    return exchange.status in (429, 503) and "retry-after" in exchange.headers


def says_goodbye(exchange: Exchange) -> bool:
    """An answer of a replica that is going away, without a traceback: shutting down, unavailable, try again."""
    return names_cause(exchange.text, "shutdown") and not holds_traceback(exchange.text)


def shed(exchange: Exchange, terms: Terms) -> bool:
    """**Shed**: turned away as too much at once: a 429 or 503 with `Retry-After`, or a clear error."""
    if says_come_back(exchange) and (exchange.seconds or 0.0) <= terms.deadline:
        return True
    return bool(is_clear_error(exchange, terms, "rate_limit", "unavailable", "timeout"))


def alive(observed: Observed) -> bool:
    """**Alive**: the process that was started is the one that runs at the end: no exit, no restart."""
    return observed.life.exited is None


def recovers(observed: Observed, label: str = "after") -> bool:
    """**Recovers**: a request sent within 10 s after the fault's end answers, in the same process.

    Ten seconds are five to ten tries of a client that backs off, and two periods of a usual readiness probe:
    an agent that needs longer is taken out of service once more.
    """
    mended = max((at for at, name in observed.breaks if not name), default=0.0)
    return alive(observed) and any(
        answers(exchange, observed.terms.deadline)
        for exchange in observed.labelled(label)
        if exchange.due <= mended + RECOVERY + exchange.driver_late
    )


def network_failure(calls: Iterable[ModelCall]) -> str | None:
    """The first result of a tool in these calls that says that something on the network failed."""
    results = (result for call in calls for result in call.tool_results.values())
    return next((text for text in results if names_cause(text, "failure") and names_cause(text, "network")), None)


def met(observed: Observed, exchange: Exchange) -> bool:
    """**Met**: a model call of this request came upon a fault. Where none did, nothing was tested."""
    return any(call.fault is not None for call in observed.calls_for(exchange))


def names_exactly(text: str, name: str) -> bool:
    """Whether a name stands in a text as a word of its own: `API_KEY` does not stand in `MY_API_KEY`."""
    return re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", text) is not None


def names_cause(text: str, *causes: str, names: Iterable[str] = ()) -> bool:
    """**Names the cause**: a word of these causes' lists, or one of `names` on its own, case ignored."""
    plain = _plain(text)
    if any(_pattern(cause).search(plain) for cause in causes):
        return True
    return any(names_exactly(text.lower(), name.lower()) for name in names)


@cache
def causes() -> dict[str, Cause]:
    """The word lists of `data/causes.toml`, read once."""
    text = resources.files("roadworthy").joinpath("data/causes.toml").read_text("utf-8")
    table: dict[str, dict[str, Any]] = tomllib.loads(text)
    return {name: Cause(entry["why"], tuple(entry["words"])) for name, entry in table.items()}


@cache
def _stock_sentences() -> re.Pattern[str]:
    text = resources.files("roadworthy").joinpath("data/stock-errors.toml").read_text("utf-8")
    sentences = [r"\s+".join(map(re.escape, entry["text"].split())) for entry in tomllib.loads(text)["sentence"]]
    return re.compile("|".join(sentences))


def _without_stock_sentences(text: str) -> str:
    """A framework's page for whatever went wrong names no cause, though its words may sound so."""
    return _stock_sentences().sub("", text)


@cache
def _pattern(cause: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(re.escape(word) for word in causes()[cause].words) + ")")


def _plain(text: str) -> str:
    """`RateLimitError`, `rate_limit` and `rate-limit` as `rate limit`; a curly apostrophe as a plain one."""
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text.replace("’", "'"))
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", text)
    return re.sub(r"[-_\s]+", " ", text).lower()


def _quoted(fault: str, said: str) -> str:
    said = " ".join(said.split())
    if not said:
        return fault
    return f'{fault}: "{said[:157]}…"' if len(said) > 160 else f'{fault}: "{said}"'


def _notes(exchange: Exchange, form: str) -> tuple[str, ...]:
    if form == "prose":
        return (PROSE_NOTE,)
    if exchange.exit_status is not None:
        return (TRACE_NOTE,) if holds_traceback(exchange.stderr) else ()
    if form == "status" and exchange.status == 500:
        return ("a 500 names its cause: 429, 503 or 504 would also tell callers whether to try again",)
    return ()
