"""A tool is slow, or never ends: the second half of the hazard TIME."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median_high

from roadworthy.findings import Place, Verdict, failed, not_tested, passed
from roadworthy.hazards.network import addresses
from roadworthy.hazards.timeouts import hazard
from roadworthy.hazards.tool_use import came_to_nothing, tools_behind
from roadworthy.hazards.verdicts import NOTHING_TO_BREAK, after_the_fault, healthy_first, is_late, told_as_error
from roadworthy.hazards.wording import told
from roadworthy.hazards.words import one_line
from roadworthy.rehearsal.conditions import HoldableBinary
from roadworthy.rehearsal.faults.program_endless import program_endless
from roadworthy.rehearsal.faults.program_slow import program_slow
from roadworthy.rehearsal.faults.service_silent import service_silent
from roadworthy.rehearsal.faults.service_slow import service_slow
from roadworthy.rehearsal.holds import Clarity, handled, why_no_answer
from roadworthy.rehearsal.observed import Baseline, Exchange, Observed
from roadworthy.rehearsal.scenario import (
    AFTER,
    BEFORE,
    DURING,
    ONE_START,
    Break,
    Mend,
    Plan,
    Send,
    Step,
    Trial,
    UntilAnswered,
    UntilLetGo,
)
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.traces import excerpt, where

SLOW = "slow"
"""The label of the request that meets the slow tool."""
SHARE_OF_TIMEOUT = 0.5
"""Of a tool's time-out: slow, and well below what the agent itself declares to bear."""
SHARE_OF_DEADLINE = 0.2
"""Of D, where no time-out is declared for a tool."""
MOST_OF_DEADLINE = 0.6
"""Of D: what a tool may take at most, however long its time-out, so that the model has the rest."""
HTTPS = 443
LET_GO = 5.0
"""Seconds after the request's end in which an agent has to end what it gave up: more than a kill and a retry take."""


KILL = (
    "end it when its time is over, with all that it has started: `start_new_session=True` when it is started, then "
    "`os.killpg(process.pid, signal.SIGKILL)`; to kill a shell leaves what the shell has started"
)
CLOSE = "give the client itself a time-out: what only stops to wait for it leaves the call and its connection behind"


def each_tool_of_the_outside(terms: Terms, baseline: Baseline) -> Plan:
    """One trial for each declared binary, and each declared HTTP service, that the baseline's requests used."""
    trials = []
    for name in terms.manifest.binaries:
        if moments := program_moments(name, baseline):
            slow = program_slow(name, _delay(name, moments, terms, baseline))
            steps = _steps(Break(slow), Break(program_endless(name)))
            trials.append(Trial((HoldableBinary(name, baseline.paths_of(name)[0]),), steps, subject=name))
    for name in terms.manifest.services:
        if _speaks_http(name, terms, baseline) and (moments := service_moments(name, baseline)):
            slow = service_slow(name, _delay(name, moments, terms, baseline))
            trials.append(Trial(steps=_steps(Break(slow), Break(service_silent(name))), subject=name))
    return trials or not_tested(
        f"{NOTHING_TO_BREAK}: on the laptop no request used a declared program, but what the agent runs on, "
        "or a declared HTTP service"
    )


def _steps(slow: Break, endless: Break) -> tuple[Step, ...]:
    before = (Send(BEFORE), slow, Send(SLOW), Mend())
    return (*before, endless, Send(DURING), UntilLetGo(LET_GO), Mend(), UntilAnswered(AFTER))


def _seconds(terms: Terms) -> float:
    """Both trials of a tool take half its time-out, then all of it; a program has a start of its own."""
    programs, services = len(terms.manifest.binaries), len(terms.manifest.services)
    timeout = max(terms.manifest.timeouts.tools.values(), default=2 * SHARE_OF_DEADLINE * terms.deadline)
    return ONE_START * programs + (SHARE_OF_TIMEOUT + 1) * timeout * (programs + services)


