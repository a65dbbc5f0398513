"""Dependencies: what is installed on the laptop is not what production installs."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from roadworthy.findings import Severity
from roadworthy.hazards.hazard import Hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.optional import is_optional, tried_tops
from roadworthy.scan.packages import normalized

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.commands import Command
    from roadworthy.scan.document import Document
    from roadworthy.scan.facts import Package
    from roadworthy.scan.module import Module

hazard = Hazard(
    "DEP",
    "Dependencies differ",
    cause="The laptop has packages that were installed by hand, for development, or a year ago; production installs "
    "what the project asks for, in the versions of that day.",
    fix="Ask for every package that is imported, and lock all versions: `uv lock`, `pip-compile`, `poetry lock`.",
    before="""\
# requirements.txt
fastapi
openai>=1

# app.py
import redis  # installed by hand, months ago
""",
    after="""\
# requirements.txt, written by `uv pip compile pyproject.toml -o requirements.txt`
fastapi==0.121.0
openai==2.7.1
redis==7.0.1
""",
)
_TOOLS = frozenset(
    {"pip", "setuptools", "wheel", "uv", "poetry", "pipx", "pdm", "hatch", "build", "virtualenv", "pip-tools"}
)
"""What installs, and is wanted in its newest version."""
_DEVELOPERS = re.compile(r"(^|/)(deploy|deployment|deployments|infra|hack|ci)(/|\.py$)")
"""Files that the developer runs, with what is installed for development."""
_HOSTS = ("bpy", "mathutils", "unreal", "maya", "nuke", "hou", "idaapi", "sublime", "gdb", "lldb", "pyodide", "js")
"""Modules of programs that run Python themselves: they bring what their add-ons import."""
_TEMPLATES = re.compile(r"\{\{|(^|/)(templates?|cookiecutters?|scaffolds?)/")
"""Files that a project is made from, with dependencies of its own."""
_GENERIC = frozenset({"python", "client", "tools", "core", "api", "sdk", "lib", "for", "the", "and"})
"""Words in names of distributions that say nothing of what is in them."""
_SAYS = 3
"""Letters that a name's beginning needs to say what it is about."""
NAMED = 3
"""Distributions that a message names."""


@hazard.rule("DEP101", "import that no production dependency brings")
def not_a_dependency(module: Module) -> Iterator[Finding]:
    """A package is imported that none of the project's production dependencies brings: it is asked for nowhere, or for
    development alone.

    Dependencies are those of `pyproject.toml` and `requirements*.txt` beside the file and above it. Quiet where
    nothing tells them, for imports in `try … except ImportError`, there or where the file itself is imported, for types
    alone (`TYPE_CHECKING`), in tests and examples, in files that nothing imports where an image starts another one, in
    add-ons of programs that bring a Python of their own (Blender), in templates of projects, whose dependencies are put
    together when one is made (`{{name}}/app.py`, `templates/`), for what a lock file or an image installs, or a
    dependency always brings with it, and for a name that is not known where one of the dependencies, imported by no
    name of its own, sounds like it (`cel-python` brings `celpy`).

    Why: `ModuleNotFoundError` at the first start, or at the first request that needs it.

    Mend: ask for it among the production dependencies.
    """
    if module.moment(module.tree.root) in (Moment.EXAMPLE, Moment.TEST, Moment.COMMAND) or _DEVELOPERS.search(
        module.path
    ):
        return
    if module.imports(*_HOSTS) or _TEMPLATES.search(module.path):
        return
    asked = module.project.declared.dependencies(module.path)
    if asked is None:
        yield from _part_of_setuptools(module)
        return
    seen: set[str] = set()
    in_production = frozenset(package.name for package in asked if package.group != "dev")
    in_development = frozenset(package.name for package in asked if package.group == "dev")
    for node, dotted in _imports(module):
        top = dotted.partition(".")[0]
        if top in seen or _is_known(top, module):
            continue
        if brings(in_production, dotted) or _is_installed(top, module) or _is_tried(module, node, top):
            continue
        seen.add(top)
        named = distributions_of(top)[0]
        for_development = brings(in_development, dotted)
        if not for_development and _may_be_brought(module, in_production, top):
            continue
        yield module.finding(
            node,
            f"imports `{top}`, a dependency for development alone"
            if for_development
            else f"imports `{top}`, which no production dependency brings",
            why=f"production installs no {named}: ModuleNotFoundError",
            fix=f"ask for `{named}` among the production dependencies",
        )


@hazard.rule("DEP102", "versions that are not fixed", of=("requirements", "pyproject", "docker", "mcp"))
def not_pinned(file: Document) -> Iterator[Finding]:
    """Production dependencies without exact versions and without a lock file: each build may get others. Also what a
    Dockerfile installs by `pip install NAME`, and tool servers that `npx` and `uvx` fetch in their newest version.

    Told once for each file, or instruction. Quiet beside a lock file or a requirements file that gives each version,
    for files of development, for tools that install (`pip`, `uv`), for libraries (a pyproject whose project has no
    image, manifest or lock), and for the project's own tool server.

    Why: the build of next week holds versions that nobody has tried, and a rollback does not bring the old ones back.

    Mend: `uv lock`, `poetry lock`, or `pip-compile`.
    """
    match file.kind:
        case "docker":
            yield from _in_image(file)
        case "mcp":
            yield from _servers(file)
        case _:
            yield from _in_list(file)


