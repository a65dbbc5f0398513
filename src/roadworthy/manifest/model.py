"""What an agent declares: every key of the manifest, its type and its default.

Docstrings below a key are its description in the JSON Schema and in docs/manifest.md: run
`python -m roadworthy.manifest.schema --write` after a change. The words in `Annotated` name a format of
formats.py, which reads the key and says what it looks like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from roadworthy.manifest.waivers import Waiver

Seconds: TypeAlias = Annotated[float, "duration"]
"""Written `30`, `30s`, `500ms`, `2m`, `1h`."""
Bytes: TypeAlias = Annotated[int, "size"]
"""Written `1024`, `512MiB`, `1GB`."""
Rate: TypeAlias = Annotated[float, "rate"]
"""Per second; written `500/minute`, `10/s`."""
Count: TypeAlias = Annotated[int, "count"]
"""At least 1."""
Port: TypeAlias = Annotated[int, "port"]
JsonPath: TypeAlias = Annotated[str, "JSONPath"]
"""RFC 9535."""
Pattern: TypeAlias = Annotated[str, "pattern"]
"""A regular expression of Python's `re` that the whole text must match."""
ErrorStatus: TypeAlias = Annotated[int, "error status"]
Command: TypeAlias = Annotated[tuple[str, ...], "command"]
"""A list, or text that is split as a shell would; no shell runs it."""
Entry: TypeAlias = Annotated[str, "entry"]
"""`file.py:name`."""
Method: TypeAlias = Annotated[str, "method"]
WebAddress: TypeAlias = Annotated[str, "web address"]
UrlPath: TypeAlias = Annotated[str, "URL path"]
Address: TypeAlias = Annotated[str, "address"]
"""A URL of any scheme; may hold `${VAR}`."""
HostOrVariable: TypeAlias = Annotated[str, "host or variable"]
"""A host's name, an IP address or a unix socket's path; may hold `${VAR}`."""
Host: TypeAlias = Annotated[str, "host"]
FilePath: TypeAlias = Annotated[str, "file path"]
AbsolutePath: TypeAlias = Annotated[str, "absolute path"]
Versions: TypeAlias = Annotated[str, "versions"]
"""`*`, or conditions such as `>=13` with commas between them."""
VariableName: TypeAlias = Annotated[str, "variable name"]
Code: TypeAlias = Annotated[str, "code"]
Rule: TypeAlias = Annotated[str, "rule"]
"""A rule's code, or how codes begin."""
FilePattern: TypeAlias = Annotated[str, "file pattern"]
"""As a line of `.gitignore`, from the manifest's folder."""


@dataclass(frozen=True, slots=True)
class Request:
    """How a request to the agent looks; `{{input}}` stands for the input wherever it appears, `{{session}}` for a new
    conversation's id."""

    method: Method = "POST"
    """The HTTP method."""
    path: UrlPath = "/agent"
    """The URL's path, and its query where it has one."""
    json: Any = field(default_factory=lambda: {"query": "{{input}}"})
    """The body."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further headers, by name."""


@dataclass(frozen=True, slots=True)
class Stream:
    """How a streamed answer looks."""

    format: Literal["sse", "ndjson"] = "sse"
    """Server-sent events, or a line of JSON for each event."""
    text: JsonPath = "$.delta"
    """Where in an event the next piece of the answer's text is."""
    end: str | None = "[DONE]"
    """The data or the name of the event that ends the stream; null where the stream simply ends."""
    error: JsonPath = "$.error"
    """Where in an event an error is told. Events named `error` and those with `"type": "error"` count as well."""


@dataclass(frozen=True, slots=True)
class Health:
    """The health endpoints; without them the usual paths are tried."""

    live: UrlPath | None = None
    """Answers 2xx while the process works at all."""
    ready: UrlPath | None = None
    """Answers 2xx while requests may be sent."""


