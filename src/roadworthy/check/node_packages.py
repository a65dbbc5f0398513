"""Packages of Node: what package-lock.json fixes, and what stands in node_modules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from roadworthy.check.command_words import bare

if TYPE_CHECKING:
    from roadworthy.manifest.model import Agent

PROGRAMS = frozenset({"node", "nodejs", "npm", "npx", "yarn", "pnpm", "tsx", "ts-node", "nodemon", "pm2", "next"})
ELSEWHERE = frozenset({"os", "cpu", "libc", "inBundle"})
"""Keys of packages that another platform has, or that lie in the one that brings them."""
OTHER_LOCKS = {"yarn.lock": "yarn install --immutable", "pnpm-lock.yaml": "pnpm install --frozen-lockfile"}


@dataclass(frozen=True, slots=True)
class NodeDifference:
    """A package whose version is another one (None: it is not there) than the lock's."""

    name: str
    installed: str | None
    locked: str
    is_direct: bool


@dataclass(frozen=True, slots=True)
class NodeLock:
    """A package-lock.json held against node_modules."""

    compared: int
    differences: tuple[NodeDifference, ...]


def runs_node(agent: Agent) -> bool:
    """Whether the agent's command is a program of Node."""
    words = bare(agent.command or ()).words
    return bool(words) and (PurePath(words[0]).name in PROGRAMS or words[0].endswith((".js", ".mjs", ".cjs")))


def held_against(root: Path) -> NodeLock | None:
    """How node_modules differs from the lock; None where there is no package-lock.json that can be read."""
    lock = _json(root / "package-lock.json")
    rows = lock.get("packages")
    if not isinstance(rows, dict):
        return None
    own = rows.get("", {})
    direct = {f"node_modules/{name}" for name in own.get("dependencies") or {}}
    is_whole = (root / "node_modules" / ".package-lock.json").is_file()  # npm's own: nothing lies in another place
    compared, found = 0, []
    for place, row in rows.items():
        if not _is_wanted(place, row):
            continue
        version = _json(root / place / "package.json").get("version")
        if version is None and place not in direct and (not is_whole or ELSEWHERE.intersection(row)):
            continue
        compared += 1
        if version != row["version"]:
            name = place.rpartition("node_modules/")[2]
            found.append(NodeDifference(name, version, row["version"], place in direct))
    return NodeLock(compared, tuple(found))


def other_lock(root: Path) -> Iterator[tuple[str, str]]:
    """Locks of other programs, and what installs just what is in them."""
    return ((name, command) for name, command in OTHER_LOCKS.items() if (root / name).is_file())


def _is_wanted(place: str, row: Any) -> bool:
    if "node_modules/" not in place or not isinstance(row, dict) or not isinstance(row.get("version"), str):
        return False
    return not any(row.get(key) for key in ("dev", "optional", "devOptional", "peer", "link"))


def _json(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
