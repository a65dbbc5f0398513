"""Some of a project's Python files, read and judged: all of them, or one processor's share.

Each file is read once for what the others need of it, its Summary. Files are judged when all summaries are known; their
trees are kept until then while there is room. When there is none left, those that are kept are judged as if they were
all, and again only where a question of their rules has another answer when the others are known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from roadworthy.findings import Finding
from roadworthy.scan.files import File
from roadworthy.scan.judging import judged
from roadworthy.scan.module import Module
from roadworthy.scan.project import Project
from roadworthy.scan.questions import NotAsked, Question, Word, answers_still
from roadworthy.scan.scanned import Problem, Scanned
from roadworthy.scan.sources import KEPT_LINES, module_of
from roadworthy.scan.summary import Summary, summary_of
from roadworthy.scan.text import Unreadable, read_bytes

if TYPE_CHECKING:
    from roadworthy.hazards.hazard import Rule


class Entry(msgspec.Struct):
    """All that is known of one file, small enough to be kept from one scan to the next."""

    digest: bytes
    """Of the file's bytes."""
    lines: int = 0
    summary: Summary | None = None
    problem: Problem | None = None
    """Why it cannot be read; then there is nothing else."""
    findings: list[Finding] = []
    unused: list[Problem] = []
    asked: dict[Question, Word] = {}
    looks_around: bool = False


class Part:
    """These files. `known` are the entries that an earlier scan made of the same bytes, and `same_around` tells whether
    all but Python is as it was then."""

    def __init__(
        self,
        project: Project,
        rules: Sequence[Rule],
        files: list[File],
        known: dict[str, Entry],
        *,
        same_around: bool,
        kept_lines: int = KEPT_LINES,
    ) -> None:
        self.project = project
        self.rules = rules
        self.files = files
        self.known = known
        self.same_around = same_around
        self.entries: dict[str, Entry] = {}
        self.kept: dict[str, Module] = {}
        self.kept_lines = 0
        self.room = kept_lines

    def read(self) -> list[Summary]:
        """What other files need to know of these."""
        for file in self.files:
            self.entries[file.path] = self._read(file)
            if self.kept_lines > self.room:
                self._judge_kept()
        return [entry.summary for entry in self.entries.values() if entry.summary is not None]

    def judge(self) -> dict[str, Entry]:
        """Every file's entry by path; the project has learned all summaries before."""
        for file in self.files:
            entry = self.entries[file.path]
            if entry.problem is not None:
                continue
            module = self.kept.pop(file.path, None)
            if module is None and not self._stands(file.path, entry):
                module = self._again(file, entry)
            if module is not None:
                self._judge(module, entry)
        return self.entries

    def judge_apart(self, before: dict[str, Entry]) -> dict[str, Entry] | None:
        """Every file's entry, where they tell all others what they told `before`, so that nothing else changes.

        None where they do not, or ask what was not asked before: then the project has to learn all summaries.
        """
        for file in self.files:
            entry = self.entries[file.path] = self._read(file)
            if entry.summary is None or file.path not in before or entry.summary != before[file.path].summary:
                return None
        try:
            for path, module in self.kept.items():
                module.project.answered = before[path].asked
                self._judge(module, self.entries[path])
        except NotAsked:
            return None
        return self.entries

    def _again(self, file: File, entry: Entry) -> Module | None:
        try:
            data = read_bytes(self.project.root / file.path)
            if digest_of(data) != entry.digest:
                entry.digest = b""  # somebody is writing it: what is said of it now is not for the next scan
            return module_of(self.project, file, data)
        except Unreadable as error:
            entry.problem = Problem(file.path, error.reason, error.line)
            return None

    def _read(self, file: File) -> Entry:
        if file.path in self.known:
            return self.known[file.path]
        digest = b""
        try:
            data = read_bytes(self.project.root / file.path)
            digest = digest_of(data)
            module = module_of(self.project, file, data)
        except Unreadable as error:
            return Entry(digest, problem=Problem(file.path, error.reason, error.line))
        entry = Entry(digest, module.source.count("\n") + 1, summary_of(module))
        self.kept[file.path] = module
        self.kept_lines += entry.lines
        return entry

    def _judge_kept(self) -> None:
        """Judge these as if they were all, to make room: files that lie together know most of what they ask for."""
        entries = [self.entries[path] for path in self.kept]
        self.project.learn(entry.summary for entry in entries if entry.summary is not None)
        for module, entry in zip(self.kept.values(), entries, strict=True):
            self._judge(module, entry)
        self.kept.clear()
        self.kept_lines = 0
        self.project.learn(())

    def _judge(self, module: Module, entry: Entry) -> None:
        module.forget()
        entry.findings, entry.unused = judged(module, self.rules)
        entry.asked, entry.looks_around = module.project.asked, module.project.looks_around
        module.release()

    def _stands(self, path: str, entry: Entry) -> bool:
        is_new = self.known.get(path) is not entry
        if entry.looks_around and not (is_new or self.same_around):
            return False
        return answers_still(self.project, entry.asked)


def told_by(entries: dict[str, Entry]) -> Scanned:
    """What all of these files come to."""
    told = Scanned()
    for path, entry in entries.items():
        if entry.problem is not None:
            told.problems.append(entry.problem)
        else:
            told.lines[path] = entry.lines
            told.findings += entry.findings
            told.unused += entry.unused
    return told


def digest_of(data: bytes) -> bytes:
    """What stands for a file's bytes."""
    return hashlib.blake2b(data, digest_size=16).digest()
