"""Nothing of the developer's is ever written: an agent works on views and copies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.rehearsal.stage.conftest import Actor
from tests.rehearsal.stage.staging import Staging, answers, tree, write_agent

from roadworthy.manifest.model import Files
from roadworthy.rehearsal.conditions import Elsewhere, LargeWorkspace, MemoryLimit, Production, Unprivileged
from roadworthy.rehearsal.scenario import Send, Trial

pytestmark = pytest.mark.slow

SEND = (Send("x"),)
DESTRUCTIVE = """
import pathlib, shutil
HERE = pathlib.Path(__file__).resolve().parent
HOME = pathlib.Path(os.environ["HOME"])

def tried(action):
    try:
        action()
    except OSError:
        return False
    return True

def answer(query):
    done = {
        "write beside the code": tried(lambda: (HERE / "cache.json").write_text("new")),
        "append to the code": tried(lambda: open(__file__, "a").write("#")),
        "change a mode": tried(lambda: (HERE / "tool.sh").chmod(0o777)),
        "delete a file": tried(lambda: (HERE / "old.txt").unlink()),
        "delete a folder": tried(lambda: shutil.rmtree(HERE / "folder")),
        "make it unreadable": tried(lambda: (HERE / "closed").mkdir(mode=0)),
        "replace by a link": tried(lambda: (HERE / "link").symlink_to("/etc/passwd")),
        "write into the home folder": tried(lambda: (HOME / "history").write_text("new")),
        "write a declared folder": tried(lambda: (HERE / "data" / "new").write_text("new")),
    }
    return json.dumps(sorted(what for what, went in done.items() if went))
"""
EVERYTHING = 9


@pytest.mark.parametrize("has_overlays", [True, False], ids=["views", "copies"])
def test_the_project_and_the_home_folder_stay_as_they_were(actor: Actor, has_overlays: bool) -> None:
    project = destructible(actor.home / "it's a, project: é")
    actor.owns(actor.place)
    before = tree(actor.home)

    laptop, elsewhere, unprivileged, large, production = actor.performs(
        Staging(
            project,
            (actor.python, "main.py"),
            (
                Trial(steps=SEND),
                Trial((Elsewhere(),), SEND),
                Trial((Unprivileged(),), SEND),
                Trial((MemoryLimit(1 << 29), LargeWorkspace(4 << 20)), SEND),
                Trial((Production(),), SEND),
            ),
            manifest={"files": Files(write=("data",), workspace="folder")},
            has_overlays=has_overlays,
        )
    )

    assert tree(actor.home) == before
    done = json.loads(answers(laptop)[0])
    assert len(done) == EVERYTHING if has_overlays else "write into the home folder" not in done
    assert len(json.loads(answers(elsewhere)[0])) >= EVERYTHING - 1
    assert answers(large)
    for each in (unprivileged, production):
        assert json.loads(answers(each)[0]) == ["write a declared folder"]


def test_a_file_that_the_agent_wrote_is_gone_at_the_next_start(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project",
        """
def answer(query):
    here = os.path.dirname(os.path.abspath(__file__))
    seen = os.path.exists(here + "/state")
    open(here + "/state", "w").close()
    return str(seen)
""",
    )
    trial = Trial(steps=(Send("x"), Send("x")))

    seen = actor.performs(Staging(project, (actor.python, "main.py"), (trial, trial)))

    assert [answers(each) for each in seen] == [["False", "True"], ["False", "True"]]


def test_what_the_agent_closed_leaves_no_folder_behind(actor: Actor) -> None:
    write_agent(
        actor.home / "project",
        """
def answer(query):
    os.makedirs("a/b/c")
    open("a/b/c/file", "w").close()
    for folder in ("a/b/c", "a/b", "a"):
        os.chmod(folder, 0)
    return "closed"
""",
    )

    (seen,) = actor.performs(
        Staging(actor.home / "project", (actor.python, "main.py"), (Trial(steps=SEND),), has_overlays=True)
    )

    assert answers(seen) == ["closed"]  # that nothing is left is asserted by `perform` for every staging


def destructible(project: Path) -> Path:
    """A project with something of everything."""
    write_agent(
        project,
        DESTRUCTIVE,
        {"tool.sh": "#!/bin/sh\n", "old.txt": "old", "folder/a.txt": "a", "data/keep": "keep", ".env": "X=1"},
    )
    (project / "tool.sh").chmod(0o750)
    return project
