"""What a scan comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from roadworthy.findings import Finding


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to say of a file that is no finding: why it could not be read, or which comment does nothing."""

    path: str
    reason: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.line is None else f"{self.path}:{self.line}: {self.reason}"


@dataclass(slots=True)
class Scanned:
    """What a scan found, and in which files it looked."""

    findings: list[Finding] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    """Files that could not be read."""
    unused: list[Problem] = field(default_factory=list)
    """Comments that ignore nothing."""
    lines: dict[str, int] = field(default_factory=dict)
    """Every file that was read, with its lines."""

    def within(self, is_inside: Callable[[str], bool]) -> Scanned:
        """What is said of these paths alone."""
        return Scanned(
            [each for each in self.findings if is_inside(each.path or "")],
            [each for each in self.problems if is_inside(each.path)],
            [each for each in self.unused if is_inside(each.path)],
            {path: count for path, count in self.lines.items() if is_inside(path)},
        )
