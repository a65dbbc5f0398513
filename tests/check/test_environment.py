"""ENV201 to ENV204: variables that are missing, wrong, mangled, or the laptop's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.check.machine import Machine
from roadworthy.check.run import Asked, check
from roadworthy.findings import Outcome, Report
from roadworthy.hazards.environment_on_machine import values_as_declared, values_mangled
from roadworthy.manifest.loading import loads

Checked = Callable[..., Report]
ANYTHING = st.text(st.characters(exclude_characters="\0"), max_size=60)
"""What a variable may hold: surrogates are bytes that are no UTF-8."""
DECLARED = """\
agent: {command: [python, main.py]}
env:
  A: {secret: true, pattern: "sk-.+", per_environment: true}
  B: {secret: true, type: integer, minimum: 5}
  C: {secret: true, type: url}
  D: {secret: true, choices: [a, b]}
  E: {secret: true, type: json}
"""


@pytest.mark.parametrize(
    ("declared", "environment", "told"),
    [
        ("env: {A: {}, B: {}}", {}, ["A is not set", "B is not set"]),
        ("env: {A: {}}", {"A": ""}, ["A is set to nothing"]),
        ("env: {A: {type: integer}}", {"A": ""}, ["A is set to nothing"]),
        ("env: {A: {default: x, required: true}}", {}, ["A is not set"]),
    ],
)
def test_what_is_required_and_missing_is_named(
    checked: Checked, declared: str, environment: dict[str, str], told: list[str]
) -> None:
    assert [each.message for each in checked("ENV201", declared, environment).findings] == told


@pytest.mark.parametrize(
    ("declared", "environment"),
    [
        ("env: {A: {}}", {"A": "x"}),
        ("env: {A: {default: x}, B: {required: false}}", {}),
        ('env: {A: {choices: ["", b]}}', {"A": ""}),
        ('env: {A: {pattern: ".*"}}', {"A": ""}),
    ],
)
def test_what_is_set_or_not_required_is_no_finding(
    checked: Checked, declared: str, environment: dict[str, str]
) -> None:
    report = checked("ENV201", declared, environment)

    assert (report.findings, report.checks[0].verdict) == ((), Outcome.PASS)


@pytest.mark.parametrize(
    ("declared", "value", "told"),
    [
        ("{type: integer}", "many", "A is no whole number"),
        ("{type: integer, maximum: 10}", "11", "A is above 10"),
        ("{type: url}", "db.internal", "A is no URL"),
        ("{type: boolean}", "2", "A is no boolean"),
        ("{type: json}", "{a}", "A is no JSON"),
        ("{choices: [INFO, DEBUG]}", "info", "A is none of INFO, DEBUG"),
        ('{pattern: "sk-.+"}', "pk-1", "A does not match the pattern sk-.+"),
    ],
)
def test_a_value_that_is_not_as_declared_is_told(checked: Checked, declared: str, value: str, told: str) -> None:
    (finding,) = checked("ENV202", f"env: {{A: {declared}}}", {"A": value}).findings

    assert finding.message.startswith(told)


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ("{type: integer, maximum: 10}", "10"),
        ("{type: url}", "postgres://me:it@db/x"),
        ("{type: boolean}", "True"),
        ("{type: json}", "[]"),
        ("{choices: [INFO, DEBUG]}", "INFO"),
        ('{pattern: "sk-.+"}', "sk-1"),
        ("{}", "anything"),
    ],
)
def test_a_value_as_declared_passes(checked: Checked, declared: str, value: str) -> None:
    report = checked("ENV20", f"env: {{A: {declared}}}", {"A": value})

    assert report.findings == ()


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ('"sk-1"', "A has quotes around it"),
        ("'sk-1'", "A has quotes around it"),
        ("sk-1\n", "A has a line end behind it"),
        (" sk-1", "A has white space around it"),
        ("sk-1\t", "A has white space around it"),
        ("changeme", "A is a placeholder"),
        ("sk-...", "A is a placeholder"),
        ("<your key>", "A is a placeholder"),
        ("${API_KEY}", "A is a placeholder"),
        ("YOUR_API_KEY", "A is a placeholder"),
        ("sk\u200b-1", "A holds a character that is not seen"),
        ("sk-\udcff", "A holds bytes that are no UTF-8 text"),
    ],
)
def test_a_mangled_value_is_told(checked: Checked, value: str, told: str) -> None:
    assert [each.message for each in checked("ENV203", "env: {A: {}}", {"A": value}).findings] == [told]


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ("{}", "sk-proj-4f9d0c7e21b8a6"),
        ("{}", "it's a value"),
        ("{}", '{"a": "b"}'),
        ("{}", "-----BEGIN KEY-----\nMIIE\n-----END KEY-----"),
        ("{}", "yourself"),
        ("{default: changeme}", "changeme"),
        ("{choices: ['\"', x]}", '"'),
        ("{}", '"'),
        ("{}", "Grüße – ✓"),
    ],
)
def test_a_value_that_only_looks_mangled_is_none(checked: Checked, declared: str, value: str) -> None:
    assert checked("ENV203", f"env: {{A: {declared}}}", {"A": value}).findings == ()


@pytest.mark.parametrize(
    ("dotenv", "value", "verdict"),
    [
        ("A=local\n", "local", Outcome.FAIL),
        ('A="local"\n', "local", Outcome.FAIL),
        ("A=local\n", "production", Outcome.PASS),
        ("A=\n", "", Outcome.PASS),
        ("B=local\n", "local", Outcome.NOT_TESTED),
        (None, "local", Outcome.NOT_TESTED),
    ],
)
def test_a_copy_of_the_laptops_value_is_told(
    checked: Checked, tmp_path: Path, dotenv: str | None, value: str, verdict: Outcome
) -> None:
    if dotenv is not None:
        (tmp_path / ".env").write_text(dotenv)

    report = checked("ENV204", "env: {A: {per_environment: true}}", {"A": value})

    assert report.checks[0].verdict is verdict


def test_on_the_laptop_its_own_values_are_right(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=local\n")

    report = checked("ENV204", "env: {A: {per_environment: true}}", {"A": "local"}, target="local")

    assert report.findings == ()


@given(ANYTHING)
def test_no_value_makes_a_check_fail_itself(value: str) -> None:
    machine = Machine(loads(Path("/nowhere/roadworthy.yaml"), DECLARED), dict.fromkeys("ABCDE", value))

    list(values_as_declared(machine, machine.manifest))
    list(values_mangled(machine, machine.manifest))


@given(st.text(st.sampled_from("qxzjkw79_%&"), min_size=8, max_size=40))
def test_no_value_of_a_secret_is_in_any_finding(value: str) -> None:
    """Letters of which no message of ours is made."""
    machine = Machine(loads(Path("/nowhere/roadworthy.yaml"), DECLARED), dict.fromkeys("ABCDE", value))

    report = check(machine, Asked(only=("ENV", "PATH", "PERM", "BIN"), offline=True))

    assert value not in repr(report)
    assert any(finding.code == "ENV202" for finding in report.findings)
