"""`roadworthy rehearse`: what was asked reaches the engine, and what came of it reaches the caller."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from roadworthy.errors import UsageError
from roadworthy.findings import Outcome, Report, Severity, Verdict
from roadworthy.manifest.model import Manifest
from roadworthy.rehearsal.events import Emit, Note
from roadworthy.rehearsal.options import Options, PlannedScenario

PASSED = Verdict(Outcome.PASS, code="ENV302", hazard="ENV", title="a variable taken away")
FAILED = Verdict(Outcome.FAIL, code="PATH301", hazard="PATH", title="started elsewhere: it failed")
WARNED = Verdict(Outcome.FAIL, code="LIFE301", hazard="LIFE", title="late", severity=Severity.WARNING)
UNTESTED = Verdict(Outcome.NOT_TESTED, code="MEM301", hazard="MEM", title="memory", reason="no limit")


@dataclass
class Engine:
    """Stands in for the engine: keeps what it was asked, and reports what it is told to."""

    verdicts: tuple[Verdict, ...] = (PASSED,)
    raises: BaseException | None = None
    asked: list[Options] = field(default_factory=list)
    manifests: list[Manifest] = field(default_factory=list)

    def main(self, manifest: Manifest, options: Options, emit: Emit) -> Report:
        self.asked.append(options)
        self.manifests.append(manifest)
        emit(Note("working"))
        if self.raises:
            raise self.raises
        return Report("rehearse", manifest.agent.name, verdicts=self.verdicts, manifest=str(manifest.source))

    def plan(self, manifest: Manifest, options: Options) -> list[PlannedScenario]:
        self.asked.append(options)
        return [PlannedScenario("ENV302", "required variable taken away", ("variables",), seconds=2.0)]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, project: Path) -> Engine:
    engine = Engine()
    monkeypatch.setattr("roadworthy.rehearsal.run.main", engine.main)
    monkeypatch.setattr("roadworthy.rehearsal.run.plan", engine.plan)
    return engine


def test_without_options_the_engine_gets_the_defaults(cli: Callable, engine: Engine) -> None:
    assert cli("rehearse").status == 0
    assert engine.asked == [Options()]


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("--only env302,PATH --only RATE3", {"only": ("ENV302", "PATH", "RATE3")}),
        ("--skip mem", {"skip": ("MEM",)}),
        ("--quick --jobs 3 --seed 7", {"quick": True, "jobs": 3, "seed": 7}),
        ("--stage process --timeout 2.5", {"stage": "process", "timeout": 2.5}),
        ("--allow-host a.test --allow-host b.test", {"allow_hosts": ("a.test", "b.test")}),
        ("--allow-writes", {"allow_writes": True}),
        ("--keep=evidence", {"keep": Path("evidence")}),
        ("--agent agent", {"agent": "agent"}),
    ],
)
def test_every_option_reaches_the_engine(cli: Callable, engine: Engine, line: str, asked: dict[str, Any]) -> None:
    assert cli("rehearse", ".", *line.split()).status == 0
    assert engine.asked == [replace(Options(), **asked)]


@pytest.mark.parametrize(
    "line", ["--jobs 0", "--seed -1", "--timeout 0", "--stage docker", "--format html", "--jobs many", "a b"]
)
def test_impossible_values_are_refused(cli: Callable, engine: Engine, line: str) -> None:
    assert cli("rehearse", *line.split()).status == 2
    assert engine.asked == []


@pytest.mark.parametrize(
    ("verdicts", "line", "status"),
    [
        ((PASSED, UNTESTED), "", 0),
        ((PASSED, FAILED), "", 1),
        ((UNTESTED,), "", 2),
        ((PASSED, WARNED), "", 0),
        ((PASSED, WARNED), "--strict", 1),
        ((PASSED, UNTESTED), "--require ENV302", 0),
        ((PASSED, UNTESTED), "--require env302,mem", 1),
        ((PASSED,), "--require MEM301", 1),
    ],
)
def test_the_exit_status(cli: Callable, engine: Engine, verdicts: tuple[Verdict, ...], line: str, status: int) -> None:
    engine.verdicts = verdicts

    assert cli("rehearse", *line.split()).status == status


def test_what_was_required_and_not_tested_is_named(cli: Callable, engine: Engine) -> None:
    engine.verdicts = (PASSED, UNTESTED)

    assert "--require: MEM301 was not tested" in cli("rehearse", "--require", "ENV302,MEM301").out


def test_a_required_code_that_does_not_exist_is_a_mistake(cli: Callable, engine: Engine) -> None:
    done = cli("rehearse", "--require", "ENV3O2")

    assert done.status == 2
    assert "ENV302" in done.err
    assert engine.asked == []


def test_the_report_goes_to_stdout_and_progress_to_stderr(cli: Callable, engine: Engine) -> None:
    done = cli("rehearse")

    assert done.out.splitlines()[-1].startswith("1 passed, 0 failed, 0 not tested in")
    assert done.err == "note: working\n"
    assert cli("rehearse", "--no-progress").err == ""


def test_several_reports_of_one_run(cli: Callable, engine: Engine, project: Path) -> None:
    done = cli("rehearse", *["--format", "junit", "--output", "j.xml", "--output", "run.json", "--format", "github"])

    assert done.status == 0
    assert len(engine.asked) == 1
    assert (project / "j.xml").read_text().startswith("<?xml")
    assert json.loads((project / "run.json").read_text())["verb"] == "rehearse"
    assert done.out == "1 passed, 0 failed, 0 not tested in 0.0 s\n"


def test_outputs_are_checked_before_the_agent_is_started(cli: Callable, engine: Engine) -> None:
    assert cli("rehearse", "--output", "report.html").status == 2
    assert cli("rehearse", "--format", "json", "--output", ".").status == 2
    assert engine.asked == []


def test_the_report_repeats_the_command_as_it_was_given(cli: Callable, engine: Engine, project: Path) -> None:
    engine.verdicts = (FAILED,)
    line = [str(project), "--stage", "process", "--allow-host", "a.test", "--allow-writes", "--agent", "agent"]

    assert (
        f"roadworthy rehearse {project} --agent agent --stage process --allow-host a.test --allow-writes --only PATH301"
        in cli("rehearse", *line).out
    )
    assert "  again   roadworthy rehearse --only PATH301\n" in cli("rehearse").out


def test_the_list_shows_the_plan_and_starts_nothing(cli: Callable, engine: Engine) -> None:
    done = cli("rehearse", "--list", "--only", "ENV")

    assert done.status == 0
    assert "ENV302" in done.out
    assert engine.asked == [Options(only=("ENV",))]
    assert engine.manifests == []


def test_last_failed_runs_what_failed_and_remembers_the_rest(cli: Callable, engine: Engine) -> None:
    engine.verdicts = (PASSED, FAILED, replace(FAILED, code="RATE301"))
    cli("rehearse")
    engine.verdicts = (replace(PASSED, code="PATH301"), replace(FAILED, code="RATE301"))

    cli("rehearse", "--last-failed")
    cli("rehearse", "--last-failed")
    cli("rehearse", "--last-failed", "--only", "RATE")

    assert [options.only for options in engine.asked] == [(), ("PATH301", "RATE301"), ("RATE301",), ("RATE301",)]


def test_when_nothing_failed_there_is_nothing_to_run_again(cli: Callable, engine: Engine) -> None:
    cli("rehearse")
    done = cli("rehearse", "--last-failed")

    assert (done.status, done.out) == (0, "nothing failed the last time: nothing to run again\n")
    assert len(engine.asked) == 1


def test_last_failed_without_an_earlier_run_is_a_mistake(cli: Callable, engine: Engine) -> None:
    done = cli("rehearse", "--last-failed")

    assert done.status == 2
    assert "run once without --last-failed" in done.err


def test_the_project_is_not_written_to(cli: Callable, engine: Engine, project: Path) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*")}
    cli("rehearse")

    assert {path: path.read_bytes() for path in project.rglob("*")} == before


def test_keep_without_a_folder_makes_one_and_names_it(
    cli: Callable, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    done = cli("rehearse", "--keep")
    [options] = engine.asked

    assert options.keep is not None
    assert options.keep.parent == tmp_path
    assert options.keep.stat().st_mode & 0o777 == 0o700
    assert str(options.keep) in "".join(done.out.split("\n          "))


def test_keep_does_not_take_the_project_for_its_folder(cli: Callable, engine: Engine, project: Path) -> None:
    done = cli("rehearse", "--keep", str(project))

    assert done.status == 2
    assert "put it before --keep" in done.err
    assert engine.asked == []


def test_a_mistake_found_by_the_engine_is_its_message(cli: Callable, engine: Engine) -> None:
    engine.raises = UsageError("the agent exits at once\n  its output: x")

    done = cli("rehearse", "--no-progress")

    assert (done.status, done.out, done.err) == (2, "", "the agent exits at once\n  its output: x\n")


def test_an_interrupted_run_writes_no_report_and_is_not_remembered(
    cli: Callable, engine: Engine, project: Path, tmp_path: Path
) -> None:
    engine.raises = KeyboardInterrupt()

    assert cli("rehearse", "--output", "run.json").status == 130
    assert not (project / "run.json").exists()
    assert not (tmp_path / "state").exists()


def test_no_manifest_shows_the_smallest_one(cli: Callable, engine: Engine, project: Path) -> None:
    (project / "roadworthy.yaml").unlink()
    done = cli("rehearse")

    assert done.status == 2
    assert "agent: {entry: app.py:agent}" in done.err


def test_compare_says_what_changed_and_leaves_the_exit_status(cli: Callable, engine: Engine, project: Path) -> None:
    cli("rehearse", "--output", str(project / "before.json"))
    engine.verdicts = (PASSED, WARNED)

    run = cli("rehearse", "--compare", str(project / "before.json"))

    assert run.status == 0
    assert "LIFE301: not run, now warning" in run.out


def test_compare_with_something_else_is_a_mistake_before_the_agent_is_started(cli: Callable, engine: Engine) -> None:
    run = cli("rehearse", "--compare", "roadworthy.yaml")

    assert run.status == 2
    assert "--compare roadworthy.yaml: this is no JSON" in run.err
    assert engine.asked == []
