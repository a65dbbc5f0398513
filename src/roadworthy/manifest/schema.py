"""The JSON Schema of the manifest for editors, and the table of its keys for the docs.

Both are made from the model: its types, the formats and the docstrings below its fields. They are stored, the
schema in the package and the table in docs/manifest.md; `python -m roadworthy.manifest.schema --write` makes
them anew.
"""

from __future__ import annotations

import ast
import functools
import inspect
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from roadworthy.manifest import model
from roadworthy.manifest.formats import FORMATS
from roadworthy.manifest.keys import Key, format_in, keys_of, section_in, sections_below, without_none

STORED = "roadworthy.schema.json"
BEGIN, END = "<!-- keys: begin -->\n", "<!-- keys: end -->\n"
RULES: dict[type, dict[str, Any]] = {
    model.Manifest: {
        "oneOf": [
            {"required": ["agent"]},
            {"required": ["agents"], "properties": {"agents": {"type": "object", "minProperties": 1}}},
            {"required": ["scan"], "properties": {"agent": False, "agents": False}},
        ]
    },
    model.Agent: {
        "oneOf": [{"required": ["entry"]}, {"required": ["command"]}, {"required": ["url"]}],
        "dependentRequired": {"input": ["command"]},
    },
    model.Service: {
        "oneOf": [{"required": ["url"]}, {"required": ["host"]}],
        "if": {"required": ["host"], "properties": {"host": {"pattern": "^[^/$]"}}},
        "then": {"required": ["port"]},
    },
}
"""What one key says of another, as far as JSON Schema can say it."""


def document() -> str:
    """The schema as it is stored in the package: JSON, draft 2020-12."""
    return files("roadworthy.manifest").joinpath(STORED).read_text(encoding="utf-8")


def schema() -> dict[str, Any]:
    """The schema made from the model."""
    sections = {section for _, section in sections_below(model.Manifest)} - {model.Manifest}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The manifest of an agent (roadworthy.yaml)",
        **_section(model.Manifest),
        "type": "object",
        "$defs": {section.__name__: _section(section) for section in sorted(sections, key=lambda s: s.__name__)},
    }


def key_table() -> str:
    """Every key with its type, default and description, in Markdown: one table for each section."""
    parts = []
    for path, section in sections_below(model.Manifest):
        title = f"`{path}`" if path else "The top level"
        rows = [
            f"| `{key.name}` | {_cell(_type_name(key.hint))} | {_cell(_default_name(key))} "
            f"| {_cell(_description(key))} |"
            for key in keys_of(section)
        ]
        head = ["| key | type | default | |", "|---|---|---|---|"]
        parts.append("\n".join([f"### {title}", "", _docstring(section), "", *head, *rows, ""]))
    return "\n".join(parts)


def with_key_table(page: str) -> str:
    """A page of the docs with the table between its two markers made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{key_table()}\n{END}{after}"


def _section(section: type) -> dict[str, Any]:
    return {
        "description": _docstring(section),
        "type": ["object", "null"],
        "properties": {key.name: _property(key) for key in keys_of(section)},
        "additionalProperties": False,
        **RULES.get(section, {}),
    }


def _property(key: Key) -> dict[str, Any]:
    described = {"description": _description(key), **_of_type(key.hint)}
    default = _written_default(key)
    return described if default is None else {**described, "default": default}


def _of_type(hint: Any) -> dict[str, Any]:
    hint, may_be_none = without_none(hint)
    if may_be_none and get_origin(hint) is not Mapping:
        return {"anyOf": [_of_type(hint), {"type": "null"}]}
    if word := format_in(hint):
        return FORMATS[word].schema
    if get_origin(hint) is Mapping:
        names, values = get_args(hint)
        listed = {"propertyNames": FORMATS[word].schema} if (word := format_in(names)) else {}
        return {"type": ["object", "null"], "additionalProperties": _of_type(values), **listed}
    if get_origin(hint) is tuple:
        return {"type": ["array", "null"], "items": _of_type(get_args(hint)[0])}
    if get_origin(hint) is Literal:
        return {"enum": list(get_args(hint))}
    if is_dataclass(hint) and isinstance(hint, type):
        return {"$ref": f"#/$defs/{hint.__name__}"}
    plain = {str: "string", bool: "boolean", int: "integer", float: "number"}
    return {} if hint is Any else {"type": plain[hint]}


def _written_default(key: Key) -> Any:
    """The default as a manifest would have it; None where there is none, or a section's."""
    value = key.default
    if value is None or is_dataclass(value) or value in ((), {}):
        return None
    write: dict[str | None, Callable[[Any], Any]] = {
        "duration": lambda seconds: f"{seconds:g}s",
        "size": lambda size: f"{size // 1024**2}MiB",
    }
    value = write.get(format_in(without_none(key.hint)[0]), lambda other: other)(value)
    return list(value) if isinstance(value, tuple) else value


def _default_name(key: Key) -> str:
    default = _written_default(key)
    if default is None:
        return "–"
    return f"`{default if isinstance(default, str) else json.dumps(default, ensure_ascii=False)}`"


def _type_name(hint: Any) -> str:
    hint, _ = without_none(hint)
    section, _ = section_in(hint)
    if get_origin(hint) is Mapping:
        inner = "section" if section else _type_name(get_args(hint)[1])
        return f"by name: {inner}"
    if section:
        return "section"
    if word := format_in(hint):
        return FORMATS[word].type
    if get_origin(hint) is tuple:
        return f"list of {_type_name(get_args(hint)[0])}"
    if get_origin(hint) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(hint))
    names = {str: "text", bool: "true or false", int: "whole number", float: "number", Any: "any JSON"}
    return names[hint]


def _description(key: Key) -> str:
    """The key's own docstring; for a section without one, or its short form, the section's."""
    own = _descriptions().get(key.section.__name__, {}).get(key.field, "")
    section, _ = section_in(key.hint)
    return _docstring(section) if section and (not own or key.name != key.field) else own


def _docstring(section: type) -> str:
    first, _, _ = inspect.cleandoc(section.__doc__ or "").partition("\n\n")
    return " ".join(first.split())


@functools.cache
def _descriptions() -> dict[str, dict[str, str]]:
    """By class and field: the text below the field in the model's source."""
    found: dict[str, dict[str, str]] = {}
    for statement in ast.parse(inspect.getsource(model)).body:
        if not isinstance(statement, ast.ClassDef):
            continue
        own = found.setdefault(statement.name, {})
        for field, below in zip(statement.body, statement.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                match below:
                    case ast.Expr(value=ast.Constant(value=str(text))):
                        own[field.target.id] = " ".join(text.split())
    return found


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _dumped() -> str:
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _write() -> None:
    Path(__file__).with_name(STORED).write_text(_dumped(), encoding="utf-8")
    page = Path(__file__).parents[3] / "docs" / "manifest.md"
    page.write_text(with_key_table(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m roadworthy.manifest.schema --write")
    _write()
