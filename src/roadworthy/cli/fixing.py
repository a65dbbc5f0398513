"""`roadworthy scan --fix` and `--diff`: what is mended, what is left, and why."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from roadworthy.report.visible import no_commands, visible
from roadworthy.report.wording import counted, from_here
from roadworthy.scan.fixing import Refused, diff_of, planned, write

if TYPE_CHECKING:
    from roadworthy.findings import Finding, Report
    from roadworthy.scan.fixing import Plan

ROUNDS = 10
"""Scans after each of which something was mended: what overlaps is mended one after the other."""


def show(root: Path, report: Report) -> int:
    """Print the diff; what is to say of it goes to stderr. Exit status 1 where there is one."""
    plan = planned(root, report.findings)
    for mended in plan.files:
        _print(diff_of(root, mended, from_here(report, mended.path)))
    for line in _left(plan):
        click.echo(visible(line), err=True)
    found = counted(len(plan.made), "finding")
    click.echo(f"{found} would be mended in {counted(len(plan.files), 'file')}", err=True)
    return 1 if plan.files else 0


def _print(diff: str) -> None:
    """As it is, byte for byte, for `git apply`; a terminal is not driven by what stands in a stranger's file."""
    sys.stdout.flush()
    shown = visible(diff) if sys.stdout.isatty() else diff
    sys.stdout.buffer.write(no_commands(shown).encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()


def mend(root: Path, report: Report, scanned: Callable[[], Report]) -> Report:
    """Mend, scan again, and so on until nothing more can be mended; the last report, with notes of what was done."""
    made: list[Finding] = []
    left: list[str] = []
    for _ in range(ROUNDS):
        plan = planned(root, report.findings)
        done = list(_written(root, plan))
        left = list(_left(plan))
        made += done
        if not done:
            break
        report = scanned()
    return replace(report, notes=(*_told(made), *left, *report.notes))


def _written(root: Path, plan: Plan) -> Iterator[Finding]:
    for mended in plan.files:
        try:
            write(root, mended)
        except Refused as error:
            plan.refused += [(finding, str(error)) for finding in mended.made]
        else:
            yield from mended.made


def _told(made: Iterable[Finding]) -> Iterator[str]:
    """`app/tools.py: PATH101, 2 TIME101 mended`."""
    by_file: dict[str, Counter[str]] = {}
    for finding in made:
        path = finding.edit.path if finding.edit is not None else finding.path
        by_file.setdefault(path or "", Counter())[finding.code] += 1
    for path, codes in sorted(by_file.items()):
        shown = ", ".join(code if count == 1 else f"{count} {code}" for code, count in sorted(codes.items()))
        yield f"{path}: {shown} mended"


def _left(plan: Plan) -> Iterator[str]:
    for finding, why in plan.refused:
        yield f"{finding.path}:{finding.line}: {finding.code} is not mended: {why}"
    for finding in plan.waiting:
        yield f"{finding.path}:{finding.line}: {finding.code} waits: it is where another mend is"
