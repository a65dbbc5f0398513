"""Rules of MODEL: answers that are used as if they were there and whole."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.model_output import hazard
from roadworthy.hazards.model_output_in_source import handles, is_message_content
from roadworthy.scan.moments import Moment, serves
from roadworthy.scan.origins import GOOGLE, is_model_text
from roadworthy.scan.structured import structured_answers
from roadworthy.scan.tree import above, parent

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module

CHECKED = ("finish_reason", "stop_reason", "refusal", "incomplete_details", "status")
_NONE = "uses the model's text at once: it is None after a refusal or a tool call"
_ENDS_EARLY = "an answer that was cut off is taken for a whole one, and after a refusal or a tool call it is None"
_NOT_LOOKED = "returns the model's text without a look at whether it is whole"
_BOUND = re.compile(r"max_(completion_|output_)?tokens['\"]?\s*[=:]\s*(?!None)")
_GENERATES = ("generate_content", "generate_content_async", "send_message", "send_message_async")
"""Methods of Google's libraries that give an answer of Gemini's."""
_BLOCK_TYPE = re.compile(r"\.type\s*(==|!=|in\b)|TextBlock")
_INVOKES = ("invoke", "ainvoke", "predict", "apredict")
"""Methods of langchain's chat models that give a message."""
_SENDS = (
    "send_message",
    "reply_text",
    "edit_text",
    "edit_message_text",
    "reply_to",
    "send_text",
    "say",
    "chat_postMessage",
)
"""Methods of chat services that send a text, and refuse what is none."""
_IS_LOG = re.compile(r"logg(er|ing)|\blog\b|print|raise")


@hazard.rule("MODEL104", "answer used without a look at how it ended")
def unfinished(module: Module) -> Iterator[Finding]:
    """A model's text is used at once, as if it were always there: a refusal or a tool call leaves it None.

    Used is what has a method called, is cut, is returned by a function that does not say that it may be None, becomes
    part of a text, is sent, or goes into the conversation as the assistant's; of Anthropic's answers also what is done
    for each block. So is what stands behind a mark in the text that nobody looks for: `text.split("</think>")[1]`,
    and a field of what `with_structured_output` gave.
    Quiet where the file looks at `finish_reason` or its likes, where the text, or the name that holds it, is
    only passed on or tested, where an error leads to another answer, and in a server's function that nothing calls.

    Why: `None.strip()` is an AttributeError, a None in the conversation is refused with the next request, and half an
    answer looks like a whole one.

    Mend: look at `finish_reason`; treat `length` and an empty text as errors with their names.
    """
    yield from _parts_behind_marks(module) if "split(" in module.source else ()
    yield from _structured(module)
    if "content" not in module.source or any(word in module.source for word in CHECKED[:4]):
        return
    yield from _first_blocks(module)
    yield from _blocks_run(module)
    yield from _geminis(module)
    kept = _kept_texts(module)
    names: list[ast.Name] = module.all(ast.Name) if kept else []
    gets = [call.node for call in module.methods("get")]
    for node in (*module.all(ast.Attribute, ast.Subscript), *gets, *names):
        if isinstance(node, ast.Name):  # `text = ….message.content`, and then `text.strip()`
            if not isinstance(node.ctx, ast.Load) or (node.id, module.scope(node).name) not in kept:
                continue
        elif not is_message_content(module, node):
            continue
        if isinstance(node, ast.Name) and kept[node.id, module.scope(node).name] and not _is_promised(module, node):
            continue  # where the text is taken an error leads to another answer; a None is no error there
        use = _use(module, node)
        if use is not None and module.moment(node) is not Moment.EXAMPLE and not _is_dead(module, node):
            at, message, why = use
            if isinstance(node, ast.Name):
                del kept[node.id, module.scope(node).name]  # told once
            yield module.finding(
                at,
                message,
                why=why,
                fix="look first: `if choice.finish_reason != 'stop' or not choice.message.content:`",
                severity=Severity.WARNING,
            )


