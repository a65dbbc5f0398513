"""What of this machine an agent's command needs in order to start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from roadworthy.errors import UsageError
from roadworthy.rehearsal.stage.runtime import find_runtime

REAL = Path(sys.executable).resolve()
BASE = Path(sys.base_prefix)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return folder


@pytest.fixture
def project(home: Path) -> Path:
    folder = home / "project"
    folder.mkdir()
    return folder


def program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def environment(folder: Path) -> Path:
    subprocess.run([REAL, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / "bin" / "python"


def shows(folders: tuple[Path, ...], path: Path) -> bool:
    """Whether a path is among what is shown, or in the system that always is."""
    return any(path.is_relative_to(folder) for folder in (*folders, Path("/usr"), Path("/bin"), Path("/lib")))


def test_an_environment_in_the_project(project: Path) -> None:
    environment(project / ".venv")

    found = find_runtime((".venv/bin/python", "main.py"), project, "/usr/bin")

    assert found.kind == "python"
    assert project / ".venv" in found.folders
    assert shows(found.folders, BASE)
    assert found.path == (str(project / ".venv" / "bin"),)
    assert {"python", "python3", REAL.name} <= set(found.programs)
    assert project not in found.folders


def test_an_environment_elsewhere(home: Path, project: Path) -> None:
    python = environment(home / "envs" / "it is ünïcode")

    found = find_runtime((str(python), "main.py"), project, "/usr/bin")

    assert home / "envs" / "it is ünïcode" in found.folders
    assert home not in found.folders
    assert not any(project.is_relative_to(folder) for folder in found.folders)


def test_a_python_of_a_version_managers_by_its_shim(home: Path, project: Path) -> None:
    # As pyenv's: a script that asks the working directory which version is meant.
    (project / ".python-version").write_text("it")
    shim = program(home / ".pyenv" / "shims" / "python", f'#!/bin/sh\ntest -f .python-version && exec {REAL} "$@"\n')

    found = find_runtime(("python", "main.py"), project, f"{shim.parent}:/usr/bin")

    assert found.kind == "python"
    assert shows(found.folders, BASE)
    assert found.path == (str(REAL.parent),)
    assert home / ".pyenv" not in found.folders


def test_a_python_that_is_linked_into_the_users_bin(home: Path, project: Path) -> None:
    # As uv does it: the interpreter lies under ~/.local/share, and ~/.local/bin holds far more than a link to it.
    linked = home / ".local" / "bin" / "python3.99"
    linked.parent.mkdir(parents=True)
    linked.symlink_to(REAL)
    program(home / ".local" / "bin" / "other-tool")

    found = find_runtime(("python3.99", "main.py"), project, str(linked.parent))

    assert found.path == (str(REAL.parent),)
    assert not shows(found.folders, home / ".local" / "bin" / "other-tool")
    assert shows(found.folders, linked)
    assert shows(found.folders, BASE)


def test_modules_of_the_project_that_have_the_names_of_librarys(project: Path) -> None:
    for name in ("json.py", "sys.py", "re.py"):
        (project / name).write_text("raise SystemExit('the wrong module')")

    assert find_runtime((str(REAL), "main.py"), project, "/usr/bin").kind == "python"


def test_a_script_of_an_environment(project: Path) -> None:
    python = environment(project / ".venv")
    script = program(project / ".venv" / "bin" / "serve", f"#!{python}\n")

    found = find_runtime((str(script), "app:app"), project, "/usr/bin")

    assert found.kind == "python"
    assert project / ".venv" in found.folders
    assert "serve" in found.programs


def test_a_script_that_names_its_interpreter_by_env(home: Path, project: Path) -> None:
    program(home / "tools" / "bin" / "python3", f'#!/bin/sh\nexec {REAL} "$@"\n')
    program(project / "main.py", "#!/usr/bin/env -S python3 -u\n")

    found = find_runtime(("./main.py",), project, f"{home}/tools/bin:/usr/bin:/bin")

    assert found.kind == "python"
    assert shows(found.folders, BASE)
    assert not shows(found.folders, project / "main.py")


@pytest.mark.parametrize("command", ["./start.sh", "bin/start"])
def test_a_program_of_the_projects_own_goes_where_the_project_goes(command: str, project: Path) -> None:
    program(project / command)

    found = find_runtime((command,), project, "/usr/bin:/bin")

    assert found.kind == "other"
    assert found.folders == ()
    assert found.path == ()


def test_a_shell_script_that_starts_the_projects_python(project: Path) -> None:
    program(project / "start.sh", "#!/bin/sh\nexec .venv/bin/python main.py\n")
    environment(project / ".venv")

    found = find_runtime(("./start.sh",), project, "/usr/bin:/bin")

    assert found.kind == "python"
    assert project / ".venv" in found.folders
    assert shows(found.folders, BASE)


def test_a_shell_script_that_starts_some_python(home: Path, project: Path) -> None:
    program(home / "tools" / "bin" / "python3", f'#!/bin/sh\nexec {REAL} "$@"\n')
    program(project / "start.sh", "#!/bin/bash\nset -e\npython3 -m app\n")

    found = find_runtime(("./start.sh",), project, f"{home}/tools/bin:/usr/bin:/bin")

    assert found.kind == "python"
    assert shows(found.folders, BASE)


def test_an_installed_program_brings_its_folder(home: Path, project: Path) -> None:
    program(home / ".bun" / "bin" / "bun", "\x7fELF")

    found = find_runtime(("bun", "main.ts"), project, f"{home}/.bun/bin")

    assert found.kind == "other"
    assert found.folders == (home / ".bun",)
    assert found.path == (str(home / ".bun" / "bin"),)


@pytest.mark.parametrize("place", ["bin/tool", ".local/bin/tool", "tool"])
def test_a_program_in_the_home_folder_brings_itself_alone(place: str, home: Path, project: Path) -> None:
    path = program(home / place, "\x7fELF")

    assert find_runtime((str(path),), project, "/usr/bin").folders == (path,)


def test_node_says_where_it_is(home: Path, project: Path) -> None:
    real = program(home / ".versions" / "node" / "20" / "bin" / "node", "\x7fELF")
    program(home / ".shims" / "node", f"#!/bin/sh\necho {real}\n")

    found = find_runtime(("node", "main.js"), project, f"{home}/.shims:/usr/bin:/bin")

    assert home / ".versions" / "node" / "20" in found.folders
    assert str(real.parent) in found.path


def test_a_link_to_a_program_elsewhere_shows_both(home: Path, project: Path) -> None:
    real = program(home / "opt" / "tool" / "bin" / "tool", "\x7fELF")
    link = home / "links" / "tool"
    link.parent.mkdir()
    link.symlink_to(real)

    found = find_runtime((str(link),), project, "/usr/bin")

    assert set(found.folders) == {home / "opt" / "tool", home / "links"}


def test_the_systems_programs_bring_nothing(project: Path) -> None:
    assert find_runtime(("/bin/sh", "start.sh"), project, "/usr/bin:/bin").folders == ()


def test_an_editable_install_is_redirected_and_a_neighbour_is_not(home: Path, project: Path) -> None:
    python = environment(home / "env")
    site = next((home / "env" / "lib").glob("python*/site-packages"))
    (project / "src").mkdir()
    (home / "project-tests").mkdir()
    (site / "mine.pth").write_text(f"{project}/src\n")
    (site / "neighbour.pth").write_text(f"{home}/project-tests\n")

    found = find_runtime((str(python), "main.py"), project, "/usr/bin")

    assert (site / "mine.pth") in found.redirected
    assert home / "project-tests" in found.folders
    assert not any(folder.is_relative_to(project) for folder in found.folders)


def test_a_search_path_that_holds_the_project_is_not_shown_whole(
    home: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{home}:{project}")

    found = find_runtime((str(REAL), "main.py"), project, "/usr/bin")

    assert home not in found.folders
    assert project not in found.folders


@pytest.mark.parametrize("command", ["no-such-program", "./missing.sh", "/nowhere/python"])
def test_a_program_that_is_not_there_is_told(command: str, project: Path) -> None:
    with pytest.raises(UsageError, match="no such program here"):
        find_runtime((command,), project, os.environ["PATH"])


def test_a_python_that_does_not_run_is_told(project: Path) -> None:
    program(project / "python", "#!/bin/sh\nexit 3\n")

    with pytest.raises(UsageError, match="the agent's Python does not run"):
        find_runtime(("./python", "main.py"), project, "/usr/bin:/bin")
