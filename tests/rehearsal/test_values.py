"""The values on the stage."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.errors import UsageError
from roadworthy.manifest.endpoints import endpoints
from roadworthy.manifest.model import Manifest, Service, Variable
from roadworthy.redaction import redactor
from roadworthy.rehearsal.values import Values, find_values

MARK = "[redacted]"


def found(
    env: dict[str, Variable], developer: dict[str, str], services: dict[str, Service] | None = None, **dotenv: str
) -> Values:
    manifest = Manifest(root=Path("/"), env=env, services=services or {})
    own = {**dotenv, **developer}
    return find_values(manifest, developer, dotenv, endpoints(manifest, own), random.Random(1))


def test_the_first_of_what_is_declared_for_rehearsals_the_developers_and_the_default() -> None:
    env = {
        "FIXED": Variable(rehearse="rehearsed", default="d"),
        "OWN": Variable(default="d"),
        "FROM_FILE": Variable(),
        "DEFAULT": Variable(default="d"),
        "ABSENT": Variable(required=False),
    }

    values = found(env, {"FIXED": "mine", "OWN": "mine", "UNDECLARED": "u"}, FROM_FILE="file", OWN="file")

    expected = {"FIXED": "rehearsed", "OWN": "mine", "FROM_FILE": "file", "DEFAULT": "d"}
    assert values.declared == expected
    assert {name: values.laptop.get(name) for name in (*expected, "UNDECLARED")} == {**expected, "UNDECLARED": "u"}
    assert "ABSENT" not in values.laptop


def test_every_missing_variable_is_named_at_once() -> None:
    with pytest.raises(UsageError, match="A, B: required by the manifest"):
        found({"A": Variable(), "B": Variable(), "C": Variable(required=False)}, {})


def test_a_real_provider_key_never_leaves() -> None:
    values = found(
        {"OPENAI_API_KEY": Variable(secret=True)}, {"OPENAI_API_KEY": "sk-real", "ANTHROPIC_API_KEY": "sk-a"}
    )

    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        assert values.laptop[name] not in ("sk-real", "sk-a")
    assert values.keys["openai"] == {values.laptop["OPENAI_API_KEY"]}
    assert values.keys["anthropic"] == {values.laptop["ANTHROPIC_API_KEY"]}
    assert {"sk-real", "sk-a", values.laptop["OPENAI_API_KEY"]} <= set(values.secrets)
    assert values.declared["OPENAI_API_KEY"] == values.laptop["OPENAI_API_KEY"]


def test_a_synthetic_key_fits_its_pattern() -> None:
    values = found({"OPENAI_API_KEY": Variable(secret=True, pattern="corp-[0-9]{8}")}, {})

    assert values.laptop["OPENAI_API_KEY"].startswith("corp-")


def test_a_secret_is_redacted_with_its_production_name_too() -> None:
    values = found(
        {"DATABASE_URL": Variable(secret=True)},
        {"DATABASE_URL": "postgres://me:secret-word@localhost:5432/it"},
        {"database": Service(url="${DATABASE_URL}", production_host="db.prod")},
    )

    produced = values.production["DATABASE_URL"]
    assert produced == "postgres://me:secret-word@db.prod:5432/it"
    assert redactor(values.secrets)(f"connecting to {produced}") == f"connecting to {MARK}"


@pytest.mark.parametrize(
    ("service", "produced"),
    [
        (Service(host="${HOST}", port=6379, production_host="cache.prod"), "cache.prod"),
        (Service(host="${HOST:-localhost}", port=6379, production_host="cache.prod"), "cache.prod"),
        (Service(url="redis://${HOST}:6379/0", production_host="cache.prod"), "cache.prod"),
        (Service(url="redis://:${PASSWORD}@${HOST}:${PORT}/0", production_host="cache.prod"), "cache.prod"),
        (Service(host="localhost", port=6379, production_host="cache.prod"), "localhost"),
    ],
)
def test_a_variable_that_is_a_services_host_becomes_its_production_name(service: Service, produced: str) -> None:
    env = {"HOST": Variable(), "PORT": Variable(), "PASSWORD": Variable(default="pw")}

    values = found(env, {"HOST": "localhost", "PORT": "6379", "PASSWORD": "localhost"}, {"cache": service})

    assert values.production["HOST"] == produced
    assert values.production["PORT"] == "6379"
    assert values.production["PASSWORD"] == "localhost"
    assert values.laptop["HOST"] == "localhost"


def test_a_log_level_has_its_default_in_production() -> None:
    env = {"LOG_LEVEL": Variable(default="ERROR"), "MY_LOGLEVEL": Variable()}

    values = found(env, {"LOG_LEVEL": "DEBUG", "MY_LOGLEVEL": "DEBUG"})

    assert values.production == {"LOG_LEVEL": "ERROR", "MY_LOGLEVEL": "DEBUG"}
    assert values.laptop["LOG_LEVEL"] == "DEBUG"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_any_value_of_a_variable_is_borne(value: str) -> None:
    values = found({"ANY": Variable(secret=True)}, {"ANY": value}, {"it": Service(host="localhost", port=5432)})

    assert values.laptop["ANY"] == value