@hazard.scenario(
    "TIME303",
    "a tool is slow, then never ends",
    plan=each_tool_of_the_outside,
    seconds=_seconds,
    fix="Give each tool the time-out that the manifest declares for it, end what it started when that is over, and "
    "tell the model.",
)
def tool_is_slow_then_endless(seen: Observed, baseline: Baseline) -> Verdict:
    """A tool takes long, and then for ever: is it waited for as declared, and ended when it is given up?

    Done: for each declared binary, and each declared HTTP service, that the requests of the laptop stage used: after a
    healthy request the tool is slow, by half of its time-out in `timeouts.tools` (by a fifth of the deadline where it
    has none; by 0.6 of the deadline at most), and one request is sent. Then it is well again, and then it never ends:
    the program is started, prints nothing and stays, or the service accepts and says nothing. One request is sent;
    for 5 s after its end it is watched whether the program's processes end and the connections are closed. Then the
    tool is well again, and requests are sent until one is answered. Its time-out is the one under its own name, else
    that of the tool which the model had called last before it was used.

    Must hold: while the tool is slow the request is answered, and no tool's result becomes an error or loses what it
    found on the laptop. While it never ends the request is answered, or ends by the deadline in a clear error that
    names a time-out, the tool, the program or the service. What was given up ends within 5 s after the request: no
    process of the program runs on, and the agent has closed the connection. The process lives, and a request sent
    within 10 s after the fault's end is answered. An agent that kills the process it has started has ended the program;
    one that kills a shell around it has not.

    Why: a search over ten times the files takes ten times as long, and a lock or a lost mount makes it endless. Each
    one that is left behind holds memory, a pipe and a slot of the pool, until there is none.

    Mend: give each tool the time-out that the manifest declares for it; when it is over, kill the whole process group,
    or close the connection, and tell the model what did not answer.

    Not tested: when all tools run inside the agent's process; when this request did not use the program or service.
    """
    if (unhealthy := healthy_first(seen)) is not None:
        return unhealthy
    slow, endless = (seen.labelled(label)[0] for label in (SLOW, DURING))
    name = seen.trial.subject
    for request in (slow, endless):
        if not _met(seen, request):
            return not_tested(f"{NOTHING_TO_BREAK}: the request while it was broken did not use {name}")
    return (
        _failure_when_slow(seen, slow, baseline)
        or _failure_when_endless(seen, endless, baseline)
        or passed(*_handled(seen, endless, baseline).notes, seconds=endless.seconds)
    )


def _failure_when_slow(seen: Observed, request: Exchange, baseline: Baseline) -> Verdict | None:
    why = why_no_answer(request, seen.terms.deadline)
    lost = came_to_nothing(seen, request, baseline)
    if why is None and lost is None:
        return None
    name = seen.trial.subject
    timeout = _timeout(name, _moments(seen, baseline), seen.terms, baseline)
    declared = "" if timeout is None else f"; timeouts.tools declares {timeout:g} s"
    what = "the request failed" if lost is None else "the agent answered, but gave the tool up"
    result = "" if lost is None else f'the tool {lost[0]} told the model "{one_line(lost[1], 160)}"; '
    return failed(
        f"{_changed(seen, 0)}: {what}",
        seen=f"{result}{told(seen, request)}",
        should=f"wait for {name} and answer within {seen.terms.deadline:g} s{declared}",
        where=_where(seen, baseline, request),
        fix="give the tool the time that `timeouts.tools` declares, or declare the time that it has",
        output=excerpt(seen, around=request.ended, since=request.due),
        rests_on_time=True,
    )


def _failure_when_endless(seen: Observed, request: Exchange, baseline: Baseline) -> Verdict | None:
    name, deadline, changed = seen.trial.subject, seen.terms.deadline, _changed(seen, -1)
    should = f"give {name} up, say so and end it, all within {deadline:g} s; and answer again afterwards"
    late, left = is_late(seen, request), _left(seen, request)
    clarity = _handled(seen, request, baseline)
    if clarity and left is None:
        return after_the_fault(seen, changed, should, f"the {_kind(seen)} {name}")
    if not clarity:
        title = f"no answer within {deadline:g} s" if late else "the request failed"
        found = told_as_error(seen, request, clarity)
    else:
        title, found = f"{left} 5 s after the request", f"{told(seen, request)}; {left} 5 s later"
    return failed(
        f"{changed}: {title}",
        seen=found,
        should=should,
        where=_where(seen, baseline, request),
        fix=_fix(seen, left=bool(clarity)) if late or clarity else None,
        output=excerpt(seen, around=request.ended, since=request.due),
        rests_on_time=late or bool(clarity),
    )


def _handled(seen: Observed, request: Exchange, baseline: Baseline) -> Clarity:
    names = (seen.trial.subject, *tools_behind(_moments(seen, baseline), baseline.observed))
    return handled(request, seen.terms, "timeout", "tool", "network", "unavailable", names=names)


