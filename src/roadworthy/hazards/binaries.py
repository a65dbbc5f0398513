"""Tool binaries aren't installed: ripgrep is on the laptop, and not in the image."""

from __future__ import annotations

import re

from roadworthy.findings import Verdict, failed, not_tested, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.tool_use import came_to_nothing, found_nothing, results_by_tool, tools_behind
from roadworthy.hazards.verdicts import NOTHING_TO_BREAK, after_the_fault, is_late, must_answer, said, told_as_error
from roadworthy.hazards.wording import start_failure
from roadworthy.hazards.words import listed, one_line
from roadworthy.rehearsal.conditions import Feature, SlimPath, WithoutBinary
from roadworthy.rehearsal.holds import handled, names_cause, names_exactly
from roadworthy.rehearsal.observed import Baseline, Exchange, Observed
from roadworthy.rehearsal.scenario import DURING, ONE_START, Plan, Send, Trial
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.traces import excerpt, where

hazard = Hazard(
    "BIN",
    "Tool binaries aren't installed",
    cause="The agent starts programs that your machine has and a slim image lacks: rg, git, jq, curl, ps.",
    fix="Declare every program under `binaries:`, and install it in the image.",
    before="""\
subprocess.run(["rg", pattern, folder])  # rg: command not found
""",
    after="""\
# roadworthy.yaml
# binaries: {rg: ">=13"}

# Dockerfile
# RUN apt-get update && apt-get install -y --no-install-recommends ripgrep
""",
)

CANNOT_BE_SEEN = "which programs the agent starts cannot be seen here"
_MISSING = re.compile(r"\b(?:missing|absent|enoent|lack|requir|need|install)", re.IGNORECASE)
"""How people say that a program is not there, beside the words of an error."""
_FAILED = re.compile(
    r"\b(?:errors?\b(?!\W*(?:null|none|false|0)\b)|fail|exception|unavailable|not available|unable|could not|cannot)",
    re.IGNORECASE,
)
"""How a tool's result says that the tool failed; "not found" is what a search says that found nothing."""


def where_programs_are_started(_terms: Terms, baseline: Baseline) -> Plan:
    """One start with a slim image's PATH, where the laptop stage showed any program at all."""
    if not any(start.found for start in baseline.observed.started):
        if Feature.EXEC not in baseline.observed.enforced:
            return not_tested(CANNOT_BE_SEEN)
        return not_tested(f"{NOTHING_TO_BREAK}: the agent started no program")
    return [Trial(conditions=(SlimPath(),), steps=(Send(DURING),))]


@hazard.scenario(
    "BIN301",
    "only what a slim image has and what is declared",
    plan=where_programs_are_started,
    needs=SlimPath.needs,
    quick=True,
)
def slim_image(seen: Observed, baseline: Baseline) -> Verdict:
    """Only the programs of a slim image are there, and those that the manifest declares: does the agent miss one?

    Done: PATH holds what a slim Debian image has, the agent's own runtime, and the `binaries:` of the manifest. The
    agent gets one request.

    Must hold: it answers, and no result of a tool says that a program is missing. Programs that were asked for
    and are not there are named, also where the agent can do without them (then as a note).

    Why: a program that every developer has is missed by nobody until the first request in production.

    Mend: declare it under `binaries:` and install it in the image, or do without it.

    Not tested: when the agent started no program on the laptop.
    """
    asked = _asked_for(seen, baseline)
    missing = asked or _not_started(seen, baseline)
    lines = ", ".join(f'{name}: "*"' for name in missing)
    failure = must_answer(
        seen,
        f"{listed(missing)} not declared" if missing else "only what a slim image has and what is declared",
        should="answer with the programs of a slim image and those that `binaries:` declares",
        baseline=baseline,
        names=missing,
        fix=f"declare it, `binaries: {{{lines}}}`, and install it in the image" if missing else None,
    )
    if failure is not None or not asked:
        return failure or passed()
    return passed(f"it asked for {listed(asked)}, which a slim image lacks, and answered all the same")


