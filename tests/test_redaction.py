"""No form of a secret survives in a text."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from roadworthy.redaction import forms, leaks_in, redactor

MARK = "[redacted]"
SECRETS = st.text(st.characters(exclude_categories=["Cs"]), min_size=6, max_size=60)
FORMS: list[Callable[[str], str]] = [
    str,
    lambda text: quote(text, safe=""),
    quote,
    quote_plus,
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: repr(text)[1:-1],
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
]


@given(SECRETS, st.text(max_size=30), st.text(max_size=30), st.sampled_from(FORMS))
def test_no_form_of_a_secret_survives(secret: str, before: str, after: str, form: Callable[[str], str]) -> None:
    shown = form(secret)
    assume(shown not in MARK and shown not in before + after)

    text = redactor([secret])(before + shown + after)

    assert shown not in text
    assert MARK in text


@given(st.lists(SECRETS, min_size=2, max_size=5))
def test_of_several_secrets_none_survives(secrets: list[str]) -> None:
    assume(not any(secret in MARK or MARK in secret for secret in secrets))

    text = redactor(secrets)(" ".join(secrets))

    assert not any(secret in text for secret in secrets)


@given(st.text(max_size=100))
def test_a_text_without_secrets_stays(text: str) -> None:
    assume("a secret" not in text)

    assert redactor(["a secret", "short", ""])(text) == text or "YSBzZWNyZXQ" in text


def test_a_secret_of_several_lines_is_not_told_line_by_line() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n"

    assert redactor([key])("the key is MIIEvQIBADANBg") == f"the key is {MARK}"
    assert redactor([key])(json.dumps(key)) == f'"{MARK}"'


def test_the_password_of_a_secret_url_is_a_secret() -> None:
    redact = redactor(["postgres://me:p%40ss-w0rd@localhost/it"])

    assert redact("dsn: host=localhost password=p@ss-w0rd") == f"dsn: host=localhost password={MARK}"
    assert redact("p%40ss-w0rd") == MARK


def test_an_ordinary_word_as_password_does_not_blacken_every_report() -> None:
    redact = redactor(["postgres://me:postgres@localhost/it"])

    assert redact("postgres is not there") == "postgres is not there"
    assert redact("postgres://me:postgres@localhost/it") == MARK


@pytest.mark.parametrize("form", sorted(forms('sk "real"/Key+of=1')))
def test_a_leak_is_known_in_every_form(form: str) -> None:
    assert leaks_in(f"x {form} y", {"TOKEN": 'sk "real"/Key+of=1', "OTHER": "sk-another-1"}) == ("TOKEN",)


def test_an_ordinary_word_is_no_leak() -> None:
    assert leaks_in("started in development", {"TOKEN": "development"}) == ()
