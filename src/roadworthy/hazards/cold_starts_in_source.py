"""Rules of COLD: what makes a start slow, or fail, before the first request."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from roadworthy.findings import Severity
from roadworthy.hazards.blocking_in_source import blocking_calls
from roadworthy.hazards.cold_starts import hazard
from roadworthy.scan.moments import Moment, is_loaded_by_name, serves
from roadworthy.scan.waiting import clients

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Call, Module

HEAVY = 1.5
"""Seconds from which on an import is worth to be put off: a quarter of a processor makes four times as much of it."""
CONNECTS = "connect_to_"
"""What a method's name begins with that opens a connection at once: `weaviate.connect_to_local()`."""
STORES = ("langchain", "llama_index")
LOADS = ("from_pretrained", "load_model")
MADE = (
    "sentence_transformers.SentenceTransformer",
    "whisper.load_model",
    "spacy.load",
    "easyocr.Reader",
    "transformers.pipeline",
    "langchain_huggingface.HuggingFaceEmbeddings",
    "langchain_community.embeddings.HuggingFaceEmbeddings",
    "langchain.embeddings.HuggingFaceEmbeddings",
    "langchain.embeddings.huggingface.HuggingFaceEmbeddings",
    "llama_index.embeddings.huggingface.HuggingFaceEmbedding",
    "faster_whisper.WhisperModel",
    "fastembed.TextEmbedding",
)
CONNECT_LATER = (
    *("httpx.Client", "httpx.AsyncClient", "smtplib.SMTP", "http.client.HTTPSConnection", "http.client.HTTPConnection"),
)
"""Constructors that ask for nothing yet."""
LOCAL = ("subprocess.", "asyncio.", "os.", "time.", "sqlite3.", "pandas.", "shutil.", "redis.", "boto3.")
"""What begins so asks nothing of the network, or nothing yet: a Redis or AWS client connects at its first use.

A program that is started is the file's own work.
"""


@dataclass(frozen=True, slots=True)
class EarlyClient:
    """Constructors that fail where their key, or whatever lets them in, is not there."""

    calls: tuple[str, ...]
    argument: str
    source: str
    date: str
    aliases: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    variable: str | None = None
    where: str | None = None
    only: str = ""
    model: str = ""
    """What the model's name begins with, where the constructor makes the client that it names."""


@cache
def early_clients() -> tuple[EarlyClient, ...]:
    """Clients that should not be made at import."""
    made = []
    for row in _early()["client"]:
        values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
        made.append(EarlyClient(**values))
    return tuple(made)


@cache
def asking() -> frozenset[str]:
    """Calls that wait for an answer from elsewhere."""
    named = {name for name, client in clients().items() if not client.constructor and name not in CONNECT_LATER}
    named |= {name for name in blocking_calls() if ".*." not in name}
    early = frozenset(name for row in _early()["asking"] for name in row["calls"])
    return early | frozenset(name for name in named if not name.startswith(LOCAL))


@cache
def _early() -> dict[str, Any]:
    return tomllib.loads(files("roadworthy.data").joinpath("early-clients.toml").read_text("utf-8"))


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


