"""A whole check: choose what to ask, ask it side by side, and make the checklist of what was said."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from roadworthy.check.secrets import without_secrets
from roadworthy.errors import UsageError
from roadworthy.findings import Check, Finding, Outcome, Report, Severity
from roadworthy.hazards.checking import Fine, MachineCheck, Nothing, Said, Untested
from roadworthy.hazards.checklist import ITEMS, Item, rank
from roadworthy.waivers import waived_finding, waiver_uses

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine
    from roadworthy.manifest.waivers import Waiver

LONGEST_REASONS = 3
"""Reasons that a line holds; more are counted."""
NOTICE = 0.25
"""Seconds after the deadline for a check whose own waiting ends with it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a check."""

    only: tuple[str, ...] = ()
    """Codes, or how codes begin."""
    skip: tuple[str, ...] = ()
    offline: bool = False
    runs_code: bool = False
    """Tool servers and the agent's modules may be started."""


@dataclass(slots=True)
class _Answer:
    """What one code said for one line."""

    code: str
    item: Item
    said: list[Said]


def check(machine: Machine, asked: Asked) -> Report:
    """Check `machine` for the agent of its manifest.

    Raises UsageError for codes that fit nothing.
    """
    began = time.perf_counter()
    from roadworthy.hazards import checks

    known = checks()
    chosen = _chosen(known, asked)
    answers: list[_Answer] = []
    asking = [(each, _start(each, machine, asked)) for each in chosen]
    if any(_source_codes(item, asked) for item in ITEMS):
        answers += _from_source(machine, asked)
    for each, thread in asking:
        answers.append(_Answer(each.code, each.item, thread.said(machine)))
    manifest, today = machine.manifest, date.today()
    findings = _findings(answers, manifest.accept, today)
    lines = _lines(answers, findings, () if asked.only else _unanswered(known))
    return Report(
        verb="check",
        agent=manifest.name,
        checks=without_secrets(machine, tuple(lines)),
        findings=without_secrets(machine, tuple(finding for _, finding in findings)),
        waivers=waiver_uses(manifest.accept, _outcomes(answers), _waivable(manifest.accept, known), today),
        seconds=time.perf_counter() - began,
        manifest=str(manifest.source) if manifest.source else None,
    )


def _chosen(known: Sequence[MachineCheck], asked: Asked) -> list[MachineCheck]:
    codes = {each.code for each in known} | {code for item in ITEMS for code in item.source}
    for word in (*asked.only, *asked.skip):
        if not any(code.startswith(word) for code in codes):
            raise _unknown(word, codes)
    found = [each for each in known if _wanted(each.code, asked)]
    if not found and not any(_source_codes(item, asked) for item in ITEMS):
        raise UsageError("no check is left\n  --skip leaves out all that --only names")
    return found


def _wanted(code: str, asked: Asked) -> bool:
    return (not asked.only or code.startswith(asked.only)) and not (asked.skip and code.startswith(asked.skip))


def _source_codes(item: Item, asked: Asked) -> tuple[str, ...]:
    return tuple(code for code in item.source if _wanted(code, asked))


def _unknown(word: str, codes: Iterable[str]) -> UsageError:
    import difflib

    nearest = difflib.get_close_matches(word, sorted(codes), n=1, cutoff=0.5)
    return UsageError(
        f"there is no check {word!r}\n"
        + (f"  did you mean {nearest[0]}?" if nearest else f"  there are {', '.join(sorted(codes))}")
    )


class _Asking(threading.Thread):
    """One check, in a thread that nobody has to wait for."""

    def __init__(self, each: MachineCheck, machine: Machine) -> None:
        super().__init__(name=each.code, daemon=True)
        self._check, self._machine = each, machine
        self._said: list[Said] = []

    def run(self) -> None:
        try:
            for said in self._check.function(self._machine, self._machine.manifest):
                self._said.append(said)
        except Exception as error:  # noqa: BLE001 - one check's mistake must not keep a container from starting
            reason = f"{self._check.code} itself failed: {type(error).__name__}: {error}"
            self._said.append(Untested(reason, "please report it, with what `roadworthy check --only` says of it"))

    def said(self, machine: Machine) -> list[Said]:
        """What it has said; that it was cut off where it did not end by the deadline."""
        self.join(machine.remaining() + NOTICE)
        said = list(self._said)
        if self.is_alive():
            cut = f"{self._check.title}: cut off after {machine.patience:g} s"
            return [*said, Untested(cut, "give it longer: --timeout SECONDS")]
        return said


class _NotAsked:
    """A check that is not asked, and why."""

    def __init__(self, said: Said) -> None:
        self._said = said

    def said(self, _machine: Machine) -> list[Said]:
        return [self._said]


def _start(each: MachineCheck, machine: Machine, asked: Asked) -> _Asking | _NotAsked:
    if machine.target not in each.targets:
        return _NotAsked(Nothing(f"not judged for {machine.target}"))
    if asked.offline and each.asks_network:
        return _NotAsked(Nothing("--offline"))
    if each.runs_code and not (asked.runs_code or each.code in asked.only):
        return _NotAsked(Untested("it would run code of the project", "--run-code"))
    asking = _Asking(each, machine)
    asking.start()
    return asking


