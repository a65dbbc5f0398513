"""Which programs the agent starts, seen from outside through a seccomp listener (man 2 seccomp_unotify).

Children are seen, in any language; the call itself goes on unchanged.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
from collections.abc import Callable

NOTIF_RECV, NOTIF_SEND = 0xC0502100, 0xC0182101
NOTIF_SIZE = 80
CONTINUE = 1
EXECVEAT = (322, 281)
LONGEST_PATH = 4096


class ProgramWatch:
    """Reads the listener on the event loop and reports `(path, found, pid)` for each attempt."""

    def __init__(self, listener: int, report: Callable[[str, bool, int], None]) -> None:
        self._listener = listener
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(listener, self._receive)
        self._open = True
        self._early: list[tuple[str, bool, int]] | None = []
        self._agent = 0

    def ignore(self, agent: int) -> None:
        """From here on the agent's own process is known: its programs are reported, its own start is not."""
        self._agent = agent
        early, self._early = self._early or [], None
        # All that came before the agent itself was the sandbox starting it.
        own = next((number for number, (_, _, pid) in enumerate(early) if pid == agent), len(early))
        for path, found, pid in early[own:]:
            self._tell(path, found, pid)

    def _tell(self, path: str, found: bool, pid: int) -> None:
        if self._early is not None:
            self._early.append((path, found, pid))
        elif pid != self._agent:
            self._report(path, found, pid)

    def _receive(self) -> None:
        notification = bytearray(NOTIF_SIZE)
        try:
            fcntl.ioctl(self._listener, NOTIF_RECV, notification)
        except OSError:
            # ENOENT: the asker was killed meanwhile. With nobody left under the filter the listener stays
            # readable (POLLHUP) for ever, so look before going on.
            if not self._anybody_left():
                self.close()
            return
        number, pid, _flags, syscall = struct.unpack_from("QIIi", notification)
        arguments = struct.unpack_from("6Q", notification, 32)
        path = _string_at(pid, arguments[1] if syscall in EXECVEAT else arguments[0])
        if path:
            self._tell(path, _exists_for(pid, path), pid)
        try:
            fcntl.ioctl(self._listener, NOTIF_SEND, bytearray(struct.pack("QqiI", number, 0, 0, CONTINUE)))
        except OSError:
            return  # it was killed while we looked

    def _anybody_left(self) -> bool:
        import select

        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        return not any(event & select.POLLHUP for _, event in poll.poll(0))

    def close(self) -> None:
        """Stop looking. A program started afterwards fails with ENOSYS, so end the agent first."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._listener)
            os.close(self._listener)


def _string_at(pid: int, address: int) -> str | None:
    try:
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:  # noqa: PTH123
            memory.seek(address)
            # A read that reaches into an unmapped page fails as a whole: stop at the page's end first.
            text = memory.read(min(LONGEST_PATH, 4096 - address % 4096))
            if b"\0" not in text:
                text += memory.read(LONGEST_PATH)
    except (OSError, ValueError, OverflowError):
        return None
    return text.partition(b"\0")[0].decode("utf-8", "replace")


def _exists_for(pid: int, path: str) -> bool:
    """Whether the path leads to a file in the process's own root."""
    folder = f"/proc/{pid}/root" if path.startswith("/") else f"/proc/{pid}/cwd"
    return os.path.exists(folder + "/" + path)  # noqa: PTH110
