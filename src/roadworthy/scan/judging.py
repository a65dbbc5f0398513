"""A file and the rules: what they say of it, without what its comments ignore."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from roadworthy.findings import Finding
from roadworthy.scan.ignores import ignores_in, kept
from roadworthy.scan.moments import Moment, of_path
from roadworthy.scan.scanned import Problem

if TYPE_CHECKING:
    from roadworthy.hazards.hazard import Rule
    from roadworthy.scan.document import Document
    from roadworthy.scan.module import Module


STANDING = ("SEC", "DEP", "COLD")
"""Hazards of what stands in a file, whether it runs or not."""


def judged(file: Module | Document, rules: Sequence[Rule]) -> tuple[list[Finding], list[Problem]]:
    """What the rules say of a file, and which of its comments keep nothing quiet."""
    ignores = ignores_in(file.source)
    findings = list(kept(_all(file, rules), ignores))
    codes = [rule.code for rule in rules]
    unused = [
        Problem(file.path, f"`{f'ignore[{code}]' if code else 'ignore'}` keeps nothing quiet: take it out", ignore.line)
        for ignore in ignores
        for code in ignore.unused(codes)
    ]
    return findings, unused


def _all(file: Module | Document, rules: Sequence[Rule]) -> Iterator[Finding]:
    is_test = of_path(file.path) is Moment.TEST
    for rule in rules:
        if file.kind in rule.of and (rule.in_tests or not is_test):
            yield from found_by(rule, file)


def found_by(rule: Rule, file: Module | Document) -> Iterator[Finding]:
    """What a rule says of a file, with its code and its hazard."""
    unreached: Collection[int] = () if rule.hazard in STANDING else getattr(file, "unreached", ())
    for finding in _once_a_line(rule.function(file)):
        if finding.line in unreached:
            continue
        yield replace(finding, code=rule.code, hazard=rule.hazard)


def _once_a_line(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Two calls of one kind on a line are one thing to mend."""
    seen = set()
    for finding in findings:
        words = (finding.line, finding.message)
        if words not in seen:
            seen.add(words)
            yield finding