def _blocks_run(module: Module) -> Iterator[Finding]:
    """A loop over the blocks of Anthropic's answer that runs its tool calls, in a file that never looks at the end."""
    if not module.imports("anthropic") or "tool_use" not in module.source:
        return
    if not any(
        "messages" in call.name or "messages" in ast.unparse(call.node.func) for call in module.methods("create")
    ):
        return
    for loop in module.all(ast.For):
        if isinstance(loop.iter, ast.Attribute) and loop.iter.attr == "content":
            of = ast.unparse(loop.iter.value)
            if (
                re.search(r"response|resp|completion|answer|reply|result", of)
                and module.moment(loop) is not Moment.EXAMPLE
            ):
                yield module.finding(
                    loop.iter,
                    f"uses {of}.content without a look at why the model stopped",
                    why="a tool call that `max_tokens` cut off is run, and a refusal leaves an empty message behind",
                    fix=f"look first: `if {of}.stop_reason not in ('end_turn', 'tool_use'):`",
                    severity=Severity.WARNING,
                )
                return


def _first_blocks(module: Module) -> Iterator[Finding]:
    """Anthropic's `response.content[0].text`, in a file that looks neither at the end nor at a block's type."""
    if not module.imports("anthropic") or _BLOCK_TYPE.search(module.source):
        return
    for node in module.all(ast.Attribute):
        match node:
            case ast.Attribute(
                attr="text",
                ctx=ast.Load(),
                value=ast.Subscript(value=ast.Attribute(attr="content"), slice=ast.Constant(value=0)),
            ) if module.moment(node) is not Moment.EXAMPLE and not _falls_back(node):
                yield module.finding(
                    node,
                    "takes the first block for the whole answer: it may be a tool call, or cut off at `max_tokens`",
                    why="a block without a text is an AttributeError here, and half an answer looks like a whole one",
                    fix="look first: `if response.stop_reason != 'end_turn':`, and join the blocks of type `text`",
                    severity=Severity.WARNING,
                )


def _geminis(module: Module) -> Iterator[Finding]:
    """Gemini's `response.text`, in a file that looks neither at the candidates nor at what was blocked."""
    if not module.imports(*GOOGLE) or re.search(r"prompt_feedback|\.candidates|block_reason", module.source):
        return
    for node in module.all(ast.Attribute):
        made = module.names.value(node.value) if node.attr == "text" and isinstance(node.ctx, ast.Load) else None
        if not isinstance(made, ast.Call) or module.name(made.func).rpartition(".")[2] not in _GENERATES:
            continue
        written = ast.unparse(node)
        tests = (each.test for each in module.all(ast.If, ast.IfExp) if module.scope(each) is module.scope(node))
        if any(written in ast.unparse(test) for test in tests) or handles(node):
            continue
        use = _use(module, node)
        if use is not None and module.moment(node) is not Moment.EXAMPLE:
            yield module.finding(
                use[0],
                use[1],
                why="a blocked prompt or answer has no text: it is None, or a ValueError in the older library",
                fix=f"look first: `if not {ast.unparse(node.value)}.candidates:`, and at its `finish_reason`",
                severity=Severity.WARNING,
            )


