"""Environment variables: are they here, are they what is declared, and are they production's own?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.checking import CI, LOCAL, PRODUCTION, Fine, Nothing, Said, check, problem
from roadworthy.hazards.checklist import VALUES_AS_DECLARED, VALUES_NOT_COPIED, VARIABLES_SET
from roadworthy.manifest.values import violations

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine
    from roadworthy.manifest.model import Manifest, Variable

NO_SECTION = "the manifest has no `env:` section"

_PLACEHOLDER = re.compile(
    r"(?:change[-_ ]?me|replace[-_ ]?(?:me|this|with.*)|your[-_ ].*|x{3,}|\.{3}|…|todo|tbd|fixme|placeholder|dummy"
    r"|<.*>|\$\{.*\}|\{\{.*\}\}|insert[-_ ].*|add[-_ ]your.*|(?:sk|pk|key|token)[-_](?:\.{3}|…|x{3,}|\*{3,}|your.*)"
    r"|sk-(?:ant-|proj-)?(?:\.{3}|…|x{3,}|\*{3,}|your.*))",
    re.IGNORECASE,
)
"""What stands in examples where a value belongs; the whole value must match."""
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\u00a0\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
"""Control characters, spaces that are none, and marks that are not seen: they come with what is copied from a page."""


@check("ENV201", "required variable missing", VARIABLES_SET, targets=(PRODUCTION, LOCAL))
def variables_set(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Is every required variable set?

    Done: each variable of the manifest's `env:` that is required is looked up, all of them at once.

    Must hold: it is set, and not to nothing.

    Why: an agent that reads a variable when the first request comes passes its deployment and fails its users.

    Mend: set it where the agent is deployed, or give it a default in the manifest and in the code.
    """
    if manifest.env is None:
        yield Nothing(NO_SECTION)
        return
    required = {name: variable for name, variable in manifest.env.items() if variable.is_required}
    for name, variable in required.items():
        value = machine.environment.get(name)
        if value is None or (value == "" and not _may_be_empty(variable)):
            yield problem(
                f"{name} is not set" if value is None else f"{name} is set to nothing",
                fix=_how_to_set(variable),
            )
    yield Fine(f"{len(required)} required" if required else "none is required")


@check("ENV202", "value not as declared", VALUES_AS_DECLARED)
def values_as_declared(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Does each value fit its declared type, pattern, choices and range?

    Done: each declared variable that is set is held against its declaration. No value is ever shown.

    Must hold: it fits.

    Why: a word where a number is meant fails at the first request that converts it, or turns a time-out off.

    Mend: correct the value where the agent is deployed, or the declaration where that is wrong.
    """
    if manifest.env is None:
        yield Nothing(NO_SECTION)
        return
    values = _set_values(machine, manifest)
    for name, (variable, value) in values.items():
        if value == "" or _mangling(value) is not None:
            continue  # ENV201 and ENV203 say that better
        for what in violations(variable, value):
            yield problem(f"{name} {what}", fix=f"correct the value of {name} where the agent is deployed")
    yield Fine(f"{len(values)} set") if values else Nothing("no declared variable is set")


@check("ENV203", "value looks mangled", VALUES_AS_DECLARED)
def values_mangled(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Has a value been mangled on its way here?

    Done: each declared variable that is set is looked at for quotes around it, white space or a line end at its ends,
    characters that are not seen, and words that stand in examples (`changeme`, `sk-...`, `<your key>`).

    Must hold: none of them, unless the manifest declares the value itself as a choice or a default.

    Why: `docker run --env-file` keeps the quotes that a shell takes away, `echo secret | base64` encodes a line end,
    and the provider then says only that the key is wrong.

    Mend: set the bare value, without quotes and without a line end (`printf %s`, not `echo`).
    """
    if manifest.env is None:
        yield Nothing(NO_SECTION)
        return
    values = _set_values(machine, manifest)
    for name, (variable, value) in values.items():
        what = _mangling(value)
        if what is not None and value not in variable.choices and value != variable.default:
            yield problem(f"{name} {what[0]}", fix=what[1])
    yield Fine() if values else Nothing("no declared variable is set")


@check("ENV204", "value copied from the laptop", VALUES_NOT_COPIED, targets=(PRODUCTION, CI))
def values_not_copied(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Has a variable that differs between environments the laptop's value?

    Done: each variable that is declared `per_environment` is compared with the project's `.env`, where that is here.

    Must hold: the two values differ.

    Why: the laptop's database or key in production works, until somebody tests on it.

    Mend: give production a value of its own; `roadworthy diff` compares two machines without showing a value.
    """
    env = manifest.env
    if env is None:
        yield Nothing(NO_SECTION)
        return
    declared = [name for name, variable in env.items() if variable.per_environment]
    if not declared:
        yield Nothing("no variable is declared `per_environment`")
        return
    if machine.dotenv is None:
        yield Nothing("no .env is here to compare with")
        return
    compared = [name for name in declared if name in machine.dotenv and name in machine.environment]
    for name in compared:
        if machine.environment[name] == machine.dotenv[name] != "":
            yield problem(
                f"{name} has the value of the local .env",
                why="it is declared `per_environment`: each environment has its own",
                fix=f"set {name} to production's own value, and keep `.env` out of the image (`.dockerignore`)",
                severity=Severity.ERROR,
            )
    yield Fine(f"{len(compared)} compared") if compared else Nothing("the .env here sets none of them")


def _set_values(machine: Machine, manifest: Manifest) -> dict[str, tuple[Variable, str]]:
    """The declared variables that are set, with their values."""
    environment = machine.environment
    return {
        name: (variable, environment[name]) for name, variable in (manifest.env or {}).items() if name in environment
    }


def _mangling(value: str) -> tuple[str, str] | None:
    """What has become of a value, as the end of a sentence that begins with the variable's name, and its mend."""
    bare = value.strip()
    if value != bare:
        end = "a line end behind it" if value.rstrip(" \t") != value.rstrip() and value[-1:] in "\r\n" else None
        return f"has {end or 'white space around it'}", "set it without (`printf %s`, not `echo`, into `base64`)"
    if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "\"'`":
        return "has quotes around it", "set it without: `--env-file` and Kubernetes take them as part of the value"
    if _INVISIBLE.search(value):
        return "holds a character that is not seen", "type it anew: it comes with what is copied from a page"
    if any("\udc80" <= letter <= "\udcff" for letter in value):
        return "holds bytes that are no UTF-8 text", "set it as UTF-8 text, or encoded as base64 where it is binary"
    if _PLACEHOLDER.fullmatch(bare):
        return "is a placeholder", "set the real value"
    return None


def _may_be_empty(variable: Variable) -> bool:
    """Whether the declaration has a place for nothing; `NAME=${UNSET}` of a compose file is nothing too."""
    return (variable.pattern is not None or bool(variable.choices)) and not violations(variable, "")


def _how_to_set(variable: Variable) -> str:
    what = "set it where the agent is deployed"
    if variable.secret:
        return f"{what}, from the platform's store of secrets"
    return f"{what}; or, if the agent can do without, declare a `default` or `required: false`"
