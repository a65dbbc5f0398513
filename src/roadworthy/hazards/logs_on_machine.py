"""Logs, health and errors: will anybody see what goes wrong, and nobody what they must not?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.checking import PRODUCTION, Fine, Nothing, Said, check, problem
from roadworthy.hazards.checklist import ERRORS_REPORTED, LOGGING, METRICS
from roadworthy.hazards.words import listed

if TYPE_CHECKING:
    from roadworthy.check.endpoints import Endpoints
    from roadworthy.check.machine import Machine
    from roadworthy.manifest.model import Manifest

_LEVEL = re.compile(r"(^|_)LOG(GING|GER)?_?LEVEL$|^RUST_LOG$|(^|_)LOG_?VERBOSITY$", re.IGNORECASE)
"""Names of variables that hold a log level."""
EVERYTHING = frozenset({"DEBUG", "NOTSET", "TRACE", "ALL", "VERBOSE", "SILLY", "FINEST", "0", "5", "10"})
SILENCE = frozenset({"CRITICAL", "FATAL", "OFF", "NONE", "SILENT", "QUIET", "DISABLED", "EMERG", "50", "60"})
"""Levels of Python's logging, Node's pino and winston, Rust's env_logger and Java's, and Python's numbers."""


@check("LOG201", "health, metrics and errors are seen by nobody", LOGGING, targets=(PRODUCTION,))
def log_level(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Is the log level one for production?

    Done: each declared variable of a log level (`LOG_LEVEL`, `APP_LOG_LEVEL`, `RUST_LOG`) is looked up, its default
    where it is not set.

    Must hold: it is not so low that everything is written, as `DEBUG`, nor so high that an error is not, as
    `CRITICAL`.

    Why: at DEBUG, clients log whole requests: prompts, answers and keys. At CRITICAL nobody learns of an error.

    Mend: set it to INFO or WARNING where the agent is deployed.
    """
    levels = [name for name in manifest.env or {} if _LEVEL.search(name)]
    if not levels:
        yield Nothing("no variable of a log level is declared")
        return
    for name in levels:
        default = (manifest.env or {})[name].default
        value = machine.environment.get(name) or default
        if not value:
            yield Nothing(f"{name} is not set")
            continue
        told = _general(value)
        if told in EVERYTHING:
            yield problem(
                f"{name} is {told}: everything is written",
                why="clients log whole requests at that level: prompts, answers, and keys in headers",
                fix=f"set {name} to INFO in production",
                severity=Severity.WARNING,
            )
        elif told in SILENCE:
            yield problem(
                f"{name} is {told}: errors are not written",
                why="an error is below that level, and leaves no trace",
                fix=f"set {name} to INFO or WARNING in production",
                severity=Severity.WARNING,
            )
        else:
            yield Fine(f"{name} is set" if name in machine.environment else f"{name} has its default")


@check("LOG201", "health, metrics and errors are seen by nobody", METRICS, targets=(PRODUCTION,), asks_network=True)
def health_and_metrics(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Do health and metrics answer?

    Done: with `--url`, or an agent of a `url`, its live and ready endpoints and /metrics are asked for; the health
    endpoints are those of the manifest, else the usual paths. Without, it is only seen whether the manifest declares
    them.

    Must hold: a declared endpoint answers 2xx; without a declaration one of the usual paths does. Metrics that are
    pushed (`OTEL_EXPORTER_OTLP_ENDPOINT`) need no /metrics.

    Why: without them the orchestrator sends requests to what is not ready, and starts nothing again that is stuck.

    Mend: serve /health/live and /health/ready, and declare them under `agent.health`.
    """
    if not manifest.agents:
        yield Nothing("no agent is declared")
        return
    agent = manifest.agent
    if not agent.serves:
        yield Nothing("a command that answers once has no health endpoint")
        return
    declared = {kind: path for kind, path in (("live", agent.health.live), ("ready", agent.health.ready)) if path}
    base = machine.url or agent.url
    if base is None:
        if declared:
            yield Fine(f"declared: {listed(declared.values())}; --url asks for them")
        else:
            yield Nothing("no `agent.health` is declared, and no --url is given")
        return
    from roadworthy.check.endpoints import Endpoints

    endpoints = Endpoints(base, machine.remaining)
    for kind in ("live", "ready"):
        if kind in declared:
            yield _declared_answer(endpoints, kind, declared[kind])
        else:
            yield _usual_answer(endpoints, kind)
    yield _metrics(endpoints, machine)


@check("LOG201", "health, metrics and errors are seen by nobody", ERRORS_REPORTED, targets=(PRODUCTION,))
def errors_reported(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Do errors go somewhere?

    Done: the declared variables that say where errors go (`SENTRY_DSN`, `OTEL_EXPORTER_OTLP_ENDPOINT`, and others of
    data/error-sinks.toml) are looked up. Nothing is sent.

    Must hold: where some are declared, one is set, to what it has to be.

    Why: an agent whose sink was forgotten works, and reports its first error to nobody.

    Mend: set the variable where the agent is deployed.
    """
    from roadworthy.check.error_sinks import fits, sinks

    known = sinks(manifest.env or {})
    if not known:
        yield Nothing("no error sink is declared: errors stand in the log alone")
        return
    values = {name: machine.environment.get(name) or (manifest.env or {})[name].default or "" for name in known}
    for name, sink in known.items():
        if values[name] and not fits(sink, values[name]):
            yield problem(
                f"{name} is set, and is no {sink.wanted}",
                why=f"{sink.name} is told nothing then: most clients only log that, once",
                fix=f"set {name} to the {sink.wanted} that {sink.name} shows",
            )
    working = [name for name, sink in known.items() if fits(sink, values[name])]
    if working:
        yield Fine(f"{listed(working)} set")
    elif not any(values.values()):
        yield problem(
            f"{listed(known)} {'is' if len(known) == 1 else 'are'} declared and not set",
            why="errors stand in the log alone",
            fix="set it where the agent is deployed, or take it out of the manifest",
            severity=Severity.WARNING,
        )


def _general(value: str) -> str:
    """The level for everything, of `info,hyper=debug` the first."""
    return next((word.strip().upper() for word in value.split(",") if "=" not in word), "")


def _declared_answer(endpoints: Endpoints, kind: str, path: str) -> Said:
    answer = endpoints.ask(path)
    if answer.is_well:
        return Fine(f"{path} answers {answer.status}")
    return problem(
        f"the {kind} endpoint {path} {answer.told}",
        fix=f"start the agent, or declare the path that answers under `agent.health.{kind}`",
    )


def _usual_answer(endpoints: Endpoints, kind: str) -> Said:
    from roadworthy.check.endpoints import USUAL

    for path in USUAL[kind]:
        answer = endpoints.ask(path)
        if answer.status is None:
            return problem(f"{path} {answer.told}", fix="start the agent, or give the --url where it listens")
        if answer.is_well and not answer.is_page:
            return Fine(f"{path} answers {answer.status}")
        if answer.status >= 500:
            return problem(
                f"{path} {answer.told}", fix=f"see why it says so; declare another path under `agent.health.{kind}`"
            )
    return problem(
        f"no {kind} endpoint answers",
        why=f"tried: {', '.join(USUAL[kind])}",
        fix=f"serve {USUAL[kind][0]}, or declare the path it has under `agent.health.{kind}`",
        severity=Severity.WARNING,
    )


def _metrics(endpoints: Endpoints, machine: Machine) -> Said:
    answer = endpoints.ask("/metrics")
    if (answer.is_well and not answer.is_page) or answer.status in (401, 403):
        return Fine("/metrics answers")
    if any(name.startswith("OTEL_EXPORTER_OTLP") for name in machine.environment):
        return Fine("metrics are pushed by OpenTelemetry")
    return problem(
        f"/metrics {answer.told if not answer.is_well else 'is a web page'}",
        fix="serve it in Prometheus' text format, or push metrics by OpenTelemetry",
        severity=Severity.NOTE,
    )
