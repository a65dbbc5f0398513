"""Which keys never end: those that requests bring, followed to where they are given; not those that the code names."""

from __future__ import annotations

import ast

import pytest
from tests.scan.reading import modules

from roadworthy.scan.variety import is_endless, is_of_request

BEFORE = """\
import hashlib, time, uuid
from settings import settings
NAMES = ["plain", "short"]
def handle(request, user_id, query, preset, model_name, kind: Literal["a"], emails):
    digest = hashlib.md5(query.encode()).hexdigest()
    limit = settings.limit
    for each in emails:
        KEY = kept[{}]
"""


def key(text: str) -> tuple[object, ast.expr]:
    (module,) = modules({"app.py": BEFORE.format(text)}).values()
    (kept,) = (each for each in module.all(ast.Subscript) if ast.unparse(each.value) == "kept")
    return module, kept.slice


@pytest.mark.parametrize(
    "text",
    [
        "user_id",
        "request.state.session_id",
        "request.json['conversation_id']",
        "request.headers.get('x-session')",
        "f'{preset}:{user_id}'",
        "(preset, query)",
        "digest",
        "uuid.uuid4().hex",
        "str(uuid.uuid4())[:8]",
        "str(uuid.uuid4())",
        "time.time()",
        "each",
        "each.strip().lower()",
        "cache_key(preset, query)",
        "hash(query)",
    ],
)
def test_a_key_that_requests_bring_is_endless(text: str) -> None:
    assert is_endless(*key(text))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "preset",
        "model_name",
        "kind",
        "'user_id'",
        "settings.user_id",
        "tuple(settings.tools)",
        "f'{settings.base_url}:{model_name}'",
        "len(query)",
        "NAMES[0]",
        "tuple(NAMES)",
        "limit",
        "language_of(query)",
    ],
)
def test_a_key_that_the_code_or_a_setting_names_is_not(text: str) -> None:
    assert not is_endless(*key(text))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["preset", "request.json['a']", "str(len(query))", "digest", "each"])
def test_what_a_function_is_given_is_of_the_request(text: str) -> None:
    assert is_of_request(*key(text))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["NAMES[0]", "settings.limit", "limit", "time.time()", "'plain'"])
def test_what_is_the_same_for_all_is_not_of_the_request(text: str) -> None:
    assert not is_of_request(*key(text))  # type: ignore[arg-type]
