"""What is wrong is told at its place, with the mend; what is right is accepted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from syrupy.assertion import SnapshotAssertion

from roadworthy.manifest.loading import load
from roadworthy.manifest.mistakes import ManifestError, quoted
from roadworthy.manifest.model import Manifest

Loaded: TypeAlias = Callable[..., Manifest]
Mistakes: TypeAlias = Callable[..., list[str]]
AGENT = "agent: {entry: app.py:agent}\n"

DOZEN = """\
name: support-agent
agent:
  entry: app.main:agent
  port: "8080"
  request: {path: agent}
  helth: {live: /live}
enviroment: {}
memory: 512MiB
env:
  OPENAI_API_KEY: {secret: true, pattern: "sk-("}
  LOG_LEVEL: {default: INF, choices: [DEBUG, INFO]}
  FEATURE_X: {rehearse: on}
  PORT: {type: integer, default: 8080}
  PORT: {type: integer}
services:
  database: {url: "${DATABASE_URL}"}
  cache: {host: $REDIS_HOST, port: 6379}
budgets: {ready: 10 seconds or so, concurrency: many}
accept: {life302: answers are idempotent}
"""


def test_a_dozen_mistakes_are_told_at_once(mistakes: Mistakes, snapshot: SnapshotAssertion) -> None:
    assert "\n".join(mistakes(DOZEN)) == snapshot


TOML_DOZEN = """\
[project]
name = "x"

[tool.roadworthy]
name = 7
enviroment = {}
[tool.roadworthy.agent]
entry = "app.main:agent"
port = "8080"
request.path = "agent"
request.methd = "GET"

[tool.roadworthy.env.LOG_LEVEL]
default = "INF"
choices = ["DEBUG", "INFO"]

[tool.roadworthy.services]
database = {url = "${DATABASE_URL}"}
"cache".host = "$REDIS_HOST"

