"""What the functions of a file return, and what the attributes of its classes are: objects of which class."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roadworthy.scan.module import Module

KIN = {
    "openai.AzureOpenAI()": "openai.OpenAI()",
    "openai.AsyncAzureOpenAI()": "openai.AsyncOpenAI()",
    "anthropic.AnthropicBedrock()": "anthropic.Anthropic()",
    "anthropic.AnthropicVertex()": "anthropic.Anthropic()",
    "anthropic.AsyncAnthropicBedrock()": "anthropic.AsyncAnthropic()",
    "anthropic.AsyncAnthropicVertex()": "anthropic.AsyncAnthropic()",
}
"""Clients with the same methods as another one: whichever of them a function returns, it is taken for that one."""
PROPERTIES = ("property", "functools.cached_property", "cached_property.cached_property")
"""Decorators of methods that are read like an attribute."""
MOST = 12
"""Classes of which a function may return an object, where all that is asked is what they have in common."""


def instances_of(module: Module) -> dict[str, str]:
    """`get_client()` and `Agent().client` → the class of what they are, `openai.OpenAI`, or `=app.clients.client`.

    Where it may be one of several classes, all of them: `app.chat.Chat|app.search.Search`.
    """
    found: dict[str, str] = {}
    for (of, attribute), values in module.names.attributes.items():
        _tell(found, f"{of}().{attribute}", {module.name(each) for each in values})
    for annotated in module.all(ast.AnnAssign):
        scope, target = module.scope(annotated), annotated.target
        if scope.kind == "class" and isinstance(target, ast.Name):
            _tell(found, f"{scope.name}().{target.id}", {module.names.instance_of(annotated.annotation)})
        elif (
            isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self" and scope.class_around is not None
        ):
            key = f"{scope.class_around.name}().{target.attr}"
            _tell(found, key, {module.names.instance_of(annotated.annotation)})
    returned: dict[ast.AST, list[ast.expr]] = defaultdict(list)
    for node in module.all(ast.Return):
        if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            returned[module.scope(node).node].append(node.value)
    for function in module.functions:
        scope = module.scopes.inside(function)
        key = f"{scope.name}()"
        if scope.class_around is not None and any(module.name(each) in PROPERTIES for each in function.decorator_list):
            key = f"{scope.class_around.name}().{function.name}"
        if function.returns is not None:
            _tell(found, key, {module.names.instance_of(function.returns)})
        if function in returned:
            _tell(found, key, {module.name(each) for each in returned[function]})
    return found


def bases_of(module: Module) -> dict[str, tuple[str, ...]]:
    """Class → the dotted names of its bases that may be of this project."""
    found = {}
    for each in module.all(ast.ClassDef):
        written = (base.value if isinstance(base, ast.Subscript) else base for base in each.bases)
        names = tuple(name for base in written if "." in (name := module.name(base)) and not name.startswith("?"))
        if names:
            found[module.scopes.inside(each).name] = names
    return found


def _tell(found: dict[str, str], key: str, names: set[str]) -> None:
    names = {KIN.get(each, each) for each in names}
    if key in found or not names or any(name.startswith("?") or "." not in name for name in names):
        return
    if len(names) == 1:
        name = names.pop()
        # What is no call may still be an object of another file.
        found[key] = name.removesuffix("()") if name.endswith("()") else f"={name}"
    elif len(names) <= MOST and all(name.endswith("()") for name in names):
        found[key] = "|".join(sorted(name.removesuffix("()") for name in names))
