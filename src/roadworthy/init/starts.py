"""One way in which an agent may be started, whatever told of it, and which of several is taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from roadworthy.findings import Place

ANY_HOST = "0.0.0.0"  # noqa: S104 - what a command is told; a container's port is reached from outside
Told = Literal["image", "procfile", "langgraph", "compose", "server", "app", "package", "adk", "entry", "once", "other"]
Asked = Literal["http", "argument", "stdin", "langgraph", "adk", "a2a", "not"]
ORDER: tuple[Told, ...] = (
    *("image", "procfile", "server", "compose", "langgraph", "app", "adk", "package", "entry", "once", "other"),
)
"""What tells of a start, the most trustworthy first: what production itself runs."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port, or the variable or setting that holds it."""

    number: int | None = None
    variable: str | None = None
    seen: Place | None = None
    usual: int | None = None
    """Where its server listens when nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Start:
    """`command`, or `entry`; `asked` says how it gets the question where it is no HTTP service of the usual kind."""

    told: Told
    seen: Place
    command: tuple[str, ...] = ()
    entry: str | None = None
    port: Port | None = None
    asked: Asked = "http"
    serves: str = ""
    """The dotted name of the application, or of the module that it starts with."""
    remark: str = ""
    workdir: str | None = None
    folder: str = ""
    """The folder that it is of, below the project's."""
    weight: int = 0
    """Within one kind: the lower, the likelier."""

    @property
    def written(self) -> str:
        """How a comment shows it."""
        return self.entry or " ".join(self.command)


def in_order(starts: Iterable[Start]) -> list[Start]:
    """The likeliest first; what cannot be asked last."""
    return sorted(
        starts,
        key=lambda each: (
            each.asked == "not",
            ORDER.index(each.told),
            each.weight,
            each.folder.count("/") + bool(each.folder),
            str(each.seen),
        ),
    )
