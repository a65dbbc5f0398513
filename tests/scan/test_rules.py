"""Every rule against its own folder: code that has the hazard, and look-alike code that does not.

`tests/scan/<CODE>/true` holds files, or folders that are small projects; the lines that the rule must find, and no
others, end in the comment `FOUND`. In `look_alikes` nothing may be found. How a finding reads is a snapshot.
"""

from __future__ import annotations

import datetime
import inspect
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from roadworthy.findings import Finding
from roadworthy.hazards import all_hazards
from roadworthy.hazards.hazard import Rule
from roadworthy.manifest.loading import load
from roadworthy.scan.engine import scan


def on_the_day(rule: Rule) -> Rule:
    dated = "today" in inspect.signature(rule.function).parameters
    return replace(rule, function=partial(rule.function, today=TODAY)) if dated else rule


HERE = Path(__file__).parent
TODAY = datetime.date(2026, 11, 25)
"""The day on which every snippet is scanned: what is said of a model's end does not change with the calendar."""
RULES = {code: on_the_day(rule) for hazard in all_hazards() for code, rule in hazard.rules.items()}
MARK = "FOUND"


def snippets(kind: str) -> list[object]:
    found = sorted(HERE.glob(f"*/{kind}/*"))
    return [pytest.param(path, id=f"{path.parent.parent.name}-{path.name}") for path in found]


def findings(snippet: Path, folder: Path) -> list[Finding]:
    project = folder / "project"
    if snippet.is_dir():
        shutil.copytree(snippet, project)
    else:
        project.mkdir()
        shutil.copy(snippet, project / snippet.name)
    manifest = load(project) if (project / "roadworthy.yaml").exists() else None
    scanned = scan(project, [RULES[snippet.parent.parent.name]], manifest)
    assert scanned.problems == []
    return scanned.findings


def told(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}:{finding.column}"
    return "\n".join([f"{place} {finding.severity} {finding.message}", f"why {finding.why}", f"fix {finding.fix}"])


def marked(snippet: Path) -> list[tuple[str, int]]:
    files = [path for path in snippet.rglob("*") if path.is_file()] if snippet.is_dir() else [snippet]
    return sorted(
        (str(path.relative_to(snippet)) if snippet.is_dir() else path.name, number)
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if line.rstrip().endswith(MARK)
    )


@pytest.mark.parametrize("snippet", snippets("true"))
def test_code_that_has_the_hazard_is_found_where_it_is(snippet: Path, tmp_path: Path, snapshot) -> None:
    found = findings(snippet, tmp_path)

    assert sorted({(each.path, each.line) for each in found}) == marked(snippet)
    assert marked(snippet)
    assert [told(each) for each in found] == snapshot


@pytest.mark.parametrize("snippet", snippets("look_alikes"))
def test_look_alikes_are_left_alone(snippet: Path, tmp_path: Path) -> None:
    assert [(each.path, each.line, each.message) for each in findings(snippet, tmp_path)] == []


@pytest.mark.parametrize("code", RULES)
def test_every_rule_has_as_many_look_alikes_as_true_snippets(code: str) -> None:
    true, look_alikes = (len(list((HERE / code / kind).glob("*"))) for kind in ("true", "look_alikes"))

    assert true > 0
    assert look_alikes >= true


def test_a_change_of_shared_state_is_told_by_one_of_the_three_hazards_that_ask_for_it(tmp_path: Path) -> None:
    together = [RULES[code] for code in ("CONC101", "MEM102", "STATE101")]
    for snippet in (path for code in ("CONC101", "MEM102", "STATE101") for path in (HERE / code / "true").iterdir()):
        copied = tmp_path / f"{snippet.parent.parent.name.lower()}_{snippet.name}"
        (shutil.copytree if snippet.is_dir() else shutil.copy)(snippet, copied)

    told = {(each.path, each.line, each.code) for each in scan(tmp_path, together, None).findings}

    assert len({(path, line) for path, line, _ in told}) == len(told) > 0
