"""The facts of one file that is no Python, and how a rule speaks of a place in it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from roadworthy.findings import Edit, Finding, Severity
from roadworthy.scan import deployments, dockerfile, nodes, packages, shell, tool_files
from roadworthy.scan.commands import Command, Spot
from roadworthy.scan.facts import Facts, Package, Text, Variable
from roadworthy.scan.module import SEVERITY
from roadworthy.scan.moments import Moment, of_path

if TYPE_CHECKING:
    import yaml

    from roadworthy.scan.project import Project

KINDS = ("shell", "docker", "compose", "kubernetes", "tools", "mcp", "dotenv", "requirements", "pyproject")
"""What a Document may be of; a rule's `of` names them."""
_SAYS_MORE = (
    "services:",
    "apiVersion",
    "command",
    "cmd",
    "run",
    "script",
    "mcpServers",
    "mcp_servers",
    "shell",
    "exec",
)
"""Words without which YAML and JSON are data and need not be parsed."""


class Document:
    """A file of one of these `KINDS`. `path` is relative to the project."""

    def __init__(self, path: str, kind: str, text: str, facts: Facts, project: Project) -> None:
        self.path = path
        self.kind = kind
        self.source = text
        self.facts = facts
        self.project = project

    @property
    def commands(self) -> list[Command]:
        """The programs that it starts or asks for."""
        return self.facts.commands

    @property
    def checks(self) -> list[Command]:
        """What a container is asked with whether it works."""
        return self.facts.checks

    @property
    def variables(self) -> list[Variable]:
        """The environment variables that it sets or reads."""
        return self.facts.variables

    @property
    def strings(self) -> list[Text]:
        """Its texts, each with what it stands for."""
        return self.facts.strings

    @property
    def packages(self) -> list[Package]:
        """The distributions that it asks for."""
        return self.facts.packages

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the source, without their ends."""
        return self.source.splitlines()

    def moment(self, _at: Spot | None = None) -> Moment:
        """When it is used. A script is the agent's where something that runs starts it, and else the developer's."""
        told = of_path(self.path)
        if told is Moment.TEST:
            return told
        if self.kind == "shell":
            if self.project.starts(self.path):
                return Moment.START
            return told or (Moment.REQUEST if _is_a_tool(self.path) else Moment.UNKNOWN)
        if told is not None:
            return told
        return Moment.REQUEST if self.kind in ("tools", "mcp") else Moment.START

    def finding(
        self,
        at: Spot,
        message: str,
        *,
        why: str | None = None,
        fix: str | None = None,
        severity: Severity | None = None,
        edit: Edit | None = None,
    ) -> Finding:
        """What a rule says of this place. Without a `severity` it follows from when the file is used."""
        line = min(max(at.line, 1), max(len(self.lines), 1))
        return Finding(
            code="",
            message=message,
            severity=severity or SEVERITY[self.moment(at)],
            path=self.path,
            line=line,
            column=at.column,
            end_line=max(line, at.end_line or line),
            text=self.lines[line - 1] if self.lines else None,
            why=why,
            fix=fix,
            edit=edit,
        )


def document_of(path: str, kind: str, text: str, project: Project) -> Document | None:
    """A file's facts; None where nothing is asked of such a file. Raises Unreadable for what cannot be read as such."""
    found = _read(path, kind, text)
    return None if found is None else Document(path, found[0], text, found[1], project)


def _read(path: str, kind: str, text: str) -> tuple[str, Facts] | None:
    name = path.rpartition("/")[2]
    match kind:
        case "shell":
            return "shell", shell.facts_of(text)
        case "docker":
            return "docker", dockerfile.facts_of(text)
        case "dotenv":
            return "dotenv", packages.dotenv_facts(text)
        case "requirements":
            return "requirements", packages.requirements_facts(text, path)
        case "toml" if name == "pyproject.toml":
            return "pyproject", packages.pyproject_facts(text)
        case "yaml" | "json" if _may_say_more(path, text):
            return _configuration(name, nodes.nodes_of(text) if kind == "yaml" else nodes.json_nodes(text))
    return None


def _may_say_more(path: str, text: str) -> bool:
    is_workflow = path.startswith(".github/")
    return not is_workflow and any(word in text for word in _SAYS_MORE)


def _configuration(name: str, roots: list[yaml.Node]) -> tuple[str, Facts] | None:
    if any(deployments.is_kubernetes(root) for root in roots):
        return "kubernetes", deployments.kubernetes_facts(roots)
    if any(deployments.is_compose(name, root) for root in roots):
        return "compose", deployments.compose_facts(roots)
    if any(tool_files.is_mcp(name, root) for root in roots):
        return "mcp", tool_files.mcp_facts(roots)
    if any(tool_files.is_tools(root) for root in roots):
        return "tools", tool_files.tool_facts(roots)
    return None


def _is_a_tool(path: str) -> bool:
    """Folders whose scripts an agent runs by their names."""
    return bool({"tools", "skills", "actions", "commands"} & set(path.split("/")[:-1]))
