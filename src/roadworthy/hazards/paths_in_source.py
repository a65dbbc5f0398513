"""Rules of PATH: what in the source only works in the folder, or on the machine, where it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.hazards.paths import hazard

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
        if path[0] == "\N{OBJECT REPLACEMENT CHARACTER}":
            continue  # its beginning, and so whether it is relative, is not known
        shown = path.replace("\N{OBJECT REPLACEMENT CHARACTER}", "…")
        yield module.finding(
            call,
            f"opens {shown!r} relative to the working directory",
            why="production starts the process in another folder, and the file is not found there",
            fix=f"build it from this file's place: `Path(__file__).parent / {shown.removeprefix('./')!r}`",
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
