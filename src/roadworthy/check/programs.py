"""Programs on this machine: which package brings one, whether a file can run here, and which version it says it is."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roadworthy.check.machine import Ran

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine

PACKAGE_MANAGERS = {
    "debian": (0, "apt-get install -y {}", "RUN apt-get update && apt-get install -y --no-install-recommends {}"),
    "alpine": (1, "apk add {}", "RUN apk add --no-cache {}"),
    "darwin": (2, "brew install {}", None),
}
"""By family of distributions: the column in data/binaries.toml, the command, and the Dockerfile's line."""
ELSEWHERE = (
    "/usr/local/bin",
    "/usr/bin",
    "/bin",
    "/usr/sbin",
    "/sbin",
    "/opt/homebrew/bin",
    "/snap/bin",
    "~/.local/bin",
)
"""Folders that a shell's profile puts on PATH, and a container's start does not."""
USUAL = "--version"
"""How a program is asked for its version (GNU's coding standards); data/binaries.toml has those that want another."""
SECONDS = 2.0
"""For one program to say its version."""
ELF = b"\x7fELF"
MACHINES = {"x86_64": 62, "aarch64": 183, "i686": 3, "armv7l": 40, "riscv64": 243, "ppc64le": 21, "s390x": 22}
"""`e_machine` in an ELF header (System V ABI, chapter 4) by what uname says."""
INTERPRETER = 3
"""`p_type` of the program header that names the dynamic loader."""
_NUMBER = re.compile(r"(?<![\w.])(?:v|go|jq-)?(\d+(?:\.\d+)+|\d+)(?![\w]*\.[A-Za-z])")


def family(machine: Machine) -> str | None:
    """`debian`, `alpine` or `darwin`: whose packages are installed here."""
    try:
        lines = (machine.system / "etc/os-release").read_text("utf-8", "replace").splitlines()
    except OSError:
        return "darwin" if os.uname().sysname == "Darwin" else None
    told = dict(line.split("=", 1) for line in lines if "=" in line)
    names = f"{told.get('ID', '')} {told.get('ID_LIKE', '')}".replace('"', "").split()
    return next((name for name in names if name in PACKAGE_MANAGERS), "debian" if "ubuntu" in names else None)


def installing(machine: Machine, names: Sequence[str]) -> tuple[str, ...]:
    """The command and the Dockerfile's line that install `names`, as far as their packages are known."""
    of = PACKAGE_MANAGERS.get(family(machine) or "")
    if of is None:
        return ()
    column, command, line = of
    known = _table()["program"]
    packages = list(dict.fromkeys(known[name][column] for name in names if name in known and known[name][column]))
    words = " ".join(packages)
    return tuple(text.format(words) for text in (command, line) if text) if packages else ()


def elsewhere(machine: Machine, name: str) -> Path | None:
    """Where a program is that no folder of PATH holds."""
    home = machine.environment.get("HOME", "")
    for folder in ELSEWHERE:
        path = Path(folder.replace("~", home, 1) if home else folder, name)
        if not folder.startswith("~") or home:
            try:
                if path.is_file() and os.access(path, os.X_OK):
                    return path
            except OSError:
                continue
    return None


def cannot_run(path: Path) -> str | None:
    """Why this machine cannot run the file, by what it holds; None where nothing speaks against it."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError:
        return None  # a program may be run and not read
    if head.startswith(ELF):
        return _elf(head)
    if head.startswith(b"#!"):
        return _script(head)
    return None


def version_of(machine: Machine, path: Path) -> tuple[str | None, Ran]:
    """The version that a program says it is, such as `13.0.0`, and what came of asking."""
    ran = machine.run(str(path), _table()["version"].get(path.name, USUAL), seconds=SECONDS)
    found = _NUMBER.search(ran.output)
    return (found[1] if ran.status == 0 and found else None), ran


def _elf(head: bytes) -> str | None:
    is_64, order = head[4] == 2, "<" if head[5] == 1 else ">"
    (of,) = struct.unpack_from(f"{order}H", head, 18)
    own = MACHINES.get(os.uname().machine)
    if own is not None and of != own and (os.uname().machine, of) != ("x86_64", MACHINES["i686"]):
        name = next((name for name, number in MACHINES.items() if number == of), f"machine {of}")
        return f"it is built for {name}, and this machine is {os.uname().machine}"
    start, size, count = struct.unpack_from(f"{order}Q", head, 32)[0], 56, struct.unpack_from(f"{order}H", head, 56)[0]
    if not is_64:
        return None
    for at in range(start, min(start + size * count, len(head) - size + 1), size):
        kind, _, offset, _, _, length = struct.unpack_from(f"{order}IIQQQQ", head, at)
        if kind == INTERPRETER and offset + length <= len(head):
            loader = os.fsdecode(head[offset : offset + length].rstrip(b"\0"))
            if not Path(loader).exists():
                which = "musl (Alpine)" if "musl" in loader else "glibc"
                return f"it needs the loader {loader}, which is not here: it is built for {which}"
    return None


def _script(head: bytes) -> str | None:
    line = head.split(b"\n", 1)[0]
    if line.endswith(b"\r"):
        return "its first line ends in CR LF, so that its interpreter is not found"
    words = os.fsdecode(line[2:]).split()
    if words and words[0].startswith("/") and not Path(words[0]).exists():
        return f"its interpreter {words[0]} is not here"
    return None


@cache
def _table() -> dict[str, Any]:
    import tomllib
    from importlib.resources import files

    return tomllib.loads(files("roadworthy.data").joinpath("binaries.toml").read_text("utf-8"))
