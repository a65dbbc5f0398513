"""Permissions are different: yourself on the laptop, a restricted user on a read-only disk in production."""

from __future__ import annotations

import re

from roadworthy.findings import Verdict, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.verdicts import must_answer, said
from roadworthy.hazards.words import one_line
from roadworthy.rehearsal.conditions import Unprivileged
from roadworthy.rehearsal.observed import Baseline, Observed
from roadworthy.rehearsal.scenario import DURING, Send

hazard = Hazard(
    "PERM",
    "Permissions are different",
    cause="On the laptop the agent runs as you and may write anywhere. In production it runs as a user without "
    "rights, on a read-only disk.",
    fix="Write below a folder that the manifest declares under `files.write`, or below /tmp, and keep run bits in git.",
    before="""\
with open(Path(__file__).parent / "history.log", "a") as log:  # the image is read-only
    log.write(question)
""",
    after="""\
STATE = Path(os.environ["STATE_DIR"])  # /var/lib/agent, mounted writable
with open(STATE / "history.log", "a") as log:
    log.write(question)

# roadworthy.yaml
# files: {write: [/var/lib/agent]}
""",
)

_DENIED = re.compile(
    r"""(?P<how>Permission\ denied|Read-only\ file\ system|EACCES|EROFS)
        (?:[^'"\n]{0,60}(?P<quote>['"])(?P<path>.+?)(?P=quote))?
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What was denied, as Python, Node and the usual programs say it."""


@hazard.scenario(
    "PERM301",
    "an ordinary user on a read-only disk",
    conditions=(Unprivileged(),),
    steps=(Send(DURING),),
    quick=True,
)
def ordinary_user(seen: Observed, baseline: Baseline) -> Verdict:
    """The agent runs as a user without rights, on a read-only disk: can it still do its work?

    Done: the user is not root, the root and the project are read-only, files have the modes that git gives them,
    and only the folders of `files.write` and `/tmp` are writable. The agent gets one request.

    Must hold: it answers, and no result of a tool says that something was not permitted. What its output says was
    denied, though it answered, is a note.

    Why: containers run like this where security is taken seriously, and a log file beside the code is enough to
    keep an agent from starting there.

    Mend: write to a folder that the manifest declares under `files.write`, or to `/tmp`; log to standard output;
    give scripts their run bit in git (`git update-index --chmod=+x`).
    """
    denied = _DENIED.search(said(seen))
    failure = must_answer(
        seen,
        "an ordinary user on a read-only disk",
        should="answer, writing only below /tmp and what `files.write` declares",
        baseline=baseline,
        fix=_fix(denied, seen),
    )
    if failure is not None:
        return failure
    return passed(*([] if denied is None else [f"it answered, and printed: {one_line(denied.group(), 120)}"]))


def _fix(denied: re.Match[str] | None, seen: Observed) -> str | None:
    if denied is None or denied["path"] is None:
        return None
    path = denied["path"].removeprefix(f"{seen.project.rstrip('/')}/")
    if path.endswith((".sh", ".py", ".js", ".rb", ".pl")) and "read-only" not in denied["how"].lower():
        return f"give {path} its run bit in git (git update-index --chmod=+x), or start it by its interpreter"
    return (
        f"write {path} below /tmp or below a folder that the manifest declares, `files: {{write: [/var/lib/agent]}}`"
        "; a log goes to standard output"
    )
