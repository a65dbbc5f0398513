"""What a handler answers: where in the JSON the text is, or how its stream looks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from roadworthy.init.shapes import ANY, DEEPEST, Shape, Type, all_fields, type_of

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module
    from roadworthy.scan.scopes import Function

WORDS = (
    *("output", "answer", "response", "reply", "result", "message", "text", "content", "completion"),
    *("output_text", "final_output", "generated_text", "assistant", "bot_response", "summary", "translation"),
    *("advice", "support_advice", "data", "report", "msg"),
)
"""Names of fields that hold an answer, the likeliest first."""
_JSON_RESPONSES = ("JSONResponse", "jsonify", "json_response", "ORJSONResponse", "make_response", "UJSONResponse")
_TEXT_RESPONSES = (
    *("PlainTextResponse", "HTMLResponse", "render_template", "TemplateResponse", "FileResponse"),
    *("RedirectResponse", "redirect"),
)
_STREAMS = ("StreamingResponse", "EventSourceResponse", "StreamResponse", "Response", "stream_with_context")
_NAMES = re.compile(r"^[A-Za-z_]\w*$")


@dataclass(frozen=True, slots=True)
class Answer:
    """`path` as JSONPath where the code shows it, else the `type` in which to look for it."""

    path: str | None = None
    type: Type = ANY
    stream: Mapping[str, Any] | None = None
    is_text: bool = False
    """It is no JSON."""
    otherwise: Answer | None = None
    """What comes where no stream is asked for."""

    @property
    def is_known(self) -> bool:
        """Whether anything was seen of it."""
        return self.path is not None or self.type is not ANY or self.stream is not None


def answer_of(module: Module, function: Function, call: Call | None = None) -> Answer:
    """What a handler answers, by its response model, its annotation or what it returns."""
    returned = list(_returned(function))
    streams = {index: found for index, value in enumerate(returned) if (found := _stream(module, function, value))}
    others = [value for index, value in enumerate(returned) if index not in streams]
    whole = _whole(module, function, call, others)
    if streams:
        return replace(next(iter(streams.values())), otherwise=whole if others else None)
    return whole


def _whole(module: Module, function: Function, call: Call | None, returned: list[ast.expr]) -> Answer:
    declared = call.argument(None, "response_model") if call is not None else None
    for annotation in (declared, function.returns):
        if annotation is None or (isinstance(annotation, ast.Constant) and annotation.value is None):
            continue
        of = type_of(module, annotation)
        if of.kind == "text":
            return Answer("$", of)
        if of.kind == "class" and not of.name.startswith(("starlette.", "fastapi.", "flask.")):
            return Answer(None, of)
    best = Answer()
    for value in reversed(returned):
        found = _of_value(module, value)
        if found.path not in (None, "$"):
            return found
        best = found if found.is_known or found.is_text else best
    return best


def path_in(of: Type, known: Mapping[str, Shape], depth: int = 0) -> str | None:
    """Where in a class the answer's text is: `output`, `message.content`, `messages[-1].content`."""
    fields = all_fields(of.name, known) if of.kind == "class" and depth < DEEPEST else None
    if fields is None:
        return None
    by_name = {field.name.lower(): field for field in fields}
    for word in (*WORDS, "messages", "choices"):
        field = by_name.get(word)
        if field is None or not _NAMES.match(field.name):
            continue
        if field.type.kind in ("text", "any"):
            return field.name
        inner = field.type.inner if field.type.kind == "list" else field.type
        below = path_in(inner, known, depth + 1) if inner is not None else None
        if below is not None:
            return f"{field.name}[-1].{below}" if field.type.kind == "list" else f"{field.name}.{below}"
    texts = [
        field
        for field in fields
        if field.type.kind == "text" and not re.search(r"(id|role|type|status|model|time|name)$", field.name)
    ]
    return texts[0].name if len(texts) == 1 and _NAMES.match(texts[0].name) else None


def in_literals(around: ast.AST) -> str | None:
    """The JSONPath that the dictionaries written in a piece of code tell: `{"output": answer}`."""
    found = [
        path for node in ast.walk(around) if isinstance(node, ast.Dict) and (path := path_in_dict(node)) is not None
    ]
    ranked = sorted(
        found,
        key=lambda path: (
            WORDS.index(word) if (word := path.partition(".")[0].partition("[")[0]) in WORDS else len(WORDS)
        ),
    )
    return f"$.{ranked[0]}" if ranked else None


def path_in_dict(node: ast.Dict) -> str | None:
    """Where in a dictionary's literal the answer is."""
    keys = {
        key.value: value for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)
    }
    if "error" in keys and not any(word in keys for word in WORDS[:5]):
        return None
    for word in WORDS:
        value = keys.get(word)
        if value is None or (isinstance(value, ast.Constant) and value.value is not None):
            continue  # `{"message": "deleted"}` is no answer
        if isinstance(value, ast.Dict):
            below = path_in_dict(value)
            if below is not None:
                return f"{word}.{below}"
            continue
        return word
    return None