def _use(module: Module, node: ast.expr) -> tuple[ast.expr, str, str] | None:
    """Where a text is used as if it were there and whole, what is wrong with that, and what comes of it."""
    match parent(node):
        case ast.Attribute(ctx=ast.Load()) | ast.Subscript(ctx=ast.Load()) as around if not _falls_back(node):
            at = around if not isinstance(node, ast.Name) else node
            return at, _NONE, "then this line is the error, and nobody reads that the model had refused or was cut off"
        case ast.Return() if _promises_text(module.scope(node).node):
            return node, _NONE, "the caller was promised a `str`, and fails with None where nobody thinks of the model"
        case ast.Return() if _BOUND.search(module.source):
            return node, _NOT_LOOKED, "an answer that reached `max_tokens` ends half-way, and is taken for a whole one"
        case ast.Return() if not _may_be_none(module.scope(node).node):
            return node, _NOT_LOOKED, _ENDS_EARLY
        case ast.FormattedValue() if not _IS_LOG.search(ast.unparse(_statement(node))):
            return node, _NONE, "what is sent then has the word 'None' where the answer should be"
        case ast.Dict() as entry if _is_remembered(entry):
            return node, _NONE, "None goes into the conversation, and the provider refuses the next request for it"
        case ast.keyword() | ast.Call() as taken if _takes_text(taken, node) and not _falls_back(node):
            return node, _NONE, "what is given None here fails, and nobody reads that the model had refused"
    return None


def _takes_text(around: ast.keyword | ast.Call, node: ast.expr) -> bool:
    """Whether it is the text of a message that is made or sent: `AIMessage(content=…)`, `bot.send_message(id, …)`."""
    call = parent(around) if isinstance(around, ast.keyword) else around
    if not isinstance(call, ast.Call) or call.func is node:
        return False
    word = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return word in _SENDS or (word.endswith("Message") and word[:1].isupper())


def _parts_behind_marks(module: Module) -> Iterator[Finding]:
    """`text.split("</think>")[1]` of a model's text, where nobody asks whether the mark is in it."""
    for call in module.methods("split", "partition"):
        taken, mark = module.parent(call.node), call.constant(0)
        if not isinstance(taken, ast.Subscript) or not isinstance(mark, str) or not mark.strip():
            continue
        at = module.constant(taken.slice)
        if call.name.endswith("partition") or not isinstance(at, int) or at < 1:
            continue
        function = call.node.func
        if not isinstance(function, ast.Attribute) or not _is_of_model(module, function.value):
            continue
        if _is_mark_asked_for(module, call.node, mark) or handles(call.node) or module.moment(call) is Moment.EXAMPLE:
            continue
        yield module.finding(
            taken,
            f"takes what stands behind {mark!r} in the model's text, and nobody asks whether it is there",
            why="an answer that was cut off, or written in another way, is an IndexError here",
            fix=f"ask first: `if {mark!r} in …`, and else take the text as it is, or ask the model again",
            severity=Severity.WARNING,
        )


def _structured(module: Module) -> Iterator[Finding]:
    """A field of what `with_structured_output` gave, in a function that never asks whether it gave something."""
    for name, assign in structured_answers(module):
        scope = module.scope(assign)
        if _is_asked_for(scope.node, name) or handles(assign) or module.moment(assign) is Moment.EXAMPLE:
            continue
        for node in module.all(ast.Name):
            around = parent(node)
            is_used = isinstance(around, (ast.Attribute, ast.Subscript)) and around.value is node
            if node.id != name or not is_used or module.scope(node) is not scope or handles(node):
                continue
            yield module.finding(
                around if isinstance(around, ast.expr) else node,
                f"takes {name} for what was asked: it is None where the model called no tool",
                why="a refusal, or an answer in plain words, is `'NoneType' object …` here",
                fix=f"look first: `if {name} is None:`, and ask again or say so",
                severity=Severity.WARNING,
            )
            break


def _is_of_model(module: Module, node: ast.expr) -> bool:
    """Whether it is a model's text: of an answer's choices, or the content of what `invoke` of a chat model gave."""
    for _ in range(4):
        followed = module.names.value(node)
        if is_message_content(module, followed) or is_model_text(module, followed):
            return True
        match followed:
            case ast.Attribute(attr="content", value=answer):
                made = module.names.value(answer)
                return isinstance(made, ast.Call) and ast.unparse(made.func).rpartition(".")[2] in _INVOKES
            case ast.Call(func=ast.Attribute(value=inner, attr="strip")):
                node = inner
            case _:
                return False
    return False


