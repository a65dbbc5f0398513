"""Programs: is each declared one here, new enough, and able to run?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.hazards.checking import Fine, Nothing, Said, Untested, check, problem
from roadworthy.hazards.checklist import BINARIES_INSTALLED
from roadworthy.hazards.words import one_line

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine
    from roadworthy.manifest.model import Manifest

ANY = "*"
"""Any version will do."""
LOADERS_WORDS = (
    "error while loading shared libraries",  # glibc
    "Error loading shared library",  # musl
    "not found (required by",  # glibc, of a symbol's version
)
NOTHING = "no program is declared"


@check("BIN201", "program missing", BINARIES_INSTALLED)
def programs_installed(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Is every declared program on PATH, and the one that starts the agent?

    Done: each name under `binaries`, and the first word of the agent's `command`, is looked for in the folders of PATH;
    a name with a slash is a file of the project.

    Must hold: it is there, and this user may run it.

    Why: a tool that calls a program which is not there fails at its first use, far from the deployment.

    Mend: install its package where the image is built.
    """
    names = _names(manifest)
    missing = [name for name in names if machine.program(name) is None]
    if missing:
        yield from _missing(machine, missing)
    yield Fine(f"{len(names)} found") if names else Nothing(NOTHING)


@check("BIN202", "program too old", BINARIES_INSTALLED)
def programs_new_enough(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Has each declared program one of the declared versions?

    Done: programs with versions under `binaries` (`rg: ">=13"`) are run once with `--version`, or as they want to be
    asked, and the first number in what they print is taken.

    Must hold: it fits the declared conditions.

    Why: an older program has other options and another output, and the tool around it breaks on both.

    Mend: install a newer package, or another base image.
    """
    from roadworthy.check.programs import version_of
    from roadworthy.check.versions import fits

    declared = {name: wanted for name, wanted in manifest.binaries.items() if wanted != ANY}
    for name, wanted in declared.items():
        path = machine.program(name)
        if path is None or _cannot_run(path) is not None:
            continue  # BIN201 and BIN203 say that
        told, ran = version_of(machine, path)
        if told is None:
            if ran.status is None or _failure(ran.status, ran.output) is None:
                said = f"it printed {one_line(ran.output, 60)!r}" if ran.output else "it printed nothing"
                yield Untested(f"{name} does not say its version: {ran.problem or said}")
            continue
        numbers = [int(part) for part in told.split(".")]
        fitting = fits((*numbers, *(0,) * (3 - len(numbers))), wanted)
        if fitting is None:
            yield Untested(f"{name} is version {told}, and {wanted} is no condition that is understood")
        elif fitting:
            yield Fine(f"{name} {told}")
        else:
            yield problem(f"{name} is version {told}, declared is {wanted}", fix="install another version of it")
    if not declared:
        yield Nothing("no program is declared with a version")


@check("BIN203", "program that does not run", BINARIES_INSTALLED)
def programs_run(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Can this machine run each declared program?

    Done: the head of each file is read: for which processor it is built, whether the loader or the interpreter that it
    names is here. Programs that are run (those with a declared version; with `--run-binaries` all) must not end by a
    signal or for a missing library.

    Must hold: nothing speaks against it.

    Why: a program that was copied from another image, built for glibc and run on musl, says "not found" though it is
    there.

    Mend: install it from the distribution's own package, or build the image for this processor.
    """
    from roadworthy.check.programs import version_of

    names = _names(manifest)
    looked = 0
    for name in names:
        path = machine.program(name)
        if path is None:
            continue
        looked += 1
        reason = _cannot_run(path)
        if reason is None and (machine.runs_binaries or manifest.binaries.get(name, ANY) != ANY):
            _, ran = version_of(machine, path)
            if ran.status is None:
                yield Untested(f"{name} was run, and it is not known whether it works: {ran.problem}")
                continue
            reason = _failure(ran.status, ran.output)
        if reason is not None:
            yield problem(
                f"{name} does not run: {reason}",
                why=f"it is {path}",
                fix="install it from this distribution's own package, for this machine's processor",
            )
    yield Fine() if looked else Nothing("no declared program is here" if names else NOTHING)


def _names(manifest: Manifest) -> list[str]:
    """The declared programs, and what the agents are started with."""
    starting = [agent.command[0] for agent in manifest.agents.values() if agent.command]
    return list(dict.fromkeys([*manifest.binaries, *starting]))


def _missing(machine: Machine, names: list[str]) -> Iterator[Said]:
    from roadworthy.check.programs import elsewhere, installing

    absent = []
    for name in names:
        if (refused := _refused(machine, name)) is not None:
            yield problem(
                f"{refused} may not be run by this user",
                fix="give it the run bit, or another owner, where the image is built",
                commands=(f"chmod a+rx {refused}",),
            )
        elif "/" not in name and (there := elsewhere(machine, name)) is not None:
            yield problem(
                f"{name} is in {there.parent}, which is not on PATH",
                fix=f"add {there.parent} to PATH where the agent is started",
            )
        else:
            absent.append(name)
    for at, name in enumerate(absent):
        yield problem(
            f"{name} is not installed",
            fix="install it where the image is built",
            commands=installing(machine, absent) if at == 0 else (),  # one command for all of them
        )


def _refused(machine: Machine, name: str) -> Path | None:
    """The file of that name that this user may not run."""
    folders = [machine.project] if "/" in name else [Path(folder) for folder in machine.search_path]
    for folder in folders:
        try:
            if (folder / name).is_file():
                return folder / name
        except OSError:
            continue
    return None


def _cannot_run(path: Path) -> str | None:
    from roadworthy.check.programs import cannot_run

    return cannot_run(path)


def _failure(status: int, output: str) -> str | None:
    """Why a program that was started did not run, as the dynamic loader and the shell say it."""
    if status < 0:
        return f"it was ended by signal {-status}"
    line = next((line for line in output.splitlines() if any(mark in line for mark in LOADERS_WORDS)), None)
    return None if line is None else one_line(line, 120)
