"""Files in, findings out: every file is read once for what the others need of it, and once by the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.findings import Finding
from roadworthy.scan.document import Document, document_of
from roadworthy.scan.files import File, cells, files_of
from roadworthy.scan.ignores import ignores_in, kept
from roadworthy.scan.module import Module
from roadworthy.scan.moments import Moment, of_path
from roadworthy.scan.project import SOURCES, Project
from roadworthy.scan.summary import Summary, summary_of
from roadworthy.scan.text import Unreadable, plain_text, python_text, read_bytes
from roadworthy.scan.tree import without_collector

if TYPE_CHECKING:
    from roadworthy.hazards.hazard import Rule
    from roadworthy.manifest.model import Manifest

KEPT_LINES = 60_000
"""Lines whose trees are kept from the first reading for the second: about 3 KB each. Others are parsed again."""


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


def scan(root: Path, rules: list[Rule], manifest: Manifest | None = None) -> Scanned:
    """Apply `rules` to every file below `root`; nothing of it is imported or run."""
    with without_collector():
        return _Scan(root, rules, manifest).run()


class _Scan:
    def __init__(self, root: Path, rules: list[Rule], manifest: Manifest | None) -> None:
        self.project = Project(root, manifest)
        self.rules = rules
        self.done = Scanned()
        self.kept: dict[str, Module] = {}
        self.kept_lines = 0

    def run(self) -> Scanned:
        files, summaries, documents = [], [], []
        exclude = () if self.project.manifest is None else self.project.manifest.scan.exclude
        for file in files_of(self.project.root, exclude):
            if file.kind == "unreadable":
                self.done.problems.append(Problem(file.path, "the folder cannot be read"))
            elif file.kind in ("python", "notebook") and (summary := self.first(file)) is not None:
                files.append(file)
                summaries.append(summary)
            elif (document := self.document(file)) is not None:
                documents.append(document)
        self.project.learn(summaries, documents)
        for file in files:
            module = self.kept.pop(file.path, None) or self.parsed(file)
            if module is not None:
                module.forget()
                self.keep(module.path, module.source, self.judged(module))
                module.release()
        for document in documents:
            self.keep(document.path, document.source, self.judged(document))
        self.done.findings.sort(key=lambda each: (each.path or "", each.line or 0, each.column or 0, each.code))
        return self.done

    def first(self, file: File) -> Summary | None:
        module = self.parsed(file, tells=True)
        if module is None:
            return None
        lines = module.source.count("\n") + 1
        self.done.lines[file.path] = lines
        summary = summary_of(module)
        if self.kept_lines + lines <= KEPT_LINES:
            self.kept_lines += lines
            self.kept[file.path] = module
        else:
            module.release()
        return summary

    def parsed(self, file: File, *, tells: bool = False) -> Module | None:
        try:
            text = _text_of(self.project.root / file.path, file.kind)
            dotted, package = dotted_name(file.path)
            return Module(file.path, text, self.project, dotted, package)
        except Unreadable as error:
            if tells:
                self.done.problems.append(Problem(file.path, error.reason, error.line))
            return None

    def document(self, file: File) -> Document | None:
        """A file that is no Python, where it tells something."""
        if file.kind in ("python", "notebook"):
            return None
        try:
            text = plain_text(read_bytes(self.project.root / file.path))
            document = document_of(file.path, file.kind, text, self.project)
        except Unreadable as error:
            if file.kind != "json":  # what is too large, or no JSON, is somebody's data
                self.done.problems.append(Problem(file.path, error.reason, error.line))
            return None
        if document is not None:
            self.done.lines[file.path] = text.count("\n") + 1
        return document

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


def dotted_name(path: str) -> tuple[str, str]:
    """A file's dotted name and its package's: `src/app/tools.py` is `app.tools`, in `app`."""
    parts = path.removesuffix(".py").removesuffix(".pyi").removesuffix(".ipynb").split("/")
    if parts[0] in SOURCES and len(parts) > 1:
        parts = parts[1:]
    if parts[-1] == "__init__":
        dotted = ".".join(parts[:-1])
        return dotted or "__init__", dotted
    return ".".join(parts), ".".join(parts[:-1])


def _text_of(path: Path, kind: str) -> str:
    data = read_bytes(path)
    if kind == "python":
        return python_text(data)
    try:
        return cells(plain_text(data))
    except (ValueError, RecursionError) as error:
        raise Unreadable("not a notebook") from error
