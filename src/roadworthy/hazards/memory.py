"""Memory is limited: 32 GB on the laptop, 512 MB in production, and then the process is killed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from roadworthy.findings import Verdict, failed, not_tested, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.wording import exit_words, told
from roadworthy.hazards.words import listed, size, span
from roadworthy.rehearsal.canary import PATTERN
from roadworthy.rehearsal.conditions import Condition, LargeWorkspace, LoudBinary, MemoryLimit
from roadworthy.rehearsal.holds import why_no_answer
from roadworthy.rehearsal.observed import Baseline, Observed
from roadworthy.rehearsal.scenario import DURING, Plan, Send, Trial
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.traces import excerpt, last_error, where

hazard = Hazard(
    "MEM",
    "Memory, CPU and disk are limited",
    cause="A whole file, folder or tool's output is read into memory. On the laptop nobody notices; in a container "
    "the kernel kills the process, with no message in its log.",
    fix="Read a line or a block at a time, stop at a limit, and never keep what is not needed.",
    before="""\
found = subprocess.run(["rg", word, folder], capture_output=True).stdout[:16_384]
""",
    after="""\
with subprocess.Popen(["rg", word, folder], stdout=subprocess.PIPE) as process:
    found = process.stdout.read(16_384)  # the rest is never read
    process.kill()
""",
)

_STARVED = re.compile(r"MemoryError|heap out of memory|cannot allocate memory|bad_alloc", re.IGNORECASE)
"""How Python, Node, the C library and C++ say that there is no memory left."""
WORKSPACE_SHARE = 2.0
"""The workspace holds twice the limit: whoever reads it as a whole cannot survive."""
OUTPUT_SHARE = 0.25
"""A tool prints a quarter of the limit: collected, decoded and cut it is there two or three times."""


def large_input(terms: Terms, baseline: Baseline) -> Plan:
    """One start under the memory limit, with everything that the agent reads made large."""
    workspace = terms.manifest.files.workspace
    conditions: list[Condition] = [MemoryLimit(terms.memory)]
    if workspace is not None:
        conditions.append(LargeWorkspace(int(WORKSPACE_SHARE * terms.memory), _words(baseline)))
    loud = sorted(baseline.programs & set(terms.manifest.binaries))
    conditions += [LoudBinary(name, baseline.paths_of(name)[0], int(OUTPUT_SHARE * terms.memory)) for name in loud]
    if len(conditions) == 1:
        return not_tested("nothing to make large: no `files.workspace`, and no declared program was started")
    return [Trial(conditions=tuple(conditions), steps=(Send(DURING),))]


@hazard.scenario(
    "MEM301",
    "declared memory, with a large workspace and a loud tool",
    plan=large_input,
    needs=MemoryLimit.needs,
    quick=True,
)
def within_the_limit(seen: Observed, baseline: Baseline) -> Verdict:
    """The memory limit of production, and more data than on the laptop: does the agent live?

    Done: the agent and its children together get `resources.memory`. The folder of `files.workspace` holds twice
    as much, in texts that contain the words that the model searches for. Each declared program that the agent
    starts, but what it runs on itself, prints a quarter of the limit before it does its work. The agent gets one
    request.

    Must hold: it is not killed for its memory, and does not end with an error of its own. That the answer is
    late, or an error, is a note: a large input may take long.

    Why: the kernel kills without a word, and all requests under way are lost with the one that was too large.

    Mend: read files and the output of tools in pieces, and stop at a limit.

    Not tested: where no limit can be enforced; without `files.workspace` and a declared program that is used.
    """
    life, limit = seen.life, size(seen.terms.memory)
    peak = max((used for _, used in seen.memory), default=0)
    changed = f"limited to {limit}{_made_large(seen)}"
    should = f"stay below {limit}, however large the data"
    request = next(iter(seen.labelled(DURING)), None)
    starved = request is not None and bool(request.exit_status) and _STARVED.search(request.stderr) is not None
    if life.killed_for_memory or life.exited is not None or starved:
        status = life.exit_status if life.exited is not None or request is None else request.exit_status
        what = "it was killed at the limit" if life.killed_for_memory else exit_words(status)
        moment = "" if life.exited is None else f" after {span(life.exited)}"
        error = last_error(seen)
        return failed(
            f"{changed}: the agent {'was killed' if life.killed_for_memory else 'ended'}",
            seen=f"{what}{moment}" + (f"; its output: {error}" if error else ""),
            should=should,
            where=where(seen),
            output=excerpt(seen),
        )
    if life.ready is None:
        return not_tested("the agent was not ready in time; its memory was not the reason")
    if request is None or why_no_answer(request, seen.terms.deadline) is None:
        return passed(peak=peak, on_the_laptop=baseline.peak_memory)
    return passed(f"it lived, but did not answer: {told(seen, request)}", peak=peak)


def _made_large(seen: Observed) -> str:
    parts = []
    for condition in seen.trial.conditions:
        if isinstance(condition, LargeWorkspace):
            parts.append(f"{size(condition.bytes)} in the workspace")
        elif isinstance(condition, LoudBinary):
            parts.append(f"{size(condition.bytes)} printed by {condition.name}")
    return f", with {listed(parts)}" if parts else ""


def _words(baseline: Baseline) -> tuple[str, ...]:
    """The words of the arguments that tools were called with, without what is a canary."""
    words = (
        word
        for call in baseline.observed.model_calls
        for text in _texts(dict(call.tool_arguments))
        for word in text.split()
        if not PATTERN.search(word)
    )
    return tuple(dict.fromkeys(words))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)
