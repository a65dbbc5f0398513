"""Cold starts: how long does the agent take to import on this machine?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.checking import PRODUCTION, Fine, Nothing, Said, Untested, check, problem
from roadworthy.hazards.checklist import STARTS_IN_TIME
from roadworthy.hazards.words import listed, one_line, span

if TYPE_CHECKING:
    from roadworthy.check.import_time import Imported
    from roadworthy.check.machine import Machine
    from roadworthy.manifest.model import Manifest

LONGEST = 200
"""Characters of an error that a message holds."""
LONGER = "give it longer: --timeout 60s"


@check("COLD201", "import takes too long", STARTS_IN_TIME, targets=(PRODUCTION,), runs_code=True)
def starts_in_time(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Is the agent imported within its budget?

    Done: the file or module that the agent's command starts from is imported once, in a process of its own of the
    agent's Python, with the agent's variables, and the time is taken from the start of Python to the end of the import.
    What stands behind `if __name__ == "__main__":` is not run; a file that serves without it is ended as soon as it
    listens, and not judged. Nothing is written beside the modules.

    Must hold: that takes less than `budgets.ready`; more than half of it is a warning, for the agent has to do more
    than be imported until it is ready.

    Why: a gateway gives up, and an orchestrator starts the agent again, before it has come up once.

    Mend: import what is heavy in the function that uses it, and leave out what is not used.
    """
    if not manifest.agents:
        yield Nothing("no agent is declared")
        return
    from roadworthy.check.import_time import imported, target_of
    from roadworthy.check.python import Python

    python, target = machine.python, target_of(manifest.agent, machine.project)
    if python is None:
        yield Nothing("the agent is no program of Python")
    elif not isinstance(python, Python):
        yield Untested(f"{python.named} is not here: nothing can be imported")
    elif target is None:
        yield Untested("the agent's command does not say what it imports", "see `python -X importtime`")
    else:
        try:
            found = imported(machine, python, target)
        except OSError as error:
            yield Untested(f"{python.executable} does not start: {error.strerror}")
            return
        yield _judged(found, target.shown, manifest.budgets.ready)


def _judged(found: Imported, name: str, budget: float) -> Said:
    if found.port is not None:
        return Untested(
            f"{name} begins to listen on port {found.port} while it is imported",
            'start the server under `if __name__ == "__main__":`',
        )
    took = f"{span(found.seconds)} of {span(budget)}"
    if found.status is not None:
        return _ended(found, name)
    if not found.is_done and found.seconds < budget:
        return Untested(f"{name} was still being imported after {span(found.seconds)}", LONGER)
    if found.seconds > budget:
        how = "takes" if found.is_done else "takes more than"
        return problem(
            f"the import of {name} {how} {span(found.seconds)}, `budgets.ready` is {span(budget)}",
            why=_heaviest(found),
            fix="import what is heavy in the function that uses it, or declare a longer `budgets.ready`",
        )
    if found.seconds > budget / 2:
        return problem(
            f"the import of {name} takes {took}, more than half of `budgets.ready`",
            why=_heaviest(found),
            fix="import what is heavy in the function that uses it: there is more to do until the agent is ready",
            severity=Severity.WARNING,
        )
    return Fine(f"{took} to import {name}, once")


def _ended(found: Imported, name: str) -> Said:
    last = one_line(found.said[-1], LONGEST) if found.said else "it said nothing"
    if any(line.startswith("Traceback (most recent call last)") for line in found.said) or found.status not in (0, 2):
        return problem(
            f"the import of {name} fails: {last}",
            why="the agent fails in the same way when it starts",
            fix="mend what the message names; `python -X importtime` shows how far it came",
        )
    return Untested(f"{name} ended while it was imported, with status {found.status}: {last}")


def _heaviest(found: Imported) -> str:
    if not found.heaviest:
        return "measured once; it imports nothing heavy, and does something else meanwhile"
    rows = [f"{name} {span(seconds)}" for name, seconds in found.heaviest]
    rest = found.seconds - sum(seconds for _, seconds in found.heaviest)
    own = f"; {span(rest)} goes elsewhere, as into what the modules do" if rest > found.seconds / 2 else ""
    return f"measured once; the heaviest: {listed(rows)}{own}"
