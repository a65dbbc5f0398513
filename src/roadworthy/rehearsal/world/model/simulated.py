"""The simulated model: each offered tool once, then the answer with the request's canary. Always the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from roadworthy.manifest.model import ScriptEntry
from roadworthy.rehearsal.canary import PATTERN
from roadworthy.rehearsal.faults.fault import ToolCall, Turn
from roadworthy.rehearsal.world.model.answers import filled_in, final_answer, with_canary
from roadworthy.rehearsal.world.model.conversation import Conversation, Tool
from roadworthy.rehearsal.world.model.limits import bounded
from roadworthy.rehearsal.world.model.schema import Fits, Hints, fitting
from roadworthy.rehearsal.world.model.script import scripted, turn_in
from roadworthy.rehearsal.world.model.thinking import telling_word
from roadworthy.rehearsal.world.model.writing_tools import reads_only, writing_word

MOST_CALLS = 8
"""Tool calls in a conversation: more than any sound agent needs, fewer than the stock limits of frameworks."""
STEPS_LEFT = 2
"""Steps of the agent's budget that are left for the answer and for one correction."""
ANSWERING = re.compile(
    r"^(final|structured|submit|return|give|provide)_?(answer|result|output|response)s?|^(respond|answer|finish)$",
    re.IGNORECASE,
)
"""Names of tools by which a framework takes the final answer, as if it were a tool call."""
NUMBERED = re.compile(r"((^|[_\W])(id|no|nr|num)|I[dD]|[nN]umber)$")
"""Names of parameters that take the digits of a request."""
FOLDER = re.compile(r"(path|dir|directory|folder)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the user decides of the simulated model.

    answer        the final text, with `{{canary}}` in it; None: shaped after the request
    tools         arguments by tool, also the list of tools that may be called; None: all that only look
    script        entries of the user's script: the first that fits says what comes, before all else
    steps         `budgets.steps` of the manifest
    allow_writes  tools that change something may be called too
    """

    answer: str | None = None
    tools: Mapping[str, Mapping[str, Any]] | None = None
    script: tuple[ScriptEntry, ...] = ()
    steps: int = 20
    allow_writes: bool = False

    @property
    def most_calls(self) -> int:
        """Tool calls in one conversation, hand-offs included."""
        return max(0, min(MOST_CALLS, self.steps - STEPS_LEFT))


def turn_for(conversation: Conversation, behaviour: Behaviour, new_id: Callable[[], str]) -> Turn:
    """What the model says next, within the request's limits. An error of the script is not said: the provider
    gives it.
    """
    return bounded(_turn(conversation, behaviour, new_id), conversation)


def _turn(conversation: Conversation, behaviour: Behaviour, new_id: Callable[[], str]) -> Turn:
    reply = scripted(conversation, behaviour.script)
    if reply is not None:
        return turn_in(reply, conversation, new_id)
    choice = conversation.tool_choice
    if not conversation.tools or choice.mode == "none":
        return final_answer(conversation, behaviour.answer)
    if choice.mode == "named":
        return _forced(conversation, behaviour, new_id)
    tool = _next_tool(conversation, behaviour)
    if tool is not None:
        return _calling(tool, _arguments(tool, conversation, behaviour), new_id)
    answering = _answering_tool(conversation)
    if answering is not None:
        return _calling(answering, _answer_in(answering, conversation, behaviour), new_id)
    return final_answer(conversation, behaviour.answer)


def another_call(
    turn: Turn, conversation: Conversation, behaviour: Behaviour, new_id: Callable[[], str]
) -> ToolCall | None:
    """A call to go beside those of `turn`: of the next tool, or of the same once more.

    In place of an answer: of a tool that was called before, once more; None where none was, or none may be.
    """
    if not turn.tool_calls or ANSWERING.search(turn.tool_calls[0].name):
        again = (tool for tool in reversed(conversation.tools) if tool.name in conversation.called)
        tool = next((tool for tool in again if _may_call(tool, behaviour)), None)
        if tool is None or conversation.tool_choice.mode == "none":
            return None
        return _calling(tool, _arguments(tool, conversation, behaviour), new_id).tool_calls[0]
    own = turn.tool_calls[0]
    taken = {*conversation.called, *(call.name for call in turn.tool_calls)}
    for tool in conversation.tools:
        if tool.name not in taken and not ANSWERING.search(tool.name) and _may_call(tool, behaviour):
            return _calling(tool, _arguments(tool, conversation, behaviour), new_id).tool_calls[0]
    return replace(own, id=new_id())


def left_out(conversation: Conversation, behaviour: Behaviour) -> dict[str, str]:
    """The tools that are not called because they change something, each with the word that says so."""
    if behaviour.allow_writes:
        return {}
    listed = {*(behaviour.tools or {}), *(call.name for entry in behaviour.script for call in entry.reply.calls)}
    found = ((tool.name, writing_word(tool)) for tool in conversation.tools if tool.name not in listed)
    return {name: word for name, word in found if word is not None and not ANSWERING.search(name)}


def _may_call(tool: Tool, behaviour: Behaviour) -> bool:
    if behaviour.tools is not None:
        return tool.name in behaviour.tools
    return behaviour.allow_writes or writing_word(tool) is None


def _next_tool(conversation: Conversation, behaviour: Behaviour) -> Tool | None:
    called = conversation.called
    if len(called) >= behaviour.most_calls:
        return None
    for tool in conversation.tools:
        if tool.name in called or ANSWERING.search(tool.name) or not _may_call(tool, behaviour):
            continue
        if conversation.tool_choice.mode == "required" and _is_the_only_way_out(tool, conversation):
            continue
        return tool
    return None


def _answering_tool(conversation: Conversation) -> Tool | None:
    """The tool whose arguments are the answer: one named like that, or the last where a call is required."""
    required = conversation.tool_choice.mode == "required"
    for tool in conversation.tools:
        if ANSWERING.search(tool.name) and (required or tool.name not in conversation.called):
            return tool
    return conversation.tools[-1] if required else None


def _is_the_only_way_out(tool: Tool, conversation: Conversation) -> bool:
    """A request for structured output: one tool, it must be called, and it is not there to look something up."""
    return len(conversation.tools) == 1 and not reads_only(tool)


def _forced(conversation: Conversation, behaviour: Behaviour, new_id: Callable[[], str]) -> Turn:
    tool = next(tool for tool in conversation.tools if tool.name == conversation.tool_choice.name)
    if _is_the_only_way_out(tool, conversation) or ANSWERING.search(tool.name) or tool.name in conversation.called:
        return _calling(tool, _answer_in(tool, conversation, behaviour), new_id)
    if _may_call(tool, behaviour):
        return _calling(tool, _arguments(tool, conversation, behaviour), new_id)
    return final_answer(conversation, behaviour.answer)


def _calling(tool: Tool, arguments: Any, new_id: Callable[[], str]) -> Turn:
    text = msgspec.json.encode(arguments).decode()
    return Turn(tool_calls=(ToolCall(new_id(), tool.name, text),), finish="tool_calls")


def _arguments(tool: Tool, conversation: Conversation, behaviour: Behaviour) -> Any:
    """Arguments that fit the tool's schema. Canaries stay out of them: a tool's result is no answer."""
    given = (behaviour.tools or {}).get(tool.name) or {}
    said = PATTERN.sub(" ", conversation.last_user_text)
    made = fitting(tool.schema or {"type": "object"}, _hints(said))
    return {**made, **given} if isinstance(made, dict) else dict(given)


def _answer_in(tool: Tool, conversation: Conversation, behaviour: Behaviour) -> Any:
    """The arguments that are the answer: the canary is in them, in its place where the user gives them."""
    given = (behaviour.tools or {}).get(tool.name)
    made = with_canary(tool.schema, conversation.canary)
    if not given or not isinstance(made, dict):
        return made
    filled = filled_in(msgspec.json.encode(given).decode(), conversation.canary)
    return {**made, **msgspec.json.decode(filled)}


def _hints(said: str) -> Hints:
    word = telling_word(said)
    digits = re.search(r"\d{1,15}", said)

    def text(name: str, fits: Fits) -> str | None:
        if digits and NUMBERED.search(name) and fits(digits[0]):
            return digits[0]
        if FOLDER.search(name) and fits("."):
            return "."
        return word

    def number(name: str) -> int | None:
        return int(digits[0]) if digits and NUMBERED.search(name) else None

    return Hints(text, number, optional=False)