@lru_cache(maxsize=4096)
def brings(distributions: frozenset[str], dotted: str) -> bool:
    """Whether one of these distributions brings this import."""
    top = dotted.partition(".")[0]
    if any(name in distributions for name in distributions_of(top)):
        return True
    plain = normalized(top)
    if any(name in distributions for name in (f"python-{plain}", f"py{plain}", f"{plain}-python", f"{plain}-py")):
        return True
    # Distributions of one maker share a top-level name: google, azure, opentelemetry.
    if any(name.startswith(f"{plain}-") for name in distributions):
        return True
    table = _table()["brings"]
    return any(top in table.get(name, ()) for name in _closure(distributions))


def _may_be_brought(module: Module, distributions: frozenset[str], top: str) -> bool:
    """Whether a distribution that nothing imports by its own name may be where an import of an unknown one is from.

    Their names share a word's beginning: `celpy` is in `cel-python`, `md2conf` in `markdown-to-confluence`.
    """
    if top in _table()["import"]:
        return False
    plain = normalized(top)
    begins = [each for each in re.split(r"[^a-z]+", plain) if len(each) >= _SAYS]
    for name in distributions:
        if module.project.first_to_import(name.replace("-", "_")) is not None:
            continue
        words = [each for each in name.split("-") if len(each) >= _SAYS and each not in _GENERIC]
        if any(word in plain or word.startswith(begin) for word in words for begin in begins):
            return True
    return False


def distributions_of(top: str) -> list[str]:
    """The distributions that bring a top-level name; the first is the usual one."""
    return _table()["import"].get(top) or [normalized(top)]


@lru_cache(maxsize=256)
def _closure(distributions: frozenset[str]) -> frozenset[str]:
    """These, and those that they bring, by one step: enough for a table that lists what each brings in the end."""
    table = _table()["brings"]
    return distributions | {normalized(name) for each in distributions for name in table.get(each, ())}


def _part_of_setuptools(module: Module) -> Iterator[Finding]:
    """`pkg_resources`, where a `setup.py` asks for distributions: new environments have no setuptools any more."""
    for node, dotted in _imports(module):
        if dotted.partition(".")[0] != "pkg_resources" or _is_tried(module, node, "pkg_resources"):
            continue
        if not module.project.declared.names_distribution(module.path, "setuptools"):
            yield module.finding(
                node,
                "imports `pkg_resources`, which no production dependency brings",
                why="it is a part of setuptools, which environments of Python 3.12 do not have, nor new versions it",
                fix="`importlib.metadata.version(…)` of Python's own, in place of it",
            )
            return


def _imports(module: Module) -> Iterator[tuple[ast.stmt, str]]:
    for node in module.all(ast.Import):
        yield from ((node, alias.name) for alias in node.names)
    for node_from in module.all(ast.ImportFrom):
        if not node_from.level and node_from.module:
            yield node_from, node_from.module


def _is_known(top: str, module: Module) -> bool:
    """Whether it is Python's own or the project's."""
    if "sys.path" in module.source and top not in _table()["import"]:
        return True  # where it looks for modules is not known
    if top in ("boto3", "botocore") and "lambda" in module.source.lower():
        return True  # AWS Lambda's own image has them
    if top in sys.stdlib_module_names or top.startswith("_") or top in ("__future__", "distutils", "imp", "asyncore"):
        return True
    folders = [
        "".join(f"{part}/" for part in module.path.split("/")[:end]) for end in range(module.path.count("/") + 1)
    ]
    disk = module.project.disk
    return any(
        disk.exists(f"{folder}{top}.py") or disk.is_folder(f"{folder}{top}") or disk.is_folder(f"{folder}src/{top}")
        for folder in folders
    ) or module.project.has_part(top)


def _is_tried(module: Module, node: ast.stmt, top: str) -> bool:
    """Whether it is caught that the package is missing: here, elsewhere in the project, or where the file is imported.

    Or the code asks for its installation before: `install("nbformat")`.
    """
    if is_optional(node) or module.project.is_optional(module.dotted):
        return True
    if module.scope(node).kind == "function" and module.project.is_tried(top):
        return True  # what the project elsewhere takes for an extra
    if "tried imports" not in module.remembered:
        module.remembered["tried imports"] = tried_tops(module)
    return top in module.remembered["tried imports"] or any(
        call.node.lineno < node.lineno and module.scope(call.node) is module.scope(node) and call.text(0) == top
        for call in (module.calls if "install" in module.source else ())
        if "install" in call.name
    )


