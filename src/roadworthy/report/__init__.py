"""The reports: one file per output format, each with `write(report, to)`, imported when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """An output format: its module, and the file name endings that mean it."""

    module: str
    suffixes: tuple[str, ...] = ()


FORMATS = {
    "text": Format("roadworthy.report.terminal", (".txt", ".log")),
    "json": Format("roadworthy.report.json_report", (".json",)),
    "junit": Format("roadworthy.report.junit", (".xml",)),
    "github": Format("roadworthy.report.github"),
    "sarif": Format("roadworthy.report.sarif", (".sarif",)),
}
CHECKLIST = "roadworthy.report.checklist"
"""The text of a check: it is written before each start of a container, and loads in no time."""


def format_of(file_name: str) -> str | None:
    """The format that a file's name ends in, if one does."""
    for name, form in FORMATS.items():
        if file_name.lower().endswith(form.suffixes or ("\0",)):
            return name
    return None
