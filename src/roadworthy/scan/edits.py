"""Mends as edits of a Python file's text: a node replaced, an argument added, a name imported for it.

Each gives None where it is not sure: in a notebook, inside an f-string, where a name means something else. Nothing is
formatted anew: all around an edit stays as it was written.
"""

from __future__ import annotations

import ast
import hashlib
import io
import sys
import tokenize
from collections.abc import Iterable
from typing import TYPE_CHECKING

from roadworthy.findings import Edit, Replacement
from roadworthy.scan.scopes import Bound, Import
from roadworthy.scan.tree import parent

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module

Place = tuple[int, int]
"""Line and column in characters, both from 1."""
_INSIDE_TEXT = tuple(kind for name in ("JoinedStr", "TemplateStr") if (kind := getattr(ast, name, None)) is not None)
_FILLING = (tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


def content_of(text: str) -> str:
    """What an edit knows its text by; line ends have to be `\\n`."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def written(module: Module, node: ast.expr) -> str:
    """An expression as it stands in the file, quotes and all."""
    (first, start), (last, end) = _span(module, node)
    lines = _lines(module)[first - 1 : last]
    lines[-1] = lines[-1][: end - 1]
    lines[0] = lines[0][start - 1 :]
    return "\n".join(lines)


def replaced(module: Module, node: ast.expr, text: str, *imports: Replacement) -> Edit | None:
    """`text` in place of an expression, with what has to be imported for it."""
    if not _is_editable(module, node):
        return None
    return _edit(module, [Replacement(*_span(module, node), text), *imports])


def with_argument(call: Call, text: str, *imports: Replacement) -> Edit | None:
    """The call with `text`, `timeout=10`, behind its other arguments; what it gives already is not looked at."""
    module, node = call.module, call.node
    alone = node.args[0] if len(node.args) == 1 and not node.keywords else None
    if not _is_editable(module, node) or isinstance(alone, ast.GeneratorExp):
        return None
    last = _last_token(module, node)
    if last is None:
        return None
    before, end = last
    if before == "(":
        added = Replacement(end, end, text)
    elif before == ",":
        added = _behind_comma(module, node, end, text)
    else:
        added = Replacement(end, end, f", {text}")
    return _edit(module, [added, *imports])


def imported(
    module: Module, at: ast.AST, home: str, name: str | None = None
) -> tuple[str, tuple[Replacement, ...]] | None:
    """How a module, or a name of it, is written at this place, and the import that has to be added for it.

    None where its name means something else there, or is only imported under a condition.
    """
    ways = [(home, None, "")] if name is None else [(home, name, ""), (home, None, f".{name}")]
    for module_name, member, rest in ways:
        dotted = module_name if member is None else f"{module_name}.{member}"
        for word, bound in module.scopes.module.bindings.items():
            if [getattr(each, "dotted", None) for each in bound] == [dotted] and _is_usable(module, at, word, bound[0]):
                return word + rest, ()
    for module_name, member, rest in ways:
        word = member or module_name
        if "." not in word and _is_free(module, at, word):
            statement = f"import {word}" if member is None else f"from {module_name} import {member}"
            added = _import_added(module, statement, module_name)
            return None if added is None else (word + rest, (added,))
    return None


def _edit(module: Module, replacements: Iterable[Replacement]) -> Edit:
    return Edit(module.path, content_of(module.source), tuple(replacements))


def _is_editable(module: Module, node: ast.AST) -> bool:
    # What stands in an f-string has other quotes to mind, and before Python 3.12 no reliable place.
    is_inside = module.inside(node, *_INSIDE_TEXT, stop_at_function=False) is not None
    return module.path.endswith((".py", ".pyi")) and not is_inside


def _lines(module: Module) -> list[str]:
    """The lines as the parser counts them: a form feed, which `str.splitlines` breaks a line at, ends none."""
    found: list[str] | None = module.remembered.get("lines of edits")
    if found is None:
        found = module.remembered["lines of edits"] = module.source.split("\n")
    return found


def _place(module: Module, line: int, offset: int) -> Place:
    """The parser counts columns in bytes of UTF-8, from 0."""
    return line, len(_lines(module)[line - 1].encode()[:offset].decode()) + 1


def _span(module: Module, node: ast.expr) -> tuple[Place, Place]:
    assert node.end_lineno is not None and node.end_col_offset is not None
    end = _place(module, node.end_lineno, node.end_col_offset)
    return _place(module, node.lineno, node.col_offset), end


def _last_token(module: Module, node: ast.Call) -> tuple[str, Place] | None:
    """The last token before the bracket that closes a call, and its end."""
    start, _ = _span(module, node)
    around = f"({written(module, node)})"  # so that its line ends are none of a statement
    shift = start[1] - 2
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(around).readline))
    except (tokenize.TokenError, SyntaxError):
        return None
    found = [each for each in tokens if each.type not in _FILLING][:-2]
    if len(found) < 2:
        return None
    last, (line, column) = found[-1].string, found[-1].end
    end = start[0] + line - 1, column + 1 + (shift if line == 1 else 0)
    # Some versions of Python count columns behind long characters wrong.
    is_there = _lines(module)[end[0] - 1][: end[1] - 1].endswith(last.rpartition("\n")[2])
    return (last, end) if is_there else None


def _behind_comma(module: Module, node: ast.Call, comma: Place, text: str) -> Replacement:
    """On a line of its own where the other arguments are."""
    lines = _lines(module)
    rest = lines[comma[0] - 1][comma[1] - 1 :].strip()
    first = [*node.args, *(each.value for each in node.keywords)][-1].lineno
    before = lines[first - 1]
    indent = before[: len(before) - len(before.lstrip(" \t"))]
    if first > node.lineno and (not rest or rest.startswith("#")):
        end = comma[0], len(lines[comma[0] - 1]) + 1
        return Replacement(end, end, f"\n{indent}{text},")
    return Replacement(comma, comma, f" {text},")


def _is_usable(module: Module, at: ast.AST, word: str, bound: Bound) -> bool:
    """Whether what is imported for the whole file is what this name is here, and is there before it is needed."""
    scope = module.scopes.of(at)
    found = scope.lookup(word)
    if found is None or found[0] is not module.scopes.module:
        return False
    if not isinstance(bound, Import) or not isinstance(parent(bound.node), ast.Module):
        return False
    return scope.kind == "function" or bound.node.lineno < getattr(at, "lineno", 0)


def _is_free(module: Module, at: ast.AST, word: str) -> bool:
    """Whether this name is nowhere in the file, not even as a parameter's or a pattern's."""
    if module.scopes.of(at).lookup(word) is not None or "*" in module.scopes.module.bindings:
        return False
    used = {node.id for node in module.all(ast.Name)} | {node.arg for node in module.all(ast.arg)}
    return word not in used | {node.name for node in module.all(ast.MatchAs, ast.MatchStar)}


def _import_added(module: Module, statement: str, home: str) -> Replacement | None:
    """A line among the file's first imports, or where they would be."""
    body = module.tree.root.body
    first = 1 if ast.get_docstring(module.tree.root, clean=False) is not None else 0
    block: list[ast.Import | ast.ImportFrom] = []
    for node in body[first:]:
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            break
        block.append(node)
    wanted = _order(statement.startswith("from"), home)
    others = [node for node in block if not _is_future(node)]
    before = [node for node in others if _order_of(node) < wanted]
    if before:
        return _line_behind(module, before[-1], statement)
    if others:
        is_other_group = _order_of(others[0])[0] != wanted[0]
        return _line_before(module, others[0], f"{statement}\n\n" if is_other_group else f"{statement}\n")
    if block or first:
        return _line_behind(module, [*body[:first], *block][-1], f"\n{statement}")
    return _line_before(module, body[0], f"{statement}\n\n")


def _order(is_from: bool, home: str) -> tuple[bool, bool, str]:
    """Where a sorter of imports puts it: the standard library first, `import` before `from`."""
    return home.partition(".")[0] not in sys.stdlib_module_names, is_from, home


def _order_of(node: ast.Import | ast.ImportFrom) -> tuple[bool, bool, str]:
    is_from = isinstance(node, ast.ImportFrom)
    home = (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
    return (True, is_from, "~") if isinstance(node, ast.ImportFrom) and node.level else _order(is_from, home)


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _line_behind(module: Module, node: ast.stmt, text: str) -> Replacement | None:
    assert node.end_lineno is not None and node.end_col_offset is not None
    end = _place(module, node.end_lineno, node.end_col_offset)
    line = _lines(module)[end[0] - 1]
    rest = line[end[1] - 1 :].strip()
    if rest and not rest.startswith("#"):
        return None  # another statement stands on the line
    place = end[0], len(line) + 1
    return Replacement(place, place, f"\n{text}")


def _line_before(module: Module, node: ast.stmt, text: str) -> Replacement | None:
    decorators = getattr(node, "decorator_list", [])
    line = min([node.lineno, *(each.lineno for each in decorators)])
    is_continued = line > 1 and _lines(module)[line - 2].endswith("\\")
    if node.col_offset or is_continued:
        return None
    return Replacement((line, 1), (line, 1), text)
