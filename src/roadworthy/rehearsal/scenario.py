"""A scenario is data: what is changed, what is broken, what is sent, and a pure judge of what was seen."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from roadworthy.findings import Verdict
from roadworthy.rehearsal.conditions import Condition, Feature

if TYPE_CHECKING:
    from roadworthy.rehearsal.faults.fault import Fault
    from roadworthy.rehearsal.observed import Baseline, Observed
    from roadworthy.rehearsal.terms import Terms


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
