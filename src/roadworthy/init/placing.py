"""A command line of a deployment, written so that it works from the project's own folder.

An image may have the files in other places, start them through a tool that makes the environment first, or take the
port from a variable.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.findings import Place
from roadworthy.init.running import without_runner
from roadworthy.init.starts import Asked, Port, Start, Told
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.scan.project import Project

RUNNERS = (
    *(
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
    ),
)
"""Programs that serve a Python application."""
PORTS = {"uvicorn": 8000, "gunicorn": 8000, "hypercorn": 8000, "granian": 8000, "flask": 5000, "fastapi": 8000}
"""Where each listens when nobody says otherwise."""
SCREENS = {"streamlit": "a Streamlit page", "chainlit": "a Chainlit page", "gradio": "a Gradio page"}
USUAL_NAMES = ("main", "app", "server", "agent", "api", "asgi", "wsgi", "__main__")
"""Names of files that start what a project is for."""
_PORT_OPTION = re.compile(r"^(?:--port|-p|--bind|-b|-P)(?:=(?P<value>.*))?$")
_NO_AGENT = re.compile(
    r"(^|[/_.-])(front-?end|web|ui|client|nginx|proxy|docs|tests?|dev|devcontainer)([/_.-]|$)", re.IGNORECASE
)
_AGENT = re.compile(r"(^|[/_.-])(agents?|api|back-?end|service|server)([/_.-]|$)", re.IGNORECASE)


def weight_of(path: str) -> int:
    """How likely the agent is what a path's name says: the lower, the likelier."""
    is_usual = path.rpartition("/")[2].removesuffix(".py") in USUAL_NAMES
    return 2 * (2 if _NO_AGENT.search(path) else 0 if _AGENT.search(path) else 1) + (not is_usual)


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
    words = _with_values(without_runner(words), port)
    if not words:
        return None
    program = words[0].rpartition("/")[2]
    is_looked_up = program in RUNNERS or program.startswith("python")
    placed = _placed(project, (program if is_looked_up else words[0], *words[1:]), folder)
    if placed is None:
        return None
    command, serves = placed
    program = command[0]
    # A server that is told no port listens where it always does, whatever the image exposes.
    usual = Port(PORTS[program], None, seen) if program in PORTS else port
    asked: Asked = "langgraph" if program == "langgraph" else "adk" if program == "adk" else "http"
    remark = ""
    if screen := next((each for each in words[:3] if each in SCREENS), ""):
        asked, remark = "not", f"{seen} starts {SCREENS[screen]}, which no request asks"
    elif any(HOLE in each or "$" in each for each in command):
        remark = f"{seen}: no shell runs a command here: write the values in place of its variables"
    return Start(
        told,
        seen,
        command,
        port=_port_option(command, seen) or usual,
        asked=asked,
        serves=serves,
        remark=remark,
        workdir=workdir,
        folder=folder,
        weight=weight_of(f"{seen.path}/{name}"),
    )


def _with_values(words: tuple[str, ...], port: Port | None) -> tuple[str, ...]:
    """The words without what is for developers, and with a port where a variable stood that nothing tells."""
    program = words[0].rpartition("/")[2] if words else ""
    number = str(port.number if port is not None and port.number is not None else PORTS.get(program, 8080))
    found = []
    for before, each in zip(("", *words), words, strict=False):
        is_open = HOLE in each or "$" in each
        if is_open and before in ("--port", "-p"):
            found.append(number)
        elif each not in ("--reload", "--debug", HOLE):
            found.append(each.replace(f":{HOLE}", f":{number}"))
    return tuple(found)


def _placed(project: Project, words: tuple[str, ...], folder: str) -> tuple[tuple[str, ...], str] | None:
    """The words with files and modules found where they are in the project, and what is served."""
    program = words[0]
    if program in ("uvicorn", "gunicorn", "hypercorn", "granian"):
        return _with_application(project, words, folder)
    if program.startswith("python") or program in ("node", "streamlit", "chainlit", "fastapi", "deno", "bun", "tsx"):
        return _with_script(project, words, folder)
    is_shell = program in ("bash", "sh")
    if is_shell or program.startswith((".", "/")):
        script = _file(project, words[1] if is_shell and len(words) > 1 else program, folder)
        if script is None:
            return None
        return (("bash", script, *words[2:]) if is_shell else (f"./{script}", *words[1:])), ""
    return words, ""


def _with_application(project: Project, words: tuple[str, ...], folder: str) -> tuple[tuple[str, ...], str] | None:
    """`uvicorn app.main:app`, with the folder in which `app` is."""
    application = next((each for each in words[1:] if re.fullmatch(r"[\w.]+:[\w.]+(\(\))?", each)), None)
    if application is None:
        return words, ""
    root = _root_of_module(project, application.partition(":")[0], folder)
    if root is None:
        return None
    option = "--app-dir" if words[0] == "uvicorn" else "--chdir"
    options = (option, root) if root and option not in words else ()
    return (words[0], *options, *words[1:]), project.resolved(application.partition("(")[0].replace(":", "."))


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
