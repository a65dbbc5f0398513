"""Rules of COLD: what makes a start slow, or fail, before the first request."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.cold_starts import hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.waiting import clients

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module

HEAVY = 1.5
"""Seconds from which on an import is worth to be put off: a quarter of a processor makes four times as much of it."""
CONNECTS = "connect_to_"
"""What a method's name begins with that opens a connection at once: `weaviate.connect_to_local()`."""
LOADS = ("from_pretrained", "load_model")
MADE = (
    "sentence_transformers.SentenceTransformer",
    "whisper.load_model",
    "spacy.load",
    "easyocr.Reader",
    "transformers.pipeline",
)


@cache
def heavy_imports() -> dict[str, float]:
    """Seconds that importing costs, of the libraries that need not be there from the beginning."""
    table = tomllib.loads(files("roadworthy.data").joinpath("heavy-imports.toml").read_text("utf-8"))
    return {
        name: row["seconds"] for name, row in table.items() if row["seconds"] >= HEAVY and not row.get("needed", False)
    }


@hazard.rule("COLD101", "heavy import at the top")
def heavy_import(module: Module) -> Iterator[Finding]:
    """A library that takes seconds to import, and that not every request needs, is imported when the module is.

    Told once for each library in a file. Quiet for what an agent asks in every request (the model's own library), in
    examples and tests, for an import that may be missing (`try`), and in a file that is itself imported in functions
    alone, or where a setting asks for it.

    Why: every start of a replica takes that long before it can say anything, on a quarter of a processor four times.

    Mend: import it in the function that needs it, and warm it up before the process says that it is ready.
    """
    if module.project.is_put_off(module.dotted):
        return
    known = heavy_imports()
    seen: set[str] = set()
    for node in module.all(ast.Import, ast.ImportFrom):
        if module.scope(node).kind != "module" or module.inside(node, ast.If, ast.Try) is not None:
            continue
        named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        heavy = next((name.partition(".")[0] for name in named if name.partition(".")[0] in known), None)
        if (
            heavy is None
            or heavy in seen
            or (isinstance(node, ast.ImportFrom) and node.level)
            or module.moment(node) in (Moment.EXAMPLE, Moment.TEST)
        ):
            continue
        seen.add(heavy)
        yield module.finding(
            node,
            f"imports {heavy} at the top: about {known[heavy]:g} s of each start",
            why="the process answers nothing, its health check neither, until it is done",
            fix=f"import {heavy} in the function that needs it, and call that once before the process is ready",
            severity=Severity.NOTE,
        )


@hazard.rule("COLD102", "network call or model at import")
def work_at_import(module: Module) -> Iterator[Finding]:
    """A module asks the network, connects to a database or loads a model when it is imported.

    Quiet below `if __name__ == "__main__":`, in examples, for clients that connect when they are first used, and in a
    file that no start reads, because it is imported in functions alone, or where a setting asks for it.

    Why: where that service is down, or slow, the process does not start at all, and says nothing of it.

    Mend: do it in the application's lifespan, with a time-out and an error that names what did not answer.
    """
    if module.project.is_put_off(module.dotted):
        return
    asking = [name for name, client in clients().items() if not client.constructor and _asks(name)]
    for call in module.calls_to(*asking, *MADE):
        yield from _at_import(module, call.node, f"{call.name.replace('()', '')} runs when this module is imported")
    for call in module.methods(*LOADS):
        if call.name not in MADE:
            yield from _at_import(module, call.node, "a model is loaded when this module is imported")
    for node in module.all(ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr.startswith(CONNECTS):
            yield from _at_import(module, node, f"{node.func.attr} runs when this module is imported")


def _asks(name: str) -> bool:
    """Whether the call itself waits: a Redis, AWS or httpx client connects at its first use.

    A program that is started is the file's own work.
    """
    return not name.startswith(("redis.", "boto3.", "subprocess.", "asyncio.")) and name not in (
        "httpx.Client",
        "httpx.AsyncClient",
        "smtplib.SMTP",
        "http.client.HTTPSConnection",
        "http.client.HTTPConnection",
    )


def _at_import(module: Module, node: ast.Call, what: str) -> Iterator[Finding]:
    if module.scope(node).kind == "function" or module.is_in_main(node) or module.moment(node) is not Moment.IMPORT:
        return
    if module.inside(node, ast.Lambda) is not None:
        return
    yield module.finding(
        node,
        what,
        why="where it fails or takes long, the process does not start, and no health check says why",
        fix="do it in the application's lifespan, or at first use, with a time-out",
        severity=Severity.WARNING,
    )
