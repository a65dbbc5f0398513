"""What no single key shows: keys that exclude or need each other, and values that contradict others.

Each check notes its mistakes on a finished reading. Whether a key was given is asked of the file, not of the
value: a key that could not be read has its mistake already.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from roadworthy.errors import UsageError
from roadworthy.manifest.model import Agent, Manifest, Request, Service, Variable
from roadworthy.manifest.nearest import mends_for_choice
from roadworthy.manifest.reading import Path, Reading, dotted
from roadworthy.manifest.tree import Node, Scalar, Table
from roadworthy.manifest.values import violations
from roadworthy.manifest.variables import references

WAYS = ("entry", "command", "url")
INPUT = "{{input}}"


@dataclass(frozen=True, slots=True)
class _Section:
    """One mapping of the file: which of its keys were given, and where."""

    reading: Reading
    path: Path

    def given(self, *keys: str) -> list[str]:
        return [key for key in keys if (*self.path, key) in self.reading.keys]

    def note(self, message: str, *mends: str, at: str | None = None) -> None:
        """A mistake at the section's own key, or at the value of its key `at`."""
        own = self.reading.keys.get(self.path, 0)
        place = own if at is None else self.reading.nodes[*self.path, at].at
        self.reading.mistakes.note(place, message, *mends)

    def name(self, key: str) -> str:
        return dotted((*self.path, key))


def check_consistency(
    manifest: Manifest, agents: Mapping[Path, Agent], reading: Reading, *, agent_needed: bool = True
) -> None:
    """Note every contradiction in `manifest`; `agents` by their path in the file."""
    top = _Section(reading, ())
    if len(top.given("agent", "agents")) == 2:
        reading.mistakes.note(
            reading.keys[("agents",)], "both `agent` and `agents`", "move the one below `agents`, by its name"
        )
    elif not top.given("agent", "agents") and (agent_needed or not top.given("scan")):
        reading.mistakes.note(0, "no agent in the manifest", "add one: agent: {entry: app.py:agent}")
    elif top.given("agents") and _is_empty(reading.nodes["agents",]):
        top.note("no agent below `agents`", "add one: {support: {entry: app.py:agent}}", at="agents")
    for path, agent in agents.items():
        _check_agent(agent, _Section(reading, path))
    for name, variable in (manifest.env or {}).items():
        _check_variable(variable, _Section(reading, ("env", name)))
    for name, service in manifest.services.items():
        _check_service(service, _Section(reading, ("services", name)))
        if manifest.env is not None:
            _check_references(service, _Section(reading, ("services", name)))
    for code, waiver in manifest.accept.items():
        if not waiver.reason:
            _Section(reading, ("accept",)).note(
                f"accept.{code} gives no reason", "say why this may fail in production", at=code
            )


def _is_empty(node: Node) -> bool:
    return not node.entries if isinstance(node, Table) else isinstance(node, Scalar) and node.value is None


def _check_agent(agent: Agent, section: _Section) -> None:
    ways = section.given(*WAYS)
    if len(ways) != 1:
        found = " and ".join(f"`{way}`" for way in ways) or "none of them"
        section.note(
            f"{dotted(section.path)} needs exactly one of `entry`, `command` and `url`, and has {found}",
            "entry: app.py:agent, command: [python, main.py] or url: https://staging.internal",
        )
    if section.given("input") and not section.given("command"):
        section.note(
            f"{section.name('input')} is for a `command` that answers once",
            "take it away: other agents get the input in a request",
            at="input",
        )
    if section.given("input"):
        for key in section.given("port", "request", "answer", "stream", "health", "on_disconnect"):
            section.note(
                f"{section.name(key)} is for an agent that serves, and `input` says that this command answers once",
                "take one of the two away",
                at=key,
            )
    if section.given("examples") and not agent.examples:
        section.note(f"{section.name('examples')} is empty", "give one input at least", at="examples")
    if section.given("request") and agent.input is None:
        _check_request(agent.request, section)


def _check_request(request: Request, section: _Section) -> None:
    sent = json.dumps([request.path, request.json, dict(request.headers)], default=str)
    if INPUT not in sent:
        section.note(
            f"{section.name('request')} holds no {INPUT}: the agent would never see the question",
            f'put it where the question goes: json: {{query: "{INPUT}"}}',
            at="request",
        )


def _check_variable(variable: Variable, section: _Section) -> None:
    lowest, highest = variable.minimum, variable.maximum
    if variable.type not in ("integer", "number"):
        for key in section.given("minimum", "maximum"):
            section.note(
                f"{section.name(key)} is for numbers, and the type is {variable.type}",
                "add `type: integer` or `type: number`",
                at=key,
            )
    elif lowest is not None and highest is not None and lowest > highest:
        section.note(f"{section.name('minimum')} is above the maximum", "swap them", at="minimum")
    for choice in variable.choices:
        wrong = violations(_without_choices(variable), choice)
        if wrong:
            section.note(f"{section.name('choices')}: {choice!r} {', '.join(wrong)}", at="choices")
    for key, value in (("default", variable.default), ("rehearse", variable.rehearse)):
        if value is None:
            continue
        wrong = violations(variable, value)
        if wrong:
            mends = mends_for_choice(value, variable.choices)
            section.note(f"{section.name(key)} {', '.join(wrong)}", *mends, at=key)


def _without_choices(variable: Variable) -> Variable:
    return replace(variable, choices=())


def _check_service(service: Service, section: _Section) -> None:
    ways = section.given("url", "host")
    name = dotted(section.path)
    if len(ways) == 2:
        section.note(f"{name} has both `url` and `host`", "keep the one that the agent uses", at="host")
    elif not ways:
        section.note(f"{name} has no address", 'give it `url`, or `host` and `port`: {url: "${DATABASE_URL}"}')
    elif service.host and not section.given("port") and not service.host.startswith(("/", "$")):
        section.note(f"{name} has a host and no port", "add `port`", at="host")


def _check_references(service: Service, section: _Section) -> None:
    declared = [str(path[1]) for path in section.reading.keys if path[0] == "env" and len(path) == 2]
    for key, text in (("url", service.url), ("host", service.host)):
        for variable in _references(text):
            if variable not in declared:
                section.note(
                    f"{section.name(key)} takes ${{{variable}}}, which `env` does not declare",
                    *(mends_for_choice(variable, declared) or (f"declare it: env: {{{variable}: {{}}}}",)),
                    at=key,
                )


def _references(text: str | None) -> tuple[str, ...]:
    try:
        return references(text or "")
    except UsageError:
        return ()  # noted when the address was read
