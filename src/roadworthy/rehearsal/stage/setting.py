"""What one start of the agent needs: the conditions of a trial, turned into folders, variables and limits."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from roadworthy.manifest.endpoints import Endpoint
from roadworthy.rehearsal import conditions
from roadworthy.rehearsal.conditions import Condition, Feature
from roadworthy.rehearsal.scenario import Trial
from roadworthy.rehearsal.stage.project import Image
from roadworthy.rehearsal.stage.runtime import Runtime
from roadworthy.rehearsal.stage.slim import PATH
from roadworthy.rehearsal.values import Values, production_value

if TYPE_CHECKING:
    from roadworthy.manifest.model import Manifest

USER_ID = 10001
"""Above the users of any distribution: the user of a container that follows the advice not to be root."""
HOME = "/home/agent"


@dataclass(frozen=True, slots=True)
class Ground:
    """What all starts of one run share."""

    manifest: Manifest
    command: tuple[str, ...]
    """The agent's command, or the host's for an `entry:` agent."""
    project: Path
    runtime: Runtime
    values: Values
    services: tuple[Endpoint, ...]
    image: Image
    """The copy as an image holds it."""
    checkout: Image
    """The copy with git's modes, and nothing left out but `.env*`."""
    folder: Path
    """The run's own folder: hidden from every stage."""
    authority: Path
    """The bundle of certificates that the agent is to trust."""
    binaries: Mapping[str, Path]
    """The declared binaries that are here."""


@dataclass(slots=True)
class Setting:
    """One start: a laptop's by default, changed by conditions."""

    command: tuple[str, ...]
    environment: dict[str, str]
    project_at: str
    working_directory: str
    is_image: bool = False
    """The project is the image's copy, and its original path is hidden."""
    hides_environment_files: bool = False
    is_unprivileged: bool = False
    is_slim: bool = False
    is_production: bool = False
    """The root is an image's as well: nothing else of this machine is shown."""
    mirrors_loopback: bool = True
    as_pid_1: bool = False
    memory: int | None = None
    cores: float | None = None
    tmp: int | None = None
    large_workspace: tuple[int, tuple[str, ...]] | None = None
    loud_binaries: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Programs that print a lot, with their paths and the bytes."""
    taken_away: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Programs that are not there, and the paths at which they were seen."""
    holdable: dict[str, str] = field(default_factory=dict)
    """Programs that can be made slow, and their paths."""
    needs: frozenset[Feature] = frozenset()


def setting_for(trial: Trial, ground: Ground) -> Setting:
    """The laptop's setting with the trial's conditions applied."""
    setting = Setting(
        command=ground.command,
        environment=dict(ground.values.laptop),
        project_at=str(ground.project),
        working_directory=str(ground.project),
        needs=trial.needs,
    )
    for condition in trial.conditions:
        _apply(condition, setting, ground)
    return setting


def _apply(condition: Condition, setting: Setting, ground: Ground) -> None:
    manifest = ground.manifest
    match condition:
        case conditions.OnlyDeclared():
            kept: dict[str, str] = {
                name: setting.environment[name]
                for name in ("PATH", "HOME", "HOSTNAME", "LANG")
                if name in setting.environment
            }
            setting.environment = {**kept, **ground.values.declared}
            setting.hides_environment_files = True
        case conditions.Without(variable):
            setting.environment.pop(variable, None)
            setting.hides_environment_files = True
        case conditions.With(variable, value):
            setting.environment[variable] = value
            setting.hides_environment_files = True
        case conditions.Elsewhere(prefix):
            start_elsewhere(setting, ground, prefix)
        case conditions.EmptyLoopback():
            setting.mirrors_loopback = False
            setting.hides_environment_files = True
            setting.environment = {
                name: production_value(manifest, name, value, ground.services)
                if name in ground.values.declared and not _is_log_level(name)
                else value
                for name, value in setting.environment.items()
            }
        case conditions.Unprivileged():
            setting.is_unprivileged = True
            setting.hides_environment_files = True
            # The home folder is closed to this user, and a version manager's shims with it.
            path = setting.environment.get("PATH", PATH).split(":")
            setting.environment["PATH"] = ":".join(dict.fromkeys([*ground.runtime.path, *path]))
        case conditions.SlimPath():
            setting.is_slim = True
            setting.environment["PATH"] = ":".join([*ground.runtime.path, PATH])
            setting.hides_environment_files = True
        case conditions.WithoutBinary(name, seen_at):
            setting.taken_away[name] = seen_at
        case conditions.MemoryLimit(limit):
            setting.memory = limit
        case conditions.LargeWorkspace(size, words):
            setting.large_workspace = (size, words)
        case conditions.LoudBinary(name, path, size):
            setting.loud_binaries[name] = (path, size)
        case conditions.HoldableBinary(name, path):
            setting.holdable[name] = path
        case conditions.CpuLimit(cores):
            setting.cores = cores
        case conditions.TmpLimit(size):
            setting.tmp = size
        case conditions.AsPid1():
            setting.as_pid_1 = True
        case conditions.Production():
            _produce(setting, ground)
        case _:
            assert_never(condition)


