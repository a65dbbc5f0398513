"""What the agent prints: read as it comes, redacted, bounded."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable

from roadworthy.rehearsal.observed import LONGEST_LINE, OutputLine

HEAD = TAIL = 2 << 20
"""Bytes kept from the start and from the end."""


class Output:
    """The agent's standard output and error, as two pipes whose writing ends are given to it."""

    def __init__(
        self,
        clock: Callable[[], float],
        redact: Callable[[str], str],
        tap: Callable[[bytes], None] | None = None,
    ) -> None:
        """`tap` gets the standard output as it comes, before it is split into lines."""
        self._clock, self._redact = clock, redact
        self._head: list[OutputLine] = []
        self._tail: deque[OutputLine] = deque()
        self._head_size = self._tail_size = 0
        self.dropped = 0
        self._readers: list[_Pipe] = []
        self.writers: dict[str, int] = {}
        for stream in ("stdout", "stderr"):
            reading, writing = os.pipe2(os.O_CLOEXEC)
            os.set_blocking(reading, False)
            self.writers[stream] = writing
            self._readers.append(_Pipe(reading, stream, self._line, tap if stream == "stdout" else None))

    def started(self) -> None:
        """The agent has the writing ends now: let go of ours."""
        for descriptor in self.writers.values():
            os.close(descriptor)
        self.writers.clear()

    @property
    def lines(self) -> list[OutputLine]:
        """What is kept, in order."""
        return [*self._head, *self._tail]

    async def drain(self, within: float) -> None:
        """Wait until both pipes are at their end, for `within` seconds at most."""
        waiting = [pipe.ended for pipe in self._readers]
        await asyncio.wait(waiting, timeout=within)

    def close(self) -> None:
        """Stop reading."""
        self.started()
        for pipe in self._readers:
            pipe.close()

    def _line(self, stream: str, raw: bytes) -> None:
        text = self._redact(raw[: LONGEST_LINE * 2].decode("utf-8", "replace"))[:LONGEST_LINE]
        line = OutputLine(at=self._clock(), stream=stream, text=text)
        size = len(text) + 64
        if self._head_size < HEAD:
            self._head.append(line)
            self._head_size += size
            return
        self._tail.append(line)
        self._tail_size += size
        while self._tail_size > TAIL:
            gone = len(self._tail.popleft().text) + 64
            self._tail_size -= gone
            self.dropped += gone


class _Pipe:
    """One pipe on the event loop: splits what comes into lines."""

    def __init__(
        self,
        descriptor: int,
        stream: str,
        report: Callable[[str, bytes], None],
        tap: Callable[[bytes], None] | None,
    ) -> None:
        self._descriptor, self._stream, self._report, self._tap = descriptor, stream, report, tap
        self._rest = b""
        self._is_skipping = False
        """The line has been reported up to its longest: a half secret in what follows would not be known as one."""
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_reader(descriptor, self._read)

    def _read(self) -> None:
        try:
            # One read a turn of the loop: an agent that prints without end is slowed down by its own pipe,
            # and everything else goes on.
            data = os.read(self._descriptor, 262_144)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        if self._tap is not None:
            self._tap(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if not self._is_skipping:
                self._report(self._stream, line)
            self._is_skipping = False
        if len(self._rest) > LONGEST_LINE * 2:
            if not self._is_skipping:
                self._report(self._stream, self._rest)
            self._rest, self._is_skipping = b"", True

    def close(self) -> None:
        if self.ended.done():
            return
        self._loop.remove_reader(self._descriptor)
        os.close(self._descriptor)
        if self._rest and not self._is_skipping:
            self._report(self._stream, self._rest)
        self.ended.set_result(None)
