"""A service is down or hangs while the agent is warm: the second half of the hazard NET."""

from __future__ import annotations

import re
from collections.abc import Callable

from roadworthy.findings import Verdict, failed, not_tested, passed
from roadworthy.hazards.network import addresses, hazard, nothing_used
from roadworthy.hazards.verdicts import NOTHING_TO_BREAK, after_the_fault, healthy_first, is_late, told_as_error
from roadworthy.hazards.words import one_line
from roadworthy.rehearsal.faults.fault import Fault
from roadworthy.rehearsal.faults.service_refuses import service_refuses
from roadworthy.rehearsal.faults.service_silent import service_silent
from roadworthy.rehearsal.holds import answers, handled, network_failure
from roadworthy.rehearsal.observed import Baseline, Exchange, Observed
from roadworthy.rehearsal.scenario import AFTER, BEFORE, DURING, Break, Mend, Plan, Send, Trial, UntilAnswered
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.traces import excerpt, where

REFUSES = "a service refuses connections"
SILENT = "a service accepts and never answers"


def _per_service(fault: Callable[[str], Fault]) -> Callable[[Terms, Baseline], Plan]:
    def plan(terms: Terms, baseline: Baseline) -> Plan:
        used = {use.service for use in baseline.observed.services}
        names = [name for name in terms.manifest.services if name in used]
        if not names:
            return not_tested(nothing_used(baseline, "the agent used no declared service on the laptop"))
        return [
            Trial(steps=(Send(BEFORE), Break(fault(name)), Send(DURING), Mend(), until_well), subject=name)
            for name in names
        ]

    until_well = UntilAnswered(AFTER, tools_too=True)
    return plan


@hazard.scenario(
    "NET302",
    REFUSES,
    plan=_per_service(service_refuses),
    seconds=lambda _terms: 0.5,
    fix="Catch the client's connection error, and tell the model or the caller which service it was; let a pool test "
    "a connection before it hands it out.",
)
def service_is_down(seen: Observed, baseline: Baseline) -> Verdict:
    """A service goes down while the agent runs: does its caller learn of it, and does the agent come back?

    Done: for each declared service that the laptop stage showed a use of, after a healthy request the open
    connections to it are reset and new ones are refused. One request is sent. Then the service is well again, and
    requests are sent until one is answered as before.

    Must hold: the request is answered, or it ends by the deadline (`timeouts.request`, else `budgets.answer`) in a
    clear error that names the service, the tool or the connection. The process lives, and a request sent within
    10 s after the fault's end is answered, with no tool that still says that the network failed.

    Why: databases are restarted and moved in the middle of the day. A pool that was filled before holds connections
    that are dead, and an error that nobody catches is an internal error to the caller.

    Mend: catch the client's connection error and say which service it was; let the pool test its connections, and
    connect anew where one is dead.

    Not tested: when no declared service was used, or this request did not use it.
    """
    return _judged(seen, baseline, "refuses connections", "a clear error that names it")


@hazard.scenario(
    "NET303",
    SILENT,
    plan=_per_service(service_silent),
    seconds=lambda terms: max(terms.manifest.timeouts.tools.values(), default=terms.model_timeout) + 0.5,
    fix="Say in the error which service did not answer: 504, or a result that tells the model.",
)
def service_hangs(seen: Observed, baseline: Baseline) -> Verdict:
    """A service is there and says nothing: does its caller learn of it in time?

    Done: for each declared service that the laptop stage showed a use of, after a healthy request the open
    connections to it go silent, without an end or an error, and new ones are accepted and say nothing. One request
    is sent. Then new connections are served again; those that went silent stay so. Requests are sent until one is
    answered as before.

    Must hold: the request is answered, or it ends by the deadline (`timeouts.request`, else `budgets.answer`) in a
    clear error that names a time-out, the service, the tool or the connection. The process lives, and a request sent
    within 10 s after the fault's end is answered, with no tool that still says that the network failed.

    Why: a lost route, a full disk or a firewall that drops packets gives no error. A client without a time-out
    waits for ever, and most database drivers and HTTP clients of standard libraries have none.

    Mend: give each client a time-out for connecting and for reading that leaves time to answer, and close the
    connection when it is over.

    Not tested: when no declared service was used, or this request did not use it.
    """
    fix = (
        f"give the client of {seen.trial.subject} a time-out for connecting and one for reading; with all its tries "
        f"it has to end before the deadline of {seen.terms.deadline:g} s"
    )
    error = "a clear error that names it or a time-out"
    return _judged(seen, baseline, "accepts and never answers", error, late_fix=fix)


