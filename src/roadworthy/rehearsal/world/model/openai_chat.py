"""OpenAI's chat completions: what goes in at `POST /v1/chat/completions`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from roadworthy.rehearsal.world.model import openai_chat_out as out
from roadworthy.rehearsal.world.model.conversation import AnswerFormat, Conversation, Message, Tool, ToolChoice
from roadworthy.rehearsal.world.model.ledger import Ledger
from roadworthy.rehearsal.world.model.openai_rules import (
    IMAGE_TOKENS,
    MOST_STOPS,
    MOST_TOOLS,
    check_function,
    check_schema,
    check_strict,
    known,
    mentions_json,
    missing,
    not_empty,
    not_more,
    read_as,
    thinks,
)
from roadworthy.rehearsal.world.model.wire import Body, Talk, invalid, tokens_in


class _Part(msgspec.Struct):
    type: str
    text: str | None = None
    refusal: str | None = None


Content: TypeAlias = str | list[_Part] | None


class _Named(msgspec.Struct):
    name: str
    arguments: str = ""


class _Call(msgspec.Struct):
    id: str
    type: Literal["function", "custom"] = "function"
    function: _Named | None = None
    custom: dict[str, Any] | None = None


class _Message(msgspec.Struct):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Content = None
    tool_calls: list[_Call] | None = None
    tool_call_id: str | None = None
    refusal: str | None = None
    function_call: dict[str, Any] | None = None
    audio: dict[str, Any] | None = None


class _Function(msgspec.Struct):
    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None
    annotations: dict[str, Any] | None = None


class _Tool(msgspec.Struct):
    type: Literal["function", "custom"]
    function: _Function | None = None


class _Schema(msgspec.Struct):
    name: str
    schema: dict[str, Any] | None = None
    strict: bool | None = None


class _Format(msgspec.Struct):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: _Schema | None = None


class _StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]
Penalty: TypeAlias = Annotated[float, msgspec.Meta(ge=-2, le=2)]


class _Body(msgspec.Struct):
    model: str
    messages: list[_Message]
    tools: list[_Tool] | None = None
    tool_choice: Literal["none", "auto", "required"] | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    response_format: _Format | None = None
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    max_tokens: Count | None = None
    max_completion_tokens: Count | None = None
    n: Annotated[int, msgspec.Meta(ge=1, le=128)] | None = None
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    frequency_penalty: Penalty | None = None
    presence_penalty: Penalty | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    user: str | None = None
    metadata: dict[str, str] | None = None
    store: bool | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, msgspec.Meta(ge=0, le=20)] | None = None
    reasoning_effort: str | None = None
    modalities: list[str] | None = None


def read(body: Body, _ledger: Ledger, lenient: bool) -> Conversation:
    """The conversation in a request's body; raises MistakeError as the API refuses it."""
    if not lenient:
        known(body, "openai_chat")
    asked = read_as(body, _Body)
    if not asked.model:
        raise invalid("you must provide a model parameter")
    if "audio" in (asked.modalities or ()):
        raise invalid("The simulated model does not answer with sound.", param="modalities")
    not_empty(asked.messages, "messages")
    _check_pairs(asked.messages)
    messages = tuple(_message(message) for message in asked.messages)
    tools = _tools(asked)
    images = sum(
        part.type != "text"
        for message in asked.messages
        if isinstance(message.content, list)
        for part in message.content
    )
    described = msgspec.json.encode(body["tools"]).decode() if tools else ""
    arguments = (
        call.function.arguments
        for message in asked.messages
        for call in message.tool_calls or ()
        if call.function is not None
    )
    return Conversation(
        model=asked.model,
        messages=messages,
        tools=tools,
        tool_choice=_tool_choice(asked),
        tool_results={
            message.tool_call_id: read_message.text
            for message, read_message in zip(asked.messages, messages, strict=True)
            if message.tool_call_id is not None
        },
        answer_format=_answer_format(asked, messages),
        stream=bool(asked.stream),
        parallel_tool_calls=asked.parallel_tool_calls is not False,
        max_tokens=asked.max_completion_tokens or asked.max_tokens,
        stop=_stop(asked.stop),
        thinks=thinks(asked.reasoning_effort),
        logprobs=_logprobs(asked),
        input_tokens=tokens_in(described, *arguments, *(message.text for message in messages)) + IMAGE_TOKENS * images,
        usage_in_stream=_wants_usage(asked),
        choices=asked.n or 1,
    )


def _text(content: Content) -> str:
    if isinstance(content, list):
        return "\n".join(part.text or part.refusal or "" for part in content)
    return content or ""


def _message(message: _Message) -> Message:
    match message.role:
        case "system" | "developer":
            return Message("system", _text(message.content))
        case "user":
            return Message("user", _text(message.content))
        case "assistant":
            calls = [(call.function.name, call.id) for call in message.tool_calls or () if call.function]
            names, ids = tuple(name for name, _ in calls), tuple(call_id for _, call_id in calls)
            return Message("assistant", _text(message.content), names, ids)
        case _:
            return Message("tool", _text(message.content), ids=(message.tool_call_id or "",))


