"""The Python that an agent runs on, found from its command and its files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from roadworthy.check.command_words import bare
from roadworthy.check.machine import Machine
from roadworthy.check.python import Absent, Python
from roadworthy.manifest.loading import loads

HERE = sys.version_info[:2]
TAG = f"cp{HERE[0]}{HERE[1]}"


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A virtual environment of the project; gives its site-packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / ".venv"], check=True)
    (found,) = (tmp_path / ".venv" / "lib").glob("python*/site-packages")
    return found


def python_of(folder: Path, command: str, environment: dict[str, str] | None = None) -> Python | Absent | None:
    manifest = loads(folder / "roadworthy.yaml", f"agent: {{command: {command}}}\n")
    return Machine(manifest, environment or {"PATH": f"{folder}/.venv/bin:/usr/bin:/bin"}).python


@pytest.mark.parametrize(
    "command",
    [
        "[python, main.py]",
        "[python3, main.py]",
        "[.venv/bin/python, main.py]",
        "[/usr/bin/env, A=1, python, main.py]",
        "[tini, -g, --, python, main.py]",
        "[uv, run, --frozen, --env-file, x, python, main.py]",
        "[uv, run, main.py]",
        "[poetry, run, python, main.py]",
        "[sh, -c, exec python main.py]",
        "[agent, --port, '80']",
        "[long, --port, '80']",
        "[by-env]",
    ],
)
def test_the_agent_s_python_is_found_from_its_command(tmp_path: Path, environment: Path, command: str) -> None:
    folder = tmp_path / ".venv" / "bin"
    scripts = {
        "agent": f"#!{folder}/python\n",
        "long": f"#!/bin/sh\n'''exec' \"{folder}/python\" \"$0\" \"$@\"\n' '''\n",
        "by-env": "#!/usr/bin/env python3\n",
    }
    for name, text in scripts.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)

    found = python_of(tmp_path, command)

    assert isinstance(found, Python)
    assert (found.prefix, found.version[:2], environment in found.site_packages) == (tmp_path / ".venv", HERE, True)


@pytest.mark.parametrize("command", ["[node, x.js]", "[/bin/sh, x.sh]", "[sh, -c, 'cd /app && python x.py']", "[gone]"])
def test_other_commands_have_no_python(tmp_path: Path, command: str) -> None:
    assert python_of(tmp_path, command) is None


def test_a_python_that_is_not_here_is_absent(tmp_path: Path) -> None:
    assert python_of(tmp_path, "[/app/.venv/bin/python, x.py]") == Absent("/app/.venv/bin/python")


def test_an_environment_whose_python_is_gone_is_absent(tmp_path: Path, environment: Path) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/usr/local/bin/python3.99")

    assert python_of(tmp_path, "[.venv/bin/python, x.py]") == Absent(".venv/bin/python")


def test_a_wrapper_is_asked(tmp_path: Path, environment: Path) -> None:
    shims = tmp_path / "shims"
    shims.mkdir()
    (shims / "python").write_text(f'#!/bin/sh\nexec {tmp_path}/.venv/bin/python "$@"\n')
    (shims / "python").chmod(0o755)

    found = python_of(tmp_path, "[python, x.py]", {"PATH": f"{shims}:/usr/bin:/bin"})

    assert isinstance(found, Python)
    assert found.site_packages == (environment,)


def test_an_environment_may_see_the_system_s_packages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", tmp_path / ".venv"]
    subprocess.run(command, check=True)

    found = python_of(tmp_path, "[.venv/bin/python, x.py]")

    assert isinstance(found, Python)
    assert len(found.site_packages) > 1


def test_an_entry_runs_on_the_python_that_checks_it(tmp_path: Path) -> None:
    machine = Machine(loads(tmp_path / "roadworthy.yaml", "agent: {entry: app.py:agent}\n"), {})

    assert isinstance(machine.python, Python)
    assert (machine.python.executable, machine.python.version) == (Path(sys.executable), sys.version_info[:3])


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["python", "a.py"], ("python", "a.py")),
        (["env", "-i", "A=1", "python", "a.py"], ("python", "a.py")),
        (["nice", "-n", "10", "python", "a.py"], ("python", "a.py")),
        (["uv", "run", "--", "uvicorn", "a:b"], ("uvicorn", "a:b")),
        (["bash", "-lc", "exec uvicorn a:b --port 80"], ("uvicorn", "a:b", "--port", "80")),
        (["sh", "-c", "uvicorn a:b | tee log"], ()),
        (["sh", "-c", "'"], ()),
        (["sh", "run.sh"], ("sh", "run.sh")),
        ([], ()),
    ],
)
def test_what_stands_before_a_program_is_taken_off(command: list[str], words: tuple[str, ...]) -> None:
    assert bare(command).words == words
