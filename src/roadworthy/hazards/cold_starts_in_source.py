"""Rules of COLD: what makes a start slow, or fail, before the first request."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.cold_starts import hazard
from roadworthy.scan.moments import Moment
from roadworthy.scan.waiting import clients

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module

HEAVY = {
    "torch": 2.0,
    "tensorflow": 4.0,
    "transformers": 2.5,
    "sentence_transformers": 4.0,
    "whisper": 3.0,
    "spacy": 1.5,
    "faster_whisper": 2.0,
    "easyocr": 3.0,
    "unstructured": 1.5,
    "keras": 3.0,
    "jax": 1.0,
    "llama_index": 1.5,
    "langchain_community": 1.0,
    "crewai": 2.5,
    "haystack": 1.5,
    "autogen": 1.5,
}
"""Seconds that an import takes on one core of a laptop, rounded: the order of it, not a measurement of yours."""
LOADS = ("from_pretrained", "load_model")
MADE = (
    "sentence_transformers.SentenceTransformer",
    "whisper.load_model",
    "spacy.load",
    "easyocr.Reader",
    "transformers.pipeline",
)


@hazard.rule("COLD101", "heavy import at the top")
def heavy_import(module: Module) -> Iterator[Finding]:
    """A library that takes a second and more to import is imported when the module is.

    Told once for each library in a file. Quiet in examples, and for an import that may be missing (`try`).

    Why: every start of a replica takes that long before it can say anything, on a quarter of a processor four times.

    Mend: import it in the function that needs it, and warm it up before the process says that it is ready.
    """
    seen: set[str] = set()
    for node in module.all(ast.Import, ast.ImportFrom):
        if module.scope(node).kind != "module" or module.inside(node, ast.If, ast.Try) is not None:
            continue
        named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        heavy = next((name.partition(".")[0] for name in named if name.partition(".")[0] in HEAVY), None)
        if (
            heavy is None
            or heavy in seen
            or (isinstance(node, ast.ImportFrom) and node.level)
            or module.moment(node) is Moment.EXAMPLE
        ):
            continue
        seen.add(heavy)
        yield module.finding(
            node,
            f"imports {heavy} at the top: about {HEAVY[heavy]:g} s of each start",
            why="the process answers nothing, its health check neither, until it is done",
            fix=f"import {heavy} in the function that needs it, and call that once before the process is ready",
            severity=Severity.NOTE,
        )


@hazard.rule("COLD102", "network call or model at import")
def work_at_import(module: Module) -> Iterator[Finding]:
    """A module asks the network, connects to a database or loads a model when it is imported.

    Quiet below `if __name__ == "__main__":`, in examples, and for clients that connect when they are first used.

    Why: where that service is down, or slow, the process does not start at all, and says nothing of it.

    Mend: do it in the application's lifespan, with a time-out and an error that names what did not answer.
    """
    asking = [name for name, client in clients().items() if not client.constructor and _asks(name)]
    for call in module.calls_to(*asking, *MADE):
        yield from _at_import(module, call.node, f"{call.name.replace('()', '')} runs when this module is imported")
    for call in module.methods(*LOADS):
        if call.name not in MADE:
            yield from _at_import(module, call.node, "a model is loaded when this module is imported")


def _asks(name: str) -> bool:
    """Whether the call itself waits: a Redis or httpx client connects at its first use, a program is the file's own."""
    return not name.startswith(("redis.", "subprocess.", "asyncio.")) and name not in (
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
