"""File paths are wrong: the working directory and the project's folder are others in production."""

from __future__ import annotations

import re

from roadworthy.findings import Place, Verdict, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.verdicts import must_answer, said
from roadworthy.rehearsal.conditions import Elsewhere, Without
from roadworthy.rehearsal.observed import Baseline, Observed
from roadworthy.rehearsal.scenario import DURING, Send
from roadworthy.rehearsal.traces import where

hazard = Hazard(
    "PATH",
    "File paths are wrong",
    cause="A relative path is looked up from the working directory, and production starts the agent in another "
    "one, with the project in another folder.",
    fix="Build each path from the file that uses it, or take it from a setting.",
    before="""\
PROMPT = open("prompts/system.md").read()  # works from the project's folder and nowhere else
""",
    after="""\
PROMPT = (Path(__file__).parent / "prompts" / "system.md").read_text()
""",
)

_MISSING = re.compile(
    r"""(?:No\ such\ file\ or\ directory|ENOENT:[^'\n]*open):?\ ?(?P<quote>['"])(?P<quoted>.+?)(?P=quote)
      | (?P<plain>[\w./~-]+):\ No\ such\ file\ or\ directory
    """,
    re.VERBOSE,
)
"""A path that is not there, as Python, Node and the usual programs say it."""


@hazard.scenario(
    "PATH301",
    "started from another folder",
    conditions=(Elsewhere(),),
    steps=(Send(DURING),),
    quick=True,
)
def started_elsewhere(seen: Observed, baseline: Baseline) -> Verdict:
    """The project lies in another folder and the process starts elsewhere: does the agent still find its files?

    Done: the agent runs from a copy of the project under `/srv/app`, with the files that git and `.dockerignore`
    let into an image. It is started in `/`, or in `agent.workdir` where the manifest gives it (a Dockerfile's
    WORKDIR). The folder on your machine is hidden. It gets one request.

    Must hold: it answers, and no result of a tool says that a file is missing that was there on the laptop.

    Why: relative paths and your machine's own absolute ones work on one machine alone.

    Mend: build paths from the file that uses them (`Path(__file__).parent`, `import.meta.dirname`), or take them
    from a setting.
    """
    started_in = seen.terms.manifest.agent.workdir or "/"
    failure = must_answer(
        seen,
        f"moved to {seen.project} and started in {started_in}",
        should="answer as it does from the project's own folder",
        baseline=baseline,
        fix=_fix(seen),
    )
    return failure or passed()


def _fix(seen: Observed) -> str | None:
    match = _MISSING.search(said(seen))
    if match is None:
        return None
    path = match["quoted"] or match["plain"]
    if path.startswith("/"):
        return f"{path} is a folder of your machine alone: build the path from the file that uses it"
    return f"build the path of {path!r} from the file that uses it: {_built(path, where(seen))}"


def _built(path: str, place: Place | None) -> str:
    if place is not None and place.path.endswith((".js", ".mjs", ".cjs", ".ts")):
        return f"path.join(import.meta.dirname, {path!r})"
    return f"Path(__file__).parent / {path!r}"


@hazard.scenario(
    "PATH302",
    "no home folder named",
    conditions=(Without("HOME"),),
    steps=(Send(DURING),),
    fix="Take the folder from a setting that the manifest declares, or build it from the file that uses it.",
)
def no_home(seen: Observed, baseline: Baseline) -> Verdict:
    """HOME is not set, as under many service managers and arbitrary user ids: does the agent still work?

    Done: the agent is started without the variable HOME, and gets one request.

    Must hold: it answers, and no result of a tool becomes an error that it was not on the laptop.

    Why: systemd units without `User=`, cron jobs and containers that run under a user id of the platform's
    choice have no HOME, or one that is `/`.

    Mend: keep nothing in the home folder: take the place of caches and files from a setting, or use a
    temporary folder.
    """
    failure = must_answer(
        seen, "without HOME", should="answer without a home folder", baseline=baseline, names=["HOME"]
    )
    return failure or passed()
