"""YAML and JSON with places: nodes, and the few questions that readers of configurations ask of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from roadworthy.scan.commands import Spot
from roadworthy.scan.text import Unreadable

_JSON_TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
DEEPEST = 500
"""Levels of nesting: far more than anybody writes."""
_NESTED = re.compile(r"(?:[-?:] +){500}")
_BRACKET = re.compile(r"[\[\]{}]")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def nodes_of(text: str) -> list[yaml.Node]:
    """The documents of a YAML text. Raises Unreadable for what is none; templates give nothing."""
    if _is_too_deep(text):
        raise Unreadable("nested too deeply")
    try:
        return list(filter(None, yaml.compose_all(text, Loader=_LOADER)))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if "{{" in text or "{%" in text:
            return []  # it becomes YAML when somebody fills it in
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "not readable"
        raise Unreadable(f"not valid YAML: {problem}", None if mark is None else mark.line + 1) from error


def json_nodes(text: str) -> list[yaml.Node]:
    """The same for JSON, with or without comments, as editors write it. What is no JSON gives nothing."""
    plain = _JSON_TOKEN.sub(lambda found: found.group() if found.group()[0] == '"' else _blank(found.group()), text)
    try:
        # JSON is YAML but for tabs between its parts; inside of texts JSON has none.
        return nodes_of(plain.replace("\t", " "))
    except Unreadable:
        return []


def get(node: yaml.Node | None, *keys: str) -> yaml.Node | None:
    """What a mapping holds by these keys, one below the other."""
    for key in keys:
        if not isinstance(node, yaml.MappingNode):
            return None
        node = next((value for name, value in node.value if getattr(name, "value", None) == key), None)
    return node


def pairs(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    """A mapping's keys and values."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if isinstance(name, yaml.ScalarNode):
                yield name.value, value


def items(node: yaml.Node | None) -> list[yaml.Node]:
    """A list's entries."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def text(node: yaml.Node | None) -> str | None:
    """A scalar's text."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


def words(node: yaml.Node | None) -> list[str]:
    """The texts of a list, or of one scalar."""
    nodes: list[yaml.Node | None] = [*items(node)] or [node]
    return [found for each in nodes if (found := text(each)) is not None]


def everything(root: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    """Every node with the key it stands at; an anchor's once."""
    stack, seen = [("", root)], set()
    while stack:
        key, node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield key, node
        if isinstance(node, yaml.MappingNode):
            stack += reversed([(str(getattr(name, "value", "")), value) for name, value in node.value])
        elif isinstance(node, yaml.SequenceNode):
            stack += [(key, each) for each in reversed(node.value)]


def spot(node: yaml.Node) -> Spot:
    """Where a node begins and ends."""
    end = node.end_mark.line + (1 if node.end_mark.column else 0)
    return Spot(node.start_mark.line + 1, node.start_mark.column + 1, max(end, node.start_mark.line + 1))


def first_line(node: yaml.Node) -> int:
    """The line that a scalar's text begins in: below the bar of a block."""
    is_block = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
    return node.start_mark.line + (2 if is_block else 1)


def _is_too_deep(text: str) -> bool:
    """The parser goes down by calling itself, in C, where nothing ends it but the stack's end."""
    if _NESTED.search(text) is not None:
        return True
    if text.count("[") + text.count("{") < DEEPEST:
        return False
    depth = deepest = 0
    for bracket in _BRACKET.findall(text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest > DEEPEST


def _blank(comment: str) -> str:
    return re.sub(r"[^\n]", " ", comment)
