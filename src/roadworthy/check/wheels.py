"""Compiled packages: the Python, the C library and the processor that each was built for, and those that are here."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roadworthy.check.packages import Installed
    from roadworthy.check.python import Python

PROCESSORS = {3: "i686", 21: "ppc64le", 22: "s390x", 40: "armv7l", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
"""Names in platform tags by ELF's `e_machine` (elf.h)."""
OLD_NAMES = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
"""The oldest glibc that each is for (PEP 600)."""
SYSTEMS = {"macosx": "macOS", "win32": "Windows", "win": "Windows", "ios": "iOS", "android": "Android"}
INTERPRETER = 3
"""ELF's program header that names the loader: it tells the C library."""
LARGEST_HEADER = 64 * 1024
_TAG = re.compile(r"^Tag: *(\S+)", re.MULTILINE)
_LINUX = re.compile(r"(?P<kind>linux|manylinux\d*|musllinux)(?:_(?P<major>\d+)_(?P<minor>\d+))?_(?P<machine>[a-z]\w*)")
_COMPILED_FOR = re.compile(r"\.cpython-\d+t?-[\w]+-linux-(?P<libc>gnu|musl)\w*\.so")


@dataclass(frozen=True, slots=True)
class Platform:
    """What an interpreter is built for. None where it is not told."""

    processor: str | None = None
    libc: str | None = None
    """`glibc` or `musl`."""
    libc_version: tuple[int, int] | None = None


def platform_of(python: Python) -> Platform:
    """What the interpreter's own file says; nothing where it is no program of Linux."""
    try:
        with python.executable.open("rb") as file:
            header = file.read(LARGEST_HEADER)
    except OSError:
        return Platform()
    processor, loader = _elf(header)
    if processor is None:
        return Platform()
    libc = "musl" if "musl" in loader else "glibc" if "ld-linux" in loader or "ld64" in loader else None
    return Platform(processor, libc, _glibc() if libc == "glibc" else None)


def foreign(
    packages: Mapping[str, tuple[Installed, ...]], version: tuple[int, ...], platform: Platform
) -> dict[str, list[str]]:
    """Packages that cannot work here, by what they were built for: `Python 3.12`, `musl`."""
    found: dict[str, list[str]] = {}
    for several in packages.values():
        built_for = [_built_for(one.folder, version, platform) for one in several]
        if built_for[0] is not None and None not in built_for:
            found.setdefault(built_for[0], []).append(several[0].name)
    return found


def _built_for(folder: Path, version: tuple[int, ...], platform: Platform) -> str | None:
    """What a package was built for, where that is not this; None where it fits, or nothing tells."""
    try:
        tags = _TAG.findall((folder / "WHEEL").read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    reasons = [_misfit(tag, version, platform) for tag in _spread(tags)]
    if not reasons or None in reasons:
        is_local = any("-linux_" in tag for tag in tags)
        return _other_libc(folder, platform) if is_local and platform.libc is not None else None
    return reasons[-1]


def _spread(tags: Iterable[str]) -> Iterable[str]:
    """Tags one by one: `py2.py3-none-any` is two."""
    for tag in tags:
        parts = tag.split("-")
        if len(parts) == 3:
            for python in parts[0].split("."):
                for platform in parts[2].split("."):
                    yield f"{python}-{parts[1]}-{platform}"


def _misfit(tag: str, version: tuple[int, ...], platform: Platform) -> str | None:
    python, abi, place = tag.split("-")
    return _other_platform(place, platform) or _other_python(python, abi, version)


def _other_python(python: str, abi: str, version: tuple[int, ...]) -> str | None:
    found = re.fullmatch(r"(cp|py|pp)(\d)(\d*)", python)
    if found is None or found[1] == "pp":
        return None
    wanted = (int(found[2]), int(found[3])) if found[3] else (int(found[2]),)
    here = version[: len(wanted)]
    is_least = found[1] == "py" or abi in ("abi3", "none")
    fits = wanted[0] == here[0] and wanted <= here if is_least else wanted == here
    return None if fits else f"Python {'.'.join(map(str, wanted))}"


def _other_platform(place: str, platform: Platform) -> str | None:
    if place == "any" or platform.processor is None:
        return None
    found = _LINUX.fullmatch(place)
    if found is None:
        return next((name for start, name in SYSTEMS.items() if place.startswith(start)), None)
    if found["machine"] != platform.processor:
        return f"the processor {found['machine']}"
    if platform.libc is None or found["kind"] == "linux":
        return None
    libc = "musl" if found["kind"] == "musllinux" else "glibc"
    if libc != platform.libc:
        return libc
    least = (int(found["major"]), int(found["minor"])) if found["major"] else OLD_NAMES.get(found["kind"])
    if libc == "glibc" and platform.libc_version is not None and least is not None and least > platform.libc_version:
        return f"glibc {least[0]}.{least[1]} or newer"
    return None


def _other_libc(folder: Path, platform: Platform) -> str | None:
    """What a package that was compiled on some machine says in its files' names: `_x.cpython-312-x86_64-linux-musl.so`.

    Before 3.11 Pythons of musl called themselves `gnu` too: only `musl` among those of glibc tells.
    """
    try:
        names = (folder / "RECORD").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    found = {match["libc"] for match in _COMPILED_FOR.finditer(names)}
    return "musl" if found == {"musl"} and platform.libc == "glibc" else None


def _elf(header: bytes) -> tuple[str | None, str]:
    """The processor and the loader that an ELF file names."""
    if header[:4] != b"\x7fELF" or len(header) < 64:
        return None, ""
    order = "<" if header[5] == 1 else ">"
    wide = header[4] == 2
    (machine,) = struct.unpack_from(f"{order}H", header, 18)
    processor = PROCESSORS.get(machine)
    at, size, count = (32, 54, 56) if wide else (28, 42, 44)
    (start,) = struct.unpack_from(f"{order}{'Q' if wide else 'I'}", header, at)
    (length,) = struct.unpack_from(f"{order}H", header, size)
    (entries,) = struct.unpack_from(f"{order}H", header, count)
    for number in range(entries):
        entry = start + number * length
        if entry + length > len(header):
            break
        if struct.unpack_from(f"{order}I", header, entry)[0] == INTERPRETER:
            offset = struct.unpack_from(f"{order}{'Q' if wide else 'I'}", header, entry + (8 if wide else 4))[0]
            return processor, header[offset : offset + 256].split(b"\0")[0].decode("ascii", "replace")
    return processor, ""


def _glibc() -> tuple[int, int] | None:
    """The version on this machine; None where this process runs on another C library."""
    try:
        told = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        return None
    found = re.fullmatch(r"glibc (\d+)\.(\d+).*", told)
    return (int(found[1]), int(found[2])) if found is not None else None
