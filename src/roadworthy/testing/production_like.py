"""The production-like environment, in the process of the tests: variables, folder, PATH, loopback and memory."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roadworthy.errors import UsageError
from roadworthy.testing.declared import production_variables, services_of
from roadworthy.testing.scene import Scene

if TYPE_CHECKING:
    from _pytest.nodes import Node

MEMORY = 512 * 1024 * 1024
"""Bytes, where no manifest says more: the manifest's own default."""
PARTS = ("variables", "folder", "path", "loopback", "memory")


@dataclass(frozen=True, slots=True)
class Parts:
    """Which parts of the environment are production's, and which stay the developer's."""

    variables: bool = True
    """Declared ones only, with the manifest's values and the classic small limits."""
    folder: bool = True
    """Another working directory, which is empty."""
    path: bool = True
    """A slim image's programs, and those that the manifest declares."""
    loopback: bool = True
    """No port of this machine but those of declared services, of the agent itself and of the test's own parts."""
    memory: bool | int = True
    """Child processes share the manifest's `resources.memory`, or so many bytes."""


def options_of(item: Node) -> Parts:
    """The parts that a test's markers `@pytest.mark.production_like(...)` ask for; the innermost decides.

    Raises UsageError for an option that is none.
    """
    chosen: dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers("production_like"))):
        for name, value in marker.kwargs.items():
            if name not in PARTS:
                raise UsageError(
                    f"{item.nodeid}: @pytest.mark.production_like: there is no part {name!r}\n"
                    f"  it has {', '.join(PARTS)}"
                )
            chosen[name] = _bytes(value) if name == "memory" else bool(value)
    return Parts(**chosen)


def _bytes(value: object) -> bool | int:
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value > 0:
        return value
    if isinstance(value, str):
        from roadworthy.manifest.formats import FORMATS

        with contextlib.suppress(ValueError):
            return int(FORMATS["size"].read(value))
    raise UsageError(f'@pytest.mark.production_like(memory={value!r}): give bytes, or a size such as "256MiB"')


class ProductionLike:
    """What a test has of its production-like environment."""

    def __init__(self, scene: Scene, parts: Parts) -> None:
        self._scene = scene
        self.parts = parts
        self.folder = Path.cwd()
        """The working directory."""
        self.memory: int | None = None
        """Bytes that child processes may hold together; None: no limit."""
        self.refused: list[str] = []
        """Addresses of this machine to which a connection was refused."""
        self.killed: list[int] = []
        """Bytes that each child process held which was killed for want of memory."""

    def __repr__(self) -> str:
        return f"<production_like in {self.folder}, {self.parts}>"

    def allows(self, port: int) -> None:
        """Let connections to a loopback port through: of a server that the test itself has started."""
        self._scene.open_ports.add(port)

    def set_up(self) -> None:
        """Change this process. Raises UsageError for a required variable without a value."""
        scene, manifest = self._scene, self._scene.manifest
        variables = production_variables(manifest, scene.shell) if self.parts.variables else dict(os.environ)
        if self.parts.path:
            declared = manifest.binaries if manifest is not None else ()
            variables["PATH"] = scene.programs().slim(declared, scene.shell.get("PATH", os.defpath))
        services = services_of(manifest, {**scene.shell, **variables}) if manifest is not None else ()
        if self.parts.variables:
            for name in os.environ.keys() - variables.keys():
                del os.environ[name]
            scene.only_declared = manifest is not None and manifest.env is not None
        os.environ.update(variables)
        if self.parts.folder:
            self._move()
        if self.parts.loopback:
            scene.open_ports |= {service.port for service in services if service.is_local and not service.socket}
            scene.open_ports |= {agent.port for agent in manifest.agents.values()} if manifest is not None else set()
            self._close_loopback()
        if self.parts.memory:
            self._limit_memory()

    def _move(self) -> None:
        before = Path.cwd()
        self.folder = Path(tempfile.mkdtemp(prefix="roadworthy-elsewhere-"))
        os.chdir(self.folder)
        self._scene.at_the_end(lambda: shutil.rmtree(self.folder, ignore_errors=True))
        self._scene.at_the_end(lambda: os.chdir(before))

    def _close_loopback(self) -> None:
        from roadworthy.testing.loopback import ClosedLoopback

        def told(address: str) -> None:
            if address not in self.refused:
                self.refused.append(address)
                self._scene.notes.append(
                    f"a connection to {address} was refused: in production nothing listens there\n"
                    "  declare it under `services`; or, for a server of the test itself, "
                    f"production_like.allows({address.rpartition(':')[2]})"
                )

        closed = ClosedLoopback(self._scene.open_ports.__contains__, told)
        self._scene.at_the_end(closed.open)

    def _limit_memory(self) -> None:
        from roadworthy.testing.children import ChildMemory

        manifest = self._scene.manifest
        declared = manifest.resources.memory if manifest is not None else MEMORY
        self.memory = limit = declared if self.parts.memory is True else int(self.parts.memory)

        def told(pid: int, size: int) -> None:
            self.killed.append(size)
            self._scene.notes.append(
                f"child process {pid} was killed: it held {size // 1024**2} MiB, and all have {limit // 1024**2} MiB"
            )

        self._scene.at_the_end(ChildMemory(limit, told).close)
