"""`roadworthy rehearse`: run the agent as production would, break one thing at a time, say what fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from roadworthy.cli.output import (
    COLORS,
    IN_ORDER,
    WithOutputs,
    check_writable,
    output_options,
    outputs,
    write_all,
)
from roadworthy.cli.values import code_option
from roadworthy.errors import UsageError
from roadworthy.rehearsal.options import Options
from roadworthy.report.exit_status import exit_status, untested
from roadworthy.report.screen import is_terminal, screen_of

if TYPE_CHECKING:
    from roadworthy.findings import Report
    from roadworthy.manifest.model import Manifest
    from roadworthy.rehearsal.events import Emit

SOMEWHERE = "\0"
"""`--keep` without a folder."""


@click.command(
    cls=WithOutputs,
    epilog="Exit status: 0 clean, 1 something fails, 2 it could not run or could judge nothing.",
)
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option("--agent", metavar="NAME", help="Which of the manifest's agents. [default: the first]")
@code_option("--only", "Only these codes, or all that begin so: ENV302, RATE. Repeatable.")
@code_option("--skip", "All but these. Repeatable.")
@click.option("--quick", is_flag=True, help="Only the scenarios that say most, in about half a minute.")
@click.option("--last-failed", is_flag=True, help="Only what failed the last time.")
@click.option("--list", "lists", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Trials side by side. [default: by CPUs]")
@click.option("--seed", type=click.IntRange(0), metavar="N", help="Draw the same again. [default: a new one]")
@click.option(
    "--stage",
    type=click.Choice(["auto", "bubblewrap", "process"]),
    default="auto",
    show_default=True,
    help="Where the agent runs; `process` needs nothing and enforces little.",
)
@click.option("--timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS", help="End the run then.")
@click.option(
    "--keep",
    is_flag=False,
    flag_value=SOMEWHERE,
    metavar="[=DIR]",
    help="Keep the evidence of every trial in DIR, or in a new folder that the report names.",
)
@code_option("--require", "Fail when one of these was not tested. Repeatable.")
@click.option(
    "--compare",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="Say what changed since the run whose JSON report is RUN.",
)
@click.option("--strict", is_flag=True, help="Warnings fail the run too.")
@click.option(
    "--allow-host", "allow_hosts", multiple=True, metavar="HOST", help="Let HOST through to the real one. Repeatable."
)
@click.option("--allow-writes", is_flag=True, help="Also call tools that delete, send, pay, write or execute.")
@output_options
@click.option("--no-progress", is_flag=True, help="Say nothing before the report.")
@click.pass_context
def command(
    context: click.Context,
    /,
    path: Path | None,
    last_failed: bool,
    lists: bool,
    require: tuple[str, ...],
    compare: Path | None,
    strict: bool,
    keep: str | None,
    color: str,
    no_progress: bool,
    **asked: Any,
) -> int:
    """Run the agent as production would and say what breaks.

    PATH is the project's folder or its manifest; without it, this folder. The agent runs unchanged in a
    sandbox; models and services are simulated or forwarded on the wire; each scenario changes or breaks one
    thing.
    """
    from roadworthy.hazards import scenarios
    from roadworthy.manifest.loading import load
    from roadworthy.report.comparing import compared, earlier_report

    wanted = outputs(context.meta[IN_ORDER])
    check_writable(wanted)
    if require:
        scenarios(only=require)  # for its message, now rather than after the run
    before = earlier_report(compare) if compare else None
    options = Options(keep=_evidence_folder(keep), **asked)
    manifest = load(path, agent=options.agent)
    if last_failed:
        failed = _failed_before(manifest, options)
        if not failed:
            click.echo("nothing failed the last time: nothing to run again")
            return 0
        options = replace(options, only=failed)
    if lists:
        _show_plan(manifest, options, color)
        return 0
    with _progress(color, shown=not no_progress) as emit:
        report = _rehearsed(manifest, options, emit)
    report = replace(_completed(report, path, options, require), strict=strict, required=require)
    if before is not None:
        report = replace(report, comparison=compared(before, report, str(compare)))
    write_all(report, wanted, color)
    return exit_status(report, strict=strict, require=require)


def _rehearsed(manifest: Manifest, options: Options, emit: Emit) -> Report:
    from roadworthy.rehearsal.last_run import remember
    from roadworthy.rehearsal.run import main

    report = main(manifest, options, emit)
    remember(manifest.root, report)
    return report


def _completed(report: Report, path: Path | None, options: Options, require: tuple[str, ...]) -> Report:
    """The report with what only the command line knows."""
    again = ["--agent", options.agent] if options.agent else []
    again += ["--stage", options.stage] if options.stage != "auto" else []
    again += [word for host in options.allow_hosts for word in ("--allow-host", host)]
    again += ["--allow-writes"] if options.allow_writes else []
    notes = [f"--require: {code} was not tested" for code in untested(report, require)]
    notes += [f"the evidence of every trial is in {options.keep}"] if options.keep else []
    return replace(report, manifest=str(path or Path()), arguments=tuple(again), notes=(*report.notes, *notes))


def _failed_before(manifest: Manifest, options: Options) -> tuple[str, ...]:
    from roadworthy.rehearsal.last_run import last_failed

    failed = last_failed(manifest.root, manifest.agent.name)
    if failed is None:
        raise UsageError(f"--last-failed: no earlier run of {manifest.root} is known\n  run once without --last-failed")
    return tuple(code for code in failed if not options.only or code.startswith(options.only))


def _show_plan(manifest: Manifest, options: Options, color: str) -> None:
    from roadworthy.rehearsal.run import plan
    from roadworthy.report.planned import render

    screen = screen_of(sys.stdout, color=COLORS[color])
    click.echo(render(plan(manifest, options), screen), nl=False, color=True)


@contextmanager
def _progress(color: str, *, shown: bool) -> Iterator[Emit]:
    """What takes the engine's events: a live view on a terminal, lines in CI and in pipes, or nothing."""
    from roadworthy.report.progress import live, plain

    if not shown:
        yield lambda _event: None
    elif is_terminal(sys.stderr) and not os.environ.get("CI"):
        with live(sys.stderr, screen_of(sys.stderr, color=COLORS[color])) as emit:
            yield emit
    else:
        yield plain(sys.stderr)


def _evidence_folder(keep: str | None) -> Path | None:
    if keep is None:
        return None
    if keep == SOMEWHERE:
        import tempfile

        return Path(tempfile.mkdtemp(prefix="roadworthy-evidence-"))
    folder = Path(keep)
    if folder.is_file() or (folder / "roadworthy.yaml").exists() or (folder / "pyproject.toml").exists():
        raise UsageError(
            f"--keep {keep}: the evidence would go into a project\n"
            f"  for another folder write --keep=DIR; for the project {keep} put it before --keep"
        )
    return folder
