"""Requests come together: one at a time on the laptop, fifty in production, and they mix."""

from __future__ import annotations

from roadworthy.findings import Verdict, failed, not_tested, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.verdicts import crowd_failure, healthy_first
from roadworthy.rehearsal.canary import canaries_in
from roadworthy.rehearsal.faults.latency import latency
from roadworthy.rehearsal.holds import answers
from roadworthy.rehearsal.observed import Baseline, Exchange, Observed
from roadworthy.rehearsal.scenario import BEFORE, Break, Mend, Plan, Send, Trial
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.traces import excerpt, where

hazard = Hazard(
    "CONC",
    "Requests come together",
    cause="State that belongs to one request is kept where all requests see it: a module's variable, a shared "
    "agent object, a class attribute. One at a time that works.",
    fix="Keep everything of a request in local variables or in an object made for it.",
    before="""\
agent = Agent()                 # keeps its messages

def answer(query):
    return agent.run(query)     # the next user reads them
""",
    after="""\
def answer(query):
    return Agent().run(query)   # one for each request
""",
)

FIRST, SECOND = "together", "together again"


def all_at_once(terms: Terms, baseline: Baseline) -> Plan:
    """A healthy request, then N at once, twice: the second crowd finds what the first left behind."""
    count = terms.concurrency
    if count == 1:
        return not_tested("`budgets.concurrency` is 1: requests never come together")
    if not all(exchange.canary in canaries_in(exchange.text) for exchange in baseline.observed.exchanges):
        return not_tested("answers do not hold what the model said for their request: they cannot be told apart")
    crowds = (Send(FIRST, count=count), Send(SECOND, count=count))
    return [Trial(steps=(Send(BEFORE), Break(latency()), *crowds, Mend()))]


@hazard.scenario(
    "CONC301",
    "many requests at once, each with a reference of its own",
    plan=all_at_once,
    quick=True,
    seconds=lambda _terms: 3.0,
)
def each_its_own(seen: Observed, _baseline: Baseline) -> Verdict:
    """Many users ask at once: does each get their own answer, and no part of another's?

    Done: as many requests as `budgets.concurrency` says (20 where it says nothing) are sent at once, twice. Each
    holds a random reference, which the simulated model repeats in its answer. The model takes 100 to 400 ms, so
    that the requests overlap.

    Must hold: no answer holds another request's reference, and no conversation that is sent to the model holds
    those of two. Where the manifest declares the concurrency, at least half are answered by the deadline, and
    the rest are turned away clearly: a 429 or 503 with `Retry-After`, or an error that names its cause.

    Why: one user reads another's answer. Nothing fails, no log shows it, and it is the worst of all these defects.

    Mend: keep a request's messages, results and user in local variables or in an object that is made for it;
    use `contextvars` for what must be reached from everywhere.

    Not tested: when the concurrency is 1, or answers do not hold what the model said.
    """
    if (unhealthy := healthy_first(seen)) is not None:
        return unhealthy
    crowd = [*seen.labelled(FIRST), *seen.labelled(SECOND)]
    changed = f"{len(seen.labelled(FIRST))} requests at once"
    leaks = [(exchange, foreign) for exchange in crowd if (foreign := _foreign(exchange))]
    mixed = [call for call in seen.model_calls if call.counted and len(call.canaries) > 1]
    should = "give each request its own answer, and keep their conversations apart"
    if leaks or mixed:
        told = [f"{len(leaks)} of {len(crowd)} answers hold what belongs to another request"] if leaks else []
        told += (
            [f"{len(mixed)} of {len(seen.model_calls)} model calls hold two requests' conversations"] if mixed else []
        )
        return failed(
            f"{changed}: " + ("answers went to the wrong caller" if leaks else "conversations were mixed"),
            seen="; ".join(told),
            should=should,
            where=where(seen, since=crowd[0].due),
            output=excerpt(seen, since=crowd[0].due) if not leaks else (),
            examples=[[exchange.canary, *foreign] for exchange, foreign in leaks[:5]],
        )
    failure = crowd_failure(seen, (FIRST, SECOND), changed, should=should)
    if failure is not None:
        return failure
    answered = sum(answers(exchange, seen.terms.deadline) for exchange in crowd)
    notes = []
    if answered < len(crowd):
        notes.append(f"{answered} of {len(crowd)} were answered, the others turned away")
    if not seen.terms.concurrency_declared:
        notes.append("declare `budgets.concurrency` to have it judged how many must be answered")
    return passed(*notes, answered=answered, sent=len(crowd))


def _foreign(exchange: Exchange) -> tuple[str, ...]:
    """The references in a body that are not its own request's."""
    return tuple(canary for canary in canaries_in(exchange.text) if canary != exchange.canary)
