"""Everything at once: what each change alone did not show, their sum may."""

from __future__ import annotations

from roadworthy.findings import Verdict, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.verdicts import crowd_failure, must_answer
from roadworthy.rehearsal.conditions import Production
from roadworthy.rehearsal.holds import answers
from roadworthy.rehearsal.observed import Baseline, Observed
from roadworthy.rehearsal.scenario import BEFORE, Plan, Send, Trial
from roadworthy.rehearsal.terms import Terms

hazard = Hazard(
    "ALL",
    "Production as a whole",
    cause="Each condition of production alone was no trouble, and all of them together are: memory for one request "
    "and not for fifty, a folder that is writable and too small.",
    fix="Mend what the other codes show first. What is left when they all pass is a sum: look at memory, temporary "
    "space and processors against the number of requests at once.",
    before="""\
table = load_table()      # 12 MB for each request: fine alone, and not fifty times in 256 MiB
""",
    after="""\
TABLE = load_table()      # once for all
""",
)

TOGETHER = "together"


def in_production(terms: Terms, _baseline: Baseline) -> Plan:
    """One start with every condition: one request, then N at once."""
    return [Trial(conditions=(Production(),), steps=(Send(BEFORE), Send(TOGETHER, count=terms.concurrency)))]


@hazard.scenario(
    "ALL301",
    "every condition of production at once",
    plan=in_production,
    needs=Production.needs,
    quick=True,
    fresh=True,
)
def everything_at_once(seen: Observed, baseline: Baseline) -> Verdict:
    """Variables, folder, user, PATH, network, memory, processors and disk, all as in production: does it work?

    Done: the agent is started with every condition of the other scenarios at once, to the figures of the manifest,
    and nothing broken. It gets one request, and then as many at once as `budgets.concurrency` says (20 where it
    says nothing).

    Must hold: the one is answered, and no result of a tool says that something is missing or denied. Of those at
    once at least half are answered by the deadline, and the rest are turned away clearly: a 429 or 503 with
    `Retry-After`, or an error that names its cause. Where no concurrency is declared, at least one is answered.

    Why: this is the nearest thing to the deployment itself. An agent that passes each condition alone and fails
    here suffers from their sum.

    Mend: first what the other codes show, for each of them fails this one too.
    """
    should = "answer in production's conditions, alone and together"
    failure = must_answer(
        seen, "every condition at once", should=should, baseline=baseline, label=BEFORE
    ) or crowd_failure(seen, (TOGETHER,), "every condition at once", should=should)
    if failure is not None:
        return failure
    crowd = seen.labelled(TOGETHER)
    answered = sum(answers(exchange, seen.terms.deadline) for exchange in crowd)
    return passed(answered=answered, at_once=len(crowd))
