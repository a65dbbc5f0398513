"""Rules of LIFE: a process that waits for a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.hazards.lifecycle import hazard
from roadworthy.scan.moments import Moment

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module


@hazard.rule("LIFE102", "waits for a terminal")
def waits_for_a_person(module: Module) -> Iterator[Finding]:
    """`input()` or `getpass()` is called in a request, or when a service starts.

    Quiet in command-line tools, which have a person before them, in examples, and in functions that nothing here calls.

    Why: in production nobody sits there: it raises EOFError at once, or waits for ever.

    Mend: take the answer from the request or a variable; where a person has to agree, end the run and resume it later.
    """
    for call in module.calls_to("input", "getpass.getpass", "click.prompt", "click.confirm"):
        if module.moment(call) is Moment.REQUEST:
            yield module.finding(
                call,
                f"{call.name}() waits for somebody at a terminal",
                why="in production nobody is there: it fails at once with EOFError, or waits for ever",
                fix="take it from the request or a variable; ask a person by ending the run and resuming it",
            )
