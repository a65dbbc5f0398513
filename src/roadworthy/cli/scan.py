"""`roadworthy scan`: read the source and say what will break in production; nothing of it is run."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from roadworthy.cli.output import IN_ORDER, WithOutputs, check_writable, output_options, outputs, write_all
from roadworthy.cli.values import code_option
from roadworthy.errors import UsageError
from roadworthy.report.exit_status import exit_status

if TYPE_CHECKING:
    from roadworthy.findings import Report
    from roadworthy.manifest.model import Manifest


@click.command(
    cls=WithOutputs,
    epilog="Exit status: 0 clean, 1 an error was found, 2 it could not run or could judge nothing. "
    "With --diff: 0 nothing to mend, 1 a diff was printed.",
)
@click.argument("paths", metavar="[PATH…]", type=click.Path(path_type=Path, exists=True), nargs=-1)
@code_option("--select", "Only these rules, or all that begin so: PATH101, ENV. Repeatable.")
@code_option("--ignore", "All but these. Repeatable.")
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Tell only what is not in FILE, which --write-baseline wrote.",
)
@click.option(
    "--write-baseline", type=click.Path(path_type=Path), metavar="FILE", help="Write what is found to FILE, and pass."
)
@click.option("--changed", metavar="REV", help="Tell only what is on lines that changed since git's REV.")
@click.option(
    "--fix",
    is_flag=True,
    help="Mend what is mechanical and safe, in the files, and tell what is left; see --diff first.",
)
@click.option("--diff", is_flag=True, help="Print what --fix would change, as a unified diff, and write nothing.")
@click.option("--strict", is_flag=True, help="Warnings fail the run too.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes side by side. [default: by CPUs]")
@click.option("--no-cache", is_flag=True, help="Read every file anew, and keep nothing for the next scan.")
@output_options
@click.pass_context
def command(
    context: click.Context,
    /,
    paths: tuple[Path, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    baseline: Path | None,
    write_baseline: Path | None,
    changed: str | None,
    fix: bool,
    diff: bool,
    strict: bool,
    jobs: int | None,
    no_cache: bool,
    color: str,
) -> int:
    """Read the source and say what will break, without running it.

    PATH is a folder or a file, without it this folder. The project around it is read, and only what is in PATH is told.
    Nothing of the project is imported or run. A comment `# roadworthy: ignore[PATH101] reason` keeps a finding of its
    statement quiet, `ignore-file[PATH101]` those of its file.

    What was found is kept in the user's folder for caches, and files that are the same are not read by the rules again.
    """
    from roadworthy.scan.baseline import new_since, read_baseline
    from roadworthy.scan.baseline import write_baseline as write
    from roadworthy.scan.changed import changed_since, of_changed
    from roadworthy.scan.configured import manifest_of
    from roadworthy.scan.files import project_around

    if write_baseline and (fix or diff):
        raise UsageError("--write-baseline with --fix or --diff: what is known need not be mended\n  give one of them")
    if diff and context.meta[IN_ORDER]:
        raise UsageError("--diff prints a diff, and no report\n  take --format and --output away, or --diff")
    wanted = outputs(context.meta[IN_ORDER])
    check_writable(wanted)
    root = project_around(paths)
    manifest = manifest_of(root)
    if baseline is None and manifest is not None and manifest.scan.baseline is not None:
        baseline = root / manifest.scan.baseline
    known = read_baseline(baseline) if baseline and not write_baseline else None

    def scanned() -> Report:
        asked = _Asked(paths or (Path(),), select, ignore, strict, jobs, no_cache)
        return _scanned(root, manifest, asked)

    def told() -> Report:
        # Asked anew each time: a mend moves lines.
        lines = changed_since(root, changed) if changed else None
        report = scanned()
        if known is not None:
            report = replace(report, findings=tuple(new_since(report.findings, known)))
        return report if lines is None else replace(report, findings=tuple(of_changed(report.findings, lines)))

    if write_baseline:
        count = write(write_baseline, scanned().findings)
        click.echo(
            f"{count} findings written to {write_baseline}: scan with --baseline {write_baseline} to see new ones"
        )
        return 0
    report = told()
    if diff:
        from roadworthy.cli.fixing import show

        return show(root, report)
    if fix:
        from roadworthy.cli.fixing import mend

        report = mend(root, report, told)
    write_all(report, wanted, color)
    return exit_status(report, strict=strict)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the command line asks of a scan."""

    paths: tuple[Path, ...]
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    strict: bool
    jobs: int | None
    no_cache: bool


def _scanned(root: Path, manifest: Manifest | None, asked: _Asked) -> Report:
    from roadworthy.findings import Report, SourceRead
    from roadworthy.manifest.model import Scan
    from roadworthy.scan.cache import cache_folder
    from roadworthy.scan.configured import applied, excluded, without_ignored
    from roadworthy.scan.engine import scan
    from roadworthy.scan.processes import processors

    began = time.perf_counter()
    settings = Scan() if manifest is None else manifest.scan
    wanted = [path.resolve() for path in asked.paths]
    place = root.resolve()
    is_whole = any(place.is_relative_to(each) for each in wanted)
    done = scan(
        root,
        applied(settings, asked.select, asked.ignore),
        manifest,
        jobs=asked.jobs or processors(),
        cache=None if asked.no_cache else cache_folder(),
    )
    if not is_whole:
        done = done.within(lambda path: any((place / path).is_relative_to(each) for each in wanted))
    unread = tuple(str(problem) for problem in done.problems)
    left_out = excluded(settings, place, wanted)
    if not done.lines and len(left_out) < len(wanted):
        named = " ".join(map(str, asked.paths))
        told = "".join(f"\n  {each}" for each in unread[:20])
        raise UsageError(
            f"{named}: none of its files could be read{told}"
            if unread
            else f"{named}: nothing to scan here\n  name the folder that holds the agent's source"
        )
    return Report(
        verb="scan",
        agent=manifest.name if manifest is not None and manifest.agents else place.name,
        findings=tuple(without_ignored(done.findings, settings)),
        source=SourceRead(len(done.lines), sum(done.lines.values()), unread),
        seconds=time.perf_counter() - began,
        manifest=str(root),
        notes=(
            *(f"{path}: left out by `scan.exclude` of the manifest" for path in left_out),
            *map(str, done.unused),
            *_newer(unread),
        ),
        strict=asked.strict,
    )


def _newer(unread: tuple[str, ...]) -> tuple[str, ...]:
    """What helps where source was written for a newer Python than this one."""
    version = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    if not any(f"no {version}: " in each for each in unread):
        return ()
    return (f"source for a newer Python than {version} can be read by running roadworthy on that one",)
