"""Tools' definitions and configurations of tool servers (MCP): the programs that they start, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from roadworthy.scan import nodes, shell
from roadworthy.scan.commands import Command, Spot, commands_of
from roadworthy.scan.facts import Facts, Text, Variable, moved

SERVERS = ("mcpServers", "mcp_servers", "servers", "mcp")
COMMANDS = ("command", "cmd", "run", "script", "shell", "exec", "bash")
FOLDERS = ("working_dir", "workdir", "working_directory", "cwd", "workingDir")
_REFERENCE = re.compile(r"\$\{(?:env:)?(?P<name>[A-Z_][A-Z0-9_]*)(?::?-(?P<default>[^}]*))?\}")


def is_mcp(name: str, root: yaml.Node) -> bool:
    """Whether it configures clients of tool servers."""
    if any(nodes.get(root, key) is not None for key in ("mcpServers", "mcp_servers")):
        return True
    return "mcp" in name.lower() and any(_servers(root))


def is_tools(root: yaml.Node) -> bool:
    """Whether it defines tools that start programs: entries with a name or a description, and a command."""
    for _, node in nodes.everything(root):
        has_command = any(nodes.get(node, key) is not None for key in COMMANDS)
        if has_command and any(
            nodes.get(node, key) is not None for key in ("description", "parameters", "input_schema")
        ):
            return True
    return False


def mcp_facts(roots: list[yaml.Node]) -> Facts:
    """What the configured servers are started with."""
    facts = Facts()
    for root in roots:
        for server in _servers(root):
            command, arguments = nodes.get(server, "command"), nodes.get(server, "args")
            words = nodes.words(command) + [word for each in nodes.items(arguments) for word in nodes.words(each)]
            if words and command is not None:
                facts.commands += commands_of(words, nodes.spot(command))
            for each in nodes.items(arguments):
                if (told := nodes.text(each)) is not None:
                    facts.strings.append(Text(told, nodes.spot(each), "args"))
            _take_in(server, facts)
    return facts


def tool_facts(roots: list[yaml.Node]) -> Facts:
    """What the defined tools start."""
    facts = Facts()
    for root in roots:
        for key, node in nodes.everything(root):
            if key in COMMANDS and isinstance(node, (yaml.ScalarNode, yaml.SequenceNode)):
                facts.commands += started_by(node)
            elif isinstance(node, yaml.MappingNode):
                _take_in(node, facts)
    return facts


def started_by(node: yaml.Node) -> Iterator[Command]:
    """The commands of a value: a list of words, or a text for a shell."""
    if isinstance(node, yaml.SequenceNode):
        yield from commands_of(nodes.words(node), nodes.spot(node))
    elif (told := nodes.text(node)) is not None:
        line = nodes.first_line(node)
        for command in shell.commands_in(told):
            found = moved(command, line - 1)
            is_folded = isinstance(node, yaml.ScalarNode) and node.style not in ("|",)
            at = nodes.spot(node) if is_folded else Spot(found.at.line, node.start_mark.column + 1)
            yield Command(found.program, found.arguments, at, found.how)


def references(node: yaml.Node) -> Iterator[Variable]:
    """`${NAME}` in a scalar: filled in from the environment."""
    for found in _REFERENCE.finditer(nodes.text(node) or ""):
        yield Variable(found["name"], found["default"], nodes.spot(node), is_set=False)


def _take_in(table: yaml.Node, facts: Facts) -> None:
    for key, value in nodes.pairs(table):
        told = nodes.text(value)
        if told is not None and key in FOLDERS:
            facts.strings.append(Text(told, nodes.spot(value), "working_dir"))
        elif told is not None:
            facts.strings.append(Text(told, nodes.spot(value), key))
        if key in ("env", "environment"):
            for name, inner in nodes.pairs(value):
                facts.variables.append(Variable(name, nodes.text(inner), nodes.spot(inner), is_set=True))
        facts.variables += references(value)


def _servers(root: yaml.Node) -> Iterator[yaml.Node]:
    for key, node in nodes.everything(root):
        if key in SERVERS:
            for _, server in nodes.pairs(node):
                if nodes.get(server, "command") is not None or nodes.get(server, "url") is not None:
                    yield server
