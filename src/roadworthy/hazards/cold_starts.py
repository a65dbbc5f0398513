"""Cold starts: the laptop's agent has been warm all day, production's has just been started."""

from __future__ import annotations

from dataclasses import replace
from statistics import median

from roadworthy.findings import Verdict, failed, not_tested, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.verdicts import ENDS_BY_ITSELF, must_answer
from roadworthy.hazards.wording import start_failure
from roadworthy.hazards.words import span
from roadworthy.rehearsal.conditions import CpuLimit
from roadworthy.rehearsal.holds import answers
from roadworthy.rehearsal.observed import Baseline, Observed
from roadworthy.rehearsal.scenario import DURING, Plan, Send, Trial, UntilAnswered
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.traces import excerpt, where

hazard = Hazard(
    "COLD",
    "Cold starts",
    cause="Heavy imports, indexes and connections are made at the start or in the first request, on a fraction of "
    "the laptop's processors. The gateway gives up, or the orchestrator starts the agent again, and again.",
    fix="Import and build only what the first answer needs, or do it in the background and be ready when it is done.",
    before="""\
import torch, transformers        # eight seconds on half a processor
INDEX = build_index("handbook/")  # before the port is opened
""",
    after="""\
@functools.cache
def index():                      # built once, when it is first needed
    from mylib import build_index
    return build_index(HANDBOOK)
""",
)


def on_declared_processors(terms: Terms, _baseline: Baseline) -> Plan:
    """One start on the declared share of the processors."""
    return [Trial(conditions=(CpuLimit(terms.manifest.resources.cpu),), steps=(Send(DURING),))]


@hazard.scenario(
    "COLD301",
    "a fresh start on the declared processors",
    plan=on_declared_processors,
    needs=CpuLimit.needs,
    quick=True,
    fresh=True,
    quiet=True,
)
def fresh_start(seen: Observed, baseline: Baseline) -> Verdict:
    """A fresh start on the processors of production: is the agent ready, and its first answer there, in time?

    Done: the agent is started with `resources.cpu` of processors, nothing else running beside it, and gets one
    request as soon as it is ready.

    Must hold: it is ready within `budgets.ready`, and the first answer is complete by the deadline
    (`timeouts.request`, else `budgets.answer`).

    Why: a start that takes two seconds on a laptop takes eight on a quarter of a processor. Until then
    requests wait or fail, and a probe that runs out of patience starts the agent all over again.

    Mend: import late what only some requests need; build indexes when the image is built; be ready only when the
    first request can be answered.

    Not tested: where the share of the processors cannot be enforced.
    """
    cpu, budget, life = seen.terms.manifest.resources.cpu, seen.terms.ready, seen.life
    changed = f"started on {cpu:g} {'processor' if cpu == 1 else 'processors'}"
    should = f"be ready within {budget:g} s, and answer within {seen.terms.deadline:g} s"
    on_the_laptop = baseline.observed.life.ready
    compared = "" if on_the_laptop is None else f"; on the laptop it was ready after {span(on_the_laptop)}"
    if life.exited is None and (life.ready is None or life.ready > budget):
        late = start_failure(seen) if life.ready is None else f"ready after {span(life.ready)}"
        return failed(
            f"{changed}: not ready in time",
            seen=late + compared,
            should=should,
            where=where(seen),
            output=excerpt(seen),
            rests_on_time=True,
        )
    failure = must_answer(seen, changed, should=should)
    return failure or passed(ready=life.ready, first_answer=seen.labelled(DURING)[0].seconds)


LATER = "later"


def at_once(terms: Terms, _baseline: Baseline) -> Plan:
    """One start, asked before anything has had the time to get warm."""
    if terms.is_one_shot:
        return not_tested(ENDS_BY_ITSELF)
    return [Trial(steps=(Send(DURING), UntilAnswered(LATER)), at_once=True)]


