"""Conditions: what a trial changes of the laptop stage towards production, and what has to be enforced for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Feature(StrEnum):
    """What a stage can enforce. A condition names the features it needs."""

    VARIABLES = "variables"
    PREFIX = "another prefix"
    WORKING_DIRECTORY = "working directory"
    USER = "unprivileged user"
    READ_ONLY = "read-only root"
    PATH = "slim PATH"
    VIEWS = "copy-on-write views"
    LOOPBACK = "empty loopback"
    WORLD = "simulated world"
    MEMORY = "memory limit"
    CPU = "CPU limit"
    DISK = "size of the temporary folder"
    PID_1 = "process 1"
    EXEC = "started programs seen"


@dataclass(frozen=True, slots=True)
class OnlyDeclared:
    """Only the declared variables and PATH, HOME, HOSTNAME, LANG and the stage's CA names; `.env` masked."""

    needs = (Feature.VARIABLES,)


@dataclass(frozen=True, slots=True)
class Without:
    """The variable is taken away, also from a masked `.env`."""

    variable: str
    needs = (Feature.VARIABLES,)


@dataclass(frozen=True, slots=True)
class With:
    """The variable has this value, whatever the developer's is."""

    variable: str
    value: str
    needs = (Feature.VARIABLES,)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The project is a copy under another prefix, started from `workdir` (or `/`), its old path hidden."""

    prefix: str = "/srv/app"
    needs = (Feature.PREFIX, Feature.WORKING_DIRECTORY)


@dataclass(frozen=True, slots=True)
class EmptyLoopback:
    """Nothing of the host listens on loopback; services live under their production names alone.

    The agent is reached by the machine's address, as through a container's published port.
    """

    needs = (Feature.LOOPBACK, Feature.WORLD, Feature.VARIABLES)


@dataclass(frozen=True, slots=True)
class Unprivileged:
    """A non-root user, read-only root and project, only `files.write` and `/tmp` writable."""

    needs = (Feature.USER, Feature.READ_ONLY)


@dataclass(frozen=True, slots=True)
class SlimPath:
    """PATH holds what a slim image has and what is declared."""

    needs = (Feature.PATH,)


@dataclass(frozen=True, slots=True)
class WithoutBinary:
    """The program is not there: neither on PATH, nor at the paths `seen_at`, at which it was started."""

    name: str
    seen_at: tuple[str, ...] = ()
    needs = (Feature.VIEWS,)


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """The process group is killed above this many bytes."""

    bytes: int
    needs = (Feature.MEMORY,)


@dataclass(frozen=True, slots=True)
class LargeWorkspace:
    """`files.workspace` holds this many bytes more, in 1 MiB texts that contain every one of `words`."""

    bytes: int
    words: tuple[str, ...] = ()
    needs = (Feature.MEMORY,)


@dataclass(frozen=True, slots=True)
class LoudBinary:
    """The program at this path, absolute or relative to the project, prints so many bytes before it does its work."""

    name: str
    path: str
    bytes: int
    needs = (Feature.PATH, Feature.EXEC)


@dataclass(frozen=True, slots=True)
class HoldableBinary:
    """The program at this path, absolute or relative to the project, can be made slow while the agent runs."""

    name: str
    path: str
    needs = (Feature.PATH, Feature.EXEC)


@dataclass(frozen=True, slots=True)
class CpuLimit:
    """The agent gets this many processors' time."""

    cores: float
    needs = (Feature.CPU,)


@dataclass(frozen=True, slots=True)
class TmpLimit:
    """`/tmp` holds this many bytes."""

    bytes: int
    needs = (Feature.DISK,)


@dataclass(frozen=True, slots=True)
class AsPid1:
    """The agent is process 1, as in a container without an init."""

    needs = (Feature.PID_1,)


@dataclass(frozen=True, slots=True)
class Production:
    """Every condition at once, to the manifest's figures."""

    needs = (
        Feature.VARIABLES,
        Feature.PREFIX,
        Feature.WORKING_DIRECTORY,
        Feature.USER,
        Feature.READ_ONLY,
        Feature.PATH,
        Feature.LOOPBACK,
        Feature.WORLD,
        Feature.MEMORY,
        Feature.CPU,
        Feature.DISK,
        Feature.PID_1,
    )


Condition: TypeAlias = (
    OnlyDeclared
    | Without
    | With
    | Elsewhere
    | EmptyLoopback
    | Unprivileged
    | SlimPath
    | WithoutBinary
    | MemoryLimit
    | LargeWorkspace
    | LoudBinary
    | HoldableBinary
    | CpuLimit
    | TmpLimit
    | AsPid1
    | Production
)
