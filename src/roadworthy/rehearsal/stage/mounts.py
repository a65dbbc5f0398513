"""What the agent sees where: collected one after the other, as bubblewrap wants it (man 1 bwrap)."""

from __future__ import annotations

import os
from pathlib import Path

OURS = "/dev/roadworthy"
"""Where the agent sees what is ours: /dev is the one folder that every stage makes anew."""
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - the agent's own, not ours


class Mounts:
    """A list of arguments that knows which folders exist already.

    Folders above a target are made with mode 0755: bubblewrap alone would make them 0700 for root, and an
    unprivileged agent could not pass.
    """

    def __init__(self) -> None:
        self.arguments: list[str] = []
        self._mounts: dict[str, bool] = {"/": False}
        """Target, and whether it brings what the host has below it."""
        self._writable: set[str] = set()
        self._made: set[str] = {"/"}
        self._to_seal: list[str] = ["/", "/dev"]

    @property
    def seals(self) -> list[str]:
        """The last arguments: what was made empty becomes read-only, once everything is mounted in it."""
        visible = [place for place in self._to_seal if place in self._mounts]
        return [word for place in visible for word in ("--remount-ro", place)]

    def shows(
        self, source: Path | str, target: Path | str | None = None, *, writable: bool = False, optional: bool = False
    ) -> None:
        """The source at the target (at its own path by default), read-only unless said otherwise.

        An `optional` one may be gone by the time it is mounted.
        """
        place = str(source if target is None else target)
        self._parents(place)
        option = "--bind" if writable else "--ro-bind"
        self.arguments += [f"{option}-try" if optional else option, str(source), place]
        self._mounts[place] = True
        (self._writable.add if writable else self._writable.discard)(place)

    def links(self, target: str, place: str) -> None:
        """A symbolic link at `place`."""
        self._parents(place)
        self.arguments += ["--symlink", target, place]
        self._mounts[place] = True

    def empties(
        self, place: Path | str, mode: str = "0755", size: int | None = None, *, writable: bool = False
    ) -> None:
        """A memory-backed empty folder in place of what was there; `size` is its limit in bytes."""
        place = str(place)
        self._parents(place)
        limit = [] if size is None else ["--size", str(size)]
        self.arguments += ["--perms", mode, *limit, "--tmpfs", place]
        self._mounts = {mount: brings for mount, brings in self._mounts.items() if not mount.startswith(place + "/")}
        self._made = {made for made in self._made if not made.startswith(place + "/")}
        self._mounts[place] = False
        self._made.add(place)
        self._to_seal = [other for other in self._to_seal if other != place]
        if not writable:
            self._to_seal.append(place)

    def folder(self, place: Path | str) -> None:
        """An empty folder, if there is none yet."""
        place = str(place)
        if not self._exists(place):
            self._parents(place)
            self.arguments += ["--perms", "0755", "--dir", place]
            self._made.add(place)

    def devices(self) -> None:
        """Fresh /dev and /proc. Shared memory is for every user, as in a container."""
        self.arguments += ["--dev", "/dev", "--proc", "/proc"]
        self._mounts |= {"/dev": False, "/proc": True}
        self._made |= {"/dev", SHARED_MEMORY}
        self.empties(SHARED_MEMORY, "1777", writable=True)

    def _parents(self, place: str) -> None:
        for folder in reversed(Path(place).parents):
            self.folder(folder)

    def brings(self, place: Path | str) -> bool:
        """Whether the innermost mount at or above the place brings what the host has there."""
        return self._mounts[self._mount_of(place)]

    def is_writable(self, place: Path | str) -> bool:
        """Whether the place is in a folder that was shown to be written to."""
        return self._mount_of(place) in self._writable

    def _mount_of(self, place: Path | str) -> str:
        folders = (str(folder) for folder in (Path(place), *Path(place).parents))
        return next(folder for folder in folders if folder in self._mounts)

    def _exists(self, place: str) -> bool:
        """Whether the folder is there: made here, or brought by a mount."""
        return place in self._made or place in self._mounts or self.brings(place)


def host_entries() -> list[os.DirEntry[str]]:
    """What this machine has in its root folder, in order."""
    return sorted(os.scandir("/"), key=lambda entry: entry.name)
