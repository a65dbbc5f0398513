"""Constants, followed through assignments: text with holes where a part is only known when the program runs."""

from __future__ import annotations

import ast
from typing import Any, Final

from roadworthy.scan.names import Names

HOLE: Final = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands in a text for what is not known: `http://￼:8080`."""


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        return False


UNKNOWN: Final = _Unknown()
"""The value of what only the running program knows."""
DEEPEST = 50
"""Steps into an expression and from name to name."""
LONGEST = 100_000
"""Characters of a text: a few lines of names within names can stand for more than the memory holds."""
_JOINING = ("os.path.join", "posixpath.join")
_LARGEST = 10**15
"""Factors beyond are no count, size or number of seconds; Python may be unable to multiply or write them."""
_PATHS = ("pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath")
_SAME_PATH = ("resolve", "absolute", "expanduser", "as_posix")
_SAME = ("os.path.expanduser", "os.path.normpath", "os.path.abspath", "str", "os.fspath")


def constant(names: Names, node: ast.expr | None) -> Any:
    """The constant an expression stands for, or UNKNOWN; lists, tuples, sets and dictionaries of constants too."""
    if node is None:
        return UNKNOWN
    return _constant(names, node, 0)


def text(names: Names, node: ast.expr | None) -> str | None:
    """The text an expression stands for, with holes; None where it is no text, or nothing of it is known."""
    if node is None:
        return None
    found = _text(names, node, 0)
    return None if found is None or not found.strip(HOLE) else found


def _constant(names: Names, node: ast.expr, depth: int) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if node not in names.constants:
        names.constants[node] = UNKNOWN  # what is made of itself
        names.constants[node] = UNKNOWN if depth > DEEPEST else _found_constant(names, node, depth)
    return names.constants[node]


def _found_constant(names: Names, node: ast.expr, depth: int) -> Any:
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            values = [_constant(names, part, depth + 1) for part in parts]
            return UNKNOWN if any(value is UNKNOWN for value in values) else values
        case ast.Dict(keys=keys, values=parts):
            if any(key is None for key in keys):
                return UNKNOWN
            pairs = [
                (_constant(names, key, depth + 1), _constant(names, part, depth + 1))
                for key, part in zip(keys, parts, strict=True)
                if key is not None
            ]
            is_known = all(isinstance(key, (str, int)) and value is not UNKNOWN for key, value in pairs)
            return dict(pairs) if is_known else UNKNOWN
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            value = _constant(names, inner, depth + 1)
            return -value if isinstance(value, (int, float)) else UNKNOWN
        case ast.BinOp(op=ast.Mult(), left=left, right=right):
            factors = _constant(names, left, depth + 1), _constant(names, right, depth + 1)
            numbers = [factor for factor in factors if isinstance(factor, (int, float)) and abs(factor) < _LARGEST]
            return numbers[0] * numbers[1] if len(numbers) == 2 else UNKNOWN
    followed = names.value(node)
    if followed is not node:
        return _constant(names, followed, depth + 1)
    found = _text(names, node, depth + 1)
    return UNKNOWN if found is None or HOLE in found else found


def _text(names: Names, node: ast.expr, depth: int) -> str | None:
    if node not in names.texts:
        names.texts[node] = None
        found = None if depth > DEEPEST else _found_text(names, node, depth)
        names.texts[node] = None if found is None or len(found) > LONGEST else found
    return names.texts[node]


def _found_text(names: Names, node: ast.expr, depth: int) -> str | None:
    match node:
        case ast.Constant(value=str() as value):
            return value
        case ast.Constant(value=bytes() as value):
            return value.decode("utf-8", "replace")
        case ast.JoinedStr(values=parts):
            return "".join(_part(names, part, depth + 1) for part in parts)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _joined("", [left, right], names, depth)
        case ast.BinOp(op=ast.Div(), left=left, right=right):
            return _joined("/", [left, right], names, depth)
        case ast.BinOp(op=ast.Mod(), left=left):
            template = _text(names, left, depth + 1)
            return None if template is None else _without_percents(template)
        case ast.Call(func=ast.Attribute(value=inner, attr="format")):
            template = _text(names, inner, depth + 1)
            return None if template is None else _without_braces(template)
        case ast.Call(func=ast.Attribute(value=inner, attr="joinpath"), args=arguments):
            return _joined("/", [inner, *arguments], names, depth)
        case ast.Call(func=ast.Attribute(value=inner, attr=attr), args=[]) if attr in _SAME_PATH:
            return _text(names, inner, depth + 1)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str() as between), attr="join"), args=[listed]):
            items = names.value(listed)
            if not isinstance(items, (ast.List, ast.Tuple)) or not items.elts:
                return None
            found = [_text(names, part, depth + 1) for part in items.elts]
            return between.join(HOLE if text is None else text for text in found)
        case ast.Call(args=arguments, keywords=[]) if arguments:
            name = names.of(node.func)
            if name in _JOINING or (name in _PATHS and len(arguments) > 1):
                return _joined("/", arguments, names, depth)
            if name in _PATHS or name in _SAME:
                return _text(names, arguments[0], depth + 1)
            return None
    followed = names.value(node)
    return None if followed is node else _text(names, followed, depth + 1)


def _joined(between: str, parts: list[ast.expr], names: Names, depth: int) -> str | None:
    texts = [_text(names, part, depth + 1) for part in parts]
    if all(found is None for found in texts):
        return None
    known = [HOLE if found is None else found for found in texts]
    if between:
        known[:-1] = [part.rstrip("/") if part != "/" else "" for part in known[:-1]]
    whole = between.join(known)
    last_absolute = whole.rfind("//") if between else -1
    return whole if last_absolute < 0 or "://" in whole else whole[last_absolute + 1 :]


def _part(names: Names, part: ast.expr, depth: int) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    inner = part.value if isinstance(part, ast.FormattedValue) else part
    value = _constant(names, inner, depth + 1)
    if value is UNKNOWN or (isinstance(value, int) and abs(value) >= _LARGEST):
        return HOLE
    return value if isinstance(value, str) else repr(value)[:LONGEST] if _is_flat(value) else HOLE


def _is_flat(value: object) -> bool:
    """Whether it can be written at all: lists of lists of lists may be endless on paper."""
    inside = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    return not any(
        isinstance(each, (list, dict)) or (isinstance(each, int) and abs(each) >= _LARGEST) for each in inside
    )


def _without_percents(template: str) -> str:
    import re

    return re.sub(r"%(\(\w+\))?[-+ #0-9.]*[sdrifx]", HOLE, template)


def _without_braces(template: str) -> str:
    import re

    return re.sub(r"\{[^{}]*\}", HOLE, template)
