"""How production starts the agent, by the files that say so: Dockerfile, Procfile, compose, package.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roadworthy.findings import Place
from roadworthy.init.running import without_runner
from roadworthy.init.starts import Port, Start, Told
from roadworthy.scan import nodes, shell
from roadworthy.scan.commands import Command
from roadworthy.scan.dockerfile import Instruction, instructions
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.scan.document import Document
    from roadworthy.scan.project import Project

RUNNERS = (
    "uvicorn",
    "gunicorn",
    "hypercorn",
    "flask",
    "fastapi",
    "langgraph",
    "adk",
    "waitress-serve",
    "granian",
    "daphne",
)
"""Programs that serve a Python application."""
NODE_FILES = ("server.js", "server.mjs", "index.js", "index.mjs", "app.js", "main.js", "main.mjs")
PORTS = {"uvicorn": 8000, "gunicorn": 8000, "hypercorn": 8000, "granian": 8000, "flask": 5000, "fastapi": 8000}
"""Where each listens when nobody says otherwise."""
SCREENS = {"streamlit": "a Streamlit page", "chainlit": "a Chainlit page", "gradio": "a Gradio page"}
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::?-(?P<default>[^{}$]*))?\}|\$(?P<bare>[A-Za-z_]\w*)")
_PORT_OPTION = re.compile(r"^(?:--port|-p|--bind|-b|-P)(?:=(?P<value>.*))?$")
_NO_AGENT = re.compile(
    r"(^|[/_.-])(front-?end|web|ui|client|nginx|proxy|docs|tests?|dev|devcontainer)([/_.-]|$)", re.IGNORECASE
)
_AGENT = re.compile(r"(^|[/_.-])(agents?|api|back-?end|service|server)([/_.-]|$)", re.IGNORECASE)


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


def weight_of(path: str) -> int:
    """How likely the agent is what a path's name says: the lower, the likelier."""
    usual = path.rpartition("/")[2].removesuffix(".py") in (
        "main",
        "app",
        "server",
        "agent",
        "api",
        "asgi",
        "wsgi",
        "__main__",
    )
    return 2 * (2 if _NO_AGENT.search(path) else 0 if _AGENT.search(path) else 1) + (not usual)


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
        if colon and kind.strip() in ("web", "api", "worker"):
            start = started(
                project, tuple(_of_text(text, {})), Place("Procfile", number), "procfile", name=kind.strip()
            )
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


def started(
    project: Project,
    words: tuple[str, ...],
    seen: Place,
    told: Told,
    *,
    folder: str = "",
    name: str = "",
    port: Port | None = None,
    workdir: str | None = None,
) -> Start | None:
    """The start that a command line is, from the project's own folder; None where it leads to nothing of it."""
    bare = without_runner(words)
    server = bare[0].rpartition("/")[2] if bare else ""
    usual = str(port.number if port is not None and port.number is not None else PORTS.get(server, 8080))
    words = tuple(
        usual if before in ("--port", "-p") and (HOLE in each or "$" in each) else each.replace(f":{HOLE}", f":{usual}")
        for before, each in zip(("", *bare), bare, strict=False)
        if each not in ("--reload", "--debug") and (each != HOLE or before in ("--port", "-p"))
    )
    if not words or any("\0" in each for each in words):
        return None
    program = words[0].rpartition("/")[2]
    placed = _placed(
        project, (program if program in RUNNERS or program.startswith("python") else words[0], *words[1:]), folder
    )
    if placed is None:
        return None
    command, serves = placed
    usual_one = Port(None, None, None, PORTS[program]) if program in PORTS else None
    given = _port_option(command, seen) or port or usual_one
    asked: Any = "langgraph" if program == "langgraph" else "adk" if program == "adk" else "http"
    remark = ""
    if program in SCREENS or (len(words) > 2 and words[2] in SCREENS):
        asked, remark = (
            "not",
            f"{seen} starts {SCREENS[program if program in SCREENS else words[2]]}, which no request asks",
        )
    if any(HOLE in each or "$" in each for each in command):
        remark = f"{seen}: no shell runs a command here: write the values in place of its variables"
    where = f"{seen.path}/{name}"
    return Start(told, seen, command, None, given, asked, serves, remark, workdir, folder, weight_of(where))


