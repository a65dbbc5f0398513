"""A relative path's literal as an edit: built from the place of the file that names it."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from roadworthy.scan.edits import imported, replaced, written
from roadworthy.scan.openings import mendable
from roadworthy.scan.tree import parent

if TYPE_CHECKING:
    from roadworthy.findings import Edit
    from roadworthy.scan.module import Module
    from roadworthy.scan.openings import Opening

_METHODS = ("open", "read_text", "read_bytes")
"""Of a `Path`: what others give back begins with the path."""
_CELLS = re.compile(r"^# (?:%%|Databricks notebook|In\[)", re.MULTILINE)
"""Run cell by cell, where there is no `__file__`."""
_COPIES = re.compile(r"^[ \t]*(?:COPY|ADD)[ \t]+(?P<words>(?:[^\\\n]|\\\n)+)", re.MULTILINE | re.IGNORECASE)


def beside(module: Module, opened: Opening) -> Edit | None:
    """`"prompt.txt"` becomes `Path(__file__).parent / "prompt.txt"`, and so what `Path("prompt.txt")` holds.

    Only of what is read, and lies in one folder around this file: of two it may be either.
    """
    if opened.writes or opened.by_default is not None or not _is_surely_read(opened) or _CELLS.search(module.source):
        return None
    path = opened.path
    while isinstance(path, ast.BinOp) and isinstance(path.op, ast.Div):
        path = path.left
    match path:
        case ast.Call(func=function, args=[ast.Constant(value=str() as text) as literal], keywords=[]):
            if module.call(path).name == "pathlib.Path" and (folder := _folder_of(module, text)) is not None:
                built = f"{written(module, function)}(__file__).{folder} / {written(module, literal)}"
                return replaced(module, path, f"({built})" if isinstance(parent(path), ast.Attribute) else built)
        case ast.Constant(value=str() as text) if path is opened.path:
            known, folder = imported(module, path, "pathlib", "Path"), _folder_of(module, text)
            if known is not None and folder is not None:
                built = f"{known[0]}(__file__).{folder} / {written(module, path)}"
                return replaced(module, path, built, *known[1])
    return None


def _is_surely_read(opened: Opening) -> bool:
    """Whether only what is in the file matters, and its mode, where it has one, is written there."""
    call, function = opened.call, opened.call.node.func
    is_method = isinstance(function, ast.Attribute) and function.value is opened.path
    word = call.name.rpartition(".")[2]
    if not (word in _METHODS if is_method else call.name in mendable()):
        return False
    mode = call.argument(0 if is_method else 1, "mode") if word in ("open", "open_file", "ZipFile") else None
    return mode is None or isinstance(call.module.constant(mode), str)


def _folder_of(module: Module, path: str) -> str | None:
    """The folder around this file that holds `path`, in git where there is git; `.env` is another one everywhere."""
    parts = PurePosixPath(path).parts
    if not parts or ".." in parts or "\\" in path or parts[-1].startswith(".env"):
        return None
    disk = module.project.disk
    places = [str(folder / path) for folder in PurePosixPath(module.path).parents]
    found = [number for number, place in enumerate(places) if disk.exists(place)]
    if len(found) != 1:
        return None
    place = places[found[0]]
    if _is_copied_without(module, str(PurePosixPath(module.path).parents[found[0]])):
        return None
    if disk.lacks_in_git(place):
        return None
    return "parent" if found[0] == 0 else f"parents[{found[0]}]"


def _is_copied_without(module: Module, folder: str) -> bool:
    """Whether an image may hold this file elsewhere than where the project has it, seen from that folder.

    `COPY app/ .` takes `app/main.py` out of `app`; `COPY app/ app/` and `COPY . .` keep it there.
    """
    for image in module.project.declared.of_kind("docker"):
        context = PurePosixPath(image.path).parent
        for found in _COPIES.finditer(image.source):
            words = re.findall(r"[^\s\[\],\"\\]+", found["words"])
            if any(word.startswith("--from") for word in words):
                continue
            *sources, target = [word for word in words if not word.startswith("--")] or [""]
            for source in sources:
                for copied in {PurePosixPath(source.lstrip("/")), context / source}:
                    if _leaves_behind(copied, PurePosixPath(target), PurePosixPath(module.path), folder):
                        return True
    return False


def _leaves_behind(copied: PurePosixPath, target: PurePosixPath, file: PurePosixPath, folder: str) -> bool:
    pattern = next((number for number, part in enumerate(copied.parts) if "*" in part), None)
    base = copied.parent if copied == file else PurePosixPath(*copied.parts[:pattern])
    if not file.is_relative_to(base) or PurePosixPath(folder).is_relative_to(base):
        return False  # it holds neither, or both
    return target.parts[-len(base.parts) :] != base.parts
