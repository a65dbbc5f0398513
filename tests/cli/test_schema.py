"""`roadworthy schema`."""

import json
from collections.abc import Callable

import jsonschema
import pytest


@pytest.mark.parametrize(("arguments", "title"), [([], "manifest"), (["--report"], "report")])
def test_it_prints_a_json_schema(cli: Callable, arguments: list[str], title: str) -> None:
    printed = json.loads(cli("schema", *arguments).out)

    jsonschema.Draft202012Validator.check_schema(printed)
    assert title in printed["title"]
