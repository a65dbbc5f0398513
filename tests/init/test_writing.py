"""Whatever a guess holds, the file says it again: nothing that is written is read as something else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.init.adding import added
from roadworthy.init.guess import Draft, Guess
from roadworthy.init.writing import flow, manifest_text, one_line
from roadworthy.manifest.loading import loads

HERE = Path("roadworthy.yaml")
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20) | st.sampled_from(
    [
        "on",
        "No",
        "null",
        "~",
        "8080",
        "1e3",
        "0x1F",
        "1:30",
        "- a",
        "a: b",
        "a #b",
        "{{input}}",
        "${A}",
        "<<",
        "'",
        "\u2028",
        "\ufeff",
    ]
)
JSON = st.recursive(
    TEXTS | st.integers(-(10**15), 10**15) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
COMMENTS = st.text(max_size=30)
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True)


def draft_of(body: Any, env: dict[str, str], comment: str) -> Draft:
    agent = {
        "command": Guess(["python", "main.py"], comment),
        "request": Guess({"path": "/ask", "json": {"query": "{{input}}", "more": body}}, comment),
    }
    draft = Draft("agent", agent, [comment])
    draft.env = {name: Guess({"default": value}, comment) for name, value in env.items()}
    draft.models = [Guess(value, comment) for value in dict.fromkeys(env.values())]
    draft.binaries = {name: Guess("*", comment) for name in env}
    return draft


@given(JSON, st.dictionaries(NAMES, TEXTS, max_size=4), COMMENTS)
def test_the_file_loads_and_says_what_was_guessed(body: Any, env: dict[str, str], comment: str) -> None:
    manifest = loads(HERE, manifest_text(draft_of(body, env, comment)))

    assert manifest.agent.request.json == {"query": "{{input}}", "more": body}
    assert {name: variable.default for name, variable in (manifest.env or {}).items()} == env
    assert manifest.models == tuple(dict.fromkeys(env.values()))


@given(JSON)
def test_a_value_on_one_line_is_read_as_it_was(value: Any) -> None:
    assert "\n" not in flow(value)
    assert yaml.safe_load(f"key: {flow(value)}") == {"key": value}


@given(st.text())
def test_a_comment_never_ends_its_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
    one_line(text).encode()


MANIFESTS = st.sampled_from(
    [
        "agent: {entry: app.py:agent}\n",
        "agent: {entry: app.py:agent}\nenv:\n  A: {default: x}  # ours\n\n# the end\n",
        "agent: {entry: app.py:agent}\nenv: {A: {default: x}}\nmodels: [gpt-5]\n",
        "{agent: {entry: app.py:agent}, env: {}, models: []}",
        "agent:\n    entry: app.py:agent\nmodels:\n- gpt-5\n- gpt-4\nbinaries:\n    rg: '*'\n\nname: x",
        "agent: {entry: app.py:agent}\nenv:\nmodels: null\n",
        "agent: {entry: app.py:agent}\nenv: {\n  A: {default: x}, # ours\n  B: {},\n  # last\n}\n",
        "agent: {entry: app.py:agent}\r\nenv:\r\n  A: {}\r\n",
        "\ufeffagent: {entry: app.py:agent}\nmodels:\n  - >\n    long\n    name\n",
        "agent: {entry: app.py:agent}\nenv:\n  A:\n  B: # nothing yet\nname: x\n",
        "base: &base {X: {default: y}}\nagent: {entry: app.py:agent}\n".replace("base: &base {X: {default: y}}\n", ""),
    ]
)


@given(MANIFESTS, st.dictionaries(NAMES, TEXTS, max_size=3), COMMENTS)
def test_what_is_added_is_there_and_all_else_stays(text: str, env: dict[str, str], comment: str) -> None:
    before = loads(HERE, text)
    draft = draft_of({}, env, comment)
    done = added(text, draft, before)
    after = loads(HERE, done.text)

    assert set(after.env or {}) == set(before.env or {}) | set(env)
    assert all((after.env or {})[name] == value for name, value in (before.env or {}).items())
    assert set(after.models) == set(before.models) | set(env.values())
    assert after.models[: len(before.models)] == before.models
    assert after.agents == before.agents
    assert (after.name, set(after.binaries)) == (before.name, set(before.binaries) | set(env))
    own = text.replace("null", "")  # nothing, in words
    assert "".join(kept for kept in own if kept.isalnum()) == _without(done.text, own)
    assert added(done.text, draft, after).text == done.text


def _without(text: str, before: str) -> str:
    """The letters of `before`, taken out of `text` in their order: all of them, if nothing was changed."""
    letters = iter(text)
    return "".join(next((each for each in letters if each == wanted), "") for wanted in before if wanted.isalnum())
