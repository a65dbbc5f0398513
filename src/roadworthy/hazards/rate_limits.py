"""Rate limits hit differently: one query on the laptop, a thousand a minute in production, and then a 429."""

from __future__ import annotations

from collections import Counter
from statistics import median

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
from roadworthy.hazards.words import size, span
from roadworthy.rehearsal.faults.quota_exceeded import quota_exceeded
from roadworthy.rehearsal.faults.rate_limited import rate_limited
from roadworthy.rehearsal.faults.unavailable import unavailable
from roadworthy.rehearsal.holds import Clarity, answers, handled, met, says_come_back, shed
from roadworthy.rehearsal.observed import Baseline, Exchange, Observed
from roadworthy.rehearsal.scenario import AFTER, BEFORE, DURING, Break, Mend, Plan, Send, Trial, UntilAnswered
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.traces import excerpt, where

hazard = Hazard(
    "RATE",
    "Rate limits hit differently",
    cause="One user stays below every limit. Many together get a 429 from the provider, and the agent fails, or "
    "asks again at once and makes it worse.",
    fix="Try again after the time that `Retry-After` gives, a few times, within the request's deadline; else pass "
    "the 429 on with its `Retry-After`.",
    before="""\
response = requests.post(url, json=body)
response.raise_for_status()  # 429: the request is lost
""",
    after="""\
client = OpenAI(max_retries=3)  # the official SDKs wait as long as Retry-After says
""",
)

QUOTA = "the provider says that the quota is used up"

WINDOW, SHORT_WINDOW = 3.0, 1.0
"""Seconds for which the provider refuses. Longer than the second or two that a backoff takes which does not
look at `Retry-After`, and short enough to be waited for within any deadline of 6 s or more."""
REQUESTS = 5
EARLY = 0.1
"""Seconds that a call may come too soon: clocks and timers are that exact."""


def limited_for_a_while(terms: Terms, baseline: Baseline) -> Plan:
    """Five requests in the first third of the window, so that all of them meet it."""
    if baseline.calls_per_request == 0:
        return not_tested(NO_MODEL_CALL)
    window = WINDOW if terms.deadline >= 2 * WINDOW else SHORT_WINDOW
    send = Send(DURING, count=REQUESTS, over=window / 3)
    return [Trial(steps=(Send(BEFORE), Break(rate_limited(window)), send))]


@hazard.scenario(
    "RATE301",
    "the provider answers 429 with Retry-After",
    plan=limited_for_a_while,
    quick=True,
    seconds=lambda _terms: 5.0,
)
def told_to_wait(seen: Observed, _baseline: Baseline) -> Verdict:
    """The provider says "too many, come back in three seconds": does the agent wait, and answer after all?

    Done: for 3 s (1 s where the deadline is below 6 s) from the first one on, every model call gets a 429, with the
    rest of that time in `Retry-After`. Five requests are sent in the first third of it.

    Must hold: each request that met the 429 is answered by its deadline, or passes a 429 or 503 with `Retry-After`
    on to its caller. No model call for a request comes before the time that this request was told, less 100 ms.

    Why: a busy provider is an everyday event. Failing loses the request; asking again at once keeps the limit
    closed for everybody.

    Mend: use the SDK's own retries, or wait as long as `Retry-After` says; give the caller a 429 with
    `Retry-After` where the deadline does not allow for that.

    Not tested: when the agent makes no model call.
    """
    if (unhealthy := healthy_first(seen)) is not None:
        return unhealthy
    crowd = seen.labelled(DURING)
    if not any(met(seen, exchange) for exchange in crowd):
        return not_tested(f"{NOTHING_TO_BREAK}: no model call of these requests met the 429")
    lost = [exchange for exchange in crowd if not _is_well(seen, exchange)]
    early = [too_soon for exchange in crowd if (too_soon := _too_soon(seen, exchange)) is not None]
    if not lost and not early:
        return passed(answered=sum(answers(exchange, seen.terms.deadline) for exchange in crowd))
    hurried = f"a model call came {span(max(early))} before the time that it was told" if early else ""
    title = f"{len(lost)} of {len(crowd)} requests failed" if lost else "the agent asked again too soon"
    return failed(
        f"429 with Retry-After: {title}",
        seen="; ".join(filter(None, [told(seen, lost[0]) if lost else "", hurried])),
        should="wait as long as Retry-After says and answer, or pass the 429 on with its Retry-After",
        where=where(seen, since=crowd[0].due),
        output=excerpt(seen, since=crowd[0].due),
        rests_on_time=bool(lost) and not early and all(is_late(seen, exchange) for exchange in lost),
    )


def _is_well(seen: Observed, exchange: Exchange) -> bool:
    """Answered, or told to come back; one that never met the 429 may also say clearly that it was turned away."""
    if answers(exchange, seen.terms.deadline) or says_come_back(exchange):
        return True
    return not met(seen, exchange) and bool(handled(exchange, seen.terms, "rate_limit", "unavailable"))


