"""The values that variables have on the stage."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from roadworthy.errors import UsageError
from roadworthy.manifest.endpoints import Endpoint, in_production
from roadworthy.manifest.model import Manifest, Service, Variable
from roadworthy.manifest.variables import references, resolve

PROVIDER_KEYS = {"OPENAI_API_KEY": "openai", "ANTHROPIC_API_KEY": "anthropic"}
"""The variables that the official SDKs read their keys from."""


@dataclass(frozen=True, slots=True)
class Values:
    """Every variable's value, in the two worlds."""

    laptop: Mapping[str, str]
    """The developer's variables and `.env`, with synthetic provider keys."""
    declared: Mapping[str, str]
    """The declared ones alone."""
    production: Mapping[str, str]
    """The declared ones alone, with services under their production names and log levels at their default."""
    secrets: tuple[str, ...]
    declared_secrets: Mapping[str, str]
    """By name, the values of the variables that are declared secret, as the agent gets them."""
    keys: Mapping[str, frozenset[str]]
    """By provider, the synthetic keys that the simulated one accepts."""


def find_values(
    manifest: Manifest,
    developer: Mapping[str, str],
    dotenv: Mapping[str, str],
    services: tuple[Endpoint, ...],
    rng: random.Random,
) -> Values:
    """**Values**: a variable's value is the first of `env.NAME.rehearse`; for a provider's key a synthetic one that
    fits its pattern; the developer's, of the shell before that of `.env`; its `default`.

    In production the address of a declared service in it becomes the production name, with credentials, path and
    query kept, and a log level gets its default. A variable is required when it has no `default` and does not say
    `required: false`. `.env` files are hidden in every scenario but those that leave the laptop's variables as they
    are. Values reach the agent's process alone and are redacted everywhere else; no real key leaves for a real
    provider.

    Raises UsageError naming every required variable that has no value.
    """
    own = {**dotenv, **developer}
    declared: dict[str, str] = {}
    secrets = [value for name, value in own.items() if name in PROVIDER_KEYS]
    keys: dict[str, set[str]] = {provider: set() for provider in set(PROVIDER_KEYS.values())}
    missing = []
    for name, variable in (manifest.env or {}).items():
        value = _value(name, variable, own, rng)
        if value is not None:
            declared[name] = value
        elif variable.is_required:
            missing.append(name)
        if variable.secret:
            known = [text for text in (value, own.get(name)) if text]
            secrets += [*known, *(production_value(manifest, name, text, services) for text in known)]
    if missing:
        raise UsageError(
            f"{', '.join(missing)}: required by the manifest, with no value here\n"
            "  export it, put it into .env, or give the rehearsal a value: "
            f"`env: {{{missing[0]}: {{rehearse: …}}}}`"
        )
    laptop = {**own, **declared}
    for name, provider in PROVIDER_KEYS.items():
        if name not in laptop or name not in declared:
            laptop[name] = synthetic_key(name, Variable(secret=True), rng)
        keys[provider].add(laptop[name])
        secrets.append(laptop[name])
    return Values(
        laptop=laptop,
        declared=declared,
        production={name: production_value(manifest, name, value, services) for name, value in declared.items()},
        secrets=tuple(dict.fromkeys(secrets)),
        declared_secrets={
            name: declared[name]
            for name, variable in (manifest.env or {}).items()
            if variable.secret and name in declared
        },
        keys={provider: frozenset(values) for provider, values in keys.items()},
    )


def production_value(manifest: Manifest, name: str, value: str, services: tuple[Endpoint, ...]) -> str:
    """What one declared variable is in production."""
    variable = (manifest.env or {}).get(name, Variable())
    if "LOG_LEVEL" in name or "LOGLEVEL" in name:
        return variable.default or value
    for service in services:
        if not service.socket and _is_host_of(name, manifest.services[service.name]):
            return service.production_host
    return in_production(value, services)


def _is_host_of(name: str, service: Service) -> bool:
    """Whether the variable is all of the service's host: `${NAME}`, or a URL's `${NAME}:6379`."""
    text = service.url or service.host or ""
    mark = "variable.invalid"
    values = {other: mark if other == name else "1" for other in references(text)}
    if name not in values:
        return False
    resolved = resolve(text, values)
    try:
        return mark == (resolved if service.url is None else urlsplit(resolved).hostname)
    except ValueError:
        return False


def _value(name: str, variable: Variable, own: Mapping[str, str], rng: random.Random) -> str | None:
    if variable.rehearse is not None:
        return variable.rehearse
    if name in PROVIDER_KEYS:
        return synthetic_key(name, variable, rng)
    return own.get(name, variable.default)


def synthetic_key(name: str, variable: Variable, rng: random.Random) -> str:
    """A made-up key of a provider that fits the variable. Raises UsageError where its pattern lets none be found."""
    if variable.pattern is None:
        prefix = "sk-ant-" if PROVIDER_KEYS[name] == "anthropic" else "sk-"
        return prefix + "".join(rng.choices("abcdefghijkmnpqrstuvwxyz23456789", k=40))
    from roadworthy.manifest.values import value_that_fits

    try:
        return value_that_fits(variable, rng)
    except UsageError as error:
        raise UsageError(f"env.{name}: {error}") from error
