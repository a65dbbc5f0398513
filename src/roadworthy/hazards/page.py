"""docs/scenarios.md, docs/rules.md and docs/checks.md, made from docstrings and from the word lists.

`python -m roadworthy.hazards.page --write` makes them anew; a test fails while they are stale.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

from roadworthy.hazards import all_hazards
from roadworthy.hazards.checking import TARGETS, MachineCheck
from roadworthy.hazards.explaining import LABELS, Explanation, explanation
from roadworthy.hazards.hazard import Hazard
from roadworthy.rehearsal import holds
from roadworthy.rehearsal.stage.setting import start_elsewhere
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.values import find_values

INTRODUCTION = """\
# What each scenario does and what must hold

<!-- Made by `make docs` from the docstrings in src/roadworthy/hazards and src/roadworthy/rehearsal: change those. -->

Two engineers who judge the same agent must reach the same verdict: this page is the definition that the judges in
`src/roadworthy/hazards` carry out. `roadworthy explain CODE` prints one of its entries.

A rehearsal changes **one thing at a time**. First the agent answers five requests on the *laptop stage*: in the
sandbox, but with your own variables, PATH, folder, user and limits. That is the **baseline**. Each scenario then
changes or breaks one thing. The last one, ALL301, is production with every condition at once.

A verdict is `pass`, `fail` or `not tested`. It is `not tested` where this machine cannot enforce a condition, where
the healthy request before a fault already fails, and where the request never meets what was broken (*nothing to
break*). A failure that rests on time alone is repeated once by itself; two different results are `not tested`.
"""
RULES_INTRODUCTION = """\
# What each rule finds in the source

<!-- Made by `make docs` from the docstrings in src/roadworthy/hazards: change those. -->

`roadworthy scan` reads Python files, notebooks, shell scripts, tool definitions, Dockerfiles, compose and Kubernetes
files, requirements and pyproject.toml, and applies these rules. Nothing of the project is imported or run.
`roadworthy explain CODE` prints one of these entries.

How much a finding matters follows from **when its code runs**. In a request, at the start or at import it is an error;
where nothing tells when, a warning; in a command-line tool or an example, a note; tests are left out. A rule may say
otherwise. Handlers, tools and nodes are known by how frameworks register them, and all that they call within the
project runs in a request as well. In a function that nothing calls, of a file that others import or that has a main
block, nothing is told but of secrets, dependencies and cold starts.
"""
CHECKS_INTRODUCTION = """\
# What each check looks at on this machine

<!-- Made by `make docs` from the docstrings in src/roadworthy/hazards: change those. -->

