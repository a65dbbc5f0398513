"""Rules of PATH: what in the source only works in the folder, or on the machine, where it was written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.paths import hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.settings import is_default
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module

OPENERS = {
    "open": (0, "file"),
    "io.open": (0, "file"),
    "codecs.open": (0, "filename"),
    "aiofiles.open": (0, "file"),
    "logging.FileHandler": (0, "filename"),
    "logging.handlers.RotatingFileHandler": (0, "filename"),
    "dotenv.load_dotenv": (0, "dotenv_path"),
    "jinja2.FileSystemLoader": (0, "searchpath"),
    "fastapi.staticfiles.StaticFiles": (None, "directory"),
    "fastapi.templating.Jinja2Templates": (None, "directory"),
    "sqlite3.connect": (0, "database"),
    "yaml.safe_load_file": (0, "path"),
    "pandas.read_csv": (0, "filepath_or_buffer"),
    "pandas.read_excel": (0, "io"),
    "pandas.read_json": (0, "path_or_buf"),
    "pandas.read_parquet": (0, "path"),
    "numpy.load": (0, "file"),
    "os.listdir": (0, "path"),
    "os.scandir": (0, "path"),
    "os.makedirs": (0, "name"),
    "os.mkdir": (0, "path"),
}
"""What opens a path, and the argument that is the path: (position, keyword)."""
METHODS = ("read_text", "read_bytes", "write_text", "write_bytes", "open", "mkdir", "iterdir", "glob", "rglob", "touch")
"""Methods of a `Path` that look at the disk."""
_NO_PATH = re.compile(r"^(:memory:|[a-z][a-z0-9+.-]+://|[<$%~])|^$", re.IGNORECASE)


_DEVELOPERS = re.compile(
    r"^(?:file://)?(?:/Users/|/home/|[A-Za-z]:[\\\\/]Users[\\\\/])(?P<user>[A-Za-z][\w.-]*)(?:[\\\\/]|$)"
)
_USERS_OF_IMAGES = frozenset(
    {"app", "appuser", "node", "user", "ubuntu", "runner", "vscode", "jovyan", "shared", "public", "agent", "nonroot"}
)
"""Users that images and services have; `/Users/Shared` is every Mac's."""


@hazard.rule("PATH101", "relative path opened")
def relative_open(module: Module) -> Iterator[Finding]:
    """A relative path is opened: it is looked up from wherever the process was started.

    Quiet for paths built from `__file__`, a setting or an argument, and for files in a temporary folder.

    Why: the developer starts the agent in the project's folder, a container or a service manager in `/`.

    Mend: build the path from the file that names it: `Path(__file__).parent / "config.yaml"`.
    """
    for call, path in opened_paths(module):
        if path.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", path) or _NO_PATH.search(path):
            continue
        if path[0] == HOLE:
            continue  # its beginning, and so whether it is relative, is not known
        shown = path.replace(HOLE, "…")
        yield module.finding(
            call,
            f"opens {shown!r} relative to the working directory",
            why="production starts the process in another folder, and the file is not found there",
            fix=f"build it from this file's place: `Path(__file__).parent / {shown.removeprefix('./')!r}`",
        )


@hazard.rule("PATH102", "depends on the working directory")
def working_directory(module: Module) -> Iterator[Finding]:
    """The code asks for the working directory, or changes it: `os.getcwd()`, `Path.cwd()`, `os.chdir()`.

    Quiet in command-line tools, whose user chose the directory, in examples, and where it is only the default of a
    setting or an argument.

    Why: on the laptop it is the project's folder, in a container `/`; a change of it is one for all requests.

    Mend: build paths from `Path(__file__).parent`, or take the folder from a setting.
    """
    for call in module.calls_to("os.getcwd", "pathlib.Path.cwd", "os.chdir"):
        if module.moment(call) in (Moment.COMMAND, Moment.EXAMPLE) or is_default(module, call.node):
            continue
        what = "changes" if call.name == "os.chdir" else "asks for"
        yield module.finding(
            call,
            f"{what} the working directory",
            why="in production it is another folder: whichever the container or the service manager starts in",
            fix="take `Path(__file__).parent`, or a folder from a setting",
            severity=None if call.name == "os.chdir" else Severity.WARNING,
        )


@hazard.rule("PATH103", "developer's absolute path")
def developers_path(module: Module) -> Iterator[Finding]:
    """A path of one person's machine is in the code: below `/Users/…`, `/home/…`, `C:\\\\Users\\\\…`.

    Quiet in tests, in texts that only explain, and for users that images have (`/home/app`, `/home/node`).

    Why: nobody else has that folder.

    Mend: build the path from the file's own place, or take it from a setting.
    """
    for constant in module.all(ast.Constant):
        if not isinstance(constant.value, str) or len(constant.value) > 300:
            continue
        match = _DEVELOPERS.match(constant.value)
        if match is None or match["user"].lower() in _USERS_OF_IMAGES or isinstance(module.parent(constant), ast.Expr):
            continue
        yield module.finding(
            constant,
            f"{constant.value[:60]!r} is a folder of one person's machine",
            why="no other machine has it",
            fix="build it from `Path(__file__).parent`, or take it from a setting",
            severity=Severity.WARNING if is_default(module, constant) else None,
        )


def opened_paths(module: Module) -> Iterator[tuple[Call, str]]:
    """Every call that opens a path, with the path where it is known."""
    for call in module.calls_to(*OPENERS):
        path = call.text(*OPENERS[call.name])
        if path is not None:
            yield call, path
    for call in module.methods(*METHODS):
        made = call.made_by
        if made is not None and made.name == "pathlib.Path":
            path = module.text(made.node)
            if path is not None:
                yield call, path
