"""What several outputs say in the same words: counts, durations, costs, and how to run one again."""

from __future__ import annotations

import shlex
from pathlib import PurePosixPath

from roadworthy.findings import (
    Check,
    Comparison,
    Cost,
    Finding,
    Outcome,
    Report,
    Severity,
    Verdict,
    WaiverState,
    WaiverUse,
)
from roadworthy.report.visible import one_line, visible

Told = list[tuple[str, str | None]]
"""Labels and what is said under each; None is left out."""

LONGEST_LINE = 500
"""Characters of a line of the agent's output that people are shown."""


def counts(report: Report) -> str:
    """All three verdicts and the time: `11 passed, 2 failed (1 waived), 1 not tested in 21.4 s`."""
    if report.source is not None:
        found = [counted(sum(each.severity is kind for each in report.findings), kind) for kind in Severity]
        read = f"{counted(report.source.files, 'file')}, {counted(report.source.lines, 'line')}"
        return f"{', '.join(found)} in {read}, {duration(report.seconds)}"
    waived = sum(verdict.waived is not None for verdict in report.verdicts)
    for check in report.checks:
        of_it = findings_of(check, report) if check.verdict is Outcome.FAIL else []
        waived += bool(of_it) and all(finding.waived is not None for finding in of_it)
    parts = [
        f"{report.count(Outcome.PASS)} passed",
        f"{report.count(Outcome.FAIL)} failed" + (f" ({waived} waived)" if waived else ""),
        f"{report.count(Outcome.NOT_TESTED)} not tested",
    ]
    if report.findings:
        parts.append(counted(len(report.findings), "finding"))
    return f"{', '.join(parts)} in {duration(report.seconds)}"


def stale_waivers(report: Report) -> list[tuple[str, str]]:
    """Each waiver that no longer does anything, by its code, and what to do about it."""
    return [(use.code, told) for use in report.waivers if (told := _stale(use))]


def _stale(use: WaiverUse) -> str | None:
    match use.state:
        case WaiverState.EXPIRED:
            return f"the waiver expired after {use.until}, so a failure counts again: mend it, or renew the date"
        case WaiverState.UNUSED:
            return f"the waiver was not needed, {use.code} passed: take it out of `accept`"
        case WaiverState.UNKNOWN:
            return f"there is no {use.code} to waive: take it out of `accept`, or correct its code"
        case _:
            return None


def changes_told(comparison: Comparison) -> Told:
    """What changed since the earlier run: a label, and the codes below it."""
    differs = comparison.better or comparison.worse or comparison.other or comparison.new or comparison.gone
    same = f"{counted(comparison.same, 'scenario')} as before"
    start = f"with {comparison.with_report}: " + ("" if differs else "nothing changed, ")
    rows: Told = [("compare", start + same)]
    for label in ("worse", "better", "other", "new", "gone"):
        for change in getattr(comparison, label):
            rows.append((label, f"{change.code}: {change.before or 'not run'}, now {change.after or 'not run'}"))
    return rows


def counted(number: float, noun: str) -> str:
    """`1 call`, `2.5 calls`, `1,830 tokens`."""
    rounded = f"{number:,.1f}".removesuffix(".0") if number < 100 else f"{number:,.0f}"
    return f"{rounded} {noun}" + ("" if rounded == "1" else "s")


def duration(seconds: float) -> str:
    """`41 ms`, `21.4 s`, `3 min 12 s`."""
    if 0 < seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 99.95 else f"{int(seconds // 60)} min {int(seconds % 60)} s"


def cost_of_a_request(cost: Cost) -> str:
    """What one request costs at a real provider, in its own units: prices change, calls and tokens do not."""
    return (
        f"{counted(cost.model_calls, 'model call')}, {counted(cost.input_tokens, 'token')} in and "
        f"{counted(cost.output_tokens, 'token')} out for each request"
    )


def again(report: Report, code: str) -> str:
    """The command that runs this one scenario again, quoted for a shell."""
    path = [] if report.manifest in {None, "", "."} else [str(report.manifest)]
    return one_line(shlex.join(["roadworthy", report.verb, *path, *report.arguments, "--only", code]))


def from_here(report: Report, path: str) -> str:
    """A path of the project as seen from where the command was given: for tools that open the file."""
    given = PurePosixPath(report.manifest or ".")
    folder = given.parent if given.suffix in {".yaml", ".yml", ".toml"} else given
    return str(folder / path)


def told_of(row: Verdict | Check | Finding) -> Told:
    """The evidence of one row, in the order in which a reader needs it."""
    match row:
        case Verdict():
            return [
                ("waived", row.waived),
                ("seen", row.seen),
                ("should", row.should),
                ("where", f"{row.where}  {(row.where.text or '').strip()}".rstrip() if row.where else None),
                ("why", row.reason),
                ("fix", row.fix),
                *(("note", note) for note in row.notes),
            ]
        case Check():
            return [("why", row.reason), ("fix", row.fix)]
        case Finding():
            return [
                ("waived", row.waived),
                ("where", place_of(row)),
                ("why", row.why),
                ("fix", row.fix),
                *(("copy", command) for command in row.commands),
            ]


def findings_of(check: Check, report: Report) -> list[Finding]:
    """What was found under the codes of one line of the checklist."""
    return [finding for finding in report.findings if finding.code in check.codes]


def place_of(finding: Finding) -> str:
    """`path:line:column`, as far as known."""
    return ":".join(str(part) for part in (finding.path, finding.line, finding.column) if part is not None)


def excerpt(output: tuple[str, ...], lines: int) -> list[str]:
    """The last `lines` of an agent's output, where errors stand, and how many came before them."""
    shown = [visible(line)[:LONGEST_LINE] for line in output[-lines:]]
    earlier = len(output) - len(shown)
    return [f"({counted(earlier, 'earlier line')}: in the JSON report)", *shown] if earlier else shown
