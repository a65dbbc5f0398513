"""Dependencies: is what is locked what is installed, and can it run on this Python and this machine?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.checking import PRODUCTION, Fine, Nothing, Said, Untested, check, problem
from roadworthy.hazards.checklist import PACKAGES_AS_LOCKED
from roadworthy.hazards.words import listed

if TYPE_CHECKING:
    from roadworthy.check.lock_differences import Difference, HeldAgainst
    from roadworthy.check.machine import Machine
    from roadworthy.check.node_packages import NodeDifference
    from roadworthy.check.python import Absent, Python
    from roadworthy.manifest.model import Manifest

NAMED = 5
"""Differences that have a finding each; the rest has one together."""
COPY = "lock the versions (`uv lock`, `pip-compile`, `npm install`), and copy the lock into the image too"
SHOWN = 8
"""Names that a sentence lists."""


@check("DEP201", "installed version differs from the lock", PACKAGES_AS_LOCKED)
def as_locked(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Is what is locked what is installed?

    Done: the lock (uv.lock, poetry.lock, pdm.lock, Pipfile.lock, pylock.toml, the pins of requirements.txt;
    package-lock.json for Node) is held against the packages of the Python that the agent runs on, or against
    node_modules. Where there are several locks, the one that fits best counts.

    Must hold: what is installed has a locked version, and every dependency that the project itself asks for in
    production is installed. Packages that no lock names are fine, and so are editable ones, local versions (`+cpu`),
    and what is for development or for another platform.

    Why: what was tested is what is locked. An image that was built a week later holds what came out meanwhile.

    Mend: install from the lock when the image is built.
    """
    if not manifest.agents:
        yield Nothing("no agent is declared")
        return
    from roadworthy.check.node_packages import runs_node
    from roadworthy.check.python import Absent

    python = machine.python
    if runs_node(manifest.agent):
        yield from _node(machine)
    elif isinstance(python, Absent):
        yield Untested(f"{python.named} is not here: nothing is installed for it")
    elif python is None:
        yield Nothing("the agent is no program of Python or Node")
    else:
        yield from _python(machine, python)


