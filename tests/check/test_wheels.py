"""DEP202: Python, its packages and this machine fit together."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.check.locked import AGENT, pyproject, told, uv_lock

from roadworthy.check.python import Python
from roadworthy.check.wheels import Platform, _elf, platform_of
from roadworthy.findings import Outcome, Report

Checked = Callable[..., Report]
HERE = sys.version_info[:2]
TAG = f"cp{HERE[0]}{HERE[1]}"


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A virtual environment of the project; gives its site-packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / ".venv"], check=True)
    (found,) = (tmp_path / ".venv" / "lib").glob("python*/site-packages")
    return found


def install(folder: Path, **versions: str) -> None:
    """Leave what an installer leaves of pure packages."""
    for name, version in versions.items():
        info = folder / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "WHEEL").write_text("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")


def built(folder: Path, name: str, *tags: str, files: Iterable[str] = ()) -> None:
    """Leave what an installer leaves of a compiled package."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "WHEEL").write_text("Wheel-Version: 1.0\n" + "".join(f"Tag: {tag}\n" for tag in tags))
    (info / "RECORD").write_text("".join(f"{file},sha256=x,1\n" for file in files))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"pyproject.toml": pyproject(python=">=3.99")}, "and pyproject.toml asks for >=3.99"),
        ({"pyproject.toml": pyproject(python=">=3.8,<3.10")}, "and pyproject.toml asks for >=3.8,<3.10"),
        ({"uv.lock": uv_lock(("a", "1"), python=">=3.99")}, "and uv.lock asks for >=3.99"),
        (
            {"poetry.lock": '[metadata]\nlock-version = "2.1"\npython-versions = "^3.99"\ncontent-hash = "0"\n'},
            "and poetry.lock asks for ^3.99",
        ),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "~3.8"\n'}, "asks for ~3.8"),
        ({".python-version": "3.99.1\n"}, "and .python-version says 3.99.1"),
    ],
)
def test_a_python_that_does_not_fit_is_told(
    checked: Checked, tmp_path: Path, environment: Path, files: dict[str, str], message: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    (finding,) = checked("DEP202", AGENT).findings

    assert message in finding.message


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": pyproject(python=f"=={HERE[0]}.{HERE[1]}.*")},
        {"pyproject.toml": pyproject(python=">=3.8"), "uv.lock": uv_lock(("a", "1"), python=">=3.99")},
        {".python-version": f"{HERE[0]}.{HERE[1]}.99\n"},
        {".python-version": f"3.99\n{HERE[0]}.{HERE[1]}\n"},
        {".python-version": "my-environment\n"},
        {"pyproject.toml": pyproject(python="whatever")},
        {"pyproject.toml": "no = [toml"},
        {},
    ],
)
def test_a_python_that_fits_passes(checked: Checked, tmp_path: Path, environment: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    report = checked("DEP202", AGENT)

    assert report.findings == ()
    assert report.checks[0].verdict is Outcome.PASS


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("cp38-cp38-manylinux_2_17_x86_64", "built for Python 3.8"),
        (f"{TAG}-{TAG}-musllinux_1_2_x86_64", "built for musl"),
        (f"{TAG}-{TAG}-manylinux_2_17_aarch64.manylinux2014_aarch64", "built for the processor aarch64"),
        (f"{TAG}-{TAG}-macosx_11_0_arm64", "built for macOS"),
        (f"{TAG}-{TAG}-win_amd64", "built for Windows"),
        (f"{TAG}-{TAG}-manylinux_2_99_x86_64", "built for glibc 2.99 or newer"),
        ("cp399-abi3-manylinux_2_17_x86_64", "built for Python 3.99"),
    ],
)
@pytest.mark.skipif(os.uname().machine != "x86_64" or not sys.platform.startswith("linux"), reason="tags of x86_64")
def test_a_package_built_for_elsewhere_is_told(checked: Checked, environment: Path, tag: str, message: str) -> None:
    built(environment, "cffi", tag)

    (finding,) = checked("DEP202", AGENT).findings

    assert finding.message.startswith(f"cffi is {message}; here is Python {HERE[0]}.{HERE[1]}")


