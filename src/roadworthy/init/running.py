"""The command that runs a Python file, an application or a function of one, from the project's own folder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roadworthy.init.python_names import dotted_below, import_root
from roadworthy.init.starts import ANY_HOST

if TYPE_CHECKING:
    from roadworthy.init.servers import Application
    from roadworthy.scan.project import Project

DEEPEST = 6
"""Functions between a main block and the server that it starts."""
USUAL = {"asgi": "8000", "wsgi": "5000"}
"""The ports on which uvicorn and Flask listen when nobody says which."""


def run_file(project: Project, path: str) -> tuple[str, ...]:
    """`python app.py`; `python -m app.main` where its imports start further up."""
    root, own = import_root(project, path), path.rpartition("/")[0]
    if own == root:
        return ("python", path)
    dotted = dotted_below(path, root)
    if not root or is_installed(project.root):
        return ("python", "-m", dotted)
    return ("env", f"PYTHONPATH={root}", "python", "-m", dotted)


def run_application(project: Project, found: Application) -> tuple[str, ...] | None:
    """The command line of the server that its kind usually has."""
    root = import_root(project, found.path)
    dotted = dotted_below(found.path, root)
    if found.kind == "asgi":
        folder = ("--app-dir", root) if root else ()
        factory = ("--factory",) if found.is_factory else ()
        port = ("--host", ANY_HOST, "--port", USUAL["asgi"])
        return ("uvicorn", *folder, *factory, f"{dotted}:{found.name}", *port)
    if found.kind == "wsgi":
        where = dotted if not root else found.path
        name = where if found.name in ("app", "application", "create_app", "make_app") else f"{where}:{found.name}"
        return ("flask", "--app", name, "run", "--host", ANY_HOST, "--port", USUAL["wsgi"])
    return None


def is_installed(root: Path) -> bool:
    """Whether the project is itself a distribution: its modules are found from anywhere once it is installed."""
    return "build-system" in pyproject(root) or (root / "setup.py").is_file()


def pyproject(root: Path) -> dict[str, Any]:
    """The project's pyproject.toml; empty where there is none, or none that can be read."""
    import tomllib

    try:
        return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}


def scripts_of(root: Path) -> dict[str, str]:
    """The project's own commands: name → dotted name of the function that each runs."""
    table = pyproject(root)
    project, tool = table.get("project"), table.get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    found: dict[str, str] = {}
    for holder in (project, poetry):
        scripts = holder.get("scripts") if isinstance(holder, dict) else None
        for name, target in scripts.items() if isinstance(scripts, dict) else ():
            if isinstance(target, str) and ":" in target:
                found[name] = target.replace(":", ".").strip()
    return found


def reached(project: Project, scripts: Mapping[str, str]) -> dict[str, list[tuple[str, ...]]]:
    """Dotted name of a function → the commands of what gets to it: main blocks, and the project's own commands."""
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for summary in project.summaries.values():
        names = set(summary.functions["__main__"].names)
        if summary.path.endswith("__main__.py"):
            names |= set(summary.functions[""].names)
        if names:
            for function in _spread(project, names):
                found[function].append(run_file(project, summary.path))
    for name, target in scripts.items():
        for function in _spread(project, {target}):
            found[function].append((name,))
    return found


def _spread(project: Project, names: set[str]) -> Iterator[str]:
    seen: set[str] = set()
    waiting = {project.resolved(name.replace("()", "")) for name in names}
    for _ in range(DEEPEST):
        seen |= waiting
        calls = {name for function in waiting for name in _calls(project, function)}
        waiting = {project.resolved(name.replace("()", "")) for name in calls} - seen
    yield from seen


def _calls(project: Project, function: str) -> tuple[str, ...]:
    parts = function.split(".")
    for length in range(len(parts) - 1, 0, -1):
        summary = project.summaries.get(".".join(parts[:length]))
        if summary is not None:
            calls = summary.functions.get(".".join(parts[length:]))
            return () if calls is None else calls.names
    return ()


def without_runner(words: tuple[str, ...]) -> tuple[str, ...]:
    """The command without what makes its environment first: `uv run --frozen python main.py`."""
    value_options = (
        "--extra",
        "--group",
        "--with",
        "--env-file",
        "--project",
        "--directory",
        "--python",
        "-p",
        "--package",
    )
    if words[:2] in (
        ("uv", "run"),
        ("poetry", "run"),
        ("pipenv", "run"),
        ("pdm", "run"),
        ("rye", "run"),
        ("hatch", "run"),
    ):
        rest = list(words[2:])
        while rest and rest[0].startswith("-"):
            option = rest.pop(0)
            if option in value_options and rest:
                rest.pop(0)
        return ("python", *rest) if rest and rest[0].endswith(".py") else tuple(rest)
    return words
