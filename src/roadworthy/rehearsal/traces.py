"""Tracebacks: found in what an agent answers, read from what it prints, led back to a line of the project."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from roadworthy.findings import Place

if TYPE_CHECKING:
    from roadworthy.rehearsal.observed import Observed

Line: TypeAlias = tuple[int, float, str]
"""Its index in `observed.output`, its time, its text."""
EXCERPT_LINES = 12
"""What fits under a failure without hiding the next one."""
EXCERPT_WIDTH = 300

_IN_ANSWER = re.compile(
    r"""Traceback\ \(most\ recent\ call\ last\)
      | File\ \\?"[^"\n]+\\?",\ line\ \d+,\ in\           # Python
      | (?:\n|\\n|<br>)(?:\s|&nbsp;)*at\ (?:[^\n(]{1,200}\ \()?(?:file://)?[^\s()]{1,300}:\d+:\d+\)?   # Node, Express
      | (?:\n|\\n|\\t)\s*at\ [\w$.<>]{1,200}\([\w$]{1,100}\.(?:java|kt|scala):\d+\)   # Java
      | \bgoroutine\ \d+\ \[[\w\ ,]{1,60}\]:                       # Go
    """,
    re.VERBOSE,
)
_PYTHON_START = re.compile(r"Traceback \(most recent call last\)")
_GROUP_BAR = re.compile(r"^\s+\| ?")
"""Before each line of a traceback inside an exception group."""
_PYTHON_FRAME = re.compile(r'^\s*File "(?P<path>[^"]+)", line (?P<line>\d+)(?:, in .+)?$')
_INDENTED = re.compile(r"^\s{4}\s*\S")
"""Below a `File` line."""
_MARKERS = re.compile(r"^[\s|]*[\^~]+[\s^~]*$")
"""The line below a source line that points into it."""
_NODE_FRAME = re.compile(
    r"^\s+at (?:async )?(?:[^()]{1,200} \()?(?:file://)?(?P<path>(?:/|node:)[^()]{1,500}?):(?P<line>\d+):\d+\)?$"
)
_ERROR_LINE = re.compile(r"\b(?:[A-Za-z_]\w*(?:Error|Exception)|panic|fatal|ERROR|CRITICAL|FATAL)\b")
_LIBRARIES = re.compile(r"^/.*/(?=(?:site-packages|dist-packages|node_modules|python3\.\d+)/)")
"""What stands before the folder of libraries in a frame's path."""
_FOREIGN = ("site-packages", "dist-packages", "node_modules", ".venv", "venv", ".tox", "__pypackages__")


@dataclass(frozen=True, slots=True)
class Trace:
    """One traceback in the output: its frames, the outermost first, and what was raised."""

    at: float
    frames: tuple[Place, ...]
    """Paths as they were printed."""
    message: str
    """`KeyError: 'OPENAI_API_KEY'`; empty where the output ends before it."""
    first: int
    """Index of its first line in `observed.output`."""
    last: int


def holds_traceback(text: str) -> bool:
    """Whether an answer shows its reader a stack trace of Python, Node, Java or Go."""
    return _IN_ANSWER.search(text) is not None


def traces(observed: Observed, since: float = 0.0) -> list[Trace]:
    """Every traceback of Python and Node in the output, in order, also inside a line of JSON or logfmt."""
    found: list[Trace] = []
    for stream in {line.stream for line in observed.output}:
        lines = [
            (index, line.at, text)
            for index, line in enumerate(observed.output)
            if line.stream == stream and line.at >= since
            for text in _unfolded(line.text)
        ]
        found += _python_traces(lines)
        found += _node_traces(lines)
    return sorted(found, key=lambda trace: (trace.last, trace.first))


def frames(observed: Observed, since: float = 0.0) -> list[Place]:
    """The project's own lines in those tracebacks, relative to the project, the innermost of each last.

    Left out: libraries, also where the virtual environment or `node_modules` lies inside the project.
    """
    return [
        place
        for trace in traces(observed, since)
        for frame in trace.frames
        if (place := _own(frame, observed.project)) is not None
    ]


def where(observed: Observed, *names: str, since: float = 0.0) -> Place | None:
    """The line to look at: the innermost of the project's in the last traceback, else where a name stands."""
    found = frames(observed, since)
    if found:
        return found[-1]
    return next((observed.mentions[name] for name in names if name in observed.mentions), None)


def last_error(observed: Observed, since: float = 0.0) -> str | None:
    """What the output says went wrong: what was last raised, else the last line that looks like an error."""
    found = [trace.message for trace in traces(observed, since) if trace.message]
    if found:
        return _cut(found[-1])
    for line in reversed(observed.output):
        if line.at >= since and _ERROR_LINE.search(line.text):
            return _cut(_message(line.text))
    return None


def excerpt(observed: Observed, around: float | None = None, since: float = 0.0) -> tuple[str, ...]:
    """At most twelve lines of output around the failure: up to the end of the last traceback, else the last.

    `around` is when it showed, in seconds: what was printed later than two seconds after it is left out. The
    frames of a traceback are shown from the project's folder on, those of libraries from the folder that holds these.
    """
    until = float("inf") if around is None else around + 2.0
    ends = [trace.last for trace in traces(observed, since) if trace.at <= until]
    end = ends[-1] if ends else len(observed.output)
    lines = [line for line in observed.output[: end + 1] if since <= line.at <= until]
    shown = [text for line in lines for text in _readable(line.text) if not _MARKERS.match(text)]
    return tuple(_cut(_shorter_frame(text, observed.project)) for text in shown[-EXCERPT_LINES:])


def _shorter_frame(text: str, project: str) -> str:
    match = _PYTHON_FRAME.match(text) or _NODE_FRAME.match(text)
    if match is None:
        return text
    path = _LIBRARIES.sub("…/", match["path"]).removeprefix(f"{project.rstrip('/')}/")
    return f"{text[: match.start('path')]}{path}{text[match.end('path') :]}"


def _cut(text: str) -> str:
    return text if len(text) <= EXCERPT_WIDTH else text[: EXCERPT_WIDTH - 2] + " …"


def _readable(text: str) -> list[str]:
    """A line as it is shown: a record that holds a traceback by its message and the traceback's own lines."""
    lines = _unfolded(text)
    return lines if len(lines) == 1 else [_message(text), *lines]


def _message(text: str) -> str:
    """What a log record says: its message where it is JSON, else all of it."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return text.strip()
    said = (fields.get(name) for name in ("message", "msg", "event", "error")) if isinstance(fields, dict) else ()
    return next((word for word in said if isinstance(word, str) and word), text.strip())


def _unfolded(text: str) -> list[str]:
    """A record's own lines: a traceback stands in one field of JSON or logfmt, its line ends as backslash and n."""
    if "\\n" not in text or not ("Traceback (most" in text or re.search(r"\\n\s+at ", text)):
        return [text]
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return text.replace("\\n", "\n").replace('\\"', '"').split("\n")
    return [line for field in _strings(fields) if "\n" in field for line in field.split("\n")]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _strings(member)


def _python_traces(lines: Iterable[Line]) -> Iterator[Trace]:
    """A header, then pairs of a `File` line and its source, then what was raised, without indentation."""
    places: list[Place] = []
    first, before = 0, (0, "")
    for index, at, printed in lines:
        text = _GROUP_BAR.sub("", printed)
        match = _PYTHON_FRAME.match(text)
        if match:
            if not places:
                first = before[0] if _PYTHON_START.search(before[1]) else index
            places.append(_place(match))
        elif places and _INDENTED.match(text):
            if places[-1].text is None and set(text.strip()) - set("^~"):
                places[-1] = Place(places[-1].path, places[-1].line, text.strip())
        elif places and text.strip():
            yield Trace(at, tuple(places), text.strip(), first, index)
            places = []
        before = (index, text)


def _node_traces(lines: Iterable[Line]) -> Iterator[Trace]:
    """What was thrown, then its frames, the innermost first."""
    places: list[Place] = []
    first, moment, thrown, last, before = 0, 0.0, "", 0, (0, "")
    for index, at, text in lines:
        match = _NODE_FRAME.match(text)
        if match:
            if not places:
                first, moment, thrown = before[0], at, before[1].strip()
            places.append(_place(match))
            last = index
        elif places:
            yield Trace(moment, tuple(reversed(places)), thrown, first, last)
            places = []
        before = (index, text)
    if places:
        yield Trace(moment, tuple(reversed(places)), thrown, first, last)


def _place(match: re.Match[str]) -> Place:
    return Place(match["path"], int(match["line"]))


def _own(frame: Place, project: str) -> Place | None:
    path = frame.path
    if path.startswith(("<", "node:")):
        return None
    if path.startswith("/"):
        root = project.rstrip("/")
        if not root or not path.startswith(root + "/"):
            return None
        path = path[len(root) + 1 :]
    path = posixpath.normpath(path)
    if path.startswith("..") or any(part in _FOREIGN for part in path.split("/")):
        return None
    return Place(path, frame.line, frame.text)
