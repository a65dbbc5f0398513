"""Nothing to see: DEBUG on the laptop, ERROR in production, and a failure that cannot be found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from roadworthy.findings import Verdict, failed, not_tested, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.verdicts import NO_MODEL_CALL, NOTHING_TO_BREAK, healthy_first
from roadworthy.hazards.wording import told
from roadworthy.hazards.words import listed, one_line
from roadworthy.rehearsal.conditions import With
from roadworthy.rehearsal.faults.bad_request import bad_request
from roadworthy.rehearsal.faults.service_refuses import service_refuses
from roadworthy.rehearsal.faults.unauthorized import unauthorized
from roadworthy.rehearsal.holds import answers, met
from roadworthy.rehearsal.observed import LONGEST_LINE, Baseline, Exchange, Leak, Observed, OutputLine
from roadworthy.rehearsal.scenario import BEFORE, DURING, Break, Mend, Pause, Plan, SearchFiles, Send, Step, Trial
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.traces import excerpt, traces, where

hazard = Hazard(
    "LOG",
    "Nothing to see",
    cause="What helps on the laptop is at DEBUG, which production leaves out; errors are swallowed, or logged without "
    "saying for which request.",
    fix="Log every failed request at ERROR, in one line with its id and the error's type.",
    before="""\
except Exception:
    return {"error": "something went wrong"}  # and nobody will ever know what
""",
    after="""\
except Exception as error:
    log.error("request %s failed: %s: %s", request_id, type(error).__name__, error)
    return JSONResponse({"error": "...", "request_id": request_id}, status_code=502)
""",
)

REQUEST_ID = "roadworthy-7d1c52e0b94f4a36"
TRACE_ID = "7d1c52e0b94f4a3686f0a2c9be41d573"
HEADERS = {"X-Request-ID": REQUEST_ID, "traceparent": f"00-{TRACE_ID}-a3c9e51b70d2f486-01"}
"""The two usual ways to name a request: by custom, and by the W3C's Trace Context."""
PATIENCE = 2.0
"""Seconds for a line to be printed: twice a usual log buffer's interval."""

_LEVEL = re.compile(r"(?:^|_)LOG(?:GING)?_?LEVEL$|^RUST_LOG$|^LOGURU_LEVEL$", re.IGNORECASE)
_PAIR = r'[\w.@/-]+=(?:"(?:[^"\\]|\\.)*"|[^\s"]*)'
_LOGFMT = re.compile(rf"{_PAIR}(?: +(?:{_PAIR}|[\w.@/-]+))* *$")
"""Pairs; after the first one a word alone is a key that is true."""
_CHAINED = re.compile(r"(?:The above exception was the direct|During handling of the above)")
_TRACE_START = re.compile(r"^Traceback \(most recent|^\s+at ")
_ID_NAME = re.compile(r"(?:request|trace|correlation|error|incident|event)[-_]?id$", re.IGNORECASE)
_TYPE = re.compile(
    r"\b[A-Z]\w*(?:Error|Exception|Failure|Timeout)\b"
    r"|\b(?:invalid_request|api|server|rate_limit|overloaded|authentication|permission|not_found)_error\b"
)
_STATUS = re.compile(r"(?<![\w.,-])([45]\d\d)(?![\w.-]| ?ms)")
"""A number that may be an HTTP status: no part of a time, an address or a duration."""


def failing_call(terms: Terms, baseline: Baseline, patience: float = PATIENCE) -> Plan:
    """A healthy request, and one whose model call is refused, at the log level of production."""
    if terms.is_entry:
        return not_tested("provided by the server: an `entry:` agent's requests are logged by its host")
    if terms.is_one_shot:
        return not_tested("a command that answers once is given no request id")
    if baseline.calls_per_request == 0:
        return not_tested(NO_MODEL_CALL)
    conditions = tuple(
        With(name, variable.default)
        for name, variable in (terms.manifest.env or {}).items()
        if variable.default is not None and _LEVEL.search(name)
    )
    steps = (Send(BEFORE), Break(bad_request()), Send(DURING, headers=HEADERS), Pause(patience), Mend())
    return [Trial(conditions=conditions, steps=steps)]


