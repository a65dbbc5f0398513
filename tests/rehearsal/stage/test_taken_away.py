"""A program that is taken away: in no folder, by no path, and nothing else with it."""

from __future__ import annotations

import json
import os

import pytest
from tests.rehearsal.stage.conftest import Actor
from tests.rehearsal.stage.staging import Staging, answers, write_agent

from roadworthy.rehearsal.conditions import Feature, WithoutBinary
from roadworthy.rehearsal.observed import Observed
from roadworthy.rehearsal.scenario import Send, Trial

pytestmark = pytest.mark.slow

SEND = (Send("x"),)
TRYING = """
import errno, subprocess

def tried(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError as error:
        return errno.errorcode[error.errno]
"""


def told(seen: Observed) -> dict[str, object]:
    """What the agent's only answer says, as JSON."""
    found: dict[str, object] = json.loads(answers(seen)[0])
    return found


def test_a_program_of_the_system_is_in_none_of_its_folders(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project",
        TRYING
        + """
def answer(query):
    return json.dumps({
        "by name": tried("head", "--version"),
        "by path": [tried(place + "/head", "--version") for place in ("/bin", "/usr/bin", "/usr/../bin")],
        "by a shell": subprocess.run("head --version", shell=True, capture_output=True).returncode,
        "another": tried("tail", "--version") != "" and os.path.exists("/usr/bin/tail"),
        "written": os.access("/usr/bin", os.W_OK) and not os.statvfs("/usr/bin").f_flag & os.ST_RDONLY,
    })
""",
    )

    laptop, without = actor.performs(
        Staging(project, (actor.python, "main.py"), (Trial((), SEND), Trial((WithoutBinary("head"),), SEND)))
    )

    assert str(told(laptop)["by name"]).startswith("head")
    assert told(laptop)["by a shell"] == 0
    assert told(without) == {
        "by name": "ENOENT",
        "by path": ["ENOENT"] * 3,
        "by a shell": 127,
        "another": True,
        "written": False,
    }
    assert {start.found for start in without.started if start.name == "head"} == {False}
    assert os.path.exists("/usr/bin/head")


def test_a_program_of_the_developers_own_is_gone_with_every_link_to_it(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project",
        TRYING
        + """
def answer(query):
    here = os.environ["HOME"]
    places = (here + "/links/tool", here + "/middle/tool", here + "/tools/tool", "bin/tool", "tool")
    found = {place.replace(here, "~"): tried(place) for place in places}
    other = tried(here + "/tools/tool-2")
    open(here + "/links/written", "w").close()
    open("written", "w").close()
    return json.dumps({"found": found, "other": other})
""",
        {"bin/tool": "#!/bin/sh\necho it runs\n"},
    )
    (project / "bin/tool").chmod(0o755)
    for folder in ("links", "middle", "tools"):
        (actor.home / folder).mkdir()
    for name in ("tool", "tool-2"):
        (actor.home / "tools" / name).write_text("#!/bin/sh\necho it runs\n")
        (actor.home / "tools" / name).chmod(0o755)
    (actor.home / "links" / "tool").symlink_to("../middle/tool")
    (actor.home / "middle" / "tool").symlink_to(actor.home / "tools" / "tool")

    laptop, without = actor.performs(
        Staging(
            project,
            (actor.python, "main.py"),
            (Trial((), SEND), Trial((WithoutBinary("tool", seen_at=("bin/tool",)),), SEND)),
            environment={"PATH": f"{actor.home}/links:{actor.environment['PATH']}"},
        )
    )

    assert set(told(laptop)["found"].values()) == {"it runs"}  # type: ignore[attr-defined]
    assert set(told(without)["found"].values()) == {"ENOENT"}  # type: ignore[attr-defined]
    assert told(laptop)["other"] == told(without)["other"] == "it runs"
    assert not (actor.home / "links" / "written").exists()
    assert (actor.home / "tools" / "tool").exists()


def test_what_a_link_of_another_name_leads_to_stays(me: Actor) -> None:
    project = write_agent(
        me.home / "project",
        TRYING
        + """
def answer(query):
    return json.dumps({name: tried(name) for name in ("short", "long-name")})
""",
    )
    (me.home / "bin").mkdir()
    (me.home / "bin" / "long-name").write_text("#!/bin/sh\necho it runs\n")
    (me.home / "bin" / "long-name").chmod(0o755)
    (me.home / "bin" / "short").symlink_to("long-name")

    (seen,) = me.performs(
        Staging(
            project,
            (me.python, "main.py"),
            (Trial((WithoutBinary("short"),), SEND),),
            environment={"PATH": f"{me.home}/bin:{me.environment['PATH']}"},
        )
    )

    assert told(seen) == {"short": "ENOENT", "long-name": "it runs"}


def test_what_the_agent_itself_runs_on_stays_and_is_seen_to_be_found(actor: Actor) -> None:
    project = write_agent(
        actor.home / "project",
        TRYING
        + """
def answer(query):
    return tried("python3", "-c", "print('it runs')")
""",
    )

    (seen,) = actor.performs(
        Staging(project, (actor.python, "main.py"), (Trial((WithoutBinary("python3"),), SEND),)),
    )

    assert answers(seen) == ["it runs"]
    assert any(start.found for start in seen.started if start.name == "python3")


def test_without_views_nothing_can_be_taken_away_and_the_stage_says_so(me: Actor) -> None:
    project = write_agent(me.home / "project", "def answer(query):\n    return 'here'\n")

    with_views, without = (
        me.performs(Staging(project, (me.python, "main.py"), (Trial((), SEND),), has_overlays=has_overlays))
        for has_overlays in (True, False)
    )

    assert Feature.VIEWS in with_views[0].enforced
    assert Feature.VIEWS not in without[0].enforced