def _is_mark_asked_for(module: Module, node: ast.AST, mark: str) -> bool:
    """Whether a condition of the function asks for the mark, before or around."""
    scope = module.scope(node)
    tests = (each.test for each in module.all(ast.If, ast.IfExp) if module.scope(each) is scope)
    return any(isinstance(each, ast.Constant) and each.value == mark for test in tests for each in ast.walk(test))


def _is_remembered(entry: ast.Dict) -> bool:
    """`messages.append({"role": "assistant", "content": …})`."""
    is_assistants = any(
        isinstance(key, ast.Constant) and key.value == "role" and getattr(value, "value", "") == "assistant"
        for key, value in zip(entry.keys, entry.values, strict=True)
    )
    around = parent(entry)
    return is_assistants and isinstance(around, ast.Call) and getattr(around.func, "attr", "") == "append"


def _promises_text(function: ast.AST) -> bool:
    promised = getattr(function, "returns", None)
    return isinstance(promised, ast.Name) and promised.id == "str"


def _may_be_none(function: ast.AST) -> bool:
    """Whether a function says that it may return None."""
    promised = getattr(function, "returns", None)
    return promised is not None and re.search(r"None|Optional|Any", ast.unparse(promised)) is not None


def _is_dead(module: Module, node: ast.AST) -> bool:
    """Whether it stands in a function of a server's own file that nothing calls, hands over or imports."""
    scope = module.scope(node)
    function = scope.node
    if scope.outer is not module.scopes.module or not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    if module.moment(node) is not Moment.UNKNOWN or function.decorator_list or not serves(module):
        return False
    if module.project.is_imported(module.dotted):
        return False
    return not any(each.id == scope.name and isinstance(each.ctx, ast.Load) for each in module.all(ast.Name))


def _statement(node: ast.AST) -> ast.AST:
    return next((each for each in above(node) if isinstance(each, ast.stmt)), node)


def _falls_back(node: ast.AST) -> bool:
    """Whether what catches the error returns another answer, and not what the error says."""
    child = node
    for around in above(node):
        if isinstance(around, ast.Try) and child in around.body:
            for handler in around.handlers:
                last = handler.body[-1]
                if isinstance(last, ast.Assign) and not any(isinstance(each, ast.Return) for each in handler.body):
                    return True  # a value that goes on in its place
                if isinstance(last, ast.Return) and last.value is not None and not _is_constant(last.value):
                    return not any(isinstance(each, ast.Name) and each.id == handler.name for each in ast.walk(last))
        if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
        child = around
    return False


def _is_constant(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and not value.value


def _is_promised(module: Module, node: ast.Name) -> bool:
    """Whether it is returned by a function that promises a text."""
    return isinstance(parent(node), ast.Return) and _promises_text(module.scope(node).node)


def _kept_texts(module: Module) -> dict[tuple[str, str], bool]:
    """Names that hold a model's text and nothing else, and that no condition asks for: (name, scope).

    To each, whether an error is caught where it is taken.
    """
    found = {}
    for assign in module.all(ast.Assign):
        target = assign.targets[0]
        if isinstance(target, ast.Name) and is_message_content(module, assign.value):
            scope = module.scope(assign)
            bound = scope.bindings.get(target.id, ())
            is_only = all(isinstance(each, ast.expr) and is_message_content(module, each) for each in bound)
            if is_only and not _is_asked_for(scope.node, target.id):
                found[target.id, scope.name] = handles(assign)
    return found


def _is_asked_for(around: ast.AST, name: str) -> bool:
    for node in ast.walk(around):
        tests: list[ast.expr] = []
        if isinstance(node, (ast.If, ast.IfExp, ast.While, ast.Assert)):
            tests = [node.test]
        elif isinstance(node, ast.BoolOp):
            tests = node.values
        if any(isinstance(each, ast.Name) and each.id == name for test in tests for each in ast.walk(test)):
            return True
    return False
