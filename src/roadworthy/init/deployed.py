"""How production starts the agent, by the files that say so: Dockerfile, Procfile, compose, package.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from roadworthy.findings import Place
from roadworthy.init.placing import RUNNERS, started
from roadworthy.init.starts import Port, Start, Told
from roadworthy.scan import nodes, shell
from roadworthy.scan.commands import Command
from roadworthy.scan.dockerfile import Instruction, instructions

if TYPE_CHECKING:
    from roadworthy.scan.document import Document
    from roadworthy.scan.project import Project

PROCESSES = {"web": "server", "api": "server", "agent": "agent", "worker": "other"}
"""Kinds of processes in a Procfile, and what they are called elsewhere."""
NODE_FILES = ("server.js", "server.mjs", "index.js", "index.mjs", "app.js", "main.js", "main.mjs")
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::?-(?P<default>[^{}$]*))?\}|\$(?P<bare>[A-Za-z_]\w*)")


def deployed(project: Project, documents: list[Document]) -> Iterator[Start]:
    """What the project's own deployment files start."""
    scripts = {each.path: each for each in documents if each.kind == "shell"}
    for document in documents:
        if document.kind == "docker":
            yield from _of_image(project, document, scripts)
        elif document.kind == "compose":
            yield from _of_compose(project, document)
    yield from _of_procfile(project)
    yield from _of_package(project)


def _of_image(project: Project, document: Document, scripts: Mapping[str, Document]) -> Iterator[Start]:
    stage: list[Instruction] = []
    for each in instructions(document.source):
        if each.name == "FROM":
            stage = []
        stage.append(each)
    last = {each.name: each for each in stage}
    values = {each.name: each.value or "" for each in document.variables}
    entry, command = last.get("ENTRYPOINT"), last.get("CMD")
    words = (
        [*_words(entry, values), *_words(command, values)]
        if entry and _is_list(entry)
        else _words(command or entry, values)
    )
    if not words:
        return
    spot = command or entry
    assert spot is not None
    folder = document.path.rpartition("/")[0]
    workdir = last["WORKDIR"].text.strip() if "WORKDIR" in last else None
    workdir = (
        workdir if not folder and workdir and workdir.startswith("/") and not re.search(r"[\s$]", workdir) else None
    )
    port = _exposed(last.get("EXPOSE"), document.path, values)
    script = next(
        (
            scripts[path]
            for word in words
            for path in scripts
            if word.endswith(".sh") and path.rpartition("/")[2] == word.rpartition("/")[2]
        ),
        None,
    )
    told = tuple(words)
    kind: Told = "image"
    if script is not None:
        found = _of_script(script)
        told, kind = found or told, "image" if found else "other"  # it may run whatever it is told
    start = started(project, told, Place(document.path, spot.line), kind, folder=folder, port=port, workdir=workdir)
    if start is not None:
        yield start


def _of_script(script: Document) -> tuple[str, ...] | None:
    """What a start-up script starts in the end."""
    found = [
        each
        for each in script.commands
        if each.how == "started" and (each.name in RUNNERS or each.name.startswith(("python", "node")))
    ]
    return (found[-1].program, *found[-1].arguments) if found else None


def _words(instruction: Instruction | None, values: Mapping[str, str]) -> list[str]:
    if instruction is None:
        return []
    if _is_list(instruction):
        try:
            words = json.loads(instruction.text.replace("\\\n", " "))
        except ValueError:
            return []
        words = [each for each in words if isinstance(each, str)] if isinstance(words, list) else []
        if words[:2] in (["sh", "-c"], ["bash", "-c"], ["/bin/sh", "-c"], ["/bin/bash", "-c"]) and len(words) > 2:
            return _of_text(words[2], values)
        return [filled_in(each, values) for each in words]
    return _of_text(instruction.text, values)


