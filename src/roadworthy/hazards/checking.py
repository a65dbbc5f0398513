"""What a check is made of: its code, its line of the checklist, and a function from this machine to what it says.

Nothing here, and nothing that a module of checks imports, may load a rehearsal: a check is the first line of an
entrypoint, and every start of a container waits for it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from roadworthy.findings import Finding, Severity

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine
    from roadworthy.hazards.checklist import Item
    from roadworthy.manifest.model import Manifest

PRODUCTION, CI, LOCAL = "production", "ci", "local"
TARGETS = (PRODUCTION, CI, LOCAL)
"""What a machine can be checked for: to run the agent, to build and test it, to develop it."""


@dataclass(frozen=True, slots=True)
class Fine:
    """Something was looked at and is as it should be; `note` says what, in a few words."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing to look at, because of `reason`: `no service is declared`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Untested:
    """Something should have been looked at and could not be, because of `reason`."""

    reason: str
    fix: str | None = None


Said: TypeAlias = Finding | Fine | Nothing | Untested
"""What a check yields, as often as it likes; a finding's code is filled in by whoever asked."""
Function: TypeAlias = "Callable[[Machine, Manifest], Iterator[Said]]"


@dataclass(frozen=True, slots=True)
class MachineCheck:
    """A probe of this machine, or of one line's part in it: a code may answer several lines."""

    code: str
    hazard: str
    title: str
    item: Item
    function: Function
    targets: tuple[str, ...] = TARGETS
    """What it is judged for; for another it is `not tested`."""
    asks_network: bool = False
    """`--offline` leaves it out."""
    runs_code: bool = False
    """It runs the agent's own code or its tool servers: only when asked for."""

    @property
    def explanation(self) -> str:
        """The function's docstring: what `roadworthy explain` prints."""
        return inspect.cleandoc(self.function.__doc__ or "")


CHECKS: list[MachineCheck] = []
"""Every check whose module was imported, in the order in which they were."""


def check(
    code: str,
    title: str,
    item: Item,
    *,
    targets: tuple[str, ...] = TARGETS,
    asks_network: bool = False,
    runs_code: bool = False,
) -> Callable[[Function], Function]:
    """Register a function from this `Machine` and the manifest to what there is to say.

    A code that answers several lines is registered once for each. Raises ValueError for a code that is none of a
    check's, or a line that the code has already.
    """
    prefix = code.rstrip("0123456789")
    number = code.removeprefix(prefix)
    if len(number) != 3 or not number.startswith("2"):
        raise ValueError(f"{code}: a check of {prefix} is {prefix}2nn")
    if any(each.code == code and each.item == item for each in CHECKS):
        raise ValueError(f"{code} is registered twice for {item.text!r}")

    def register(function: Function) -> Function:
        CHECKS.append(MachineCheck(code, prefix, title, item, function, targets, asks_network, runs_code))
        return function

    return register


def problem(
    message: str,
    *,
    fix: str,
    why: str | None = None,
    severity: Severity = Severity.ERROR,
    path: str | None = None,
    commands: tuple[str, ...] = (),
) -> Finding:
    """A finding of this machine: what is wrong, why that matters, how to mend it, and the commands that do.

    `path` is a file's, relative to the project where it lies in it.
    """
    return Finding("", message, severity, path=path, why=why, fix=fix, commands=commands)
