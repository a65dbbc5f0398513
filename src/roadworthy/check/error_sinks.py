"""Where errors may go: the variables that say so, from data/error-sinks.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

WORDS = {"url": "URL", "endpoint": "URL", "key": "key", "connection": "connection string"}
_HOST_AND_PORT = re.compile(r"[\w.-]+:\d{1,5}")


@dataclass(frozen=True, slots=True)
class Sink:
    """A place that collects errors."""

    name: str
    kind: str
    """What the variable has to be: `url`, `endpoint`, `key` or `connection`."""

    @property
    def wanted(self) -> str:
        """What the variable has to be, for a sentence."""
        return WORDS[self.kind]


def sinks(variables: Iterable[str]) -> dict[str, Sink]:
    """Those of `variables` that say where errors go."""
    text = (Path(__file__).parent.parent / "data" / "error-sinks.toml").read_text("utf-8")
    named = [name for name in variables if f'variable = "{name}"' in text]
    if not named:
        return {}
    import tomllib

    rows = {row["variable"]: row for row in tomllib.loads(text)["sink"]}
    return {name: Sink(rows[name]["name"], rows[name]["is"]) for name in named}


def fits(sink: Sink, value: str) -> bool:
    """Whether a value can be what it has to be."""
    match sink.kind:
        case "url":
            return _is_url(value)
        case "endpoint":
            return _is_url(value) or _HOST_AND_PORT.fullmatch(value) is not None
        case "connection":
            return any(_is_url(part.partition("=")[2]) for part in value.split(";")) or "InstrumentationKey=" in value
        case _:
            return bool(value.strip())


def _is_url(value: str) -> bool:
    try:
        split = urlsplit(value)
        return split.scheme in ("http", "https", "grpc", "unix") and bool(split.hostname or split.path.strip("/"))
    except ValueError:
        return False
