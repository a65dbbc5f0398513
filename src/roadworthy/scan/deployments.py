"""Compose and Kubernetes files: what their containers are set, given and started with."""

from __future__ import annotations

import yaml

from roadworthy.scan import nodes
from roadworthy.scan.commands import Command, commands_of
from roadworthy.scan.facts import Facts, Text, Variable, moved
from roadworthy.scan.shell import commands_in
from roadworthy.scan.tool_files import references, started_by


def is_compose(name: str, root: yaml.Node) -> bool:
    """Whether it is a compose file, by its name or by what its services hold."""
    services = nodes.get(root, "services")
    if "compose" in name and services is not None:
        return True
    return any(nodes.get(each, "image") or nodes.get(each, "build") for _, each in nodes.pairs(services))


def is_kubernetes(root: yaml.Node) -> bool:
    """Whether it is a resource of Kubernetes."""
    return nodes.get(root, "apiVersion") is not None and nodes.get(root, "kind") is not None


def compose_facts(roots: list[yaml.Node]) -> Facts:
    """Variables, commands and folders of every service."""
    facts = Facts()
    for root in roots:
        for _, service in nodes.pairs(nodes.get(root, "services")):
            _container(service, facts, folder="working_dir")
            for key in ("command", "entrypoint"):
                if (node := nodes.get(service, key)) is not None:
                    facts.commands += started_by(node)
            if nodes.get(service, "build") is not None:
                facts.checks += _checked_by(nodes.get(service, "healthcheck", "test"))
            is_others = nodes.get(service, "image") is not None and nodes.get(service, "build") is None
            for each in nodes.items(nodes.get(service, "volumes")):
                if (told := nodes.text(each)) is not None:
                    facts.strings.append(Text(told, nodes.spot(each), "mounted" if is_others else "volumes"))
        for _, node in nodes.everything(root):
            facts.variables += references(node)
    return facts


def _checked_by(test: yaml.Node | None) -> list[Command]:
    """What `["CMD", "curl", …]`, `["CMD-SHELL", "curl … || exit 1"]` or a text starts."""
    words = nodes.words(test)
    if test is None or not words or words[0] == "NONE":
        return []
    if words[0] == "CMD":
        return list(commands_of(words[1:], nodes.spot(test)))
    told = " ".join(words[1:] if words[0] == "CMD-SHELL" else words)
    return [moved(each, nodes.first_line(test) - 1) for each in commands_in(told)]


def kubernetes_facts(roots: list[yaml.Node]) -> Facts:
    """Variables, commands and folders of every container; what config maps hold counts as set."""
    facts = Facts()
    for root in roots:
        for key, node in nodes.everything(root):
            if key in ("containers", "initContainers") and isinstance(node, yaml.MappingNode):
                _container(node, facts, folder="workingDir")
                command = nodes.words(nodes.get(node, "command")) + nodes.words(nodes.get(node, "args"))
                at = nodes.get(node, "command")
                if command and at is not None:
                    facts.commands += commands_of(command, nodes.spot(at))
        if nodes.text(nodes.get(root, "kind")) in ("ConfigMap", "Secret"):
            for holder in ("data", "stringData"):
                for name, value in nodes.pairs(nodes.get(root, holder)):
                    facts.variables.append(Variable(name, nodes.text(value), nodes.spot(value), is_set=True))
    return facts


def _container(node: yaml.Node, facts: Facts, *, folder: str) -> None:
    """What a container is told; lists (`- NAME=value`, `- name: NAME`) and mappings are both written."""
    for key in ("environment", "env"):
        told = nodes.get(node, key)
        for name, value in nodes.pairs(told):
            facts.variables.append(Variable(name, nodes.text(value), nodes.spot(value), is_set=True))
        for each in nodes.items(told):
            name_node = nodes.get(each, "name")
            if name_node is not None:
                name, value_text = nodes.text(name_node) or "", nodes.text(nodes.get(each, "value"))
            else:
                name, equals, after = (nodes.text(each) or "").partition("=")
                value_text = after if equals else None
            if name:
                facts.variables.append(Variable(name, value_text, nodes.spot(each), is_set=True))
    if (place := nodes.get(node, folder)) is not None and (told_place := nodes.text(place)) is not None:
        facts.strings.append(Text(told_place, nodes.spot(place), "working_dir"))
    if (image := nodes.text(nodes.get(node, "image"))) is not None:
        facts.strings.append(Text(image, nodes.spot(node), "image"))
    for key in ("user", "ports"):
        place = nodes.get(node, key)
        for each in nodes.items(place) or filter(None, [place]):
            if (told_text := nodes.text(each)) is not None:
                facts.strings.append(Text(told_text, nodes.spot(each), key))
