"""What a test tells the simulated model to do: steps, one for each call, as one fault on the wire."""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from roadworthy.rehearsal.faults.fault import NEVER, Fault, Question, Refusal, ToolCall, Turn

ENDED = Refusal(400, "invalid_request", "The stall that this test asked for is over.")
"""After a stall's end; no client tries it again."""


@dataclass(slots=True)
class Step:
    """What comes of so many calls."""

    left: float
    """Calls; infinite: all, until another step is given."""
    refusal: Refusal | None = None
    turn: Turn | None = None
    hold: float = 0.0
    met: int = 0


class Script:
    """The steps, in the order in which calls meet them; without one the model does as it would.

    `on_stall` is called, on the event loop, when a call is first held for good.
    """

    def __init__(self, on_stall: Callable[[], None]) -> None:
        self._steps: deque[Step] = deque()
        self._now: Step | None = None
        self._on_stall = on_stall
        self._numbers = 0
        self._stall_is_over = False
        self.fault = Fault("what the test asked for", refuse=self._refusal, hold=self._hold_of, reword=self._reworded)

    def add(self, *steps: Step) -> None:
        """Steps to come. One that holds until another is given ends now, or after one call if none has met it."""
        for step in steps:
            last = self._steps[-1] if self._steps else None
            if last is not None and last.left == math.inf:
                if last.met:
                    self._steps.pop()
                else:
                    last.left = 1
            if step.hold == NEVER:
                self._stall_is_over = False
            self._steps.append(step)

    def clear(self) -> None:
        """No step is left."""
        self._steps.clear()
        self._stall_is_over = False

    def end_stall(self) -> None:
        """Calls that would be held are refused from now on."""
        self._stall_is_over = True

    def call(self, name: str, arguments: str) -> ToolCall:
        """A call of a tool, with an id that no other has."""
        self._numbers += 1
        return ToolCall(f"call_test{self._numbers:020d}", name, arguments)

    def _refusal(self, _question: Question) -> Refusal | None:
        # Asked first, once for each call: what comes of the call is decided here.
        self._now = self._steps[0] if self._steps else None
        step = self._now
        if step is None:
            return None
        if step.hold == NEVER and self._stall_is_over:
            return ENDED
        if step.refusal is not None:
            self._meet(step)
        return step.refusal

    def _hold_of(self, _question: Question) -> float:
        step = self._now
        if step is None or not step.hold:
            return 0.0
        if step.turn is None:
            self._meet(step)
        if step.hold == NEVER:
            self._on_stall()
        return step.hold

    def _reworded(self, turn: Turn, _question: Question) -> Turn:
        step = self._now
        if step is None or step.turn is None:
            return turn
        self._meet(step)
        return step.turn

    def _meet(self, step: Step) -> None:
        step.met += 1
        step.left -= 1
        if step.left <= 0:
            self._steps.popleft()


def said(reply: object) -> Turn:
    """A reply as the model says it: a text as it is, anything else as JSON."""
    return Turn(text=reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False))
