"""Programs that can be held up while the agent runs: a shim stands before each, and asks a file how long to wait.

A program that is never to end becomes `sleep`: there is one process, as of the program itself, with its number, its
pipes and its answer to signals. An agent that ends what it has started ends this too.
"""

from __future__ import annotations

import math
import os
import shlex
from pathlib import Path

from roadworthy.rehearsal.stage.mounts import OURS, Mounts
from roadworthy.rehearsal.stage.setting import Setting

HOLD = f"{OURS}/sleep"
"""What a program that is held up starts, or becomes."""
LONGEST = 100_000_000
"""Seconds: three years, which every `sleep` understands."""
SHIM = """\
#!{ours}/sh
read -r seconds < {ours}/waits/{name}
case $seconds in
0) ;;
endless) exec {hold} {longest} ;;
*) {hold} "$seconds" < /dev/null > /dev/null 2>&1 ;;
esac
exec {ours}/held/{name} "$@"
"""


def show_holdable_programs(mounts: Mounts, setting: Setting, folder: Path, waits: Path) -> None:
    """A shim over each such program; the programs, and what the shims need themselves, have places of their own.

    `folder` is the start's own, `waits` says how long each is held up.
    """
    if not setting.holdable:
        return
    mounts.shows(waits, f"{OURS}/waits")
    for tool in ("sh", "sleep"):
        mounts.shows(os.path.realpath(f"/bin/{tool}"), f"{OURS}/{tool}")
    for name, path in setting.holdable.items():
        real = (Path(setting.working_directory) / path).resolve()
        shim = folder / f"holding-{name}"
        shim.write_text(SHIM.format(ours=OURS, hold=HOLD, longest=LONGEST, name=shlex.quote(name)))
        shim.chmod(0o755)
        if not (waits / name).exists():
            hold_up(waits, name, 0.0)
        mounts.shows(real, f"{OURS}/held/{name}")
        mounts.shows(shim, real)


def hold_up(waits: Path, name: str, seconds: float) -> None:
    """From now on the program waits so long before it does anything; for ever where `seconds` is infinite.

    Replaced and not rewritten, so that no shim reads half of it.
    """
    draft = waits / ".draft"
    draft.write_text("endless\n" if math.isinf(seconds) else f"{seconds:g}\n")
    draft.chmod(0o644)
    draft.replace(waits / name)


def hold_up_nothing(waits: Path) -> None:
    """From now on every program does its work at once; one that was started meanwhile stays held up."""
    for file in list(waits.iterdir()):
        hold_up(waits, file.name, 0.0)
