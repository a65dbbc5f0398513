"""The two machines an agent can see: the developer's laptop, and what an image has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from roadworthy.rehearsal.stage.mounts import Mounts, host_entries
from roadworthy.rehearsal.stage.network import MACHINE, RESOLVER
from roadworthy.rehearsal.stage.setting import HOME, USER_ID, Ground, Setting
from roadworthy.rehearsal.stage.unix_sockets import listening_sockets, sockets_of
from roadworthy.rehearsal.stage.views import Views

TMP = Path("/tmp")  # noqa: S108 - the agent's own, not ours
ETC = (
    "alternatives", "ca-certificates", "ca-certificates.conf", "debian_version", "fonts", "host.conf",
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "locale.alias", "magic", "mime.types", "os-release",
    "pki", "profile", "protocols", "python3", "python3.11", "python3.12", "python3.13", "python3.14", "services",
    "shells", "ssl", "terminfo", "timezone",
)  # fmt: skip
"""What an image has in /etc; passwd, group, hosts, resolv.conf and nsswitch.conf are written for each start."""
SYSTEM = ("usr", "lib", "lib32", "lib64", "libx32", "bin", "sbin")
EMPTY = (HOME, "/run", "/var/log", "/var/lib", "/var/cache", "/opt", "/mnt", "/srv")


@dataclass(frozen=True, slots=True)
class Root:
    """One start's view of the machine; `folder` is the start's own on the host."""

    setting: Setting
    ground: Ground
    folder: Path
    views: Views

    @property
    def home(self) -> str:
        """The agent's home folder, the developer's where only its variable is gone; `/` where it has none."""
        return self.setting.environment.get("HOME") or self.ground.values.laptop.get("HOME") or "/"

    async def laptop(self, mounts: Mounts) -> None:
        """Everything the developer has, with copies on write where the developer may write."""
        setting = self.setting
        for entry in host_entries():
            if entry.name in ("proc", "dev"):
                continue
            if entry.is_symlink():
                mounts.links(os.readlink(entry.path), entry.path)  # noqa: PTH115
            elif entry.is_dir():
                mounts.shows(entry.path)
        mounts.devices()
        if setting.is_unprivileged:
            self._closed(mounts)
        else:
            await self._open(mounts)
        self._sockets(mounts)
        mounts.empties(self.ground.folder, "0700")
        for path, text in self._system_files():
            real = os.path.realpath(path)
            if Path(real).exists():
                mounts.shows(self._file(path, text), real)

    async def _open(self, mounts: Mounts) -> None:
        """What the developer writes, as copy-on-write views; else the project as a copy, and the rest read-only."""
        shown: list[Path] = []
        if self.setting.tmp is None and (view := await self.views.of(TMP)) is not None:
            mounts.shows(view, TMP, writable=True)
            shown.append(TMP)
        else:
            self._empty_tmp(mounts)
        for place in self._writable():
            if any(place.is_relative_to(other) and _device(place) == _device(other) for other in shown):
                continue
            if (view := await self.views.of(place)) is not None:
                mounts.shows(view, place, writable=True)
                shown.append(place)
        project = self.ground.project
        if not self.setting.is_image and not any(project.is_relative_to(place) for place in shown):
            copy, runtime = self.views.copy_of_project()
            mounts.shows(copy, project, writable=True)
            for folder in runtime:
                mounts.shows(project / folder)
            shown.append(project)
        for file in self.views.hidden_files:
            if not any(file.is_relative_to(place) for place in shown):
                mounts.shows(self._file("/nothing", ""), file)

    def _closed(self, mounts: Mounts) -> None:
        """For another user: nothing to write but /tmp, and what only the developer can pass is empty."""
        closed = [*map(Path, self._closed_folders()), *self._above_new_folders()]
        for folder in closed:
            mounts.empties(folder)
        for file in self.views.hidden_files:
            if not any(file.is_relative_to(folder) for folder in (*closed, TMP, self.ground.project)):
                mounts.shows(self._file("/nothing", ""), file)
        self._empty_tmp(mounts)
        for place in (*self.ground.runtime.folders, *self.ground.binaries.values()):
            if any(place.is_relative_to(folder) for folder in (*closed, TMP)):
                mounts.shows(place.resolve() if place.is_file() else place, place)

    def _sockets(self, mounts: Mounts) -> None:
        """The developer's unix sockets, where a view or an empty folder has taken their place.

        Nobody answers at the copy of a socket in a view. Another user gets those of declared services alone.
        """
        places = sockets_of(self.ground.services) if self.setting.is_unprivileged else listening_sockets()
        covered = [TMP, *map(Path, self._closed_folders()), *self._writable()]
        for place in places:
            if any(place.is_relative_to(folder) for folder in covered):
                mounts.shows(place, optional=True)

    def _empty_tmp(self, mounts: Mounts) -> None:
        mounts.empties(TMP, "1777", self.setting.tmp, writable=True)
        for place in self.ground.runtime.folders:
            if place.is_relative_to(TMP):
                mounts.shows(place)

    def image(self, mounts: Mounts) -> None:
        """What a slim image has, and the agent's runtime."""
        for entry in host_entries():
            if entry.name not in SYSTEM:
                continue
            if entry.is_symlink():
                mounts.links(os.readlink(entry.path), entry.path)  # noqa: PTH115
            else:
                mounts.shows(entry.path)
        mounts.devices()
        for name in ETC:
            if Path(f"/etc/{name}").exists():
                mounts.shows(f"/etc/{name}")
        for path, text in self._system_files():
            mounts.shows(self._file(path, text), path)
        for empty in EMPTY:
            mounts.folder(empty)
        mounts.empties(TMP, "1777", self.setting.tmp, writable=True)
        for place in (*self.ground.runtime.folders, *sockets_of(self.ground.services)):
            mounts.shows(place)

    def _writable(self) -> list[Path]:
        """Where the developer writes: the home folder, the project, the declared folders."""
        wanted = [Path(self.home)] if self.home != "/" else []
        if not self.setting.is_image:
            wanted.append(self.ground.project)
        wanted += [Path(place) for place in self.ground.manifest.files.write if place.startswith("/")]
        return [place for place in wanted if place.is_dir() and os.access(place, os.W_OK)]

    def _closed_folders(self) -> list[str]:
        """The home folder, and what else another user could not pass on the way to the runtime and the project."""
        closed = {self.home} if self.home not in ("/", HOME) and Path(self.home).is_dir() else set()
        for place in (*self.ground.runtime.folders, self.ground.project):
            for folder in reversed(place.parents):
                if not folder.stat().st_mode & 0o001:
                    closed.add(str(folder))
                    break
        return sorted(folder for folder in closed if not any(folder.startswith(f"{other}/") for other in closed))

    def _above_new_folders(self) -> list[Path]:
        """For each writable folder that is not here yet, the folder above: only an empty one can hold a new name."""
        new = [place for place in map(Path, self.ground.manifest.files.write) if place.is_absolute()]
        above = [next(folder for folder in place.parents if folder.exists()) for place in new if not place.exists()]
        return [folder for folder in above if folder != Path("/")]

    def _system_files(self) -> Iterator[tuple[str, str]]:
        setting = self.setting
        yield "/etc/resolv.conf", f"nameserver {RESOLVER}\noptions timeout:2 attempts:2\n"
        yield (
            "/etc/nsswitch.conf",
            "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n",
        )
        if setting.mirrors_loopback:
            yield "/etc/hosts", _names_of_loopback()
        else:
            name = "agent" if setting.is_production else os.uname().nodename
            yield "/etc/hosts", f"127.0.0.1 localhost\n::1 localhost\n{MACHINE} {name}\n"
        if setting.is_unprivileged:
            users, groups = "root:x:0:0:root:/root:/bin/bash\n", "root:x:0:\n"
            if not setting.is_production:
                users, groups = Path("/etc/passwd").read_text(), Path("/etc/group").read_text()
            yield "/etc/passwd", f"{users}agent:x:{USER_ID}:{USER_ID}::{self.home}:/bin/sh\n"
            yield "/etc/group", f"{groups}agent:x:{USER_ID}:\n"

    def _file(self, path: str, text: str) -> Path:
        file = self.folder / path.strip("/").replace("/", "-")
        file.write_text(text)
        file.chmod(0o644)
        return file


def _names_of_loopback() -> str:
    """This machine's own names in /etc/hosts; every other name is for the world's resolver."""
    lines = Path("/etc/hosts").read_text("utf-8", "replace").splitlines() if Path("/etc/hosts").exists() else []
    return "".join(f"{line}\n" for line in lines if line.startswith(("127.", "::1")))


def _device(path: Path) -> int:
    return path.stat().st_dev if path.exists() else -1
