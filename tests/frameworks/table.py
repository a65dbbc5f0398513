"""What docs/frameworks.md shows of expected.toml and edits.toml: `python -m tests.frameworks.table` prints it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

from tests.frameworks.edits import EDITS
from tests.frameworks.setting_up import HERE

from roadworthy.hazards import scenarios

EXPECTED: dict[str, dict[str, dict[str, str]]] = tomllib.loads((HERE / "expected.toml").read_text("utf-8"))
PASSES, FAILS, NOTHING = "✓", "✗", "–"
ATTACKED = "✓✓"


def mark(agent: str, code: str) -> str:
    known = EXPECTED[agent]
    if code in known["fails"]:
        return FAILS
    if code in known["not-tested"]:
        return NOTHING
    planted = any(agent in edit["agents"] and code in edit["codes"] and edit["turns"] == "fail" for edit in EDITS)
    return ATTACKED if planted else PASSES


def verdicts() -> Iterator[str]:
    yield f"| | {' | '.join(f'[{agent}][{number}]' for number, agent in enumerate(EXPECTED, 1))} |"
    yield "|---" * (len(EXPECTED) + 1) + "|"
    for scenario in scenarios():
        marks = " | ".join(mark(agent, scenario.code) for agent in EXPECTED)
        yield f"| {scenario.code} {scenario.title} | {marks} |"


def failures() -> Iterator[str]:
    yield "| agent | code | out of the box | made to happen without roadworthy by |\n|---|---|---|---|"
    for agent, known in EXPECTED.items():
        for code, reason in known["fails"].items():
            yield f"| {agent} | {code} | {reason} | {known['confirmed'][code]} |"


def attacks() -> Iterator[str]:
    yield "| planted | the verdict turned | in |\n|---|---|---|"
    yield from _by_change("fail")


def mends() -> Iterator[str]:
    yield "| mended | the verdict turned to a pass | in |\n|---|---|---|"
    yield from _by_change("pass")


def _by_change(turns: str) -> Iterator[str]:
    """What is written in several ways for several agents is one change."""
    where: dict[tuple[str, str], list[str]] = {}
    for edit in EDITS:
        if edit["turns"] == turns:
            where.setdefault((edit["what"], ", ".join(edit["codes"])), []).extend(edit["agents"])
    for (what, codes), agents in where.items():
        yield f"| {what} | {codes} | {'all' if len(agents) == len(EXPECTED) else ', '.join(agents)} |"


def tables() -> list[str]:
    return ["\n".join(rows()) for rows in (verdicts, failures, attacks, mends)]


if __name__ == "__main__":
    print("\n\n".join(tables()))
