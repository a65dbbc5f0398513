"""Sturdy says at once, and by name, which settings are missing or malformed."""

from __future__ import annotations

import shutil

import pytest

GOOD = {"OPENAI_API_KEY": "sk-0123456789abcdefghij", "CUSTOMERS_URL": "http://customers.internal:9107/"}


@pytest.fixture(autouse=True)
def _rg_is_here(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")


def test_good_settings_are_taken(sturdy):
    settings = sturdy.settings.load(GOOD)

    assert settings.customers_url == "http://customers.internal:9107"
    assert (settings.port, settings.log_level) == (8080, "INFO")
    assert '{"answer"' in settings.prompt


def test_everything_that_is_missing_is_named(sturdy):
    with pytest.raises(sturdy.settings.BadSettings) as caught:
        sturdy.settings.load({})

    assert str(caught.value).splitlines() == [
        "OPENAI_API_KEY is not set: it should be a key that starts with sk-",
        "CUSTOMERS_URL is not set: it should be the customer API's http(s) URL",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_API_KEY", ""),
        ("OPENAI_API_KEY", '"sk-0123456789"'),
        ("OPENAI_API_KEY", "sk-0123 456789"),
        ("OPENAI_API_KEY", "sk-0123456789\n"),
        ("CUSTOMERS_URL", "customers.internal:9107"),
        ("CUSTOMERS_URL", "ftp://customers.internal"),
        ("CUSTOMERS_URL", "http://"),
        ("CUSTOMERS_URL", "http://customers.internal:port"),
        ("CUSTOMERS_URL", "http://[::1"),
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_LEVEL", ""),
    ],
)
def test_a_malformed_one_is_named_and_its_value_kept_out(sturdy, name, value):
    with pytest.raises(sturdy.settings.BadSettings, match=f"^{name} is malformed: ") as caught:
        sturdy.settings.load({**GOOD, name: value})

    assert len(value) < 6 or value not in str(caught.value)


def test_a_missing_rg_is_named(sturdy, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)

    with pytest.raises(sturdy.settings.BadSettings, match="rg is not on PATH"):
        sturdy.settings.load(GOOD)
