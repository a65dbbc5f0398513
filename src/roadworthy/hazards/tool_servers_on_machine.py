"""Tool servers: does each configured one start here and list its tools?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from roadworthy.findings import Severity
from roadworthy.hazards.checking import Fine, Nothing, Said, Untested, check, problem
from roadworthy.hazards.checklist import TOOL_SERVERS_START
from roadworthy.hazards.words import one_line, span

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine
    from roadworthy.check.tool_servers import Server, Spoken
    from roadworthy.manifest.model import Manifest

LONGEST = 300
"""Characters of a server's own words."""
FETCHERS = ("npx", "uvx", "bunx", "pipx", "docker")
"""What fetches a server when it starts it."""
NOTHING = "no tool server is configured (mcp.json, .mcp.json, claude_desktop_config.json)"
BY_HAND = "start it by hand with the same variables, and read what it says"


@check("MCP201", "tool server does not start", TOOL_SERVERS_START, runs_code=True)
def servers_start(machine: Machine, manifest: Manifest) -> Iterator[Said]:  # noqa: ARG001 - a check's signature
    """Does each tool server start and list its tools?

    Done: each server with a `command` in mcp.json, .mcp.json or claude_desktop_config.json is started with the
    variables that a client gives it (HOME, PATH and a few more, and its `env`), all of them at once; it is asked
    `initialize` and `tools/list`, and ended with all that it started. One that ends by itself is started again with the
    whole environment, to learn whether its `env` is too small.

    Must hold: it lists at least one tool before the deadline, and writes nothing else on its standard output.

    Why: an agent whose tool server does not start runs on without its tools, and answers from memory.

    Mend: install what the server needs in the image, and name the variables that it reads under its `env`.
    """
    from concurrent.futures import ThreadPoolExecutor

    from roadworthy.check.tool_servers import ConfigurationError, servers

    try:
        found = list(servers(machine.project, machine.environment))
    except ConfigurationError as error:
        yield problem(str(error), fix="correct it: a client reads no server of such a file")
        return
    local = [server for server in found if server.command]
    if not local:
        yield Nothing(NOTHING if not found else "no tool server of this machine is configured")
        return
    with ThreadPoolExecutor(len(local)) as pool:
        for said in pool.map(lambda server: list(_started(machine, server)), local):
            yield from said


@check("MCP202", "tool server elsewhere does not answer", TOOL_SERVERS_START, asks_network=True)
def servers_elsewhere(machine: Machine, manifest: Manifest) -> Iterator[Said]:  # noqa: ARG001 - a check's signature
    """Can each tool server that runs elsewhere be reached?

    Done: the host of each server with a `url` in mcp.json, .mcp.json or claude_desktop_config.json is connected to.
    Nothing is asked.

    Must hold: its port accepts the connection before the deadline.

    Why: what is reached from the laptop, through a private network or at `localhost`, is another
    thing from a container.

    Mend: give the address that production has, and open the way there.
    """
    from roadworthy.check.tool_servers import ConfigurationError, servers

    try:
        found = [server for server in servers(machine.project, machine.environment) if server.url is not None]
    except ConfigurationError:
        return  # MCP201 says so
    if not found:
        yield Nothing("no tool server elsewhere is configured")
    for server in found:
        yield _connected(machine, server)


def _started(machine: Machine, server: Server) -> Iterator[Said]:
    from roadworthy.check.tool_servers import inherited, speak

    if server.asks:
        yield Untested(f"{server.name} asks a person for a value", "give it by a variable")
        return
    if server.missing:
        yield problem(
            f"{server.name} is configured with {', '.join(server.missing)}, which is not set",
            fix="set it where the agent is deployed",
            path=server.file,
        )
        return
    clean = _redactor(machine, server)
    environment = inherited(server, machine.environment)
    spoken = speak(machine, server, environment)
    if spoken.failure == "ended" and machine.remaining() > 1:
        whole = {**machine.environment, **server.env}
        again = speak(machine, server, whole) if set(whole) != set(environment) else spoken
        if again.tools:
            yield problem(
                f"{server.name} starts only with the agent's whole environment: {clean(spoken.told)}",
                why="clients pass on HOME, PATH and a few more, and what its `env` names",
                fix=f"name the variables that it reads under `env` in {server.file}",
                severity=Severity.WARNING,
                path=server.file,
            )
            return
    yield from _judged(server, spoken, clean)


