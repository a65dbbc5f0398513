"""Edits of the framework agents: hazards planted into what passes, mends of what fails. `edits.toml` holds them."""

from __future__ import annotations

import re
import shutil
import textwrap
import tomllib
from pathlib import Path
from typing import Any, TypeAlias

from tests.frameworks.setting_up import HERE

Edit: TypeAlias = dict[str, Any]
FOLDER = "{folder}"
"""In an edit: the folder that the agent is written to."""

_TABLE: dict[str, Any] = tomllib.loads((HERE / "edits.toml").read_text("utf-8"))
EDITS: list[Edit] = _TABLE["edit"]


def edits_of(agent: str, turns: str) -> list[Edit]:
    """The edits of an agent that turn verdicts to `fail`, or to `pass`."""
    return [edit for edit in EDITS if agent in edit["agents"] and edit["turns"] == turns]


def write(agent: str, edit: Edit, folder: Path) -> None:
    """Write the agent with this edit to a new folder."""
    shutil.copytree(HERE / agent, folder, ignore=shutil.ignore_patterns(".venv", "node_modules", "__pycache__"))
    if (HERE / agent / "node_modules").is_dir():
        shutil.copytree(HERE / agent / "node_modules", folder / "node_modules", symlinks=True)
    for name in edit.get("with", ()):
        _apply(agent, _TABLE["pieces"][name], folder)
    _apply(agent, edit, folder)


def _apply(agent: str, edit: Edit, folder: Path) -> None:
    place = _TABLE["places"][agent]
    main = folder / place["file"]
    if "client" in edit:
        for before, after in place["client"]:
            _replace(main, before, after.replace("{options}", edit["client"]))
    for file, changes in edit.get("change", {}).items():
        for before, after in changes:
            _replace(folder / file, before, after)
    if "start" in edit:
        _replace(main, place["start"], f"{place['start']}\n{edit['start'].strip()}\n")
    if "request" in edit:
        code = textwrap.indent(edit["request"].strip(), "    ")
        _replace(main, place["request"], f"{place['request']}\n{code}")
    main.write_text(main.read_text("utf-8").replace(FOLDER, str(folder)), "utf-8")


def _replace(file: Path, before: str, after: str) -> None:
    """The first `before` by `after`, where a line or a word begins; an empty one makes a new file."""
    if not before:
        assert not file.exists(), f"{file.name} is there already"
        file.write_text(after, "utf-8")
        return
    text = file.read_text("utf-8")
    found = re.search(rf"(?<!\w){re.escape(before)}", text)
    assert found is not None, f"{file.name} has no {before!r}"
    file.write_text(text[: found.start()] + after + text[found.end() :], "utf-8")
