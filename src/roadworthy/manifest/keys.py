"""The manifest's keys as data: what the reader accepts, the schema describes and the docs list."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a section: `hint` is its type with formats, `section` the model's class it stands in."""

    name: str
    hint: Any
    default: Any
    section: type
    field: str
    """The model's field. It has another name where the key is short for a mapping with one entry."""


@functools.cache
def keys_of(section: type) -> tuple[Key, ...]:
    """The keys of one of the model's classes, in its order."""
    hints = get_type_hints(section, include_extras=True)
    found = []
    for field in fields(section):
        if field.metadata.get("key", True):
            alone = field.metadata.get("alone")
            if alone:
                found.append(Key(alone, get_args(hints[field.name])[1], None, section, field.name))
            found.append(Key(field.name, hints[field.name], _default(field), section, field.name))
    return tuple(found)


def sections_below(section: type, path: str = "") -> Iterator[tuple[str, type]]:
    """Every section with its path, outer ones first: `("", Manifest)`, `("env.NAME", Variable)`."""
    yield path, section
    for key in keys_of(section):
        if key.field != key.name or "alone" not in _metadata(section, key.field):
            below, placeholder = section_in(key.hint)
            if below is not None:
                yield from sections_below(below, ".".join(filter(None, (path, key.name, placeholder))))


def section_in(hint: Any) -> tuple[type | None, str]:
    """The class that a hint leads to and, where it does so through a mapping, `NAME` in place of its key."""
    hint, _ = without_none(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return hint, ""
    if get_origin(hint) is Mapping:
        section, deeper = section_in(get_args(hint)[1])
        return section, f"NAME{'.' if deeper else ''}{deeper}"
    return None, ""


def without_none(hint: Any) -> tuple[Any, bool]:
    """The hint without `| None`, and whether it had one."""
    if get_origin(hint) in (Union, UnionType):
        (inner,) = (part for part in get_args(hint) if part is not NoneType)
        return inner, True
    return hint, False


def format_in(hint: Any) -> str | None:
    """The name of the format in `Annotated`."""
    return str(hint.__metadata__[0]) if get_origin(hint) is Annotated else None


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _metadata(section: type, name: str) -> Mapping[Any, Any]:
    return next(field.metadata for field in fields(section) if field.name == name)
