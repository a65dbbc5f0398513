"""The caller leaves in the middle of a request: the second half of the hazard LIFE."""

from __future__ import annotations

from statistics import median

from roadworthy.findings import Severity, Verdict, failed, not_tested, passed
from roadworthy.hazards.lifecycle import hazard
from roadworthy.hazards.verdicts import NO_MODEL_CALL, NOTHING_TO_BREAK, after_the_fault, healthy_first
from roadworthy.hazards.words import listed, span
from roadworthy.rehearsal.faults.long_conversation import long_conversation
from roadworthy.rehearsal.observed import Baseline, Exchange, ModelCall, Observed
from roadworthy.rehearsal.scenario import BEFORE, DURING, Break, HangUp, Pause, Plan, Send, Trial
from roadworthy.rehearsal.terms import Terms

HELD, LATER = 3.0, 1.2
"""Seconds for the first model call, and for each later one: who goes on is at it when the allowed second is over."""
SHARE = 0.8
"""Of the time-out for a model call, where that is short: a call that times out would be another scenario."""
LEAVES = 0.5
"""Seconds that the caller stays once the model is asked."""
CLOSES_WITHIN = 2.0
"""Seconds within which the agent may close its call of the model: a look at the connection each second is enough."""
ALLOWED = 1.0
"""Seconds after the held call in which the agent may still do something: it notices at its next write, or step."""


def caller_leaves(terms: Terms, baseline: Baseline) -> Plan:
    """A healthy request, and one whose caller hangs up while the first model call is held."""
    if terms.is_one_shot:
        return not_tested("a command that answers once has no caller that could leave alone")
    if terms.manifest.agent.on_disconnect == "continue":
        return not_tested("the manifest says `agent.on_disconnect: continue`: it goes on by intention")
    if terms.is_entry:
        return not_tested("provided by the server: an `entry:` agent does not see its caller's connection")
    if baseline.calls_per_request == 0:
        return not_tested(NO_MODEL_CALL)
    first, later = (min(seconds, SHARE * terms.model_timeout) for seconds in (HELD, LATER))
    leaves = min(LEAVES, first / 2)
    seen = baseline.observed
    begins = median(calls[0].at - each.due for each in seen.exchanges if (calls := seen.calls_for(each)))
    rest = first - leaves + later + baseline.median_seconds + ALLOWED
    steps = (
        Send(BEFORE),
        Break(long_conversation(first, later)),
        Send(DURING, wait=False),
        Pause(begins + leaves),
        HangUp(),
        Pause(rest),
    )
    return [Trial(steps=steps)]


@hazard.scenario(
    "LIFE302",
    "the caller leaves during a request",
    plan=caller_leaves,
    fix="Look whether the caller is still there before each step, or beside the work and cancel that: "
    "`request.is_disconnected()` in Starlette and FastAPI, `response.on('close')` with an AbortController in Node. "
    "Where the work is wanted all the same, say so: `agent.on_disconnect: continue`.",
    fresh=True,
    seconds=lambda terms: 4.0 + min(HELD, SHARE * terms.model_timeout),
)
def caller_left(seen: Observed, _baseline: Baseline) -> Verdict:
    """The caller closes its connection while the agent waits for the model: does the agent go on for nobody?

    Done: the first model call of a request is held for 3 s, later ones for 1.2 s (0.8 of `timeouts.model` where that is
    less). Half a second into the first one the caller closes its connection. In its second turn the model calls a tool
    once more, so that something is left to do.

    Must hold: the agent closes its connection to the model within 2 s and asks no more; or no model call, no program
    and no connection to a service comes later than 1 s after the held call's end. So an agent may let a call end that
    it cannot cancel, and may notice at its next write or before its next step. And the process lives. Going on is
    a warning, not an error.

    Why: callers that give up ask again, and users press "stop". Each request that nobody waits for any more costs
    tokens and holds a place, and most of them come when the agent is slow already.

    Mend: look before each step whether the caller is still there, or cancel the work when it leaves. Most servers
    tell the agent and cancel nothing by themselves.

    Not tested: with `agent.on_disconnect: continue`; for `entry:` agents; when the agent makes no model call, or is
    through with all its calls within that second: then going on and giving up look alike.
    """
    if (unhealthy := healthy_first(seen)) is not None:
        return unhealthy
    before, request = seen.labelled(BEFORE)[0], seen.labelled(DURING)[0]
    should = f"close the model's connection within {CLOSES_WITHIN:g} s, or begin nothing more once that call has ended"
    if (ended := after_the_fault(seen, "the caller left", should)) is not None:
        return ended
    calls, left = seen.calls_for(request), request.hung_up
    first = next((call for call in calls if call.fault is not None), None)
    if first is None or left is None or first.at > left:
        return not_tested(f"{NOTHING_TO_BREAK}: no model call was under way when the caller left")
    over = _end(first)
    if over is None:
        return not_tested("the held model call did not end while it was watched")
    is_closed = first.closed_by_agent is not None and over <= left + CLOSES_WITHIN
    more = [call.at for call in calls if call.at > over]
    used = [] if is_closed else _used_later(seen, before, left, over)
    if any(at > over + ALLOWED for at in more) or used:
        what = [f"{len(more)} more model {'call' if len(more) == 1 else 'calls'}"] if more else []
        what += dict.fromkeys(f"a use of {name}" for _, name in used)
        last = max(*more, *(at for at, _ in used), over)
        return failed(
            "the caller left: the agent went on",
            seen=f"the caller left after {span(left - request.due)}, and the model call under way was over "
            f"{span(over - left)} later; after that came {listed(what)}, until {span(last - over)} after its end",
            should=should,
            severity=Severity.WARNING,
            rests_on_time=len(more) < 2,
        )
    if is_closed and not more:
        return passed(closed_after=round(over - left, 3))
    if _stopped_early(calls, seen.calls_for(before)):
        return passed(more_calls=len(more))
    return not_tested(
        "it let the held model call end, and was through with all of them a second later: whether it notices that its "
        "caller has left cannot be seen"
    )


def _end(call: ModelCall) -> float | None:
    return call.closed_by_agent if call.ended is None else call.ended


def _used_later(seen: Observed, before: Exchange, left: float, over: float) -> list[tuple[float, str]]:
    """Programs and services that came too late, of those that the healthy request used.

    Without those that came while the agent waited for the model too: a pool's own probe is nobody's tool call.
    """
    uses = [(start.at, start.name) for start in seen.started]
    uses += [(use.at, use.service or f"port {use.port}") for use in seen.services]
    usual = {name for at, name in uses if before.due <= at <= (before.ended or before.due)}
    idle = {name for at, name in uses if left < at < over}
    return [(at, name) for at, name in uses if at > over + ALLOWED and name in usual - idle]


def _stopped_early(calls: list[ModelCall], usual: list[ModelCall]) -> bool:
    """Whether the request came to fewer model calls than a healthy one, or the last of them was closed.

    A tool call that nobody answers shows nothing: an agent may be made for so many calls and no more.
    """
    last = max(calls, key=lambda call: call.at)
    return last.closed_by_agent is not None or len(calls) < len(usual)
