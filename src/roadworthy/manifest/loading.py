"""From a file to a Manifest, or to all of its mistakes at once."""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path
from typing import Any

from roadworthy.errors import UsageError
from roadworthy.manifest.consistency import check_consistency
from roadworthy.manifest.keys import keys_of
from roadworthy.manifest.mistakes import ManifestError, Mistake, Mistakes, Source, quoted
from roadworthy.manifest.model import Agent, Manifest, ScriptEntry
from roadworthy.manifest.reading import Path as KeyPath
from roadworthy.manifest.reading import Reading
from roadworthy.manifest.script import script_in
from roadworthy.manifest.tree import Node, Scalar

NAMES = ("roadworthy.yaml", "roadworthy.yml")
PROJECT = "pyproject.toml"
TABLE = ("tool", "roadworthy")
SMALLEST = "agent: {entry: app.py:agent}"
SMALLEST_TOML = '[tool.roadworthy]\n  agent = {entry = "app.py:agent"}'
LARGEST = 1024 * 1024
"""Bytes. A manifest is a few kilobytes; a file of another kind given by accident may be huge."""


class NoManifestError(UsageError):
    """The folder has none."""


def load(path: Path | None = None, *, agent: str | None = None) -> Manifest:
    """The manifest in the file `path`, in the folder `path`, or in the current folder.

    In a folder it is `roadworthy.yaml`, else `roadworthy.yml`, else `[tool.roadworthy]` in `pyproject.toml`.
    `agent` keeps one of several agents, by name. Raises UsageError where there is no manifest or no such
    agent, and ManifestError with all its mistakes where it is wrong.
    """
    manifest, reading = read(path)
    return manifest if agent is None else _only(manifest, agent, reading.mistakes.source)


def read(path: Path | None = None, *, agent_needed: bool = True) -> tuple[Manifest, Reading]:
    """The manifest as `load` finds it, with the place of each value; without an agent where none is needed."""
    file = find(path)
    return _loaded(file, _read(file), agent_needed=agent_needed)


def loads(file: Path, text: str) -> Manifest:
    """The manifest that `text` would be in `file`. Raises ManifestError as `load` does."""
    return _loaded(file, Source(str(file), text.removeprefix("\ufeff")), agent_needed=True)[0]


def _loaded(file: Path, source: Source, *, agent_needed: bool) -> tuple[Manifest, Reading]:
    reading = Reading(Mistakes(source))
    manifest = _manifest(_tree(file, reading.mistakes), file, reading, agent_needed=agent_needed)
    entries, wrong = _script(manifest, file, reading)
    if reading.mistakes.found or wrong:
        raise ManifestError([*reading.mistakes.found, *wrong])
    return replace(manifest, simulate=replace(manifest.simulate, entries=entries)), reading


def find(path: Path | None) -> Path:
    """The manifest's file, whatever is in it. Raises NoManifestError where there is none."""
    if path is not None and not path.is_dir():
        return path
    folder = path or Path()
    for name in NAMES:
        if (folder / name).is_file():
            return folder / name
    project = folder / PROJECT
    if project.is_file() and _has_table(project):
        return project
    place = "this folder" if path is None else str(path)
    raise NoManifestError(
        f"no manifest in {place}\n"
        f"  looked for {', '.join(NAMES)} and [tool.roadworthy] in {PROJECT}, in {folder.absolute()}\n"
        f"  the smallest one is a {NAMES[0]} with this line, for the name `agent` in app.py:\n"
        f"    {SMALLEST}"
    )


def _has_table(project: Path) -> bool:
    """Whether a pyproject.toml has our table; one that cannot be read may have it, and is then explained."""
    import tomllib

    try:
        return "roadworthy" in tomllib.loads(_read(project).text).get("tool", {})
    except (ValueError, RecursionError, TypeError, AttributeError):
        return True


def _read(file: Path) -> Source:
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except FileNotFoundError:
        raise UsageError(f"{file}: no such file\n{_smallest_for(file)}") from None
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    if len(content) > LARGEST:
        raise UsageError(f"{file}: larger than {LARGEST // 1024**2} MiB: this is no manifest")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        source = Source(str(file), content[: error.start].decode())
        raise source.error(len(source.text), "not UTF-8 text", "save the file as UTF-8") from None
    return Source(str(file), text.removeprefix("\ufeff"))


def _smallest_for(file: Path) -> str:
    return f"  the smallest manifest is\n  {SMALLEST_TOML if file.suffix == '.toml' else SMALLEST}"


def _tree(file: Path, mistakes: Mistakes) -> Node:
    if file.suffix == ".toml":
        from roadworthy.manifest.toml_tree import toml_tree

        tree = toml_tree(mistakes.source, TABLE)
        if tree is None:
            raise UsageError(f"{file}: no [tool.roadworthy] in it\n{_smallest_for(file)}")
        return tree
    from roadworthy.manifest.yaml_tree import yaml_tree

    tree = yaml_tree(mistakes)
    if tree is None or (isinstance(tree, Scalar) and tree.value is None):
        raise mistakes.source.error(0, "the manifest is empty", "write at least:", SMALLEST)
    return tree


def _manifest(tree: Node, file: Path, reading: Reading, *, agent_needed: bool) -> Manifest:
    root = file.parent.resolve()
    if not reading.is_mapping(tree, (), SMALLEST):
        return Manifest(root)
    values: dict[str, Any] = reading.section(keys_of(Manifest), tree, ())
    alone: Agent | None = values.pop("agent", None)
    agents: dict[str, Agent] = values.pop("agents", {})
    manifest = Manifest(root=root, source=root / file.name, **values)
    paths: dict[KeyPath, Agent] = {("agents", name): agent for name, agent in agents.items()}
    if alone is not None:
        paths["agent",] = alone
        agents = {manifest.name: alone, **agents}
    check_consistency(manifest, paths, reading, agent_needed=agent_needed)
    return replace(manifest, agents={name: replace(agent, name=name) for name, agent in agents.items()})


def _script(manifest: Manifest, file: Path, reading: Reading) -> tuple[tuple[ScriptEntry, ...], tuple[Mistake, ...]]:
    """The entries of the script that the manifest names, and the mistakes in it."""
    name = manifest.simulate.script
    if name is None:
        return (), ()
    script = file.parent / name
    try:
        if not script.is_file():
            raise FileNotFoundError
        source = _read(script)
        return script_in(source), ()
    except ManifestError as error:
        return (), error.mistakes
    except (OSError, ValueError):
        told = f"simulate.script: there is no file {quoted(name)} in the project"
    except UsageError as error:
        told = f"simulate.script: {str(error).removeprefix(f'{script}: ')}"
    reading.mistakes.note(reading.nodes["simulate", "script"].at, told, "name a YAML file, from the project's folder")
    return (), ()


def _only(manifest: Manifest, name: str, source: Source) -> Manifest:
    if name not in manifest.agents:
        close = difflib.get_close_matches(name, manifest.agents, n=1)
        mend = f'did you mean "{close[0]}"?' if close else f"it has: {', '.join(manifest.agents)}"
        raise UsageError(f"{source.path}: no agent is called {name!r}\n  {mend}")
    return replace(manifest, agents={name: manifest.agents[name]})