def _is_installed(top: str, module: Module) -> bool:
    """Whether a lock file names it, or an image installs it."""
    declared = module.project.declared
    names = distributions_of(top)
    in_lock = any(name in declared.locked for name in names) and not any(
        package.name in names and package.group == "dev" for package in declared.dependencies(module.path) or ()
    )
    installed = {
        normalized(word.partition("=")[0]) for each in declared.of_kind("docker") for word in each.facts.installs
    }
    return in_lock or any(name in installed for name in names)


def _in_list(file: Document) -> Iterator[Finding]:
    if file.moment() is Moment.EXAMPLE or file.project.declared.is_locked(file.path):
        return
    if file.kind == "pyproject" and not _is_deployed(file):
        return
    asked = [each for each in file.packages if not each.group and each.name not in _TOOLS]
    pinned = {each.name for each in asked if each.is_pinned} | _pinned_beside(file)
    loose = [each for each in asked if each.name not in pinned]
    if not loose or _is_constrained(file):
        return
    count = f"{len(loose)} of {len(asked)} dependencies" if len(asked) > 1 else "the one dependency"
    yield file.finding(
        loose[0].at,
        f"{count} without an exact version: {_listed(loose)}",
        why="each build may install other versions than the one that was tried",
        fix=(
            "lock them: `uv lock`, or `uv pip compile pyproject.toml -o requirements.txt`"
            if file.kind == "pyproject"
            else f"write them down as they are now: `pip freeze`, or `uv pip compile` from `{file.path}`"
        ),
        severity=Severity.WARNING,
    )


def _in_image(file: Document) -> Iterator[Finding]:
    from roadworthy.scan.dockerfile import build_commands

    if file.moment() is Moment.EXAMPLE:
        return
    for command in build_commands(file.source):
        loose = [name for name in _pip_installs(command) if name.partition("[")[0].lower() not in _TOOLS]
        if loose:
            yield file.finding(
                command.at,
                f"installs {', '.join(f'`{name}`' for name in loose[:NAMED])} in whatever version there is that day",
                why="the same Dockerfile builds another image next week",
                fix=f"give the version: `pip install {loose[0]}==…`, or install from a locked requirements file",
                severity=Severity.WARNING,
            )


def _servers(file: Document) -> Iterator[Finding]:
    for command in file.commands:
        fetched = _fetched(command)
        if fetched is not None and fetched not in file.project.declared.own_names:
            yield file.finding(
                command.at,
                f"`{command.name}` fetches the newest `{fetched}` whenever the server starts",
                why="the tools may be others tomorrow, and nothing starts where the registry is not reached",
                fix=f"give the version: `{fetched}@…`, or install it in the image",
                severity=Severity.WARNING,
            )


def _fetched(command: Command) -> str | None:
    if command.name not in ("npx", "uvx", "bunx", "pnpx"):
        return None
    words = [each for each in command.arguments if not each.startswith("-")]
    if not words or "--from" in command.arguments or words[0].startswith((".", "/", "git+")):
        return None
    has_version = "@" in words[0][1:] and not words[0].endswith("@latest")
    return None if has_version or "==" in words[0] else words[0].removesuffix("@latest")


def _pip_installs(command: Command) -> list[str]:
    words = [command.name, *command.arguments]
    start = next((index for index, word in enumerate(words) if word == "install"), None)
    if start is None or not any(word.startswith("pip") for word in words[:start]):
        return []
    found, skips = [], False
    for word in words[start + 1 :]:
        if skips or word.startswith("-"):
            skips = not skips and word in ("-r", "-c", "-e", "-i", "-t", "--index-url", "--extra-index-url", "--target")
            skips = skips or word in ("--requirement", "--constraint", "--find-links", "-f", "--prefix", "--platform")
            continue
        if word[0].isalnum() and "==" not in word and "@" not in word and "/" not in word and not _is_file(word):
            found.append(word)
    return found


def _is_file(word: str) -> bool:
    return word.endswith((".whl", ".tar.gz", ".zip", ".txt"))


def _is_deployed(file: Document) -> bool:
    """Whether an image or a manifest says that it runs somewhere: a library leaves versions to its users."""
    return file.project.declared.has_image or file.project.manifest is not None


def _pinned_beside(file: Document) -> set[str]:
    """Of a pyproject: what a requirements file in the same folder, compiled from it, gives the version of."""
    if file.kind != "pyproject":
        return set()
    folder = file.path.rpartition("/")[0]
    lists = [each for each in file.project.declared.of_kind("requirements") if each.path.rpartition("/")[0] == folder]
    return {each.name for document in lists for each in document.packages if each.is_pinned}


def _is_constrained(file: Document) -> bool:
    return any(text.key == "-c" for text in file.strings)


def _listed(packages: list[Package]) -> str:
    names = ", ".join(f"`{each.name}`" for each in packages[:NAMED])
    return names if len(packages) <= NAMED else f"{names} …"


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("roadworthy.data").joinpath("distributions.toml").read_text("utf-8"))
