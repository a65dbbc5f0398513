"""YAML text to a tree with places: nothing is constructed, and nothing a manifest has no use for is accepted.

PyYAML's composer resolves anchors and plain scalars. Numbers are read as YAML 1.2 has them: `010`, `1:30` and
`1_000` are text. `yes`, `no`, `on` and `off` are booleans, as in YAML 1.1, and keep how they were written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import yaml

from roadworthy.manifest.mistakes import ManifestError, Mistakes, Source, quoted
from roadworthy.manifest.tree import Entry, Items, Node, Scalar, Table

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml: slower, the same otherwise
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

DEEPEST = 50
"""Levels of nesting. The C composer overflows its stack on a few ten thousand brackets."""
MOST_VALUES = 20_000
"""Values with every alias expanded: nine lists of nine aliases each would be 387 million."""
CORE = "tag:yaml.org,2002:"
WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
FRACTION = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
TRUE = ("true", "yes", "on", "y")


def yaml_tree(mistakes: Mistakes) -> Node | None:
    """The document's tree (None: it is empty); mistakes that leave the rest of it readable are noted.

    Raises ManifestError where the text is no YAML, is nested too deeply or grows too large.
    """
    source = mistakes.source
    try:
        _refuse_deep(source)
        document = yaml.compose(source.text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(source, error) from None
    except yaml.reader.ReaderError as error:
        raise _character_error(source) from error
    return None if document is None else _Growing(mistakes).tree(document)


def _refuse_deep(source: Source) -> None:
    depth = 0
    for event in yaml.parse(source.text, Loader=Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            at = event.start_mark.index if event.start_mark else 0
            raise source.error(at, f"nested more than {DEEPEST} levels deep")


class _Growing:
    """One walk over the composed nodes: counts what it expands and notes what is wrong."""

    def __init__(self, mistakes: Mistakes) -> None:
        self.source = mistakes.source
        self.note = mistakes.note
        self.values = 0
        self.open: list[int] = []

    def tree(self, node: yaml.Node) -> Node:
        at = node.start_mark.index
        self.values += 1
        if self.values > MOST_VALUES:
            raise self.source.error(
                at,
                f"more than {MOST_VALUES:,} values once its aliases are expanded",
                "write it without aliases, or move the data into a file of its own",
            )
        if id(node) in self.open:
            raise self.source.error(at, "holds an alias of itself")
        if len(self.open) >= DEEPEST:
            raise self.source.error(at, f"nested more than {DEEPEST} levels deep")
        self.open.append(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return Table(at, tuple(self.entries(node).values()))
            if isinstance(node, yaml.SequenceNode):
                self.expect_tag(node, "seq")
                return Items(at, tuple(self.tree(item) for item in node.value))
            return self.scalar(node)
        finally:
            self.open.pop()

    def entries(self, node: yaml.MappingNode) -> dict[str, Entry]:
        self.expect_tag(node, "map")
        own: dict[str, Entry] = {}
        merged: dict[str, Entry] = {}
        merges: list[yaml.Node] = []
        for key, value in node.value:
            at = key.start_mark.index
            if not isinstance(key, yaml.ScalarNode):
                self.note(at, "a key must be text, not a list or a mapping")
            elif key.tag == f"{CORE}merge":
                if merges:
                    self.note(at, "merges twice", "write one key with a list: `<<: [*first, *second]`")
                merges.append(value)
            elif key.value in own:
                first = self.source.mistake(own[key.value].at, "").line
                self.note(at, f"the key {quoted(key.value)} is here twice", f"the first is in line {first}")
            else:
                own[key.value] = Entry(key.value, at, self.tree(value))
        for value in merges:
            for entry in self.merged(value):
                merged.setdefault(entry.key, entry)
        return {**merged, **own}

    def merged(self, value: yaml.Node) -> Iterable[Entry]:
        parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
        for part in parts:
            tree = self.tree(part)
            if isinstance(tree, Table):
                yield from tree.entries
            else:
                self.note(value.start_mark.index, "only mappings can be merged", "write `<<: *name`")

    def scalar(self, node: yaml.Node) -> Scalar:
        kind, text = node.tag.removeprefix(CORE), str(node.value)
        value: str | int | float | bool | None = text
        if kind == "int" and WHOLE.fullmatch(text):
            value = int(text)
        elif kind == "float":
            value = _fraction(text)
        elif kind == "bool":
            value = text.lower() in TRUE
        elif kind == "null":
            value = None
        elif kind not in ("str", "int", "timestamp", "merge", "value"):
            self.expect_tag(node, "str")
        return Scalar(node.start_mark.index, value, text)

    def expect_tag(self, node: yaml.Node, kind: str) -> None:
        if node.tag != f"{CORE}{kind}":
            tag = node.tag.replace(CORE, "!!")
            self.note(node.start_mark.index, f"the tag {quoted(tag)} means nothing here", "take it away")


def _fraction(text: str) -> float | str:
    if FRACTION.fullmatch(text):
        return float(text)
    special = text.lower().lstrip("+")
    return float(special.replace(".", "")) if special in (".inf", "-.inf", ".nan") else text


def _syntax_error(source: Source, error: yaml.MarkedYAMLError) -> ManifestError:
    mark = error.problem_mark or error.context_mark
    at = mark.index if mark else 0
    problem = error.problem or error.context or "not readable"
    mends = []
    if error.context and error.context_mark:
        line = source.mistake(error.context_mark.index, "").line
        mends.append(f"{error.context}, which began in line {line}")
    if source.text[at : at + 1] == "\t":
        mends.append("indent with spaces: YAML allows no tabs there")
    if "mapping values are not allowed" in problem:
        mends.append("quote text that holds a colon and a space, and check the indentation")
    return source.error(at, f"not valid YAML: {problem}", *mends)


def _character_error(source: Source) -> ManifestError:
    """The reader counts bytes or characters, depending on its build: so the character is looked for here."""
    found = yaml.reader.Reader.NON_PRINTABLE.search(source.text)
    at = found.start() if found else 0
    character = quoted(found.group()) if found else "a character"
    return source.error(at, f"not valid YAML: {character} cannot be written so", "take it away")
