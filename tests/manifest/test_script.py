"""The file that `simulate.script` names: every mistake at its place, and no text that is not borne."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from roadworthy.manifest.keys import keys_of
from roadworthy.manifest.loading import load
from roadworthy.manifest.mistakes import ManifestError, Source
from roadworthy.manifest.model import (
    Manifest,
    ScriptedCall,
    ScriptedError,
    ScriptedReply,
    ScriptEntry,
    When,
)
from roadworthy.manifest.script import script_in

Loaded: TypeAlias = Callable[..., Manifest]
AGENT = "agent: {entry: app.py:agent}\nsimulate: {script: talk.yaml}\n"
GOOD = """\
- when: {turn: 1, contains: refund, matches: "order [0-9]+"}
  reply: {text: Let me see., calls: [{name: search, arguments: {query: refund}}], delay: 500ms}
- when: {result: {search: nothing found}}
  reply: {error: {status: 503, message: try later}}
- reply: {text: "Done. {{canary}}"}
"""


def mistakes_in(text: str) -> list[str]:
    with pytest.raises(ManifestError) as caught:
        script_in(Source("talk.yaml", text))
    return [str(mistake) for mistake in caught.value.mistakes]


def test_a_script_is_read_with_the_manifest(loaded: Loaded, tmp_path: Path) -> None:
    (tmp_path / "talk.yaml").write_text(GOOD)

    assert loaded(AGENT).simulate.entries == (
        ScriptEntry(
            When(turn=1, contains="refund", matches="order [0-9]+"),
            ScriptedReply("Let me see.", (ScriptedCall("search", {"query": "refund"}),), delay=0.5),
        ),
        ScriptEntry(When(result={"search": "nothing found"}), ScriptedReply(error=ScriptedError(503, "try later"))),
        ScriptEntry(reply=ScriptedReply("Done. {{canary}}")),
    )


def test_mistakes_of_both_files_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "roadworthy.yaml").write_text(AGENT + "nam: x\n")
    (tmp_path / "talk.yaml").write_text("- when: {trun: 1}\n  reply: {tekst: hello}\n- when: {turn: 0}\n")

    with pytest.raises(ManifestError) as caught:
        load(tmp_path)

    assert str(caught.value).replace(f"{tmp_path}/", "").splitlines() == [
        'roadworthy.yaml:3:1: unknown key "nam" in the manifest',
        '  did you mean "name"?',
        'talk.yaml:1:10: unknown key "trun" in script[0].when',
        '  did you mean "turn"?',
        "talk.yaml:2:3: script[0].reply says nothing",
        "  give it text, calls or error",
        'talk.yaml:2:11: unknown key "tekst" in script[0].reply',
        '  did you mean "text"?',
        "talk.yaml:3:3: script[1] has no reply",
        '  add one: reply: {text: "Done. {{canary}}"}',
        "talk.yaml:3:16: script[1].when.turn: 0 is no positive whole number",
        "  write a whole number, 1 or more",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "talk.yaml:1:1: a script is a list with at least one entry"),
        ("when: {turn: 1}", "talk.yaml:1:1: a script is a list with at least one entry"),
        ("- ", "talk.yaml:1:2: script[0] has no reply"),
        ("- reply:", "talk.yaml:1:3: script[0].reply says nothing"),
        ("- reply: {text: }", "talk.yaml:1:3: script[0].reply says nothing"),
        ("- reply: {calls: []}", "talk.yaml:1:3: script[0].reply says nothing"),
        ("- reply: hello", "talk.yaml:1:10: script[0].reply should be a mapping, not text"),
        ("- reply: {calls: [{arguments: {a: 1}}]}", "talk.yaml:1:19: script[0].reply.calls[0] has no name"),
        ("- reply: {calls: [search]}", "talk.yaml:1:19: script[0].reply.calls[0] should be a mapping, not text"),
        ("- reply: {error: {message: busy}}", "talk.yaml:1:11: script[0].reply.error has no status"),
        (
            "- reply: {error: {status: 200}}",
            "talk.yaml:1:27: script[0].reply.error.status: 200 is no HTTP status of an error",
        ),
        ("- reply: {text: a, error: {status: 500}}", "talk.yaml:1:3: script[0].reply has both an error and text"),
        ("- reply: {text: a, delay: soon}", 'talk.yaml:1:27: script[0].reply.delay: "soon" is no duration'),
        ("- reply: {text: 7}", "talk.yaml:1:17: script[0].reply.text should be text, not the number 7"),
        ("- {when: {port: 1}, reply: {text: a}}", 'talk.yaml:1:11: unknown key "port" in script[0].when'),
        (
            "- {when: {result: found}, reply: {text: a}}",
            "talk.yaml:1:19: script[0].when.result should be a mapping, not text",
        ),
    ],
)
def test_a_mistake_is_told_at_its_place(text: str, told: str) -> None:
    (mistake,) = mistakes_in(text)

    assert mistake.splitlines()[0] == told


@pytest.mark.parametrize("name", ["nowhere.yaml", ".", '"\\0"', '"a\\u0085"'])
def test_a_file_that_is_not_there_is_told_in_the_manifest(loaded: Loaded, name: str) -> None:
    with pytest.raises(ManifestError) as caught:
        loaded(AGENT.replace("talk.yaml", name))

    (mistake,) = caught.value.mistakes
    assert (mistake.line, mistake.column) == (2, 20)


def test_a_file_that_is_no_text_is_told(loaded: Loaded, tmp_path: Path) -> None:
    (tmp_path / "talk.yaml").write_bytes(b"- reply: \xff")

    with pytest.raises(ManifestError, match=r"talk\.yaml:1:10: not UTF-8 text"):
        loaded(AGENT)


SCALARS = st.one_of(
    st.sampled_from(["sk-(", "10s", "{{canary}}", "on", "", 429, 0]), st.text(max_size=6), st.floats(), st.none()
)
KEYS = (When, ScriptedCall, ScriptedError, ScriptedReply, ScriptEntry)
NAMES = st.sampled_from(sorted({key.name for section in KEYS for key in keys_of(section)}))
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=4),
    max_leaves=10,
)
ENTRIES = st.lists(st.fixed_dictionaries({}, optional={"when": TREES, "reply": TREES}), max_size=3)


def bear(text: str) -> None:
    """Entries that all say something, or mistakes inside the text."""
    try:
        entries = script_in(Source("talk.yaml", text))
    except ManifestError as error:
        lines = re.split(r"\r\n|\r|\n", text)
        for mistake in error.mistakes:
            assert 1 <= mistake.line <= len(lines)
            assert 1 <= mistake.column <= len(lines[mistake.line - 1]) + 1
    else:
        assert entries
        for entry in entries:
            assert entry.reply.text is not None or entry.reply.calls or entry.reply.error


@settings(max_examples=100)
@given(TREES | ENTRIES, st.sampled_from([True, False, None]))
def test_any_yaml_is_borne(values: Any, flow: bool | None) -> None:
    bear(yaml.safe_dump(values, allow_unicode=True, default_flow_style=flow))


@given(st.text() | st.lists(st.sampled_from([*"-:[]{}&*!|\n ,?~", "reply", "text", "- ", ": ", "<<: "])).map("".join))
@example("&a [*a]")
@example("- &a {reply: *a}")
@example("- {<<: {reply: {text: a}}}")
@example("- {<<: [{reply: }]}")
def test_any_text_is_borne(text: str) -> None:
    bear(text)
