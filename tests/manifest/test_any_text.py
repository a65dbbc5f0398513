"""Whatever stands in the file: a manifest, or mistakes with places inside it. Never anything else."""

import re
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from roadworthy.errors import UsageError
from roadworthy.manifest.keys import keys_of, section_in
from roadworthy.manifest.loading import load
from roadworthy.manifest.mistakes import ManifestError, Mistakes, Source
from roadworthy.manifest.model import Manifest
from roadworthy.manifest.toml_places import locate
from roadworthy.manifest.tree import Items, Node, Scalar, Table
from roadworthy.manifest.yaml_tree import yaml_tree

KEYS = sorted({key.name for section in [Manifest] for key in keys_of(section)} | {
    key.name for top in keys_of(Manifest) if (section := section_in(top.hint)[0]) for key in keys_of(section)
})  # fmt: skip
SCALARS = st.one_of(
    st.sampled_from(["app.py:agent", "on", "8080", "10s", "512MiB", "$.a", "${A}", "sk-(", "sse", "*", "", "~"]),
    st.text(max_size=8),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
)
NAMES = st.sampled_from([*KEYS, "A", "LIFE302", "<<"]) | st.text(max_size=4)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=8,
)
MANIFESTS = st.fixed_dictionaries({}, optional={key.name: TREES for key in keys_of(Manifest)})
SNIPPETS = st.lists(
    st.sampled_from(
        [
            *"-:[]{}&*!|>'\"#\t\n\r ,?%@`~=",
            "\n  ",
            "- ",
            ": ",
            "<<: ",
            "&a ",
            "*a",
            "!!str ",
            "\u2028",
            "\x85",
            "\x00",
            "agent",
            "entry",
            "env",
            "[tool.roadworthy]\n",
            "[[a]]\n",
            '"""',
            "'''",
            "é😀",
            "1",
            "= ",
            "\\u0041",
        ]
    ),
    max_size=25,
).map("".join)


