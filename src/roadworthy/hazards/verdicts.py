"""What several judges say alike: not healthy before, did not start, did not answer, a tool that failed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from roadworthy.findings import Verdict, failed, not_tested
from roadworthy.hazards.wording import exit_words, start_failure, told
from roadworthy.hazards.words import one_line, span
from roadworthy.rehearsal.holds import Clarity, alive, answers, met, recovers, shed, why_no_answer
from roadworthy.rehearsal.observed import Baseline, Exchange, Observed
from roadworthy.rehearsal.scenario import AFTER, BEFORE, DURING, Break, Mend, Send, Trial
from roadworthy.rehearsal.traces import excerpt, last_error, where

if TYPE_CHECKING:
    from roadworthy.rehearsal.faults.fault import Fault

NOTHING_TO_BREAK = "nothing to break"
"""How the reason begins where a request never met what was broken."""
ENDS_BY_ITSELF = "a command that answers once starts for each request and ends by itself"
NO_MODEL_CALL = f"{NOTHING_TO_BREAK}: the agent made no model call on the laptop"

_TOOL_FAILED = re.compile(
    r"""no\ such\ file\ or\ directory | permission\ denied | read-only\ file\ system
      | operation\ not\ permitted | command\ not\ found | :\ not\ found | no\ space\ left\ on\ device
      | connection\ refused | all\ connection\ attempts\ failed | cannot\ connect\ to\ host
      | name\ or\ service\ not\ known | temporary\ failure\ in\ name\ resolution | getaddrinfo
      | network\ is\ unreachable | no\ route\ to\ host | traceback\ \(most\ recent
      | \bE(?:NOENT|ACCES|ROFS|PERM|NOSPC|CONNREFUSED|NOTFOUND|AI_AGAIN|NETUNREACH)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What the operating system, shells and HTTP clients say when production lacks what a tool needs."""


def healthy_first(seen: Observed) -> Verdict | None:
    """`not tested` where the healthy request before the fault failed: the fault shows nothing then."""
    for exchange in seen.labelled(BEFORE):
        why = why_no_answer(exchange, seen.terms.deadline)
        if why is not None:
            return not_tested(f"the healthy request before it did not answer: {why}")
    if not seen.exchanges:
        return not_tested(f"the agent did not start: {start_failure(seen)}")
    return None


def changed_answers(*faults: Callable[[], Fault]) -> list[Trial]:
    """For each fault of what the model says: a healthy request, and one that meets it. They share a start."""
    made = [fault() for fault in faults]
    return [
        Trial(steps=(Send(BEFORE), Break(fault), Send(DURING), Mend()), subject=fault.name if len(made) > 1 else "")
        for fault in made
    ]


def broken_request(seen: Observed, not_met: str) -> Exchange | Verdict:
    """The request under the fault; or why it shows nothing: unhealthy before, or the fault not met."""
    if (unhealthy := healthy_first(seen)) is not None:
        return unhealthy
    request = seen.labelled(DURING)[0]
    return request if met(seen, request) else not_tested(f"{NOTHING_TO_BREAK}: {not_met}")


def told_as_error(seen: Observed, request: Exchange, clarity: Clarity) -> str:
    """What came of a request, and why that is no clear error, unless it says itself that nothing came in time."""
    if request.error is not None or is_late(seen, request):
        return told(seen, request)
    return f"{told(seen, request)}; not a clear error: it {clarity.why_not}"


def request_failed(
    seen: Observed, request: Exchange, changed: str, clarity: Clarity, should: str, *, why: str | None = None
) -> Verdict:
    """A failure where a request under a fault is neither answered nor a clear error.

    `why` takes the place of the reason why it is no clear error, where even one would not be enough.
    """
    return failed(
        f"{changed}: the request failed",
        seen=told_as_error(seen, request, clarity) if why is None else f"{told(seen, request)}; {why}",
        should=should,
        where=where(seen, since=request.due),
        output=excerpt(seen, around=request.ended, since=request.due),
        rests_on_time=is_late(seen, request),
    )


def must_answer(
    seen: Observed,
    changed: str,
    *,
    should: str,
    baseline: Baseline | None = None,
    names: Iterable[str] = (),
    fix: str | None = None,
    label: str = DURING,
) -> Verdict | None:
    """A failure where the agent, under a changed condition, did not start or did not answer; else None.

    With `baseline` also where a tool's result became an error that it was not on the laptop: the simulated
    model answers all the same, a real one would tell the user that it could not find out. `changed` begins
    the title, `names` are where to look when no traceback leads into the project.
    """
    port = seen.terms.manifest.agent.port
    if seen.life.ready is None or not seen.exchanges:
        return failed(
            f"{changed}: the agent did not start",
            seen=start_failure(seen),
            should=should,
            where=where(seen, *names),
            fix=fix,
            output=excerpt(seen),
            rests_on_time=seen.life.exited is None and port not in seen.life.other_ports,
        )
    for exchange in seen.labelled(label):
        why = why_no_answer(exchange, seen.terms.deadline)
        if why is not None:
            return failed(
                f"{changed}: the request failed",
                seen=told(seen, exchange),
                should=should,
                where=where(seen, *names),
                fix=fix,
                output=excerpt(seen, around=exchange.ended),
                rests_on_time=is_late(seen, exchange),
            )
    result = None if baseline is None else broken_tool(seen, baseline)
    if result is None:
        return None
    return failed(
        f"{changed}: the agent answered, but a tool failed",
        seen=f'the tool result that was sent to the model: "{one_line(result, 200)}"',
        should=should,
        where=where(seen, *names),
        fix=fix,
        output=excerpt(seen),
    )


def crowd_failure(seen: Observed, labels: Iterable[str], changed: str, *, should: str) -> Verdict | None:
    """A failure where many requests at once were not borne; else None.

    Where the manifest declares its concurrency, at least half of each crowd must be answered, and the rest
    turned away clearly. Where it does not, one answer is enough: nobody promised more.
    """
    if not alive(seen):
        return _ended(seen, changed, should)
    for label in labels:
        crowd = seen.labelled(label)
        good = [exchange for exchange in crowd if answers(exchange, seen.terms.deadline)]
        lost = [exchange for exchange in crowd if exchange not in good and not shed(exchange, seen.terms)]
        enough = 2 * len(good) >= len(crowd) and not lost
        if enough or (good and not seen.terms.concurrency_declared):
            continue
        worst = next(iter(lost), None) or next(exchange for exchange in crowd if exchange not in good)
        return failed(
            f"{changed}: {len(good)} of {len(crowd)} requests were answered",
            seen=f"{len(lost)} were neither answered nor turned away clearly, as {told(seen, worst)}"
            if lost
            else f"the others were turned away, as {told(seen, worst)}",
            should=f"{should}; half of them at least, and the others a 429 or 503 with Retry-After",
            where=where(seen, since=worst.due),
            output=excerpt(seen, since=worst.due),
            rests_on_time=any(is_late(seen, exchange) for exchange in lost),
        )
    return None


def after_the_fault(seen: Observed, changed: str, should: str, broken: str = "the provider") -> Verdict | None:
    """A failure where the process did not live through the fault of `broken`, or did not recover; else None."""
    if not alive(seen):
        return _ended(seen, changed, should)
    later = seen.labelled(AFTER)
    if not later or recovers(seen):
        return None
    return failed(
        f"{changed}: the agent did not recover",
        seen=f"10 s after {broken} was well again: {told(seen, later[-1])}",
        should=should,
        where=where(seen, since=later[0].due),
        output=excerpt(seen, since=later[0].due),
        rests_on_time=True,
    )


def _ended(seen: Observed, changed: str, should: str) -> Verdict:
    how = "it was killed for its memory" if seen.life.killed_for_memory else exit_words(seen.life.exit_status)
    error = last_error(seen)
    return failed(
        f"{changed}: the process ended",
        seen=f"{how} after {span(seen.life.exited or 0.0)}" + (f"; its output: {error}" if error else ""),
        should=should,
        where=where(seen),
        output=excerpt(seen),
    )


def said(seen: Observed) -> str:
    """All that the agent said in this trial: its output, its answers, what its tools told the model."""
    return "\n".join(
        [
            *(line.text for line in seen.output),
            *(exchange.text for exchange in seen.exchanges),
            *(result for call in seen.model_calls for result in call.tool_results.values()),
        ]
    )


def broken_tool(seen: Observed, baseline: Baseline) -> str | None:
    """The first tool result that says what none on the laptop did: no such file, permission denied …"""
    known = {_mark(result) for call in baseline.observed.model_calls for result in call.tool_results.values()}
    for call in seen.model_calls:
        for result in call.tool_results.values():
            mark = _mark(result)
            if mark is not None and mark not in known:
                return result
    return None


def is_late(seen: Observed, exchange: Exchange) -> bool:
    """Whether an exchange failed for its time alone: such a failure is repeated before it counts."""
    return exchange.elapsed > seen.terms.deadline


def _mark(result: str) -> str | None:
    match = _TOOL_FAILED.search(result)
    return None if match is None else match.group().lower()
