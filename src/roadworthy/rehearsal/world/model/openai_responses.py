"""OpenAI's responses: what goes in at `POST /v1/responses`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from roadworthy.rehearsal.world.model import openai_responses_out as out
from roadworthy.rehearsal.world.model.conversation import AnswerFormat, Conversation, Message, Tool, ToolChoice
from roadworthy.rehearsal.world.model.ledger import Ledger
from roadworthy.rehearsal.world.model.openai_rules import (
    IMAGE_TOKENS,
    check_function,
    check_schema,
    check_strict,
    known,
    mentions_json,
    missing,
    read_as,
    unknown_value,
)
from roadworthy.rehearsal.world.model.wire import Asked, Body, Talk, invalid, tokens_in

PARTS = ("input_text", "input_image", "input_file", "input_audio", "output_text", "refusal")


class _Part(msgspec.Struct):
    type: str
    text: str | None = None
    refusal: str | None = None


Content: TypeAlias = str | list[_Part] | None


class _Item(msgspec.Struct):
    """Any input item: which keys it needs depends on its type."""

    type: str | None = None
    role: Literal["user", "assistant", "system", "developer"] | None = None
    content: Content = None
    call_id: str | None = None
    name: str | None = None
    arguments: Any = None
    output: Any = None


class _Format(msgspec.Struct):
    type: Literal["text", "json_object", "json_schema"]
    name: str | None = None
    schema: dict[str, Any] | None = None
    strict: bool | None = None


class _Text(msgspec.Struct):
    format: _Format | None = None


class _Reasoning(msgspec.Struct):
    effort: str | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None


class _Tool(msgspec.Struct):
    type: str
    name: str | None = None
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class _Prompt(msgspec.Struct):
    id: str
    variables: dict[str, Any] | None = None


class _Body(msgspec.Struct):
    model: str | None = None
    input: str | list[_Item] | None = None
    instructions: str | None = None
    previous_response_id: str | None = None
    conversation: str | dict[str, Any] | None = None
    prompt: _Prompt | None = None
    tools: list[_Tool] | None = None
    tool_choice: Literal["none", "auto", "required"] | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    text: _Text | None = None
    stream: bool | None = None
    store: bool | None = None
    max_output_tokens: Annotated[int, msgspec.Meta(ge=16)] | None = None
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    metadata: dict[str, str] | None = None
    user: str | None = None
    include: list[str] | None = None
    top_logprobs: Annotated[int, msgspec.Meta(ge=0, le=20)] | None = None
    reasoning: _Reasoning | None = None


def read(body: Body, ledger: Ledger, lenient: bool) -> Conversation:
    """The conversation in a request's body; raises MistakeError as the API refuses it."""
    if not lenient:
        known(body, "openai_responses")
    asked = read_as(body, _Body)
    if not asked.model and asked.prompt is None:
        raise missing("model")
    return _conversation(body, asked, ledger)


def count_tokens(request: Asked) -> bytes:
    """`POST /v1/responses/input_tokens`."""
    if not request.lenient:
        known(request.body, "openai_input_tokens")
    counted = _conversation(request.body, read_as(request.body, _Body), request.ledger).input_tokens
    return msgspec.json.encode({"object": "response.input_tokens", "input_tokens": counted})


def _conversation(body: Body, asked: _Body, ledger: Ledger) -> Conversation:
    before = _before(asked, ledger)
    items = _items(asked)
    results = _results(items, before)
    messages = before.messages + _messages(items)
    if asked.instructions:
        messages = (Message("system", asked.instructions), *messages)
    tools = _tools(asked)
    described = msgspec.json.encode(body["tools"]).decode() if tools else ""
    images = sum(
        part.type == "input_image" for item in items if isinstance(item.content, list) for part in item.content
    )
    arguments = (item.arguments for item in items if isinstance(item.arguments, str))
    return Conversation(
        model=asked.model or "",
        messages=messages,
        tools=tools,
        tool_choice=_tool_choice(asked, tools),
        tool_results=results,
        answer_format=_answer_format(asked, messages),
        stream=bool(asked.stream),
        parallel_tool_calls=asked.parallel_tool_calls is not False,
        max_tokens=asked.max_output_tokens,
        thinks=asked.reasoning is not None and asked.reasoning.effort != "none",
        logprobs=asked.top_logprobs or 0 if "message.output_text.logprobs" in (asked.include or ()) else None,
        input_tokens=tokens_in(described, *arguments, *(message.text for message in messages)) + IMAGE_TOKENS * images,
        body=body,
    )


def _before(asked: _Body, ledger: Ledger) -> out.Answered:
    if asked.conversation is not None:
        name = asked.conversation if isinstance(asked.conversation, str) else asked.conversation.get("id")
        raise invalid(f"Conversation with id '{name}' not found.", status=404)
    if asked.previous_response_id is None:
        return out.Answered(())
    stored = ledger.stored(asked.previous_response_id, out.Answered)
    if stored is None:
        raise invalid(
            f"Previous response with id '{asked.previous_response_id}' not found.",
            code="previous_response_not_found",
            param="previous_response_id",
        )
    return stored


def _items(asked: _Body) -> list[_Item]:
    given = asked.input
    if isinstance(given, str):
        return [_Item(role="user", content=given)]
    if given is None and asked.prompt is not None:
        said = [value for value in (asked.prompt.variables or {}).values() if isinstance(value, str)]
        return [_Item(role="user", content="\n".join(said))]
    if given is None:
        raise invalid("One of 'input', 'previous_response_id', 'prompt' or 'conversation' must be provided.")
    for index, item in enumerate(given):
        _check_item(item, f"input[{index}]")
    return given


