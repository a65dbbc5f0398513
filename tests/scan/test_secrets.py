"""Secrets in any text, and findings that do not pass them on."""

from __future__ import annotations

from pathlib import Path

from roadworthy.hazards.secrets import hazard, secrets_in
from roadworthy.scan.engine import scan

KEY = "sk-ant-api03-" + "u8jzPde0IgxLd6GncfBAepfJBd0Kh8oOOL8dKLzdocJ2isAj"


def test_a_finding_does_not_show_the_secret(tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text(f'key = "{KEY}"\npassword = "Z7Uw9xfog7k"\n')

    found = scan(tmp_path, [hazard.rules["SEC101"]]).findings

    assert len(found) == 2
    assert not any(secret in repr(each) for each in found for secret in (KEY, "Z7Uw9xfog7k"))


def test_a_secret_is_found_in_any_text_with_its_place() -> None:
    text = f"services:\n  agent:\n    environment:\n      KEY: {KEY}\n"

    assert [(each.line, each.column, each.kind) for each in secrets_in(text)] == [(4, 12, "an Anthropic key")]


def test_a_placeholder_is_no_secret() -> None:
    assert not list(secrets_in("KEY: sk-ant-api03-" + "your-key-here-" * 6))


def test_the_default_of_a_developers_database_is_no_secret() -> None:
    assert not list(secrets_in("postgresql://postgres:postgres@localhost:5432/agent"))
    assert not list(secrets_in("redis://default:password1@cache:6379/0"))