def _of_text(text: str, values: Mapping[str, str]) -> list[str]:
    """The last program of a line for a shell: what was before it prepares."""
    found = [each for each in shell.commands_in(filled_in(text.replace("\\\n", " "), values)) if each.how == "started"]
    own = [each for each in found if not _is_wrapped(each, found)]
    return [own[-1].program, *own[-1].arguments] if own else []


def _is_wrapped(command: Command, among: list[Command]) -> bool:
    """Whether another command starts this one: it is told both as that one's words and by itself."""
    words = (command.program, *command.arguments)
    return any(
        each is not command and each.name in ("uv", "poetry") and each.arguments[-len(words) :] == words
        for each in among
    )


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """A text with the variables whose values are known here."""

    def value(found: re.Match[str]) -> str:
        name = found["name"] or found["bare"]
        return values.get(name) or found["default"] or found.group()

    for _ in range(3):  # a default may be another variable: `${PORT:-${WEB_PORT:-8080}}`
        text = _VARIABLE.sub(value, text)
    return text


def _is_list(instruction: Instruction) -> bool:
    return instruction.text.lstrip().startswith("[")


def _exposed(instruction: Instruction | None, path: str, values: Mapping[str, str]) -> Port | None:
    found = re.match(r"\s*(\d+)", filled_in(instruction.text, values)) if instruction else None
    return (
        Port(int(found[1]), None, Place(path, instruction.line))
        if found and instruction and 0 < int(found[1]) < 65536
        else None
    )


def _of_compose(project: Project, document: Document) -> Iterator[Start]:
    for root in nodes.nodes_of(document.source):
        for name, service in nodes.pairs(nodes.get(root, "services")):
            node = nodes.get(service, "command")
            if node is None or nodes.get(service, "build") is None:
                continue
            text = nodes.text(node)
            words = nodes.words(node) if text is None else _of_text(text.replace("$$", "$"), {})
            folder = document.path.rpartition("/")[0]
            start = started(
                project, tuple(words), Place(document.path, nodes.spot(node).line), "compose", folder=folder, name=name
            )
            if start is not None:
                yield start


def _of_procfile(project: Project) -> Iterator[Start]:
    try:
        lines = (project.root / "Procfile").read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for number, line in enumerate(lines, 1):
        kind, colon, text = line.partition(":")
        name = PROCESSES.get(kind.strip())
        if colon and name is not None:
            words = tuple(_of_text(text, {}))
            start = started(project, words, Place("Procfile", number), "procfile", name=name)
            if start is not None:
                yield start


def _of_package(project: Project) -> Iterator[Start]:
    """`npm start`: what it starts, where that is one program."""
    try:
        text = (project.root / "package.json").read_text("utf-8", "replace")
        table = json.loads(text)
    except (OSError, ValueError, RecursionError):
        return
    table = table if isinstance(table, dict) else {}
    scripts = table.get("scripts")
    line = scripts.get("start") if isinstance(scripts, dict) else None
    usual = [
        name for name in (table.get("main"), *NODE_FILES) if isinstance(name, str) and (project.root / name).is_file()
    ]
    if line is None and usual:
        yield Start("package", Place(usual[0], 1), ("node", usual[0]), port=_listens(project, usual[0]))
    if isinstance(line, str):
        number = next((number for number, each in enumerate(text.splitlines(), 1) if '"start"' in each), None)
        words = _of_text(line, {})
        script = next((each for each in words if each in NODE_FILES), "")
        seen, port = Place("package.json", number), _listens(project, script)
        start = started(project, tuple(words), seen, "package", port=port)
        if start is not None:
            yield start


def _listens(project: Project, script: str) -> Port | None:
    """Where a script of Node listens, if a number says it."""
    try:
        text = (project.root / script).read_text("utf-8", "replace") if script else ""
    except OSError:
        return None
    found = re.search(r"\.listen\(\s*(?:process\.env\.PORT\s*(?:\|\||\?\?)\s*)?(\d{2,5})\b", text)
    if found is None or not 0 < int(found[1]) < 65536:
        return None
    return Port(int(found[1]), None, Place(script, text.count("\n", 0, found.start()) + 1))
