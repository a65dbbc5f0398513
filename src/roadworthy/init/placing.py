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
PORTS = {"uvicorn": 8000, "gunicorn": 8000, "hypercorn": 8000, "granian": 8000, "flask": 5000, "fastapi": 8000}
"""Where each listens when nobody says otherwise."""
SCREENS = {"streamlit": "a Streamlit page", "chainlit": "a Chainlit page", "gradio": "a Gradio page"}
_PORT_OPTION = re.compile(r"^(?:--port|-p|--bind|-b|-P)(?:=(?P<value>.*))?$")
_NO_AGENT = re.compile(
    r"(^|[/_.-])(front-?end|web|ui|client|nginx|proxy|docs|tests?|dev|devcontainer)([/_.-]|$)", re.IGNORECASE
)
_AGENT = re.compile(r"(^|[/_.-])(agents?|api|back-?end|service|server)([/_.-]|$)", re.IGNORECASE)


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
    asked: Asked = "langgraph" if program == "langgraph" else "adk" if program == "adk" else "http"
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
