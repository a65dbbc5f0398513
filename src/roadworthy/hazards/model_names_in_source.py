"""Rules of MODEL: names that move, and names of models that are gone."""

from __future__ import annotations

import ast
import datetime
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.model_output import hazard
from roadworthy.scan.edits import replaced, written
from roadworthy.scan.model_names import named
from roadworthy.scan.moments import Moment
from roadworthy.scan.settings import is_default

if TYPE_CHECKING:
    from roadworthy.findings import Edit, Finding
    from roadworthy.scan.module import Module

NOTICE = datetime.timedelta(days=30)
"""How long before its end a model is told of as if it were gone: what takes longer to mend is known from its alias."""
DIRECT = ("openai", "anthropic", "langchain_openai", "langchain_anthropic")
"""Packages that ask a provider by its own names."""
GATEWAYS = ("base_url", "api_base", "azure", "bedrock", "vertex", "openrouter", "litellm", "copilot", "http_client")
"""What a file holds where somebody else answers, or may."""


@dataclass(frozen=True, slots=True)
class Models:
    """What is known of model names."""

    families: tuple[str, ...]
    pinned: re.Pattern[str]
    fixed: frozenset[str]
    retired: dict[str, datetime.date]
    dated: dict[str, str]
    """The only dated name that a provider has for one without a date."""


@cache
def models() -> Models:
    """Model names, from data/models.toml."""
    table = tomllib.loads(files("roadworthy.data").joinpath("models.toml").read_text("utf-8"))
    retired = {name: row["on"] for row in table["retired"] for name in row["names"]}
    dated = {name: version for row in table["dated"] for name, version in row["names"].items()}
    return Models(tuple(table["families"]), re.compile(table["pinned"]), frozenset(table["fixed"]), retired, dated)


def ends_on(name: str, today: datetime.date | None) -> datetime.date | None:
    """The day on which a model was, or within thirty days will be, switched off; None where it lives on."""
    end = models().retired.get(name)
    today = today or datetime.datetime.now(datetime.UTC).date()
    return end if end is not None and end <= today + NOTICE else None


@hazard.rule("MODEL101", "model by an alias that moves")
def alias(module: Module, today: datetime.date | None = None) -> Iterator[Finding]:
    """A model is named without a version (`gpt-5`, `claude-sonnet-4`, `…-latest`, `…-preview`): the provider moves it.

    The default of a setting, an option or a parameter counts too: it is what runs where nobody says otherwise. Where
    its end is announced, the finding tells the day. Quiet for dated names, tables of names (`GPT_4O = "gpt-4o"`),
    models that run on the own machine, and in examples; what is gone within thirty days is told of by MODEL103.

    Why: one morning the same name is another model, and prompts and parsers that were tested with the old one break.

    Mend: name the version that you tested: `claude-sonnet-4-5-20250929`; put it into a setting. `--fix` writes the date
    where the provider has one dated version of the name alone, and is asked without a gateway.
    """
    known = models()
    for node, name in named(module, known.families):
        if name in known.fixed or ends_on(name, today) or known.pinned.search(name):
            continue
        if module.moment(node) is Moment.EXAMPLE:
            continue
        end = known.retired.get(name)
        is_default_of = is_default(module, node) and not isinstance(module.parent(node), ast.Assign)
        by_default = ", and the one that is asked where nothing else is set" if is_default_of else ""
        is_unsteady = name.endswith(("-latest", "-preview", "-exp")) and not by_default
        yield module.finding(
            node,
            f"{name!r} is an alias{by_default}: which model it is, the provider decides"
            + (f", and ends it on {end.isoformat()}" if end is not None else ""),
            why="the model behind it is replaced without a change of yours, and answers in another way",
            fix="name a dated version that you tested" + ("" if by_default else ", in a setting"),
            severity=Severity.WARNING if is_unsteady else Severity.NOTE,
            edit=_dated(module, node, name, today),
        )


@hazard.rule("MODEL103", "model past its retirement date")
def retired(module: Module, today: datetime.date | None = None) -> Iterator[Finding]:
    """A model is named that its provider has switched off, or will within thirty days: that is a note.

    Why: requests for it are answered with 404.

    Mend: name its successor, and test the prompts with it.
    """
    today = today or datetime.datetime.now(datetime.UTC).date()
    for node, name in named(module, models().families):
        end = ends_on(name, today)
        if end is None:
            continue
        is_over = end <= today
        yield module.finding(
            node,
            f"{name!r} {'was' if is_over else 'will be'} switched off on {end.isoformat()}",
            why="requests for it fail" if is_over else "requests for it fail from then on",
            fix="name its successor, with its date, and test the prompts with it",
            severity=_severity(module, node, is_over),
        )


def _severity(module: Module, node: ast.expr, is_over: bool) -> Severity | None:
    """What still answers is a date to plan for; what does not is an error, where something is known to ask for it."""
    if not is_over:
        return Severity.NOTE
    return Severity.WARNING if module.moment(node) is Moment.UNKNOWN else None


def _dated(module: Module, node: ast.expr, name: str, today: datetime.date | None) -> Edit | None:
    """The name with its date, where the provider itself is asked: a deployment or a gateway has names of its own."""
    version = models().dated.get(name)
    is_direct = module.imports(*DIRECT) and not any(word in module.source.lower() for word in GATEWAYS)
    if version is None or not is_direct or ends_on(version, today):
        return None
    quoted = written(module, node)
    return replaced(module, node, quoted.replace(name, version)) if quoted[1:-1] == name else None