def _returned(function: Function) -> Iterator[ast.expr]:
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value
        waiting += list(ast.iter_child_nodes(node))


def _of_value(module: Module, value: ast.expr, depth: int = 0) -> Answer:
    if depth > 5:
        return Answer()
    if isinstance(value, ast.Tuple) and value.elts:
        code = value.elts[1] if len(value.elts) > 1 else None
        is_error = isinstance(code, ast.Constant) and isinstance(code.value, int) and code.value >= 400
        return Answer() if is_error else _of_value(module, value.elts[0], depth + 1)
    if isinstance(value, ast.Dict):
        found = path_in_dict(value)
        return Answer(f"$.{found}" if found else None)
    if isinstance(value, ast.JoinedStr):
        return Answer("$")
    if isinstance(value, ast.Call):
        return _of_call(module, value, depth)
    followed = module.names.value(value)
    return _of_value(module, followed, depth + 1) if followed is not value else Answer()


def _of_call(module: Module, value: ast.Call, depth: int) -> Answer:
    call = module.call(value)
    word = call.name.rpartition(".")[2] if not call.name.endswith("?") else ""
    if word in _TEXT_RESPONSES:
        return Answer(is_text=True)
    if word in _JSON_RESPONSES:
        content = call.argument(0, "content") or call.argument(0, "data")
        status = call.constant(1, "status_code") or call.constant(None, "status")
        if isinstance(status, int) and status >= 400:
            return Answer()
        if content is None and value.keywords:
            keys: list[ast.expr | None] = [ast.Constant(each.arg) for each in value.keywords if each.arg]
            content = ast.Dict(keys=keys, values=[each.value for each in value.keywords if each.arg])
        return Answer() if content is None else _of_value(module, content, depth + 1)
    if word in ("model_dump", "dict", "to_dict") and isinstance(value.func, ast.Attribute):
        return _of_value(module, value.func.value, depth + 1)
    if word[:1].isupper() and not call.name.startswith("?"):
        return Answer(None, Type("class", name=module.project.whole.resolved(call.name)))
    if word == "dict" and value.keywords:
        keys = [ast.Constant(each.arg) for each in value.keywords if each.arg]
        return _of_value(
            module, ast.Dict(keys=keys, values=[each.value for each in value.keywords if each.arg]), depth + 1
        )
    return Answer()


def _stream(module: Module, function: Function, value: ast.expr) -> Answer | None:
    followed = module.names.value(value)
    if not isinstance(followed, ast.Call):
        return None
    call = module.call(followed)
    word = call.name.rpartition(".")[2]
    kind = call.text(None, "media_type") or call.text(None, "mimetype") or call.text(None, "content_type") or ""
    if word not in _STREAMS or (word == "Response" and "event-stream" not in kind and "ndjson" not in kind):
        return None
    events = "event-stream" in kind or word == "EventSourceResponse"
    lines = "ndjson" in kind or "jsonl" in kind or "json" in kind
    maker = _generator(module, function, call.argument(0, "content"))
    if not events and not lines:
        written = "" if maker is None else ast.unparse(maker)
        events = "data: " in written
        if not events:
            return Answer(is_text=True)
    return Answer(stream=stream_in(maker, "sse" if events else "ndjson"))


def _generator(module: Module, function: Function, node: ast.expr | None) -> ast.AST | None:
    if node is None:
        return None
    called = node.func if isinstance(node, ast.Call) else node
    if isinstance(node, ast.Call) and module.call(node).name.endswith("stream_with_context") and node.args:
        return _generator(module, function, node.args[0])
    word = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    named = [each for each in module.functions if each.name == word]
    return named[0] if named else None


def stream_in(maker: ast.AST | None, form: str) -> dict[str, Any]:
    """The stream's format, where the text is in an event, and how it ends."""
    told: dict[str, Any] = {"format": form, "text": "$"}
    written = "" if maker is None else ast.unparse(maker)
    if maker is not None:
        words = ("delta", "token", "content", "text", "chunk", *WORDS)
        found: list[str] = []
        for node in ast.walk(maker):
            if isinstance(node, ast.Dict):
                keys = {
                    key.value: value
                    for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant)
                }
                found += [word for word in words if word in keys and not isinstance(keys[word], ast.Constant)]
        ranked = sorted(found, key=words.index)
        told["text"] = f"$.{ranked[0]}" if ranked else "$"
    told["end"] = "[DONE]" if "[DONE]" in written else None
    return told
