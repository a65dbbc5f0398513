"""A project's files as whoever looks at all of them needs them: first what each tells the others, then one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.scan.document import Document, document_of
from roadworthy.scan.files import File, files_of
from roadworthy.scan.module import Module
from roadworthy.scan.notebooks import cells
from roadworthy.scan.own_names import SOURCES
from roadworthy.scan.project import Project
from roadworthy.scan.scanned import Problem
from roadworthy.scan.summary import Summary, summary_of
from roadworthy.scan.text import Unreadable, plain_text, python_text, read_bytes, without_template

if TYPE_CHECKING:
    from roadworthy.manifest.model import Manifest

KEPT_LINES = 90_000
"""Lines whose trees a process keeps from the first reading for the second: about 1.5 KB each."""


class Sources:
    """Every file below `root` has been read once when this is made; nothing of it is imported or run."""

    def __init__(self, root: Path, manifest: Manifest | None = None) -> None:
        self.project = Project(root, manifest)
        self.documents: list[Document] = []
        self.problems: list[Problem] = []
        """Files that could not be read."""
        self.lines: dict[str, int] = {}
        """Every file that was read, with its lines."""
        self._kept: dict[str, Module] = {}
        self._kept_lines = 0
        self._files: list[File] = []
        summaries = []
        exclude = () if manifest is None else manifest.scan.exclude
        for file in files_of(root, exclude):
            if file.kind == "unreadable":
                self.problems.append(Problem(file.path, "the folder cannot be read"))
            elif file.kind in ("python", "notebook") and (summary := self._first(file)) is not None:
                self._files.append(file)
                summaries.append(summary)
            elif (document := self._document(file)) is not None:
                self.documents.append(document)
        self.project.learn_documents(self.documents)
        self.project.learn(summaries)

    def modules(self) -> Iterator[Module]:
        """Every Python file, knowing the others. Each is let go of when the next is asked for."""
        for file in self._files:
            module = self._kept.pop(file.path, None) or self._parsed(file)
            if module is not None:
                module.forget()
                yield module
                module.release()

    def _first(self, file: File) -> Summary | None:
        module = self._parsed(file, tells=True)
        if module is None:
            return None
        lines = module.source.count("\n") + 1
        self.lines[file.path] = lines
        summary = summary_of(module)
        if self._kept_lines + lines <= KEPT_LINES:
            self._kept_lines += lines
            self._kept[file.path] = module
        else:
            module.release()
        return summary

    def _parsed(self, file: File, *, tells: bool = False) -> Module | None:
        try:
            return module_of(self.project, file, read_bytes(self.project.root / file.path))
        except Unreadable as error:
            if tells:
                self.problems.append(Problem(file.path, error.reason, error.line))
            return None

    def _document(self, file: File) -> Document | None:
        """A file that is no Python, where it tells something."""
        if file.kind in ("python", "notebook"):
            return None
        try:
            document = document_in(self.project, file)
        except Unreadable as error:
            self.problems.append(Problem(file.path, error.reason, error.line))
            return None
        if document is not None:
            self.lines[file.path] = document.source.count("\n") + 1
        return document


def module_of(project: Project, file: File, data: bytes) -> Module:
    """A Python file, or a notebook, with these bytes. Raises Unreadable for what is neither."""
    text = _text_of(data, file.kind)
    if "{{" in file.path and "{%" in text:
        text = without_template(text)
    return Module(file.path, text, project, *dotted_name(file.path))


def document_in(project: Project, file: File) -> Document | None:
    """A file that is no Python, where it tells something. Raises Unreadable for what should, and cannot be read."""
    try:
        return document_of(file.path, file.kind, plain_text(read_bytes(project.root / file.path)), project)
    except Unreadable:
        if file.kind == "json":  # what is too large, or no JSON, is somebody's data
            return None
        raise


def dotted_name(path: str) -> tuple[str, str]:
    """A file's dotted name and its package's: `src/app/tools.py` is `app.tools`, in `app`."""
    parts = path.removesuffix(".py").removesuffix(".pyi").removesuffix(".ipynb").split("/")
    if parts[0] in SOURCES and len(parts) > 1:
        parts = parts[1:]
    if parts[-1] == "__init__":
        dotted = ".".join(parts[:-1])
        return dotted or "__init__", dotted
    return ".".join(parts), ".".join(parts[:-1])


def _text_of(data: bytes, kind: str) -> str:
    if kind == "python":
        return python_text(data)
    try:
        return cells(plain_text(data))
    except (ValueError, RecursionError) as error:
        raise Unreadable("not a notebook") from error