def _from_source(machine: Machine, asked: Asked) -> list[_Answer]:
    wanted = [(item, code) for item in ITEMS for code in _source_codes(item, asked)]
    from roadworthy.check.source import said_of_source

    told = said_of_source(machine, tuple(dict.fromkeys(code for _, code in wanted)))
    return [_Answer(code, item, told[code]) for item, code in wanted]


def _findings(answers: Iterable[_Answer], accept: Mapping[str, Waiver], today: date) -> list[tuple[Item, Finding]]:
    """Every finding with its line, the worst first, with its code and, where it has one, its waiver."""
    found = [
        (
            answer.item,
            waived_finding(
                replace(said, code=answer.code, hazard=answer.code.rstrip("0123456789")),
                accept.get(answer.code),
                today,
            ),
        )
        for answer in answers
        for said in answer.said
        if isinstance(said, Finding)
    ]
    order = list(Severity)
    return sorted(found, key=lambda row: (row[1].waived is not None, order.index(row[1].severity), rank(row[0])))


def _outcomes(answers: Iterable[_Answer]) -> dict[str, Outcome]:
    """By code, what came of it on all its lines together."""
    outcomes: dict[str, Outcome] = {}
    for answer in answers:
        if any(isinstance(said, Finding) for said in answer.said):
            outcomes[answer.code] = Outcome.FAIL
        elif answer.said and all(isinstance(said, Fine) for said in answer.said):
            outcomes.setdefault(answer.code, Outcome.PASS)
        elif outcomes.get(answer.code) is not Outcome.FAIL:
            outcomes[answer.code] = Outcome.NOT_TESTED
    return outcomes


def _waivable(accept: Mapping[str, Waiver], known: Iterable[MachineCheck]) -> frozenset[str]:
    """Codes that this verb, or another, may find: scenarios are loaded for their codes only where one is waived."""
    codes = {each.code for each in known} | {code for item in ITEMS for code in item.source}
    if not codes.issuperset(accept):
        from roadworthy.hazards import scenarios

        codes |= {each.code for each in scenarios()}
    return frozenset(codes)


def _unanswered(known: Iterable[MachineCheck]) -> Iterable[Item]:
    """Lines that no check answers yet: to leave them out would be to say that all was looked at."""
    answered = {each.item for each in known}
    return [item for item in ITEMS if item not in answered and not item.source]


def _lines(
    answers: Iterable[_Answer], findings: Sequence[tuple[Item, Finding]], unanswered: Iterable[Item]
) -> list[Check]:
    by_item: dict[Item, list[_Answer]] = {item: [] for item in unanswered}
    for answer in answers:
        by_item.setdefault(answer.item, []).append(answer)
    found: dict[Item, list[Finding]] = {}
    for item, finding in findings:
        found.setdefault(item, []).append(finding)
    return [_line(item, by_item[item], found.get(item, [])) for item in sorted(by_item, key=rank)]


def _line(item: Item, answers: Sequence[_Answer], found: Sequence[Finding]) -> Check:
    """A line fails with its worst finding; it passes where something was looked at and nothing was left untested."""
    if not answers:
        return Check(item.group, item.text, Outcome.NOT_TESTED, reason="this version does not look at it")
    codes = tuple(dict.fromkeys(sorted(answer.code for answer in answers)))
    skipped = tuple(code for code, outcome in _outcomes(answers).items() if outcome is Outcome.NOT_TESTED)
    all_said = [said for answer in answers for said in answer.said]
    untested = [said for said in all_said if isinstance(said, Untested)]
    nothing = [said.reason for said in all_said if isinstance(said, Nothing)]
    fine = [said.note for said in all_said if isinstance(said, Fine)]
    if found:
        worst = found[0]
        severity = Severity.NOTE if worst.waived is not None else worst.severity
        said = _joined([each.message for each in found])
        return Check(item.group, item.text, Outcome.FAIL, codes, said, None, severity, skipped)
    if untested:
        fix = next((each.fix for each in untested if each.fix), None)
        why = _joined([each.reason for each in untested])
        return Check(item.group, item.text, Outcome.NOT_TESTED, codes, why, fix, untested=skipped)
    if fine:
        return Check(item.group, item.text, Outcome.PASS, codes, _joined(fine), untested=skipped)
    why = _joined(nothing) or "nothing to look at"
    return Check(item.group, item.text, Outcome.NOT_TESTED, codes, why, untested=skipped)


def _joined(reasons: Iterable[str]) -> str | None:
    said = list(dict.fromkeys(filter(None, reasons)))
    if len(said) > LONGEST_REASONS:
        said = [*said[: LONGEST_REASONS - 1], f"{len(said) - LONGEST_REASONS + 1} more"]
    return "; ".join(said) or None
