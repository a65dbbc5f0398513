"""Minimal pairs: the sound agent, and the same one with a single hazard written into it.

`failing/CODE.toml` holds for each code one or more ways in which people really come to write that hazard;
`look_alikes.toml` holds sound agents that only look as if. Both are edits to `sound/`, so that two twins
differ in nothing else.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

HERE = Path(__file__).parent
SOUND = HERE / "sound"
PORT = "8091"
"""Where the sound agent's customer service listens; what is written has a free one in its place."""
FOLDER = "{{folder}}"
"""In an edit: the folder that the agent is written to."""


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Replace `old`, which occurs exactly once; without `old`, `new` is a new file.

    An `executable` one can be run here, and in git it cannot, as where `core.fileMode` is off.
    """

    file: str
    new: str
    old: str | None = None
    executable: bool = False


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to write a hazard, or a look-alike: `edit` is all that sets it apart from the sound agent.

    both    edits that both twins get: figures without which the hazard could not show
    also    codes that this one cannot help failing too: ALL301 has every condition of the others; of any
            further one `why` says why
    """

    name: str
    story: str
    edit: tuple[Edit, ...]
    both: tuple[Edit, ...] = ()
    also: frozenset[str] = frozenset()
    why: str = ""


class Variants(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of them."""

    variant: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two folders that differ in one hazard."""

    failing: Path
    mended: Path


def codes() -> tuple[str, ...]:
    """Every code that has a pair, in the order of the hazards' list."""
    order = "ENV PATH NET PERM BIN RATE TIME MEM CONC MODEL COLD LOG LIFE ALL".split()
    found = sorted(file.stem for file in (HERE / "failing").glob("*.toml"))
    return tuple(sorted(found, key=lambda code: order.index(code[:-3])))


def failing(code: str) -> tuple[Variant, ...]:
    """The ways to write this hazard; the first is the plainest."""
    return _read(HERE / "failing" / f"{code}.toml")


def look_alikes() -> tuple[Variant, ...]:
    """Sound agents that must not be accused."""
    return _read(HERE / "look_alikes.toml")


def write_pair(code: str, folder: Path, variant: Variant | None = None) -> Pair:
    """Write both twins of a code below `folder`: its first variant unless another is given."""
    variant = variant or failing(code)[0]
    port = _free_port()
    return Pair(
        failing=write_agent(folder / "failing", (*variant.both, *variant.edit), port),
        mended=write_agent(folder / "mended", variant.both, port),
    )


def write_agent(folder: Path, edits: Iterable[Edit] = (), port: str | None = None) -> Path:
    """Write the sound agent with these edits to a new folder, and give that back."""
    shutil.copytree(SOUND, folder, ignore=shutil.ignore_patterns("__pycache__"))
    edits = tuple(edits)
    for edit in edits:
        _apply(edit, folder)
    port = port or _free_port()
    for file in _text_files(folder):
        text = file.read_text("utf-8")
        file.write_text(text.replace(PORT, port).replace(FOLDER, str(folder)), "utf-8")
    if any(edit.executable for edit in edits):
        git = ("git", "-C", str(folder), "-c", "core.fileMode=false")
        subprocess.run([*git, "init", "--quiet"], check=True)
        subprocess.run([*git, "add", "."], check=True)
    return folder


def table() -> str:
    """All pairs as the table of README.md."""
    rows = ["| code | the hazard as written | what it is | differs in |", "|---|---|---|---|"]
    for code in codes():
        for variant in failing(code):
            rows.append(f"| {code} | {variant.name} | {variant.story} | {_files(variant.edit)} |")
    rows += ["", "| look-alike | what it is | differs in |", "|---|---|---|"]
    rows += [f"| {variant.name} | {variant.story} | {_files(variant.edit)} |" for variant in look_alikes()]
    return "\n".join(rows)


def _read(file: Path) -> tuple[Variant, ...]:
    return msgspec.toml.decode(file.read_bytes(), type=Variants).variant


def _apply(edit: Edit, folder: Path) -> None:
    file = folder / edit.file
    if edit.old is None:
        assert not file.exists(), f"{edit.file}: is there already"
        file.write_text(edit.new, "utf-8")
        if edit.executable:
            file.chmod(0o755)
        return
    text = file.read_text("utf-8")
    assert text.count(edit.old) == 1, f"{edit.file}: {text.count(edit.old)} times, not once:\n{edit.old}"
    file.write_text(text.replace(edit.old, edit.new), "utf-8")


def _text_files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file())


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _files(edits: Iterable[Edit]) -> str:
    return ", ".join(dict.fromkeys(f"`{edit.file}`" for edit in edits))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["table"]:
            print(table())
        case ["write", code, folder]:
            for variant in failing(code):
                print(write_pair(code, Path(folder) / variant.name.replace(" ", "-"), variant).failing)
        case _:
            sys.exit("usage: pairs.py table | pairs.py write CODE FOLDER")