@check("DEP202", "packages for another Python or machine", PACKAGES_AS_LOCKED)
def right_platform(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Do Python, its packages and this machine fit together?

    Done: Python's version is held against `requires-python` and `.python-version`; the tags of each installed package
    against the version, the C library and the processor of the interpreter; its SQLite against what an installed
    package needs at least (data/sqlite-needs.toml).

    Must hold: each fits.

    Why: a virtual environment that was copied from a laptop, from another base image or from another processor is
    found whole, and the first import of a compiled module fails.

    Mend: install in the image that the agent runs in, in place of copying.
    """
    if not manifest.agents:
        yield Nothing("no agent is declared")
        return
    from roadworthy.check.python import Absent

    python = machine.python
    if python is None:
        yield Nothing("the agent is no program of Python")
        return
    if isinstance(python, Absent):
        yield _absent(python)
        return
    yield from _version(machine, python)
    yield from _compiled(machine, python)
    yield Fine(f"Python {python.shown}")


def _python(machine: Machine, python: Python) -> Iterator[Said]:
    from roadworthy.check.lock_files import has_lock

    held = None
    if has_lock(machine.project):
        from roadworthy.check.lock_differences import nearest_lock

        held = nearest_lock(machine.project, python)
    if held is None:
        loose = (machine.project / "requirements.txt").is_file()
        what = ", and requirements.txt fixes no version" if loose else ""
        yield Untested(f"no lock file for Python is here{what}", COPY)
        return
    install = held.lock.command
    if held.lock.name == "uv.lock" and machine.target == PRODUCTION:
        install += " --no-dev"
    for each in held.differences[:NAMED]:
        yield problem(
            _told(each, held),
            fix=f"install what {held.lock.name} has, when the image is built",
            severity=Severity.ERROR if each.is_grave else Severity.WARNING,
            commands=(install,),
        )
    if rest := held.differences[NAMED:]:
        grave = any(each.is_grave for each in rest)
        yield problem(
            f"{len(rest)} more packages are not as {held.lock.name} has them: {_some([each.name for each in rest])}",
            fix=f"install what {held.lock.name} has, when the image is built",
            severity=Severity.ERROR if grave else Severity.WARNING,
            commands=(install,),
        )
    yield Fine(f"{held.compared} packages as {held.lock.name} has them")


def _told(each: Difference, held: HeldAgainst) -> str:
    locked = f"{held.lock.name} has {listed(each.locked)}" if each.locked else f"{held.lock.name} asks for it"
    if each.installed is None:
        return f"{each.name} is not installed, {locked}"
    return f"{each.name} {each.installed} is installed, {locked}"


def _node(machine: Machine) -> Iterator[Said]:
    from roadworthy.check.node_packages import held_against, other_lock

    held = held_against(machine.project)
    if held is None:
        other = next(other_lock(machine.project), None)
        if other is None:
            yield Untested("no lock file for Node is here", COPY)
        else:
            yield Untested(f"{other[0]} is not read, only package-lock.json is", other[1])
        return
    install = "npm ci --omit=dev" if machine.target == PRODUCTION else "npm ci"
    differences = sorted(held.differences, key=lambda each: (each.installed is not None, not each.is_direct, each.name))
    for each in differences[:NAMED]:
        yield problem(
            _told_of_node(each),
            fix="install what package-lock.json has, when the image is built",
            severity=Severity.ERROR if each.installed is None else Severity.WARNING,
            commands=(install,),
        )
    if rest := differences[NAMED:]:
        yield problem(
            f"{len(rest)} more packages are not as package-lock.json has them: {_some([each.name for each in rest])}",
            fix="install what package-lock.json has, when the image is built",
            severity=Severity.ERROR if any(each.installed is None for each in rest) else Severity.WARNING,
            commands=(install,),
        )
    yield Fine(f"{held.compared} packages as package-lock.json has them")


def _told_of_node(each: NodeDifference) -> str:
    if each.installed is None:
        return f"{each.name} is not installed, package-lock.json has {each.locked}"
    return f"{each.name} {each.installed} is installed, package-lock.json has {each.locked}"


def _absent(python: Absent) -> Said:
    if python.program is None:
        return problem(
            f"{python.named}, which the agent's command starts, is not here",
            fix="install it, or name the Python that is here in `agent.command`",
        )
    return problem(
        f"{python.program} is to run on {python.named}, which is not here",
        why="its first line names it: a virtual environment that is copied or moved still leads to the old place",
        fix="make the virtual environment where it is used, in the image",
    )


def _version(machine: Machine, python: Python) -> Iterator[Said]:
    from roadworthy.check.python import shown
    from roadworthy.check.python_needs import chosen_versions, python_conditions
    from roadworthy.check.versions import fits

    if python.made_for is not None:
        yield problem(
            f"the virtual environment {python.prefix} was made for Python {shown(python.made_for[:2])}, "
            f"and its python is {shown(python.version[:2])}",
            why="its packages lie in the other version's folder, where nobody looks",
            fix="make it anew with the Python that is here",
            commands=(f"python -m venv --clear {python.prefix}",),
        )
    for file, conditions in python_conditions(machine.project, python):
        if fits(python.version, conditions) is False:
            yield problem(
                f"this is Python {python.shown}, and {file} asks for {conditions}",
                fix="start the image from a Python that fits, and install there",
                path=file,
            )
            return
    chosen = chosen_versions(machine.project)
    if chosen and not any(fits(python.version[:2], ".".join(each.split(".")[:2])) for each in chosen):
        yield problem(
            f"this is Python {python.shown}, and .python-version says {listed(chosen)}",
            why="it was developed on that one",
            fix="start the image from the same version",
            severity=Severity.WARNING,
            path=".python-version",
        )


def _compiled(machine: Machine, python: Python) -> Iterator[Said]:
    from roadworthy.check.packages import installed
    from roadworthy.check.python_needs import sqlite_needs, sqlite_version
    from roadworthy.check.wheels import foreign, platform_of

    packages = installed(python.site_packages)
    platform = platform_of(python)
    for built_for, names in foreign(packages, python.version, platform).items():
        here = ", ".join(filter(None, (f"Python {python.shown}", platform.libc, platform.processor)))
        yield problem(
            f"{_some(names)} {'is' if len(names) == 1 else 'are'} built for {built_for}; here is {here}",
            why="their compiled modules cannot be imported: the environment was copied from elsewhere",
            fix="install in the image that the agent runs in, in place of copying",
        )
    needs = sqlite_needs(packages)
    if not needs:
        return
    version = sqlite_version(machine, python)
    if version is None:
        yield Untested("Python does not say which SQLite it has")
        return
    for need in needs:
        if version < need.needs:
            yield problem(
                f"{need.package} needs SQLite {'.'.join(map(str, need.needs))}, this Python has "
                f"{'.'.join(map(str, version))}",
                why="it refuses to be imported with an older one",
                fix=f"use an image with a newer SQLite (Debian 12), or put {need.unless} in its place"
                if need.unless
                else "use an image with a newer SQLite",
            )


def _some(names: Sequence[str]) -> str:
    if len(names) <= SHOWN:
        return listed(names)
    return f"{', '.join(names[: SHOWN - 1])} and {len(names) - SHOWN + 1} more"