@hazard.rule("COLD102", "network call, client or model at import")
def work_at_import(module: Module) -> Iterator[Finding]:
    """A module asks the network, connects to a database or loads a model when it is imported, itself or by a function.

    So does a client whose constructor fails without its key, where no line asks for that key at the start.

    Quiet below `if __name__ == "__main__":`, in examples, for clients that connect when they are first used, and in a
    file that no start reads, because it is imported in functions alone, or where a setting asks for it, or that nothing
    imports and that serves nothing.

    Why: where that service is down, or slow, the process does not start at all, and says nothing of it.

    Mend: do it in the application's lifespan, with a time-out and an error that names what did not answer.
    """
    if module.project.is_put_off(module.dotted):
        return
    asked = [call for call in module.calls_to(*asking(), *MADE) if not _is_a_file(call)]
    asked += _tables_made(module) + _embedded(module)
    for call in asked:
        yield from _at_import(module, call.node, f"{_shown(call)} runs when this module is imported")
    for call in module.methods(*LOADS):
        if call.name not in MADE:
            yield from _at_import(module, call.node, "a model is loaded when this module is imported")
    for node in module.all(ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr.startswith(CONNECTS):
            yield from _at_import(module, node, f"{node.func.attr} runs when this module is imported")
    for call, inner in _by_a_function(module, asked):
        what = f"{_shown(call).rpartition('.')[2]} runs when this module is imported, and waits for {_shown(inner)}"
        yield from _at_import(module, call.node, what)
    yield from _clients_at_import(module)


def _tables_made(module: Module) -> list[Call]:
    """`Base.metadata.create_all(engine)` asks the database which tables there are."""
    if "sqlite" in module.source:
        return []
    return [
        call for call in module.methods("create_all") if ast.unparse(call.node.func).endswith(".metadata.create_all")
    ]


def _embedded(module: Module) -> list[Call]:
    """Calls by which a store of vectors has every text embedded, by a model that is elsewhere or loaded for it."""
    return [call for call in module.methods("from_documents", "from_texts") if call.name.startswith(STORES)]


def _is_a_file(call: Call) -> bool:
    """Whether what it opens is a file of this machine: `sqlite:///shop.db`."""
    address = call.text(0, "uri") or call.text(0, "database_uri") or ""
    return address.startswith("sqlite") or address.endswith(".db")


def _shown(call: Call) -> str:
    return call.name.replace("()", "")


def _by_a_function(module: Module, asked: list[Call]) -> Iterator[tuple[Call, Call]]:
    """The calls at the top level of a function of this file that asks the network, and what it asks."""
    waits: dict[str, Call] = {}
    for call in asked:
        if call.scope.kind == "function":
            waits.setdefault(f"{module.dotted}.{call.scope.name}", call)
    calls = module.calls if waits else []
    before = 0
    while len(waits) > before:  # what calls one that waits does as well
        before = len(waits)
        for call in calls:
            if call.name in waits and call.scope.kind == "function":
                waits.setdefault(f"{module.dotted}.{call.scope.name}", waits[call.name])
    for call in calls:
        # A coroutine that is only made asks nothing: `asyncio.run` around it makes it run.
        if call.name in waits and (call.name not in _coroutines(module) or module.inside(call.node, ast.Call)):
            yield call, waits[call.name]


def _coroutines(module: Module) -> set[str]:
    return {module.names.of_definition(each) for each in module.all(ast.AsyncFunctionDef)}


def _clients_at_import(module: Module) -> Iterator[Finding]:
    for client in early_clients():
        for call in module.calls_to(*client.calls):
            if module.inside(call.node, ast.If, ast.Try) is not None or call.has(*client.others):
                continue
            if client.where is not None and call.constant(None, client.where) is not True:
                continue
            if client.model and not (call.text(0, "model") or "").startswith(client.model):
                continue
            missing = _may_be_missing(module, call, client)
            if missing is None:
                continue
            version = f", {client.only}," if client.only else ""
            yield from _at_import(
                module,
                call.node,
                f"{_shown(call)} is made when this module is imported, and fails{version} without {missing}",
            )


def _may_be_missing(module: Module, call: Call, client: EarlyClient) -> str | None:
    """What the constructor needs that may not be there: a variable that nothing asks for, a cloud's credentials."""
    given = next((each.value for each in call.node.keywords if each.arg in (client.argument, *client.aliases)), None)
    if client.variable is None:
        return "credentials" if given is None else None
    if given is None:
        variable = client.variable
    else:
        read = module.names.value(given)
        if not isinstance(read, ast.Call):
            return None
        asked = module.call(read)
        name = asked.constant(0, "key") if asked.name in ("os.getenv", "os.environ.get") else None
        if not isinstance(name, str) or len(read.args) + len(read.keywords) > 1:
            return None
        variable = name
    return None if module.project.asks_early_beside(variable, module.path) else variable


def _is_read_at_a_start(module: Module) -> bool:
    """Whether something imports this file or finds it by its name, or it serves: else it is somebody's script."""
    return module.project.is_imported(module.dotted) or is_loaded_by_name(module.path) or serves(module)


def _at_import(module: Module, node: ast.Call, what: str) -> Iterator[Finding]:
    if module.scope(node).kind == "function" or module.is_in_main(node) or module.moment(node) is not Moment.IMPORT:
        return
    if module.inside(node, ast.Lambda) is not None or not _is_read_at_a_start(module):
        return
    asked = module.inside(node, ast.If)
    if isinstance(asked, ast.If) and "sys.argv" in ast.unparse(asked.test):
        return  # a person asks for it on the command line
    yield module.finding(
        node,
        what,
        why="where it fails or takes long, the process does not start, and no health check says why",
        fix="do it in the application's lifespan, or at first use, with a time-out",
        severity=Severity.WARNING,
    )
