"""The model's tools: which of them is behind a program or a service, and what they told the model."""

from __future__ import annotations

import re
from collections.abc import Iterable

from roadworthy.rehearsal.holds import names_cause
from roadworthy.rehearsal.observed import Baseline, Exchange, Observed

_WORD = re.compile(r"\w{4,}")
_CAUSES = ("failure", "timeout", "no_answer", "tool", "network")


def tools_behind(moments: Iterable[float], seen: Observed) -> frozenset[str]:
    """The tools that the model had called last before each of these moments: they made what happened then."""
    calls = sorted(seen.model_calls, key=lambda call: call.at)
    before = ([call for call in calls if call.at <= moment] for moment in moments)
    return frozenset(name for earlier in before if earlier for name in earlier[-1].tool_calls.values())


def results_by_tool(seen: Observed, exchange: Exchange | None = None) -> dict[str, list[str]]:
    """What each tool told the model, in one request or in all; each result once."""
    names = {key: name for call in seen.model_calls for key, name in call.tool_calls.items()}
    found: dict[str, dict[str, None]] = {}
    for call in seen.model_calls if exchange is None else seen.calls_for(exchange):
        for key, result in call.tool_results.items():
            if key in names:
                found.setdefault(names[key], {})[result] = None
    return {name: list(results) for name, results in found.items()}


def came_to_nothing(seen: Observed, exchange: Exchange, baseline: Baseline) -> tuple[str, str] | None:
    """The first tool, and its result, that has lost what it found on the laptop; None where all still find it."""
    known = results_by_tool(baseline.observed)
    for name, results in results_by_tool(seen, exchange).items():
        for result in results:
            if name in known and all(_has_lost(result, other) for other in known[name]):
                return name, result
    return None


def found_nothing(name: str, baseline: Baseline) -> bool:
    """Whether a tool had nothing to say on the laptop either: a failure cannot be told from its results then."""
    return all(_says_nothing(result) for result in results_by_tool(baseline.observed).get(name, ()))


def _has_lost(result: str, other: str) -> bool:
    """Whether a result has less than half of another one's words, and is much shorter or speaks of a failure.

    Two searches list their lines in another order, and two ways to search write them in another form.
    """
    words, wanted = set(_WORD.findall(result.lower())), set(_WORD.findall(other.lower()))
    if not wanted or 2 * len(words & wanted) >= len(wanted):
        return False
    return 2 * len(result) < len(other) or _says_nothing(result)


def _says_nothing(result: str) -> bool:
    return not _WORD.search(result) or names_cause(result, *_CAUSES)
