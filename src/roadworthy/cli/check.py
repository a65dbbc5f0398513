"""`roadworthy check`: hold this machine against the manifest, and, after `--`, become the agent's command."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from roadworthy.cli.output import IN_ORDER, WithOutputs, check_writable, output_options, outputs, write_all
from roadworthy.cli.values import Duration, code_option
from roadworthy.errors import UsageError
from roadworthy.hazards.checking import PRODUCTION, TARGETS
from roadworthy.report.exit_status import CLEAN, exit_status, untested

if TYPE_CHECKING:
    from collections.abc import Mapping

    from roadworthy.check.run import Asked
    from roadworthy.findings import Report
    from roadworthy.manifest.model import Manifest


@dataclass(frozen=True, slots=True)
class _Around:
    """How the machine is looked at."""

    target: str
    timeout: float
    url: str | None
    runs_binaries: bool
    reads_source: bool


class WithCommand(WithOutputs):
    """A command that takes everything after `--` as another's command line, and needs the `--` to be there."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Split at the first `--`."""
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[COMMAND] = tuple(args[at + 1 :]) if at < len(args) else None
        return super().parse_args(ctx, args[:at])


COMMAND = "roadworthy.command"
"""The key in click's context for what stands after `--`; None without one."""


@click.command(
    cls=WithCommand,
    epilog="Exit status: 0 ready, 1 not ready, 2 it could not run or could judge nothing; "
    "with a command, the command's own, 127 where there is no such program.",
)
@click.argument("path", metavar="[PATH] [-- COMMAND…]", type=click.Path(path_type=Path), required=False)
@click.option("--agent", metavar="NAME", help="Which of the manifest's agents. [default: the first]")
@code_option("--only", "Only these codes, or all that begin so: ENV201, BIN. Repeatable.")
@code_option("--skip", "All but these. Repeatable.")
@click.option(
    "--for",
    "target",
    type=click.Choice(TARGETS),
    default=PRODUCTION,
    show_default=True,
    help="What this machine is for; on a laptop and in CI less is judged.",
)
@click.option("--offline", is_flag=True, help="Ask nothing over the network.")
@click.option("--timeout", type=Duration(), default="5s", show_default=True, help="For all that may be slow, together.")
@click.option("--url", metavar="URL", help="The running agent: its health and metrics are asked for.")
@click.option(
    "--env-file", type=click.Path(path_type=Path), metavar="FILE", help="Variables that take the place of those set."
)
@click.option("--run-binaries", is_flag=True, help="Run every declared program once, not only those with a version.")
@click.option("--run-code", is_flag=True, help="Start the tool servers, and import the agent's modules.")
@click.option("--no-source", is_flag=True, help="Leave out what only the source can answer, as before a command.")
@code_option("--require", "Fail when one of these was not tested. Repeatable.")
@click.option("--strict", is_flag=True, help="Warnings fail the check too.")
@click.option("--init", is_flag=True, help="Stay as process 1: forward signals to the command, and reap orphans.")
@output_options
@click.pass_context
def command(
    context: click.Context,
    /,
    path: Path | None,
    agent: str | None,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    target: str,
    offline: bool,
    timeout: float,
    url: str | None,
    env_file: Path | None,
    run_binaries: bool,
    run_code: bool,
    no_source: bool,
    require: tuple[str, ...],
    strict: bool,
    init: bool,
    color: str,
) -> int:
    """Hold this machine against what the agent needs, and say all that is wrong at once.

    PATH is the project's folder or its manifest; without it, this folder. What stands after `--` is run where nothing
    fails: this process becomes it. Then the report goes to stderr, and only what is wrong is told.
    """
    from roadworthy.check.run import Asked
    from roadworthy.manifest.loading import load

    argv: tuple[str, ...] | None = context.meta[COMMAND]
    wanted = outputs(context.meta[IN_ORDER])
    check_writable(wanted)
    _refuse_half_a_command(argv, init=init)
    if argv is not None and any(output.path is None and output.format != "text" for output in wanted):
        raise UsageError("stdout is the command's, and no report can go there\n  put --output FILE after the --format")
    manifest = load(path, agent=agent)
    environment = _environment(env_file)
    asked = Asked(only, skip, offline, run_code)
    around = _Around(target, timeout, url, run_binaries, reads_source=not no_source and argv is None)
    report = _checked(manifest, environment, asked, around)
    report = replace(report, strict=strict, required=require, manifest=str(path) if path else report.manifest)
    status = exit_status(report, strict=strict, require=require)
    if missing := untested(report, require):
        report = replace(report, notes=(*report.notes, f"required and not tested: {', '.join(missing)}"))
    if argv is None:
        write_all(report, wanted, color)
        return status
    write_all(report, [output for output in wanted if output.path is not None], color)
    _tell(report, color)
    if status != CLEAN:
        return status
    from roadworthy.check.becoming import become, watch_over

    sys.stdout.flush()
    return watch_over(argv, environment) if init else become(argv, environment)


def _checked(manifest: Manifest, environment: Mapping[str, str], asked: Asked, around: _Around) -> Report:
    from roadworthy.check.machine import Machine
    from roadworthy.check.run import check

    machine = Machine(
        manifest,
        environment,
        target=around.target,
        patience=around.timeout,
        url=around.url,
        runs_binaries=around.runs_binaries,
        reads_source=around.reads_source,
    )
    return check(machine, asked)


def _environment(env_file: Path | None) -> dict[str, str]:
    if env_file is None:
        return dict(os.environ)
    from roadworthy.manifest.dotenv import variables_in

    return {**os.environ, **variables_in(env_file)}


def _refuse_half_a_command(argv: tuple[str, ...] | None, *, init: bool) -> None:
    if argv == ():
        raise UsageError("nothing stands after --\n  write the command there: roadworthy check -- python main.py")
    if init and argv is None:
        raise UsageError("--init without a command\n  write it after --: roadworthy check --init -- python main.py")


def _tell(report: Report, color: str) -> None:
    """What is wrong, on stderr: stdout is the command's."""
    from roadworthy.cli.output import COLORS
    from roadworthy.report.checklist import render_failures
    from roadworthy.report.screen import screen_of
    from roadworthy.report.visible import no_commands

    screen = screen_of(sys.stderr, color=COLORS[color])
    sys.stderr.write(no_commands(render_failures(report, screen)))
    sys.stderr.flush()
