"""Rate limits hit differently: one query on the laptop, a thousand a minute in production, and then a 429."""

from __future__ import annotations

from roadworthy.findings import Verdict, failed, not_tested, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.verdicts import NO_MODEL_CALL, NOTHING_TO_BREAK, healthy_first, is_late
from roadworthy.hazards.wording import span, told
from roadworthy.rehearsal.faults.rate_limited import rate_limited
from roadworthy.rehearsal.holds import answers, handled, met, says_come_back
from roadworthy.rehearsal.observed import Baseline, Exchange, Observed
from roadworthy.rehearsal.scenario import BEFORE, DURING, Break, Plan, Send, Trial
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

    Done: for 3 s (1 s where the deadline is below 6 s) every model call gets a 429, with the rest of that time in
    `Retry-After`. Five requests are sent in the first third of it.

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
