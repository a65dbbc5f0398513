"""`--fix` and `--diff`: the edits of findings applied to files, byte for byte the same all around them.

An edit is only made in the text that was scanned. Of two that overlap the first one wins, and the other waits for the
next run; what would no longer be Python is not written.
"""

from __future__ import annotations

import ast
import difflib
import io
import os
import re
import stat
import subprocess
import tempfile
import tokenize
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from roadworthy.findings import Edit, Finding, Replacement
from roadworthy.scan.disk import GIT
from roadworthy.scan.edits import content_of

ENCODINGS = ("utf-8", "utf-8-sig", "ascii", "iso-8859-1", "iso-8859-15", "cp1252")
"""In these a character's bytes do not depend on what stands before it."""
_LINE_END = re.compile(r"\r\n|\r|\n")


class Refused(Exception):  # noqa: N818 - a decision, told with the finding
    """Why an edit is not made, in a few words."""


@dataclass(slots=True)
class Mended:
    """One file with its edits."""

    path: str
    before: bytes
    after: bytes
    run_bit: bool = False
    made: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """What `--fix` does, and what it leaves."""

    files: list[Mended] = field(default_factory=list)
    refused: list[tuple[Finding, str]] = field(default_factory=list)
    waiting: list[Finding] = field(default_factory=list)
    """Overlap with another edit: for the next run."""

    @property
    def made(self) -> list[Finding]:
        """The findings that are mended."""
        return [finding for file in self.files for finding in file.made]


def planned(root: Path, findings: Iterable[Finding]) -> Plan:
    """The edits of these findings, applied to the files' contents; nothing is written."""
    plan = Plan()
    by_path: dict[str, list[tuple[Finding, Edit]]] = {}
    for finding in findings:
        if finding.edit is not None:
            by_path.setdefault(finding.edit.path, []).append((finding, finding.edit))
    for path, edits in sorted(by_path.items()):
        try:
            mended = _mended(root, path, edits, plan)
        except Refused as error:
            plan.refused += [(finding, str(error)) for finding, _ in edits]
            continue
        if mended.made:
            plan.files.append(mended)
    return plan


def diff_of(root: Path, mended: Mended, path: str) -> str:
    """A unified diff of one file, called `path`, for `git apply` and `patch`; bytes that are no UTF-8 as surrogates."""
    before, after = (_split(each.decode("utf-8", "surrogateescape")) for each in (mended.before, mended.after))
    head = f"diff --git a/{path} b/{path}\n"
    if mended.run_bit:
        mode = _target(root, mended.path).stat().st_mode
        # Where the disk has the bit already, it is git that has it not.
        head += f"old mode {mode & ~0o111:o}\nnew mode {_with_run_bit(mode):o}\n"
    lines = difflib.unified_diff(before, after, f"a/{path}", f"b/{path}")
    return head + "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def write(root: Path, mended: Mended) -> None:
    """Write a file whole or not at all, with the mode that it has. Raises Refused where that cannot be done."""
    target = _target(root, mended.path)
    try:
        mode = target.stat().st_mode
        if target.read_bytes() != mended.before:
            raise Refused("the file changed while it was mended")
        if mended.after != mended.before:
            _replace(target, mended.after, mode)
        if mended.run_bit:
            target.chmod(_with_run_bit(stat.S_IMODE(mode)))
            _tell_git(root, mended.path)
    except OSError as error:
        raise Refused(f"it cannot be written: {error.strerror}") from error


def applied(data: bytes, replacements: Sequence[Replacement], encoding: str) -> bytes:
    """The text with these replacements, which do not overlap; what is new gets the file's own line ends."""
    text = data.decode(encoding)
    starts = [0, *(found.end() for found in _LINE_END.finditer(text))]
    line_end = found.group() if (found := _LINE_END.search(text)) else "\n"
    parts, done = [], 0
    for each in sorted(replacements, key=lambda each: (each.start, each.end)):
        first, last = (starts[line - 1] + column - 1 for line, column in (each.start, each.end))
        parts += [text[done:first], each.text.replace("\n", line_end)]
        done = last
    return "".join([*parts, text[done:]]).encode(encoding)


