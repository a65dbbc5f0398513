"""A scenario is data: what is changed, what is broken, what is sent, and a pure judge of what was seen."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from roadworthy.findings import Verdict

if TYPE_CHECKING:
    from roadworthy.rehearsal.faults.fault import Fault
    from roadworthy.rehearsal.observed import Baseline, Observed
    from roadworthy.rehearsal.terms import Terms


class Feature(StrEnum):
    """What a stage can enforce. A condition names the features it needs."""

    VARIABLES = "variables"
    PREFIX = "another prefix"
    WORKING_DIRECTORY = "working directory"
    USER = "unprivileged user"
    READ_ONLY = "read-only root"
    PATH = "slim PATH"
    VIEWS = "copy-on-write views"
    LOOPBACK = "empty loopback"
    WORLD = "simulated world"
    MEMORY = "memory limit"
    CPU = "CPU limit"
    DISK = "size of the temporary folder"
    PID_1 = "process 1"
    EXEC = "started programs seen"


# Conditions: each changes one thing of the laptop stage towards production.


@dataclass(frozen=True, slots=True)
class OnlyDeclared:
    """Only the declared variables and PATH, HOME, HOSTNAME, LANG and the stage's CA names; `.env` masked."""

    needs = (Feature.VARIABLES,)


@dataclass(frozen=True, slots=True)
class Without:
    """The variable is taken away, also from a masked `.env`."""

    variable: str
    needs = (Feature.VARIABLES,)


@dataclass(frozen=True, slots=True)
class With:
    """The variable has this value, whatever the developer's is."""

    variable: str
    value: str
    needs = (Feature.VARIABLES,)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The project is a copy under another prefix, started from `workdir` (or `/`), its old path hidden."""

    prefix: str = "/srv/app"
    needs = (Feature.PREFIX, Feature.WORKING_DIRECTORY)


@dataclass(frozen=True, slots=True)
class EmptyLoopback:
    """Nothing of the host listens on loopback; services live under their production names alone.

    The agent is reached by the machine's address, as through a container's published port.
    """

    needs = (Feature.LOOPBACK, Feature.WORLD, Feature.VARIABLES)


@dataclass(frozen=True, slots=True)
class Unprivileged:
    """A non-root user, read-only root and project, only `files.write` and `/tmp` writable."""

    needs = (Feature.USER, Feature.READ_ONLY)


@dataclass(frozen=True, slots=True)
class SlimPath:
    """PATH holds what a slim image has and what is declared."""

    needs = (Feature.PATH,)


@dataclass(frozen=True, slots=True)
class WithoutBinary:
    """The program is not there: neither on PATH, nor at the paths `seen_at`, at which it was started."""

    name: str
    seen_at: tuple[str, ...] = ()
    needs = (Feature.VIEWS,)


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """The process group is killed above this many bytes."""

    bytes: int
    needs = (Feature.MEMORY,)


@dataclass(frozen=True, slots=True)
class LargeWorkspace:
    """`files.workspace` holds this many bytes more, in 1 MiB texts that contain every one of `words`."""

    bytes: int
    words: tuple[str, ...] = ()
    needs = (Feature.MEMORY,)


@dataclass(frozen=True, slots=True)
class LoudBinary:
    """The binary prints this many bytes before it does its work."""

    name: str
    bytes: int
    needs = (Feature.PATH,)


@dataclass(frozen=True, slots=True)
class HoldableBinary:
    """The program at this path, absolute or relative to the project, can be made slow while the agent runs."""

    name: str
    path: str
    needs = (Feature.PATH, Feature.EXEC)


@dataclass(frozen=True, slots=True)
class CpuLimit:
    """The agent gets this many processors' time."""

    cores: float
    needs = (Feature.CPU,)


@dataclass(frozen=True, slots=True)
class TmpLimit:
    """`/tmp` holds this many bytes."""

    bytes: int
    needs = (Feature.DISK,)


@dataclass(frozen=True, slots=True)
class AsPid1:
    """The agent is process 1, as in a container without an init."""

    needs = (Feature.PID_1,)


@dataclass(frozen=True, slots=True)
class Production:
    """Every condition at once, to the manifest's figures."""

    needs = (
        Feature.VARIABLES,
        Feature.PREFIX,
        Feature.WORKING_DIRECTORY,
        Feature.USER,
        Feature.READ_ONLY,
        Feature.PATH,
        Feature.LOOPBACK,
        Feature.WORLD,
        Feature.MEMORY,
        Feature.CPU,
        Feature.DISK,
        Feature.PID_1,
    )


Condition: TypeAlias = (
    OnlyDeclared
    | Without
    | With
    | Elsewhere
    | EmptyLoopback
    | Unprivileged
    | SlimPath
    | WithoutBinary
    | MemoryLimit
    | LargeWorkspace
    | LoudBinary
    | HoldableBinary
    | CpuLimit
    | TmpLimit
    | AsPid1
    | Production
)


