"""Files in, findings out: every file is read once for what the others need of it, and once by the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.findings import Finding
from roadworthy.scan.document import Document
from roadworthy.scan.ignores import ignores_in, kept
from roadworthy.scan.module import Module
from roadworthy.scan.moments import Moment, of_path
from roadworthy.scan.sources import Problem, Sources
from roadworthy.scan.tree import without_collector

if TYPE_CHECKING:
    from roadworthy.hazards.hazard import Rule
    from roadworthy.manifest.model import Manifest


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


def scan(root: Path, rules: list[Rule], manifest: Manifest | None = None) -> Scanned:
    """Apply `rules` to every file below `root`; nothing of it is imported or run."""
    with without_collector():
        return _Scan(Sources(root, manifest), rules).run()


class _Scan:
    def __init__(self, sources: Sources, rules: list[Rule]) -> None:
        self.sources = sources
        self.rules = rules
        self.done = Scanned(problems=sources.problems, lines=sources.lines)

    def run(self) -> Scanned:
        for module in self.sources.modules():
            self.keep(module.path, module.source, self.judged(module))
        for document in self.sources.documents:
            self.keep(document.path, document.source, self.judged(document))
        self.done.findings.sort(key=lambda each: (each.path or "", each.line or 0, each.column or 0, each.code))
        return self.done

    def keep(self, path: str, text: str, found: Iterable[Finding]) -> None:
        """Take in what was found in a file, without what its comments ignore."""
        ignores = ignores_in(text)
        self.done.findings += kept(found, ignores)
        codes = [rule.code for rule in self.rules]
        for ignore in ignores:
            for code in ignore.unused(codes):
                told = f"ignore[{code}]" if code else "ignore"
                self.done.unused.append(Problem(path, f"`{told}` keeps nothing quiet: take it out", ignore.line))

    def judged(self, file: Module | Document) -> Iterator[Finding]:
        is_test = of_path(file.path) is Moment.TEST
        for rule in self.rules:
            if file.kind in rule.of and (rule.in_tests or not is_test):
                yield from found_by(rule, file)


def found_by(rule: Rule, file: Module | Document) -> Iterator[Finding]:
    """What a rule says of a file, with its code and its hazard."""
    for finding in _once_a_line(rule.function(file)):
        yield replace(finding, code=rule.code, hazard=rule.hazard)


def _once_a_line(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Two calls of one kind on a line are one thing to mend."""
    seen = set()
    for finding in findings:
        words = (finding.line, finding.message)
        if words not in seen:
            seen.add(words)
            yield finding
