"""Rules of MODEL: model names that move, and answers that are taken for what was asked."""

from __future__ import annotations

import ast
import datetime
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.model_output import hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.origins import MODEL_TEXT, is_model_text
from roadworthy.scan.settings import is_default
from roadworthy.scan.tree import above, parent

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module

NOTICE = datetime.timedelta(days=90)
"""How long before its end a model is told of: providers announce the end 60 days to 6 months ahead."""
MODEL_KEYWORDS = ("model", "model_name", "model_id", "deployment_name", "llm_model", "chat_model", "default_model")
CHECKED = ("finish_reason", "stop_reason", "refusal", "incomplete_details", "status")
RECOVERIES = (
    "json_repair",
    "parse_json",
    "extract_json",
    "repair_json",
    "raw_decode",
    "json5",
    "dirtyjson",
    "partial_json_parser",
)


@dataclass(frozen=True, slots=True)
class Models:
    """What is known of model names."""

    families: tuple[str, ...]
    pinned: re.Pattern[str]
    fixed: frozenset[str]
    retired: dict[str, datetime.date]


@cache
def models() -> Models:
    """Model names, from data/models.toml."""
    table = tomllib.loads(files("roadworthy.data").joinpath("models.toml").read_text("utf-8"))
    retired = {name: row["on"] for row in table["retired"] for name in row["names"]}
    return Models(tuple(table["families"]), re.compile(table["pinned"]), frozenset(table["fixed"]), retired)


def ends_on(name: str, today: datetime.date | None) -> datetime.date | None:
    """The day on which a model was, or within ninety days will be, switched off; None where it lives on."""
    end = models().retired.get(name)
    today = today or datetime.datetime.now(datetime.UTC).date()
    return end if end is not None and end <= today + NOTICE else None


@hazard.rule("MODEL101", "model by an alias that moves")
def alias(module: Module, today: datetime.date | None = None) -> Iterator[Finding]:
    """A model is named without a version (`gpt-5`, `claude-sonnet-4`, `…-latest`, `…-preview`): the provider moves it.

    Quiet for dated names, for names that come from a setting, tables of names (`GPT_4O = "gpt-4o"`), models that
    run on the own machine, and in examples; what is switched off soon is told of by MODEL103.

    Why: one morning the same name is another model, and prompts and parsers that were tested with the old one break.

    Mend: name the version that you tested: `claude-sonnet-4-5-20250929`; put it into a setting.
    """
    known = models()
    for node, name in named_models(module):
        if name in known.fixed or ends_on(name, today) or known.pinned.search(name) or is_default(module, node):
            continue
        if module.moment(node) is Moment.EXAMPLE:
            continue
        yield module.finding(
            node,
            f"{name!r} is an alias: which model it is, the provider decides",
            why="the model behind it is replaced without a change of yours, and answers in another way",
            fix="name a dated version that you tested, in a setting",
            severity=Severity.NOTE if not name.endswith(("-latest", "-preview", "-exp")) else Severity.WARNING,
        )


@hazard.rule("MODEL102", "model's JSON parsed without recovery")
def parsed(module: Module) -> Iterator[Finding]:
    """`json.loads` of a model's text, and nothing handles what is no JSON.

    Quiet in a `try` that handles it, where a library repairs it, and where the request asks for a strict schema.

    Why: models put JSON into a fence, words around it, or end it half-way.

    Mend: ask for a strict schema; else catch the error, and ask again or say that the model's answer was no JSON.
    """
    if any(word in module.source for word in RECOVERIES):
        return
    for call in module.calls_to("json.loads", "pydantic.TypeAdapter().validate_json", "orjson.loads"):
        argument = call.argument(0, "s")
        if argument is None or not _is_content(module, argument):
            continue
        if _handles_errors(call.node) or _asks_for_schema(module):
            continue
        yield module.finding(
            call,
            "takes the model's text for JSON, and nothing handles other text",
            why="the first answer in a fence, with words around it or cut off ends in a JSONDecodeError",
            fix="ask for a strict schema (`response_format`), or catch `json.JSONDecodeError` here and ask again",
        )


@hazard.rule("MODEL103", "model past its retirement date")
def retired(module: Module, today: datetime.date | None = None) -> Iterator[Finding]:
    """A model is named that its provider has switched off, or will within ninety days.

    Why: requests for it are answered with 404.

    Mend: name its successor, and test the prompts with it.
    """
    today = today or datetime.datetime.now(datetime.UTC).date()
    for node, name in named_models(module):
        end = ends_on(name, today)
        if end is None:
            continue
        is_over = end <= today
        yield module.finding(
            node,
            f"{name!r} {'was' if is_over else 'will be'} switched off on {end.isoformat()}",
            why="requests for it fail" if is_over else "requests for it fail from then on",
            fix="name its successor, with its date, and test the prompts with it",
            severity=None if is_over and module.moment(node) is not Moment.UNKNOWN else Severity.WARNING,
        )


