"""A rehearsal from its manifest to its report: prepare, baseline, scenarios, clean up."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from roadworthy.errors import UsageError
from roadworthy.findings import Cost, Place, Report, Verdict, not_tested
from roadworthy.hazards import checks, scenarios
from roadworthy.manifest.dotenv import environment_file
from roadworthy.manifest.endpoints import Endpoint, endpoints
from roadworthy.manifest.model import Manifest
from roadworthy.redaction import redactor
from roadworthy.rehearsal.baseline import LABEL, REQUESTS, TRIAL, baseline_from, find_mentions
from roadworthy.rehearsal.conditions import Feature
from roadworthy.rehearsal.engine import Engine
from roadworthy.rehearsal.events import (
    BaselineDone,
    BaselineStarted,
    Emit,
    RunFinished,
    RunStarted,
    StageReady,
)
from roadworthy.rehearsal.local_services import LocalServices
from roadworthy.rehearsal.observed import Baseline
from roadworthy.rehearsal.options import Options, PlannedScenario
from roadworthy.rehearsal.scenario import Scenario
from roadworthy.rehearsal.session import Session
from roadworthy.rehearsal.stage.inspect import choose, examined
from roadworthy.rehearsal.stage.project import build_image
from roadworthy.rehearsal.stage.run_folder import RunFolder
from roadworthy.rehearsal.stage.runtime import find_runtime, locate
from roadworthy.rehearsal.stage.setting import Ground
from roadworthy.rehearsal.stage.stage import Stage
from roadworthy.rehearsal.surroundings import Surroundings
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.values import find_values
from roadworthy.rehearsal.world.authority import make_authority
from roadworthy.rehearsal.world.model.providers import HOSTS, Providers, Settings
from roadworthy.rehearsal.world.model.simulated import Behaviour
from roadworthy.rehearsal.world.world import World
from roadworthy.waivers import waiver_uses


def main(manifest: Manifest, options: Options, emit: Emit) -> Report:
    """Rehearse, on an event loop of its own.

    Raises UsageError where the rehearsal cannot start, KeyboardInterrupt after Ctrl-C or SIGTERM; in each
    case everything that was started has ended.
    """
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_interruptible(manifest, options, emit))


async def _interruptible(manifest: Manifest, options: Options, emit: Emit) -> Report:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    interrupted = False

    def interrupt() -> None:
        nonlocal interrupted
        interrupted = True
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, interrupt)
    try:
        return await rehearse(manifest, options, emit)
    except asyncio.CancelledError:
        if interrupted:
            raise KeyboardInterrupt from None
        raise
    except BaseExceptionGroup as group:
        first = _usage_error_in(group)
        if first is not None:
            raise first from None
        raise


def _usage_error_in(group: BaseExceptionGroup[Any]) -> UsageError | None:
    for error in group.exceptions:
        found = _usage_error_in(error) if isinstance(error, BaseExceptionGroup) else error
        if isinstance(found, UsageError):
            return found
    return None


def plan(manifest: Manifest, options: Options) -> list[PlannedScenario]:
    """What a rehearsal would do on this machine, without starting the agent."""
    machine = asyncio.run(examined(options.stage))
    manifest = _with_one_agent(manifest, options.agent)
    return _planned(_selected(options), machine.enforced, Terms.of(manifest))


def _planned(selected: list[Scenario], enforced: frozenset[Feature], terms: Terms) -> list[PlannedScenario]:
    planned = []
    for scenario in selected:
        missing = sorted(scenario.needs - enforced)
        planned.append(
            PlannedScenario(
                code=scenario.code,
                title=scenario.title,
                needs=tuple(sorted(scenario.needs)),
                enforceable=not missing,
                reason=f"not enforced here: {', '.join(missing)}" if missing else None,
                trials=None,
                seconds=scenario.seconds(terms),
                fresh=scenario.fresh,
                quiet=scenario.quiet,
            )
        )
    return planned


async def rehearse(manifest: Manifest, options: Options, emit: Emit) -> Report:
    """The whole rehearsal. Raises UsageError where it cannot start."""
    began = time.monotonic()
    manifest = _with_one_agent(manifest, options.agent)
    _check_kind(manifest)
    selected = _selected(options)
    seed = secrets.randbits(32) if options.seed is None else options.seed
    stage = await choose(options.stage)
    emit(
        RunStarted(
            manifest.agent.name, tuple(_planned(selected, stage.enforced, Terms.of(manifest))), stage.summary, seed
        )
    )
    async with AsyncExitStack() as cleanup:
        folder = RunFolder()
        cleanup.callback(folder.remove)
        around = await _surroundings(manifest, options, stage, folder, seed, cleanup)
        emit(StageReady(time.monotonic() - began))
        baseline = await _baseline(around, options, emit)
        around = replace(around, warm_after=baseline.warm_after)
        jobs = options.jobs or (os.cpu_count() or 1) + 1
        engine = Engine(around, baseline, emit, jobs)
        verdicts = await _within(engine, selected, options.timeout, began)
        if options.keep is not None:
            _keep(engine, options.keep)
    report = Report(
        verb="rehearse",
        agent=manifest.agent.name,
        stage=stage.summary,
        verdicts=tuple(verdicts),
        cost=_cost(baseline),
        seconds=round(time.monotonic() - began, 3),
        seed=seed,
        notes=_notes(baseline),
        waivers=waiver_uses(
            manifest.accept,
            {verdict.code: verdict.verdict for verdict in verdicts},
            {one.code for one in scenarios()} | {one.code for one in checks()},
            around.today,
        ),
        manifest=str(manifest.source) if manifest.source else None,
    )
    emit(RunFinished(report))
    return report


async def _within(engine: Engine, selected: list[Scenario], limit: float | None, began: float) -> list[Verdict]:
    """All verdicts; what is not judged when the time is up is `not tested`."""
    if limit is None:
        return await engine.run(selected)
    try:
        async with asyncio.timeout(max(0.0, limit - (time.monotonic() - began))):
            return await engine.run(selected)
    except TimeoutError:
        judged = {verdict.code: verdict for verdict in engine.verdicts}
        late = f"not reached within --timeout {limit:g}"
        return [
            judged.get(scenario.code)
            or replace(not_tested(late), code=scenario.code, hazard=scenario.hazard, title=scenario.title)
            for scenario in selected
        ]


async def _surroundings(
    manifest: Manifest, options: Options, stage: Stage, folder: RunFolder, seed: int, cleanup: AsyncExitStack
) -> Surroundings:
    project = manifest.root
    developer = dict(os.environ)
    dotenv = environment_file(project)
    known = {**dotenv, **developer}
    defaults = {name: v.rehearse or v.default for name, v in (manifest.env or {}).items()}
    services = endpoints(manifest, {**{name: value for name, value in defaults.items() if value}, **known})
    values = find_values(manifest, developer, dotenv, services, random.Random(seed))  # noqa: S311
    search_path = developer.get("PATH", os.defpath)
    command = _command(manifest)
    runtime = find_runtime(command, project, search_path)
    local = LocalServices(folder.variable, folder.path, has_namespaces=Feature.LOOPBACK in stage.enforced)
    cleanup.push_async_callback(local.stop)
    await local.start(manifest, services)
    hosts = {**HOSTS, **manifest.simulate.hosts}
    authority = folder.path / "certificates.pem"
    context = make_authority(hosts, authority)
    writable = tuple(place for place in manifest.files.write if not place.startswith("/"))
    ground = Ground(
        manifest=manifest,
        command=command,
        project=project,
        runtime=runtime,
        values=values,
        services=services,
        image=build_image(project, folder.path / "image", obeys_dockerignore=True, writable=writable),
        checkout=build_image(project, folder.path / "checkout", obeys_dockerignore=False, writable=writable),
        folder=folder.path,
        authority=authority,
        binaries=_binaries(manifest, search_path),
    )
    settings = Settings(
        behaviour=Behaviour(
            answer=manifest.simulate.answer,
            tools=manifest.simulate.tools,
            script=manifest.simulate.entries,
            steps=manifest.budgets.steps,
            allow_writes=options.allow_writes,
        ),
        hosts=manifest.simulate.hosts,
        keys=values.keys,
    )

    def new_world(clock: Callable[[], float]) -> World:
        return World(
            Providers(settings, clock),
            clock,
            context=context,
            hosts=hosts,
            services=services,
            allowed=options.allow_hosts,
            reach=local.reach,
        )

    return Surroundings(
        stage=stage,
        ground=ground,
        terms=Terms.of(manifest),
        folder=folder,
        new_world=new_world,
        redact=redactor(values.secrets),
        secrets=values.declared_secrets,
        mentions=_mentions(manifest, services),
        seed=seed,
    )


async def _baseline(around: Surroundings, options: Options, emit: Emit) -> Baseline:
    emit(BaselineStarted(REQUESTS))
    session = Session(around, TRIAL)
    try:
        await session.open()
        observed = await session.perform(TRIAL)
    finally:
        await session.close()
    ground = around.ground
    baseline = baseline_from(
        observed, ground.manifest, around.terms, options.allow_hosts, runs_on=ground.runtime.programs
    )
    emit(
        BaselineDone(
            requests=len(observed.labelled(LABEL)),
            median_seconds=baseline.median_seconds,
            calls_per_request=baseline.calls_per_request,
            tools=tuple(sorted(baseline.tools_called)),
            services=tuple(sorted({use.service for use in observed.services if use.service})),
            binaries=tuple(sorted(baseline.programs)),
            tools_left_out=tuple(sorted(observed.tools_left_out)),
        )
    )
    return baseline


def _with_one_agent(manifest: Manifest, name: str | None) -> Manifest:
    if name is None:
        return manifest
    if name not in manifest.agents:
        raise UsageError(f"--agent {name}: the manifest has {', '.join(manifest.agents)}")
    return replace(manifest, agents={name: manifest.agents[name]})


def _check_kind(manifest: Manifest) -> None:
    agent = manifest.agent
    if agent.url is not None:
        raise UsageError(
            f"agent.url: {agent.url} runs already, and nothing around it can be broken from here: a rehearsal starts "
            "the agent itself, in a sandbox\n  give `command` or `entry` in place of `url`"
        )
    place = (agent.entry or "").partition(":")[0]
    if place.endswith(".py") and not (manifest.root / place).is_file():
        raise UsageError(f"agent.entry: there is no file {place} in {manifest.root}")


def _command(manifest: Manifest) -> tuple[str, ...]:
    """What is started: the agent's own command, or the host for an `entry:`."""
    agent = manifest.agent
    if agent.command is not None:
        return agent.command
    assert agent.entry is not None
    own = manifest.root / ".venv" / "bin" / "python"
    python = str(own) if own.exists() else sys.executable
    return (python, "-m", "roadworthy.serve.host", agent.entry, "--port", str(agent.port), "--folder", ".")


