"""Timeouts are too short, or missing: two seconds on the laptop, and for ever in production."""

from __future__ import annotations

from roadworthy.findings import Verdict, failed, not_tested, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.verdicts import (
    NO_MODEL_CALL,
    NOTHING_TO_BREAK,
    after_the_fault,
    healthy_first,
    is_late,
    told_as_error,
)
from roadworthy.hazards.wording import told
from roadworthy.rehearsal.faults.delayed import delayed
from roadworthy.rehearsal.faults.silent_provider import silent_provider
from roadworthy.rehearsal.holds import handled, met, why_no_answer
from roadworthy.rehearsal.observed import Baseline, Observed
from roadworthy.rehearsal.scenario import AFTER, BEFORE, DURING, Break, Mend, Plan, Send, Trial, UntilAnswered
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.traces import excerpt, where

hazard = Hazard(
    "TIME",
    "Timeouts are too short, or missing",
    cause="A call without a time-out waits for ever, and one with an SDK's own waits for ten minutes and tries "
    "three times. The caller has gone long before, and the worker stays occupied.",
    fix="Give each model, tool and network call a time-out, so that with all its tries it ends before the "
    "request's deadline.",
    before="""\
client = OpenAI()  # 600 s, and two retries
""",
    after="""\
client = OpenAI(timeout=9, max_retries=1)  # 18 s in all, within the request's 30 s
""",
)

SLOW = "the provider is slow, within what is declared"
SHARE_OF_TIMEOUT = 0.8
"""Of Tm: slow, and a fifth below what the agent itself declares to bear."""
SHARE_OF_DEADLINE = 0.6
"""Of D, for all model calls of a request together: the rest is for tools, and for a machine at work."""


def slow_within_limits(terms: Terms, baseline: Baseline) -> Plan:
    """A healthy request, and one whose every model call is slow."""
    calls = baseline.calls_per_request
    if calls == 0:
        return not_tested(NO_MODEL_CALL)
    declared = terms.manifest.timeouts.model
    if declared is not None and declared * calls > terms.deadline:
        return not_tested(
            f"{calls:g} model calls of {declared:g} s (timeouts.model) do not fit into the deadline of "
            f"{terms.deadline:g} s: no provider can be as slow as is declared"
        )
    delay = min(SHARE_OF_TIMEOUT * terms.model_timeout, SHARE_OF_DEADLINE * terms.deadline / calls)
    return [Trial(steps=(Send(BEFORE), Break(delayed(round(delay, 2))), Send(DURING)))]


@hazard.scenario(
    "TIME301",
    SLOW,
    plan=slow_within_limits,
    fix="give each call the time that the manifest declares for it, and the request the sum of them",
    seconds=lambda terms: SHARE_OF_DEADLINE * terms.deadline + 1,
)
def provider_is_slow(seen: Observed, _baseline: Baseline) -> Verdict:
    """The provider takes long for each call, and less than is declared: is the request answered?

    Done: after a healthy request each model call's answer begins late: by 0.8 of `timeouts.model` (two thirds of the
    deadline where it is not declared), and by less where all calls of a request would together take more than 0.6 of
    the deadline. When streaming it is the first byte that is late. One request is sent.

    Must hold: it is answered by the deadline (`timeouts.request`, else `budgets.answer`).

    Why: a laptop's short prompts are answered in a second or two. A long conversation, a long answer or a busy hour
    takes ten, and a time-out that was chosen on the laptop ends what would have been an answer.

    Mend: declare what a model call may take under `timeouts.model`, give the client that time-out, and choose the
    request's so that all its calls fit in.

    Not tested: when the agent makes no model call; when as many calls as a request makes, each as long as
    `timeouts.model` declares, do not fit into the deadline.
    """
    if (unhealthy := healthy_first(seen)) is not None:
        return unhealthy
    request = seen.labelled(DURING)[0]
    if not met(seen, request):
        return not_tested(f"{NOTHING_TO_BREAK}: no model call of this request met the slow provider")
    why = why_no_answer(request, seen.terms.deadline)
    if why is None:
        return passed(seconds=request.seconds)
    fault = next((name for _, name in seen.breaks if name), SLOW)
    calls = len(seen.calls_for(request))
    return failed(
        f"{fault}: the request failed",
        seen=f"{told(seen, request)}; it had made {calls} model {'call' if calls == 1 else 'calls'}",
        should=f"wait for it and answer within {seen.terms.deadline:g} s",
        where=where(seen, since=request.due),
        output=excerpt(seen, around=request.ended, since=request.due),
        rests_on_time=True,
    )


CHANGED = "the provider accepts and never answers"


def never_answers(_terms: Terms, baseline: Baseline) -> Plan:
    """A healthy request, one that the provider never answers, and healthy ones until one is answered."""
    if baseline.calls_per_request == 0:
        return not_tested(NO_MODEL_CALL)
    steps = (Send(BEFORE), Break(silent_provider()), Send(DURING), Mend(), UntilAnswered(AFTER))
    return [Trial(steps=steps)]


@hazard.scenario("TIME302", CHANGED, plan=never_answers, quick=True, seconds=lambda terms: terms.model_timeout + 1)
def provider_never_answers(seen: Observed, _baseline: Baseline) -> Verdict:
    """The provider takes a call and says nothing: does the caller learn of it in time?

    Done: after a healthy request the provider accepts connections, reads what it is sent, and sends nothing. One
    request is sent. Then the provider is well again.

    Must hold: by the deadline (`timeouts.request`, else `budgets.answer`) the request ends in a clear error that
    names a time-out, or the model or its provider; or it is answered from elsewhere. The process lives, and a
    request sent within 10 s after the fault's end is answered.

    Why: without a time-out each such request keeps a worker and its caller waiting, until none is left. An SDK's
    stock time-out of ten minutes is as good as none.

    Mend: set the time-out of the model's client so that all its tries together end before the deadline, and answer
    504 with a word on what took too long.

    Not tested: when the agent makes no model call.
    """
    if (unhealthy := healthy_first(seen)) is not None:
        return unhealthy
    request = seen.labelled(DURING)[0]
    if not met(seen, request):
        return not_tested(f"{NOTHING_TO_BREAK}: no model call of this request met the silent provider")
    deadline, model = seen.terms.deadline, seen.terms.model_timeout
    should = f"a clear error within {deadline:g} s that names a time-out, and answers again afterwards"
    clarity = handled(request, seen.terms, "timeout", "model")
    if not clarity:
        late = is_late(seen, request)
        return failed(
            f"{CHANGED}: " + (f"no answer within {deadline:g} s" if late else "the error does not say so"),
            seen=told_as_error(seen, request, clarity),
            should=should,
            where=where(seen, since=request.due),
            fix=f"give the model's client a time-out of {model / 2:.2g} s and one retry: together {model:.2g} s, "
            f"below the deadline of {deadline:g} s; the official SDKs wait 600 s and try three times"
            if late
            else "answer 504 and say that the model did not answer in time",
            output=excerpt(seen, around=request.ended, since=request.due),
            rests_on_time=late,
        )
    return after_the_fault(seen, CHANGED, should) or passed(*clarity.notes, seconds=request.seconds)