@hazard.rule("MODEL104", "answer used without a look at how it ended")
def unfinished(module: Module) -> Iterator[Finding]:
    """A model's text is used at once, as if it were always there: a refusal or a tool call leaves it None.

    Quiet where the file looks at `finish_reason` or its likes, and where the text, or the name that holds it, is only
    passed on or tested.

    Why: `None.strip()` is an AttributeError, and half an answer looks like a whole one.

    Mend: look at `finish_reason`; treat `length` and an empty text as errors with their names.
    """
    if any(word in module.source for word in CHECKED[:4]):
        return
    kept = _kept_texts(module)
    for attribute in module.all(ast.Attribute):
        around = parent(attribute)
        if _is_message_content(attribute):
            is_used = isinstance(around, (ast.Attribute, ast.Subscript)) and isinstance(around.ctx, ast.Load)
            at = around if is_used and isinstance(around, ast.expr) else attribute
        else:
            # `text = ….message.content`, and then `text.strip()`
            is_used = (
                isinstance(attribute.value, ast.Name) and (attribute.value.id, module.scope(attribute).name) in kept
            )
            at = attribute
        if is_used and module.moment(attribute) is not Moment.EXAMPLE:
            yield module.finding(
                at,
                "uses the model's text at once: it is None after a refusal or a tool call",
                why="then this line is the error, and nobody reads that the model had refused or was cut off",
                fix="look first: `if choice.finish_reason != 'stop' or not choice.message.content:`",
                severity=Severity.WARNING,
            )


def _is_message_content(node: ast.expr) -> bool:
    match node:
        case ast.Attribute(attr="content", value=ast.Attribute(attr="message")):
            return MODEL_TEXT.search(ast.unparse(node)) is not None
    return False


def _kept_texts(module: Module) -> set[tuple[str, str]]:
    """Names that hold a model's text and nothing else, and that no condition asks for: (name, scope)."""
    found = set()
    for assign in module.all(ast.Assign):
        target = assign.targets[0]
        if isinstance(target, ast.Name) and _is_message_content(assign.value):
            scope = module.scope(assign)
            is_only = len(scope.bindings.get(target.id, ())) == 1
            if is_only and not _is_asked_for(scope.node, target.id) and not _handles_errors(assign):
                found.add((target.id, scope.name))
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


def named_models(module: Module) -> Iterator[tuple[ast.expr, str]]:
    """Every place that names a model: an argument, a parameter's default, a setting."""
    if module.imports("ollama", "langchain_ollama", "vllm", "llama_cpp", "transformers"):
        return  # tags of models that lie on the own disk
    families = models().families
    for constant in module.all(ast.Constant):
        name = constant.value
        if not isinstance(name, str) or not name.startswith(families) or not re.fullmatch(r"[a-z][\w.@:-]{2,60}", name):
            continue
        around = parent(constant)
        while isinstance(around, (ast.BoolOp, ast.IfExp)):
            around = parent(around)
        match around:
            case ast.keyword(arg=str() as word) if word in MODEL_KEYWORDS:
                yield constant, name
            case ast.Assign(targets=[ast.Name(id=word)]) | ast.AnnAssign(target=ast.Name(id=word)):
                # `GPT_4O_MODEL = "gpt-4o"` names a model, and chooses none.
                is_table = re.sub(r"\W|_", "", name) in word.lower().replace("_", "")
                if ("model" in word.lower() or "llm" in word.lower()) and not is_table:
                    yield constant, name
            case ast.Call() if module.call(around).name.endswith(
                ("GenerativeModel", "ChatOpenAI", "ChatAnthropic", "OpenAIModel", "init_chat_model")
            ):
                yield constant, name
            case ast.Dict() if any(
                isinstance(key, ast.Constant) and key.value == "model" and value is constant
                for key, value in zip(around.keys, around.values, strict=True)
            ):
                yield constant, name


def _is_content(module: Module, node: ast.expr) -> bool:
    """Whether an expression is the text of a model's answer."""
    for _ in range(4):
        if is_model_text(module, node):
            return True
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("strip", "replace", "removeprefix")
        ):
            node = node.func.value
            continue
        followed = module.names.value(node)
        if followed is node:
            return False
        node = followed
    return False


def _handles_errors(node: ast.AST) -> bool:
    child = node
    for around in above(node):
        if isinstance(around, ast.Try) and child in around.body and around.handlers:
            return True
        if isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
        child = around
    return False


def _asks_for_schema(module: Module) -> bool:
    return "json_schema" in module.source or bool(
        re.search(r"response_format\s*=\s*[A-Z]|\"strict\":\s*True|text_format=", module.source)
    )
