"""The baseline: five requests on the laptop stage. If the agent does not answer there, nothing can be judged."""

from __future__ import annotations

import json
from collections.abc import Iterable
from math import inf
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from roadworthy.errors import UsageError
from roadworthy.manifest.model import Manifest
from roadworthy.rehearsal.holds import names_exactly
from roadworthy.rehearsal.observed import Baseline, Exchange, Observed
from roadworthy.rehearsal.scenario import Send, Trial, UntilWarm

if TYPE_CHECKING:
    from roadworthy.rehearsal.terms import Terms

REQUESTS = 5
LABEL = "baseline"
TRIAL = Trial(steps=(UntilWarm(LABEL), *(Send(LABEL) for _ in range(REQUESTS - 1))), at_once=True)
SHOWN_LINES = 15
NOTICE = 0.15
"""Seconds that a line may come after the answer it belongs to."""


def baseline_from(
    observed: Observed, manifest: Manifest, terms: Terms, allowed: tuple[str, ...], runs_on: Iterable[str] = ()
) -> Baseline:
    """Sum up what was seen of an agent that runs on these programs, by their names.

    Raises UsageError, with the agent's output, where it did not start, did not answer, or asked for a host
    that the manifest does not declare.
    """
    _check_start(observed, manifest)
    _check_hosts(observed, allowed)
    warm_after = _warm_after(observed)
    del observed.exchanges[:-REQUESTS]  # what came too early is COLD302's
    for exchange in observed.exchanges:
        _check_answer(exchange, observed, manifest, terms)
    calls = [len(observed.calls_for(exchange)) for exchange in observed.exchanges]
    return Baseline(
        observed=observed,
        median_seconds=median(exchange.seconds or 0.0 for exchange in observed.exchanges),
        calls_per_request=median(calls),
        peak_memory=max((used for _, used in observed.memory), default=0),
        warm_after=warm_after,
        runs_on=frozenset(runs_on),
    )


def _warm_after(observed: Observed) -> float:
    """Seconds from ready to the first request that was not lost, where others came before."""
    early = len(observed.exchanges) - REQUESTS
    return observed.exchanges[early].due - (observed.life.ready or 0.0) if early > 0 else 0.0


def _check_start(observed: Observed, manifest: Manifest) -> None:
    life, agent = observed.life, manifest.agent
    if life.ready is not None and life.exited is None:
        return
    if life.exited is not None and life.ready is None:
        raise UsageError(
            f"the agent exits at once (status {life.exit_status}, after {life.exited:.1f} s), "
            "before anything was changed\n  it has to work here first; its output:\n" + _output(observed)
        )
    if life.port_open is None:
        ports = ", ".join(map(str, life.other_ports))
        opened = f"it did open {ports}: `port: {life.other_ports[0]}`?" if ports else "it opened no port at all"
        raise UsageError(f"the agent never opens port {agent.port}\n  {opened}\n  its output:\n" + _output(observed))
    if life.ready is None:
        raise UsageError(
            f"the agent opens port {agent.port} and never says that it is ready at {life.ready_path or 'its port'}\n"
            f"  it answers there: {life.health_body[:300] or 'nothing'}\n  its output:\n" + _output(observed)
        )
    raise UsageError(
        f"the agent exits (status {life.exit_status}) while it is asked, before anything was changed\n"
        "  its output:\n" + _output(observed)
    )


def _check_hosts(observed: Observed, allowed: tuple[str, ...]) -> None:
    strangers = sorted({lookup.name for lookup in observed.lookups if not lookup.known and lookup.name not in allowed})
    if not strangers:
        return
    lines = "\n".join(f"    {_key(host)}: {{url: https://{host}}}" for host in strangers)
    raise UsageError(
        f"the agent asks for {'a host' if len(strangers) == 1 else 'hosts'} that the manifest does not declare: "
        f"{', '.join(strangers)}\n  declare it:\n  services:\n{lines}\n"
        "  or, where it speaks a model provider's protocol:\n"
        f"  simulate:\n    hosts: {{{strangers[0]}: openai}}\n"
        f"  or let it through to the real one: --allow-host {strangers[0]}"
    )