def _check_pairs(messages: list[_Message]) -> None:
    """Each tool call has its result right after it, each result its call; all but pure calls have content."""
    open_calls: dict[str, None] = {}
    asked_for: frozenset[str] = frozenset()
    for index, message in enumerate(messages):
        if message.role == "tool":
            if message.tool_call_id is None:
                param = f"messages[{index}].tool_call_id"
                raise invalid(f"Missing required parameter: '{param}'.", code="missing_required_parameter", param=param)
            if message.tool_call_id not in asked_for:
                raise invalid(
                    "Invalid parameter: messages with role 'tool' must be a response to a preceding message "
                    "with 'tool_calls'.",
                    param=f"messages.[{index}].role",
                )
            open_calls.pop(message.tool_call_id, None)
        else:
            _check_answered(open_calls, index)
            open_calls = dict.fromkeys(call.id for call in message.tool_calls or ())
            asked_for = frozenset(open_calls)
        says = (message.content, message.tool_calls, message.refusal, message.function_call, message.audio)
        if all(said is None for said in says) and message.role != "function":
            raise invalid(
                "Invalid value for 'content': expected a string, got null.", param=f"messages.[{index}].content"
            )
    _check_answered(open_calls, len(messages))


def _check_answered(open_calls: dict[str, None], index: int) -> None:
    if open_calls:
        raise invalid(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            f"'tool_call_id'. These did not have response messages: {', '.join(open_calls)}",
            param=f"messages.[{index}].role",
        )


def _tools(asked: _Body) -> tuple[Tool, ...]:
    not_empty(asked.tools, "tools")
    if asked.tools is None:
        for name in ("tool_choice", "parallel_tool_calls"):
            given = getattr(asked, name)
            if given is not None and given != "none" and given != "auto":
                raise invalid(f"'{name}' is only allowed when 'tools' are specified.", param=name)
        return ()
    not_more(asked.tools, MOST_TOOLS, "tools")
    tools = []
    for index, tool in enumerate(asked.tools):
        function = tool.function
        if tool.type != "function":
            continue
        if function is None:
            raise missing(f"tools[{index}].function")
        check_function(function.name, function.parameters, f"tools[{index}].function")
        if function.strict:
            check_strict(function.parameters, f"function '{function.name}'", f"tools[{index}].function.parameters")
        tools.append(
            Tool(function.name, function.description or "", function.parameters or {}, function.annotations or {})
        )
    return tuple(tools)


def _tool_choice(asked: _Body) -> ToolChoice:
    choice = asked.tool_choice
    if choice is None or isinstance(choice, str):
        return ToolChoice(choice or "auto")
    allowed = choice.get("allowed_tools")
    if isinstance(allowed, dict):
        return ToolChoice("required" if allowed.get("mode") == "required" else "auto")
    function = choice.get("function")
    name = function.get("name") if isinstance(function, dict) else None
    if name not in [tool.function.name for tool in asked.tools or () if tool.function]:
        raise invalid(f"Tool choice 'function' not found in 'tools' parameter: {name}.", param="tool_choice")
    return ToolChoice("named", name)


def _answer_format(asked: _Body, messages: tuple[Message, ...]) -> AnswerFormat:
    wanted = asked.response_format
    if wanted is None or wanted.type == "text":
        return AnswerFormat()
    if wanted.type == "json_object":
        if not mentions_json(message.text for message in messages):
            raise invalid(
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
                param="messages",
            )
        return AnswerFormat("json")
    if wanted.json_schema is None:
        raise missing("response_format.json_schema")
    schema = wanted.json_schema.schema or {}
    check_schema(schema, f"response_format '{wanted.json_schema.name}'", "response_format")
    if wanted.json_schema.strict:
        check_strict(schema, f"response_format '{wanted.json_schema.name}'", "response_format")
    return AnswerFormat("schema", schema, strict=bool(wanted.json_schema.strict))


def _stop(given: str | list[str] | None) -> tuple[str, ...]:
    stops = [given] if isinstance(given, str) else given or []
    not_more(stops, MOST_STOPS, "stop")
    return tuple(filter(None, stops))


def _logprobs(asked: _Body) -> int | None:
    if asked.logprobs:
        return asked.top_logprobs or 0
    if asked.top_logprobs is not None:
        raise invalid("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", param="top_logprobs")
    return None


def _wants_usage(asked: _Body) -> bool:
    if asked.stream_options is None:
        return False
    if not asked.stream:
        raise invalid(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options"
        )
    return bool(asked.stream_options.include_usage)


endpoint = Talk("/chat/completions", read, out.write, out.stream, holds="messages")