@dataclass(frozen=True, slots=True)
class Agent:
    """The agent and how it is spoken to. Exactly one of `entry`, `command` and `url` is set."""

    name: str = field(default="agent", metadata={"key": False})
    """Its name under `agents:`, or the manifest's: not a key."""
    entry: Entry | None = None
    """A callable (sync, async, async generator), a class (one instance per request) or an ASGI app, written
    `file.py:name`."""
    command: Command | None = None
    """Starts an HTTP service, in any language; with `input`, answers once."""
    url: WebAddress | None = None
    """A service that runs already."""
    input: Literal["argument", "stdin"] | None = None
    """Where `command` takes the input: as its last argument, or on its standard input. One process per request, the
    answer on its standard output, exit status 0."""
    port: Port = 8080
    """The TCP port that the service listens on."""
    request: Request = field(default_factory=Request)
    answer: JsonPath = "$.output"
    """Where in the response the answer's text is."""
    stream: Stream | None = None
    health: Health = field(default_factory=Health)
    workdir: AbsolutePath | None = None
    """The Dockerfile's WORKDIR; without it the working directory in production counts as `/`."""
    on_disconnect: Literal["cancel", "continue"] = "cancel"
    """What becomes of a request whose caller has gone."""
    examples: tuple[str, ...] = ("Hello, what can you do?",)
    """Inputs that the agent can answer; requests are made from them."""

    @property
    def serves(self) -> bool:
        """Whether it is a service; else a command that is started for each request and answers once."""
        return self.input is None

    @property
    def asked(self) -> str:
        """How a request to it is called in a sentence: `POST /agent`, or the command's own words."""
        return f"{self.request.method} {self.request.path}" if self.serves else " ".join(self.command or ())


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable that the agent reads."""

    type: Literal["string", "integer", "number", "boolean", "url", "json", "path"] = "string"
    """What its text must be readable as."""
    secret: bool = False
    """Its value is shown nowhere."""
    pattern: Pattern | None = None
    """The whole value must match it."""
    choices: tuple[str, ...] = ()
    """The values it may have; none given: any."""
    minimum: float | None = None
    """The lowest value of an integer or a number."""
    maximum: float | None = None
    """The highest value of an integer or a number."""
    default: str | None = None
    """The value that the agent uses where the variable is not set."""
    required: bool | None = None
    """Without it a variable is required when it has no default."""
    per_environment: bool = False
    """It has another value in each environment: a copy of the laptop's is a mistake."""
    rehearse: str | None = None
    """The value it has in a rehearsal."""

    @property
    def is_required(self) -> bool:
        """Whether the agent cannot do without it."""
        return self.default is None if self.required is None else self.required


@dataclass(frozen=True, slots=True)
class Service:
    """Something the agent reaches over the network, by `url` or by `host` and `port`."""

    url: Address | None = None
    """May hold `${VAR}`, as `host` may: resolved from the environment when it is needed."""
    host: HostOrVariable | None = None
    """A host's name, an IP address or the path of a unix socket."""
    port: Port | None = None
    """The TCP port; without it the usual one of the URL's scheme."""
    production_host: Host | None = None
    """Its name in production; else `NAME.internal` in a rehearsal."""
    pool: Count | None = None
    """Connections that one process keeps."""
    health: UrlPath | None = None
    """The path that answers 2xx when an HTTP service is well."""
    start: Command | None = None
    """A command that starts it for a rehearsal when nothing listens at its address."""


@dataclass(frozen=True, slots=True)
class Files:
    """Files and folders outside the code. Relative ones are relative to the project."""

    read: tuple[FilePath, ...] = ()
    """What the agent reads."""
    write: tuple[FilePath, ...] = ()
    """Folders and files that the agent writes; all else is read-only."""
    workspace: FilePath | None = None
    """A folder that the agent searches or works on; it may be large in production."""


@dataclass(frozen=True, slots=True)
class Resources:
    """What one replica gets."""

    memory: Bytes = 512 * 1024 * 1024
    """The container's memory limit."""
    cpu: Annotated[float, "positive number"] = 1.0
    """Cores; may be a fraction."""
    tmp: Bytes = 256 * 1024 * 1024
    """The space that `/tmp` has."""


@dataclass(frozen=True, slots=True)
class Budgets:
    """What is good enough."""

    ready: Seconds = 10.0
    """From the start to the first 2xx of the ready endpoint."""
    answer: Seconds = 30.0
    """From a request to its complete answer."""
    first_answer: Seconds | None = None
    """How much slower than usual the first answer may be (2 s in a rehearsal)."""
    concurrency: Count | None = None
    """Requests at once (20 in a rehearsal)."""
    steps: Count = 20
    """Turns between model and tools that one request may take."""
    upstream_calls: Count | None = None
    """Model calls that one request may cost, retries included."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Inner ones lie below outer ones: tool and model below request, request below the load balancer's."""

    request: Seconds | None = None
    """A whole request; else `budgets.answer`."""
    model: Seconds | None = None
    """One model call; else two thirds of the request's."""
    tools: Mapping[str, Seconds] = field(default_factory=dict)
    """One call of a tool, by the tool's name."""
    grace: Seconds = 10.0
    """From SIGTERM to the exit."""
    load_balancer: Seconds | None = None
    """The idle time after which the load balancer gives up."""


