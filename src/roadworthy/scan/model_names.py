"""Where a file names the model that it asks: an argument, a setting, or the default of one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.scan.settings import is_default_in
from roadworthy.scan.tree import parent

if TYPE_CHECKING:
    from roadworthy.scan.module import Module

LONGEST = 100
"""Characters: no model's name is longer."""
LEAST_ROWS = 5
"""Calls of the same thing in one list that make it a table."""
_NAME = re.compile(r"(?!claude-v\d)[a-z][\w.@:-]{1,60}")
"""What may be a model's name: `claude-v3-haiku` is none, but a key of somebody's own."""
_KEYWORD = re.compile(r"^(?!.*token)(.*_)?(model|llm)(_name|_id)?$|^engine$", re.IGNORECASE)
MODEL_MAKERS = (
    *("GenerativeModel", "ChatOpenAI", "ChatAnthropic", "ChatGoogleGenerativeAI", "ChatMistralAI", "ChatVertexAI"),
    *("OpenAIModel", "OpenAIChatModel", "OpenAIResponsesModel", "AnthropicModel", "GeminiModel", "GoogleModel"),
    *("OpenAIChat", "OpenAIResponses", "LLM", "Claude", "Gemini", "LiteLlm", "LiteLLMModel", "init_chat_model"),
    *("pydantic_ai.Agent", "dspy.LM", "langchain.agents.create_agent", "prebuilt.create_react_agent"),
    *("instructor.from_provider", "litellm.completion", "litellm.acompletion", "llm.get_model"),
)
"""Ends of names of calls whose first argument, or `id`, is a model's name."""
_PROVIDER = re.compile(
    r"^(models|openai|anthropic|google|gemini|google-gla|google-vertex|vertex_ai|google_genai|google_vertexai|mistral"
    r"|mistralai|openrouter/openai|openrouter/anthropic|openrouter/google)[/:](?=[a-z])"
)
"""What stands before a model's name where one library speaks to several providers."""
_IN_ADDRESS = re.compile(r"[?&]model=(?P<asked>[\w.-]+)|/models/(?P<path>[\w.-]+)(?=:\w|/|$)")
"""Where an address names the model that is asked."""
_AZURE = re.compile(r"azure|deployment", re.IGNORECASE)
_MODELS_NAME = re.compile(r"model|llm", re.IGNORECASE)
"""Names of what holds a model's name. At Azure it is that of a deployment of one's own."""
_MEASURES = re.compile(r"token|cost|price|encod|split|chunk")
"""Functions that want to know which model is asked, and ask none."""


def named(module: Module, families: tuple[str, ...]) -> Iterator[tuple[ast.expr, str]]:
    """Every place that names a model: an argument, a parameter's default, a setting or its default."""
    if module.imports("ollama", "langchain_ollama", "vllm", "llama_cpp", "transformers"):
        return  # tags of models that lie on the own disk
    for constant in module.all(ast.Constant):
        text = constant.value
        if not isinstance(text, str) or len(text) > LONGEST or " " in text:
            continue
        if "model" in text and (found := _IN_ADDRESS.search(text)) is not None and "://" in _whole(constant):
            name = found["asked"] or found["path"]
            if name.startswith(families):
                yield constant, name
            continue
        name = _PROVIDER.sub("", text) if "/" in text or ":" in text else text
        if name.startswith(families) and _NAME.fullmatch(name) and _chooses(module, constant, name):
            yield constant, name


def _whole(constant: ast.Constant) -> str:
    """The text that this is, or is a part of."""
    around = parent(constant)
    parts = around.values if isinstance(around, ast.JoinedStr) else [constant]
    return "".join(str(each.value) for each in parts if isinstance(each, ast.Constant))


def _chooses(module: Module, constant: ast.Constant, name: str) -> bool:
    """Whether the place of a model's name chooses the model, and does not only speak of it."""
    child, around = _default_of(module, constant)
    match around:
        case ast.keyword(arg=str() as word):
            call = parent(around)
            asked = module.call(call).name if isinstance(call, ast.Call) else ""
            if _AZURE.search(asked) or _MEASURES.search(asked.rpartition(".")[2]):
                return False
            if _is_row(call):
                return False
            return _KEYWORD.search(word) is not None or (word == "id" and _makes_model(module, call))
        case (
            ast.Assign(targets=[ast.Name(id=word) | ast.Attribute(attr=word)])
            | ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=str() as word))])
            | ast.AnnAssign(target=ast.Name(id=word) | ast.Attribute(attr=word))
        ):
            # `GPT_4O_MODEL = "gpt-4o"` names a model, and chooses none.
            is_table = re.sub(r"\W|_", "", name) in word.lower().replace("_", "")
            return _is_models(word) and not is_table
        case ast.arguments():
            is_measure = _MEASURES.search(getattr(parent(around), "name", ""))
            return not is_measure and _is_models(_parameter_with(around, child))
        case ast.Call():
            return child is around or (child in around.args[:1] and _makes_model(module, around))
        case ast.Dict():
            key = around.keys[around.values.index(child)] if child in around.values else None
            return isinstance(key, ast.Constant) and _KEYWORD.search(str(key.value)) is not None
    return False


def _default_of(module: Module, node: ast.AST) -> tuple[ast.AST, ast.AST | None]:
    """What a constant stands in for, `os.environ.get("MODEL", "gpt-5")` or `a or "gpt-5"`, and what is around that.

    Where a variable, an option or a field that names a model is asked for, that is told as the call itself.
    """
    child, around = node, parent(node)
    while around is not None:
        if isinstance(around, ast.keyword) and around.arg in ("default", "default_value", "fallback"):
            child, around = around, parent(around)
        elif isinstance(around, ast.Call) and is_default_in(module, around, child):
            if _is_models(_first_word(around)):
                return around, around
            if _AZURE.search(_first_word(around)):
                return child, None  # a deployment of one's own, whatever it is called
            child, around = around, parent(around)
        elif isinstance(around, (ast.BoolOp, ast.IfExp)):
            asked = next((each for each in ast.walk(around) if _is_models(_first_word(each))), None)
            if asked is not None:
                return asked, asked
            child, around = around, parent(around)
        else:
            break
    return child, around


def _first_word(call: ast.AST) -> str:
    """What a call asks for: the name of a variable, an option or a key."""
    first = call.args[0] if isinstance(call, ast.Call) and call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _parameter_with(parameters: ast.arguments, default: ast.AST) -> str:
    positional = [*parameters.posonlyargs, *parameters.args]
    pairs = [*zip(reversed(positional), reversed(parameters.defaults), strict=False)]
    pairs += [(each, value) for each, value in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True) if value]
    return next((each.arg for each, value in pairs if value is default), "")


def _is_row(call: ast.AST | None) -> bool:
    """One of several calls of the same thing in a list: what is known of models, or of prices, not a choice."""
    around = None if call is None else parent(call)
    if not isinstance(call, ast.Call) or not isinstance(around, (ast.List, ast.Tuple)):
        return False
    same = [each for each in around.elts if isinstance(each, ast.Call) and ast.dump(each.func) == ast.dump(call.func)]
    return len(same) >= LEAST_ROWS


def _is_models(word: str) -> bool:
    return _MODELS_NAME.search(word) is not None and _AZURE.search(word) is None


def _makes_model(module: Module, call: ast.AST | None) -> bool:
    return isinstance(call, ast.Call) and module.call(call).name.removesuffix("()").endswith(MODEL_MAKERS)
