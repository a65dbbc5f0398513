"""Environment variables aren't there: exported in the developer's shell, and nowhere else."""

from __future__ import annotations

import re

from roadworthy.findings import Verdict, failed, not_tested, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.verdicts import must_answer, said
from roadworthy.hazards.wording import start_failure, told
from roadworthy.hazards.words import listed, one_line
from roadworthy.manifest.values import values_that_violate
from roadworthy.rehearsal.conditions import OnlyDeclared, With, Without
from roadworthy.rehearsal.holds import answers, is_clear_error, names_exactly
from roadworthy.rehearsal.observed import Baseline, Observed
from roadworthy.rehearsal.scenario import DURING, ONE_START, Plan, Send, Trial
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
NO_SECTION = "the manifest has no `env:` section"

_NAMED = re.compile(
    r"""KeyError:\ ['"](?P<key>[A-Z][A-Z0-9_]+)['"]
      | (?<![A-Za-z0-9_])(?P<word>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?![A-Za-z0-9_])
    """,
    re.VERBOSE,
)
"""What looks like a variable's name: any key that was missed, or capitals with an underscore between them."""
_ERROR_CODES = ("ERR_", "EAI_", "SSL_", "HTTP_", "SSLV3_", "TLSV1_", "CERTIFICATE_")
"""How names begin that are in capitals too, and no variables."""


def only_the_declared(terms: Terms, _baseline: Baseline) -> Plan:
    """One start with the declared variables and no others."""
    if terms.manifest.env is None:
        return not_tested(NO_SECTION)
    return [Trial(conditions=(OnlyDeclared(),), steps=(Send(DURING),))]


@hazard.scenario(
    "ENV301",
    "only the declared variables",
    plan=only_the_declared,
    needs=OnlyDeclared.needs,
)
def only_declared(seen: Observed, baseline: Baseline) -> Verdict:
    """Production sets what the manifest declares: does the agent read anything else?

    Done: the agent is started with the variables of the manifest's `env:` section, PATH, HOME, HOSTNAME, LANG
    and the names under which TLS libraries look for certificates. Everything else of your shell is gone, and
    each `.env` file is hidden. It gets one request.

    Must hold: it answers, and no result of a tool becomes an error that it was not on the laptop. A variable
    that it misses and the manifest does not declare is named in the verdict.

    Why: what was exported once, in a shell's profile or a forgotten `.env`, is exported nowhere else, and
    nobody who deploys the agent knows of it.

    Mend: declare the variable in the manifest and set it where the agent is deployed, or give it a default.

    Not tested: without an `env:` section.
    """
    missed = undeclared(seen)
    failure = must_answer(
        seen,
        "with only the declared variables",
        should="answer with what the manifest's `env:` section declares",
        baseline=baseline,
        names=missed,
        fix=f"declare {listed(missed)} in the manifest, as `env: {{{missed[0]}: {{}}}}`, and set it where the agent is "
        "deployed; or give it a default in the code"
        if missed
        else None,
    )
    return failure or passed()


def undeclared(seen: Observed) -> list[str]:
    """Names in what the agent said that look like variables which the manifest does not declare."""
    found = dict.fromkeys(match["key"] or match["word"] for match in _NAMED.finditer(said(seen)))
    declared = seen.terms.manifest.env or {}
    return [name for name in found if name not in declared and not name.startswith(_ERROR_CODES)][:3]


def each_required_variable(terms: Terms, _baseline: Baseline) -> Plan:
    """One start for each required variable, without it."""
    declared = terms.manifest.env
    if declared is None:
        return not_tested(NO_SECTION)
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
            rests_on_time=not has_stopped,  # a busy machine starts slowly
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


def each_value_that_violates(terms: Terms, _baseline: Baseline) -> Plan:
    """One start for each thing declared of a variable, with a value that breaks it; two for each at most."""
    wrong = {name: values_that_violate(name, variable) for name, variable in (terms.manifest.env or {}).items()}
    trials = [
        Trial((With(name, value),), (Send(DURING),), subject=name, may_not_start=True)
        for name, values in wrong.items()
        for value in dict.fromkeys([*values[:1], *values[-1:]])  # of another type, and beyond its limits
    ]
    return trials or not_tested("no variable has a type, choices, a pattern or limits")


@hazard.scenario(
    "ENV303",
    "malformed value",
    plan=each_value_that_violates,
    needs=With.needs,
    fresh=True,
    seconds=lambda terms: ONE_START * len(terms.manifest.env or {}),
    fix="Check the values of all variables when the process starts, and exit with the name of each that is wrong.",
)
def malformed_value(seen: Observed, _baseline: Baseline) -> Verdict:
    """A variable has a value that its declaration rules out: does whoever deploys learn of it, and of which?

    Done: the agent is started with a wrong value for each variable that declares a type, choices, a pattern or
    limits: a text where a number is meant, a number beyond its limit. Two starts for each variable at most.
    If it says that it is ready, it gets one request.

    Must hold: within `budgets.ready` it exits with a status other than 0, or stays not ready, and its output
    or its health endpoint names the variable. Or it answers, and a line of its output names the variable. Or
    the first request ends in a clear error that names it.

    Why: values are typed by hand into a form of the platform, and a wrong one that is taken in silence
    becomes a time-out of 0 or the wrong host.

    Mend: parse and check each value when the process starts, and exit with the names of those that are wrong.

    Not tested: when no variable declares a type, choices, a pattern or limits.
    """
    name, life, budget = seen.trial.subject, seen.life, seen.terms.ready
    (condition,) = seen.trial.conditions
    assert isinstance(condition, With)
    changed = f'{name} set to "{condition.value}"'
    should = f"exit with a status other than 0, or stay not ready, within {budget:g} s and name the variable"
    is_named = names_exactly("\n".join([*(line.text for line in seen.output), life.health_body]), name)
    request = next((exchange for exchange in seen.labelled(DURING) if exchange.sent is not None), None)
    if request is None:
        has_failed = life.exit_status != 0 if life.exited is not None else life.ready is None
        if has_failed and is_named:
            return passed()
        return failed(
            f"{changed}: the agent does not say what is wrong"
            if has_failed
            else f"{changed}: the agent stopped as if all was well",
            seen=start_failure(seen) + ("" if is_named else f"; nothing it printed names {name}"),
            should=should,
            where=where(seen, name),
            output=excerpt(seen),
            rests_on_time=life.exited is None,  # a busy machine starts slowly
        )
    if answers(request, seen.terms.deadline):
        if is_named:
            return passed(f"{changed}: the agent answers, and its output names the variable")
        return failed(
            f"{changed}: the agent takes it in silence",
            seen=f"{one_line(told(seen, request), 200)}; nothing it printed names {name}",
            should=should + "; or answer, and name it in the output",
            where=where(seen, name),
        )
    if clarity := is_clear_error(request, seen.terms, names=[name]):
        return passed(*clarity.notes)
    return failed(
        f"{changed}: the agent started, and failed on the first request",
        seen=one_line(told(seen, request), 300),
        should=should,
        where=where(seen, name),
        output=excerpt(seen, around=request.ended),
    )
