"""Rules of PATH over scripts and configurations: places that only the developer's machine has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.developer_paths_in_source import NOBODY
from roadworthy.hazards.paths import hazard
from roadworthy.scan.facts import Text
from roadworthy.scan.moments import Moment
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.commands import Command
    from roadworthy.scan.document import Document

KINDS = ("shell", "tools", "mcp", "compose", "kubernetes", "docker")
DEVELOPER = re.compile(
    r"(?:^|[\s:='\",])(?P<path>(?:/Users/|/home/|[A-Za-z]:\\{1,2}Users\\{1,2})"
    r"(?P<who>[\w.-]+)(?:[/\\][^\s:'\",]*)?)"
)
_PROSE = frozenset({"description", "name", "title", "help", "summary", "comment", "prompt", "instructions", "image"})
_PLACEHOLDER = re.compile(r"^(your.*|path|xxx+|<.*)$")
_STARTERS = frozenset({"source", ".", "python", "python3", "node", "bash", "sh"})
_READERS = frozenset({"cat", "jq", "head", "tail", "sort", "wc"}) | _STARTERS
"""Programs that open the file named by an argument."""
_RELATIVE = re.compile(r"^(\.{1,2}/)?[\w-]+[\w./-]*\.(py|js|sh|json|ya?ml|toml|txt|csv|md|env|sql|db|conf|ini)$")


@hazard.rule("PATH104", "place of the developer's in a script or a configuration", of=KINDS)
def developers_place(file: Document) -> Iterator[Finding]:
    """A script, a tool's definition or a tool server's configuration names a folder of somebody's laptop, or one
    relative to wherever the process was started.

    Quiet for scripts that first change to their own folder (`cd "$(dirname "$0")"`), for what an image starts in its
    WORKDIR, for placeholders (`/Users/you/…`), for the users that images make (`/home/app`), for what a Dockerfile
    names below `/home`, and for scripts that only developers run.

    Why: nobody's home is in the image, and the working directory is another one.

    Mend: a place from a variable, or from the script's own place.
    """
    if file.moment() is Moment.EXAMPLE or (file.kind == "shell" and file.moment() is Moment.UNKNOWN):
        return
    seen: set[int] = set()
    for text in _places(file):
        found = DEVELOPER.search(text.value)
        if found is not None and text.at.line not in seen and not _is_anybodys(file, found):
            seen.add(text.at.line)
            yield file.finding(
                text.at,
                f"names {found['path']!r}, a folder of the developer's",
                why=f"production has no home of {found['who']}",
                fix=_mend(file, found["path"]),
            )
        elif text.key == "working_dir" and _is_relative(text.value) and file.kind in ("tools", "mcp"):
            yield file.finding(
                text.at,
                f"works in {text.value!r}, relative to where the agent was started",
                why="production starts the process in another folder",
                fix="give the whole path, or one below a variable: `working_dir: ${PROJECT_DIR}/…`",
            )
    if file.kind in ("shell", "tools") and not _changes_folder(file):
        yield from _relative_reads(file, seen)


def _is_anybodys(file: Document, found: re.Match[str]) -> bool:
    """Whether it stands for anybody's, or is a place in the image: a Dockerfile knows no other below `/home`."""
    who = found["who"].lower()
    is_images = file.kind == "docker" and found["path"].startswith("/home/")
    return is_images or who in NOBODY or _PLACEHOLDER.match(who) is not None


def _places(file: Document) -> Iterator[Text]:
    """The texts that may be places: no prose, but what commands are given and variables are set to."""
    yield from (text for text in file.strings if text.key not in _PROSE)
    yield from (Text(each.value, each.at) for each in file.variables if each.is_set and each.value)
    for command in file.commands if file.kind != "mcp" else ():  # whose words are texts already, each in its place
        yield from (Text(word, command.at) for word in (command.program, *command.arguments))


def _relative_reads(file: Document, seen: set[int]) -> Iterator[Finding]:
    if file.kind == "shell" and file.project.starts(file.path) and _has_workdir(file):
        return  # the image says where it starts
    if file.kind == "tools" and any(each.key == "working_dir" for each in file.strings):
        return
    written = {text.value for text in file.strings if text.key == ">"}
    named = [(path, command.at) for command in file.commands for path in _read_by(command)]
    named += [(text.value, text.at) for text in file.strings if text.key == "<" and _RELATIVE.match(text.value)]
    for path, at in named:
        if path in written or at.line in seen:
            continue
        seen.add(at.line)
        yield file.finding(
            at,
            f"reads {path!r} relative to the working directory",
            why="the agent may be started in another folder, and the file is not found there",
            fix=f'name it from the script\'s own place: `"$(dirname "$0")/{path.removeprefix("./")}"`'
            if file.kind == "shell"
            else "set `working_dir`, or give the whole path",
            severity=Severity.WARNING,
        )


def _read_by(command: Command) -> Iterator[str]:
    if command.program not in _READERS:
        return
    for each in command.arguments:
        if not each.startswith("-") and _RELATIVE.match(each):
            yield each
            if command.program in _STARTERS:
                return


def _changes_folder(file: Document) -> bool:
    return any(command.program in ("cd", "pushd") for command in file.commands)


def _has_workdir(file: Document) -> bool:
    images = file.project.declared.of_kind("docker")
    return any(text.key == "WORKDIR" for each in images for text in each.strings)


def _is_relative(path: str) -> bool:
    return not path.startswith(("/", "$", "~", "{", HOLE)) and not re.match(r"[A-Za-z]:", path) and bool(path)


def _mend(file: Document, path: str) -> str:
    rest = _below_project(file, re.split(r"[/\\]+", path)[3:])
    if file.kind == "shell":
        return (
            f'build it from the script\'s own place: `"$(dirname "$0")/{rest.rpartition("/")[2]}"`, or from a variable'
        )
    if file.kind == "mcp":
        return f"put a variable in its place: `${{PROJECT_DIR}}/{rest}`, or start an installed program by its name"
    return f"give the path that the container has, or put a variable in its place: `${{PROJECT_DIR}}/{rest}`"


def _below_project(file: Document, parts: list[str]) -> str:
    """The end of a path that the project has, as far as one is; else all of it that is below the home."""
    ends = ["/".join(parts[start:]) for start in range(len(parts))]
    return next((end for end in ends if end and file.project.disk.exists(end)), ends[0] if ends else "") or "…"