def _check_item(item: _Item, param: str) -> None:
    if item.type in (None, "message"):
        if item.role is None and item.type == "message":
            raise missing(f"{param}.role")
        if item.role is not None and item.content is None:
            raise missing(f"{param}.content")
    elif item.type == "function_call":
        for name in ("call_id", "name", "arguments"):
            if getattr(item, name) is None:
                raise missing(f"{param}.{name}")
    elif item.type == "function_call_output":
        for name in ("call_id", "output"):
            if getattr(item, name) is None:
                raise missing(f"{param}.{name}")
    if isinstance(item.content, list) and item.type in (None, "message"):
        for number, part in enumerate(item.content):
            if part.type not in PARTS:
                raise unknown_value(f"{param}.content[{number}]", part.type, PARTS)


def _results(items: list[_Item], before: out.Answered) -> dict[str, str]:
    """The results of tools by call id. Each has its call, each call its result."""
    calls = set(before.open_calls)
    calls.update(item.call_id for item in items if item.type == "function_call" and item.call_id)
    results = {
        item.call_id: _output(item.output)
        for item in items
        if item.type == "function_call_output" and item.call_id is not None
    }
    for call_id in results:
        if call_id not in calls:
            raise invalid(f"No tool call found for function call output with call_id {call_id}.", param="input")
    for call_id in sorted(calls):
        if call_id not in results:
            raise invalid(f"No tool output found for function call {call_id}.", param="input")
    return results


def _output(output: Any) -> str:
    if isinstance(output, list):
        return "\n".join(str(part.get("text", "")) for part in output if isinstance(part, dict))
    return str(output)


def _messages(items: list[_Item]) -> tuple[Message, ...]:
    """Items that follow one another on the assistant's side are one turn."""
    messages: list[Message] = []
    for item in items:
        if item.type == "function_call_output":
            messages.append(Message("tool", _output(item.output), ids=(item.call_id or "",)))
        elif item.type == "function_call":
            _append_turn(messages, Message("assistant", "", (item.name or "",), (item.call_id or "",)))
        elif item.role == "assistant":
            _append_turn(messages, Message("assistant", _text(item.content)))
        elif item.role == "user":
            messages.append(Message("user", _text(item.content)))
        elif item.role is not None:
            messages.append(Message("system", _text(item.content)))
    return tuple(messages)


def _append_turn(messages: list[Message], said: Message) -> None:
    if messages and messages[-1].role == "assistant":
        last = messages.pop()
        text = "\n".join(filter(None, (last.text, said.text)))
        said = Message("assistant", text, last.calls + said.calls, last.ids + said.ids)
    messages.append(said)


def _text(content: Content) -> str:
    if isinstance(content, list):
        return "\n".join(part.text or part.refusal or "" for part in content)
    return content or ""


def _tools(asked: _Body) -> tuple[Tool, ...]:
    """The functions offered; tools that the provider runs itself are never called."""
    tools = []
    for index, tool in enumerate(asked.tools or ()):
        if tool.type != "function":
            continue
        if tool.name is None:
            raise missing(f"tools[{index}].name")
        check_function(tool.name, tool.parameters, f"tools[{index}]")
        if tool.strict:
            check_strict(tool.parameters, f"function '{tool.name}'", f"tools[{index}].parameters")
        tools.append(Tool(tool.name, tool.description or "", tool.parameters or {}))
    return tuple(tools)


def _tool_choice(asked: _Body, tools: tuple[Tool, ...]) -> ToolChoice:
    choice = asked.tool_choice
    if choice is None or isinstance(choice, str):
        if choice == "required" and not asked.tools:
            raise invalid("Tool choice 'required' must be specified with 'tools' parameter.", param="tool_choice")
        return ToolChoice(choice or "auto")
    if choice.get("type") == "allowed_tools":
        return ToolChoice("required" if choice.get("mode") == "required" else "auto")
    if choice.get("type") != "function":
        return ToolChoice()
    name = choice.get("name")
    if name not in [tool.name for tool in tools]:
        raise invalid("Tool choice 'function' not found in 'tools' parameter.", param="tool_choice")
    return ToolChoice("named", name)


def _answer_format(asked: _Body, messages: tuple[Message, ...]) -> AnswerFormat:
    wanted = asked.text.format if asked.text else None
    if wanted is None or wanted.type == "text":
        return AnswerFormat()
    if wanted.type == "json_object":
        if not mentions_json(message.text for message in messages if message.role != "system"):
            raise invalid(
                "Response input messages must contain the word 'json' in some form to use 'text.format' of type "
                "'json_object'.",
                param="input",
            )
        return AnswerFormat("json")
    for name in ("name", "schema"):
        if getattr(wanted, name) is None:
            raise missing(f"text.format.{name}")
    check_schema(wanted.schema, f"response_format '{wanted.name}'", "text.format.schema")
    if wanted.strict:
        check_strict(wanted.schema, f"response_format '{wanted.name}'", "text.format.schema")
    return AnswerFormat("schema", wanted.schema or {}, strict=bool(wanted.strict))


endpoint = Talk("/responses", read, out.write, out.stream, holds="input")