@dataclass(frozen=True, slots=True)
class When:
    """When an entry of the script is used: all that is given has to hold. Nothing given: always."""

    turn: Count | None = None
    """The model's turn in this request: 1 is its first reply to what the user asked."""
    contains: str | None = None
    """What the last message holds: the user's, or a tool's result."""
    matches: Pattern | None = None
    """A regular expression that is found in the last message."""
    result: Mapping[str, str] = field(default_factory=dict)
    """By tool: what one of its results in this request holds."""


@dataclass(frozen=True, slots=True)
class ScriptedCall:
    """A tool call that the model makes."""

    name: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScriptedError:
    """An error in place of a reply, in the provider's own format."""

    status: ErrorStatus = 500
    message: str = "The model cannot answer."


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    """What the model says: text, tool calls or both, or an error."""

    text: str | None = None
    """`{{canary}}` stands for the request's canary."""
    calls: tuple[ScriptedCall, ...] = ()
    error: ScriptedError | None = None
    delay: Seconds = 0.0
    """Before the first byte."""


@dataclass(frozen=True, slots=True)
class ScriptEntry:
    """One entry of the file that `simulate.script` names."""

    when: When = field(default_factory=When)
    reply: ScriptedReply = field(default_factory=ScriptedReply)


@dataclass(frozen=True, slots=True)
class Simulate:
    """Help for the simulated model where it cannot guess."""

    answer: str | None = None
    """The final text; `{{canary}}` stands for the request's canary."""
    tools: Mapping[str, Mapping[str, Any]] | None = None
    """Arguments for tools; also the list of tools that may be called."""
    script: FilePath | None = None
    """A file with replies of the model, each with when it is given: see simulated-model.md."""
    entries: tuple[ScriptEntry, ...] = field(default=(), metadata={"key": False})
    """What is in that file: not a key."""
    hosts: Mapping[Host, Literal["openai", "anthropic"]] = field(default_factory=dict)
    """Further hosts that speak a provider's protocol."""


@dataclass(frozen=True, slots=True)
class Laptop:
    """What of the developer's machine the laptop stage shows."""

    ports: tuple[Port, ...] | None = None
    """Loopback ports that are mirrored; all that listen by default."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What `roadworthy scan` looks at and tells. A manifest that holds this alone needs no agent."""

    select: tuple[Rule, ...] = ()
    """The rules to apply; all by default. `--select` takes the place of this and of `ignore`."""
    ignore: tuple[Rule, ...] = ()
    """Rules to leave out. `--ignore` adds to it."""
    exclude: tuple[FilePattern, ...] = ()
    """Files and folders that are not read, as in `.gitignore`."""
    per_file_ignores: Mapping[FilePattern, tuple[Rule, ...]] = field(default_factory=dict)
    """Rules to leave out in the files that a pattern fits."""
    baseline: FilePath | None = None
    """A file that `--write-baseline` wrote: what is in it is not told. `--baseline` takes its place."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything an agent declares.

    Use `roadworthy.manifest.loading.load` to get one.
    """

    root: Path = field(metadata={"key": False})
    """The project's folder: not a key."""
    source: Path | None = field(default=None, metadata={"key": False})
    """The file it was read from: not a key."""
    name: str = "agent"
    """What the agent is called in reports."""
    agents: Mapping[str, Agent] = field(default_factory=dict, metadata={"alone": "agent"})
    """Several agents by name, in place of `agent:` (which is one named like the manifest)."""
    env: Mapping[VariableName, Variable] | None = None
    """Every environment variable that the agent reads. Without the section nothing is known of them."""
    models: tuple[str, ...] = ()
    """The models it calls, by their full names."""
    services: Mapping[str, Service] = field(default_factory=dict)
    binaries: Mapping[str, Versions] = field(default_factory=dict)
    """The programs it starts, by name, with the versions that will do: `">=13"`, or `"*"` for any."""
    files: Files = field(default_factory=Files)
    resources: Resources = field(default_factory=Resources)
    budgets: Budgets = field(default_factory=Budgets)
    timeouts: Timeouts = field(default_factory=Timeouts)
    rate_limits: Mapping[str, Rate] = field(default_factory=dict)
    """What the providers allow (`model`) and what a caller is allowed (`client`)."""
    tools: FilePath | None = None
    """The file with the tools' definitions."""
    simulate: Simulate = field(default_factory=Simulate)
    laptop: Laptop = field(default_factory=Laptop)
    accept: Mapping[Code, Annotated[Waiver, "waiver"]] = field(default_factory=dict)
    """Waived codes with the reason, and the last day where it has one; a waived verdict stays visible."""
    scan: Scan = field(default_factory=Scan)

    @property
    def agent(self) -> Agent:
        """The only agent, or the first of several; there is none where only a scan was asked for."""
        return next(iter(self.agents.values()))
