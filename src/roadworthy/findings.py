"""What every probe speaks: findings, verdicts, checklist lines, and the report that holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

REPORT_VERSION = 1


class Severity(StrEnum):
    """How much a finding matters: an error fails the run, a warning fails it under `--strict`."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Outcome(StrEnum):
    """What a probe came to. What was not enforced, or not met, is never a pass."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    NOT_TESTED = "not tested"


class WaiverState(StrEnum):
    """What came of a waiver. All but a used one should be taken out of the manifest, or renewed."""

    USED = "used"
    EXPIRED = "expired"
    UNUSED = "unused"
    """Its scenario passed."""
    UNKNOWN = "unknown"
    """No scenario has its code."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line in the project: `path` relative to its root, `line` from 1, `text` the line itself."""

    path: str
    line: int | None = None
    text: str | None = None

    def __str__(self) -> str:
        return self.path if self.line is None else f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one scenario came to, with its evidence.

    A judge fills in `verdict`, `seen`, `should`, `where`, `reason`, `notes`, `evidence` (see `passed`,
    `failed` and `not_tested`); the engine adds `code`, `hazard`, `title`, `fix` and `seconds`.
    """

    verdict: Outcome
    code: str = ""
    hazard: str = ""
    severity: Severity = Severity.ERROR
    title: str = ""
    """What was done and what came of it, in one line: `OPENAI_API_KEY taken away: ready all the same`."""
    seen: str | None = None
    should: str | None = None
    where: Place | None = None
    fix: str | None = None
    reason: str | None = None
    """Why it was not tested."""
    notes: tuple[str, ...] = ()
    output: tuple[str, ...] = ()
    """The agent's own output lines around the failure, redacted."""
    seconds: float = 0.0
    evidence: dict[str, Any] = field(default_factory=dict)
    waived: str | None = None
    """The reason under `accept:` in the manifest, where this failure is waived."""

    @property
    def fingerprint(self) -> str:
        """Stable over unrelated edits: the code and the place's path and text, not its line."""
        place = (self.where.path, self.where.text or "") if self.where else ("", "")
        return fingerprint(self.code, *place)


@dataclass(frozen=True, slots=True)
class Replacement:
    """`text` for what stands from `start` to before `end`: each a line and a column in characters, both from 1."""

    start: tuple[int, int]
    end: tuple[int, int]
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A mend that is mechanical and safe: what `scan --fix` does to one file."""

    path: str
    content: str | None = None
    """SHA-256 of the text that the replacements are for, its line ends as `\\n`: of another text they are wrong."""
    replacements: tuple[Replacement, ...] = ()
    run_bit: bool = False
    """The file becomes one that may be run."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule or a check says of one place."""

    code: str
    message: str
    severity: Severity = Severity.ERROR
    hazard: str = ""
    path: str | None = None
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    why: str | None = None
    fix: str | None = None
    edit: Edit | None = None
    text: str | None = None
    """The line of source."""
    commands: tuple[str, ...] = ()
    """What mends it, to copy: commands for a shell, or lines of a Dockerfile."""
    waived: str | None = None
    """The reason under `accept:` in the manifest, where this finding is waived."""

    @property
    def fingerprint(self) -> str:
        """Stable over unrelated edits: the code, the path and the message, not the line."""
        return fingerprint(self.code, self.path or "", self.message)


@dataclass(frozen=True, slots=True)
class SourceRead:
    """How much of a project's source a scan has read, and what it could not read."""

    files: int
    lines: int
    unread: tuple[str, ...] = ()
    """`path:line: reason`."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the pre-deploy checklist."""

    group: str
    item: str
    verdict: Outcome
    codes: tuple[str, ...] = ()
    reason: str | None = None
    """What was seen, in a few words; or why it was not tested."""
    fix: str | None = None
    severity: Severity = Severity.ERROR
    """Of a line that fails, how much; the worst of its findings."""
    untested: tuple[str, ...] = ()
    """Those of its codes that were not tested, or for which nothing is declared."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Something this machine cannot enforce, why, and the command that mends it."""

    what: str
    reason: str
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class StageSummary:
    """Where the agent ran: the back end, its tier (A to D) and what it enforced."""

    backend: str
    tier: str
    enforced: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request of the baseline would have cost at a real provider (medians)."""

    model_calls: float
    input_tokens: float
    output_tokens: float


@dataclass(frozen=True, slots=True)
class WaiverUse:
    """One entry under `accept:` in the manifest, and what came of it in this run."""

    code: str
    reason: str
    until: str | None = None
    """The last day on which it holds, as `2027-01-31`; None: for good."""
    state: WaiverState | None = None
    """None where its scenario was not run or not tested, so that nothing can be said."""


@dataclass(frozen=True, slots=True)
class Change:
    """A scenario in two reports: `pass`, `waived`, `warning`, `fail`, `not tested`, or None where it was not run."""

    code: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """This run beside an earlier one. `other` lists what was tested in one of the two only."""

    with_report: str
    agent: str
    """The agent of the earlier run."""
    better: tuple[Change, ...] = ()
    worse: tuple[Change, ...] = ()
    other: tuple[Change, ...] = ()
    new: tuple[Change, ...] = ()
    gone: tuple[Change, ...] = ()
    same: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What a verb found: the one shape all outputs are written from."""

    verb: str
    agent: str
    version: int = REPORT_VERSION
    stage: StageSummary | None = None
    verdicts: tuple[Verdict, ...] = ()
    checks: tuple[Check, ...] = ()
    findings: tuple[Finding, ...] = ()
    source: SourceRead | None = None
    waivers: tuple[WaiverUse, ...] = ()
    comparison: Comparison | None = None
    cost: Cost | None = None
    seconds: float = 0.0
    seed: int | None = None
    manifest: str | None = None
    """The manifest's path as the user gave it, for the commands that a report prints."""
    arguments: tuple[str, ...] = ()
    """Options that such a command has to repeat: `--agent NAME`, `--stage process`."""
    notes: tuple[str, ...] = ()
    strict: bool = False
    """Warnings fail this run."""
    required: tuple[str, ...] = ()
    """Codes, or how codes begin, that fail this run where they were not tested."""

    def count(self, outcome: Outcome) -> int:
        """How many verdicts and checks came to `outcome`."""
        rows: list[Verdict | Check] = [*self.verdicts, *self.checks]
        return sum(row.verdict == outcome for row in rows)


def passed(*notes: str, **evidence: Any) -> Verdict:
    """The hazard did not show."""
    return Verdict(Outcome.PASS, notes=notes, evidence=evidence)


def failed(
    title: str,
    *,
    seen: str,
    should: str,
    where: Place | None = None,
    fix: str | None = None,
    severity: Severity = Severity.ERROR,
    notes: tuple[str, ...] = (),
    output: tuple[str, ...] = (),
    **evidence: Any,
) -> Verdict:
    """The hazard showed: `title` says what was done and what came of it.

    `fix` is for what only this judge knows; without it the rule's own fix is shown.
    """
    return Verdict(
        Outcome.FAIL,
        title=title,
        seen=seen,
        should=should,
        where=where,
        fix=fix,
        severity=severity,
        notes=notes,
        output=output,
        evidence=evidence,
    )


def not_tested(reason: str, *notes: str) -> Verdict:
    """Nothing can be said, because of `reason`."""
    return Verdict(Outcome.NOT_TESTED, reason=reason, notes=notes)


def fingerprint(*parts: str) -> str:
    """Sixteen hex digits that name a finding across runs."""
    import hashlib

    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
