"""An agent that is a command: a process for each request, the input in, the answer on its standard output.

Every process has a sandbox and a network of its own in the one world of its session; what several of them write
into files is not shared between them.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable, Sequence
from copy import copy
from pathlib import Path

from roadworthy.rehearsal.driver import KEPT, Input
from roadworthy.rehearsal.leaks import Leaks
from roadworthy.rehearsal.observed import Exchange, Life, OutputLine
from roadworthy.rehearsal.output import Output
from roadworthy.rehearsal.stage.setting import Setting
from roadworthy.rehearsal.stage.stage import Programs, Running, Start
from roadworthy.rehearsal.surroundings import Surroundings
from roadworthy.rehearsal.world.world import World

PIPE = 65_536
"""Bytes that a new pipe takes (man 7 pipe)."""
DRAIN = 1.0
"""Seconds for the last of its output to arrive, once it has ended."""


class OneShotAgent:
    """Starts the command for each request. Times are the session's.

    Its life is that of no single process: it is ready from the start and does not end. Where refusing to start
    is right (`may_not_start`), a process that does not answer has refused: `life` tells of its end then, and its
    request counts as not sent.
    """

    def __init__(
        self,
        around: Surroundings,
        world: World,
        leaks: Leaks,
        clock: Callable[[], float],
        programs: Programs,
        *,
        may_refuse: bool,
    ) -> None:
        self.life = Life(ready=0.0)
        self.folders: list[Path] = []
        """Of each start, the one that its views are in."""
        self.output: list[OutputLine] = []
        """What went to standard error; standard output too, where it is no answer."""
        self.output_dropped = 0
        self.memory: list[tuple[float, int]] = []
        self.killed_for_memory = False
        self._around, self._world, self._leaks, self._clock = around, world, leaks, clock
        self._programs, self._may_refuse = programs, may_refuse
        self._setting: Setting | None = None

    async def start(self, setting: Setting, begins: Callable[[], None]) -> None:
        """Nothing is started before there is a request."""
        self._setting = setting
        begins()

    async def talk(self, exchange: Exchange, asked: Input, patience: float) -> None:
        """Start the command with this input, and wait for its end. Raises TimeoutError, and OSError."""
        raw = bytearray()
        output = Output(self._clock, str, tap=lambda data: raw.extend(data[: KEPT - len(raw)]))
        running: Running | None = None
        began = self._clock()
        try:
            running = await self._run(asked.text, output)
            # What came before was ours.
            exchange.driver_late += self._clock() - began
            exchange.sent = self._clock()
            async with asyncio.timeout(patience):
                status = await running.exit_status()
            ended = self._clock()
            exchange.noise = running.noise.during(exchange.sent, ended)
            await output.drain(DRAIN)
            self._fill(exchange, status, raw, output)
            if self._may_refuse and exchange.canary not in (exchange.answer or ""):
                self.life.exited, self.life.exit_status, exchange.sent = ended, status, None
            exchange.ended = ended
        except TimeoutError:
            self._note(output, with_answer=True)
            raise
        finally:
            if running is not None:
                self.memory += running.memory.samples
                self.killed_for_memory = self.killed_for_memory or running.memory.has_killed
                await running.end()
            output.close()

    async def settle(self, within: float) -> None:
        """Each process has settled with its request."""

    async def close(self) -> None:
        """Each process has ended with its request."""

    async def _run(self, text: str, output: Output) -> Running:
        assert self._setting is not None
        around, setting = self._around, copy(self._setting)
        name, folder = around.folder.new_start()
        self.folders.append(folder)
        source: int | None = None
        if around.ground.manifest.agent.input == "argument":
            setting.command = (*setting.command, text)
        else:
            source = _pipe_that_holds(text)
        start = Start(
            setting=setting,
            ground=around.ground,
            folder=folder,
            name=name,
            world=self._world,
            output=output,
            programs=self._programs,
            clock=self._clock,
            marker=around.folder.variable,
            source=source,
        )
        try:
            return await around.stage.start(start)
        finally:
            if source is not None:
                os.close(source)

    def _fill(self, exchange: Exchange, status: int, raw: bytearray, output: Output) -> None:
        exchange.exit_status = status
        exchange.status = 200 if status == 0 else 500
        said = self._leaks.redacting("the answer")(raw.decode("utf-8", "replace"))
        exchange.body = said.encode()
        if status == 0:
            exchange.answer = said.strip()
        errors = self._note(output, with_answer=status != 0)
        exchange.stderr = "\n".join(line.text for line in errors if line.stream == "stderr")

    def _note(self, output: Output, *, with_answer: bool) -> Sequence[OutputLine]:
        """Keep what it printed, redacted: an answer is none of it."""
        redact = self._leaks.redacting("the output")
        lines = [line for line in output.lines if with_answer or line.stream == "stderr"]
        for line in lines:
            line.text = redact(line.text)
        self.output += lines
        self.output_dropped += output.dropped
        return lines


def _pipe_that_holds(text: str) -> int:
    """The reading end of a pipe with all of the text in it, and its end."""
    data = text.encode()
    reading, writing = os.pipe2(os.O_CLOEXEC)
    try:
        if len(data) > PIPE:
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, len(data))
        os.write(writing, data)
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    return reading
