"""What was seen from outside in one trial: the evidence for judges. Times are seconds since its start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from roadworthy.findings import Place

if TYPE_CHECKING:
    from roadworthy.rehearsal.scenario import Trial
    from roadworthy.rehearsal.terms import Terms


@dataclass(slots=True)
class Exchange:
    """One request to the agent and what came back."""

    label: str
    """The step that sent it: `before`, `during`, `after`."""
    canary: str
    due: float
    sent: float | None = None
    ended: float | None = None
    """When the last byte came, or the driver gave up."""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""
    """At most the first megabyte."""
    answer: str | None = None
    """The text that `agent.answer` points at; None where there is none."""
    shape_error: str | None = None
    """Why there is no answer in a 2xx body: `not JSON`, `nothing at $.output`."""
    error: str | None = None
    """What ended it early: `refused`, `reset`, `timed out after 12 s`."""
    hung_up: float | None = None
    """When we closed its connection, as a caller does who has left."""
    driver_late: float = 0.0
    """How late our own driver was, in seconds: subtracted from time verdicts."""
    noise: float = 0.0
    """Seconds that the agent was ready to run and this machine worked for others: subtracted as well."""
    sent_headers: Mapping[str, str] = field(default_factory=dict)
    exit_status: int | None = None
    """How a command that answers once ended; its `status` is 200 for 0 and 500 for any other."""
    stderr: str = ""
    """What such a command printed beside its answer."""

    @property
    def text(self) -> str:
        """The body, decoded as well as it goes."""
        return self.body.decode("utf-8", "replace")

    @property
    def seconds(self) -> float | None:
        """From the moment it was due to its end, less what was not the agent's own time."""
        return None if self.ended is None else max(0.0, self.elapsed - self.noise)

    @property
    def elapsed(self) -> float:
        """From the moment it was sent, or should have been, to its end, this machine's noise included."""
        return 0.0 if self.ended is None else self.ended - self.due - self.driver_late


@dataclass(slots=True)
class ModelCall:
    """One request that the agent sent to a model provider."""

    at: float
    provider: str
    host: str
    path: str
    model: str = ""
    canaries: tuple[str, ...] = ()
    """Every canary found anywhere in the body, in order of appearance, each once."""
    digest: str = ""
    """Of the body without what an SDK varies between retries: equal bodies have equal digests."""
    size: int = 0
    """Bytes of the body."""
    turn: int = 0
    """How many assistant turns the conversation already holds."""
    stream: bool = False
    tools: tuple[str, ...] = ()
    tool_arguments: Mapping[str, Any] = field(default_factory=dict)
    """The arguments of the tool calls it was answered with, by tool."""
    tool_results: Mapping[str, str] = field(default_factory=dict)
    """By call id, the first 2,000 characters of each result in the body."""
    wants_json: bool = False
    strict_schema: bool = False
    required_keys: tuple[str, ...] | None = None
    """The keys that the schema of the answer requires; None: it has no schema."""
    parallel: bool = True
    """Whether several tool calls in one message are allowed."""
    forced: bool = False
    """Whether the request itself names the tool that is called."""
    tool_calls: Mapping[str, str] = field(default_factory=dict)
    """The names of the tools it was answered with calls of, by call id."""
    status: int | None = None
    ended: float | None = None
    fault: str | None = None
    """The name of the fault it met."""
    refused: str | None = None
    """Why the provider refused it for the agent's own mistake, as the real one would."""
    retry_not_before: float | None = None
    """When the 429 it got said to come back."""
    closed_by_agent: float | None = None
    """When the agent closed the connection before the answer was complete."""
    input_tokens: int = 0
    output_tokens: int = 0
    counted: bool = True
    """False for what is no model call: traces, the list of models."""


@dataclass(slots=True)
class ServiceUse:
    """One connection that the agent opened to a service or to a loopback port."""

    at: float
    service: str | None
    """The declared service; None for a loopback port that no service declares."""
    host: str
    port: int
    fault: str | None = None
    """The name of the fault that broke it, whether the agent used it then or not."""
    met: float | None = None
    """When the agent first connected, or sent something, while it was broken; None: it lay idle meanwhile."""
    ended: float | None = None
    """When either side ended it; of one that went silent, when the agent did, also for its own direction alone."""
    sent: int = 0
    received: int = 0
    asked: list[float] = field(default_factory=list)
    """When the agent began to send, each time after the service had last spoken: a request, in HTTP."""
    is_http: bool = False
    """Whether it began with a request of HTTP/1, in the clear."""


@dataclass(slots=True)
class Lookup:
    """A name that the agent asked the resolver for."""

    at: float
    name: str
    known: bool
    """Whether the world offers it; an unknown one is refused."""


@dataclass(slots=True)
class Started:
    """A program that the agent, or one of its children, tried to start."""

    at: float
    path: str
    found: bool
    pid: int = 0

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rsplit("/", 1)[-1]


@dataclass(slots=True)
class HeldUp:
    """A program of the agent's, or of a child of it, that a fault held up when it was started."""

    at: float
    pid: int
    ended: float | None = None
    """When it was found to have ended; None: it ran when it was last looked at."""


LONGEST_LINE = 8192
"""Characters of a line of output; the rest is cut."""


@dataclass(slots=True)
class OutputLine:
    """One line that the agent printed, secrets already redacted, cut at 8 KiB."""

    at: float
    stream: str
    text: str