`roadworthy check` looks at the machine that the agent is about to run on, and holds it against what the manifest
declares: [check.md](check.md) shows how it is used. `roadworthy explain CODE` prints one of these entries.
"""
TERMS: tuple[Callable[..., Any], ...] = (
    holds.answers,
    holds.is_clear_error,
    holds.names_cause,
    holds.handled,
    holds.shed,
    holds.alive,
    holds.recovers,
    holds.met,
    find_values,
    start_elsewhere,
)
"""What scenarios are worded with, in the order of the page."""
TITLES = {"done": "Done", "must_hold": "Must hold", "why": "Why", "mend": "Mend", "not_tested": "Not tested"}


def page(hazards: Sequence[Hazard] | None = None) -> str:
    """The whole page; for these hazards, by default all."""
    parts = [INTRODUCTION, *_terms(), *_causes()]
    for hazard in all_hazards() if hazards is None else hazards:
        if not hazard.scenarios:
            continue
        parts.append(f"## {hazard.prefix}: {hazard.title}\n\n{hazard.cause}\n")
        for module, group in groupby(hazard.scenarios.values(), key=lambda scenario: scenario.judge.__module__):
            parts += [_entry(explanation(scenario.code), scenario.needs) for scenario in group]
            parts += _figures(sys.modules[module])
        parts.append(_example(hazard))
    return "\n".join(parts)


def rules_page() -> str:
    """The whole page of rules."""
    parts = [RULES_INTRODUCTION]
    for hazard in all_hazards():
        if hazard.rules:
            parts.append(f"## {hazard.prefix}: {hazard.title}\n\n{hazard.cause}\n")
            parts += [_entry(explanation(code)) for code in sorted(hazard.rules)]
            parts.append(_example(hazard))
    return "\n".join(parts)


def checks_page() -> str:
    """The whole page of checks."""
    parts = [CHECKS_INTRODUCTION]
    for hazard in all_hazards():
        if hazard.checks:
            parts.append(f"## {hazard.prefix}: {hazard.title}\n\n{hazard.cause}\n")
            parts += [_check_entry(hazard.checks[code]) for code in sorted(hazard.checks)]
    return "\n".join(parts)


def _terms() -> Iterator[str]:
    yield "## Terms\n"
    for name, text in described(Terms):
        letter, comma, rest = text.partition(", ")
        if comma and len(letter) <= 2:
            yield f"- **{letter}** (`{name}`): {rest}"
    yield ""
    for function in TERMS:
        text, _, _ = inspect.cleandoc(function.__doc__ or "").partition("\n\nRaises ")
        yield f"{text}\n"


def _causes() -> Iterator[str]:
    yield "## Words that name a cause\n"
    yield (
        "An error names its cause when it holds one of these words. Case is ignored; `RateLimitError`, `rate_limit`\n"
        "and `rate-limit` all read *rate limit*; a word counts from its beginning on. They are data, in\n"
        "`src/roadworthy/data/causes.toml`.\n"
    )
    yield "| cause | words | reason |\n|---|---|---|"
    for name, cause in holds.causes().items():
        yield f"| {name.replace('_', ' ')} | {', '.join(cause.words)} | {cause.why} |"
    yield ""


def _entry(explained: Explanation, needs: Iterable[str] = ()) -> str:
    parts = [f"### {explained.code}: {explained.title}", explained.summary]
    for field in LABELS.values():
        text = getattr(explained, field)
        if text:
            parts.append(f"**{TITLES[field]}.** {text}")
    if needs:
        parts.append(f"**Needs** enforced: {', '.join(sorted(needs))}.")
    return "\n\n".join(parts) + "\n"


def _check_entry(check: MachineCheck) -> str:
    where = f"**Judged for** {' and '.join(check.targets)}." if check.targets != TARGETS else ""
    how = "It runs the agent's own code, so only with `--run-code`." if check.runs_code else ""
    line = f"**Line** {check.item.group}: {check.item.text}."
    return f"{_entry(explanation(check.code))}\n{' '.join(filter(None, (line, where, how)))}\n"


def _figures(module: ModuleType) -> Iterator[str]:
    lines = []
    for names, text in described(module):
        values = [getattr(module, name) for name in names.split(", ")]
        flat = [number for value in values for number in (value if isinstance(value, tuple) else (value,))]
        if all(isinstance(number, (int, float)) for number in flat):
            lines.append(f"- {', '.join(f'{number:g}' for number in flat)}: {text}")
    if lines:
        yield "**Figures.**\n\n" + "\n".join(lines) + "\n"


def _example(hazard: Hazard) -> str:
    parts = [f"**In short.** {hazard.fix}"]
    for title, code in (("Before", hazard.before), ("After", hazard.after)):
        if code:
            parts.append(f"{title}:\n\n```text\n{code.rstrip()}\n```")
    return "\n\n".join(parts) + "\n"


def described(thing: ModuleType | type) -> Iterator[tuple[str, str]]:
    """Public names that a module or a class assigns, with the docstring below each: `("A, B", "What they are.")`."""
    body = ast.parse(inspect.cleandoc(inspect.getsource(thing))).body
    if isinstance(body[0], ast.ClassDef):
        body = body[0].body
    for statement, following in pairwise(body):
        if not isinstance(following, ast.Expr) or not isinstance(following.value, ast.Constant):
            continue
        targets: list[ast.expr] = []
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        elif isinstance(statement, ast.Assign):
            targets = statement.targets
        names = [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
        if names and not names[0].startswith("_"):
            yield ", ".join(names), " ".join(str(following.value.value).split())


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        Path("docs/scenarios.md").write_text(page(), encoding="utf-8")
        Path("docs/rules.md").write_text(rules_page(), encoding="utf-8")
        Path("docs/checks.md").write_text(checks_page(), encoding="utf-8")
    else:
        sys.stdout.write(page())
