"""The file that `simulate.script` names: replies of the simulated model, each with when it is given."""

from __future__ import annotations

from typing import Any

from roadworthy.manifest.mistakes import ManifestError, Mistakes, Source
from roadworthy.manifest.model import ScriptEntry
from roadworthy.manifest.reading import WRONG, Path, Reading, dotted
from roadworthy.manifest.tree import Items, Node, Scalar, Table

ROOT = "script"
"""How messages call the list: `script[0].reply`."""
SMALLEST = '- reply: {text: "Done. {{canary}}"}'


def script_in(source: Source) -> tuple[ScriptEntry, ...]:
    """The entries of a script. Raises ManifestError with all of its mistakes."""
    from roadworthy.manifest.yaml_tree import yaml_tree

    reading = Reading(Mistakes(source), is_manifest=False)
    tree = yaml_tree(reading.mistakes)
    if not isinstance(tree, Items) or not tree.nodes:
        at = 0 if tree is None else tree.at
        reading.mistakes.note(at, "a script is a list with at least one entry", "write at least:", SMALLEST)
        raise ManifestError(reading.mistakes.found)
    entries: Any = reading.value(tuple[ScriptEntry, ...], tree, (ROOT,))
    for index in range(len(tree.nodes)):
        _check_entry(reading, (ROOT, index))
    if reading.mistakes.found or entries is WRONG:
        raise ManifestError(reading.mistakes.found)
    return tuple(entries)


def _check_entry(reading: Reading, path: Path) -> None:
    """What no single key shows: keys that are missing, or exclude each other."""
    _need(reading, path, "reply", '{text: "Done. {{canary}}"}')
    reply = (*path, "reply")
    given = [key for key in ("text", "calls", "error") if not _is_missing(reading, reply, key)]
    if _is_mapping(reading.nodes.get(reply)):
        if not given:
            _note(reading, reply, f"{dotted(reply)} says nothing", "give it text, calls or error")
        elif "error" in given and len(given) > 1:
            _note(
                reading, reply, f"{dotted(reply)} has both an error and {given[0]}", "an error stands alone: keep one"
            )
    if "error" in given:
        _need(reading, (*reply, "error"), "status", "503")
    calls = reading.nodes.get((*reply, "calls"))
    for index in range(len(calls.nodes) if isinstance(calls, Items) else 0):
        _need(reading, (*reply, "calls", index), "name", "search")


def _need(reading: Reading, path: Path, key: str, example: str) -> None:
    if _is_mapping(reading.nodes.get(path)) and (*path, key) not in reading.keys:
        _note(reading, path, f"{dotted(path)} has no {key}", f"add one: {key}: {example}")


def _is_mapping(node: Node | None) -> bool:
    """A mapping, or nothing where one is read: what is neither has its mistake already."""
    return isinstance(node, Table) or (isinstance(node, Scalar) and node.value is None)


def _is_missing(reading: Reading, path: Path, key: str) -> bool:
    """Whether a key is not there, or nothing stands at it."""
    node = reading.nodes.get((*path, key))
    return node is None or (isinstance(node, Scalar) and node.value is None) or node == Items(node.at, ())


def _note(reading: Reading, path: Path, message: str, mend: str) -> None:
    at = reading.keys[path] if path in reading.keys else reading.nodes[path].at
    reading.mistakes.note(at, message, mend)