def read(text: str, name: str) -> None:
    """Load `text`; anything but a manifest or a mistake inside the text is raised."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            manifest = load(path)
        except ManifestError as error:
            lines = re.split(r"\r\n|\r|\n", text)
            for mistake in error.mistakes:
                assert 1 <= mistake.line <= len(lines)
                assert 1 <= mistake.column <= len(lines[mistake.line - 1]) + 1
                assert "\n" not in mistake.message
        except UsageError as error:
            assert "no [tool.roadworthy] in it" in str(error)  # noqa: PT017 - one of three right ends
        else:
            assert manifest.agents


@given(st.text() | SNIPPETS | SNIPPETS.map(lambda text: "agent: {entry: a.py:b}\n" + text))
@example("")
@example("\ufeff")
@example("\ud800")
@example("&a {<<: *a}")
@example("&a [*a]")
@example("? *a\n: &a b")
@example("agent: {entry: a.py:b}\nname: !!binary aGk=")
@example("agent: {entry: a.py:b}\nenv: {A: {minimum: " + "9" * 400 + ", type: number}}")
@example('agent: {entry: a.py:b}\nname: "\\uD800"')
def test_any_text_as_yaml(text: str) -> None:
    read(text, "roadworthy.yaml")


@given(st.text() | SNIPPETS | SNIPPETS.map(lambda text: "[tool.roadworthy]\nagent = {entry = 'a.py:b'}\n" + text))
@example("[tool.roadworthy]\nname = 1979-05-27 07:32:00")
@example("[tool.roadworthy]\nagent.request.json = {'a' = nan, b = 07:32:00}")
@example("[[tool.roadworthy]]\na = 1")
@example("tool.roadworthy = 1")
@example("[tool.roadworthy]\nagent = { entry = 'a.py:b' } # \x85\r\n\r\nname = 1")
def test_any_text_as_toml(text: str) -> None:
    read(text, "pyproject.toml")


@settings(max_examples=50)
@given(MANIFESTS, st.sampled_from([True, False, None]))
def test_any_values_under_the_right_keys(values: dict[str, Any], flow: bool | None) -> None:
    read(yaml.safe_dump(values, allow_unicode=True, default_flow_style=flow), "roadworthy.yaml")


PLAIN = st.text(st.sampled_from("ab :#'\"\\\u00a0é中😀\n\t\x85\u2028\x07"), max_size=5)
NESTED = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PLAIN, inner, max_size=3), max_leaves=8
)


@given(st.dictionaries(PLAIN, NESTED, max_size=4))
def test_yaml_keys_are_found_where_they_stand(values: dict[str, Any]) -> None:
    text = yaml.safe_dump(values, allow_unicode=True, width=10_000, default_style='"')
    mistakes = Mistakes(Source("x", text))
    tree = yaml_tree(mistakes)

    assert mistakes.found == []
    assert plain(tree) == values
    for key, at in keys_in(tree):
        assert text[at] == '"'
        assert yaml.safe_load(re.match(r'"(\\.|[^"\\])*"', text[at:])[0]) == key  # type: ignore[index]


def plain(node: Node | None) -> Any:
    if isinstance(node, Table):
        return {entry.key: plain(entry.node) for entry in node.entries}
    if isinstance(node, Items):
        return [plain(item) for item in node.nodes]
    return node.value if isinstance(node, Scalar) else None


def keys_in(node: Node | None) -> list[tuple[str, int]]:
    if isinstance(node, Table):
        below = [pair for entry in node.entries for pair in keys_in(entry.node)]
        return [(entry.key, entry.at) for entry in node.entries] + below
    return [pair for item in node.nodes for pair in keys_in(item)] if isinstance(node, Items) else []


TOML_KEYS = st.one_of(
    st.from_regex(r"[A-Za-z0-9_-]{1,4}", fullmatch=True),
    st.text("ab.\"' #=[]", max_size=4).map(lambda text: '"' + text.replace('"', '\\"') + '"'),
    st.text('ab." #=[]', max_size=4).map("'{}'".format),
)
TOML_SCALARS = st.sampled_from(
    [
        "1",
        "-1_000",
        "0x1F",
        "1.5e3",
        "inf",
        "true",
        "1979-05-27",
        "1979-05-27 07:32:00",
        '"a # b"',
        '"\\""',
        "''",
        "'a \" ] }'",
        '"""a\n"b" ""\\\n  c"""',
        "'''a\n'b' '''",
        '""""a"""""',
        "''''a'''''",
        '""""""',
        "''''''",
    ]
)
GAPS = st.sampled_from(["", " ", "\n", "\r\n", " # é ] }\n"])


@st.composite
def toml_values(draw: st.DrawFn, depth: int = 2) -> str:
    kind = draw(st.sampled_from(["scalar", "array", "table"] if depth else ["scalar"]))
    if kind == "scalar":
        return draw(TOML_SCALARS)
    if kind == "array":
        parts = [draw(GAPS) + draw(toml_values(depth - 1)) + draw(GAPS) for _ in range(draw(st.integers(0, 3)))]
        return "[" + ",".join(parts) + draw(st.sampled_from(["", ","] if parts else [""])) + draw(GAPS) + "]"
    keys = draw(st.lists(TOML_KEYS, max_size=3))
    return "{" + ", ".join(f"{key} = {draw(toml_values(depth - 1))}" for key in keys) + "}"


@st.composite
def toml_documents(draw: st.DrawFn) -> str:
    lines = []
    for _ in range(draw(st.integers(0, 6))):
        path = draw(st.sampled_from([".", " . "])).join(draw(st.lists(TOML_KEYS, min_size=1, max_size=3)))
        form = draw(st.sampled_from(["[{}]", "[[{}]]", "[ {} ]", "{} = "]))
        lines.append(form.format(path) + (draw(toml_values()) if form.endswith("= ") else ""))
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines)


@given(toml_documents())
@example("[[a]]\nb = 1\n[[a.c]]\n[[a]]\n[a.b]\nc.d = 2\n[[a.c]]\n[a.c.d]\ne = 3")
def test_toml_keys_are_found_where_they_stand(text: str) -> None:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # a key twice: not of interest here
    places = locate(text)
    for path, value in paths(values):
        place = places[path]
        if isinstance(path[-1], str):
            assert tomllib.loads(f"{part_at(text, place.key)} = 1") == {path[-1]: 1}
        if place.written:
            assert repr(tomllib.loads(f"k = {place.written}")) == repr({"k": value})
            assert text.startswith(place.written, place.value)


def part_at(text: str, at: int) -> str:
    found = re.compile(r"""[A-Za-z0-9_-]+|"(\\.|[^"\\])*"|'[^']*'""").match(text, at)
    assert found
    return found.group()


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [pair for key, inner in below for pair in paths(inner, (*path, key))]
    return [(path, value), *found] if path else found