@dataclass(frozen=True, slots=True)
class Leak:
    """The value of a secret variable, where others may read it; noted as it was redacted."""

    at: float
    variable: str
    where: str
    """`the output`, `the answer`, or `the file logs/agent.log`."""
    text: str = ""
    """The line it stood in, redacted and cut."""


@dataclass(slots=True)
class Life:
    """The agent's process from start to end."""

    pid: int | None = None
    port_open: float | None = None
    ready: float | None = None
    """First 2xx of the ready endpoint, else the port's opening; None: never in time."""
    ready_path: str | None = None
    """The ready endpoint that was asked; None: it has none."""
    live_path: str | None = None
    other_ports: tuple[int, ...] = ()
    """Ports it did open where the declared one stayed closed."""
    health_body: str = ""
    """What the ready endpoint last said, at most 4 KiB."""
    exited: float | None = None
    """None while it runs: when it was ended by us after the last step it counts as running."""
    exit_status: int | None = None
    """As a shell gives it: 0 to 127, or negative for a signal."""
    killed_for_memory: bool = False
    """By the memory limit: cgroup or watchdog."""
    terminated: float | None = None
    """When SIGTERM was sent."""


@dataclass(slots=True)
class HealthProbe:
    """One request to the live endpoint."""

    at: float
    elapsed: float
    """Seconds to its end, this machine's noise included."""
    status: int | None
    """None: refused, cut off, or no answer in time."""
    noise: float = 0.0
    """Seconds that the agent was ready to run and this machine worked for others."""

    @property
    def seconds(self) -> float:
        """To its end, less what was not the agent's own time."""
        return max(0.0, self.elapsed - self.noise)


@dataclass(frozen=True, slots=True)
class Held:
    """What the agent's processes held at a moment when no request was under way."""

    at: float
    answered: int
    """Requests answered since the warm-up."""
    memory: int
    """Bytes, without the pages of files: the kernel takes those back when it needs room."""
    threads: int = 0
    files: int = 0
    """Open files and connections."""


@dataclass(slots=True)
class Observed:
    """Everything seen in one trial."""

    trial: Trial
    terms: Terms
    life: Life = field(default_factory=Life)
    exchanges: list[Exchange] = field(default_factory=list)
    model_calls: list[ModelCall] = field(default_factory=list)
    services: list[ServiceUse] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)
    started: list[Started] = field(default_factory=list)
    held_up: list[HeldUp] = field(default_factory=list)
    output: list[OutputLine] = field(default_factory=list)
    """Bounded: the first and the last 2 MiB."""
    output_dropped: int = 0
    """Bytes between them that were not kept."""
    tools_left_out: Mapping[str, str] = field(default_factory=dict)
    """Tools that were offered and never called because they change something, with the word that says so."""
    probes: list[HealthProbe] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)
    """(time, bytes) of the whole process group."""
    held: list[Held] = field(default_factory=list)
    """Over many requests, one after the other."""
    leaks: list[Leak] = field(default_factory=list)
    secrets_sought: tuple[str, ...] = ()
    """The secret variables whose values were looked for: all but those that are ordinary words."""
    files_written: int | None = None
    """How many written files were searched for secrets; None where they were not looked at."""
    breaks: list[tuple[float, str]] = field(default_factory=list)
    """(time, fault's name); the empty name is the mend."""
    ended: float = 0.0
    enforced: frozenset[str] = frozenset()
    project: str = ""
    """The project's folder as the agent saw it: frames below it are the agent's own."""
    unix_sockets: Mapping[str, str] = field(default_factory=dict)
    """The declared services that are reached by a unix socket, with its path: no connection of theirs is seen."""
    mentions: Mapping[str, Place] = field(default_factory=dict)
    """Where the project's source first names a declared variable, binary, service host or port."""

    def labelled(self, label: str) -> list[Exchange]:
        """The exchanges of one step."""
        return [exchange for exchange in self.exchanges if exchange.label == label]

    def calls_for(self, exchange: Exchange) -> list[ModelCall]:
        """The model calls that carry this exchange's canary."""
        return [call for call in self.model_calls if exchange.canary in call.canaries and call.counted]


@dataclass(slots=True)
class Baseline:
    """What five requests on the laptop stage showed; every later trial is held against it."""

    observed: Observed
    median_seconds: float
    """b"""
    calls_per_request: float
    """c, the median"""
    peak_memory: int = 0
    warm_after: float = 0.0
    """Seconds from ready to the first request that was answered, where the one at ready failed."""
    runs_on: frozenset[str] = frozenset()
    """Names of its interpreter and the like: a tool may start them too, but without them there is no agent."""

    @property
    def tools_called(self) -> frozenset[str]:
        """The tools that the simulated model called."""
        return frozenset(name for call in self.observed.model_calls for name in call.tool_arguments)

    @property
    def programs(self) -> frozenset[str]:
        """Names of the programs that were started and found, without what the agent itself runs on."""
        return frozenset(start.name for start in self.observed.started if start.found) - self.runs_on

    def paths_of(self, program: str) -> tuple[str, ...]:
        """The paths, absolute or relative to the project, at which it was started and found; the first one first."""
        paths = (start.path for start in self.observed.started if start.name == program and start.found)
        return tuple(dict.fromkeys(paths))
