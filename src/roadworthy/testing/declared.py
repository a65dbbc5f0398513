"""The manifest of a test session, and the values that its variables have in a production-like environment."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.errors import UsageError
from roadworthy.manifest.model import Manifest, Variable

if TYPE_CHECKING:
    from roadworthy.manifest.endpoints import Endpoint

CLASSIC = {"TOOL_TIMEOUT": "5", "MAX_CONTEXT_SIZE": "1000", "DEBUG": "false"}
"""What the classic production-like environment sets: small limits, and no debugging."""
KEPT = ("PATH", "HOME", "HOSTNAME", "LANG")
"""What every container has; the rehearsal keeps the same."""
OF_THE_TESTS = ("PYTEST_", "COV_CORE_", "COVERAGE_")
"""How variables begin by which the test session itself is run."""


def manifest_of(root: Path, given: str | None) -> Manifest | None:
    """The manifest at `given`, a path relative to `root`; without one, that in the folder `root`, or None.

    Raises UsageError where `given` leads to none, and ManifestError where a manifest is wrong.
    """
    from roadworthy.manifest.loading import NoManifestError, load

    if given:
        return load(root / given)
    try:
        return load(root)
    except NoManifestError:
        return None


def developers_variables(manifest: Manifest | None, shell: Mapping[str, str]) -> dict[str, str]:
    """The shell's variables, and below them those of the project's `.env`."""
    if manifest is None:
        return dict(shell)
    from roadworthy.manifest.dotenv import environment_file

    return {**environment_file(manifest.root), **shell}


def production_variables(manifest: Manifest | None, shell: Mapping[str, str]) -> dict[str, str]:
    """All variables that the process has in a production-like environment.

    A declared one has its `rehearse` value, else for a provider's key a made-up one, else its `default`, else the
    developer's. `CLASSIC` ones are there whether declared or not. Without an `env` section nothing is known of the
    variables: then all of the shell's stay.

    Raises UsageError naming every required variable that has no value.
    """
    if manifest is None or manifest.env is None:
        return {**shell, **CLASSIC}
    own = developers_variables(manifest, shell)
    found = {name: text for name, text in shell.items() if name in KEPT or name.startswith(OF_THE_TESTS)}
    found |= CLASSIC
    missing = []
    for name, variable in manifest.env.items():
        value = value_of(name, variable, own)
        if value is not None:
            found[name] = value
        elif variable.is_required and name not in CLASSIC:
            missing.append(name)
    if missing:
        raise UsageError(
            f"{', '.join(missing)}: required by the manifest, with no value here\n"
            "  give the tests a value: "
            f"`env: {{{missing[0]}: {{rehearse: …}}}}`, or export it, or put it into .env"
        )
    return found


def value_of(name: str, variable: Variable, own: Mapping[str, str]) -> str | None:
    """The value of one declared variable; `own` are the developer's. None: it has none, or its classic one."""
    from roadworthy.rehearsal.values import PROVIDER_KEYS

    if variable.rehearse is not None:
        return variable.rehearse
    if name in PROVIDER_KEYS:
        return key_for(name, variable)
    if variable.default is not None:
        return variable.default
    return None if name in CLASSIC else own.get(name)


def key_for(name: str, variable: Variable | None = None) -> str:
    """A made-up key of a provider that fits the variable's pattern: the same in each test."""
    from roadworthy.rehearsal.values import synthetic_key

    given = variable or Variable(secret=True)
    return given.rehearse or synthetic_key(name, given, random.Random(0))  # noqa: S311 - no secret is made


def services_of(manifest: Manifest, variables: Mapping[str, str]) -> tuple[Endpoint, ...]:
    """Where the declared services are, by these variables. Raises UsageError for one without an address."""
    from roadworthy.manifest.endpoints import endpoints

    defaults = {name: given.rehearse or given.default for name, given in (manifest.env or {}).items()}
    return endpoints(manifest, {**{name: text for name, text in defaults.items() if text is not None}, **variables})


def secrets_of(manifest: Manifest | None, variables: Mapping[str, str]) -> tuple[str, ...]:
    """The values that are shown nowhere: of variables declared secret."""
    declared = manifest.env if manifest is not None and manifest.env else {}
    return tuple(variables[name] for name, given in declared.items() if given.secret and variables.get(name))
