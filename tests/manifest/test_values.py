"""Values that fit a variable, and values that do not."""

import random
import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.errors import UsageError
from roadworthy.manifest.model import Variable
from roadworthy.manifest.pattern_words import LONGEST, word_that_matches
from roadworthy.manifest.values import value_that_fits, values_that_violate, violations

LEVELS = ("DEBUG", "INFO")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        (Variable(), ""),
        (Variable(type="integer"), "-7"),
        (Variable(type="integer", minimum=1, maximum=3), "3"),
        (Variable(type="number"), "1e3"),
        (Variable(type="number", maximum=0.5), "-2.25"),
        (Variable(type="boolean"), "True"),
        (Variable(type="boolean"), "off"),
        (Variable(type="url"), "postgres://me:p%40ss@localhost:5432/app"),
        (Variable(type="url"), "sqlite:///app.db"),
        (Variable(type="url"), "http://[::1]:80/"),
        (Variable(type="json"), '{"a": [1]}'),
        (Variable(type="path"), "config.yaml"),
        (Variable(choices=LEVELS), "INFO"),
        (Variable(pattern="sk-.+"), "sk-1"),
        (Variable(pattern="a|b"), "b"),
    ],
)
def test_a_value_that_fits_violates_nothing(variable: Variable, value: str) -> None:
    assert violations(variable, value) == []


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        (Variable(type="integer"), "7.0", "is no whole number"),
        (Variable(type="integer"), " 7", "is no whole number"),
        (Variable(type="integer"), "1_000", "is no whole number"),
        (Variable(type="integer"), "٣", "is no whole number"),
        (Variable(type="integer", minimum=1), "0", "is below 1"),
        (Variable(type="number", maximum=0.5), "0.6", "is above 0.5"),
        (Variable(type="number"), "nan", "is no number"),
        (Variable(type="number"), "1e999", "is no number"),
        (Variable(type="boolean"), "perhaps", "is no boolean (true, false, 1, 0, yes, no, on, off)"),
        (Variable(type="url"), "localhost:5432", "is no URL"),
        (Variable(type="url"), "http://a:port", "is no URL"),
        (Variable(type="url"), "http://a b", "is no URL"),
        (Variable(type="url"), "http://[::1", "is no URL"),
        (Variable(type="json"), "{", "is no JSON"),
        (Variable(type="path"), "", "is no path"),
        (Variable(choices=LEVELS), "info", "is none of DEBUG, INFO"),
        (Variable(pattern="sk-.+"), "xsk-1", "does not match the pattern sk-.+"),
        (Variable(pattern="sk-.+"), "sk-1\n", "does not match the pattern sk-.+"),
        (Variable(pattern="a|b"), "bc", "does not match the pattern a|b"),
    ],
)
def test_a_violation_is_told_without_the_value(variable: Variable, value: str, told: str) -> None:
    assert violations(variable, value) == [told]


VARIABLES = [
    Variable(secret=True),
    Variable(type="integer"),
    Variable(type="integer", minimum=10),
    Variable(type="integer", maximum=-10),
    Variable(type="integer", minimum=0.5, maximum=1.5),
    Variable(type="number", minimum=0.1, maximum=0.2),
    Variable(type="boolean"),
    Variable(type="boolean", pattern="[01]"),
    Variable(type="url"),
    Variable(type="url", pattern="https://.+"),
    Variable(type="json"),
    Variable(type="path"),
    Variable(choices=LEVELS),
    Variable(choices=LEVELS, pattern="I.*"),
    Variable(pattern="sk-(proj-)?[A-Za-z0-9_-]{20,}"),
    Variable(type="integer", pattern="[1-9][0-9]{3}", minimum=8000, maximum=9999),
]


@pytest.mark.parametrize("variable", VARIABLES, ids=repr)
def test_a_made_up_value_fits(variable: Variable) -> None:
    for seed in range(20):
        assert violations(variable, value_that_fits(variable, random.Random(seed))) == []


@pytest.mark.parametrize("variable", VARIABLES, ids=repr)
def test_every_violating_value_violates_and_does_not_name_its_variable(variable: Variable) -> None:
    values = values_that_violate("WRONG_LEVEL", variable)

    assert all(violations(variable, value) for value in values)
    assert bool(values) == (variable.type not in ("string", "path") or bool(variable.choices or variable.pattern))
    assert not [value for value in values if "wrong" in value.lower()]


def test_a_made_up_secret_is_long_and_new_each_time() -> None:
    rng = random.Random(1)
    made = {value_that_fits(Variable(secret=True, pattern="sk-.+"), rng) for _ in range(50)}

    assert len(made) == 50
    assert min(map(len, made)) >= 20


def test_the_same_seed_makes_the_same_value() -> None:
    variable = Variable(pattern=r"\w+-\d+")

    assert value_that_fits(variable, random.Random(3)) == value_that_fits(variable, random.Random(3))


def test_the_default_stands_in_where_a_pattern_is_too_hard() -> None:
    variable = Variable(pattern="(?=.*never)(?=.*ever again).{20,}", default="never and ever again")

    assert value_that_fits(variable, random.Random(1)) == "never and ever again"


@pytest.mark.parametrize(
    "variable",
    [
        Variable(pattern="(?!a)a"),
        Variable(pattern="[^\\s\\S]"),
        Variable(pattern="a{1000000}"),
        Variable(type="url", pattern="sk-.+"),
        Variable(choices=("a",), pattern="b"),
        Variable(type="integer", minimum=0.1, maximum=0.9),
    ],
)
def test_what_cannot_be_met_asks_for_a_value(variable: Variable) -> None:
    with pytest.raises(UsageError, match=r"no value was found .*\n  give it one for rehearsals: `rehearse: …`"):
        value_that_fits(variable, random.Random(1))


@pytest.mark.parametrize(
    "pattern",
    [
        r"sk-.+", r"\d{3}-\d+", r"(a|b)\1", "[^a-z]+", "(?i)abc[d-f]*", "^x$", r"(?=.*\d).{8,}", r"(\w+-)+\w+",
        r"\bfoo\b", "(?P<q>['\"])x(?P=q)", r"\s+", "(?!a)b", ".*", "", "[а-я]{3}", "(?>ab)+", "a*+b", "(a)?(?(1)b|c)",
        r"[^\W\d_]+", "(?s:.)", r"\Aa\Z", "x{0}", "(?:)", "[]]", "[\\]^-]", "(?a:\\w)",
        r"postgres(ql)?://[^:@]+:[^@]+@[^/]+/\w+",
    ],
)  # fmt: skip
def test_a_word_is_made_for_a_pattern(pattern: str) -> None:
    for seed in range(10):
        word = word_that_matches(pattern, random.Random(seed))

        assert word is not None
        assert re.fullmatch(pattern, word)


@given(st.text("ab01()[]{}|*+?.^$\\dwsb-:=!<>P,i", max_size=12), st.integers(0, 9))
def test_any_pattern_makes_a_word_that_matches_or_none(pattern: str, seed: int) -> None:
    with warnings.catch_warnings(action="ignore"):
        word = word_that_matches(pattern, random.Random(seed))

        assert word is None or (len(word) <= LONGEST and re.fullmatch(pattern, word))
