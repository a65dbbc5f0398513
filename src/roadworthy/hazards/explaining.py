"""What there is to say of a code or a hazard: what is done, what must hold, the cause, the fix, an example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from roadworthy.hazards import all_hazards, hazard_of, probe

if TYPE_CHECKING:
    from roadworthy.hazards.checking import MachineCheck
    from roadworthy.hazards.hazard import Hazard, Rule
    from roadworthy.rehearsal.scenario import Scenario

LABELS = {
    "Done": "done",
    "Must hold": "must_hold",
    "Why": "why",
    "Mend": "mend",
    "Not tested": "not_tested",
}
"""How paragraphs of a judge's docstring begin, and the field of an explanation that they fill."""
MOMENTS = {"1": "scan", "2": "check", "3": "rehearse"}


@dataclass(frozen=True, slots=True)
class Explanation:
    """One code, or a whole hazard with its codes. Texts are paragraphs without line ends of their own."""

    code: str
    """`ENV302`, or `ENV` for the hazard."""
    title: str
    hazard: str
    """The hazard's title."""
    verb: str | None
    """The verb that looks for it: `scan`, `check` or `rehearse`; None for a hazard."""
    summary: str
    """What is asked, and every paragraph that begins with none of the labels."""
    done: str | None
    must_hold: str | None
    why: str | None
    mend: str | None
    not_tested: str | None
    cause: str
    fix: str
    before: str
    """Code that has the defect; empty where there is no example."""
    after: str
    codes: tuple[tuple[str, str], ...] = ()
    """The hazard's codes and their titles."""


def explanation(code: str) -> Explanation:
    """What there is to say of `ENV302`, or of `ENV`. Raises UsageError with the nearest code."""
    prefixes = {hazard.prefix for hazard in all_hazards()}
    if code.upper() in prefixes:
        return _of_hazard(hazard_of(code))
    found = probe(code)
    hazard = hazard_of(found.code)
    parts = sections(found.explanation)
    return Explanation(
        code=found.code,
        title=found.title,
        hazard=hazard.title,
        verb=MOMENTS.get(found.code.removeprefix(hazard.prefix)[:1]),
        summary=parts.pop("summary", ""),
        done=parts.get("done"),
        must_hold=parts.get("must_hold"),
        why=parts.get("why"),
        mend=parts.get("mend"),
        not_tested=parts.get("not_tested"),
        cause=hazard.cause,
        fix=getattr(found, "fix", hazard.fix),
        before=hazard.before,
        after=hazard.after,
        codes=_codes(hazard),
    )


def sections(docstring: str) -> dict[str, str]:
    """A docstring's paragraphs by label; what has none is the `summary`."""
    parts: dict[str, str] = {}
    for paragraph in docstring.split("\n\n"):
        text = " ".join(paragraph.split())
        label, colon, rest = text.partition(": ")
        field = LABELS.get(label) if colon else None
        if field is not None:
            text = rest[:1].upper() + rest[1:]
        key = field or "summary"
        parts[key] = f"{parts[key]}\n\n{text}" if key in parts else text
    return parts


def _of_hazard(hazard: Hazard) -> Explanation:
    return Explanation(
        code=hazard.prefix,
        title=hazard.title,
        hazard=hazard.title,
        verb=None,
        summary=hazard.cause,
        done=None,
        must_hold=None,
        why=None,
        mend=None,
        not_tested=None,
        cause=hazard.cause,
        fix=hazard.fix,
        before=hazard.before,
        after=hazard.after,
        codes=_codes(hazard),
    )


def _codes(hazard: Hazard) -> tuple[tuple[str, str], ...]:
    found: dict[str, Rule | MachineCheck | Scenario] = {**hazard.rules, **hazard.checks, **hazard.scenarios}
    return tuple((code, found[code].title) for code in sorted(found))