def _asked_for(seen: Observed, baseline: Baseline) -> list[str]:
    """Programs of the laptop that were asked for and not found here.

    A program is tried in each folder of PATH, so it is missing only when no attempt found it.
    """
    found = {start.name for start in seen.started if start.found}
    return sorted(({start.name for start in seen.started} - found) & baseline.programs)


def _not_started(seen: Observed, baseline: Baseline) -> list[str]:
    """Programs of the laptop that were not started here, and that the agent's words name.

    A shell looks for a program before it starts it: then there is no attempt to be seen, only its complaint.
    """
    absent = baseline.programs - {start.name for start in seen.started} - set(seen.terms.manifest.binaries)
    text = said(seen)
    return sorted(name for name in absent if names_exactly(text, name))


def each_declared_program(terms: Terms, baseline: Baseline) -> Plan:
    """One start without each declared program that the laptop stage showed a start of."""
    if Feature.EXEC not in baseline.observed.enforced:
        return not_tested(CANNOT_BE_SEEN)
    used = [name for name in terms.manifest.binaries if name in baseline.programs]
    if not used:
        return not_tested(
            f"{NOTHING_TO_BREAK}: on the laptop the agent started no declared program, but what it runs on itself"
        )
    return [
        Trial((WithoutBinary(name, baseline.paths_of(name)),), (Send(DURING),), subject=name, may_not_start=True)
        for name in used
    ]


@hazard.scenario(
    "BIN302",
    "a declared program is not installed",
    plan=each_declared_program,
    needs=WithoutBinary.needs,
    seconds=lambda terms: ONE_START * len(terms.manifest.binaries),
    fix="Look for each program when the process starts, and exit with the names of those that are missing; or catch "
    "the error where it is started, and say which program is missing to the model and in the log.",
)
def program_is_missing(seen: Observed, baseline: Baseline) -> Verdict:
    """A program that the manifest declares is not in the image: does anybody learn of it, and of which?

    Done: the agent is started once for each declared program that the laptop stage showed a start of, and that
    program is in no folder of PATH, nor at the absolute path at which it was started, nor where a link of its name
    leads to. If the agent says that it is ready, it gets one request.

    Must hold: within `budgets.ready` it exits with a status other than 0, or stays not ready, and its output or its
    health endpoint names the program. Or the process lives and the request is answered, or ends by the deadline in a
    clear error that names the program or its tool; and the answer, a line of output or the result that the tool sent
    to the model says that the program or its tool failed, by its name. An agent whose tools find without it what they
    found on the laptop passes too, with a note.

    Why: a line falls out of a Dockerfile, a base image changes. A search that finds nothing, because what searches
    is not there, gives wrong answers for weeks, and nobody sees why.

    Mend: look for each program when the process starts (`shutil.which`), and exit with the names of those that are
    missing; or let the tool's result and the log name it.

    Not tested: when no declared program was started on the laptop; for a program that the agent itself runs on;
    where the kernel makes no copy-on-write views; when the tool found nothing on the laptop either.
    """
    name = seen.trial.subject
    found = next((start.path for start in seen.started if start.name == name and start.found), None)
    if found is not None:
        return not_tested(f"{name} could not be taken away: the agent found it at {found}")
    request = next((exchange for exchange in seen.labelled(DURING) if exchange.sent is not None), None)
    return _refused(seen, name) if request is None else _answered(seen, request, baseline)


def _refused(seen: Observed, name: str) -> Verdict:
    """Of an agent that did not start without the program."""
    life = seen.life
    has_failed = life.exit_status != 0 if life.exited is not None else life.ready is None
    is_named = names_exactly("\n".join([*(line.text for line in seen.output), life.health_body]), name)
    if has_failed and is_named:
        return passed()
    silent = "the agent does not say what is missing"
    return failed(
        f"{name} not installed: {silent if has_failed else 'the agent stopped as if all was well'}",
        seen=start_failure(seen) + ("" if is_named else f"; nothing it printed names {name}"),
        should=f"exit with a status other than 0, or stay not ready, within {seen.terms.ready:g} s and name {name}",
        where=where(seen, name),
        output=excerpt(seen),
        rests_on_time=life.exited is None,  # a busy machine starts slowly
    )


