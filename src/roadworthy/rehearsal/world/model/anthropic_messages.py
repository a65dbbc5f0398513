"""Anthropic's messages: what goes in at `POST /v1/messages`, and what counting its tokens gives."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from roadworthy.rehearsal.world.model import anthropic_messages_out as out
from roadworthy.rehearsal.world.model import anthropic_thinking as thinking
from roadworthy.rehearsal.world.model.anthropic_cache import FILE_TOKENS, cached
from roadworthy.rehearsal.world.model.anthropic_threads import ThreadAsked, whole
from roadworthy.rehearsal.world.model.conversation import AnswerFormat, Conversation, Message, Tool, ToolChoice
from roadworthy.rehearsal.world.model.ledger import Ledger
from roadworthy.rehearsal.world.model.schema_form import malformed
from roadworthy.rehearsal.world.model.wire import (
    Asked,
    Body,
    MistakeError,
    Talk,
    fitted,
    invalid,
    parameters,
    tokens_in,
)

TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
KINDS = {
    "int": "a valid integer",
    "float": "a valid number",
    "str": "a valid string",
    "bool": "a valid boolean",
    "array": "a valid list",
    "object": "a valid dictionary",
}
NEEDED = {
    "text": ("text",),
    "thinking": ("thinking", "signature"),
    "tool_use": ("id", "name", "input"),
    "tool_result": ("tool_use_id",),
}
"""What a block of each type has to hold."""
CHOICES: dict[str, Literal["auto", "required", "named", "none"]] = {
    "auto": "auto",
    "any": "required",
    "tool": "named",
    "none": "none",
}


class _Block(msgspec.Struct):
    """Any content block: which keys it needs depends on its type."""

    type: str
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    id: str | None = None
    name: str | None = None
    input: Any = None
    tool_use_id: str | None = None
    content: Any = None


Content: TypeAlias = str | list[_Block]


class _Message(msgspec.Struct):
    role: Literal["user", "assistant", "system"]
    content: Content


class _Tool(msgspec.Struct):
    name: str
    type: str | None = None
    description: str | None = None
    input_schema: dict[str, Any] | None = None


class _ToolChoice(msgspec.Struct):
    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class _Format(msgspec.Struct):
    type: Literal["json_schema"]
    schema: dict[str, Any]


class _OutputConfig(msgspec.Struct):
    format: _Format | None = None


class _Countable(msgspec.Struct, kw_only=True):
    model: str
    messages: list[_Message]
    system: Content | None = None
    tools: list[_Tool] | None = None
    tool_choice: _ToolChoice | None = None
    output_config: _OutputConfig | None = None
    output_format: _Format | None = None


Fraction: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1)]


class _Body(_Countable, kw_only=True):
    max_tokens: Annotated[int, msgspec.Meta(ge=1)]
    stream: bool | None = None
    temperature: Fraction | None = None
    top_p: Fraction | None = None
    top_k: int | None = None
    stop_sequences: list[str] | None = None
    metadata: dict[str, Any] | None = None
    thinking: thinking.ThinkingAsked | None = None
    thread: ThreadAsked | None = None


def read(body: Body, ledger: Ledger, lenient: bool) -> Conversation:
    """The conversation in a request's body; raises MistakeError as the API refuses it."""
    _known(body, lenient=lenient)
    body = whole(body, ledger)
    asked = fitted(body, _Body, _mistake)
    _check_thinking(asked)
    for stop in asked.stop_sequences or ():
        if not stop.strip():
            raise invalid("stop_sequences: each stop sequence must contain non-whitespace")
    read_so_far = _conversation(body, asked, max_tokens=asked.max_tokens, stream=bool(asked.stream))
    share = cached(body, ledger)
    return replace(
        read_so_far,
        stop=tuple(asked.stop_sequences or ()),
        thinks=_thinks(asked, read_so_far),
        cache_read=share.read,
        cache_written=share.written,
    )


def count_tokens(request: Asked) -> bytes:
    """`POST /v1/messages/count_tokens`."""
    _known(request.body, lenient=request.lenient)
    asked = fitted(request.body, _Countable, _mistake)
    counted = _conversation(request.body, asked, max_tokens=None, stream=False).input_tokens
    return msgspec.json.encode({"input_tokens": counted})