@hazard.scenario(
    "LOG301",
    "a failing request, looked for in the output",
    plan=failing_call,
    needs=With.needs,
    quick=True,
    seconds=lambda _terms: 4.0,
)
def failure_can_be_found(seen: Observed, _baseline: Baseline) -> Verdict:
    """A user reports a failed request by its id: does the log say what happened to it?

    Done: the log level has its production value (the `default` of the variable that looks like it: `LOG_LEVEL`).
    One request is sent with `X-Request-ID` and `traceparent`, and its model call gets a 400, which no SDK tries
    again.

    Must hold: within 2 s the output has a line with the request's id, either one of those sent or one that the
    agent gave in its answer, and that line names the error's type or status. A traceback with the id counts.

    Why: without an id, one user's failure cannot be told from another's; without the error, the id leads nowhere.

    Mend: take the id from `X-Request-ID` or `traceparent`, keep it in a context variable, write it into every line,
    and log a failed request at ERROR with the type of its error.

    Not tested: for `entry:` agents, whose server logs; when the agent makes no model call; when it answers all the
    same, for then nothing failed.
    """
    if (unhealthy := healthy_first(seen)) is not None:
        return unhealthy
    request = seen.labelled(DURING)[0]
    if not met(seen, request):
        return not_tested(f"{NOTHING_TO_BREAK}: no model call of this request met the 400")
    if answers(request, seen.terms.deadline):
        return not_tested(f"{NOTHING_TO_BREAK}: the agent answered although its model call was refused")
    ids = _ids(request)
    records = [record for record in _records(seen, request) if any(word in record.text for word in ids)]
    if any(record.is_traceback or _names_error(record.text, request) for record in records):
        return passed()
    level = next((condition for condition in seen.trial.conditions if isinstance(condition, With)), None)
    at_level = "" if level is None else f" at {level.variable}={level.value}"
    lines = sum(line.at >= request.due for line in seen.output)
    return failed(
        f"a failing request cannot be found in the output{at_level}",
        seen=f"{told(seen, request)}; {lines} {'line' if lines == 1 else 'lines'} of output, "
        + (f"{len(records)} with its id, none of these says what failed" if records else "none with its id"),
        should=f"print a line that holds the request's id ({', '.join(HEADERS)}, or one that the agent returns) and "
        "the error's type or status",
        where=where(seen, *([] if level is None else [level.variable]), since=request.due),
        output=excerpt(seen, since=request.due),
    )


TOOL = "tool"


def with_failures(terms: Terms, baseline: Baseline) -> Plan:
    """A good request, one whose key is refused, one whose services are down; then the written files."""
    if not any(variable.secret for variable in (terms.manifest.env or {}).values()):
        return not_tested("no variable is declared `secret: true`")
    steps: list[Step] = [Send(BEFORE), Break(unauthorized()), Send(DURING), Mend()]
    for name in dict.fromkeys(use.service for use in baseline.observed.services if use.service is not None):
        steps += [Break(service_refuses(name)), Send(TOOL), Mend()]
    return [Trial(steps=(*steps, SearchFiles()))]


@hazard.scenario("LOG302", "secrets, looked for in all that the agent says and writes", plan=with_failures, fresh=True)
def secrets_stay_secret(seen: Observed, _baseline: Baseline) -> Verdict:
    """A key is printed with an error, or a dump of the settings: who reads the log can use it.

    Done: each provider key is synthetic. One good request is sent, one whose model call gets a 401, and one for
    each service that the agent uses, which refuses connections meanwhile.

    Must hold: the value of no variable with `secret: true` is in the output, an answer or a file that the agent
    wrote: as it is, URL-encoded, in base64 or as JSON writes it. An agent's first start is part of it.

    Why: logs are kept for years, copied to other services and read by many. Errors are where it happens: an
    exception's text holds the request, and the request holds the key.

    Mend: log the name of a variable and never its value, and no headers or settings as a whole; take the key out
    of an error's text before it is logged or answered. Then replace the key that was printed.

    Not tested: when no variable is declared secret, or their values here are ordinary words or shorter than six
    characters, which stand in many a text.
    """
    if seen.leaks:
        return _leaked(seen)
    secret = [name for name, variable in (seen.terms.manifest.env or {}).items() if variable.secret]
    unsought = [name for name in secret if name not in seen.secrets_sought]
    if not seen.secrets_sought:
        return not_tested(f"{listed(unsought)}: no value here that would be known again; give it one by `rehearse`")
    if (unhealthy := healthy_first(seen)) is not None:
        return unhealthy
    notes = []
    if unsought:
        notes.append(f"not looked for: {listed(unsought)}, whose value here is missing, short or an ordinary word")
    if seen.files_written is None:
        notes.append("written files were not looked at: this stage does not know who wrote them")
    return passed(*notes, files=seen.files_written)


def _leaked(seen: Observed) -> Verdict:
    first = seen.leaks[0]
    names = list(dict.fromkeys(leak.variable for leak in seen.leaks))
    places = list(dict.fromkeys(leak.where for leak in seen.leaks))
    return failed(
        f"{listed(names)}: the value is in {listed(places)}",
        seen=f"in {first.where}, {_moment(seen, first)}: {one_line(first.text, 160)}",
        should="keep it out of the output, of answers and of files",
        where=where(seen, first.variable),
        fix="log the variable's name and never its value, and cut it out of an error's text; then replace the key "
        "wherever this version has run",
        leaks=[[leak.variable, leak.where, round(leak.at, 3)] for leak in seen.leaks[:20]],
    )


def _moment(seen: Observed, leak: Leak) -> str:
    """When a secret came out: at start, or under which fault."""
    if leak.where.startswith("the file"):
        return "after all requests"
    if not seen.exchanges or leak.at < min(exchange.due for exchange in seen.exchanges):
        return "before the first request"
    begun = [name for at, name in seen.breaks if at <= leak.at]
    return f"while {begun[-1]}" if begun and begun[-1] else "during a good request"


def failing_call_seen_soon(terms: Terms, baseline: Baseline) -> Plan:
    """The same; a line of text that stands among structured ones is printed with the failure, not later."""
    return failing_call(terms, baseline, patience=0.5)


