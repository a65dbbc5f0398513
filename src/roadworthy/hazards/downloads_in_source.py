"""Rules of NET over what libraries fetch by themselves: models, tokenizers' tables, corpora, tool servers."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from roadworthy.findings import Severity
from roadworthy.hazards.network import hazard
from roadworthy.scan.moments import Moment, is_for_a_terminal
from roadworthy.scan.values import HOLE, UNKNOWN

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.commands import Command
    from roadworthy.scan.module import Call, Module

FETCHERS = frozenset({"npx", "bunx", "pnpx", "uvx"})
"""Programs that fetch a package to start what is in it."""
FETCHES = re.compile(
    r"^(?:python[\d.]* -m )?(spacy download|nltk\.downloader|ollama pull|huggingface-cli download|hf download"
    r"|deno (?:run|install|cache))\b"
)
"""Commands that fetch a model, a corpus or packages."""


@dataclass(frozen=True, slots=True)
class Download:
    """Calls that fetch something."""

    what: str
    source: str
    date: str
    calls: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    kept_in: str | None = None
    always: bool = False
    unless: tuple[str, ...] = ()
    unless_said: str | None = None


@cache
def downloads_by_call() -> dict[str, Download]:
    """What fetches a file at its first use, by its name; a method of anything by its last word."""
    found: dict[str, Download] = {}
    for row in (*_table()["library"], *_table()["method"]):
        values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
        download = Download(**values)
        found |= dict.fromkeys((*download.calls, *download.methods), download)
    return found


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("roadworthy.data").joinpath("downloads.toml").read_text("utf-8"))


@hazard.rule("NET104", "download at start or first use")
def downloads(module: Module) -> Iterator[Finding]:
    """A library fetches a model, a tokenizer's table or a corpus from the Internet when it is first used.

    So does litellm when it is imported, told once in a project, and a program that is started: `npx` or `uvx` with a
    tool server, `ollama pull`, `spacy download`. Quiet for what is loaded from a folder of one's own, with
    `local_files_only`, for a mapping of tool servers that no client of this project's is handed, in the files of a
    command-line tool and in examples.

    Why: production closes the way out, or has a fresh disk at each start: the first request fails, or waits for
    hundreds of megabytes.

    Mend: fetch it while the image is built, and load it from there.
    """
    known = downloads_by_call()
    for call in module.calls_to(*(name for name in known if "." in name)):
        yield from _download(module, call, known[call.name])
    for call in module.methods(*(name for name in known if "." not in name)):
        if call.name not in known:
            yield from _download(module, call, known[call.name.rpartition(".")[2]])
    for row in _table()["import"]:
        yield from _at_import(module, row)
    for command in module.commands:
        if command.how != "asked" and module.moment(command.at) not in (Moment.EXAMPLE, Moment.COMMAND):
            yield from _by_a_program(module, command)


def _download(module: Module, call: Call, download: Download) -> Iterator[Finding]:
    if module.moment(call) in (Moment.EXAMPLE, Moment.COMMAND) or call.constant(None, "local_files_only") is True:
        return
    if call.constant(None, "source") == "local":
        return  # torch.hub's word for a folder
    if call.has(*download.unless) or (download.unless_said is not None and download.unless_said in module.source):
        return
    name = call.argument(0) or call.argument(None, "model_name") or call.argument(None, "model_name_or_path")
    value = module.constant(name)
    text = value if isinstance(value, str) else None
    if name is not None and text is None and value is UNKNOWN and not download.always:
        return  # where it comes from is said elsewhere
    if text is not None and text.startswith(("/", "./", "../")):
        return
    shown = f" {text!r}" if text and download.unless_said is None else ""
    variable = download.kept_in
    folder = (
        "load it from that folder" if variable is None else f"set {variable} to that folder there and in production"
    )
    yield module.finding(
        call,
        f"fetches {download.what}{shown} from the Internet at first use",
        why="where outbound is closed it fails, and on a fresh disk each start waits for it",
        fix=f"fetch it while the image is built, and {folder}",
        severity=Severity.WARNING,
    )


def _at_import(module: Module, row: dict[str, str]) -> Iterator[Finding]:
    package, variable = row["package"], row["variable"]
    if not module.imports(package) or variable in module.source:
        return
    if module.project.first_to_import(package) != module.path or variable in module.project.declared.variables:
        return
    imports = (each for each in module.all(ast.Import, ast.ImportFrom) if isinstance(module.parent(each), ast.Module))
    node = next((each for each in imports if _names(each, package)), None)
    if node is None or module.moment(node) in (Moment.EXAMPLE, Moment.COMMAND):
        return  # in a function, or where a setting asks for it, it is read by whoever wants it
    yield module.finding(
        node,
        f"{package} fetches {row['what']} from the Internet when it is imported",
        why="where outbound is closed each start waits for that to fail, and goes on with an older one",
        fix=f"set `{variable}=True` in production: the one that the package brings is read",
        severity=Severity.NOTE,
    )


def _names(node: ast.Import | ast.ImportFrom, package: str) -> bool:
    names = (
        [each.name for each in node.names] if isinstance(node, ast.Import) else ["." * node.level + (node.module or "")]
    )
    return any(name.partition(".")[0] == package for name in names)


def _by_a_program(module: Module, command: Command) -> Iterator[Finding]:
    if is_for_a_terminal(module.path) and module.moment(command.at) is not Moment.REQUEST:
        return  # a person chooses what is fetched
    words = [each for each in command.arguments if not each.startswith("-")]
    if command.name in FETCHERS and words and not words[0].startswith((".", "/", "tsc")):
        yield module.finding(
            command.at,
            f"`{command.name}` fetches `{words[0].replace(HOLE, '…')}` from its registry when it is started",
            why="where outbound is closed the tool server does not start, and on a fresh disk each start waits for it",
            fix="install it while the image is built, and start it by its own name",
            severity=Severity.WARNING,
        )
    elif (fetches := FETCHES.search(" ".join((command.name, *command.arguments)))) is not None:
        yield module.finding(
            command.at,
            f"`{fetches.group(1)}` fetches what it starts with from the Internet",
            why="where outbound is closed it fails, and on a fresh disk each start waits for it",
            fix="run it while the image is built",
            severity=Severity.WARNING,
        )
