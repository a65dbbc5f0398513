"""Files in, findings out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.scan import processes
from roadworthy.scan.cache import Cache, Last
from roadworthy.scan.files import File, files_of
from roadworthy.scan.judging import judged
from roadworthy.scan.part import Entry, Part, digest_of, told_by
from roadworthy.scan.project import Project
from roadworthy.scan.scanned import Problem, Scanned
from roadworthy.scan.sources import KEPT_LINES, document_in
from roadworthy.scan.text import Unreadable, read_bytes
from roadworthy.scan.tree import without_collector

if TYPE_CHECKING:
    from roadworthy.hazards.hazard import Rule
    from roadworthy.manifest.model import Manifest
    from roadworthy.scan.document import Document

PYTHON = ("python", "notebook")


def scan(
    root: Path,
    rules: list[Rule],
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
    def __init__(self, root: Path, rules: list[Rule], manifest: Manifest | None, jobs: int, cache: Path | None) -> None:
        self.project = Project(root, manifest)
        self.rules = rules
        self.jobs = jobs
        self.cache = None if cache is None else Cache(cache, root, rules, manifest)
        self.files: list[tuple[File, int]] = []
        """Python files, with their sizes in bytes."""
        self.texts: list[File] = []
        """The other files."""
        self.digests: dict[str, bytes] = {}
        """Of every file; of what cannot be read, why."""
        self.problems: list[Problem] = []

    def run(self) -> Scanned:
        exclude = () if self.project.manifest is None else self.project.manifest.scan.exclude
        for file in files_of(self.project.root, exclude):
            self._list(file)
        last = self.cache.last() if self.cache is not None else None
        same_disk = last is not None and self.project.disk.answers_still(last.asked)
        if last is not None and same_disk and last.digests == self.digests:
            return last.result
        entries, told = self._scanned(last, same_disk=same_disk)
        told.findings.sort(key=lambda each: (each.path or "", each.line or 0, each.column or 0, each.code))
        if self.cache is not None:
            self.cache.keep(Last(self.digests, self.project.disk.asked, told), entries)
        return told

    def _list(self, file: File) -> None:
        try:
            data = self._bytes_of(file)
        except Unreadable as error:
            self.digests[file.path] = error.reason.encode()
            if file.kind != "json":  # what is too large is somebody's data
                self.problems.append(Problem(file.path, error.reason))
            return
        self.digests[file.path] = digest_of(data)
        if file.kind in PYTHON:
            self.files.append((file, len(data)))
        else:
            self.texts.append(file)

    def _bytes_of(self, file: File) -> bytes:
        if file.kind == "unreadable":
            raise Unreadable("the folder cannot be read")
        return read_bytes(self.project.root / file.path)

    def _scanned(self, last: Last | None, *, same_disk: bool) -> tuple[dict[str, Entry], Scanned]:
        known = self.cache.entries(last) if self.cache is not None else {}
        python = {file.path for file, _ in self.files}
        before = {path: digest for path, digest in (last.digests if last else {}).items() if path not in known}
        now = {path: digest for path, digest in self.digests.items() if path not in python}
        documents = list(filter(None, map(self._document, self.texts)))
        self.project.learn_documents(documents)
        parts = self._parts(known, same_around=same_disk and before == now)
        entries, _asked = processes.run(parts)
        told = told_by(entries)
        told.problems = [*self.problems, *told.problems]
        for document in documents:
            told.lines[document.path] = document.source.count("\n") + 1
            findings, unused = judged(document, self.rules)
            told.findings += findings
            told.unused += unused
        return entries, told

    def _parts(self, known: dict[str, Entry], *, same_around: bool) -> list[Part]:
        changed = sum(
            size
            for file, size in self.files
            if file.path not in known or known[file.path].digest != self.digests[file.path]
        )
        number = max(1, min(self.jobs, changed // processes.WORTH_A_PROCESS))
        return [
            Part(self.project, self.rules, share, known, same_around=same_around, kept_lines=KEPT_LINES // number)
            for share in processes.shares(self.files, number)
        ]

    def _document(self, file: File) -> Document | None:
        """A file that is no Python, where it tells something."""
        try:
            return document_in(self.project, file)
        except Unreadable as error:
            self.problems.append(Problem(file.path, error.reason, error.line))
            return None