def _left(seen: Observed, request: Exchange) -> str | None:
    """What the agent did not end: `2 of its processes still ran`; None where it has."""
    since = max((at for at, name in seen.breaks if name), default=0.0)
    latest = (request.ended or 0.0) + LET_GO
    if _is_program(seen):
        ends = [held.ended for held in seen.held_up if held.at >= since]
        left = sum(end is None or end > latest for end in ends)
        return f"{left} of its processes still ran" if left > 1 else "its process still ran" if left else None
    uses = [use for use in seen.services if use.service == seen.trial.subject and (use.met or 0.0) >= since]
    left = sum(use.ended is None or use.ended > latest for use in uses)
    return (
        f"{left} connections to it were still open" if left > 1 else "its connection was still open" if left else None
    )


def _met(seen: Observed, request: Exchange) -> bool:
    """Whether this request started the program that was held up, or asked the service that was."""
    until = float("inf") if request.ended is None else request.ended
    name = seen.trial.subject
    uses = [use for use in seen.services if use.service == name]
    moments = [held.at for held in seen.held_up] if _is_program(seen) else [at for use in uses for at in use.asked]
    return any(request.due <= at <= until for at in moments)


def _fix(seen: Observed, *, left: bool) -> str:
    if _is_program(seen):
        return KILL
    if left:
        return CLOSE
    return (
        f"give the client of {seen.trial.subject} a time-out for connecting and one for reading; with all its tries it "
        f"has to end before the deadline of {seen.terms.deadline:g} s"
    )


def _changed(seen: Observed, number: int) -> str:
    """How reports say it: `the program rg takes 1 s longer`, `the program rg never ends`."""
    faults = [name for _, name in seen.breaks if name]
    return f"the {_kind(seen)} {faults[number]}"


def _kind(seen: Observed) -> str:
    return "program" if _is_program(seen) else "service"


def _is_program(seen: Observed) -> bool:
    return bool(seen.trial.conditions)


def _where(seen: Observed, baseline: Baseline, request: Exchange) -> Place | None:
    name = seen.trial.subject
    return where(seen, name, *addresses(name, baseline), since=request.due)


def _delay(name: str, moments: Sequence[float], terms: Terms, baseline: Baseline) -> float:
    """By how much each use is slower: all uses of a request together by half of the tool's time-out."""
    timeout = _timeout(name, moments, terms, baseline)
    whole = SHARE_OF_DEADLINE * terms.deadline if timeout is None else SHARE_OF_TIMEOUT * timeout
    counts = (sum(_is_within(at, request) for at in moments) for request in baseline.observed.exchanges)
    uses = median_high(count for count in counts if count)
    return round(min(whole, MOST_OF_DEADLINE * terms.deadline) / uses, 3)


def _timeout(name: str, moments: Sequence[float], terms: Terms, baseline: Baseline) -> float | None:
    """What `timeouts.tools` says of the name, else of the tool behind it: the shortest, where it may be several."""
    declared = terms.manifest.timeouts.tools
    behind = tools_behind(moments, baseline.observed)
    found = [declared[name]] if name in declared else [declared[tool] for tool in behind if tool in declared]
    return min(found, default=None)


def _moments(seen: Observed, baseline: Baseline) -> list[float]:
    return (program_moments if _is_program(seen) else service_moments)(seen.trial.subject, baseline)


def program_moments(name: str, baseline: Baseline) -> list[float]:
    """When the baseline's requests started the program, by the path of its first start: others are started by it."""
    if name not in baseline.programs:
        return []
    starts = [start for start in baseline.observed.started if start.name == name and start.found]
    return _in_requests([start.at for start in starts if start.path == starts[0].path], baseline)


def service_moments(name: str, baseline: Baseline) -> list[float]:
    """When the baseline's requests asked the service."""
    return _in_requests([at for use in baseline.observed.services if use.service == name for at in use.asked], baseline)


def _in_requests(moments: Iterable[float], baseline: Baseline) -> list[float]:
    requests = baseline.observed.exchanges
    return [at for at in moments if any(_is_within(at, request) for request in requests)]


def _is_within(at: float, request: Exchange) -> bool:
    return request.due <= at <= (request.ended or request.due)


def _speaks_http(name: str, terms: Terms, baseline: Baseline) -> bool:
    """By what the agent sent it, or by its address: what is sent by TLS cannot be read."""
    url = terms.manifest.services[name].url or ""
    uses = [use for use in baseline.observed.services if use.service == name]
    return any(use.is_http or use.port == HTTPS for use in uses) or url.startswith(("http://", "https://"))
