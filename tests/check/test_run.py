"""A whole check: what is asked, what is cut off, and what the lines say."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from roadworthy.check.machine import Machine
from roadworthy.check.run import Asked, check
from roadworthy.findings import Check, Outcome, Severity
from roadworthy.hazards import all_hazards, checking, checks
from roadworthy.hazards.checking import Fine, Nothing, Said, Untested, problem
from roadworthy.hazards.checklist import Item
from roadworthy.manifest.loading import loads

ITEM = Item("environment", "a line of a test")
SMALLEST = "agent: {command: [python, main.py]}\n"


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Register checks of the test's own, for as long as it runs."""
    checks()
    monkeypatch.setattr(checking, "CHECKS", list(checking.CHECKS))

    def register(code: str, *said: Said, item: Item = ITEM, **how: bool) -> None:
        checking.check(code, f"title of {code}", item, **how)(lambda _machine, _manifest: iter(said))  # type: ignore[arg-type]

    return register


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(loads(tmp_path / "roadworthy.yaml", SMALLEST), {}, patience=0.3)


def line(machine: Machine, **asked: bool) -> Check:
    report = check(machine, Asked(only=("ZZZ",), **asked))  # type: ignore[arg-type]
    (only,) = report.checks
    return only


def test_a_check_that_hangs_is_cut_off_and_named(machine: Machine) -> None:
    released = threading.Event()

    def hangs(_machine: object, _manifest: object) -> Iterator[Said]:
        yield Fine("the first half")
        released.wait()

    known = list(checking.CHECKS)
    try:
        checking.check("ZZZ201", "what hangs", ITEM)(hangs)
        told = line(machine)
    finally:
        released.set()
        checking.CHECKS[:] = known

    assert (told.verdict, told.reason) == (Outcome.NOT_TESTED, "what hangs: cut off after 0.3 s")


def test_a_check_that_fails_itself_is_not_tested_and_stops_no_other(machine: Machine) -> None:
    def fails(_machine: object, _manifest: object) -> Iterator[Said]:
        raise KeyError("mistake")
        yield

    known = list(checking.CHECKS)
    try:
        checking.check("ZZZ201", "what fails", ITEM)(fails)
        report = check(machine, Asked(only=("ZZZ201", "TIME201")))
    finally:
        checking.CHECKS[:] = known

    assert [each.verdict for each in report.checks] == [Outcome.NOT_TESTED] * 2
    assert "ZZZ201 itself failed: KeyError: 'mistake'" in (report.checks[0].reason or "")


@pytest.mark.parametrize(
    ("said", "verdict", "reason"),
    [
        ((Fine("a"), Fine("b")), Outcome.PASS, "a; b"),
        ((Fine("a"), Nothing("no b")), Outcome.PASS, "a"),
        ((Nothing("no a"), Nothing("no b")), Outcome.NOT_TESTED, "no a; no b"),
        ((Fine("a"), Untested("b hid")), Outcome.NOT_TESTED, "b hid"),
        ((Fine("a"), Untested("b hid"), problem("c", fix="x")), Outcome.FAIL, "c"),
        ((), Outcome.NOT_TESTED, "nothing to look at"),
    ],
)
def test_a_line_says_the_worst_of_what_was_said(
    registered: Callable[..., None], machine: Machine, said: tuple[Said, ...], verdict: Outcome, reason: str
) -> None:
    registered("ZZZ201", *said[:1])
    registered("ZZZ202", *said[1:])

    told = line(machine)

    assert (told.verdict, told.reason, told.codes) == (verdict, reason, ("ZZZ201", "ZZZ202"))


def test_a_line_of_warnings_alone_is_a_warning(registered: Callable[..., None], machine: Machine) -> None:
    registered("ZZZ201", problem("little", fix="x", severity=Severity.WARNING))

    assert line(machine).severity is Severity.WARNING


def test_what_asks_the_network_is_left_out_offline(registered: Callable[..., None], machine: Machine) -> None:
    registered("ZZZ201", problem("asked", fix="x"), asks_network=True)

    assert line(machine, offline=True).reason == "--offline"
    assert line(machine).verdict is Outcome.FAIL


def test_what_runs_the_projects_code_wants_to_be_asked(registered: Callable[..., None], machine: Machine) -> None:
    registered("ZZZ201", Fine("ran"), runs_code=True)

    told = line(machine)
    assert (told.verdict, told.fix) == (Outcome.NOT_TESTED, "--run-code")
    assert line(machine, runs_code=True).verdict is Outcome.PASS
    assert check(machine, Asked(only=("ZZZ201",))).checks[0].verdict is Outcome.PASS


def test_every_check_has_its_hazard_and_says_what_it_does() -> None:
    known = {code for hazard in all_hazards() for code in hazard.checks}

    assert {each.code for each in checks()} == known
    for each in checks():
        assert all(f"{label}:" in each.explanation for label in ("Done", "Must hold", "Why", "Mend")), each.code


def test_a_code_is_registered_once_for_a_line() -> None:
    with pytest.raises(ValueError, match="ENV201 is registered twice"):
        checking.check("ENV201", "again", next(each.item for each in checks() if each.code == "ENV201"))
    with pytest.raises(ValueError, match="a check of ENV is ENV2nn"):
        checking.check("ENV301", "no check", ITEM)


def test_a_check_loads_nothing_that_takes_long(tmp_path: Path) -> None:
    """The reason why checks are registered without their hazards, and why the checklist is written without rich."""
    (tmp_path / "roadworthy.yaml").write_text(f"{SMALLEST}env: {{HOME: {{}}}}\n")
    looks = (
        "import sys; from roadworthy.cli.main import run; run(['check', '--offline']); "
        "heavy = ('rich', 'msgspec', 'asyncio', 'importlib.metadata', 'ssl'); "
        "heavy += ('roadworthy.rehearsal', 'roadworthy.scan'); "
        "print([name for name in sys.modules if name in heavy])"
    )

    done = subprocess.run([sys.executable, "-c", looks], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"