def _too_soon(seen: Observed, exchange: Exchange) -> float | None:
    """By how many seconds at most a call came before the time that an earlier answer had told."""
    calls = seen.calls_for(exchange)
    gaps = [
        call.retry_not_before - later.at
        for call in calls
        if call.retry_not_before is not None
        for later in calls
        if later.at > (call.at if call.ended is None else call.ended)
    ]
    return max((gap for gap in gaps if gap > EARLY), default=None)


QUOTA_CROWD, QUOTA_SECONDS = 20, 5.0
"""Requests, and the seconds over which they are sent: four a second are enough to pile up in an agent that holds on
to those it cannot answer, and few enough for any agent that turns them away."""


def out_of_quota(_terms: Terms, baseline: Baseline) -> Plan:
    """Twenty requests over five seconds while the account is empty, and healthy ones until one is answered."""
    if baseline.calls_per_request == 0:
        return not_tested(NO_MODEL_CALL)
    send = Send(DURING, count=QUOTA_CROWD, over=QUOTA_SECONDS)
    return [Trial(steps=(Send(BEFORE), Break(quota_exceeded()), send, Mend(), UntilAnswered(AFTER)))]


@hazard.scenario(
    "RATE302",
    QUOTA,
    plan=out_of_quota,
    fix="where the provider says that the quota is used up, give up at once: answer 503 or 429 and say so",
    seconds=lambda _terms: QUOTA_SECONDS + 2,
)
def quota_used_up(seen: Observed, _baseline: Baseline) -> Verdict:
    """The account at the provider is out of credit: does each caller learn of it, and does the agent live on?

    Done: every model call gets the provider's own 429 for a quota that is used up, which no waiting mends. Twenty
    requests are sent over 5 s. Then the quota is there again.

    Must hold: each request ends by the deadline in a clear error that names the limit, the quota, or the model or its
    provider; or it is answered from elsewhere. The process lives, and the memory that it holds towards the fault's end
    is below `resources.memory`. A request sent within 10 s after the fault's end is answered.

    Why: a spending limit is reached at night, and for every request at once. An agent that holds on to what it cannot
    answer runs out of workers and memory as well, and is then down even when the quota is back.

    Mend: tell this 429 from a busy provider's by its code (`insufficient_quota`), do not try again, answer with a
    clear error, and keep nothing of the request.

    Not tested: when the agent makes no model call.
    """
    if (unhealthy := healthy_first(seen)) is not None:
        return unhealthy
    crowd = seen.labelled(DURING)
    if not any(met(seen, exchange) for exchange in crowd):
        return not_tested(f"{NOTHING_TO_BREAK}: no model call of these requests met the 429")
    should = "a clear error for each request that names the quota, the limit or the model; and answers again afterwards"
    clear = {exchange.canary: _is_told(seen, exchange) for exchange in crowd}
    lost = [exchange for exchange in crowd if not clear[exchange.canary]]
    if lost:
        return failed(
            f"{QUOTA}: {len(lost)} of {len(crowd)} requests got no clear error",
            seen=told_as_error(seen, lost[0], clear[lost[0].canary]),
            should=should,
            where=where(seen, since=crowd[0].due),
            output=excerpt(seen, since=crowd[0].due),
            rests_on_time=all(is_late(seen, exchange) for exchange in lost),
        )
    if (broken := after_the_fault(seen, QUOTA, should)) is not None:
        return broken
    return _grown(seen) or passed(*dict.fromkeys(note for each in clear.values() for note in each.notes))


def _is_told(seen: Observed, exchange: Exchange) -> Clarity:
    """Answered, or a clear error; one that was shed before it met the 429 may say that alone."""
    if not met(seen, exchange) and shed(exchange, seen.terms):
        return Clarity(True)
    return handled(exchange, seen.terms, "rate_limit", "unavailable", "model")