def _check_thinking(asked: _Body) -> None:
    if asked.thinking is None:
        return
    choice = asked.tool_choice.type if asked.tool_choice else "auto"
    thinking.check(
        asked.thinking,
        max_tokens=asked.max_tokens,
        temperature=asked.temperature,
        choice=choice,
        has_tools=bool(asked.tools),
    )


def _thinks(asked: _Body, conversation: Conversation) -> bool:
    """With a budget once, before the first call of a tool; otherwise as the model likes, which is each time."""
    if asked.thinking is None or conversation.prefill:
        return False
    after_tools = conversation.messages[-1].role == "tool"
    return {"enabled": not after_tools, "between_tools": after_tools, "adaptive": True}.get(asked.thinking.type, False)


def _known(body: Body, *, lenient: bool) -> None:
    for name in body:
        if not lenient and name not in parameters("anthropic_messages"):
            raise invalid(f"{name}: Extra inputs are not permitted")


def _conversation(body: Body, asked: _Countable, *, max_tokens: int | None, stream: bool) -> Conversation:
    if not asked.messages:
        raise invalid("messages: at least one message is required")
    _check_content(asked.messages)
    _check_pairs(asked.messages)
    messages = tuple(part for message in asked.messages for part in _messages(message))
    if asked.system:
        messages = (Message("system", _text(asked.system)), *messages)
    last = asked.messages[-1]
    prefill = _text(last.content) if last.role == "assistant" else ""
    blocks = [block for message in asked.messages for block in _blocks(message.content)]
    tools = _tools(asked)
    described = msgspec.json.encode(body["tools"]).decode() if asked.tools else ""
    used = (msgspec.json.encode(block.input).decode() for block in blocks if block.type == "tool_use")
    images = sum(block.type == "image" for block in blocks)
    return Conversation(
        model=asked.model,
        messages=messages,
        tools=tools,
        tool_choice=_tool_choice(asked, tools),
        tool_results={
            block.tool_use_id: _result(block.content)
            for block in blocks
            if block.type == "tool_result" and block.tool_use_id is not None
        },
        answer_format=_answer_format(asked, prefill),
        stream=stream,
        parallel_tool_calls=not (asked.tool_choice and asked.tool_choice.disable_parallel_tool_use),
        max_tokens=max_tokens,
        input_tokens=tokens_in(described, *used, *(message.text for message in messages)) + FILE_TOKENS * images,
        prefill=prefill,
        body=body,
    )


def _blocks(content: Content) -> list[_Block]:
    return content if isinstance(content, list) else []


def _text(content: Content) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(block.text or "" for block in content if block.type == "text")


def _messages(message: _Message) -> list[Message]:
    """The results of tools come before what the user says beside them."""
    results = [
        Message("tool", _result(block.content), ids=(block.tool_use_id or "",))
        for block in _blocks(message.content)
        if block.type == "tool_result"
    ]
    text = _text(message.content)
    if message.role == "assistant":
        used = [block for block in _blocks(message.content) if block.type == "tool_use"]
        names, ids = tuple(block.name or "" for block in used), tuple(block.id or "" for block in used)
        return [Message("assistant", text, names, ids)]
    return results + ([Message(message.role, text)] if text or not results else [])


