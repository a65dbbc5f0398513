"""Files in, findings out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.scan import processes
from roadworthy.scan.cache import Cache, Last
from roadworthy.scan.disk import Stamp
from roadworthy.scan.files import File, files_of, kind_of
from roadworthy.scan.judging import judged
from roadworthy.scan.part import Entry, Part, digest_of, told_by
from roadworthy.scan.project import Project
from roadworthy.scan.scanned import Problem, Scanned
from roadworthy.scan.sources import KEPT_LINES, document_in
from roadworthy.scan.text import Unreadable, read_bytes
from roadworthy.scan.tree import without_collector

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.hazards.hazard import Rule
    from roadworthy.manifest.model import Manifest
    from roadworthy.scan.document import Document

PYTHON = ("python", "notebook")


def scan(
    root: Path,
    rules: Sequence[Rule],
    manifest: Manifest | None = None,
    *,
    jobs: int = 1,
    cache: Path | None = None,
) -> Scanned:
    """Apply `rules` to every file below `root`, in up to `jobs` processes; nothing of it is imported or run.

    What is in the folder `cache` from an earlier scan is taken from there where it would come out the same.
    """
    with without_collector():
        return _Scan(root, rules, manifest, jobs, cache).run()


class _Scan:
    def __init__(
        self, root: Path, rules: Sequence[Rule], manifest: Manifest | None, jobs: int, cache: Path | None
    ) -> None:
        self.began = time.time()
        self.project = Project(root, manifest)
        self.rules = rules
        self.jobs = jobs
        self.cache = None if cache is None else Cache(cache, root, rules, manifest)
        self.last = None if self.cache is None else self.cache.last()
        self.files: list[tuple[File, int]] = []
        """Python files, with their sizes in bytes."""
        self.texts: list[File] = []
        """The other files."""
        self.digests: dict[str, bytes] = {}
        """Of every file; of what cannot be read, why."""
        self.stamps: dict[str, Stamp] = {}
        self.problems: list[Problem] = []

    def run(self) -> Scanned:
        exclude = () if self.project.manifest is None else self.project.manifest.scan.exclude
        for file in files_of(self.project.root, exclude):
            self._list(file)
        last = self.last
        same_disk = last is not None and self.project.disk.answers_still(last.asked)
        if last is not None and same_disk and last.digests == self.digests:
            if last.stamps != self.stamps:  # what was written just before the last scan has settled
                self._keep(last.result, {}, of_all=False)
            return last.result
        self.rules = tuple(self.rules)  # those that are not loaded yet are now
        documents = list(filter(None, map(self._document, self.texts)))
        self.project.learn_documents(documents)
        other = set() if last is None else {path for path, _ in self.digests.items() ^ last.digests.items()}
        same_around = same_disk and all(kind_of(path.rpartition("/")[2]) in PYTHON for path in other)
        few = self._few(last, other) if last is not None and same_around else None
        entries, told = few or self._all(documents, same_around=same_around)
        for each in (told.findings, told.unused):
            each.sort(key=_place)
        self._keep(told, entries, of_all=few is None)
        return told

    def _keep(self, told: Scanned, entries: dict[str, Entry], *, of_all: bool) -> None:
        if self.cache is not None:
            writing = b"" if self.last is None else self.last.writing
            kept = Last(self.digests, self.stamps, self.project.disk.asked, told, writing)
            self.cache.keep(kept, entries, of_all=of_all)

    def _list(self, file: File) -> None:
        stamp = self.project.disk.stamp(file.path, self.began) if self.cache is not None else None
        if stamp is not None and self.last is not None and self.last.stamps.get(file.path) == stamp:
            size, digest = stamp[0], self.last.digests[file.path]
        else:
            try:
                data = self._bytes_of(file)
            except Unreadable as error:
                self.digests[file.path] = error.reason.encode()
                if file.kind != "json":  # what is too large is somebody's data
                    self.problems.append(Problem(file.path, error.reason))
                return
            size, digest = len(data), digest_of(data)
        self.digests[file.path] = digest
        if stamp is not None:
            self.stamps[file.path] = stamp
        if file.kind in PYTHON:
            self.files.append((file, size))
        else:
            self.texts.append(file)

    def _bytes_of(self, file: File) -> bytes:
        if file.kind == "unreadable":
            raise Unreadable("the folder cannot be read")
        return read_bytes(self.project.root / file.path)

    def _few(self, last: Last, other: set[str]) -> tuple[dict[str, Entry], Scanned] | None:
        """Only these files are judged, what others need of them is as it was; None where it is more than that."""
        changed = [each for each in self.files if each[0].path in other]
        is_much = sum(size for _, size in changed) > processes.WORTH_A_PROCESS
        is_new = last.digests.keys() != self.digests.keys() or len(changed) < len(other)
        if is_much or is_new or self.cache is None:
            return None
        part = Part(self.project, self.rules, [file for file, _ in changed], {}, same_around=True)
        entries = part.judge_apart(self.cache.entries(last, other))
        if entries is None:
            return None
        others, its = last.result.within(lambda path: path not in entries), told_by(entries)
        told = Scanned(
            others.findings + its.findings, others.problems, others.unused + its.unused, others.lines | its.lines
        )
        return entries, told

    def _all(self, documents: list[Document], *, same_around: bool) -> tuple[dict[str, Entry], Scanned]:
        kept = self.cache.entries(self.last) if self.cache is not None else {}
        known = {path: entry for path, entry in kept.items() if entry.digest == self.digests.get(path)}
        entries, _asked = processes.run(self._parts(known, same_around=same_around))
        told = told_by(entries)
        told.problems = [*self.problems, *told.problems]
        for document in documents:
            told.lines[document.path] = document.source.count("\n") + 1
            findings, unused = judged(document, self.rules)
            told.findings += findings
            told.unused += unused
        return entries, told

    def _parts(self, known: dict[str, Entry], *, same_around: bool) -> list[Part]:
        changed = sum(size for file, size in self.files if file.path not in known)
        number = max(1, min(self.jobs, changed // processes.WORTH_A_PROCESS))
        return [
            Part(self.project, self.rules, share, known, same_around=same_around, kept_lines=KEPT_LINES)
            for share in processes.shares(self.files, number)
        ]

    def _document(self, file: File) -> Document | None:
        """A file that is no Python, where it tells something."""
        try:
            return document_in(self.project, file)
        except Unreadable as error:
            self.problems.append(Problem(file.path, error.reason, error.line))
            return None


def _place(told: Finding | Problem) -> tuple[str, int, int, str]:
    return told.path or "", told.line or 0, getattr(told, "column", None) or 0, getattr(told, "code", "")
