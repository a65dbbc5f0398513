"""A rule of PERM: scripts that are started by their own name, and that nobody may run."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Edit
from roadworthy.hazards.permissions import hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.commands import Command
    from roadworthy.scan.document import Document
    from roadworthy.scan.module import Module

KINDS = ("python", "shell", "docker", "compose", "kubernetes", "tools", "mcp")


@hazard.rule("PERM101", "script without a run bit", of=KINDS)
def no_run_bit(file: Module | Document) -> Iterator[Finding]:
    """A script of the project is started by its own name (`./search.sh`), and has no run bit: in git, where git has
    it, for that is what a checkout and an image get; else on the disk.

    Quiet where a shell or an interpreter is given the script (`bash search.sh`), and where the image gives it the bit
    (`chmod +x`, `COPY --chmod`).

    Why: `Permission denied`, although the file is there.

    Mend: `git update-index --chmod=+x`, which `--fix` does for a script that begins with `#!`.
    """
    seen: set[str] = set()
    for command in file.commands:
        path = _script(command, file)
        if path is None or path in seen or file.moment(command.at) is Moment.TEST:
            continue
        how = _lacks_bit(path, file)
        if how is None or _is_given_bit(path, file):
            continue
        seen.add(path)
        yield file.finding(
            command.at,
            f"starts `{path}`, which has no run bit{how}",
            why="it is started by its own name: the system answers `Permission denied`",
            fix=f"`git update-index --chmod=+x {path}`, or start it by its interpreter: `{_interpreter(path)} {path}`",
            edit=Edit(path, run_bit=True) if file.project.disk.says_who_runs_it(path) else None,
        )


def _script(command: Command, file: Module | Document) -> str | None:
    """The project's file that a command starts by name."""
    program = command.program.replace("\\", "/")
    if command.how == "asked" or "/" not in program or program.startswith(("~", "http")):
        return None
    tail = program.rpartition(HOLE)[2].lstrip("/")
    tail = re.sub(r"^(\./)+", "", tail)
    if not tail or tail.startswith(("usr/", "bin/", "sbin/", "opt/")) or ".." in tail:
        return None
    disk = file.project.disk
    here = file.path.rpartition("/")[0]
    # In an image the project lies below its WORKDIR: the first folders are the image's.
    parts = tail.split("/")
    is_elsewhere = program.startswith("/") or HOLE in program
    tails = ["/".join(parts[start:]) for start in range(len(parts) if is_elsewhere else 1)]
    for each in tails:
        for candidate in (each, f"{here}/{each}".lstrip("/")):
            if disk.is_script(candidate):
                return candidate
    return None


def _lacks_bit(path: str, file: Module | Document) -> str | None:
    """How the bit is missing; None where it is not."""
    disk = file.project.disk
    mode = disk.git_mode(path)
    if mode is not None:
        return " in git" if stat.S_ISREG(mode) and not mode & stat.S_IXUSR else None
    mode = disk.file_mode(path)
    return None if mode is None or mode & stat.S_IXUSR else ""


def _is_given_bit(path: str, file: Module | Document) -> bool:
    name = path.rpartition("/")[2]
    for image in file.project.declared.of_kind("docker"):
        words = {word.rpartition("/")[2] for word in image.facts.installs}
        if name in words and _chmods(image.source, name):
            return True
        if re.search(rf"(COPY|ADD)[^\n]*--chmod=\S+[^\n]*{re.escape(name)}", image.source):
            return True
        if re.search(r"chmod\s+(-R\s+)?\S*([+]\S*x|7\d\d)\S*\s+[^\n]*(\*\.sh|/\*|\s\.(\s|$)|-R)", image.source):
            return True
    own = file.source
    return "chmod" in own and _chmods(own, name)


def _chmods(text: str, name: str) -> bool:
    """Whether a `chmod` names this file, on its own line or on continued ones."""
    joined = text.replace("\\\n", " ")
    return any("chmod" in line and name in line for line in joined.splitlines())


def _interpreter(path: str) -> str:
    return {"py": "python", "js": "node", "rb": "ruby", "pl": "perl"}.get(path.rpartition(".")[2], "bash")
