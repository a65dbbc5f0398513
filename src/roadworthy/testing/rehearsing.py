"""One rehearsal for a whole test session: every item gets its verdict from the same run, in all xdist workers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.errors import RoadworthyError

if TYPE_CHECKING:
    from roadworthy.findings import Report, Verdict
    from roadworthy.manifest.model import Manifest

OUTPUT_LINES = 15
"""Of the agent's own output: the most that is read beside the evidence."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one scenario: `passed`, `failed`, or `skipped` for a reason."""

    result: str
    text: str = ""


class Rehearsal:
    """Runs at most once, when an outcome is first asked for."""

    def __init__(self, manifest: Manifest, shared: Path | None) -> None:
        """`shared` is how paths begin that all workers of this session see; None: there is one process only."""
        self._manifest, self._shared = manifest, shared
        self.codes: tuple[str, ...] = ()
        """What the session will ask for."""
        self._outcomes: Mapping[str, Outcome] | None = None
        self._problem: str | None = None

    def run(self) -> None:
        """Rehearse now, unless it was done. Raises RoadworthyError where the rehearsal cannot start or judge."""
        if self._outcomes is None and self._problem is None:
            self._run() if self._shared is None else self._run_or_wait(self._shared)
        if self._problem is not None:
            raise RoadworthyError(self._problem)

    def outcome(self, code: str) -> Outcome:
        """What came of one scenario. Raises RoadworthyError as `run` does."""
        self.run()
        assert self._outcomes is not None
        return self._outcomes.get(code) or Outcome("skipped", f"{code} not tested: the rehearsal did not reach it")

    def _run(self) -> None:
        from roadworthy.rehearsal.options import Options
        from roadworthy.rehearsal.run import main

        try:
            report = main(self._manifest, Options(only=self.codes), lambda _event: None)
        except RoadworthyError as error:
            self._problem = f"the rehearsal could not run: {error}"
            return
        report = replace(report, manifest=_as_given(self._manifest))
        self._outcomes = {verdict.code: outcome_of(verdict, report) for verdict in report.verdicts}

    def _run_or_wait(self, shared: Path) -> None:
        """The first worker runs, the others wait for what it writes."""
        import fcntl

        written = shared.with_suffix(".json")
        with shared.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # let go of by the kernel, also when a worker is killed
            if written.exists():
                told = json.loads(written.read_text("utf-8"))
                self._problem = told["problem"]
                self._outcomes = {code: Outcome(**fields) for code, fields in told["outcomes"].items()}
                return
            self._run()
            outcomes = {code: asdict(outcome) for code, outcome in (self._outcomes or {}).items()}
            draft = written.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps({"problem": self._problem, "outcomes": outcomes}), "utf-8")
            draft.rename(written)


def _as_given(manifest: Manifest) -> str:
    """The manifest as a command would name it in the folder of the tests: not at all where it is found there."""
    from roadworthy.manifest.loading import find

    path = os.path.relpath(manifest.source or manifest.root)
    return "." if path == find(manifest.root).name else path


def outcome_of(verdict: Verdict, report: Report) -> Outcome:
    """A verdict as a test's outcome, in the words of the report.

    What was not tested, is waived, or is no more than a warning is skipped, with the reason: nothing else than a
    pass is passed, and nothing fails that would not fail `roadworthy rehearse`.
    """
    from roadworthy.findings import Outcome as Came
    from roadworthy.findings import Severity
    from roadworthy.report.visible import one_line

    if verdict.verdict is Came.PASS:
        return Outcome("passed")
    if verdict.verdict is Came.NOT_TESTED:
        return Outcome("skipped", f"{verdict.code} not tested: {one_line(verdict.reason or 'no reason given')}")
    if verdict.waived is not None:
        return Outcome("skipped", f"{verdict.code} waived: {one_line(verdict.waived)} ({one_line(verdict.title)})")
    if verdict.severity is not Severity.ERROR:
        return Outcome("skipped", f"{verdict.code} {verdict.severity}: {one_line(verdict.title)}")
    return Outcome("failed", "\n".join(_told(verdict, report)))


def _told(verdict: Verdict, report: Report) -> Iterable[str]:
    from roadworthy.report.visible import visible
    from roadworthy.report.wording import again, excerpt, told_of

    yield f"{verdict.code}  {visible(verdict.title)}"
    for label, text in told_of(verdict):
        if text:
            yield f"  {label:8}{visible(text)}"
    for number, line in enumerate(excerpt(verdict.output, OUTPUT_LINES)):
        yield f"  {'' if number else 'output':8}{line}"
    yield f"  {'again':8}{again(report, verdict.code)}"
