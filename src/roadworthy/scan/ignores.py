"""`# roadworthy: ignore[PATH101] reason`: findings that somebody has looked at and wants to keep quiet.

On a line of its own statement it holds for what is found there; `ignore-file[…]`, anywhere, for the whole file. Without
brackets, or with a hazard's prefix, it holds for all of these. One that keeps nothing quiet is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from roadworthy.findings import Finding

_COMMENT = re.compile(r"(?:#|//)\s*roadworthy:\s*ignore(?P<file>-file)?(?:\[(?P<codes>[^\]]*)\])?", re.IGNORECASE)


@dataclass(slots=True)
class Ignore:
    """One such comment. Empty `codes`: every code."""

    line: int
    codes: tuple[str, ...]
    whole_file: bool
    used: set[str] = field(default_factory=set)

    def fits(self, finding: Finding) -> bool:
        """Whether this comment is about that finding."""
        first, last = finding.line or 0, max(finding.end_line or 0, finding.line or 0)
        if not self.whole_file and not first <= self.line <= last:
            return False
        return not self.codes or finding.code.startswith(self.codes)

    def unused(self, applied: Iterable[str]) -> list[str]:
        """Which of its codes kept nothing quiet, of those whose rules were `applied`; `""` stands for the whole."""
        rules = tuple(applied)
        if not self.codes:
            return [] if self.used else [""]
        known = [code for code in self.codes if any(rule.startswith(code) for rule in rules)]
        return [code for code in known if not any(used.startswith(code) for used in self.used)]


def ignores_in(text: str) -> list[Ignore]:
    """Every such comment of a file."""
    if "roadworthy:" not in text:  # most files have none, and need not be looked through
        return []
    return [found for number, line in enumerate(text.splitlines(), 1) for found in _in_line(line, number)]


def kept(findings: Iterable[Finding], ignores: list[Ignore]) -> Iterator[Finding]:
    """The findings that no comment is about; the comments remember what they were used for."""
    for finding in findings:
        about = [ignore for ignore in ignores if ignore.fits(finding)]
        for ignore in about:
            ignore.used.add(finding.code)
        if not about:
            yield finding


def _in_line(line: str, number: int) -> Iterator[Ignore]:
    for match in _COMMENT.finditer(line):
        given = match["codes"]
        codes = tuple(code.strip().upper() for code in (given or "").split(",") if code.strip())
        yield Ignore(number, codes, whole_file=match["file"] is not None)
