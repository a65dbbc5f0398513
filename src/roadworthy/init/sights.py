"""What all files of a project together show, as each is looked at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from roadworthy.init.routes import Mounts, Route

if TYPE_CHECKING:
    from roadworthy.findings import Place
    from roadworthy.init.in_code import InCode
    from roadworthy.init.servers import Application, Served
    from roadworthy.init.services import Reached
    from roadworthy.init.shapes import Shape
    from roadworthy.init.starts import Start
    from roadworthy.init.variables import Seen


@dataclass(slots=True)
class Sights:
    """What all files together show."""

    shapes: dict[str, Shape] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    mounts: Mounts = field(default_factory=Mounts)
    served: list[Served] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
    tool_servers: list[tuple[str, Place, bool]] = field(default_factory=list)
    screens: list[tuple[str, str]] = field(default_factory=list)
    terminals: list[Place] = field(default_factory=list)
    in_code: dict[str, InCode] = field(default_factory=dict)
    """By path: what a file that serves without a framework's routes reads and answers."""
    variables: list[Seen] = field(default_factory=list)
    models: dict[str, list[Place]] = field(default_factory=dict)
    imports: dict[str, frozenset[str]] = field(default_factory=dict)
    """Module → the project's modules that it imports."""
    reached: list[Reached] = field(default_factory=list)
    binaries: dict[str, list[Place]] = field(default_factory=dict)
    files: dict[tuple[str, str], list[Place]] = field(default_factory=dict)

    def imported_by(self, name: str) -> set[str]:
        """The modules that a module, or that of a function or an object, brings in, and those that they do."""
        start = name if name in self.imports else name.rpartition(".")[0]
        found, waiting = set(), {start} & set(self.imports)
        while waiting:
            found |= waiting
            waiting = {each for module in waiting for each in self.imports[module]} - found
        return found