@pytest.mark.parametrize(
    "tags",
    [
        (f"{TAG}-{TAG}-manylinux_2_17_x86_64", f"{TAG}-{TAG}-manylinux2014_x86_64"),
        ("cp38-abi3-manylinux1_x86_64",),
        ("py2.py3-none-any",),
        ("py3-none-manylinux_2_5_x86_64",),
        (f"{TAG}-{TAG}-linux_x86_64",),
        (f"{TAG}-{TAG}-musllinux_1_2_x86_64", f"{TAG}-{TAG}-manylinux_2_17_x86_64"),
        ("odd",),
        (),
    ],
)
@pytest.mark.skipif(os.uname().machine != "x86_64" or not sys.platform.startswith("linux"), reason="tags of x86_64")
def test_a_package_built_for_here_passes(checked: Checked, environment: Path, tags: tuple[str, ...]) -> None:
    built(environment, "cffi", *tags, files=[f"_cffi.cpython-{HERE[0]}{HERE[1]}-x86_64-linux-gnu.so"])

    assert checked("DEP202", AGENT).findings == ()


@pytest.mark.skipif(os.uname().machine != "x86_64" or not sys.platform.startswith("linux"), reason="tags of x86_64")
def test_a_package_compiled_with_musl_is_told_by_its_files(checked: Checked, environment: Path) -> None:
    name = f"_cffi.cpython-{HERE[0]}{HERE[1]}-x86_64-linux-musl.so"
    built(environment, "cffi", f"{TAG}-{TAG}-linux_x86_64", files=[name])

    assert "cffi is built for musl" in told(checked("DEP202", AGENT))[0]


@pytest.mark.skipif(os.uname().machine != "x86_64" or not sys.platform.startswith("linux"), reason="tags of x86_64")
def test_a_copied_environment_has_one_finding_for_each_cause(checked: Checked, environment: Path) -> None:
    for number in range(11):
        built(environment, f"package{number:02}", f"{TAG}-{TAG}-musllinux_1_2_x86_64")

    (finding,) = checked("DEP202", AGENT).findings

    assert "package06 and 4 more are built for musl" in finding.message


def test_a_script_whose_interpreter_is_elsewhere_is_told(checked: Checked, environment: Path, tmp_path: Path) -> None:
    script = tmp_path / ".venv" / "bin" / "uvicorn"
    script.write_text("#!/Users/me/agent/.venv/bin/python\nimport sys\n")
    script.chmod(0o755)

    report = checked("DEP202", "agent: {command: [.venv/bin/uvicorn, 'main:app']}")

    assert told(report) == ["uvicorn is to run on /Users/me/agent/.venv/bin/python, which is not here"]


def test_an_environment_of_another_python_is_told(checked: Checked, environment: Path, tmp_path: Path) -> None:
    config = tmp_path / ".venv" / "pyvenv.cfg"
    old = f"{HERE[0]}.{HERE[1]}"
    config.write_text(config.read_text().replace(f"version = {old}", "version = 3.8"))

    (finding,) = checked("DEP202", AGENT).findings

    assert f"was made for Python 3.8, and its python is {old}" in finding.message


def test_chroma_on_this_sqlite_is_as_sqlite_itself_says(checked: Checked, environment: Path) -> None:
    import sqlite3

    install(environment, chromadb="0.4.22")

    report = checked("DEP202", AGENT)

    assert bool(report.findings) is (sqlite3.sqlite_version_info < (3, 35, 0))


def test_an_old_sqlite_is_told_unless_another_takes_its_place(
    checked: Checked, environment: Path, tmp_path: Path
) -> None:
    install(environment, chromadb="1.0.20")
    python = tmp_path / ".venv" / "bin" / "python"
    real = python.resolve()
    python.unlink()
    python.write_text(f'#!/bin/sh\ncase "$*" in *sqlite_version*) echo 3.34.1;; *) exec {real} "$@";; esac\n')
    python.chmod(0o755)

    alone = told(checked("DEP202", AGENT))
    install(environment, pysqlite3_binary="0.5.4")

    assert alone == ["chromadb needs SQLite 3.35.0, this Python has 3.34.1"]
    assert told(checked("DEP202", AGENT)) == []


@given(st.binary(max_size=200).map(lambda rest: b"\x7fELF" + rest))
def test_no_program_s_header_stops_a_check(header: bytes) -> None:
    processor, loader = _elf(header)

    assert isinstance(loader, str)
    assert processor is None or isinstance(processor, str)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ELF is Linux's")
def test_a_program_of_this_machine_tells_what_it_is_built_for() -> None:
    here = Python(Path(sys.executable), Path(sys.prefix), sys.version_info[:3], ())

    found = platform_of(here)

    assert found.processor == os.uname().machine
    assert found.libc == ("musl" if shutil.which("apk") else "glibc")
    assert platform_of(Python(Path(__file__), Path("/"), HERE, ())) == Platform()
