"""`${VAR}` in addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.errors import UsageError
from roadworthy.manifest.variables import references, resolve

ENVIRONMENT = {"HOST": "localhost", "EMPTY": "", "TRICK": "${HOST}$$"}


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("http://${HOST}:1/${HOST}", "http://localhost:1/localhost"),
        ("${EMPTY}", ""),
        ("${EMPTY:-x}", "x"),
        ("${MISSING:-x:-y}", "x:-y"),
        ("${MISSING:-}", ""),
        ("${HOST:-x}", "localhost"),
        ("$${HOST}", "${HOST}"),
        ("$$$${HOST}$${HOST}", "$${HOST}${HOST}"),
        ("pa$$word$", "pa$word$"),
        ("$HOST costs $5", "$HOST costs $5"),
        ("${TRICK}", "${HOST}$$"),
    ],
)
def test_references_are_replaced_once(text: str, resolved: str) -> None:
    assert resolve(text, ENVIRONMENT) == resolved


def test_a_missing_variable_is_named_with_what_to_do() -> None:
    with pytest.raises(UsageError) as caught:
        resolve("http://${REDIS_HOST}", ENVIRONMENT)

    assert str(caught.value) == (
        "${REDIS_HOST}: the variable REDIS_HOST is not set\n"
        "  export it, put it into .env, or write a default into the manifest: ${REDIS_HOST:-…}"
    )


@pytest.mark.parametrize("text", ["${", "${}", "${A", "${A-B}", "${1A}", "a ${A B} c", "$${A} ${"])
def test_a_broken_reference_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no reference to a variable\n  the forms are"):
        resolve(text, {"A": "a"})
    with pytest.raises(UsageError, match="is no reference"):
        references(text)


def test_the_variables_of_a_text_come_once_and_in_order() -> None:
    assert references("${B:-x} ${A} ${B} $${C} $D") == ("B", "A")


@given(st.text("$", max_size=5) | st.text())
def test_a_text_with_doubled_dollars_comes_back_as_it_was(text: str) -> None:
    assert resolve(text.replace("$", "$$"), {}) == text