@hazard.scenario(
    "LOG303",
    "a failing request, in a structured log",
    plan=failing_call_seen_soon,
    needs=With.needs,
    seconds=lambda _terms: 2.5,
)
def lines_parse(seen: Observed, baseline: Baseline) -> Verdict:
    """The log is JSON until something fails, and then a traceback of thirty lines: who can still read it?

    Done: as in LOG301, one request's model call gets a 400.

    Must hold: where at least half of the lines that the agent prints on the laptop are JSON objects or logfmt
    (`key=value`), every line from the first request on is, a traceback included. Where it prints none on the
    laptop, what it prints here beside tracebacks decides. Blank lines, and
    lines that were cut at 8 KiB, do not count.

    Why: a collector that expects JSON splits a traceback into thirty records, without level or id, or drops it.
    The very lines that explain a failure are lost.

    Mend: send everything through the one logger, with a formatter that puts the traceback into a field:
    `log.exception(…)` in place of `traceback.print_exc()`; give libraries' loggers the same handler.

    Not tested: for plain-text logs, of which each line is taken as it comes; and as LOG301.
    """
    if (unhealthy := healthy_first(seen)) is not None:
        return unhealthy
    request = seen.labelled(DURING)[0]
    if not met(seen, request):
        return not_tested(f"{NOTHING_TO_BREAK}: no model call of this request met the 400")
    begin = seen.exchanges[0].due
    lines = _lines(seen, begin)
    known = [line.text for line in _lines(baseline.observed, baseline.observed.exchanges[0].due)]
    usual = known or _beside_tracebacks(seen, begin)
    if not usual:
        return not_tested(f"{NOTHING_TO_BREAK}: the agent logs nothing for a request, failed ones included")
    if 2 * sum(map(_is_structured, usual)) < len(usual):
        return not_tested("its log is plain text: no line of it has to parse")
    broken = [line for line in lines if not _is_structured(line.text)]
    if not broken:
        return passed(lines=len(lines))
    first = broken[0]
    return failed(
        f"{len(broken)} of {len(lines)} lines of a structured log do not parse",
        seen=f"{'a traceback' if _TRACE_START.search(first.text) else 'the first'}, as plain text between "
        f'structured lines: "{one_line(first.text, 120)}"',
        should="print every line as JSON or logfmt as the others, a traceback inside a field",
        where=where(seen, since=begin),
        fix="send it through the logger (`log.exception(…)`), with a formatter that puts the traceback into a field",
        output=excerpt(seen, since=begin),
    )


def _lines(seen: Observed, begin: float) -> list[OutputLine]:
    """What counts: no blank line, and none that we have cut ourselves."""
    return [line for line in seen.output if line.at >= begin and line.text.strip() and len(line.text) < LONGEST_LINE]


def _beside_tracebacks(seen: Observed, begin: float) -> list[str]:
    """The lines that are part of no traceback, nor between two of a chain."""
    inside = {number for trace in traces(seen, since=begin) for number in range(trace.first, trace.last + 1)}
    lines = (line for number, line in enumerate(seen.output) if line.at >= begin and number not in inside)
    return [line.text for line in lines if line.text.strip() and not _CHAINED.match(line.text)]


def _is_structured(text: str) -> bool:
    if _LOGFMT.match(text):
        return True
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _ids(request: Exchange) -> set[str]:
    """The ids sent, and those that the agent gives in its headers or its JSON body; never the reference."""
    found = {REQUEST_ID, TRACE_ID}
    found.update(value for name, value in request.headers.items() if _ID_NAME.search(name))
    with suppress(ValueError, RecursionError):
        found.update(_id_fields(json.loads(request.body)))
    return {word for word in found if len(word) >= 6 and request.canary not in word}


def _id_fields(document: Any) -> Iterator[str]:
    if not isinstance(document, Mapping):
        return
    for name, value in document.items():
        if isinstance(value, str) and _ID_NAME.search(name):
            yield value
        elif isinstance(value, Mapping):
            yield from _id_fields(value)


@dataclass(frozen=True, slots=True)
class _Record:
    text: str
    is_traceback: bool


def _records(seen: Observed, request: Exchange) -> list[_Record]:
    """What was printed from the request on until 2 s after its end; a line and its traceback are one record."""
    until = (request.ended or request.due) + PATIENCE
    last_of = {trace.first: trace.last for trace in traces(seen, since=request.due)}
    records: list[_Record] = []
    number = 0
    while number < len(seen.output):
        end = max(number, last_of.get(number, number), last_of.get(number + 1, number))
        lines = seen.output[number : end + 1]
        if lines[0].at >= request.due and lines[0].at <= until:
            is_traceback = end > number or number in last_of
            records.append(_Record("\n".join(line.text for line in lines), is_traceback))
        number = end + 1
    return records


def _names_error(record: str, request: Exchange) -> bool:
    statuses = {400} | ({request.status} if request.status is not None and request.status >= 400 else set())
    return _TYPE.search(record) is not None or any(int(n) in statuses for n in _STATUS.findall(record))
