"""Every node of a file is found, in the order of the source, and knows what it stands in."""

from __future__ import annotations

import ast
import sys
import sysconfig
from pathlib import Path

import pytest

from roadworthy.scan.tree import Tree, home, parent

STANDARD_LIBRARY = Path(sysconfig.get_paths()["stdlib"])
OPERATORS = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
SYNTAX = """
from __future__ import annotations
import a.b as c, d
from .e import f as g, h
@c
class K(Base, metaclass=M):
    x: int = 1
    async def m(self, /, p=1, *a, q: int = 2, **k) -> str:
        global X
        nonlocal_ = lambda y: y
        async with c as z, d: await z
        async for i in z: yield i
        return f"{x!r:>{w}} {y}"
match v:
    case {"a": 1, **rest}: pass
    case P(1, k=2) | [_, *others] | None if t: pass
try: pass
except (A, B) as e: raise e from None
x = {**a, "b": [*c]} if not d else (yield)
del x[1:2, ...], y
w: int
[i async for i in z if i]
while (n := f(*a, **k)): break
"""


NEWER = "class K[T]: pass\ntype L[*S, **P] = list[int]\ndef f[T: int](x: T) -> T: return x\n"
"""Type parameters, which came with Python 3.12."""


@pytest.mark.parametrize(
    "path",
    ["typing.py", "dataclasses.py", "asyncio/base_events.py", "argparse.py", "ast.py", "enum.py", "json/decoder.py"],
)
def test_all_nodes_of_a_file_are_found(path: str) -> None:
    source = (STANDARD_LIBRARY / path).read_text("utf-8")

    _complete(source)


def test_all_kinds_of_syntax_are_walked() -> None:
    _complete(SYNTAX + (NEWER if sys.version_info >= (3, 12) else ""))


def _complete(source: str) -> None:
    tree = Tree(source)
    own = [node for nodes in tree.nodes.values() for node in nodes]
    all_nodes = [node for node in ast.walk(tree.root) if not isinstance(node, OPERATORS)]
    assert {id(node) for node in own} == {id(node) for node in all_nodes}
    for node in all_nodes:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, OPERATORS):
                assert parent(child) is node
        assert isinstance(home(node), (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