def _check_answer(exchange: Exchange, observed: Observed, manifest: Manifest, terms: Terms) -> None:
    agent, asked = manifest.agent, manifest.agent.asked
    if exchange.error is not None:
        raise UsageError(
            f"{asked}: {exchange.error}, before anything was changed\n  its output:\n" + _output(observed, exchange)
        )
    said = exchange.text.strip()[:400] or "(an empty body)"
    if exchange.exit_status:
        raise UsageError(
            f"{asked} -> exit status {exchange.exit_status}, before anything was changed\n"
            + _refusals(observed, exchange)
            + "  its output:\n"
            + _output(observed, exchange)
        )
    if exchange.status == 404:
        raise UsageError(f"{asked} -> 404: {said}\n  is `agent.request.path` right?")
    if exchange.status is None or not 200 <= exchange.status < 300:
        raise UsageError(
            f"{asked} -> {exchange.status}, before anything was changed: {said}\n"
            + _refusals(observed, exchange)
            + "  its output:\n"
            + _output(observed, exchange)
        )
    if exchange.shape_error is not None:
        raise UsageError(
            f"{asked} -> {exchange.status}, but {exchange.shape_error}: {said}\n"
            f"  `agent.answer` is {agent.answer}; it has to lead to the answer's text"
        )
    if exchange.seconds is not None and exchange.seconds > terms.deadline:
        raise UsageError(
            f"{asked} takes {exchange.seconds:.1f} s, and the deadline is {terms.deadline:g} s\n"
            "  raise `timeouts.request` or `budgets.answer`"
        )
    if exchange.canary not in (exchange.answer or "").lower():
        calls = observed.calls_for(exchange)
        why = (
            "the simulated model answers with the reference number of the request, and the agent's answer lacks it"
            if calls
            else "the request's text did not reach the model: no model call carried its reference number"
        )
        raise UsageError(
            f"{asked} answers, but {why}\n  it says: {said}\n"
            "  if the agent expects the model's answer in a certain shape, show it one:\n"
            f"  simulate:\n    answer: {json.dumps(_suggested_answer())}"
        )


def _refusals(observed: Observed, exchange: Exchange) -> str:
    """What the simulated provider found wrong, as the real one would have."""
    refused = dict.fromkeys(call.refused for call in observed.calls_for(exchange) if call.refused)
    return "".join(f"  the provider refused a model call, as the real one would: {reason}\n" for reason in refused)


def _suggested_answer() -> str:
    return '{"answer": "{{canary}}"}'


def _key(host: str) -> str:
    parts = [part for part in host.split(".") if part not in ("www", "api", "com", "org", "net", "io")]
    return parts[-1].replace("-", "_") if parts else "service"


def _output(observed: Observed, request: Exchange | None = None) -> str:
    """The last lines; of a request, those up to its end."""
    until = inf if request is None or request.ended is None else request.ended + NOTICE
    lines = [line.text for line in observed.output if line.at <= until][-SHOWN_LINES:]
    return "\n".join(f"    {line}" for line in lines) if lines else "    (it printed nothing)"


def find_mentions(project: Path, names: tuple[str, ...]) -> dict[str, tuple[str, int, str]]:
    """Where the project's source first names each of `names`: path, line, the line itself."""
    from roadworthy.rehearsal.stage.project import LEFT_OUT, runtime_folders

    skipped = {project / folder for folder in runtime_folders(project)}
    found: dict[str, tuple[str, int, str]] = {}
    for file in _sources(project, skipped, LEFT_OUT):
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        for name in names:
            if name in found or name not in text:
                continue
            for number, line in enumerate(text.splitlines(), 1):
                if names_exactly(line, name) and not line.lstrip().startswith(("#", "//", "*", '"""')):
                    found[name] = (str(file.relative_to(project)), number, line.strip()[:160])
                    break
    return found


SOURCES = (
    ".py",
    ".js",
    ".mjs",
    ".cjs",
    ".ts",
    ".go",
    ".rb",
    ".rs",
    ".java",
    ".kt",
    ".php",
    ".sh",
    ".cs",
    ".ex",
)
LARGEST_SOURCE = 1 << 20


def _sources(project: Path, skipped: set[Path], left_out: frozenset[str]) -> list[Path]:
    import os

    found = []
    for folder, names, files in os.walk(project):
        names[:] = sorted(name for name in names if name not in left_out and Path(folder) / name not in skipped)
        for name in sorted(files):
            file = Path(folder) / name
            if name.endswith(SOURCES) and file.stat().st_size <= LARGEST_SOURCE:
                found.append(file)
    return found
