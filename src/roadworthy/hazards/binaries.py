"""Tool binaries aren't installed: ripgrep is on the laptop, and not in the image."""

from __future__ import annotations

from roadworthy.findings import Verdict, not_tested, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.verdicts import NOTHING_TO_BREAK, must_answer, said
from roadworthy.hazards.wording import listed
from roadworthy.rehearsal.holds import names_exactly
from roadworthy.rehearsal.observed import Baseline, Observed
from roadworthy.rehearsal.scenario import DURING, Feature, Plan, Send, SlimPath, Trial
from roadworthy.rehearsal.terms import Terms

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


def where_programs_are_started(_terms: Terms, baseline: Baseline) -> Plan:
    """One start with a slim image's PATH, where the laptop stage showed any program at all."""
    if not baseline.programs:
        if Feature.EXEC not in baseline.observed.enforced:
            return not_tested("which programs the agent starts cannot be seen here")
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