def _binaries(manifest: Manifest, search_path: str) -> dict[str, Path]:
    found = {}
    for name in manifest.binaries:
        try:
            found[name] = locate(name, manifest.root, search_path)
        except UsageError:
            continue  # not here: what needs it fails on the laptop already
    return found


def _mentions(manifest: Manifest, services: tuple[Endpoint, ...]) -> dict[str, Place]:
    names = (
        *(manifest.env or ()),
        *manifest.binaries,
        *(f"{host}:{service.port}" for service in services for host in (service.host, "localhost", "127.0.0.1")),
        *(service.name for service in services),
    )
    found = find_mentions(manifest.root, tuple(dict.fromkeys(names)))
    return {name: Place(*place) for name, place in found.items()}


def _selected(options: Options) -> list[Scenario]:
    return list(scenarios(only=options.only, skip=options.skip, quick=options.quick))


def _cost(baseline: Baseline) -> Cost:
    """Medians over the baseline's requests."""
    observed = baseline.observed
    calls = [observed.calls_for(exchange) for exchange in observed.exchanges]
    return Cost(
        model_calls=baseline.calls_per_request,
        input_tokens=median(sum(call.input_tokens for call in each) for each in calls),
        output_tokens=median(sum(call.output_tokens for call in each) for each in calls),
    )


def _notes(baseline: Baseline) -> tuple[str, ...]:
    left_out = baseline.observed.tools_left_out
    if not left_out:
        return ()
    named = ", ".join(f"{tool} ({word})" for tool, word in sorted(left_out.items()))
    return (f"tools that change something were not called: {named}; --allow-writes calls them",)


def _keep(engine: Engine, folder: Path) -> None:
    """Write what was seen in each trial, as JSON, one file a trial."""
    from roadworthy.rehearsal.evidence import write

    write(engine.evidence, folder)