def _produce(setting: Setting, ground: Ground) -> None:
    """Every condition at once, to the manifest's figures."""
    resources = ground.manifest.resources
    language = setting.environment.get("LANG", "C.UTF-8")
    setting.environment = {
        "PATH": ":".join([*ground.runtime.path, PATH]),
        "HOME": HOME,
        "HOSTNAME": "agent",
        "LANG": language,
        **ground.values.production,
    }
    start_elsewhere(setting, ground, conditions.Elsewhere().prefix)
    setting.mirrors_loopback = False
    setting.is_unprivileged = setting.is_slim = setting.is_production = setting.as_pid_1 = True
    setting.memory, setting.cores, setting.tmp = resources.memory, resources.cpu, resources.tmp


def start_elsewhere(setting: Setting, ground: Ground, prefix: str) -> None:
    """**Started from elsewhere**: the project is a copy under another prefix, with git's file modes and without what
    `.dockerignore` names; its original path is hidden, but for the virtual environment and `node_modules`.

    The working directory is the copy where `agent.workdir` is set, and `/` where it is not: then file arguments of
    the command that exist in the project become absolute; `python -m`, uvicorn, gunicorn and their like get the
    project on `PYTHONPATH`; a launcher that looks for its file in the working directory alone (`npm start`) keeps it.
    """
    agent = ground.manifest.agent
    setting.is_image = True
    setting.hides_environment_files = True
    setting.project_at = prefix
    setting.environment = {
        name: _moved(value, ground, prefix) if name in ("PATH", "PYTHONPATH", "NODE_PATH") else value
        for name, value in setting.environment.items()
    }
    # A version manager's shim looks into the working directory to see which version is meant; an image has none.
    path = setting.environment.get("PATH", PATH).split(":")
    setting.environment["PATH"] = ":".join(dict.fromkeys([*ground.runtime.path, *path]))
    if agent.workdir is not None:
        setting.working_directory = prefix
        return
    setting.working_directory = "/"
    setting.command = started_from_elsewhere(setting.command, ground, prefix)
    if needs_the_path(ground.command):
        known = setting.environment.get("PYTHONPATH")
        setting.environment["PYTHONPATH"] = prefix if not known else f"{prefix}:{known}"
    if keeps_its_folder(ground.command):
        setting.working_directory = prefix


def _moved(value: str, ground: Ground, prefix: str) -> str:
    """A search path whose entries in the project follow it, but for the virtual environment's."""
    old = str(ground.project)
    moved = []
    for entry in value.split(":"):
        inside = entry == old or entry.startswith(old + "/")
        stays = any(Path(entry).is_relative_to(folder) for folder in ground.runtime.folders)
        moved.append(prefix + entry.removeprefix(old) if inside and not stays else entry)
    return ":".join(moved)


def started_from_elsewhere(command: tuple[str, ...], ground: Ground, prefix: str) -> tuple[str, ...]:
    """The command with its file arguments made absolute under the prefix, as an image's CMD has them.

    What lies in the virtual environment keeps its own absolute path.
    """
    moved = [_moved_word(command[0], ground, prefix) if "/" in command[0] else command[0]]
    for before, word in pairwise(command):
        option, equals, value = word.partition("=")
        if before in ("-m", "-c", "-e", "--eval"):
            moved.append(word)  # a module's name, or a program's text
        elif word.startswith("--") and equals:
            moved.append(f"{option}={_moved_word(value, ground, prefix)}")
        else:
            moved.append(word if word.startswith("-") else _moved_word(word, ground, prefix))
    return tuple(moved)


def _moved_word(word: str, ground: Ground, prefix: str) -> str:
    """Where the file or folder that a word names is under the prefix; the word itself where it names none."""
    place = Path(os.path.normpath(ground.project / word))
    if not word or not os.path.exists(place) or not place.is_relative_to(ground.project):  # noqa: PTH110
        return word
    if any(place.is_relative_to(folder) for folder in ground.runtime.folders):
        return str(place)
    return str(Path(prefix) / place.relative_to(ground.project))


def needs_the_path(command: tuple[str, ...]) -> bool:
    """`python -m`, uvicorn, gunicorn and their like find the project by PYTHONPATH when started elsewhere."""
    names = [word.rpartition("/")[2] for word in command]
    return names[0] in ("uvicorn", "gunicorn", "hypercorn", "granian", "flask", "fastapi") or (
        names[0].startswith("python") and "-m" in command
    )


def keeps_its_folder(command: tuple[str, ...]) -> bool:
    """Launchers that look for their project file in the working directory alone."""
    return command[0].rpartition("/")[2] in (
        "npm",
        "npx",
        "yarn",
        "pnpm",
        "make",
        "just",
        "uv",
        "poetry",
        "pipenv",
    )


def _is_log_level(name: str) -> bool:
    return "LOG_LEVEL" in name or "LOGLEVEL" in name