def _grown(seen: Observed) -> Verdict | None:
    """A failure where the requests that could not be answered took more memory than there is.

    Growth alone tells nothing: twenty connections at once take some 20 MiB of a sound agent in Python. What is held
    counts, the median of the fault's last quarter, and not the peak: between its fork and its exec a tool's process
    counts as large as the agent.
    """
    began = next((at for at, name in seen.breaks if name), 0.0)
    mended = next((at for at, name in seen.breaks if not name and at > began), seen.ended)
    during = [used for at, used in seen.memory if began < at <= mended]
    held = int(median(during[-max(1, len(during) // 4) :])) if during else 0
    if held <= seen.terms.memory:
        return None
    return failed(
        f"{QUOTA}: the agent needs more memory than it has",
        seen=f"{size(held)} while {QUOTA_CROWD} requests were turned away",
        should=f"stay below resources.memory, {size(seen.terms.memory)}",
        where=where(seen, since=began),
        fix="keep nothing of a request that failed: no queue without an end, no list of what is to be tried again",
        output=excerpt(seen, since=began),
    )


MOST_TRIES = 4
"""Sends of one body for one request: the first, and three more. The official SDKs try three times in all; a fifth
comes from a layer that does not know of the other's tries, or from a loop without an end."""
CROWD = 10
"""Requests: enough that some get a 429 and some a 503, which not every client treats alike."""


def refuses_everything(_terms: Terms, baseline: Baseline) -> Plan:
    """Ten requests at once, each of which meets a 429 or a 503 with every call."""
    if baseline.calls_per_request == 0:
        return not_tested(NO_MODEL_CALL)
    return [Trial(steps=(Send(BEFORE), Break(unavailable()), Send(DURING, count=CROWD)))]


@hazard.scenario(
    "RATE303",
    "the provider answers 429 or 503 to everything",
    plan=refuses_everything,
    fix="let one layer alone try again, three times at most: where your own code does, give the SDK's client "
    "`max_retries=0`; then give up with a clear error",
    seconds=lambda _terms: 4.0,
)
def retries_are_bounded(seen: Observed, baseline: Baseline) -> Verdict:
    """The provider turns everything away and names no time: how often does the agent ask again?

    Done: every model call gets a 429 or a 503 without `Retry-After`: the two in turns, request by request, and the
    same for all calls of one. Ten requests are sent at once.

    Must hold: for one request the same body is sent to the provider at most four times; bodies are compared without
    what an SDK varies between tries. Where the agent sends one body more than once for a request on the laptop too,
    as when it asks for several drafts, four times for each of these. Where `budgets.upstream_calls` is declared, all
    model calls of one request together are not more. Where the agent mixes requests up, this holds on average.

    Why: the official SDKs try three times. An agent's own three tries around these are nine, a framework's make 27:
    each of them costs time and quota, and together they keep an overloaded provider down.

    Mend: let one layer alone try again, a few times, with a growing pause; set the SDK's `max_retries=0` where your
    own code tries again.

    Not tested: when the agent makes no model call; and where requests have no answer when we stop waiting, as more
    tries may follow.
    """
    if (unhealthy := healthy_first(seen)) is not None:
        return unhealthy
    crowd = seen.labelled(DURING)
    if not any(met(seen, exchange) for exchange in crowd):
        return not_tested(f"{NOTHING_TO_BREAK}: no model call of these requests was turned away")
    usual = max((_most_sent(baseline.observed, exchange) for exchange in baseline.observed.exchanges), default=1)
    most, budget = MOST_TRIES * max(1, usual), seen.terms.manifest.budgets.upstream_calls
    sent = [_most_sent(seen, exchange) for exchange in crowd]
    calls = [len(seen.calls_for(exchange)) for exchange in crowd]
    # Where requests are mixed up (CONC301), one's calls carry another's canary: then all of them together tell.
    mixed_up = any(not count and not shed(exchange, seen.terms) for count, exchange in zip(calls, crowd, strict=True))
    one = f"{len(crowd)} mixed-up requests together (CONC301)" if mixed_up else "one request"
    worst = sum if mixed_up else max
    share = len(crowd) if mixed_up else 1
    too_many_tries = worst(sent) > most * share
    too_many_calls = budget is not None and worst(calls) > budget * share
    if not too_many_tries and not too_many_calls:
        if unfinished := sum(exchange.error is not None and is_late(seen, exchange) for exchange in crowd):
            return not_tested(
                f"{unfinished} of {len(crowd)} requests had no answer when we stopped waiting: how often they ask the "
                "model after that was not looked at"
            )
        return passed(sent=max(sent), calls=max(calls))
    problems, bounds = [], [f"send one body at most {most} times for a request"]
    if too_many_tries:
        eager = crowd[sent.index(max(sent))]
        over = span(max(call.at for call in seen.calls_for(eager)) - eager.due)
        problems.append(f"the same body was sent {worst(sent)} times for {one}, within {over}")
    if budget is not None:
        bounds.append(f"make at most {budget} model calls for it (budgets.upstream_calls)")
    if too_many_calls:
        problems.append(f"{one} made {worst(calls)} model calls")
    return failed(
        f"429 or 503 to everything: {one} asked the model {worst(calls)} times",
        seen=f"{'; '.join(problems)}; {sum(calls)} model calls for {len(crowd)} requests",
        should=", and ".join(bounds) + ", then give up",
        where=where(seen, since=crowd[0].due),
        output=excerpt(seen, since=crowd[0].due),
    )


def _most_sent(seen: Observed, exchange: Exchange) -> int:
    """How often the body that was sent most often for this request was sent."""
    return max(Counter(call.digest for call in seen.calls_for(exchange)).values(), default=0)
