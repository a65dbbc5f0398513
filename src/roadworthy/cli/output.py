"""Where a report goes: which formats were asked for, and to which file each is written."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from roadworthy.errors import UsageError
from roadworthy.report import CHECKLIST, FORMATS, format_of

if TYPE_CHECKING:
    from roadworthy.findings import Report

Function = TypeVar("Function", bound=Callable[..., Any])
IN_ORDER = "roadworthy.outputs"
"""The key in click's context for `--format` and `--output` in the order in which they were given."""
COLORS = {"auto": None, "always": True, "never": False}


@dataclass(frozen=True, slots=True)
class Output:
    """A format, and the file it is written to; None is stdout."""

    format: str
    path: Path | None = None


class WithOutputs(click.Command):
    """A command that knows in which order `--format` and `--output` were given: click forgets it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does, and keep the order."""
        values, _, order = self.make_parser(ctx).parse_args(list(args))
        names = [option.name for option in order if option.name in {"format", "output"}]
        given = {name: iter(values[name]) for name in set(names)}
        ctx.meta[IN_ORDER] = [(name, next(given[name])) for name in names]
        return super().parse_args(ctx, args)


def output_options(function: Function) -> Function:
    """The options `--format`, `--output` and `--color`, for a command of class `WithOutputs`."""
    for option in (
        click.option(
            "--color",
            type=click.Choice(list(COLORS)),
            default="auto",
            show_default=True,
            help="Colours in the text report. `auto` obeys the terminal, NO_COLOR and FORCE_COLOR.",
        ),
        click.option(
            "--output",
            multiple=True,
            metavar="FILE",
            expose_value=False,
            help="Write the --format before it to FILE; without one, FILE's ending says the format "
            "(.json, .xml for junit, .txt). `-` is stdout. Repeatable.",
        ),
        click.option(
            "--format",
            type=click.Choice(list(FORMATS)),
            multiple=True,
            expose_value=False,
            help="How to report; to stdout unless --output follows. Repeatable. [default: text]",
        ),
    ):
        function = option(function)
    return function


def outputs(given: Sequence[tuple[str, str]]) -> list[Output]:
    """Pair formats and files as they were given.

    An `--output` belongs to the `--format` just before it. One of each belong together in either order.
    Without a format of its own, a file's ending says it. When nothing goes to stdout, the text does.

    Args:
        given: `("format", NAME)` and `("output", FILE)` in the order of the command line.

    Returns:
        What to write, with at most one for stdout.

    Raises:
        UsageError: a file's ending says nothing, or two reports would go to stdout.
    """
    if [name for name, _ in given] == ["output", "format"]:
        given = [given[1], given[0]]
    paired: list[Output] = []
    pending: str | None = None
    for name, value in given:
        if name == "format":
            paired += [Output(pending)] if pending else []
            pending = value
        else:
            paired.append(Output(pending or _format_from(value), None if value == "-" else Path(value)))
            pending = None
    paired += [Output(pending)] if pending else []
    on_stdout = [output.format for output in paired if output.path is None]
    if len(on_stdout) > 1:
        raise UsageError(
            f"{' and '.join(on_stdout)} would both go to stdout\n"
            "  put --output FILE after all but one of them: --format junit --output junit.xml --format text"
        )
    return paired if on_stdout else [*paired, Output("text")]


def check_writable(wanted: Sequence[Output]) -> None:
    """Raise a UsageError now for a file that could not be written when all the work is done."""
    for path in (output.path for output in wanted if output.path):
        folder = path.absolute().parent
        existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
        if path.is_dir():
            raise UsageError(f"--output {path}: this is a folder\n  name a file in it: {path / 'report.json'}")
        if not existing.is_dir() or not os.access(path if path.exists() else existing, os.W_OK):
            raise UsageError(f"--output {path}: {existing} cannot be written\n  name a file elsewhere")


def write_all(report: Report, wanted: Sequence[Output], color: str) -> None:
    """Write `report` to every output: files first, so that a closed stdout costs none of them."""
    for output in sorted(wanted, key=lambda output: output.path is None):
        is_checklist = output.format == "text" and report.verb == "check"
        write = import_module(CHECKLIST if is_checklist else FORMATS[output.format].module).write
        if output.format == "text":
            write = partial(write, color=COLORS[color])
        if output.path is None:
            write(report, sys.stdout)
        else:
            _to_file(output.path, partial(write, report))


def _to_file(path: Path, write: Callable[[TextIO], None]) -> None:
    """Write a regular file whole or not at all; a device or a pipe as it is."""
    target = path.resolve()
    try:
        if target.exists() and not target.is_file():
            with target.open("w", encoding="utf-8") as to:
                write(to)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with unfinished.open("w", encoding="utf-8") as to:
                write(to)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"--output {path}: {error.strerror}\n  the report was not written there") from error


def _format_from(file_name: str) -> str:
    if found := format_of(file_name):
        return found
    endings = ", ".join(suffix for form in FORMATS.values() for suffix in form.suffixes)
    raise UsageError(
        f"--output {file_name}: its ending does not say the format ({endings} do)\n"
        f"  put the format before it: --format json --output {file_name}"
    )