# Steps: what is done with the started agent, one after the other.


@dataclass(frozen=True, slots=True)
class Send:
    """Send `count` requests, each with a canary of its own.

    All at once, or evenly over `over` seconds (an open model: nobody waits for the one before). `wait`
    awaits their ends before the next step; without it the next step follows at once.
    """

    label: str
    count: int = 1
    over: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: bool = True


@dataclass(frozen=True, slots=True)
class Break:
    """The fault begins."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class Mend:
    """All faults end."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait this many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class UntilAnswered:
    """Send a request every half second until one is answered, for `within` seconds at most.

    With `tools_too` until one is answered of which no tool says that the network failed.
    """

    label: str
    within: float = 10.0
    tools_too: bool = False


@dataclass(frozen=True, slots=True)
class UntilWarm:
    """Send a request every half second until one is neither lost nor a 5xx, for R seconds at most."""

    label: str


@dataclass(frozen=True, slots=True)
class UntilLetGo:
    """Wait until the programs that the fault held up, and the connections that met it, have been ended.

    For `within` seconds at most.
    """

    within: float


@dataclass(frozen=True, slots=True)
class Repeat:
    """Send requests in a closed loop, `at_once` at a time, and look at what the agent holds between them.

    First `warm_up` requests, then at most `count` that are measured: after every `every` of these, while none is
    under way, the agent's memory is noted in `Observed.held`. Either part is over after `within` seconds of the
    agent's own time (without those in which this machine worked for others), and where nothing was answered of
    `every` requests. It is over as soon as the memory has stayed within `flat` bytes a request over `enough` of
    them, unless it has grown by `most` bytes before. What is noted of requests that are over is dropped, but for
    failed ones.
    """

    label: str
    warm_up: int
    count: int
    within: float
    at_once: int
    every: int
    enough: int
    flat: int
    most: int


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the connection of every request under way, as a caller does who has left."""


@dataclass(frozen=True, slots=True)
class Terminate:
    """Send SIGTERM to the agent and wait up to `within` seconds for its exit."""

    within: float


@dataclass(frozen=True, slots=True)
class AwaitRequests:
    """Wait for every request that is still under way."""


@dataclass(frozen=True, slots=True)
class ProbeHealth:
    """Ask the live endpoint every `every` seconds, from here to the trial's end."""

    every: float = 0.2


@dataclass(frozen=True, slots=True)
class SearchFiles:
    """Look for secrets in every file that the agent has written."""


Step: TypeAlias = (
    Send
    | Break
    | Mend
    | Pause
    | UntilAnswered
    | UntilWarm
    | UntilLetGo
    | Repeat
    | HangUp
    | Terminate
    | AwaitRequests
    | ProbeHealth
    | SearchFiles
)

BEFORE, DURING, AFTER = "before", "during", "after"
"""The usual labels: a healthy request, the requests under the fault, a healthy request."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One start of the agent under `conditions`, and what is done with it.

    `subject` names what this trial is about where a scenario has several: a variable, a binary, a service.
    `may_not_start` is for the trials in which refusing to start is right, or at least an answer. An agent that
    the laptop showed to say that it is ready before it is warm is given that time first, unless it is asked
    `at_once`: one hazard must not show as many.
    """

    conditions: tuple[Condition, ...] = ()
    steps: tuple[Step, ...] = ()
    subject: str = ""
    may_not_start: bool = False
    at_once: bool = False

    @property
    def needs(self) -> frozenset[Feature]:
        """All features its conditions need."""
        return frozenset(feature for condition in self.conditions for feature in condition.needs)


Plan: TypeAlias = "list[Trial] | Verdict"
"""The trials, or a `not tested` verdict that says why there is nothing to test."""


ONE_START = 2.0
"""Seconds that a start and a few requests take, on two cores with others beside it (bench/quick.py)."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A code, how to make it happen, and its judge.

    `plan` maps the terms (D, R, N … of this manifest) and the baseline to trials. `judge` maps what was seen
    in one trial to a verdict; of several trials the worst stands for the scenario: fail, then not tested.
    """

    code: str
    hazard: str
    title: str
    plan: Callable[[Terms, Baseline], Plan]
    judge: Callable[[Observed, Baseline], Verdict]
    fix: str
    needs: frozenset[Feature] = frozenset()
    """What any of its trials may need enforced, known before anything is planned."""
    quick: bool = False
    fresh: bool = False
    quiet: bool = False
    seconds: Callable[[Terms], float] = lambda _terms: ONE_START
    """How long it takes with a sound agent that starts in about a second: for `--list`."""

    @property
    def explanation(self) -> str:
        """The judge's own docstring: what `roadworthy explain` prints."""
        return inspect.cleandoc(self.judge.__doc__ or "")


def one_trial(trial: Trial) -> Callable[[Terms, Baseline], Plan]:
    """A plan that is the same for every manifest."""

    def plan(_terms: Terms, _baseline: Baseline) -> Plan:
        return [trial]

    return plan