def _mended(root: Path, path: str, edits: list[tuple[Finding, Edit]], plan: Plan) -> Mended:
    target = _target(root, path)
    try:
        data = target.read_bytes()
    except OSError as error:
        raise Refused(f"it cannot be read: {error.strerror}") from error
    # Only a run bit: what is in the file, and in which encoding, is all the same.
    encoding, text = _decoded(data) if any(edit.replacements for _, edit in edits) else ("utf-8", "")
    content = content_of(text)
    fitting, accepted = [], list[Replacement]()
    for finding, edit in edits:
        new = [each for each in edit.replacements if each not in accepted]
        if edit.content not in (None, content):
            plan.refused.append((finding, "the file is another one than was scanned"))
        elif any(_overlap(one, other) for one in new for other in accepted):
            plan.waiting.append(finding)
        else:
            fitting.append((finding, edit))
            accepted += new
    after = _checked(path, data, accepted, encoding)
    if after is None and len(fitting) > 1:
        return _one_by_one(path, data, fitting, encoding, plan)
    if after is None:
        plan.refused += [(finding, "the result would be no Python") for finding, _ in fitting]
        return Mended(path, data, data)
    return Mended(path, data, after, any(edit.run_bit for _, edit in fitting), [finding for finding, _ in fitting])


def _one_by_one(path: str, data: bytes, edits: list[tuple[Finding, Edit]], encoding: str, plan: Plan) -> Mended:
    """Edits of which one at least breaks the file: each with those before it that do not."""
    mended = Mended(path, data, data)
    accepted: list[Replacement] = []
    for finding, edit in edits:
        tried = [*accepted, *(each for each in edit.replacements if each not in accepted)]
        after = _checked(path, data, tried, encoding)
        if after is None:
            plan.refused.append((finding, "the result would be no Python"))
            continue
        accepted = tried
        mended.after, mended.run_bit = after, mended.run_bit or edit.run_bit
        mended.made.append(finding)
    return mended


def _checked(path: str, data: bytes, replacements: list[Replacement], encoding: str) -> bytes | None:
    if not replacements:
        return data
    try:
        after = applied(data, replacements, encoding)
        if path.endswith((".py", ".pyi")):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ast.parse(after)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return after


def _target(root: Path, path: str) -> Path:
    """The file itself; a link is followed within the project."""
    try:
        target = (root / path).resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise Refused("the file is not there") from error
    if not target.is_relative_to(root.resolve()):
        raise Refused("a link leads out of the project")
    if not target.is_file():
        raise Refused("this is no file")
    return target


def _decoded(data: bytes) -> tuple[str, str]:
    """The encoding, and the text with plain line ends as it was scanned."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise Refused("its encoding cannot be read") from error
    if encoding not in ENCODINGS or text.encode(encoding) != data:
        raise Refused(f"it is written in {encoding}, in which bytes may change")
    return encoding, _LINE_END.sub("\n", text)


def _overlap(one: Replacement, other: Replacement) -> bool:
    return (one.start < other.end and other.start < one.end) or (one.start, one.end) == (other.start, other.end)


def _split(text: str) -> list[str]:
    """Lines with their ends, as diff counts them: a form feed or a lone carriage return ends none."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _with_run_bit(mode: int) -> int:
    """Who may read may run."""
    return mode | (mode & 0o444) >> 2


def _replace(target: Path, data: bytes, mode: int) -> None:
    owner = target.stat()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(mode))
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _tell_git(root: Path, path: str) -> None:
    """Where git has the file, it is git's mode that a checkout and an image get."""
    command = [*GIT, "-C", str(root), "update-index", "--chmod=+x", "--", path]
    try:
        known = subprocess.run([*GIT, "-C", str(root), "ls-files", "--error-unmatch", "--", path], capture_output=True)
        if known.returncode == 0:
            subprocess.run(command, capture_output=True, timeout=60, check=True)
    except FileNotFoundError:
        return  # no git, no mode of git's
    except subprocess.SubprocessError as error:
        raise Refused(f"git did not take the run bit: run `git update-index --chmod=+x {path}`") from error
