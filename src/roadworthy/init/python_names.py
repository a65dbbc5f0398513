"""Which object of the project an expression is, and from which folder a file's imports start."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.scan.scopes import Import
from roadworthy.scan.tree import above

if TYPE_CHECKING:
    from roadworthy.scan.module import Module
    from roadworthy.scan.project import Project


_MODEL_WORD = re.compile(r"model|llm", re.IGNORECASE)


def identity(module: Module, node: ast.expr | None) -> str:
    """The dotted name under which an object lives in the project: `app.api.chat.router`; empty where nothing tells.

    Unlike `Module.name`, which says what made it.
    """
    match node:
        case ast.Name(id=word):
            found = module.scope(node).lookup(word)
            if found is None:
                return ""
            scope, bound = found
            if len(bound) == 1 and isinstance(bound[0], Import):
                return module.project.whole.resolved(bound[0].dotted)
            return f"{module.dotted}.{scope.name}.{word}" if scope.name else f"{module.dotted}.{word}"
        case ast.Attribute(value=value, attr=attr):
            before = identity(module, value)
            return module.project.whole.resolved(f"{before}.{attr}") if before else ""
    return ""


def import_root(project: Project, path: str) -> str:
    """The folder from which a file's imports of the project's own modules start; empty for the project's own."""
    parts = path.split("/")[:-1]
    summary = next((each for each in project.summaries.values() if each.path == path), None)
    first = {name.partition(".")[0] for name in (summary.imported if summary else ())}
    # Outer folders first: `app.main` imports `app.config`, and both `app` and `config` may be there.
    folders = ["/".join(parts[:length]) for length in range(len(parts) + 1)]
    scores = {folder: sum(_holds(project.root / folder, name) for name in first) for folder in folders}
    best = max(scores.values())
    if best:
        return next(folder for folder in folders if scores[folder] == best)
    while parts and (project.root / "/".join(parts) / "__init__.py").is_file():
        parts.pop()
    return "/".join(parts)


def below(path: str, folder: str) -> str:
    """A path as it is written from a folder above it."""
    return path.removeprefix(f"{folder}/") if folder else path


def dotted_below(path: str, folder: str) -> str:
    """The module's name that `python -m` or uvicorn takes in a folder."""
    return below(path, folder).removesuffix(".py").removesuffix("/__init__").removesuffix("/__main__").replace("/", ".")


def names_model(node: ast.expr) -> bool:
    """Whether a text stands where a model is named: `model="openai:gpt-5"`, `Agent("openai:gpt-5")`."""
    for around in above(node):
        match around:
            case ast.keyword(arg=str() as word) if _MODEL_WORD.search(word):
                return True
            case ast.Assign(targets=[ast.Name(id=word), *_]) | ast.AnnAssign(target=ast.Name(id=word)):
                return _MODEL_WORD.search(word) is not None
            case ast.Call(func=ast.Name(id=word) | ast.Attribute(attr=word)) if node in around.args:
                return word.endswith(("Agent", "init_chat_model", "create_agent", "create_react_agent", "LLM"))
            case ast.stmt():
                return False
    return False


def _holds(folder: Path, name: str) -> bool:
    # A folder of data may be named like a library: only one with Python in it is a package.
    return (folder / f"{name}.py").is_file() or any((folder / name).glob("*.py"))