def _result(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(str(block.get("text", "")) for block in content if isinstance(block, dict))
    return content if isinstance(content, str) else ""


def _check_content(messages: list[_Message]) -> None:
    for index, message in enumerate(messages):
        last = index == len(messages) - 1
        if not message.content and not (last and message.role == "assistant"):
            raise invalid(
                f"messages.{index}: all messages must have non-empty content except for the optional final "
                "assistant message"
            )
        for number, block in enumerate(_blocks(message.content)):
            place = f"messages.{index}.content.{number}"
            for name in NEEDED.get(block.type, ()):
                if getattr(block, name) is None:
                    raise invalid(f"{place}.{block.type}.{name}: Field required")
            if block.type == "thinking" and thinking.is_forged(block.thinking or "", block.signature or ""):
                raise invalid(f"{place}: Invalid `signature` in `thinking` block")
            if block.type == "text" and not block.text:
                raise invalid("messages: text content blocks must be non-empty")
        if last and message.role == "assistant" and _text(message.content) != _text(message.content).rstrip():
            raise invalid("messages: final assistant content cannot end with trailing whitespace")


def _check_pairs(messages: list[_Message]) -> None:
    """Each use of a tool has its result in the next message, each result its use in the one before."""
    used: dict[str, None] = {}
    for index, message in enumerate(messages):
        results = [block for block in _blocks(message.content) if block.type == "tool_result"]
        answered = {block.tool_use_id for block in results}
        open_uses = [name for name in used if name not in answered]
        if open_uses:
            raise invalid(
                f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after: "
                f"{', '.join(open_uses)}."
            )
        for number, block in enumerate(results):
            if block.tool_use_id not in used:
                raise invalid(
                    f"messages.{index}.content.{number}: unexpected `tool_use_id` found in `tool_result` blocks: "
                    f"{block.tool_use_id}. Each must have a `tool_use` block in the previous message."
                )
        used = dict.fromkeys(
            block.id for block in _blocks(message.content) if block.type == "tool_use" and block.id is not None
        )
    if used:
        raise invalid(
            f"messages.{len(messages)}: `tool_use` ids were found without `tool_result` blocks immediately after: "
            f"{', '.join(used)}."
        )


def _tools(asked: _Countable) -> tuple[Tool, ...]:
    """The tools of the agent's own; those with a type of Anthropic's are never called."""
    tools = []
    for index, tool in enumerate(asked.tools or ()):
        if tool.type not in (None, "custom"):
            continue
        if not TOOL_NAME.fullmatch(tool.name):
            raise invalid(f"tools.{index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
        if tool.input_schema is None:
            raise invalid(f"tools.{index}.custom.input_schema: Field required")
        if tool.input_schema.get("type") != "object":
            raise invalid(f"tools.{index}.custom.input_schema.type: Input should be 'object'")
        _check_schema(tool.input_schema, f"tools.{index}.custom.input_schema")
        tools.append(Tool(tool.name, tool.description or "", tool.input_schema))
    return tuple(tools)


def _check_schema(schema: dict[str, Any], place: str) -> None:
    problem = malformed(schema)
    if problem is not None:
        raise invalid(f"{place}: JSON schema is invalid. It must match JSON Schema draft 2020-12: {problem}")


def _tool_choice(asked: _Countable, tools: tuple[Tool, ...]) -> ToolChoice:
    choice = asked.tool_choice
    if choice is None:
        return ToolChoice()
    if not asked.tools and choice.type != "none":
        raise invalid("tool_choice: may only be specified while providing tools")
    if choice.type != "tool":
        return ToolChoice(CHOICES[choice.type])
    if choice.name not in [tool.name for tool in asked.tools or ()]:
        raise invalid(f"Tool '{choice.name}' not found in provided tools")
    return ToolChoice("named", choice.name) if choice.name in [tool.name for tool in tools] else ToolChoice()


def _answer_format(asked: _Countable, prefill: str) -> AnswerFormat:
    wanted = asked.output_format or (asked.output_config.format if asked.output_config else None)
    if wanted is not None:
        _check_schema(wanted.schema, "output_config.format.schema")
        return AnswerFormat("schema", wanted.schema, strict=True)
    return AnswerFormat("json" if prefill.lstrip().startswith("{") else "text")


def _mistake(what: str, path: str) -> MistakeError:
    place = re.sub(r"\[(\d+|\.\.\.)\]", r".\1", path).removeprefix(".")
    lacks = re.match(r"Object missing required field `(.+)`", what)
    if lacks:
        return invalid(f"{place}.{lacks[1]}: Field required".removeprefix("."))
    bound = re.match(r"Expected `(?:int|float)(?: \| null)?` (>=|<=|>|<) (.+)", what)
    if bound:
        side = "greater than or equal" if bound[1] == ">=" else "less than or equal"
        return invalid(f"{place}: Input should be {side} to {bound[2]}")
    types = re.match(r"Expected `(.+)`, got `.+`", what)
    if types:
        expected = " or ".join(KINDS.get(name, name) for name in types[1].split(" | ") if name != "null")
        return invalid(f"{place}: Input should be {expected}")
    return invalid(f"{place}: {what}")


endpoint = Talk("/messages", read, out.write, out.stream, holds="messages")
