"""A rehearsal as test items and by marker: one run for all, and the report's words where a test fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.testing.project import Project

from roadworthy.findings import Place, Report, Severity, Verdict, failed, not_tested, passed
from roadworthy.testing.rehearsing import outcome_of

REPORT = Report(verb="rehearse", agent="a", manifest="roadworthy.yaml")

AGENT = """\
import os
from openai import OpenAI

client = OpenAI(timeout=8, max_retries={retries})


def agent(text: str) -> str:
    said = client.chat.completions.create(model="gpt-5.4", messages=[{{"role": "user", "content": text}}])
    if not said.choices[0].message.content:
        raise RuntimeError("the model said nothing")
    return said.choices[0].message.content
"""
MANIFEST = """\
agent: {entry: app.py:agent}
env: {OPENAI_API_KEY: {secret: true}}
budgets: {ready: 60s, answer: 10s}
"""
COUNTED = """
import roadworthy.rehearsal.run as run

REAL = run.main

def main(manifest, options, emit):
    with open("runs.txt", "a") as file:
        print(*options.only, file=file)
    return REAL(manifest, options, emit)

run.main = main
"""


def judged(verdict: Verdict) -> Verdict:
    from dataclasses import replace

    return replace(verdict, code="RATE301", hazard="RATE")


def test_only_a_pass_passes() -> None:
    assert outcome_of(judged(passed()), REPORT).result == "passed"


def test_what_was_not_tested_is_skipped_with_the_reason() -> None:
    outcome = outcome_of(judged(not_tested("no sandbox here")), REPORT)

    assert (outcome.result, outcome.text) == ("skipped", "RATE301 not tested: no sandbox here")


def test_what_is_waived_is_skipped_with_the_reason() -> None:
    from dataclasses import replace

    verdict = replace(judged(failed("it failed", seen="s", should="t")), waived="the provider never does that")

    assert outcome_of(verdict, REPORT).result == "skipped"
    assert outcome_of(verdict, REPORT).text == "RATE301 waived: the provider never does that (it failed)"


def test_a_warning_fails_nothing_here_as_it_fails_nothing_on_the_command_line() -> None:
    verdict = judged(failed("slow", seen="s", should="t", severity=Severity.WARNING))

    assert (outcome_of(verdict, REPORT).result, outcome_of(verdict, REPORT).text) == (
        "skipped",
        "RATE301 warning: slow",
    )


def test_a_failure_has_the_evidence_for_its_text() -> None:
    verdict = judged(
        failed("429: not tried again", seen="500", should="200", where=Place("app.py", 3, "x = 1"), output=("a", "b"))
    )

    assert outcome_of(verdict, REPORT).text == (
        "RATE301  429: not tried again\n"
        "  seen    500\n"
        "  should  200\n"
        "  where   app.py:3  x = 1\n"
        "  output  a\n"
        "          b\n"
        "  again   roadworthy rehearse roadworthy.yaml --only RATE301"
    )


def test_a_code_that_does_not_exist_is_told_with_the_nearest(project: Project) -> None:
    project.write("roadworthy.yaml", MANIFEST)
    project.write("test_it.py", "import pytest\n@pytest.mark.rehearse('RATE399')\ndef test_it(): pass\n")

    ran = project.run()

    assert ran.status == pytest.ExitCode.USAGE_ERROR
    assert "test_it.py::test_it: there is no scenario 'RATE399'" in ran.text
    assert "Traceback" not in ran.text


def test_a_marker_without_codes_is_told(project: Project) -> None:
    project.write("roadworthy.yaml", MANIFEST)
    project.write("test_it.py", "import pytest\n@pytest.mark.rehearse\ndef test_it(): pass\n")

    ran = project.run()

    assert ran.status == pytest.ExitCode.USAGE_ERROR
    assert "@pytest.mark.rehearse wants codes" in ran.text


@pytest.mark.parametrize("arguments", [(), ("-n1",)])
def test_without_a_manifest_there_is_nothing_to_rehearse(project: Project, arguments: tuple[str, ...]) -> None:
    project.write("test_it.py", "def test_it(): pass\n")

    ran = project.run("--roadworthy", *arguments)

    assert ran.status == pytest.ExitCode.USAGE_ERROR
    assert "--roadworthy: no manifest in" in ran.text
    assert "Traceback" not in ran.text


def test_the_manifest_may_lie_elsewhere(project: Project) -> None:
    project.write("deploy/roadworthy.yaml", "agent: {entry: app.py:agent}\nnonsense: 1\n")
    project.write("test_it.py", "def test_it(simulated_model): pass\n")

    ran = project.run("-o", "roadworthy_manifest=deploy/roadworthy.yaml")

    assert ran.status == pytest.ExitCode.USAGE_ERROR
    assert 'deploy/roadworthy.yaml:2:1: unknown key "nonsense"' in ran.text


def test_all_scenarios_are_collected_and_can_be_chosen_by_name(project: Project) -> None:
    from roadworthy.hazards import scenarios

    project.write("roadworthy.yaml", MANIFEST)
    project.write("test_it.py", "def test_it(): pass\n")

    everything = project.run("--roadworthy", "--collect-only", "-q")
    some = project.run("--roadworthy", "--collect-only", "-q", "-k", "RATE301 or test_it")
    one = project.run("--roadworthy", "--collect-only", "-q", "roadworthy.yaml::RATE301")

    assert everything.text.count("roadworthy.yaml::") == len(scenarios())
    assert "test_it.py::test_it" in some.text
    assert some.text.count("roadworthy.yaml::") == one.text.count("roadworthy.yaml::") == 1
    assert "roadworthy" not in project.run("--collect-only", "-q").text


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [(), ("-n2",)])
def test_one_run_serves_items_and_markers_and_each_says_what_came_of_it(
    project: Project, enforcing_tier: str, arguments: tuple[str, ...]
) -> None:
    project.write("roadworthy.yaml", MANIFEST + 'accept: {TIME302: "nobody waits for it"}\n')
    project.write("app.py", AGENT.format(retries=0).replace("timeout=8", "timeout=600"))
    project.write("conftest.py", COUNTED)
    project.write(
        "test_it.py",
        """
        import pytest

        @pytest.mark.rehearse("ENV301")
        def test_passes(production_like):
            pass

        @pytest.mark.rehearse("ENV301", "RATE301")
        async def test_fails():
            raise AssertionError("its body is not reached")
        """,
    )

    ran = project.run("--roadworthy", *arguments, "-rs", "-k", "RATE301 or TIME302 or NET302 or test_it")

    # NET302 is not tested: there is no service. TIME302 fails, and is waived.
    assert ran.outcomes == {"passed": 1, "failed": 2, "skipped": 2} | (
        {} if arguments else {"deselected": ran.outcomes.get("deselected", 0)}
    ), ran.text
    assert Path(project.folder / "runs.txt").read_text() == "ENV301 NET302 RATE301 TIME302\n"
    assert ran.text.count("RATE301  ") >= 2
    assert "  seen    " in ran.text
    assert "again   roadworthy rehearse --only RATE301\n" in ran.text
    assert "its body is not reached" not in ran.text.replace("raise AssertionError", "")
    assert "NET302 not tested: " in ran.text
    assert "TIME302 waived: nobody waits for it" in ran.text


@pytest.mark.slow
def test_a_rehearsal_that_cannot_start_says_why_once_for_each_test(project: Project, enforcing_tier: str) -> None:
    project.write("roadworthy.yaml", MANIFEST)
    project.write("app.py", "raise SystemExit('no configuration')\n")
    project.write("test_it.py", "import pytest\n@pytest.mark.rehearse('ENV301')\ndef test_it(): pass\n")

    ran = project.run()

    assert ran.outcomes == {"error": 1}
    assert "the rehearsal could not run: " in ran.text
    assert "no configuration" in ran.text
    assert "During handling" not in ran.text
    assert "Traceback" not in ran.text