def _placed(project: Project, words: tuple[str, ...], folder: str) -> tuple[tuple[str, ...], str] | None:
    """The words with files and modules found where they are in the project, and what is served."""
    program = words[0]
    if program in ("uvicorn", "gunicorn", "hypercorn", "granian"):
        for index, each in enumerate(words[1:], 1):
            module, colon, _ = each.partition(":")
            if colon and re.fullmatch(r"[\w.]+", module):
                root = _root_of_module(project, module, folder)
                if root is None:
                    return None
                options = (
                    ("--app-dir" if program == "uvicorn" else "--chdir", root)
                    if root and "--app-dir" not in words
                    else ()
                )
                return (program, *options, *words[1:]), project.resolved(each.partition("(")[0].replace(":", "."))
            _ = index
        return words, ""
    if program.startswith("python") or program in ("node", "streamlit", "chainlit", "fastapi", "deno", "bun", "tsx"):
        return _with_script(project, words, folder)
    if program in ("bash", "sh") or program.startswith((".", "/")):
        script = _file(project, words[1] if program in ("bash", "sh") and len(words) > 1 else program, folder)
        return (
            None
            if script is None
            else (("bash", script, *words[2:]) if program in ("bash", "sh") else (f"./{script}", *words[1:]), "")
        )
    return words, ""


def _with_script(project: Project, words: tuple[str, ...], folder: str) -> tuple[tuple[str, ...], str] | None:
    program = "python" if words[0].startswith("python") else words[0]
    if words[1:2] == ("-m",) and len(words) > 2:
        module = words[2]
        if module in RUNNERS:
            return _placed(project, words[2:], folder)
        root = _root_of_module(project, module, folder)
        if root is None:
            return None
        return (("python", *words[1:]) if not root else ("env", f"PYTHONPATH={root}", "python", *words[1:])), module
    for index, each in enumerate(words[1:], 1):
        if each.endswith((".py", ".js", ".mjs", ".cjs", ".ts")):
            found = _file(project, each, folder)
            if found is None:
                return None
            flags = tuple(flag for flag in words[1:index] if flag != "-u")
            return (program, *flags, found, *words[index + 1 :]), found
    return (program, *words[1:]), ""


def _root_of_module(project: Project, module: str, folder: str) -> str | None:
    """The folder in which a module's name is found: the file's own, the project's, or the only one that has it."""
    path = module.replace(".", "/")
    for root in dict.fromkeys((folder, "", f"{folder}/src".lstrip("/"), "src")):
        if any(
            (project.root / root / each).is_file()
            for each in (f"{path}.py", f"{path}/__init__.py", f"{path}/__main__.py")
        ):
            return root
    found = [
        each.path
        for each in project.summaries.values()
        if f"/{each.path}".endswith((f"/{path}.py", f"/{path}/__init__.py"))
    ]
    return (
        found[0].removesuffix(".py").removesuffix("/__init__").removesuffix(path).rstrip("/")
        if len(found) == 1
        else None
    )


def _file(project: Project, written: str, folder: str) -> str | None:
    """Where a file of a command is: an image may have it in another place than the project."""
    name = written.removeprefix("./")
    for candidate in (f"{folder}/{name}".lstrip("/"), name):
        if not candidate.startswith("/") and ".." not in candidate and (project.root / candidate).is_file():
            return candidate
    parts = Path(name.lstrip("/")).parts
    for start in range(1, len(parts)):
        tail = "/".join(parts[start:])
        for candidate in (f"{folder}/{tail}".lstrip("/"), tail):
            if (project.root / candidate).is_file():
                return candidate
    return None


def _port_option(words: tuple[str, ...], seen: Place) -> Port | None:
    for index, each in enumerate(words):
        found = _PORT_OPTION.match(each)
        if found is None:
            continue
        value = found["value"] or (words[index + 1] if index + 1 < len(words) else "")
        number = re.search(r"(\d+)$", value)
        if number and 0 < int(number[1]) < 65536:
            return Port(int(number[1]), None, seen)
    return None
