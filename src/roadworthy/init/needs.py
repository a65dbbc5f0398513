"""What else the agent needs: models, programs, files and folders, what a replica gets, and the tools' definitions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from roadworthy.findings import Place
from roadworthy.hazards.binaries_in_source import is_a_program, is_for_another_system, slim
from roadworthy.hazards.model_names_in_source import models as known_models
from roadworthy.init.guess import Guess, is_writable
from roadworthy.init.python_names import names_model
from roadworthy.init.servers import place_of
from roadworthy.scan import nodes
from roadworthy.scan.model_names import named
from roadworthy.scan.moments import Moment, of_path
from roadworthy.scan.openings import openings, start_of
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    import yaml

    from roadworthy.scan.document import Document
    from roadworthy.scan.module import Module

SEARCHES = ("rg", "grep", "ag", "ack", "find", "fd")
"""Programs whose last argument is the folder that they search."""
_WITH_PROVIDER = re.compile(r"[a-z_-]+[:/](?P<name>[a-z][\w.@-]{2,60})")
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*([kKmMgGtT]?)(i?)[bB]?")
_OWN = re.compile(r"\.(py|pyi|pyc)$|(^|/)(\.env[^/]*|__pycache__)$")


def models(module: Module) -> Iterator[tuple[str, Place]]:
    """The models that a file names."""
    families = known_models().families
    for node, name in named(module, families):
        yield name, place_of(module, node)
    for constant in module.all(ast.Constant):
        found = _WITH_PROVIDER.fullmatch(constant.value) if isinstance(constant.value, str) else None
        if found is not None and found["name"].startswith(families) and names_model(constant):
            yield found["name"], place_of(module, constant)


def binaries(file: Module | Document) -> Iterator[tuple[str, Place]]:
    """The programs that a file starts and that a slim image does not have."""
    if of_path(file.path, samples=False) is not None:
        return
    for command in file.commands:
        if command.how == "asked" or not is_a_program(command) or is_for_another_system(command):
            continue
        moment = file.moment(command.at)
        if moment is Moment.EXAMPLE or (file.kind == "shell" and moment is Moment.UNKNOWN):
            continue
        name = command.name
        if (
            name not in slim()
            and not re.fullmatch(r"(python|pip)[\d.]*", name)
            and name not in file.project.declared.commands
        ):
            yield name, Place(file.path, command.at.line if hasattr(command.at, "line") else command.at.node.lineno)


def files(module: Module, root: Path) -> Iterator[tuple[str, str, Place]]:
    """(`read`, `write` or `workspace`, path, place) of each file and folder outside the code that is opened."""
    for opening in openings(module):
        moment = module.moment(opening.call)
        start = start_of(module, opening.path)
        if moment in (Moment.EXAMPLE, Moment.TEST) or start == "temporary":
            continue
        path = _path_of(module, opening.text, start)
        if path is None or _OWN.search(path):
            continue
        place = place_of(module, opening.call.node)
        if opening.writes:
            # What is made is a file; what has to be writable is its folder, where that is not the project's own.
            folder = str(PurePosixPath(path).parent) if PurePosixPath(path).suffix else path
            yield "write", path if folder in (".", "/") else folder, place
        elif path.startswith("/") or (root / path).exists():
            yield "read", path, place
    for command in module.commands:
        if command.name in SEARCHES and command.arguments:
            folder = command.arguments[-1].removeprefix("./").rstrip("/")
            if folder not in ("", ".") and HOLE not in folder and (root / folder).is_dir():
                yield "workspace", folder, place_of(module, command.at.node)


def _path_of(module: Module, text: str | None, start: str) -> str | None:
    """The path as the manifest has it; None where a part of it is not known."""
    if text is None or not text.strip() or not is_writable(text) or "://" in text:
        return None
    if start == "code":
        rest = text.rpartition("__file__")[2] if "__file__" in text else text.lstrip(HOLE)
        text = f"{PurePosixPath(module.path).parent}/{rest.lstrip('/')}".removeprefix("./")
    if HOLE in text or text.startswith(("~", "$", ":", "-")) or re.search(r"[*?{}<>\n\r\t]", text):
        return None
    parts: list[str] = []
    for part in text.removeprefix("./").rstrip("/").split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    path = "/".join(parts)
    known = ("/dev", "/proc", "/sys", "/tmp", "/etc/ssl", "/usr")  # noqa: S108 - every system's own
    is_own = path.startswith(known) or path.startswith("..")
    return None if not path or path != path.strip() or is_own else path


def resources(documents: Iterable[Document], service: str) -> dict[str, Guess]:
    """What compose and Kubernetes files give a replica: of the container whose name fits best, else the first."""
    found: list[tuple[int, dict[str, Guess]]] = []
    for document in documents:
        if document.kind in ("compose", "kubernetes") and of_path(document.path) is None:
            for name, container in _containers(document):
                told = _limits(document, container)
                if told:
                    found.append((0 if name and name in service else 1, told))
    return min(found, key=lambda each: each[0])[1] if found else {}


def _containers(document: Document) -> Iterator[tuple[str, yaml.Node]]:
    for root in nodes.nodes_of(document.source):
        if document.kind == "compose":
            yield from nodes.pairs(nodes.get(root, "services"))
        else:
            for key, node in nodes.everything(root):
                if key == "containers" and nodes.get(node, "image") is not None:
                    yield nodes.text(nodes.get(node, "name")) or "", node


def _limits(document: Document, container: yaml.Node) -> dict[str, Guess]:
    told: dict[str, Guess] = {}
    memory = nodes.get(container, "deploy", "resources", "limits", "memory") or nodes.get(container, "mem_limit")
    cpu = nodes.get(container, "deploy", "resources", "limits", "cpus") or nodes.get(container, "cpus")
    memory = memory or nodes.get(container, "resources", "limits", "memory")
    cpu = cpu or nodes.get(container, "resources", "limits", "cpu")
    is_compose = document.kind == "compose"
    if memory is not None and (size := _size(nodes.text(memory) or "", is_compose=is_compose)) is not None:
        told["memory"] = Guess(size, f"{document.path}:{nodes.spot(memory).line}")
    if cpu is not None and (count := _cores(nodes.text(cpu) or "")) is not None:
        told["cpu"] = Guess(count, f"{document.path}:{nodes.spot(cpu).line}")
    return told


def _size(text: str, *, is_compose: bool) -> str | None:
    """`512m` is 512 MiB to compose; to Kubernetes `512Mi` is, and `512M` is 512 MB."""
    found = _MEMORY.fullmatch(text.strip())
    if found is None or float(found[1]) <= 0:
        return None
    number, letter = found[1], found[2].upper()
    if not letter:
        return f"{int(float(number))}B"
    return f"{number}{letter}{'iB' if is_compose or found[3] else 'B'}"


def _cores(text: str) -> float | int | None:
    try:
        count = float(text.removesuffix("m")) / (1000 if text.endswith("m") else 1)
    except ValueError:
        return None
    if not 0 < count < 10_000:
        return None
    return int(count) if count.is_integer() else count


def tools(documents: Iterable[Document]) -> Guess | None:
    """The file that defines tools, where there is one."""
    found = [each for each in documents if each.kind == "tools" and of_path(each.path) is None]
    if not found:
        return None
    others = f"; also {', '.join(each.path for each in found[1:4])}" if len(found) > 1 else ""
    return Guess(found[0].path, f"defines tools{others}")