@hazard.scenario(
    "COLD302",
    "asked at the moment it says that it is ready",
    plan=at_once,
    fix="Be ready when the first request can be answered: let the ready endpoint say 503 until then, or open the port "
    "last.",
    fresh=True,
    quiet=True,
)
def ready_when_it_says_so(seen: Observed, _baseline: Baseline) -> Verdict:
    """Traffic comes with the first 2xx of the ready endpoint: is the agent really ready then?

    Done: the agent is started with the laptop's processors, nothing else running beside it. At the first 2xx of its
    ready endpoint, or, where it has none, when its port is open, it gets one request. Where that fails, others follow
    until one is answered, for 10 s at most, to tell how much too early it came.

    Must hold: that first request is answered by the deadline; no reset, no 5xx. It may take long (COLD303 looks at
    that).

    Why: an orchestrator sends traffic with the first good probe. What is ready before its index is loaded fails its
    first users with every deployment, and with every replica that is added when the load is highest.

    Mend: let the ready endpoint say 503 until everything that the first request needs is there; without such an
    endpoint, open the port last.

    Not tested: for a command that answers once.
    """
    sign = f"at the first 2xx of {seen.life.ready_path}" if seen.life.ready_path else "as soon as its port was open"
    should = "answer the request that comes with the first sign of readiness"
    failure = must_answer(seen, f"asked {sign}", should=should)
    if failure is None:
        return passed(seconds=seen.labelled(DURING)[0].seconds)
    later = next((one for one in seen.labelled(LATER) if answers(one, seen.terms.deadline)), None)
    if later is None or failure.seen is None:
        return failure
    early = span(later.due - seen.labelled(DURING)[0].due)
    return replace(failure, seen=f"{failure.seen}; {early} later a request was answered")


WARM = "warm"
WARM_REQUESTS = 5
"""Enough for a median that one slow request does not move."""
FIRST_ANSWER = 2.0
"""Seconds that the first answer may take longer where `budgets.first_answer` is not declared: about what a caller
takes for a slow answer and not for a failure."""


def first_and_next(terms: Terms, _baseline: Baseline) -> Plan:
    """One start, and six requests one after the other."""
    if terms.is_one_shot:
        return not_tested(ENDS_BY_ITSELF)
    return [Trial(steps=(Send(DURING), *(Send(WARM) for _ in range(WARM_REQUESTS))))]


@hazard.scenario(
    "COLD303",
    "the first request of a fresh start",
    plan=first_and_next,
    fix="build what the first answer needs before the agent says that it is ready, or when the image is built",
    fresh=True,
    quiet=True,
)
def first_request(seen: Observed, _baseline: Baseline) -> Verdict:
    """The first request after a start: how much longer does its caller wait than everybody later?

    Done: the agent is started with the laptop's processors, nothing else running beside it. It gets one request as
    soon as it is ready, and five more, one after the other.

    Must hold: all are answered, and the first takes at most `budgets.first_answer` (2 s where it is not declared)
    longer than the median of the other five, less the lateness of our own driver. A failure is repeated alone before
    it counts.

    Why: a model that is loaded or an index that is built in the first request makes its caller wait, and with each
    new replica another one. Health checks have passed by then, so the traffic has come.

    Mend: build it before the agent says that it is ready, or when the image is built.

    Not tested: for a command that answers once.
    """
    budget = seen.terms.manifest.budgets.first_answer
    allowed = FIRST_ANSWER if budget is None else budget
    should = f"answer the first request at most {span(allowed)} later than the following ones"
    for label in (DURING, WARM):
        if (failure := must_answer(seen, "freshly started", should=should, label=label)) is not None:
            return failure
    first = seen.labelled(DURING)[0].seconds or 0.0
    usual = median(exchange.seconds or 0.0 for exchange in seen.labelled(WARM))
    if first - usual <= allowed:
        return passed(first=first, median=usual)
    return failed(
        f"freshly started: the first answer took {span(first - usual)} longer than the next ones",
        seen=f"the first took {span(first)}; the median of the next {WARM_REQUESTS} is {span(usual)}",
        should=should,
        where=where(seen),
        output=excerpt(seen),
        rests_on_time=True,
    )