def _judged(seen: Observed, baseline: Baseline, does: str, error: str, *, late_fix: str | None = None) -> Verdict:
    if (unhealthy := healthy_first(seen)) is not None:
        return unhealthy
    name, request = seen.trial.subject, seen.labelled(DURING)[0]
    if not _met(seen, request, name):
        return not_tested(f"{NOTHING_TO_BREAK}: this request did not use {name}")
    changed, deadline = f"the service {name} {does}", seen.terms.deadline
    should = f"answer without {name}, or give {error} within {deadline:g} s; and answer again afterwards"
    names = (name, *baseline.tools_called)
    clarity = handled(request, seen.terms, "network", "unavailable", "timeout", "tool", names=names)
    if clarity:
        failure = after_the_fault(seen, changed, should, f"the service {name}") or _still_failing(seen, changed, should)
        return failure or passed(*clarity.notes, seconds=request.seconds)
    late = is_late(seen, request)
    return failed(
        f"{changed}: " + (f"no answer within {deadline:g} s" if late else "the request failed"),
        seen=told_as_error(seen, request, clarity),
        should=should,
        where=where(seen, *addresses(name, baseline), *_variables(seen, name), since=request.due),
        fix=late_fix if late else None,
        output=excerpt(seen, around=request.ended, since=request.due),
        rests_on_time=late,
    )


def _still_failing(seen: Observed, changed: str, should: str) -> Verdict | None:
    """A failure where every answer after the fault rests on a tool that still cannot reach the service.

    The simulated model answers all the same; a real one would go on telling users that it cannot find out.
    """
    if any(network_failure(seen.calls_for(exchange)) for exchange in seen.labelled(BEFORE)):
        return None  # its tools speak like that when all is well
    good = [exchange for exchange in seen.labelled(AFTER) if answers(exchange, seen.terms.deadline)]
    results = [network_failure(seen.calls_for(exchange)) for exchange in good]
    if not good or None in results:
        return None
    return failed(
        f"{changed}: the agent did not recover",
        seen=f"10 s after the service {seen.trial.subject} was well again its tool still failed, as the model is told: "
        f'"{one_line(results[-1] or "", 200)}"',
        should=should,
        where=where(seen, since=good[-1].due),
        fix="connect anew where a connection is dead: take each one from a pool that tests it, or open it where it is "
        "used, instead of keeping one for the life of the process",
        output=excerpt(seen, since=good[-1].due),
        rests_on_time=True,
    )


def _variables(seen: Observed, name: str) -> list[str]:
    """The variables that hold the service's address: where the source reads one is the next best place to look."""
    service = seen.terms.manifest.services[name]
    return re.findall(r"\$\{(\w+)\}", f"{service.url or ''} {service.host or ''}")


def _met(seen: Observed, request: Exchange, name: str) -> bool:
    """Whether this request came upon the broken service: it connected, or sent something.

    What is written to a connection that has been reset never leaves the agent's machine. So a reset counts too, but
    only where something came of it: no answer, or a tool that says that the network failed.
    """
    until = float("inf") if request.ended is None else request.ended
    broken = [use for use in seen.services if use.service == name and use.fault is not None]
    if any(use.met is not None and request.due <= use.met <= until for use in broken):
        return True
    told_so = network_failure(seen.calls_for(request)) is not None
    return bool(broken) and (told_so or not answers(request, seen.terms.deadline))
