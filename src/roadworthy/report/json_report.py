"""The report as JSON: the one shape that all verbs write, `version` first."""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, TextIO

import msgspec

from roadworthy.findings import REPORT_VERSION, Finding, Report, Verdict

STORED = "report.schema.json"

_FINGERPRINTED: dict[str, type[Verdict | Finding]] = {"verdicts": Verdict, "findings": Finding}

# Which keys come first, as design and readers have them; the others follow as they are declared.
_FIRST = {
    "Report": ("version", "verb", "agent"),
    "Verdict": (
        *("code", "hazard", "verdict", "severity", "title", "seen", "should", "where", "fix", "reason"),
        *("notes", "seconds", "fingerprint", "evidence"),
    ),
    "Finding": ("code", "hazard", "severity"),
}

# Legal inside a JSON string and yet not for a terminal: DEL and C1 control characters, line separators and
# marks that change the direction of text. Outside strings JSON is ASCII, so each of them is inside one.
_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def write(report: Report, to: TextIO) -> None:
    """Write `report` to `to`."""
    to.write(render(report))


def render(report: Report) -> str:
    """`report` as indented JSON in printable characters; what is no valid Unicode is written out."""
    plain = msgspec.to_builtins(report, str_keys=True, enc_hook=str)
    for key, of in _FINGERPRINTED.items():
        rows = zip(plain[key], getattr(report, key), strict=True)
        plain[key] = [_ordered({**row, "fingerprint": made.fingerprint}, of.__name__) for row, made in rows]
    encoded = msgspec.json.encode(_valid(_ordered(plain, "Report")))
    text = msgspec.json.format(encoded, indent=2).decode()
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of what `render` gives, made from the types in findings.py."""
    made = msgspec.json.schema(Report)
    for of in _FINGERPRINTED.values():
        made["$defs"][of.__name__]["properties"]["fingerprint"] = {
            "type": "string",
            "pattern": "^[0-9a-f]{16}$",
        }
    made["$defs"]["Report"]["properties"]["version"] = {"const": REPORT_VERSION}
    for name, definition in made["$defs"].items():
        definition["description"] = inspect.cleandoc(definition["description"])
        if "properties" in definition:
            definition["properties"] = _ordered(definition["properties"], name)
            # Every key is always written, so readers need no defaults.
            definition["required"] = list(definition["properties"])
            for value in definition["properties"].values():
                value.pop("default", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A report of roadworthy",
        **made,
    }


def schema_text() -> str:
    """The schema as the package carries it; a test holds it against `schema()`."""
    return files("roadworthy.report").joinpath(STORED).read_text("utf-8")


def write_schema() -> None:
    """Write `schema()` into the package again, after a change to findings.py."""
    made = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    Path(__file__).with_name(STORED).write_text(made, "utf-8")


def _ordered(row: Mapping[str, Any], kind: str) -> dict[str, Any]:
    first = _FIRST.get(kind, ())
    return {key: row[key] for key in (*first, *(key for key in row if key not in first))}


def _valid(value: Any) -> Any:
    """`value` with each lone surrogate, which UTF-8 cannot hold, written out."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {_valid(key): _valid(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_valid(inner) for inner in value]
        case _:
            return value


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m roadworthy.report.json_report --write")
    write_schema()
