"""BIN201, BIN202, BIN203: programs that are missing, too old, or cannot run here."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from roadworthy.check import programs
from roadworthy.findings import Outcome, Report

Checked = Callable[..., Report]


@pytest.fixture
def bin_(tmp_path: Path) -> Path:
    """A folder for PATH, with the interpreter that the smallest agent is started with."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python").symlink_to(sys.executable)
    return folder


def program(folder: Path, name: str, text: str = "#!/bin/sh\nexit 0\n", mode: int = 0o755) -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


def debian(tmp_path: Path, text: str = "ID=debian\n") -> Path:
    (tmp_path / "system/etc").mkdir(parents=True)
    (tmp_path / "system/etc/os-release").write_text(text)
    return tmp_path / "system"


def test_all_that_is_missing_is_named_with_one_command(checked: Checked, bin_: Path, tmp_path: Path) -> None:
    declared = 'binaries: {no-such-a: "*", no-such-b: "*"}'

    report = checked("BIN201", declared, {"PATH": str(bin_)}, system=debian(tmp_path))

    assert [each.message for each in report.findings] == ["no-such-a is not installed", "no-such-b is not installed"]


@pytest.mark.parametrize(
    ("release", "command"),
    [
        ("ID=debian\n", "apt-get install -y whois ripgrep"),
        ('ID=ubuntu\nID_LIKE="debian"\n', "apt-get install -y whois ripgrep"),
        ("ID=alpine\n", "apk add whois ripgrep"),
        ("ID=unheard-of\n", None),
    ],
)
def test_the_package_is_that_of_the_distribution_here(
    checked: Checked,
    bin_: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    release: str,
    command: str | None,
) -> None:
    monkeypatch.setattr(programs, "ELSEWHERE", ())  # this machine may have them
    system = debian(tmp_path, release)

    report = checked("BIN201", 'binaries: {whois: "*", rg: "*"}', {"PATH": str(bin_)}, system=system)

    assert report.findings[0].commands[:1] == (() if command is None else (command,))
    assert report.findings[1].commands == ()


def test_a_program_off_path_is_found_where_it_is(checked: Checked, bin_: Path) -> None:
    report = checked("BIN201", 'binaries: {env: "*"}', {"PATH": str(bin_)})

    assert "is not on PATH" in report.findings[0].message


def test_a_program_without_its_run_bit_is_no_missing_one(checked: Checked, bin_: Path) -> None:
    program(bin_, "tool", mode=0o644)

    report = checked("BIN201", 'binaries: {tool: "*"}', {"PATH": str(bin_)})

    assert f"{bin_}/tool may not be run by this user" in report.findings[0].message


@pytest.mark.parametrize("declared", ['binaries: {tool: "*"}', 'binaries: {./bin/tool: "*"}', ""])
def test_programs_that_are_here_pass(checked: Checked, bin_: Path, declared: str) -> None:
    program(bin_, "tool")

    report = checked("BIN201", declared, {"PATH": f"/nowhere:{bin_}"})

    assert report.checks[0].verdict is Outcome.PASS


@pytest.mark.parametrize(
    ("prints", "wanted", "told"),
    [
        ("tool 12.9.1", ">=13", "12.9.1"),
        ("tool version 2.0 (build 77)", ">=2.1", "2.0"),
        ("v1.4", "<1.4", "1.4"),
        ("GNU tool 3.11\\nlicence 9", ">=4", "3.11"),
        ("go version go1.21.5 linux/amd64", ">=1.22", "1.21.5"),
        ("jq-1.6", ">=1.7", "1.6"),
        ("2.10", ">2.10", "2.10"),
    ],
)
def test_a_program_of_another_version_is_told(
    checked: Checked, bin_: Path, prints: str, wanted: str, told: str
) -> None:
    program(bin_, "tool", f"#!/bin/sh\nprintf '{prints}\\n'\n")

    report = checked("BIN202", f'binaries: {{tool: "{wanted}"}}', {"PATH": f"{bin_}:/usr/bin:/bin"})

    assert report.findings[0].message == f"tool is version {told}, declared is {wanted}"


@pytest.mark.parametrize(
    ("prints", "wanted"),
    [("ripgrep 13.0.0 (rev abc)", ">=13"), ("tool-1.6", ">=1.6,<2"), ("2.10", ">=2.9"), ("tool v22.3.0", ">=20")],
)
def test_a_program_of_a_declared_version_passes(checked: Checked, bin_: Path, prints: str, wanted: str) -> None:
    program(bin_, "tool", f"#!/bin/sh\necho '{prints}'\n")

    report = checked("BIN202", f'binaries: {{tool: "{wanted}"}}', {"PATH": f"{bin_}:/usr/bin:/bin"})

    assert (report.findings, report.checks[0].verdict) == ((), Outcome.PASS)