def _judged(server: Server, spoken: Spoken, clean: Callable[[str], str]) -> Iterator[Said]:
    name, program = server.name, server.command[0]
    told = f": {clean(spoken.told)}" if spoken.told else ""
    junk = "" if spoken.junk is None else f"; on its standard output stands {clean(spoken.junk)!r}"
    match spoken.failure:
        case "not found":
            fix = f"install {program} in the image, or name where it is"
            yield problem(f"{name} starts {program}, which is not here", fix=fix, path=server.file)
        case "cannot start":
            yield problem(f"{name} cannot be started{told}", fix=f"see what {program} is", path=server.file)
        case "ended":
            message = f"{name} ended before it listed its tools{told}{junk}"
            yield problem(message, fix=BY_HAND, path=server.file)
        case "refused":
            yield problem(f"{name} answers with an error{told}{junk}", fix=BY_HAND, path=server.file)
        case "silent":
            fetched = program.rpartition("/")[2] in FETCHERS
            yield problem(
                f"{name} did not answer `{spoken.told}` within {span(spoken.seconds)}{junk}",
                why=f"{program} fetches it at each start" if fetched else None,
                fix="install it in the image, or give it longer: --timeout 60s"
                if fetched
                else f"{BY_HAND}; or give it longer: --timeout 60s",
                path=server.file,
            )
        case _ if not spoken.tools:
            fix = "see which variables or arguments it needs to have tools"
            yield problem(f"{name} starts and lists no tools", fix=fix, path=server.file)
        case _:
            if spoken.junk is not None:
                yield problem(
                    f"{name} writes what is no message on its standard output: {clean(spoken.junk)!r}",
                    why="some clients end the connection there, others pass it over",
                    fix="let it log on standard error",
                    severity=Severity.WARNING,
                    path=server.file,
                )
            yield Fine(f"{name} has {len(spoken.tools)} tool{'' if len(spoken.tools) == 1 else 's'}")


def _redactor(machine: Machine, server: Server) -> Callable[[str], str]:
    """What a server says, without a value of its `env` and without a secret of the environment, on one line."""
    from roadworthy.redaction import can_be_told, redactor
    from roadworthy.secret_names import is_secret

    declared = machine.manifest.env or {}
    secrets = [
        value
        for name, value in machine.environment.items()
        if (name in declared and declared[name].secret) or (is_secret(name) and can_be_told(value))
    ]
    clean = redactor([*server.env.values(), *_secret_arguments(server), *secrets])
    return lambda text: one_line(clean(text), LONGEST)


def _secret_arguments(server: Server) -> Iterator[str]:
    """Values of options whose name says that they are secret: `--api-key x`, `--token=x`."""
    from roadworthy.secret_names import is_secret

    for word, behind in zip(server.command, (*server.command[1:], ""), strict=True):
        option, equals, value = word.partition("=")
        if option.startswith("-") and is_secret(option.strip("-").replace("-", "_")):
            yield value if equals else behind


def _connected(machine: Machine, server: Server) -> Said:
    import socket

    try:
        split = urlsplit(server.url or "")
        host, port = split.hostname, split.port or (80 if split.scheme == "http" else 443)
    except ValueError:
        host, port = None, 0
    if not host:
        named = f" ({', '.join(server.missing)} is not set)" if server.missing else ""
        return problem(f"the url of {server.name} has no host{named}", fix="correct it", path=server.file)
    left = machine.remaining()
    if left <= 0:
        return Untested(f"{server.name} was not reached in time", "give it longer: --timeout 30s")
    try:
        socket.create_connection((host, port), timeout=left).close()
    except TimeoutError:
        told = f"did not accept within {span(left)}"
    except socket.gaierror:
        told = "has a name that does not resolve"
    except OSError as error:
        told = f"cannot be reached: {error.strerror or type(error).__name__}"
    else:
        return Fine(f"{server.name} accepts")
    return problem(
        f"{server.name} at {host}:{port} {told}", fix="give the address that production has, and open the way there",
        path=server.file,
    )  # fmt: skip
