"""Environment variables aren't there: exported in the developer's shell, and nowhere else."""

from __future__ import annotations

from roadworthy.findings import Verdict, failed, not_tested, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.wording import one_line, start_failure, told
from roadworthy.rehearsal.holds import answers, names_exactly
from roadworthy.rehearsal.observed import Baseline, Observed
from roadworthy.rehearsal.scenario import DURING, Plan, Send, Trial, Without
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.traces import excerpt, where

hazard = Hazard(
    "ENV",
    "Environment variables aren't there",
    cause="A variable that your shell or `.env` sets is missing in production, malformed, or a copy of the laptop's.",
    fix="Read every variable when the process starts, all in one place, and stop with the names of those "
    "that are missing: a failed deployment is noticed, a failed first request is not.",
    before="""\
def answer(query):
    client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])  # KeyError on the first request
""",
    after="""\
REQUIRED = ("OPENAI_API_KEY", "DATABASE_URL")
missing = [name for name in REQUIRED if not os.environ.get(name)]
if missing:
    sys.exit(f"not set: {', '.join(missing)}")  # before the port is opened
""",
)


def each_required_variable(terms: Terms, _baseline: Baseline) -> Plan:
    """One start for each required variable, without it."""
    declared = terms.manifest.env
    if declared is None:
        return not_tested("the manifest has no `env:` section")
    required = [name for name, variable in declared.items() if variable.is_required]
    if not required:
        return not_tested("no variable is required: each has a default or says `required: false`")
    return [
        Trial(conditions=(Without(name),), steps=(Send(DURING),), subject=name, may_not_start=True) for name in required
    ]


@hazard.scenario(
    "ENV302",
    "required variable taken away",
    plan=each_required_variable,
    needs=Without.needs,
    quick=True,
    fresh=True,
    fix="Read it when the process starts, before it listens, and exit with its name when it is missing.",
)
def variable_taken_away(seen: Observed, _baseline: Baseline) -> Verdict:
    """A required variable is missing: does whoever deploys learn of it, and of which?

    Done: the agent is started once for each required variable of the manifest, with that one taken away,
    also from `.env`. If it says that it is ready, it gets one request.

    Must hold: within `budgets.ready` it exits with a status other than 0, or stays not ready, and its output
    or its health endpoint names the variable. An agent that answers all the same passes too, with the note
    that the variable is not required.

    Why: an agent that starts without its key passes the deployment and fails each of its users. One that
    stops without a name costs an hour of looking.

    Mend: read all variables when the process starts, and exit with the names of those that are missing.

    Not tested: without an `env:` section, or when no variable in it is required.
    """
    name, life, budget = seen.trial.subject, seen.life, seen.terms.ready
    should = f"exit with a status other than 0, or stay not ready, within {budget:g} s and name the variable"
    look = where(seen, name)
    request = next(iter(seen.labelled(DURING)), None)
    if request is not None and answers(request, seen.terms.deadline):
        return passed(f"the agent answers without {name}: it is not required, say `required: false`")
    has_stopped = life.exited is not None and (request is None or request.sent is None)
    if has_stopped and life.exit_status == 0:
        return failed(
            f"{name} taken away: the agent stopped as if all was well",
            seen=start_failure(seen),
            should=should,
            where=look,
            output=excerpt(seen),
        )
    if has_stopped or life.ready is None:
        if names_exactly("\n".join([*(line.text for line in seen.output), life.health_body]), name):
            return passed()
        return failed(
            f"{name} taken away: the agent does not say what is missing",
            seen=f"{start_failure(seen)}; nothing it printed names {name}",
            should=should,
            where=look,
            output=excerpt(seen),
        )
    said_so = "said it was ready" if life.ready_path else "opened its port"
    if request is None:
        return not_tested(f"{name}: the agent {said_so} and was sent no request")
    return failed(
        f"{name} taken away: the agent {said_so} and failed on the first request",
        seen=one_line(told(seen, request), 300),
        should=should,
        where=look,
        output=excerpt(seen, around=request.ended),
    )
