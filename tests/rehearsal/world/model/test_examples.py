"""Shapes found in prompts, whatever the prompt looks like."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from roadworthy.rehearsal.world.model.examples import names_quoted_in, shape_in
from roadworthy.rehearsal.world.model.wire import pieces

JSON_LIKE = st.text(alphabet='{}[]":,ab1|<> \n', max_size=80)


@given(st.one_of(st.text(max_size=80), JSON_LIKE))
def test_no_text_is_too_strange(text: str) -> None:
    shape = shape_in(text)

    assert shape is None or shape.example or shape.schema is not None


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.text(max_size=5), st.integers()), min_size=1))
def test_a_strict_example_is_found_as_it_is(example: dict[str, object]) -> None:
    shape = shape_in(f"Reply as {json.dumps(example)}.")

    assert shape is not None
    assert shape.example == example


def test_names_in_quotes_are_found_once_each() -> None:
    assert names_quoted_in(['`a` and "b"', "'a', \"two words\", 'c1'"]) == ["a", "b", "c1"]


@given(st.text(alphabet="ab \n", max_size=40))
def test_pieces_of_a_stream_make_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text
    assert all(pieces(text))
