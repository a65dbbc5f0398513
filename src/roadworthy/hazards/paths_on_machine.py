"""Declared files: are they here, readable, and called exactly so?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.hazards.checking import CI, LOCAL, Fine, Nothing, Said, Untested, check, problem
from roadworthy.hazards.checklist import FILES_IN_PLACE

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine
    from roadworthy.manifest.model import Agent, Manifest

NOTHING = "no file is declared"
SCRIPTS = (".py", ".js", ".mjs", ".cjs", ".ts", ".sh", ".rb", ".jar")
"""Endings of a word in `command` that is a file of the project."""


@check("PATH201", "declared file missing", FILES_IN_PLACE)
def files_readable(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Is every declared file here, and readable by this user?

    Done: `files.read`, `files.workspace`, `tools`, and the file that starts the agent (`entry`, or a script in
    `command`) are looked for; relative ones in the project.

    Must hold: each is there and can be read, a folder also entered.

    Why: the file was on the laptop, and nobody copied it.

    Mend: copy it into the image, mount it, or let this user read it.
    """
    declared = _declared(manifest)
    readable = 0
    for named in declared:
        path = machine.declared_path(named)
        if _other_case(path) is not None:
            yield Untested(f"{named} is here in other letters only: PATH202 says that")
            continue
        if (reason := _unreadable(path)) is not None:
            is_missing = not os.path.lexists(path)
            yield problem(
                f"{named} {reason}",
                why=None if path.is_absolute() and str(path) == named else f"looked for {path}",
                fix="copy it into the image or mount it" if is_missing else "let the agent's user read it",
                commands=(f"COPY {named} {named}",) if is_missing and not Path(named).is_absolute() else (),
                path=None if Path(named).is_absolute() else named,
            )
        else:
            readable += 1
    yield Fine(f"{readable} readable") if readable else Nothing("no declared file is here" if declared else NOTHING)


@check("PATH202", "declared file differs by case", FILES_IN_PLACE)
def names_exact(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Is each declared file called exactly as it is declared?

    Done: where a declared file is missing, its folder is looked through for the same name in other letters, and each
    folder on the way.

    Must hold: none is there.

    Why: the laptop's disk takes `Prompt.txt` for `prompt.txt`, and Linux does not.

    Mend: give the file and the code the same letters.
    """
    declared = _declared(manifest)
    for named in declared:
        other = _other_case(machine.declared_path(named))
        if other is not None:
            yield problem(
                f"{named} is not here, and {other.name} is",
                why="this disk tells capital letters from small ones, and the laptop's does not",
                fix=f"rename {other}, or correct the name in the code and in the manifest",
            )
    yield Fine() if declared else Nothing(NOTHING)


@check("PATH203", "declared file kept out of the image", FILES_IN_PLACE, targets=(CI, LOCAL))
def files_in_the_image(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Does `.dockerignore` let every declared file into the image?

    Done: the project's `.dockerignore` is read as Docker reads it: patterns from the folder's root, the last one that
    fits counts, `!` takes back.

    Must hold: it leaves out no declared file of the project.

    Why: `COPY . .` succeeds without the file, and the agent fails.

    Mend: take the pattern out, or add `!FILE` below it.
    """
    file = machine.project / ".dockerignore"
    declared = [named for named in _declared(manifest) if not Path(named).is_absolute()]
    if not file.is_file() or not declared:
        yield Nothing("no .dockerignore is here" if declared else NOTHING)
        return
    patterns = _docker_patterns(file.read_text("utf-8", "replace"))
    for named in declared:
        pattern = _leaves_out(patterns, os.path.normpath(named))
        if pattern is not None:
            yield problem(
                f"{named} is kept out of the image by `{pattern}` in .dockerignore",
                fix=f"take the pattern out, or add the line `!{named}` below it",
                path=".dockerignore",
            )
    yield Fine(f"{len(declared)} get into the image")


def _declared(manifest: Manifest) -> list[str]:
    named = [*manifest.files.read]
    named += [each for each in (manifest.files.workspace, manifest.tools) if each is not None]
    for agent in manifest.agents.values():
        named += _starting(agent)
    return list(dict.fromkeys(named))


def _starting(agent: Agent) -> list[str]:
    if agent.entry is not None:
        return [agent.entry.rpartition(":")[0]]
    words = (agent.command or ())[1:]
    return [word for word in words if word.endswith(SCRIPTS) and not word.startswith("-")][:1]


def _unreadable(path: Path) -> str | None:
    """Why a file cannot be read, as the end of a sentence that begins with its name."""
    for folder in reversed(path.absolute().parents):
        try:
            if not folder.is_dir():
                return "is not here"
        except OSError:
            return f"cannot be reached: {folder} may not be entered"
        if not os.access(folder, os.X_OK):
            return f"cannot be reached: {folder} may not be entered"
    if not os.path.lexists(path):
        return "is not here"
    if path.is_symlink() and not path.exists():
        return f"is a link to {path.readlink()}, which is not here"
    wanted = os.R_OK | os.X_OK if path.is_dir() else os.R_OK
    return None if os.access(path, wanted) else "may not be read by this user"


def _other_case(path: Path) -> Path | None:
    """What has the path's name in other letters, where the path itself is missing."""
    try:
        if os.path.lexists(path):
            return None
        for part in [*reversed(path.parents), path]:
            if not os.path.lexists(part):
                alike = [each for each in part.parent.iterdir() if each.name.lower() == part.name.lower()]
                # The very name is there where the folder may be listed and not entered.
                return None if any(each.name == part.name for each in alike) else next(iter(alike), None)
    except OSError:
        return None
    return None


def _docker_patterns(text: str) -> list[tuple[str, bool]]:
    """Each pattern, and whether it leaves out; comments are lines that begin with `#`."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.removeprefix("!").strip(), not line.startswith("!")) for line in lines]


def _leaves_out(patterns: list[tuple[str, bool]], path: str) -> str | None:
    """The pattern by which Docker leaves `path` out (moby/patternmatcher: a folder's pattern covers all in it)."""
    left_out = None
    for pattern, leaves_out in patterns:
        if _fits(pattern, path):
            left_out = pattern if leaves_out else None
    return left_out


def _fits(pattern: str, path: str) -> bool:
    """Whether a pattern fits the path or a folder around it; `**` crosses `/`, `*` does not (Go's filepath.Match)."""
    import re

    clean = os.path.normpath(pattern.lstrip("/")) if pattern.strip("/") else ""
    if clean in ("", "."):
        return False
    shape, at = "", 0
    while at < len(clean):
        if clean.startswith("**/", at):
            shape, at = f"{shape}(?:.*/)?", at + 3
        elif clean.startswith("**", at):
            shape, at = f"{shape}.*", at + 2
        elif clean[at] in "*?":
            shape, at = shape + ("[^/]*" if clean[at] == "*" else "[^/]"), at + 1
        elif clean[at] == "[" and "]" in clean[at + 1 :]:
            end = clean.index("]", at + 1)
            shape, at = f"{shape}[{clean[at + 1 : end].replace(chr(92), '')}]", end + 1
        else:
            shape, at = shape + re.escape(clean[at]), at + 1
    try:
        return re.match(f"(?:{shape})(?:/|$)", path) is not None
    except re.error:
        return False
