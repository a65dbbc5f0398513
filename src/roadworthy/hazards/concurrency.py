"""Requests come together: one at a time on the laptop, fifty in production, and they mix."""

from __future__ import annotations

from roadworthy.findings import Verdict, failed, not_tested, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.verdicts import ENDS_BY_ITSELF, crowd_failure, healthy_first
from roadworthy.hazards.words import listed, span
from roadworthy.rehearsal.canary import canaries_in
from roadworthy.rehearsal.faults.latency import latency
from roadworthy.rehearsal.holds import answers
from roadworthy.rehearsal.observed import Baseline, Exchange, HealthProbe, Observed
from roadworthy.rehearsal.scenario import BEFORE, Break, Mend, Plan, ProbeHealth, Send, Trial
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


SLOWEST = 1.0
"""Seconds: the stock time-out of a Kubernetes probe."""
IN_A_ROW = 3
"""Failures: the stock threshold after which Kubernetes restarts the container."""


def all_at_once_probed(terms: Terms, baseline: Baseline) -> Plan:
    """The two crowds again, with the live endpoint asked all the while."""
    if terms.is_one_shot:
        return not_tested(ENDS_BY_ITSELF)
    health = terms.manifest.agent.health
    if health.live is None and baseline.observed.life.ready_path is None:
        return not_tested("no health endpoint, so nothing can be asked; see LIFE101")
    if terms.concurrency == 1:
        return not_tested("`budgets.concurrency` is 1: requests never come together")
    crowds = (Send(FIRST, count=terms.concurrency), Send(SECOND, count=terms.concurrency))
    return [Trial(steps=(Send(BEFORE), ProbeHealth(), Break(latency()), *crowds, Mend()))]


@hazard.scenario(
    "CONC302",
    "many requests at once, and the live endpoint asked meanwhile",
    plan=all_at_once_probed,
    quiet=True,
    seconds=lambda _terms: 4.0,
)
def stays_live(seen: Observed, _baseline: Baseline) -> Verdict:
    """One call blocks the event loop, and the platform restarts an agent that is only busy: does it still answer?

    Done: as in CONC301, as many requests as `budgets.concurrency` says (20 where it says nothing) are sent at
    once, twice, while the model takes 100 to 400 ms. Every 200 ms the live endpoint is asked.

    Must hold: no three questions in a row fail or take longer than 1 s. These are the stock figures of a
    Kubernetes liveness probe: after three failures the container is restarted.

    Why: a synchronous call in an event loop, or health behind the same full pool as the work, keeps the probe
    waiting. The restart cuts all requests under way, and their retries hit the replicas that are left.

    Mend: call the model with an async client, or in a thread (`asyncio.to_thread`); let the live endpoint do
    nothing but answer, without a lock or the pool of the work.

    Not tested: without a health endpoint; for a command that answers once; when the concurrency is 1; when fewer
    than three questions were asked.
    """
    if (unhealthy := healthy_first(seen)) is not None:
        return unhealthy
    begin = min((exchange.due for exchange in seen.labelled(FIRST)), default=0.0)
    end = max((exchange.ended or exchange.due for exchange in seen.labelled(SECOND)), default=seen.ended)
    probes = [probe for probe in seen.probes if begin <= probe.at <= end]
    run = _longest_failing(probes)
    slowest = max((probe.seconds for probe in probes), default=0.0)
    if len(run) < IN_A_ROW:
        if len(probes) < IN_A_ROW:
            path = seen.life.live_path or "a live endpoint"
            return not_tested(f"{path} was asked {len(probes)} times only: none was found, or all was over too soon")
        return passed(probes=len(probes), slowest=round(slowest, 3))
    told = listed(f"{probe.status or 'no answer'} after {span(probe.seconds)}" for probe in run[:3])
    return failed(
        f"{len(seen.labelled(FIRST))} requests at once: the live endpoint did not answer",
        seen=f"GET {seen.life.live_path}, {len(run)} times in a row too late or failed: {told}",
        should=f"answer within {SLOWEST:g} s, however many requests are under way",
        where=where(seen, since=begin),
        fix="let nothing block the event loop (`await` an async client, or `asyncio.to_thread`), and keep the live "
        "endpoint out of the pool that the requests fill",
        output=excerpt(seen, since=begin),
        rests_on_time=True,
    )


def _longest_failing(probes: list[HealthProbe]) -> list[HealthProbe]:
    """The longest run of questions in a row that failed or took too long."""
    longest: list[HealthProbe] = []
    run: list[HealthProbe] = []
    for probe in probes:
        run = [] if _is_well(probe) else [*run, probe]
        longest = max(longest, run, key=len)
    return longest


def _is_well(probe: HealthProbe) -> bool:
    """Where we gave up on it, the agent's own time alone tells: this machine may have had no time for it."""
    is_open = probe.status is None and probe.elapsed > SLOWEST
    return (is_open or (probe.status is not None and 200 <= probe.status < 300)) and probe.seconds <= SLOWEST


def _foreign(exchange: Exchange) -> tuple[str, ...]:
    """The references in a body that are not its own request's."""
    return tuple(canary for canary in canaries_in(exchange.text) if canary != exchange.canary)
