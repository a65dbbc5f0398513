"""What an agent asks of a model, in no provider's words: messages, tools, and the shape of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from roadworthy.rehearsal.canary import canaries_in


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call; `schema` is the JSON Schema of its arguments."""

    name: str
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    annotations: Mapping[str, Any] = field(default_factory=dict)
    """Hints in the words of the Model Context Protocol, where a request carries them: `readOnlyHint` …"""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. `calls` are the names of the tools that an assistant's turn called.

    `ids` are the ids of those calls in the same order, or for a tool's result the id of its call.
    """

    role: Literal["system", "user", "assistant", "tool"]
    text: str
    calls: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Whether the model may, must or must not call a tool, or must call the one that is named."""

    mode: Literal["auto", "none", "required", "named"] = "auto"
    name: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerFormat:
    """The shape that the request asks for: text, any JSON object, or JSON that fits `schema`."""

    kind: Literal["text", "json", "schema"] = "text"
    schema: Mapping[str, Any] = field(default_factory=dict)
    strict: bool = False
    """The provider guarantees the schema."""


@dataclass(frozen=True)
class Conversation:
    """One request to a model. Not slotted: what is derived from it is worked out once."""

    model: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = ToolChoice()
    tool_results: Mapping[str, str] = field(default_factory=dict)
    """By call id."""
    answer_format: AnswerFormat = AnswerFormat()
    stream: bool = False
    parallel_tool_calls: bool = True
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    """Texts that end the answer before they are said."""
    thinks: bool = False
    """Whether the model is to think before it speaks, and to tell of it."""
    logprobs: int | None = None
    """How many likely tokens are told beside each of the answer's; None: no probabilities are told."""
    input_tokens: int = 0
    """An estimate: four characters a token."""
    cache_read: int = 0
    cache_written: int = 0
    """Tokens of the input that were in the provider's cache, and that are in it from now on."""
    prefill: str = ""
    """The beginning of the answer, where the agent has written it itself."""
    usage_in_stream: bool = True
    choices: int = 1
    body: Mapping[str, Any] = field(default_factory=dict)
    """The request itself, where its answer repeats parts of it."""

    @property
    def turn(self) -> int:
        """How many assistant turns it holds."""
        return sum(message.role == "assistant" for message in self.messages)

    @cached_property
    def last_user_text(self) -> str:
        """What the user said last."""
        return next((message.text for message in reversed(self.messages) if message.role == "user"), "")

    @cached_property
    def canary(self) -> str | None:
        """The canary of this request: the last one in the last user message, else the last one anywhere."""
        found = canaries_in(self.last_user_text)
        if found:
            return found[-1]
        for message in reversed(self.messages):
            found = canaries_in(message.text)
            if found:
                return found[-1]
        return None

    @cached_property
    def called(self) -> tuple[str, ...]:
        """The tools called since the user's message with the canary, in order.

        A session's earlier requests do not count. Some agents keep the calls as plain text in assistant
        messages (hand-offs that fold the history, agents that write their own transcripts): there a name in
        quotes, or before a bracket, counts as a call.
        """
        names: list[str] = []
        for message in self.messages[self._start :]:
            if message.role == "assistant":
                names += message.calls or [tool.name for tool in self.tools if _tells_of(tool.name, message.text)]
        return tuple(names)

    @property
    def turn_in_request(self) -> int:
        """Which turn of the model comes next, counted as `called` counts: 1 is the first."""
        return 1 + sum(message.role == "assistant" for message in self.messages[self._start :])

    @cached_property
    def last_text(self) -> str:
        """What the user or a tool said last."""
        said = (message.text for message in reversed(self.messages) if message.role in ("user", "tool"))
        return next(said, "")

    @cached_property
    def results(self) -> tuple[tuple[str, str], ...]:
        """The results of the request's tool calls, each with the tool's name, in order."""
        names: dict[str, str] = {}
        found = []
        for message in self.messages[self._start :]:
            if message.role == "assistant":
                names.update(zip(message.ids, message.calls, strict=False))
            elif message.role == "tool" and message.ids:
                found.append((names.get(message.ids[0], ""), message.text))
        return tuple(found)

    @property
    def _start(self) -> int:
        users = [index for index, message in enumerate(self.messages) if message.role == "user"]
        if self.canary is None:
            return users[-1] if users else 0
        return next((index for index in users if self.canary in self.messages[index].text.lower()), 0)


def _tells_of(name: str, text: str) -> bool:
    if name not in text:
        return False
    marked = (f'"{name}"', f"'{name}'", f"`{name}`", f"{name}(")
    return any(mark in text for mark in marked)
