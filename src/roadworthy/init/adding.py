"""What a manifest lacks, put into its text where it belongs; every character that is there stays.

The text is not read and written anew, as a round-trip library would do it: that moves spaces and quotes of the user's.
New lines are put in at the places that the parser tells, and what comes out has to say the same as before, and the new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from roadworthy.errors import UsageError
from roadworthy.init.guess import Draft, Guess
from roadworthy.init.writing import flow, list_lines, section_lines
from roadworthy.manifest.model import Manifest

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SINGLE = ("tools",)
"""Keys that hold one value: given once, they stand."""
WHOLE = ("resources", "budgets")
"""Sections that are the user's own as soon as they are there."""


@dataclass(slots=True)
class Addition:
    """New entries of one mapping or list, and where they go."""

    path: tuple[str, ...]
    entries: Mapping[str, Any] | list[Guess]


@dataclass(slots=True)
class Added:
    """The text with all that is new, and what that is, in words."""

    text: str
    told: list[str] = field(default_factory=list)


def added(text: str, draft: Draft, manifest: Manifest) -> Added:
    """The manifest `text` with what the draft has and it has not. `agent` and `name` are the user's, and stay."""
    root = yaml.compose(text, Loader=_LOADER)
    if not isinstance(root, yaml.MappingNode):
        raise UsageError("the manifest is no mapping")
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    is_windows = "\r\n" in text
    done = Added(text.removeprefix(mark).replace("\r\n", "\n"))
    for addition in _additions(root, draft, manifest):
        done.text = _put(done.text, addition)
        done.told += _words(addition)
    done.text = mark + (done.text.replace("\n", "\r\n") if is_windows else done.text)
    return done


def _additions(root: yaml.MappingNode, draft: Draft, manifest: Manifest) -> list[Addition]:
    found = []
    for key, value in draft.sections.items():
        node = _get(root, key)
        if key in SINGLE or key in WHOLE:
            if node is None:
                found.append(Addition((), {key: value}))
        elif isinstance(value, list):
            new = [each for each in value if each.value not in _scalars(node)]
            found += [Addition((key,), new)] if new else []
        elif key == "files":
            for kind, entries in value.items():
                below = _get(node, kind)
                if isinstance(entries, Guess):
                    found += [] if below is not None else [Addition((key,), {kind: entries})]
                    continue
                new = [each for each in entries if _path(each.value) not in map(_path, _scalars(below))]
                found += [Addition((key, kind), new)] if new else []
        else:
            names = set(getattr(manifest, key) or ())  # a merge key brings some that do not stand here
            known = {each for service in manifest.services.values() for each in (service.url, service.host)} - {None}
            entries = {name: each for name, each in value.items() if name not in names and not _addresses(each) & known}
            found += [Addition((key,), entries)] if entries else []
    return found


def _put(text: str, addition: Addition) -> str:
    """The text with an addition: below the deepest mapping or list of its path that is there."""
    root = yaml.compose(text, Loader=_LOADER)
    node: yaml.Node | None = root
    entries: Any = addition.entries
    path = list(addition.path)
    while path:
        below = _get(node, path[0])
        if below is None or _is_empty(below):
            for key in reversed(path[1:]):
                entries = {key: entries}
            if below is not None:
                return _in_place_of(text, below, entries)
            return _into(text, node, {path[0]: entries})
        node = below
        path.pop(0)
    return _into(text, node, entries)


def _into(text: str, node: yaml.Node | None, entries: Mapping[str, Any] | list[Guess]) -> str:
    assert isinstance(node, yaml.CollectionNode)
    if node.flow_style:
        end = node.end_mark.index - 1
        inside = text[node.start_mark.index + 1 : end]
        new = ", ".join(_flat(entries))
        before = inside.rstrip()
        comma = "" if not before or before.endswith(",") else ", "
        at = node.start_mark.index + 1 + len(before)
        if "#" in before.rpartition("\n")[2]:
            at, comma = end, "" if _last_is_comma(before) else ", "
        return text[:at] + comma + (" " if before.endswith(",") else "") + new + text[at:]
    # A block's end mark stands where the next thing begins: behind its blank lines and comments.
    last = _last_line(text, node)
    indent = node.start_mark.column
    lines = section_lines(entries, indent) if isinstance(entries, Mapping) else list_lines(entries, indent)
    new = "".join(f"{line}\n" for line in lines)
    head, tail = text[:last], text[last:]
    return head + ("" if head.endswith("\n") or not head else "\n") + new + tail


def _in_place_of(text: str, node: yaml.Node, entries: Mapping[str, Any] | list[Guess]) -> str:
    """An empty value (`env:`, `env: {}`, `models: null`) becomes the new entries, on one line."""
    start, end = node.start_mark.index, node.end_mark.index
    opening, closing = ("{", "}") if isinstance(entries, Mapping) else ("[", "]")
    space = "" if start == 0 or text[start - 1].isspace() else " "
    return text[:start] + space + opening + ", ".join(_flat(entries)) + closing + text[end:]


def _flat(entries: Any) -> list[str]:
    if isinstance(entries, Mapping):
        return [f"{flow(name)}: {_one(value)}" for name, value in entries.items()]
    return [_one(each) for each in entries]


def _one(value: Any) -> str:
    if isinstance(value, Guess):
        return flow(value.value)
    return "{" + ", ".join(_flat(value)) + "}" if isinstance(value, Mapping) else "[" + ", ".join(_flat(value)) + "]"


def _last_line(text: str, node: yaml.CollectionNode) -> int:
    """Where the line behind the node's last scalar or bracket begins."""
    last: yaml.Node = node
    while last.value and not getattr(last, "flow_style", True):
        following = last.value[-1]
        last = following[1] if isinstance(following, tuple) else following
    end = last.end_mark.index
    if isinstance(last, yaml.ScalarNode) and last.style in ("|", ">"):
        return end
    line_end = text.find("\n", end)
    return len(text) if line_end < 0 else line_end + 1


def _last_is_comma(inside: str) -> bool:
    lines = [line.partition(" #")[0].rstrip() for line in inside.splitlines()]
    told = [line for line in lines if line]
    return not told or told[-1].endswith(",")


def _get(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if getattr(name, "value", None) == key), None)


def _scalars(node: yaml.Node | None) -> list[str]:
    return [str(each.value) for each in node.value] if isinstance(node, yaml.SequenceNode) else []


def _addresses(guess: Guess) -> set[str | None]:
    """Where a service is; of anything else nothing."""
    return {guess.value.get("url"), guess.value.get("host")} - {None} if isinstance(guess.value, Mapping) else set()


def _path(written: str) -> str:
    return written.removeprefix("./").rstrip("/")


def _is_empty(node: yaml.Node) -> bool:
    if isinstance(node, yaml.CollectionNode):
        return not node.value
    return node.tag.endswith(":null")


def _words(addition: Addition) -> list[str]:
    where = ".".join(addition.path)
    if isinstance(addition.entries, list):
        return [f"{where}: {each.value}{_seen(each)}" for each in addition.entries]
    return [
        f"{where}.{name}{_seen(each)}" if where else f"{name}{_seen(each)}" for name, each in addition.entries.items()
    ]


def _seen(value: Any) -> str:
    return f" ({value.comment})" if isinstance(value, Guess) and value.comment else ""
