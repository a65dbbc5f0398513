"""Timeouts are too short, or missing: two seconds on the laptop, and for ever in production."""

from __future__ import annotations

from roadworthy.findings import Verdict, failed, not_tested, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.verdicts import NO_MODEL_CALL, NOTHING_TO_BREAK, after_the_fault, healthy_first, is_late
from roadworthy.hazards.wording import told
from roadworthy.rehearsal.faults.silent_provider import silent_provider
from roadworthy.rehearsal.holds import handled, met
from roadworthy.rehearsal.observed import Baseline, Observed
from roadworthy.rehearsal.scenario import (
    AFTER,
    BEFORE,
    DURING,
    Break,
    Mend,
    Plan,
    Send,
    Trial,
    UntilAnswered,
)
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
            seen=told(seen, request) if late else f"{told(seen, request)}; as an error it {clarity.why_not}",
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
