"""The agent's interpreter and libraries are there on every stage, wherever on this machine they lie."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.rehearsal.stage.conftest import Actor
from tests.rehearsal.stage.staging import Staging, answers, write_agent

from roadworthy.rehearsal.conditions import Elsewhere, Production, SlimPath, Unprivileged
from roadworthy.rehearsal.scenario import Send, Trial

pytestmark = pytest.mark.slow

SEND = (Send("x"),)
STAGES = (
    Trial(steps=SEND),
    Trial((Elsewhere(),), SEND),
    Trial((Unprivileged(),), SEND),
    Trial((SlimPath(),), SEND),
    Trial((Production(),), SEND),
)
WHERE = """
import library
def answer(query):
    return json.dumps([library.__file__, sys.prefix, os.path.abspath(__file__)])
"""


def environment_in(folder: Path, actor: Actor) -> Path:
    """A virtual environment as `python -m venv` makes it, with one library; its Python."""
    real = subprocess.run(
        [actor.python, "-c", "import os, sys; print(os.path.realpath(sys.executable))"], capture_output=True, text=True
    ).stdout.strip()
    subprocess.run([real, "-m", "venv", "--without-pip", str(folder)], check=True)
    site = next((folder / "lib").glob("python*/site-packages"))
    (site / "library.py").write_text("")
    return folder / "bin" / "python"


@pytest.mark.parametrize("name", ["plain", "it's ünïcödé, \\\\ with spaces"])
def test_an_environment_in_a_closed_home(actor: Actor, name: str) -> None:
    python = environment_in(actor.home / name / "env", actor)
    project = write_agent(actor.home / name / "project", WHERE)

    seen = actor.performs(Staging(project, (str(python), "main.py"), STAGES))

    for each in seen:
        library, prefix, _ = json.loads(answers(each)[0])
        assert library.startswith(prefix)
        assert prefix == str(actor.home / name / "env")


def test_an_environment_inside_the_project(actor: Actor) -> None:
    project = write_agent(actor.home / "project", WHERE)
    environment_in(project / ".venv", actor)

    seen = actor.performs(Staging(project, (".venv/bin/python", "main.py"), STAGES))

    for each in seen:
        library, prefix, main = json.loads(answers(each)[0])
        assert prefix == str(project / ".venv")
        assert library.startswith(prefix)
        assert main.startswith("/srv/app/") == any(isinstance(c, Elsewhere | Production) for c in each.trial.conditions)


def test_a_command_that_an_environment_brings(actor: Actor) -> None:
    project = write_agent(actor.home / "project", WHERE)
    python = environment_in(project / ".venv", actor)
    script = project / ".venv" / "bin" / "start-it"
    script.write_text(f"#!{python}\nimport runpy, sys\nsys.path.insert(0, '.')\nrunpy.run_path(sys.argv[1])\n")
    script.chmod(0o755)

    seen = actor.performs(Staging(project, (str(script), "main.py"), STAGES))

    assert all(answers(each) for each in seen)


def test_an_editable_install_leads_to_the_copy(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project",
        "import library, mine\ndef answer(query):\n    return json.dumps([mine.__file__, sys.path])\n",
        {"src/mine/__init__.py": ""},
    )
    python = environment_in(actor.home / "env", actor)
    site = next((actor.home / "env" / "lib").glob("python*/site-packages"))
    (site / "__editable__.mine-1.0.pth").write_text(f"{project}/src\n")

    laptop, elsewhere, _, _, production = actor.performs(Staging(project, (str(python), "main.py"), STAGES))

    assert json.loads(answers(laptop)[0])[0].startswith(str(project))
    for each in (elsewhere, production):
        file, path = json.loads(answers(each)[0])
        assert file == "/srv/app/src/mine/__init__.py"
        assert not any(entry.startswith(str(project)) for entry in path)


def test_an_editable_install_of_a_library_elsewhere_stays_visible(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project", "import library, ours\ndef answer(query):\n    return ours.__file__\n"
    )
    (actor.home / "libraries" / "ours").mkdir(parents=True)
    (actor.home / "libraries" / "ours" / "__init__.py").write_text("")
    python = environment_in(actor.home / "env", actor)
    site = next((actor.home / "env" / "lib").glob("python*/site-packages"))
    (site / "__editable___ours_finder.py").write_text(
        "import sys\n"
        f"MAPPING = {{'ours': '{actor.home}/libraries/ours'}}\n"
        "sys.path.append(MAPPING['ours'].rpartition('/')[0])\n"
    )
    (site / "__editable__.ours.pth").write_text("import __editable___ours_finder\n")

    seen = actor.performs(Staging(project, (str(python), "main.py"), STAGES))

    assert {answers(each)[0] for each in seen} == {f"{actor.home}/libraries/ours/__init__.py"}


def test_a_module_is_found_from_elsewhere(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project", "def answer(query):\n    return os.getcwd()\n", {"app/__init__.py": ""}
    )
    (project / "main.py").rename(project / "app" / "__main__.py")

    seen = actor.performs(Staging(project, (actor.python, "-m", "app"), STAGES))

    assert [answers(each)[0] for each in seen] == [str(project), "/", str(project), str(project), "/"]


def test_a_shell_script_that_starts_python(actor: Actor) -> None:
    project = write_agent(actor.home / "project", WHERE, {"start.sh": '#!/bin/sh\nexec .venv/bin/python "$1"\n'})
    environment_in(project / ".venv", actor)
    (project / "start.sh").chmod(0o755)

    laptop, elsewhere, unprivileged, slim, _ = actor.performs(Staging(project, ("./start.sh", "main.py"), STAGES))

    assert all(answers(each) for each in (laptop, unprivileged, slim))
    # In an image the script lies elsewhere too, and looks for the environment in the working directory.
    assert elsewhere.life.exit_status == 127
    assert any(".venv/bin/python" in line.text for line in elsewhere.output)


def test_node_in_a_closed_home(actor: Actor, needs: Callable[[str], None]) -> None:
    needs("node")
    node = shutil.which("node") or ""
    (actor.home / ".nvm" / "versions" / "v20" / "bin").mkdir(parents=True)
    own = actor.home / ".nvm" / "versions" / "v20" / "bin" / "node"
    shutil.copy(os.path.realpath(node), own)
    project = actor.home / "project"
    project.mkdir()
    (project / "main.js").write_text(
        "require('http').createServer((request, response) => {\n"
        "  request.on('data', () => {}).on('end', () => response.end(JSON.stringify({output: process.execPath})));\n"
        "}).listen(8080);\n"
    )
    (project / "start.js").write_text(f"#!/usr/bin/env node\nrequire('{project}/main.js')\n")

    path = f"{own.parent}:{actor.environment['PATH']}"
    seen = actor.performs(Staging(project, ("node", "main.js"), STAGES, environment={"PATH": path}))

    assert {answers(each)[0] for each in seen} == {str(own)}
