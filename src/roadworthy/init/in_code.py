"""What a file shows that takes requests apart itself, without a framework's routes: `http.server`, plain ASGI."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from roadworthy.findings import Place
from roadworthy.init.answers import in_literals, stream_in
from roadworthy.init.bodies import Body, read_in
from roadworthy.init.routes import HEALTH
from roadworthy.init.servers import place_of

if TYPE_CHECKING:
    from roadworthy.scan.module import Module

_PATH = re.compile(r"/[\w./-]*")


@dataclass(frozen=True, slots=True)
class InCode:
    """What a file that takes requests apart itself shows: `http.server`, plain ASGI."""

    body: Body
    answer: str | None
    path: str | None
    health: tuple[tuple[str, Place], ...]
    seen: Place
    stream: Mapping[str, Any] | None = None


def in_code(module: Module) -> InCode:
    """The path that a POST is compared with, the keys of its JSON, and the answer's key."""
    paths: list[tuple[str, ast.AST]] = []
    for constant in module.all(ast.Constant):
        if isinstance(constant.value, str) and _PATH.fullmatch(constant.value) and constant.value != "/":
            around = module.parent(constant)
            is_compared = isinstance(around, (ast.Compare, ast.MatchValue)) or (
                isinstance(around, (ast.Tuple, ast.Set, ast.List)) and isinstance(module.parent(around), ast.Compare)
            )
            if is_compared:
                paths.append((constant.value, constant))
    asked = [(path, node) for path, node in paths if not HEALTH.search(path)]
    health = tuple((path, place_of(module, node)) for path, node in paths if HEALTH.search(path))
    handler: ast.AST = next((each for each in module.functions if each.name == "do_POST"), module.tree.root)
    at = asked[0][1] if asked else handler
    answer = in_literals(handler) or in_literals(module.tree.root)
    events = any(each.value == "text/event-stream" for each in module.all(ast.Constant))
    return InCode(
        body=read_in(module.tree.root),
        answer=answer,
        path=asked[0][0] if asked else None,
        health=health,
        seen=place_of(module, at),
        stream=stream_in(module.tree.root, "sse") if events else None,
    )