def test_a_program_that_wants_another_option_is_asked_with_it(checked: Checked, bin_: Path) -> None:
    program(bin_, "ffmpeg", '#!/bin/sh\n[ "$1" = -version ] && echo 5.1 || { echo bad option 99 >&2; exit 1; }\n')

    report = checked("BIN202", 'binaries: {ffmpeg: ">=5"}', {"PATH": f"{bin_}:/usr/bin:/bin"})

    assert report.checks[0].reason == "ffmpeg 5.1"


def test_a_program_is_asked_once_and_given_no_word_that_it_may_act_on(
    checked: Checked, bin_: Path, tmp_path: Path
) -> None:
    program(bin_, "tool", f'#!/bin/sh\necho "$@" >>{tmp_path}/asked\nexit 1\n')

    checked("BIN202", 'binaries: {tool: ">=5"}', {"PATH": f"{bin_}:/usr/bin:/bin"})

    assert (tmp_path / "asked").read_text() == "--version\n"


def test_a_program_that_does_not_end_is_not_called_sound(checked: Checked, bin_: Path) -> None:
    program(bin_, "tool", "#!/bin/sh\nsleep 600\n")

    report = checked(
        "BIN203", 'binaries: {tool: "*"}', {"PATH": f"{bin_}:/usr/bin:/bin"}, runs_binaries=True, patience=1.0
    )

    assert report.checks[0].verdict is Outcome.NOT_TESTED
    assert "it is not known whether it works: did not end within" in (report.checks[0].reason or "")


@pytest.mark.parametrize("text", ["#!/bin/sh\necho none\n", "#!/bin/sh\nsleep 600\n"])
def test_a_program_that_says_no_version_is_not_tested(checked: Checked, bin_: Path, text: str) -> None:
    program(bin_, "tool", text)

    report = checked("BIN202", 'binaries: {tool: ">=5"}', {"PATH": f"{bin_}:/usr/bin:/bin"}, patience=1.0)

    assert report.findings == ()
    assert report.checks[0].verdict is Outcome.NOT_TESTED
    assert "tool does not say its version" in (report.checks[0].reason or "")


def test_a_program_without_a_version_is_not_run(checked: Checked, bin_: Path, tmp_path: Path) -> None:
    program(bin_, "tool", f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    environment = {"PATH": f"{bin_}:/usr/bin:/bin"}

    checked("BIN", 'binaries: {tool: "*"}', environment)
    assert not (tmp_path / "ran").exists()

    checked("BIN", 'binaries: {tool: "*"}', environment, runs_binaries=True)
    assert (tmp_path / "ran").exists()


def elf(machine: int, loader: str) -> bytes:
    """The head of a 64-bit program for `machine` that wants `loader`."""
    name = loader.encode() + b"\0"
    order = "<" if sys.byteorder == "little" else ">"
    head = b"\x7fELF" + bytes([2, 1 if order == "<" else 2, 1]) + bytes(9)
    head += struct.pack(f"{order}HHIQQQIHHHHHH", 2, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    return head + struct.pack(f"{order}IIQQQQQQ", 3, 4, 120, 0, 0, len(name), len(name), 1) + name


OWN = {"x86_64": 62, "aarch64": 183}.get(os.uname().machine, 62)
OTHER = 183 if OWN == 62 else 62


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (elf(OTHER, "/bin/sh"), "it is built for"),
        (elf(OWN, "/lib/ld-musl-nowhere.so.1"), "it is built for musl (Alpine)"),
        (b"#!/usr/bin/nothing-like-it\n", "its interpreter /usr/bin/nothing-like-it is not here"),
        (b"#!/bin/sh\r\necho\r\n", "CR LF"),
    ],
)
def test_what_cannot_run_here_is_told_without_running_it(
    checked: Checked, bin_: Path, content: bytes, told: str
) -> None:
    (bin_ / "tool").write_bytes(content)
    (bin_ / "tool").chmod(0o755)

    report = checked("BIN203", 'binaries: {tool: "*"}', {"PATH": str(bin_)})

    assert told in report.findings[0].message


@pytest.mark.parametrize(
    "content",
    [elf(OWN, "/bin/sh"), b"#!/bin/sh\nexit 0\n", b"#!/usr/bin/env nothing-like-it\n", b"no format of ours"],
)
def test_what_nothing_speaks_against_passes(checked: Checked, bin_: Path, content: bytes) -> None:
    (bin_ / "tool").write_bytes(content)
    (bin_ / "tool").chmod(0o755)

    assert checked("BIN203", 'binaries: {tool: "*"}', {"PATH": str(bin_)}).findings == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("#!/bin/sh\necho 'tool: error while loading shared libraries: libx.so.3' >&2; exit 127\n", "libx.so.3"),
        ("#!/bin/sh\nkill -ILL $$\n", "ended by signal 4"),
    ],
)
def test_a_program_that_fails_to_start_is_told(checked: Checked, bin_: Path, text: str, told: str) -> None:
    program(bin_, "tool", text)

    report = checked("BIN203", 'binaries: {tool: ">=1"}', {"PATH": f"{bin_}:/usr/bin:/bin"})

    assert told in report.findings[0].message
