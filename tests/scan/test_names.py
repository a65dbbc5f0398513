"""What an expression stands for: aliases, attributes of `self`, `with`, annotations, re-exports over files."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.reading import modules


def name_of_last_call(text: str, files: dict[str, str] | None = None) -> str:
    module = modules({**(files or {}), "app/main.py": text})["app/main.py"]
    call = max(module.all(ast.Call), key=lambda node: (node.end_lineno, node.end_col_offset))
    return module.call(call).name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import os\nos.getenv('A')", "os.getenv"),
        ("import os as system\nsystem.getenv('A')", "os.getenv"),
        ("from os import getenv as env\nenv('A')", "os.getenv"),
        ("import os.path\nos.path.join('a')", "os.path.join"),
        ("import os\nread = os.getenv\nread('A')", "os.getenv"),
        ("import os\nread = os.getenv\nenv = read\nenv('A')", "os.getenv"),
        ("import httpx\nclient = httpx.Client()\nclient.get('a')", "httpx.Client().get"),
        ("import httpx\nwith httpx.Client() as client:\n    client.get('a')", "httpx.Client().get"),
        (
            "import httpx\nasync def f():\n    async with httpx.AsyncClient() as c:\n        c.get(1)",
            "httpx.AsyncClient().get",
        ),
        ("import httpx\nif (client := httpx.Client()):\n    client.get('a')", "httpx.Client().get"),
        ("import httpx\ndef f(client: httpx.Client):\n    client.get('a')", "httpx.Client().get"),
        ("import httpx\ndef f(client: httpx.Client | None = None):\n    client.get('a')", "httpx.Client().get"),
        ("import httpx\ndef f(client: 'httpx.Client'):\n    client.get('a')", "httpx.Client().get"),
        (
            "import httpx\nfrom typing import Optional\ndef f(client: Optional[httpx.Client]):\n    client.get('a')",
            "httpx.Client().get",
        ),
        (
            "import httpx\nfrom typing import Annotated\ndef f(c: Annotated[httpx.Client, 1]):\n    c.get('a')",
            "httpx.Client().get",
        ),
        (
            "import httpx\nclass A:\n  def f(self):\n    self.x = httpx.Client()\n  def g(self):\n    self.x.get(1)",
            "httpx.Client().get",
        ),
        (
            "import httpx\nclass A:\n    http = httpx.Client()\n    def ask(self):\n        self.http.get('a')",
            "httpx.Client().get",
        ),
        (
            "import httpx\nc = None\ndef f():\n    global c\n    c = httpx.Client()\n    c.get('a')",
            "httpx.Client().get",
        ),
        ("import httpx\na, b = httpx.Client(), 1\na.get('a')", "httpx.Client().get"),
        ("try:\n    import re2 as re\nexcept ImportError:\n    re = None\nre.compile('a')", "re2.compile"),
        ("def answer():\n    pass\nanswer()", "app.main.answer"),
        ("class A:\n    def b(self):\n        self.c()", "app.main.A().c"),
        ("from .tools import search\nsearch('a')", "app.tools.search"),
        ("from . import tools\ntools.search('a')", "app.tools.search"),
        ("from ..lib import tools\ntools.search('a')", "lib.tools.search"),
        ("open('a')", "open"),
        (
            "import supabase\nq = supabase.create_client().table('a').select()\nif x:\n    q = q.eq('b')\nq.execute()",
            "supabase.create_client().table().select().execute",
        ),
        ("import httpx\nc = httpx.Client(timeout=5) if slow else httpx.Client()\nc.get('a')", "httpx.Client().get"),
        (
            (
                "import httpx\nclass A:\n    def __init__(self, slow):\n        if slow:\n"
                "            self.http = httpx.Client(timeout=60)\n"
                "        else:\n            self.http = httpx.Client()\n"
                "    def ask(self):\n        self.http.get('a')"
            ),
            "httpx.Client().get",
        ),
    ],
)
def test_a_name_is_followed_to_what_it_stands_for(text: str, name: str) -> None:
    assert name_of_last_call(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "import os\ndef f(os):\n    os.getenv('A')",
        "import httpx\nclient = httpx.Client()\nclient = object()\nclient.get('a')",
        "import httpx, requests\nif x:\n    c = httpx.Client()\nelse:\n    c = requests.Session()\nc.get('a')",
        "import httpx\ndef f():\n    client = httpx.Client()\ndef g(client):\n    client.get('a')",
        "import httpx\nclass A:\n    client = httpx.Client()\nclient.get('a')",
        "import httpx\nfor client in [httpx.Client()]:\n    client.get('a')",
        "from tools import *\nsearch('a')",
        "def open(path):\n    pass\ndef f(open):\n    open('a')",
        "import httpx\ndef f(clients: list[httpx.Client]):\n    clients.get('a')",
        "import httpx, requests\nc = httpx.Client() if x else requests.Session()\nc.get('a')",
        (
            "import httpx\nclass A:\n    def __init__(self, other):\n        self.http = httpx.Client()\n"
            "        self.http = other\n    def ask(self):\n        self.http.get('a')"
        ),
    ],
)
def test_what_may_stand_for_something_else_is_not_known(text: str) -> None:
    name = name_of_last_call(text)

    assert not name.startswith(("os.", "httpx.", "requests.", "open")), name


@pytest.mark.parametrize(
    ("files", "text"),
    [
        (
            {"app/clients.py": "import httpx\nhttp = httpx.Client(timeout=5)"},
            "from app.clients import http\nhttp.get(1)",
        ),
        ({"app/clients.py": "import httpx\nhttp = httpx.Client()"}, "from app import clients\nclients.http.get(1)"),
        ({"app/clients.py": "import httpx\nhttp = httpx.Client()"}, "import app.clients\napp.clients.http.get(1)"),
        ({"clients.py": "import httpx\nhttp = httpx.Client()"}, "from src.clients import http\nhttp.get(1)"),
        (
            {
                "app/__init__.py": "from app.clients import http",
                "app/clients.py": "import httpx\nhttp = httpx.Client()",
            },
            "from app import http\nhttp.get(1)",
        ),
        (
            {"app/api/__init__.py": "from .c import http as h", "app/api/c.py": "import httpx\nhttp = httpx.Client()"},
            "from .api import h\nh.get(1)",
        ),
    ],
)
def test_a_client_made_in_another_file_is_known(files: dict[str, str], text: str) -> None:
    assert name_of_last_call(text, files) == "httpx.Client().get"


def test_re_exports_in_a_circle_end() -> None:
    files = {"app/a.py": "from app.b import http", "app/b.py": "from app.a import http"}

    assert name_of_last_call("from app.a import http\nhttp.get(1)", files).endswith("http.get")


@pytest.mark.parametrize(
    "text",
    [
        "a = b\nb = a\na.get(1)",
        "a = a\na.get(1)",
        "class A:\n    def f(self):\n        self.x = self.y\n        self.y = self.x\n        self.x.get(1)",
        "a, b = b, a\na.get(1)",
        "".join(f"a{n} = a{(n + 1) % 40}\n" for n in range(40)) + "a0.get(1)",
        "a0 = None\n" + "".join(f"a{n + 1} = a{n}\n" for n in range(3000)) + "a3000.get(1)",
    ],
)
def test_circles_and_long_chains_of_names_end(text: str) -> None:
    assert name_of_last_call(text) == "?.get"


def test_a_name_that_is_bound_very_often_is_followed_once() -> None:
    text = "x = ''\n" + "x = x.strip()\n" * 400 + "x.get(1)"

    assert name_of_last_call(text) == "?.strip().get"


def test_what_a_name_stands_for_does_not_depend_on_what_was_asked_before() -> None:
    text = "import httpx\na = httpx.Client()\na = b\nb = a\n"
    nodes = [f"{text}a.get(1)\nb.get(1)", f"{text}b.get(1)\na.get(1)"]
    asked = []
    for each in nodes:
        module = modules({"app.py": each})["app.py"]
        asked.append(sorted(call.name for call in module.calls))

    assert asked[0] == asked[1]


NAMES = st.sampled_from(["a", "b", "c", "self", "cls", "os", "A"])
EXPRESSIONS = st.recursive(
    NAMES | st.sampled_from(["1", "'t'", "None", "b'x'", "..."]),
    lambda inner: st.one_of(
        st.tuples(inner, NAMES).map(lambda each: f"({each[0]}).{each[1]}"),
        inner.map(lambda each: f"({each})()"),
        st.tuples(inner, inner).map(lambda each: f"({each[0]})({each[1]}, *{each[1]}, k={each[0]})"),
        st.tuples(inner, inner).map(lambda each: f"({each[0]}) + ({each[1]})"),
        st.tuples(inner, inner).map(lambda each: f"({each[0]}) / ({each[1]})"),
        st.tuples(inner, inner).map(lambda each: f"({each[0]}) % ({each[1]})"),
        st.tuples(inner, inner).map(lambda each: f"({each[0]}) * ({each[1]})"),
        st.tuples(inner, inner).map(lambda each: f"{{({each[0]}): ({each[1]}), **a}}"),
        st.tuples(inner, inner).map(lambda each: f"[{each[0]}, {each[1]}]"),
        st.tuples(inner, inner).map(lambda each: f"({each[0]})[{each[1]}]"),
        inner.map(lambda each: f"-({each})"),
        NAMES.map(lambda each: f"f'{{{each}}} {{{each}!r:>{{{each}}}}}'"),
        inner.map(lambda each: f"(lambda a=({each}): a)"),
    ),
    max_leaves=6,
)
SIMPLE = st.one_of(
    st.tuples(NAMES, EXPRESSIONS).map(lambda each: f"{each[0]} = {each[1]}"),
    st.tuples(NAMES, NAMES, EXPRESSIONS).map(lambda each: f"{each[0]}, *{each[1]} = {each[2]}"),
    st.tuples(NAMES, NAMES, EXPRESSIONS).map(lambda each: f"{each[0]}.{each[1]} = {each[2]}"),
    st.tuples(NAMES, EXPRESSIONS).map(lambda each: f"{each[0]}: {each[1]} = {each[1]}"),
    st.tuples(NAMES, EXPRESSIONS).map(lambda each: f"{each[0]} += {each[1]}"),
    st.tuples(NAMES, NAMES).map(lambda each: f"import {each[0]} as {each[1]}"),
    st.tuples(NAMES, NAMES).map(lambda each: f"from ...{each[0]} import {each[1]}"),
    EXPRESSIONS,
    NAMES.map(lambda each: f"global {each}"),
    NAMES.map(lambda each: f"del {each}"),
)


def indented(lines: list[str]) -> str:
    return "\n".join("    " + line for each in lines for line in each.splitlines())


STATEMENTS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.tuples(NAMES, st.lists(inner, min_size=1, max_size=4)).map(
            lambda each: f"def {each[0]}(self, a: 'b | None' = None, /, *c, **A):\n{indented(each[1])}"
        ),
        st.tuples(NAMES, NAMES, st.lists(inner, min_size=1, max_size=4)).map(
            lambda each: f"@{each[1]}.tool\nclass {each[0]}({each[1]}):\n{indented(each[2])}"
        ),
        st.tuples(EXPRESSIONS, NAMES, st.lists(inner, min_size=1, max_size=3)).map(
            lambda each: f"with {each[0]} as ({each[1]}, self.x):\n{indented(each[2])}"
        ),
        st.tuples(EXPRESSIONS, NAMES, st.lists(inner, min_size=1, max_size=3)).map(
            lambda each: f"for {each[1]} in {each[0]}:\n{indented(each[2])}"
        ),
        st.tuples(EXPRESSIONS, st.lists(inner, min_size=1, max_size=3)).map(
            lambda each: f"match {each[0]}:\n    case {{'k': a, **b}}:\n{indented([indented(each[1])])}"
        ),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda each: f"try:\n{indented(each)}\nexcept* ValueError as a:\n{indented(each)}"
        ),
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=300)
@given(st.lists(STATEMENTS, max_size=10).map("\n".join))
def test_any_source_can_be_asked_about_every_expression(text: str) -> None:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return
    module = modules({"app/main.py": text})["app/main.py"]

    for nodes in list(module.tree.nodes.values()):
        for node in nodes:
            module.scope(node)
            module.moment(node)
            if isinstance(node, ast.expr):
                module.name(node)
                module.names.value(node)
                module.constant(node)
                module.text(node)
    for call in module.calls:
        assert call.made_by is None or call.made_by.name
