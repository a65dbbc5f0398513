"""Shell text to commands, wherever it stands: in a script, a tool's definition, a Dockerfile, a Python string."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from roadworthy.scan.commands import DEEPEST, Command, Spot, commands_of
from roadworthy.scan.facts import Facts, Text, Variable
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_REDIRECTS = ("file_redirect",)
_OWN = frozenset({"PATH", "HOME", "PWD", "USER", "IFS", "RANDOM", "SECONDS", "LINENO", "BASH_SOURCE", "UID", "SHELL"})
"""Variables that the shell or the system sets."""


def facts_of(text: str) -> Facts:
    """A script's commands, the words it uses and the variables it reads."""
    root = _parsed(text)
    functions = _functions(root)
    facts = Facts()
    for node in _below(root):
        if node.type == "command" and not node.has_error:
            words = _words(node)
            if words and words[0] not in functions:
                facts.commands += commands_of(words, _spot(node))
            facts.strings += [Text(_text(child), _spot(child)) for child in node.named_children[1:]]
        elif node.type in _REDIRECTS and node.named_children:
            target = node.named_children[-1]
            facts.strings.append(Text(_text(target), _spot(target), "<" if _reads(node) else ">"))
        elif node.type == "variable_assignment":
            name = node.child_by_field_name("name")
            value = node.child_by_field_name("value")
            if name is not None:
                told = "" if value is None else _text(value)
                facts.variables.append(Variable(_raw(name), told, _spot(node), is_set=True))
                facts.strings.append(Text(told, _spot(node)))
        elif node.type in ("simple_expansion", "expansion"):
            facts.variables += _read(node)
    return facts


def commands_in(text: str, depth: int = 0) -> Iterator[Command]:
    """The commands of a text that a shell runs; their Spots count from its own first line."""
    if depth > DEEPEST:
        return
    root = _parsed(text)
    functions = _functions(root)
    for node in _below(root):
        if node.type == "command" and not node.has_error:
            words = _words(node)
            if words and words[0] not in functions:
                yield from commands_of(words, _spot(node), depth)


def _parsed(text: str) -> Node:
    # Placeholders of templates are no shell; as long as they were, so that columns stay.
    text = _TEMPLATE.sub(lambda found: HOLE + "\n" * found.group().count("\n"), text)
    return _parser().parse(text.encode("utf-8", "replace")).root_node


@cache
def _parser() -> Parser:
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


def _below(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack += reversed(node.named_children)


def _functions(root: Node) -> frozenset[str]:
    found = (node.child_by_field_name("name") for node in _below(root) if node.type == "function_definition")
    return frozenset(_raw(name) for name in found if name is not None)


def _words(command: Node) -> list[str]:
    return [
        _text(child)
        for child in command.named_children
        if child.type not in ("variable_assignment", "file_redirect", "heredoc_redirect", "herestring_redirect")
    ]


def _text(node: Node) -> str:
    """A word as the shell would hand it on, with a hole for what it would put in."""
    match node.type:
        case "command_name" if node.named_children:
            return _text(node.named_children[0])
        case "word" | "string_content" | "number" | "extglob_pattern":
            return _ESCAPED.sub(r"\1", _raw(node)) if node.type == "word" else _raw(node)
        case "raw_string":
            return _raw(node)[1:-1]
        case "ansi_c_string":
            return _raw(node)[2:-1]
        case "string":
            return _between(node, 1)
        case "concatenation":
            return _between(node, 0)
        case "simple_expansion" | "expansion" | "command_substitution" | "process_substitution":
            return HOLE
        case "arithmetic_expansion":
            return HOLE
        case _:
            return _raw(node)


def _between(node: Node, quote: int) -> str:
    """The parts of a word with what stands between them: the grammar leaves spaces at a string's ends out."""
    raw, start, found = node.text or b"", node.start_byte, []
    at = quote
    for child in node.named_children:
        found.append(raw[at : child.start_byte - start].decode("utf-8", "replace"))
        found.append(_text(child))
        at = child.end_byte - start
    found.append(raw[at : len(raw) - quote].decode("utf-8", "replace"))
    return "".join(found)


def _raw(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _spot(node: Node) -> Spot:
    return Spot(node.start_point.row + 1, node.start_point.column + 1, node.end_point.row + 1)


def _reads(redirect: Node) -> bool:
    return any(child.type == "<" for child in redirect.children)


def _read(node: Node) -> Iterator[Variable]:
    names = [child for child in node.named_children if child.type == "variable_name"]
    if names and _raw(names[0]) not in _OWN:
        default = "" if len(node.named_children) > 1 else None
        yield Variable(_raw(names[0]), default, _spot(node), is_set=False)
