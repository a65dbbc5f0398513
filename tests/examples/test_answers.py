"""Sturdy finds the answer in whatever a model writes around it."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

FOUND = {
    "plain": '{"answer": "On Monday."}',
    "fenced": '```json\n{"answer": "On Monday."}\n```',
    "in prose": 'Sure, here it is: {"answer": "On Monday."} Anything else?',
    "in prose with braces": 'As {you} asked: {"answer": "On Monday."} {smile}',
    "a trailing comma": '{"answer": "On Monday.",}',
    "a trailing comma in a fence": '```\n{"answer": "On Monday.", "sources": ["a", ],}\n```',
    "single quotes": "{'answer': 'On Monday.'}",
    "an extra key": '{"thought": {"steps": 2}, "answer": "On Monday."}',
    "after another object": '{"thought": "hm"}\n{"answer": "On Monday."}',
}
NOT_FOUND = {
    "nothing": ("", "not JSON"),
    "prose": ("On Monday.", "not JSON"),
    "cut off": ('{"answer": "On Mon', "not JSON"),
    "another key": ('{"reply": "On Monday."}', 'no "answer"'),
    "no text": ('{"answer": null}', 'no "answer"'),
    "an empty text": ('{"answer": " "}', 'no "answer"'),
    "a list": ('["answer"]', "not JSON"),
    "too long": ("{" * 100_001, "more than 100000 characters"),
    "deep": ("{'a':" * 19_000, "not JSON"),
}


@pytest.mark.parametrize("text", FOUND.values(), ids=FOUND)
def test_an_answer_is_found(sturdy, text):
    assert sturdy.answers.answer_in(text) == "On Monday."


@pytest.mark.parametrize(("text", "why"), NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_is_no_answer_is_said_to_be_none(sturdy, text, why):
    with pytest.raises(sturdy.answers.NotAnAnswer, match=why):
        sturdy.answers.answer_in(text)


@given(answer=st.text(min_size=1).filter(str.strip), before=st.text("ab {}`\n"), after=st.text("ab }`\n"))
def test_strict_json_comes_back_as_it_was(sturdy, answer, before, after):
    assert sturdy.answers.answer_in(f"{before}{json.dumps({'answer': answer})}{after}") == answer


@given(st.text("{}[]'\",:\\ aanswer01\n"))
def test_any_text_gives_an_answer_or_is_said_to_be_none(sturdy, text):
    with contextlib.suppress(sturdy.answers.NotAnAnswer):
        assert sturdy.answers.answer_in(text).strip()
