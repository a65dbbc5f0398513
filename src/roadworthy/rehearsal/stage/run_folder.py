"""The run's own folder, and the janitor that removes it should roadworthy be killed."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from roadworthy.rehearsal.stage.cgroups import parents
from roadworthy.rehearsal.stage.janitor import remove_tree

PLACES = ("/var/tmp", "/dev/shm", "/tmp")  # noqa: S108 - a private folder is made in the first that works
"""Not /tmp if it can be helped: the laptop stage shows a copy-on-write view of it, which must not hold itself."""


class RunFolder:
    """A private folder, and a process that outlives us just long enough to clean up."""

    def __init__(self) -> None:
        self.path = make_folder()
        self.marker = f"ROADWORTHY_RUN={self.path.name}"
        """In the environment of everything that runs outside a sandbox."""
        self._folders = 0
        self._janitor = subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-S",
                str(Path(__file__).with_name("janitor.py")),
                self.marker,
                str(self.path),
                *map(str, parents()),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def variable(self) -> dict[str, str]:
        """The marker as an environment."""
        name, _, value = self.marker.partition("=")
        return {name: value}

    def new_start(self) -> tuple[str, Path]:
        """A name and a folder for one start of the agent. The name is its control group's as well."""
        folder = self.new_folder("start")
        return f"{self.path.name}-{self._folders}", folder

    def new_folder(self, kind: str) -> Path:
        """A folder of the run's own, which every user may read."""
        self._folders += 1
        folder = self.path / f"{kind}-{self._folders}"
        folder.mkdir()
        folder.chmod(0o755)  # whatever the umask is
        return folder

    def remove(self) -> None:
        """Clean up: the janitor sees that we are done, and has the last look."""
        remove_tree(self.path)
        assert self._janitor.stdin is not None
        with contextlib.suppress(OSError):
            self._janitor.stdin.close()
        self._janitor.wait()


def make_folder() -> Path:
    """A private folder that is not in the way of the stage's views."""
    return next((folder for place in PLACES if (folder := private_folder(place))), None) or Path(
        tempfile.mkdtemp(prefix="roadworthy-")
    )


def private_folder(place: str) -> Path | None:
    """A new folder for this user alone, where there is room and programs may be started."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="roadworthy-", dir=place))
    except OSError:
        return None
    facts = os.statvfs(folder)
    if facts.f_bavail and not facts.f_flag & os.ST_NOEXEC:
        return folder
    folder.rmdir()
    return None