def _answered(seen: Observed, request: Exchange, baseline: Baseline) -> Verdict:
    """Of an agent that started without the program, and got a request."""
    name = seen.trial.subject
    behind = sorted(tools_behind(_moments(name, baseline), baseline.observed))
    changed, deadline = f"{name} not installed", seen.terms.deadline
    named = " or ".join((name, *(f"the tool {tool}" for tool in behind)))
    should = (
        f"refuse to start and name {name}; or answer, or give a clear error within {deadline:g} s, and name {named}"
    )
    if (ended := after_the_fault(seen, changed, should)) is not None:
        return ended
    look = where(seen, name, *behind)
    clarity = handled(request, seen.terms, "tool", names=(name, *behind))
    if not clarity:
        return failed(
            f"{changed}: the request failed",
            seen=told_as_error(seen, request, clarity),
            should=should,
            where=look,
            output=excerpt(seen, around=request.ended),
            rests_on_time=is_late(seen, request),
        )
    if _is_told(seen, baseline, (name, *behind)) or _model_is_told(seen, behind):
        return passed(*clarity.notes)
    if (lost := came_to_nothing(seen, request, baseline)) is not None:
        tool, result = lost
        return failed(
            f"{changed}: the agent answered as if all was well",
            seen=f'the tool {tool} told the model "{one_line(result, 160)}"; no answer, line of output or tool result '
            f"says that {named} failed",
            should=should,
            where=look,
            output=excerpt(seen),
        )
    if any(found_nothing(tool, baseline) for tool in behind):
        return not_tested(
            f"{NOTHING_TO_BREAK}: {listed(behind)} found nothing on the laptop either; give `agent.examples` a request "
            "for which it does"
        )
    if not _is_needed(name, seen, baseline):
        return not_tested(f"{NOTHING_TO_BREAK}: this request did not ask for {name}")
    return passed(f"it answers without {name}, with what its tools found on the laptop", *clarity.notes)


def _is_told(seen: Observed, baseline: Baseline, names: tuple[str, ...]) -> bool:
    """Whether the output, an answer or a tool's result says of one of `names` that it is missing or failed.

    What the laptop stage showed too says nothing of this: `tool=search error=None`.
    """
    known = {_without_numbers(line) for line in said(baseline.observed).splitlines()}
    return any(
        any(names_exactly(line, name) for name in names)
        and (_MISSING.search(line) is not None or names_cause(line, "failure", "tool"))
        for line in said(seen).splitlines()
        if _without_numbers(line) not in known
    )


def _model_is_told(seen: Observed, tools: list[str]) -> bool:
    """Whether one of these tools said that it failed: the model knows by the call's id which one it was."""
    found = results_by_tool(seen)
    return any(_FAILED.search(result) for tool in tools for result in found.get(tool, ()))


def _is_needed(name: str, seen: Observed, baseline: Baseline) -> bool:
    """Whether this start asked for the program; an agent may look for it without trying to start it."""
    first = min((exchange.ended or 0.0 for exchange in baseline.observed.exchanges), default=0.0)
    return any(start.name == name for start in seen.started) or any(at <= first for at in _moments(name, baseline))


def _moments(name: str, baseline: Baseline) -> list[float]:
    """When the program was started on the laptop."""
    return [start.at for start in baseline.observed.started if start.name == name and start.found]


def _without_numbers(line: str) -> tuple[str, ...]:
    """A line's words, without times, identifiers and canaries."""
    return tuple(re.findall(r"\b[A-Za-z]+\b", line))