[tool.roadworthy.budgets]
ready = "soon"
timeouts = 3
"""


def test_the_same_in_toml(mistakes: Mistakes, snapshot: SnapshotAssertion) -> None:
    assert "\n".join(mistakes(TOML_DOZEN, "pyproject.toml")) == snapshot


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "name: [a",
            (
                "1:9: not valid YAML: did not find expected ',' or ']'\n"
                "  while parsing a flow sequence, which began in line 1"
            ),
        ),
        (
            "a:\n\tb: 1",
            (
                "2:1: not valid YAML: found character that cannot start any token\n"
                "  while scanning for the next token, which began in line 2\n"
                "  indent with spaces: YAML allows no tabs there"
            ),
        ),
        (
            "name: a: b",
            (
                "1:8: not valid YAML: mapping values are not allowed in this context\n"
                "  quote text that holds a colon and a space, and check the indentation"
            ),
        ),
        ("name: *x", "1:7: not valid YAML: found undefined alias"),
        ("name: \x07", '1:7: not valid YAML: "\\x07" cannot be written so\n  take it away'),
        (
            AGENT + "---\n" + AGENT,
            (
                "2:1: not valid YAML: but found another document\n"
                "  expected a single document in the stream, which began in line 1"
            ),
        ),
        (
            AGENT + "name: !python/object:os.system x",
            '2:7: the tag "!python/object:os.system" means nothing here\n  take it away',
        ),
        (AGENT + "? [a]\n: b", "2:3: a key must be text, not a list or a mapping"),
        (AGENT + "name: a\nname: b", '3:1: the key "name" is here twice\n  the first is in line 2'),
        (AGENT + "env: {A: {<<: 3}}", "2:15: only mappings can be merged\n  write `<<: *name`"),
        (AGENT + "env: &a {A: *a}", "2:6: holds an alias of itself"),
        (AGENT + "name: " + "[" * 51, "2:56: nested more than 50 levels deep"),
        (AGENT + "name: " + "[" * 100_000, "2:56: nested more than 50 levels deep"),
    ],
)
def test_yaml_that_is_none_or_has_no_use(mistakes: Mistakes, text: str, told: str) -> None:
    assert f"roadworthy.yaml:{told}" in mistakes(text)


def test_a_bomb_of_aliases_is_refused(mistakes: Mistakes) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")

    (told,) = mistakes("\n".join(lines))

    assert "more than 20,000 values once its aliases are expanded" in told


def test_a_chain_of_aliases_is_no_way_around_the_depth(mistakes: Mistakes) -> None:
    lines = ["a0: &a0 [x]", *(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 5000))]

    (told,) = mistakes("\n".join(lines))

    assert "nested more than 50 levels deep" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[tool.roadworthy", "1:17: not valid TOML: Expected ']' at the end of a table declaration"),
        ("[tool.roadworthy]\nname = ", "2:7: not valid TOML: Invalid value"),
        ("[tool.roadworthy]\nname = 'a'\nname = 'b'", "3:11: not valid TOML: Cannot overwrite a value"),
        ("[tool.roadworthy]\nname = " + "9" * 5000, "1:1: holds a number that is too long to be read"),
        ("[tool.roadworthy]\nname = " + "[" * 100_000, "1:1: nested too deeply to be read"),
    ],
)
def test_toml_that_is_none(mistakes: Mistakes, text: str, told: str) -> None:
    assert mistakes(text, "pyproject.toml") == [f"pyproject.toml:{told}"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "nonsense: 1",
            (
                '2:1: unknown key "nonsense" in the manifest\n  the keys here are: name, agent, agents, '
                "env, models, services, binaries, files, resources, budgets, timeouts, rate_limits, tools, "
                "simulate, laptop, accept, scan"
            ),
        ),
        ("environment: {}", '2:1: unknown key "environment" in the manifest\n  did you mean "env"?'),
        ("timeout: {}", '2:1: unknown key "timeout" in the manifest\n  did you mean "timeouts"?'),
        ("rate-limits: {}", '2:1: unknown key "rate-limits" in the manifest\n  did you mean "rate_limits"?'),
        (
            "port: 8080",
            ('2:1: unknown key "port" in the manifest\n  "port" belongs below agent or below services.NAME'),
        ),
        ("env: {A: {defualt: x}}", '2:11: unknown key "defualt" in env.A\n  did you mean "default"?'),
        ("name: 7", '2:7: name should be text, not the number 7\n  quote it: "7"'),
        ("name: true", '2:7: name should be text, not true\n  quote it: "true"'),
        ("name: yes", '2:7: name should be text, and YAML reads yes as true\n  quote it: "yes"'),
        ("name:", "2:6: name should be text, not empty"),
        ("name: [a]", "2:7: name should be text, not a list"),
        ("name: {a: b}", "2:7: name should be text, not a mapping"),
        ('name: "a\\0"', "2:7: name holds a NUL character\n  take it away"),
        ("models: gpt-4.1", "2:9: models should be a list, not text\n  write [gpt-4.1]"),
        ("models: [1]", '2:10: models[0] should be text, not the number 1\n  quote it: "1"'),
        ("env: [A, B]", "2:6: env should be a mapping, not a list\n  write {OPENAI_API_KEY: {secret: true}}"),
        (
            "env: {A: hidden}",
            ("2:10: env.A should be a mapping, not text\n  write {default: …}, or {} for a variable without any"),
        ),
        (
            "env: {A B: {}}",
            ('2:7: env."A B": "A B" is no variable\n  write letters, digits and underscores: DATABASE_URL'),
        ),
        (
            "env: {A: {secret: 'true'}}",
            ("2:19: env.A.secret should be true or false, not text\n  remove the quotes: true"),
        ),
        (
            "env: {A: {type: strin}}",
            (
                '2:17: env.A.type: "strin" is none of string, integer, number, boolean, url, '
                'json, path\n  did you mean "string"?'
            ),
        ),
        (
            "env: {A: {minimum: 1}}",
            ("2:20: env.A.minimum is for numbers, and the type is string\n  add `type: integer` or `type: number`"),
        ),
        ("env: {A: {type: number, minimum: 2, maximum: 1}}", "2:34: env.A.minimum is above the maximum\n  swap them"),
        ("env: {A: {type: number, minimum: .nan}}", "2:34: env.A.minimum should be a number, not the number .nan"),
        ("env: {A: {type: integer, default: x}}", "2:35: env.A.default is no whole number"),
        ("env: {A: {type: integer, choices: ['1', b]}}", "2:35: env.A.choices: 'b' is no whole number"),
        ("env: {A: {pattern: a+, rehearse: b}}", "2:34: env.A.rehearse does not match the pattern a+"),
        (
            "env: {A: {choices: [debug, info], default: inf}}",
            '2:44: env.A.default is none of debug, info\n  did you mean "info"?',
        ),
        (
            "services: {a: {}}",
            ('2:12: services.a has no address\n  give it `url`, or `host` and `port`: {url: "${DATABASE_URL}"}'),
        ),
        (
            "services: {a: postgres://x}",
            ("2:15: services.a should be a mapping, not text\n  write {url: …}, or {host: …, port: …}"),
        ),
        (
            "services: {a: {url: 'http://a', host: a}}",
            ("2:39: services.a has both `url` and `host`\n  keep the one that the agent uses"),
        ),
        ("services: {a: {host: localhost}}", "2:22: services.a has a host and no port\n  add `port`"),
        ("services: {a: {url: $DB}}", '2:21: services.a.url is no URL\n  did you mean "${DB}"?'),
        (
            "services: {a: {url: 'x://${A-B}'}}",
            (
                "2:21: services.a.url is no URL: '${A-B}' is no reference to a "
                "variable\n  the forms are ${NAME} and ${NAME:-default}; a dollar sign before a brace is written $$"
            ),
        ),
        (
            "env: {DB_URL: {}}\nservices: {a: {url: '${DB_URI}'}}",
            '3:21: services.a.url takes ${DB_URI}, which `env` does not declare\n  did you mean "DB_URL"?',
        ),
        (
            "env: {}\nservices: {a: {host: '${H}', port: 1}}",
            "3:22: services.a.host takes ${H}, which `env` does not declare\n  declare it: env: {H: {}}",
        ),
        (
            "services: {a: {url: 'x://a', production_host: 'db:5432'}}",
            '2:47: services.a.production_host: "db:5432" is no host\n  did you mean "db"?',
        ),
        ("binaries: [rg]", '2:11: binaries should be a mapping, not a list\n  write {rg: ">=13", jq: "*"}'),
        (
            "binaries: {rg: latest}",
            (
                '2:16: binaries.rg: "latest" is no versions\n'
                '  write any version, or conditions with commas between: "*", ">=13", ">=13, <15"'
            ),
        ),
        (
            "resources: {memory: 512M}",
            ('2:21: resources.memory: "512M" is no size\n  write bytes, or a number and its unit: 1024, 512MiB, 1GB'),
        ),
        ("resources: {memory: 0}", "2:21: resources.memory: 0 is no size\n  it must be above zero"),
        (
            "resources: {cpu: 500m}",
            ("2:18: resources.cpu should be a positive number, not text\n  write a number above zero"),
        ),
        ("budgets: {ready: -1}", "2:18: budgets.ready: -1 is no duration\n  it must be above zero"),
        (
            "budgets: {ready: 1w}",
            (
                '2:18: budgets.ready: "1w" is no duration\n'
                "  write seconds, or a number and its unit: 30, 500ms, 30s, 2m, 1h"
            ),
        ),
        ("budgets: {ready: true}", '2:18: budgets.ready should be text, not true\n  quote it: "true"'),
        (
            "budgets: {steps: 1.5}",
            ("2:18: budgets.steps: 1.5 is no positive whole number\n  write a whole number, 1 or more"),
        ),
        (
            "rate_limits: {model: 5/fortnight}",
            (
                '2:22: rate_limits.model: "5/fortnight" is no rate\n'
                "  write a number per second, or a number and its time: 10, 10/s, 500/minute"
            ),
        ),
        (
            "laptop: {ports: [70000]}",
            ("2:18: laptop.ports[0]: 70000 is no port\n  write a whole number from 1 to 65535"),
        ),
        (
            "files: {workspace: ~/repo}",
            (
                '2:20: files.workspace: "~/repo" is no path\n'
                "  write a path: config.yaml, /var/lib/agent (`~` is not expanded)"
            ),
        ),
        ("simulate: {hosts: {a: gemini}}", '2:23: simulate.hosts.a: "gemini" is none of openai, anthropic'),
        ("accept: {life302: x}", '2:10: accept.life302: "life302" is no code\n  did you mean "LIFE302"?'),
        (
            "accept: {LIFE302: 'x until 31.1.2027'}",
            (
                '2:19: accept.LIFE302: "x until 31.1.2027" is no waiver: 31.1.2027 is no date\n'
                "  write the last day as year-month-day: until 2027-01-31"
            ),
        ),
        ("accept: {LIFE302: ' '}", "2:19: accept.LIFE302 gives no reason\n  say why this may fail in production"),
        ("scan: {ignore: [log101]}", '2:17: scan.ignore[0]: "log101" is no rule\n  did you mean "LOG101"?'),
        ("scan: {ignore: LOG101}", "2:16: scan.ignore should be a list, not text\n  write [LOG101]"),
        (
            "scan: {per-file-ignores: {}}",
            '2:8: unknown key "per-file-ignores" in scan\n  did you mean "per_file_ignores"?',
        ),
        ("scan: {extend-exclude: []}", '2:8: unknown key "extend-exclude" in scan\n  did you mean "exclude"?'),
        (
            "scan: [PATH]",
            "2:7: scan should be a mapping, not a list\n  write {select: [PATH, TIME], exclude: [scripts/]}",
        ),
        (
            "per_file_ignores: {}",
            '2:1: unknown key "per_file_ignores" in the manifest\n  "per_file_ignores" belongs below scan',
        ),
        ("agents: {a: {entry: a.py:a}}", "2:1: both `agent` and `agents`\n  move the one below `agents`, by its name"),
    ],
)
def test_one_mistake_in_one_line(mistakes: Mistakes, line: str, told: str) -> None:
    assert mistakes(AGENT + line) == [f"roadworthy.yaml:{told}"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("name: x", "1:1: no agent in the manifest\n  add one: agent: {entry: app.py:agent}"),
        ("agents: {}", "1:9: no agent below `agents`\n  add one: {support: {entry: app.py:agent}}"),
        ("agent: app.py:agent", "1:8: agent should be a mapping, not text\n  write {entry: app.py:agent}"),
        (
            "agent: {}",
            (
                "1:1: agent needs exactly one of `entry`, `command` and `url`, and has none of them\n"
                "  entry: app.py:agent, command: [python, main.py] or url: https://staging.internal"
            ),
        ),
        (
            "agents: {a: {entry: a.py:a, url: 'http://a'}}",
            (
                "1:10: agents.a needs exactly one of `entry`, `command` and `url`, and has `entry` and `url`\n"
                "  entry: app.py:agent, command: [python, main.py] or url: https://staging.internal"
            ),
        ),
        (
            "agent: {entry: app:agent}",
            ('1:16: agent.entry: "app:agent" is no entry point (file.py:name)\n  did you mean "app.py:agent"?'),
        ),
        (
            "agent: {entry: app.py}",
            (
                '1:16: agent.entry: "app.py" is no entry point (file.py:name)\n'
                "  write the file and the name in it: app.py:agent"
            ),
        ),
        (
            'agent: {command: "python \'x"}',
            (
                '1:18: agent.command: "python \'x" is no command: no closing '
                "quotation\n  write a program and its arguments: [python, main.py], or python main.py"
            ),
        ),
        (
            "agent: {command: []}",
            (
                "1:18: agent.command: this is no command: there is no program in it\n"
                "  write a program and its arguments: [python, main.py], or python main.py"
            ),
        ),
        ("agent: {command: [python, 1]}", '1:27: agent.command[1] should be text, not the number 1\n  quote it: "1"'),
        (
            "agent: {url: staging.internal}",
            (
                '1:14: agent.url: "staging.internal" is no URL\n'
                "  write an address with http:// or https://: https://staging.internal"
            ),
        ),
        (
            "agent: {entry: a.py:a, input: stdin}",
            (
                "1:31: agent.input is for a `command` that answers once\n"
                "  take it away: other agents get the input in a request"
            ),
        ),
        (
            "agent: {command: python ask.py, input: stdin, port: 8080}",
            (
                "1:53: agent.port is for an agent that serves, and `input` says that this command answers once\n"
                "  take one of the two away"
            ),
        ),
        (
            "agent: {entry: a.py:a, port: '80'}",
            "1:30: agent.port should be a port, not text\n  remove the quotes: 80",
        ),
        (
            "agent: {entry: a.py:a, answer: output}",
            '1:32: agent.answer: "output" is no JSONPath\n  did you mean "$.output"?',
        ),
        ("agent: {entry: a.py:a, examples: []}", "1:34: agent.examples is empty\n  give one input at least"),
        (
            "agent: {entry: a.py:a, request: {method: post}}",
            '1:42: agent.request.method: "post" is no HTTP method\n  did you mean "POST"?',
        ),
        (
            "agent: {entry: a.py:a, request: {json: {q: hello}}}",
            (
                "1:33: agent.request holds no {{input}}: the agent would never see the question\n"
                '  put it where the question goes: json: {query: "{{input}}"}'
            ),
        ),
        (
            'agent: {entry: a.py:a, request: {json: {q: "{{input}}", country: no}}}',
            (
                "1:66: agent.request.json.country: YAML reads no as false\n"
                '  quote it if it is text, or write false: "no"'
            ),
        ),
        (
            'agent: {entry: a.py:a, request: {json: {q: "{{input}}", n: .inf}}}',
            "1:60: agent.request.json.n: .inf cannot be written in JSON",
        ),
    ],
)
def test_one_mistake_in_the_agent(mistakes: Mistakes, line: str, told: str) -> None:
    assert mistakes(line) == [f"roadworthy.yaml:{told}"]


@pytest.mark.parametrize(
    ("line", "read", "value"),
    [
        ("budgets: {ready: 500ms}", lambda m: m.budgets.ready, 0.5),
        ("budgets: {ready: 2 m}", lambda m: m.budgets.ready, 120.0),
        ("budgets: {ready: 3}", lambda m: m.budgets.ready, 3.0),
        ("budgets: {ready: '3'}", lambda m: m.budgets.ready, 3.0),
        ("budgets: {first_answer: null}", lambda m: m.budgets.first_answer, None),
        ("resources: {memory: 1GB, cpu: 0.5}", lambda m: (m.resources.memory, m.resources.cpu), (10**9, 0.5)),
        ("resources: {memory: 1.5Gi}", lambda m: m.resources.memory, 3 * 2**29),
        ("rate_limits: {model: 10}", lambda m: m.rate_limits["model"], 10.0),
        ("rate_limits: {model: 7200/hour}", lambda m: m.rate_limits["model"], 2.0),
        ("binaries: {rg: '>=13, <15', jq: '*', uv: '0.9'}", lambda m: m.binaries["rg"], ">=13, <15"),
        ("services: {a: {host: /run/db.sock}}", lambda m: m.services["a"].host, "/run/db.sock"),
        ("services: {a: {host: '${H}'}}", lambda m: m.services["a"].host, "${H}"),
        ("services: {a: {host: '::1', port: 1}}", lambda m: m.services["a"].host, "::1"),
        ("services: {a: {url: 'db://u:p$$@h'}}", lambda m: m.services["a"].url, "db://u:p$$@h"),
        ("services: {a: {url: '${S}://${H:-localhost}:1'}}", lambda m: m.services["a"].url, "${S}://${H:-localhost}:1"),
        (
            "services: {a: {url: 'a://b', start: node 'my app.js'}}",
            lambda m: m.services["a"].start,
            ("node", "my app.js"),
        ),
        ("env: {A: {secret: yes}}", lambda m: m.env["A"].secret, True),
        ("env: {A: {default: 010}}", lambda m: m.env["A"].default, "010"),
        ("env: {A: {default: 12:30}}", lambda m: m.env["A"].default, "12:30"),
        ("env: {A: {default: ''}}", lambda m: m.env["A"].default, ""),
        ("models: [2025-04-14]", lambda m: m.models, ("2025-04-14",)),
        ("name: 支援 agent 😀", lambda m: m.name, "支援 agent 😀"),
        ("laptop: {ports: []}", lambda m: m.laptop.ports, ()),
        ("simulate: {tools: {search: }}", lambda m: m.simulate.tools, {"search": {}}),
    ],
)
def test_what_looks_unusual_and_is_right(
    loaded: Loaded, line: str, read: Callable[[Manifest], Any], value: Any
) -> None:
    assert read(loaded(AGENT + line)) == value


@pytest.mark.parametrize(
    "line",
    [
        'agent: {entry: "src/my app/main.py:App.agent"}',
        "agent: {command: python ask.py, input: stdin, workdir: /app}",
        "agent: {url: 'http://127.0.0.1:8000'}",
        "agent: {url: '${AGENT_URL}/v1'}",
        'agent: {entry: a.py:a, request: {method: GET, path: "/ask?q={{input}}", json: null}}',
        'agent: {entry: a.py:a, request: {json: {q: ["{{input}}", 1, null, true]}}}',
        "agent: {entry: a.py:a, stream: {end: null}}",
        "agent: {entry: a.py:a, stream: , workdir: /my app}",
    ],
)
def test_agents_that_look_unusual_and_are_right(loaded: Loaded, line: str) -> None:
    assert loaded(line).agent


@pytest.mark.parametrize("path", ["$.[", "$[", "$.a b", "$..", "$[?@.a", "$[99999999999999999999]", "$.a[?nope(@)]"])
def test_a_wrong_jsonpath_is_told_in_one_line_with_what_is_wrong_in_it(mistakes: Mistakes, path: str) -> None:
    (told,) = mistakes(f"agent: {{entry: a.py:a, answer: '{path}'}}")

    first, mend = told.split("\n")
    assert first.startswith(f'roadworthy.yaml:1:32: agent.answer: "{path}" is no JSONPath: ')
    assert mend == "  write where it is in the JSON: $.output, $.choices[0].text"


@pytest.mark.parametrize("path", ["$", "$.a[0].b_1", "$['a b']", "$..text", "$[?@.role == 'assistant'].text", "$[-1]"])
def test_any_jsonpath_will_do(loaded: Loaded, path: str) -> None:
    assert loaded(f'agent: {{entry: a.py:a, answer: "{path}"}}').agent.answer == path


def test_a_wrong_value_is_told_once_and_not_again_by_what_depends_on_it(mistakes: Mistakes) -> None:
    text = AGENT + "env: {DB: wrong}\nservices: {a: {url: '${DB}'}}\n"

    assert len(mistakes(text)) == 1


def test_what_may_be_a_password_is_not_repeated(mistakes: Mistakes) -> None:
    text = AGENT + "env: {A: s3cret}\nservices: {a: {url: 'postgres:/me:s3cret@h'}, b: s3cret}\n"

    assert not [told for told in mistakes(text) if "s3cret" in told]


def test_a_mistake_in_a_merged_mapping_is_told_at_its_own_place_for_each_that_takes_it(mistakes: Mistakes) -> None:
    text = AGENT + "env:\n  A: &a {secert: true}\n  B: {<<: *a}\n"

    assert [told.partition("\n")[0] for told in mistakes(text)] == [
        'roadworthy.yaml:3:10: unknown key "secert" in env.A',
        'roadworthy.yaml:3:10: unknown key "secert" in env.B',
    ]


def test_a_file_of_another_kind_ends_the_reading_early(tmp_path: Path) -> None:
    path = tmp_path / "roadworthy.yaml"
    path.write_text("".join(f"word{i}: something\n" for i in range(15_000)), encoding="utf-8")

    with pytest.raises(ManifestError) as caught:
        load(path)

    assert len(caught.value.mistakes) == 100
    assert str(caught.value).endswith("\n  and perhaps more: reading ended at 100 mistakes")


def test_quoted_text_is_short_and_on_one_line() -> None:
    assert quoted('a\n"b"\\\x1b' + "c" * 100) == '"a\\n\\"b\\"\\\\\\x1b' + "c" * 52 + '…"'
