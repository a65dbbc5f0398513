"""Answers that langchain reads into a class: `model.with_structured_output(Plan).invoke(…)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roadworthy.scan.module import Module

MAKER = "with_structured_output"
ASKS = ("invoke", "ainvoke")
_STEPS = 4
"""Names and wrappers that are followed from the call back to the model."""


def structured_answers(module: Module) -> Iterator[tuple[str, ast.Assign | ast.AnnAssign]]:
    """Names that hold such an answer and nothing else, each with the assignment; it is None where no tool was called.

    Not where the raw answer comes with it (`include_raw=True`), or the provider obeys the schema itself
    (`method="json_schema"`).
    """
    if MAKER not in module.source:
        return
    for assign in module.all(ast.Assign, ast.AnnAssign):
        target = assign.targets[0] if isinstance(assign, ast.Assign) else assign.target
        if not isinstance(target, ast.Name) or assign.value is None or not _is_answer(module, assign.value):
            continue
        if len(module.scope(target).bindings.get(target.id, ())) == 1:
            yield target.id, assign


def _is_answer(module: Module, node: ast.expr) -> bool:
    match node:
        case ast.Await(value=inner):
            return _is_answer(module, inner)
        case ast.Call(func=ast.Name(id="cast") | ast.Attribute(attr="cast"), args=[_, inner]):
            return _is_answer(module, inner)
        case ast.Call(func=ast.Attribute(attr=attr, value=model)) if attr in ASKS:
            return _is_structured(module, model)
    return False


def _is_structured(module: Module, node: ast.expr) -> bool:
    for _ in range(_STEPS):
        node = module.names.value(node)
        match node:
            case ast.Call(func=ast.Attribute(attr="with_structured_output")):
                call = module.call(node)
                return not call.has("include_raw") and call.constant(None, "method") != "json_schema"
            case ast.BinOp(op=ast.BitOr(), right=right):
                node = right
            case ast.Call(func=ast.Attribute(attr="with_retry" | "with_config", value=inner)):
                node = inner
            case _:
                return False
    return False
