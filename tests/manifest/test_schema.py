"""The JSON Schema and the docs say what the reader does."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from roadworthy.manifest.formats import FORMATS
from roadworthy.manifest.keys import format_in, keys_of, sections_below
from roadworthy.manifest.loading import load
from roadworthy.manifest.mistakes import ManifestError
from roadworthy.manifest.model import Manifest
from roadworthy.manifest.schema import document, schema, with_key_table

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "manifest.md"
AGAIN = "run: python -m roadworthy.manifest.schema --write"
VALID = Draft202012Validator(schema())
GOOD = [
    *[block.split("```")[0] for block in PAGE.read_text(encoding="utf-8").split("```yaml\n")[1:]],
    *[path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("examples/*/roadworthy.yaml"))],
    "agents: {a: {command: python main.py}, b: {url: 'http://x'}}",
    "agent: {entry: a.py:a}\nscan: {select: [PATH101, ENV, TIME1], per_file_ignores: {'*.py': [A], b/: }, exclude: }",
    "agent: {entry: a.py:a, stream: null, health: null, examples: [a]}\nenv:\nservices:\nmodels:\n",
    "agent: {entry: a.py:a}\nbudgets: {ready: 10, answer: '10', first_answer: 1.5, steps: 3}",
    "agent: {entry: a.py:a}\nresources: {memory: 1024, tmp: 1GB, cpu: 0.5}\nrate_limits: {a: 5, b: 5/s, c: 1/day}",
    "agent: {entry: a.py:a}\nservices: {a: {host: /run/a.sock}, b: {host: '${B}'}, c: {url: 'x://c', port: 1}}",
    "agent: {entry: a.py:a, request: {json: [{q: '{{input}}'}]}}\nsimulate: {tools: {a: {b: [1]}, c: }}",
    "agent: {entry: a.py:a}\nenv: {A: , B: {type: integer, minimum: 1, default: '2'}}\naccept: {LIFE302: reason}",
]
BAD = [
    "agent: {entry: a.py:a}\nscan: {select: [path101]}",
    "agent: {entry: a.py:a}\nscan: {select: PATH101}",
    "agent: {entry: a.py:a}\nscan: {exclude: ['']}",
    "agent: {entry: a.py:a}\nscan: {per_file_ignores: {a: b}}",
    "agent: {entry: a.py:a}\nscan: {selekt: [A]}",
    "name: x",
    "[]",
    "agents: {}",
    "agent: {entry: a.py:a}\nagents: {a: {entry: a.py:a}}",
    "agent: {}",
    "agent:",
    "agent: app.py:agent",
    "agent: {entry: a.py:a, url: 'http://a'}",
    "agent: {entry: app}",
    "agent: {url: ftp://a}",
    "agent: {command: []}",
    "agent: {command: [python, 1]}",
    "agent: {entry: a.py:a, input: stdin}",
    "agent: {entry: a.py:a, port: '80'}",
    "agent: {entry: a.py:a, port: 0}",
    "agent: {entry: a.py:a, answer: output}",
    "agent: {entry: a.py:a, helth: {}}",
    "agent: {entry: a.py:a, request: {method: post}}",
    "agent: {entry: a.py:a, request: {path: agent}}",
    "agent: {entry: a.py:a, stream: {format: xml}}",
    "agent: {entry: a.py:a, on_disconnect: stop}",
    *(
        "agent: {entry: a.py:a}\n" + line
        for line in [
            "enviroment: {}",
            "name: 7",
            "models: gpt",
            "env: [A]",
            "env: {A: text}",
            "env: {A B: {}}",
            "env: {A: {type: strin}}",
            "env: {A: {default: 7}}",
            "env: {A: {secret: 'true'}}",
            "env: {A: {rehearse: on}}",
            "services: {a: {}}",
            "services: {a: {url: 'x://a', host: a}}",
            "services: {a: {host: a}}",
            "services: {a: {url: nowhere}}",
            "services: {a: {url: 'x://a', production_host: 'db:1'}}",
            "binaries: {rg: 13}",
            "binaries: {rg: latest}",
            "files: {read: a.txt}",
            "files: {workspace: ~/a}",
            "resources: {memory: 512M}",
            "resources: {memory: 0}",
            "resources: {cpu: 0}",
            "budgets: {ready: 10 seconds or so}",
            "budgets: {steps: 1.5}",
            "budgets: {concurrency: 0}",
            "timeouts: {tools: {a: -1}}",
            "rate_limits: {a: 5/fortnight}",
            "simulate: {hosts: {a: gemini}}",
            "simulate: {tools: [a]}",
            "laptop: {ports: [70000]}",
            "accept: {life302: x}",
            "accept: [LIFE302]",
        ]
    ),
]


def test_the_stored_schema_is_up_to_date() -> None:
    assert json.loads(document()) == schema(), AGAIN


def test_the_table_in_the_docs_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page == with_key_table(page), AGAIN


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("text", GOOD)
def test_what_the_reader_takes_the_schema_takes(loaded: Callable[..., Manifest], text: str) -> None:
    assert loaded(text)
    assert [error.message for error in VALID.iter_errors(yaml.safe_load(text))] == []


@pytest.mark.parametrize("text", BAD)
def test_what_the_schema_refuses_the_reader_refuses(tmp_path: Path, text: str) -> None:
    path = tmp_path / "roadworthy.yaml"
    path.write_text(text, encoding="utf-8")

    assert not VALID.is_valid(yaml.safe_load(text))
    with pytest.raises(ManifestError):
        load(path)


def test_every_default_is_one_that_the_schema_takes() -> None:
    def defaults(node: Any) -> list[tuple[Any, Any]]:
        if isinstance(node, list):
            return [pair for item in node for pair in defaults(item)]
        if not isinstance(node, dict):
            return []
        own = [(node, node["default"])] if "default" in node and "description" in node else []
        return own + [pair for value in node.values() for pair in defaults(value)]

    found = defaults(schema())

    assert len(found) > 20
    for node, default in found:
        assert Draft202012Validator(node).is_valid(default), default


def test_every_key_says_what_it_is_for() -> None:
    page = PAGE.read_text(encoding="utf-8")

    for path, section in sections_below(Manifest):
        for key in keys_of(section):
            assert re.search(rf"\n\| `{key.name}` \|[^\n]*[^–| ] \|\n", page), f"{path}.{key.name}"
    assert not re.search(r"\|  \|\n", page)


def test_every_format_is_used_by_a_key() -> None:
    used = re.findall(r'Annotated\[[^"]*"([^"]+)"\]', (ROOT / "src/roadworthy/manifest/model.py").read_text("utf-8"))

    assert set(used) == set(FORMATS)
    assert format_in(keys_of(Manifest)[0].hint) is None


def test_services_can_say_how_they_start() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert "`services.NAME.start`" in page
    assert "| `start` | command |" in page
