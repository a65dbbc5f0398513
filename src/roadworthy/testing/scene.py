"""What one test has changed in its process: kept in one place, so that all of it is put back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from roadworthy.manifest.model import Manifest
    from roadworthy.testing.production_like import ProductionLike
    from roadworthy.testing.programs import Programs
    from roadworthy.testing.wire import Wire


class Scene:
    """One test's surroundings. Parts ask it for variables, ports and the wire; `close` puts everything back."""

    def __init__(self, manifest: Manifest | None, programs: Callable[[], Programs]) -> None:
        """`programs` gives the session's folders of programs, made when a test first needs one."""
        self.manifest = manifest
        self.shell = dict(os.environ)
        """The variables before the test."""
        self.open_ports: set[int] = set()
        """Loopback ports that belong to the test's own parts."""
        self.only_declared = False
        self.complaints: list[str] = []
        """What fails the test though its own assertions hold."""
        self.judgements: list[Callable[[], None]] = []
        """Called when the test's own body has passed; they may complain."""
        self.production_like: ProductionLike | None = None
        self.notes: list[str] = []
        """What a reader of a failed test wants to know."""
        self.programs = programs
        self._wire: Wire | None = None
        self._undo: list[Callable[[], object]] = []

    @property
    def wire(self) -> Wire:
        """The thread on which servers of this test run, started when first asked for."""
        if self._wire is None:
            from roadworthy.testing.wire import Wire

            self._wire = wire = Wire()
            self.at_the_end(wire.close)
        return self._wire

    def give(self, name: str, value: str) -> None:
        """Set a variable until the end of the test."""
        os.environ[name] = value

    def declares(self, name: str) -> bool:
        """Whether the agent has this variable in production, as far as is known."""
        if self.manifest is None or self.manifest.env is None or not self.only_declared:
            return True
        return name in self.manifest.env

    def at_the_end(self, undo: Callable[[], object]) -> None:
        """Call `undo` when the test is over; what came last goes first."""
        self._undo.append(undo)

    def close(self) -> None:
        """Put back all variables, and whatever the parts have changed, also where one of them fails."""
        from contextlib import ExitStack

        with ExitStack() as stack:
            stack.callback(self._put_back)
            for undo in self._undo:
                stack.callback(undo)

    def _put_back(self) -> None:
        for name in os.environ.keys() - self.shell.keys():
            del os.environ[name]
        for name, value in self.shell.items():
            if os.environ.get(name) != value and name != "PYTEST_CURRENT_TEST":
                os.environ[name] = value
