"""Constants and texts, followed through assignments: f-strings, `Path` arithmetic, joins."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from tests.scan.reading import modules

from roadworthy.scan.values import HOLE, UNKNOWN


def asked(text: str, files: dict[str, str] | None = None) -> tuple[Any, str | None]:
    """The constant and the text of the last call's argument."""
    module = modules({**(files or {}), "app/main.py": text})["app/main.py"]
    argument = max(module.all(ast.Call), key=lambda node: (node.lineno, -node.col_offset)).args[0]
    return module.constant(argument), module.text(argument)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("f('a')", "a"),
        ("f('a' 'b')", "ab"),
        ("f('a' + 'b')", "ab"),
        ("A = 'a'\nB = A\nf(B)", "a"),
        ("A = 'a'\nf(f'{A}/b')", "a/b"),
        ("PORT = 80\nf(f'http://localhost:{PORT}')", "http://localhost:80"),
        ("f(rest + '/a')", f"{HOLE}/a"),
        ("f(f'data/{name}.txt')", f"data/{HOLE}.txt"),
        ("f('data/%s.txt' % name)", f"data/{HOLE}.txt"),
        ("f('data/{}.txt'.format(name))", f"data/{HOLE}.txt"),
        ("f('data/{name!r:>3}.txt'.format(name=1))", f"data/{HOLE}.txt"),
        ("from pathlib import Path\nf(Path('data') / 'a.txt')", "data/a.txt"),
        ("from pathlib import Path\nf(Path('data', 'a.txt'))", "data/a.txt"),
        ("import pathlib\nD = pathlib.Path('data')\nf(D / 'x' / 'a.txt')", "data/x/a.txt"),
        ("from pathlib import Path\nf(str(Path('data') / 'a.txt'))", "data/a.txt"),
        ("import os\nf(os.path.join('data', 'a.txt'))", "data/a.txt"),
        ("import os\nf(os.path.join('data', '/etc/a.txt'))", "/etc/a.txt"),
        ("from pathlib import Path\nf(Path(__file__).parent / 'a.txt')", f"{HOLE}/a.txt"),
        ("f(b'bytes')", "bytes"),
        ("class A:\n    url = 'http://a'\n    def ask(self):\n        f(self.url)", "http://a"),
        ("A: str = 'a'\nf(A)", "a"),
    ],
)
def test_what_is_known_of_a_text_is_told_with_holes(text: str, value: str) -> None:
    assert asked(text)[1] == value


@pytest.mark.parametrize(
    "text",
    [
        "f(name)",
        "f(f'{name}')",
        "A = 'a'\nA = 'b'\nf(A)",
        "f(1)",
        "f(None)",
        "A = 'a'\ndef g(A):\n    f(A)",
        "def g():\n    A = 'a'\ndef h():\n    f(A)",
        "for A in ['a']:\n    f(A)",
        "A = 'a'\nA += 'b'\nf(A)",
        "from pathlib import Path\nf(Path(__file__).parent)",
    ],
)
def test_what_only_the_running_program_knows_is_no_text(text: str) -> None:
    assert asked(text)[1] is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("f(5)", 5),
        ("f(-5)", -5),
        ("f(60 * 60)", 3600),
        ("MINUTE = 60\nf(MINUTE * 5)", 300),
        ("f(None)", None),
        ("f([1, 'a'])", [1, "a"]),
        ("f({'a': [1]})", {"a": [1]}),
        ("f({'a': x})", UNKNOWN),
        ("f([x])", UNKNOWN),
        ("f({**x})", UNKNOWN),
        ("f(x * 2)", UNKNOWN),
        ("f(not 1)", UNKNOWN),
        ("f(f'{x}')", UNKNOWN),
    ],
)
def test_a_constant_is_known_where_all_its_parts_are(text: str, value: object) -> None:
    found = asked(text)[0]

    assert found is value if value is None or value is UNKNOWN else found == value


@pytest.mark.parametrize(
    "text",
    [
        "A = A + A\nf(A)",
        "A = f'{A}{A}{A}{A}{A}{A}{A}{A}'\nf(A)",
        "A = [B, B, B, B]\nB = [A, A, A, A]\nf(A)",
        "A = B * A\nB = A * B\nf(A)",
        "A = (A, A, A, A, A, A, A, A, A, A, A, A)\nf(A)",
        "import os\nA = os.path.join(A, A, A, A, A, A)\nf(A)",
    ],
)
def test_constants_that_are_made_of_themselves_end(text: str) -> None:
    assert asked(text)[0] is UNKNOWN


def test_constants_that_grow_with_every_step_end() -> None:
    steps = "".join(f"a{n + 1} = f'{''.join([f'{{a{n}}}'] * 30)}'\n" for n in range(10))
    lists = "".join(f"b{n + 1} = [{f'b{n}, ' * 30}]\n" for n in range(10))

    constant, text = asked(f"a0 = 'laughing'\n{steps}f(a10)")
    assert (constant is UNKNOWN, len(text or "")) < (True, 100_000)
    asked(f"b0 = 'laughing'\n{lists}f(b10)")


def test_sums_of_very_many_parts_are_read_as_far_as_they_are_known() -> None:
    assert (asked("f(" + " + ".join(f"'{n} '" for n in range(400)) + ")")[1] or "").endswith("398 399 ")


def test_a_number_that_is_too_large_to_be_written_is_no_crash() -> None:
    asked("A = 9" + "9" * 4000 + "\nf(f'{A * A * A}')")
    asked("A = 1e308\nf(f'{A * A * 10 ** 400}')")
