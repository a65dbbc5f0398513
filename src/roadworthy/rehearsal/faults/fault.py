"""What a fault is: data that the world consults for each model call and each service connection."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

NEVER = math.inf
"""A hold without an end: accepted, and not a byte sent."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as a provider gives it; each wire format words and codes it in its own way."""

    status: int
    kind: Literal[
        "rate_limit",
        "insufficient_quota",
        "overloaded",
        "server_error",
        "invalid_request",
        "authentication",
        "not_found",
        "context_length",
    ]
    message: str
    retry_after: float | None = None
    """Seconds, rounded up to whole ones on the wire; None sends no such header."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call as the model makes it; `arguments` is the JSON text on the wire, valid or not."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What the model says: text, tool calls, or a refusal, and why it stopped."""

    text: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    refusal: str | None = None
    finish: Literal["stop", "tool_calls", "length", "content_filter"] = "stop"
    stopped_at: str | None = None
    """The text that ended it, where the request names one to stop at."""

    @property
    def final(self) -> bool:
        """Whether it ends the conversation."""
        return not self.tool_calls


@dataclass(frozen=True, slots=True)
class Question:
    """What a fault may look at in a model call."""

    since: float
    """Seconds since the fault met its first call; 0 for that call."""
    number: int
    """How many model calls the fault has met before this one."""
    turn: int
    """How many assistant turns the conversation holds."""
    canary: str | None
    wants_json: bool
    strict_schema: bool
    tools: tuple[str, ...]
    required_keys: tuple[str, ...] | None = None
    """The keys that the schema of the answer requires; None: it has no schema."""
    parallel: bool = True
    """Whether several tool calls in one message are allowed."""
    forced: bool = False
    """Whether the request itself names the tool that is called: the provider then keeps to it."""
    another: ToolCall | None = None
    """A further tool call that the model could make, beside those of its turn or in place of its answer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong. `name` is how reports say it: `the provider accepts and never answers`.

    hold    seconds before the first byte of the answer (`NEVER`: none comes)
    refuse  an error in place of the answer; None lets the call through
    reword  changes what the model says
    service name of a service and what its connections do: refuse, or go silent
    late    name of a service, and by how many seconds each of its answers is late
    program name of a declared binary, and for how many seconds it does nothing (`NEVER`: it never ends)

    A call that none of them touched has not met the fault.
    """

    name: str
    hold: Callable[[Question], float] | None = None
    refuse: Callable[[Question], Refusal | None] | None = None
    reword: Callable[[Turn, Question], Turn] | None = None
    service: tuple[str, Literal["refuse", "silent"]] | None = None
    late: tuple[str, float] | None = None
    program: tuple[str, float] | None = None
