"""Cleans up after a rehearsal that was killed before it could do so itself.

Run as a program (`python -I -S janitor.py MARKER FOLDER PARENT…`), standard library only. It waits for the end of its
standard input: that comes when roadworthy is gone, however it went. Then it kills every process that carries
the run's marker in its environment, sees the run's folder among its mounts, or is in one of the run's control
groups (those below the PARENTs are named after the folder), and removes the groups and the folder.
"""

import os
import shutil
import signal
import stat
import sys
import time

PATIENCE = 4.0
"""Seconds to go on trying: what is left then is not ours to remove."""


def processes() -> list[int]:
    """Every other process that can be seen."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]  # noqa: PTH208


def marked(marker: bytes) -> list[int]:
    """Processes whose environment holds the marker."""
    return [pid for pid in processes() if marker in read(f"/proc/{pid}/environ").split(b"\0")]


def mounting(folder: bytes) -> list[int]:
    """Processes with mounts that come from the folder: every sandbox's do.

    `folder` is its name alone: a mount's source is told from the root of its file system on.
    """
    return [pid for pid in processes() if b"/" + folder + b"/" in read(f"/proc/{pid}/mountinfo")]


def read(path: str) -> bytes:
    """A file's content; nothing for what is another user's, or gone."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return b""


def groups_below(parents: list[str], prefix: str) -> list[str]:
    """The run's control groups."""
    found = []
    for parent in parents:
        try:
            found += [f"{parent}/{name}" for name in os.listdir(parent) if name.startswith(prefix)]  # noqa: PTH208
        except OSError:
            continue
    return found


def members(groups: list[str]) -> set[int]:
    """The processes in these control groups; 0 is how the kernel shows one of another namespace."""
    found: set[int] = set()
    for group in groups:
        found.update(map(int, read(group + "/cgroup.procs").split()))
    return found - {0}


def remove_tree(folder: str | os.PathLike[str]) -> None:
    """Remove a folder as far as this user can, also what the agent has closed: mode 0 keeps no owner out."""
    if not os.path.isdir(folder):  # noqa: PTH112
        return
    for place, names, _ in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)  # noqa: PTH118
            try:
                if not stat.S_ISLNK(os.lstat(path).st_mode):
                    os.chmod(path, 0o700)  # noqa: PTH101
            except OSError:
                continue  # gone, or not ours
    shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Wait, then clean."""
    marker, folder, parents = sys.argv[1].encode(), sys.argv[2], sys.argv[3:]
    name = os.path.basename(folder)  # noqa: PTH119
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.read()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        groups = groups_below(parents, name + "-")
        left = {*marked(marker), *mounting(os.fsencode(name)), *members(groups)}
        for process in left:
            try:
                os.kill(process, signal.SIGKILL)
            except OSError:
                continue  # gone meanwhile
        for group in groups:
            try:
                os.rmdir(group)  # noqa: PTH106
            except OSError:
                continue
        remove_tree(folder)
        if not left and not groups and not os.path.exists(folder):  # noqa: PTH110
            break
        time.sleep(0.02)


if __name__ == "__main__":
    main()
