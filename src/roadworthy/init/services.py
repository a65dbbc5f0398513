"""Services that the agent reaches: what clients are given, and addresses that variables have by default."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from roadworthy.findings import Place
from roadworthy.init.guess import Guess, is_writable, places
from roadworthy.init.servers import place_of
from roadworthy.init.variables import libraries
from roadworthy.manifest.formats import FORMATS, WrongFormatError
from roadworthy.manifest.variables import references
from roadworthy.scan.tree import parent
from roadworthy.scan.values import HOLE
from roadworthy.scan.variables import variables_in

if TYPE_CHECKING:
    from roadworthy.scan.module import Module

SCHEMES = {
    **dict.fromkeys(("postgres", "postgresql"), ("database", 5432)),
    **dict.fromkeys(("mysql", "mariadb"), ("mysql", 3306)),
    **dict.fromkeys(("redis", "rediss"), ("cache", 6379)),
    **dict.fromkeys(("mongodb", "mongodb+srv"), ("mongo", 27017)),
    **dict.fromkeys(("amqp", "amqps"), ("queue", 5672)),
    **dict.fromkeys(("bolt", "neo4j"), ("graph", 7687)),
    "nats": ("nats", 4222),
}
READS = (
    *("requests.get", "requests.Session().get", "requests.session().get", "httpx.get", "httpx.Client().get"),
    *("httpx.AsyncClient().get", "aiohttp.ClientSession().get", "urllib.request.urlopen"),
)
"""Calls that read from a host and change nothing there."""
SIMULATED = ("api.openai.com", "api.anthropic.com")
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}")
_LOOPBACK = re.compile(r"(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|host\.docker\.internal)$")
_OWN = re.compile(
    r"(cors|origin|allow|redirect|callback|frontend|public|site|own|self|app_url|base_url$|webhook|referer|proxy)",
    re.IGNORECASE,
)
"""Words of addresses that the agent has itself, or that are no service of its."""


@dataclass(frozen=True, slots=True)
class Reached:
    """One place that reaches a service, by `url`, or by `host` and `port`."""

    name: str
    place: Place
    url: str | None = None
    host: str | None = None
    port: int | None = None
    is_public: bool = False
    """It has the same name everywhere."""


def services(module: Module) -> Iterator[Reached]:
    """What the file's clients connect to, and variables that are a service's address by their default."""
    for row in _known():
        for call in module.calls_to(*row["urls"]):
            position, keyword = row["urls"][call.name]
            url = address(module, call.argument(position, keyword))
            if url is not None and not url.startswith(("sqlite", ":memory:")):
                yield Reached(row["name"], place_of(module, call.node), url=url, port=row["port"])
        for call in module.calls_to(*row["hosts"]):
            host = address(module, call.argument(None, "host"))
            port = call.constant(None, "port")
            if host is not None and "://" not in host:
                yield Reached(
                    row["name"],
                    place_of(module, call.node),
                    host=host,
                    port=port if isinstance(port, int) else row["port"],
                )
    for read in variables_in(module):
        default = None if read.default is None else module.text(read.default)
        if default is not None and HOLE not in default and (name := _named_by(read.name, default)) is not None:
            yield Reached(name, place_of(module, read.node), url=f"${{{read.name}}}")
    yield from _written(module)
    yield from _read_from(module)
    for row in libraries():
        for call in module.calls_to(*row["calls"]) if "hosts" in row else ():
            for host in row["hosts"]:
                yield Reached(row["name"], place_of(module, call.node), url=host, is_public=True)


def tokenizer_tables(seen: Place) -> Reached:
    """What OpenAI's tokenizer fetches when it first counts a text."""
    row = next(row for row in libraries() if row.get("name") == "tokenizer_tables")
    return Reached(row["name"], seen, url=row["hosts"][0], is_public=True)


def address(module: Module, node: ast.expr | None, depth: int = 0) -> str | None:
    """An address as the manifest has it: a text, or the variable that holds it."""
    if node is None or depth > 6:
        return None
    reads: dict[int, str] | None = module.remembered.get("names of reads")
    if reads is None:
        reads = module.remembered["names of reads"] = {id(read.node): read.name for read in variables_in(module)}
    if id(node) in reads:
        return f"${{{reads[id(node)]}}}"
    match node:
        case ast.Call(func=ast.Name(id="str"), args=[inner]) | ast.Await(value=inner):
            return address(module, inner, depth + 1)
        case ast.BoolOp(values=[first, *_]):
            return address(module, first, depth + 1)
        case ast.Attribute(attr=attr) if attr.isupper() or re.search(r"(url|uri|dsn|host|conn(ection)?_string)$", attr):
            followed = module.names.value(node)
            if followed is not node:
                return address(module, followed, depth + 1)
            return f"${{{attr.upper()}}}"
    text = module.text(node)
    if text is not None and HOLE not in text:
        return text
    followed = module.names.value(node)
    return address(module, followed, depth + 1) if followed is not node else None


def guesses(reached: Iterable[Reached], known: Mapping[str, Guess]) -> dict[str, Guess]:
    """The services to declare. `known` are the variables: one without a value here leads nowhere."""
    by_address: dict[tuple[str, str], list[Reached]] = {}
    for each in reached:
        if _is_usable(each, known):
            by_address.setdefault((each.url or each.host or "", each.name), []).append(each)
    found: dict[str, Guess] = {}
    addresses: set[str] = set()
    for (where, name), seen in by_address.items():
        if where in addresses:
            continue
        addresses.add(where)
        first, comment = seen[0], places(each.place for each in seen)
        value: dict[str, Any] = (
            {"url": first.url} if first.url is not None else {"host": first.host, "port": first.port}
        )
        if first.is_public and first.url is not None:
            value["production_host"] = urlsplit(first.url).hostname
            comment += "; rehearsals reach the real one"
        unique = next(each for each in (name, *(f"{name}_{number}" for number in range(2, 100))) if each not in found)
        found[unique] = Guess(value, comment)
    return found


def _is_usable(reached: Reached, known: Mapping[str, Guess]) -> bool:
    text = reached.url or reached.host or ""
    if not is_writable(text):
        return False
    try:
        FORMATS["address" if reached.url is not None else "host or variable"].read(text)
        names = references(text)
    except (WrongFormatError, ValueError):
        return False
    for name in names:
        told = known[name].value if name in known else {}
        value = told.get("default", told.get("rehearse"))
        if not value or ("://" not in value and reached.url is not None):
            return False
        if reached.url is not None and not _has_port(value):
            return False
    if names or reached.host is not None:
        return bool(text)
    return _has_port(text)


def _has_port(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_port = parts.port is not None
    except ValueError:
        return False
    usual = {**dict.fromkeys(SCHEMES, True), "http": True, "https": True}
    return bool(parts.hostname) and (
        has_port or (parts.scheme.partition("+")[0] in usual and parts.scheme not in ("bolt", "neo4j", "mongodb+srv"))
    )


def _named_by(variable: str, default: str) -> str | None:
    try:
        parts = urlsplit(default)
        host = parts.hostname or ""
    except ValueError:
        return None
    scheme = parts.scheme.partition("+")[0]
    if scheme in SCHEMES:
        return SCHEMES[scheme][0]
    if scheme in ("http", "https", "ws", "wss") and _LOOPBACK.match(host) and not _OWN.search(variable):
        return _plain(re.sub(r"_(BASE_)?(URL|URI|ENDPOINT|HOST|SERVER|API)$", "", variable).lower()) or "service"
    return None


def _written(module: Module) -> Iterator[Reached]:
    """Addresses of this machine in the calls of HTTP clients: `urlopen("http://localhost:9107/customers")`."""
    for constant in module.all(ast.Constant):
        if not isinstance(constant.value, str) or not constant.value.startswith(
            ("http://localhost:", "http://127.0.0.1:")
        ):
            continue
        whole = parent(constant) if isinstance(parent(constant), ast.JoinedStr) else constant
        around = parent(whole) if whole is not None else None
        call = around if isinstance(around, ast.Call) else parent(around) if isinstance(around, ast.keyword) else None
        if not isinstance(call, ast.Call) or not _reaches(module.call(call).name):
            continue
        parts = urlsplit(constant.value)
        try:
            port = parts.port
        except ValueError:
            continue
        word = _plain(parts.path.strip("/").partition("/")[0].lower())
        if port:
            yield Reached(word or f"service_{port}", place_of(module, constant), url=f"http://{parts.hostname}:{port}")


def _read_from(module: Module) -> Iterator[Reached]:
    """Public hosts that are only read from: a rehearsal reaches the real ones."""
    for call in module.calls_to(*READS):
        text = _first_text(module, call.argument(0, "url"))
        parts = urlsplit(text.partition(HOLE)[0]) if text.startswith(("https://", "http://")) else None
        host = "" if parts is None else parts.hostname or ""
        if parts is None or "." not in host or host in SIMULATED or not _HOST.fullmatch(parts.netloc):
            continue
        if HOLE in text and not parts.path:
            continue  # the host goes on with what is not known
        name = _plain(host.rpartition(".")[0].rpartition(".")[2]) or "web"
        yield Reached(name, place_of(module, call.node), url=f"{parts.scheme}://{parts.netloc}", is_public=True)


def _first_text(module: Module, node: ast.expr | None) -> str:
    """An argument's text; of a name that is assigned several, the first that is one."""
    found = module.text(node)
    if found is None and isinstance(node, ast.Name):
        texts = (module.text(each) for each in module.names.bound(node) if isinstance(each, ast.expr))
        found = next((text for text in texts if text is not None), None)
    return found or ""


def _reaches(name: str) -> bool:
    return name.startswith(("requests.", "httpx.", "urllib.request.", "aiohttp.", "httpx2.")) or name.rpartition(".")[
        2
    ] in ("urlopen", "AsyncClient")


def _plain(word: str) -> str:
    return word if re.fullmatch(r"[a-z][a-z0-9_-]{0,40}", word) else ""


@cache
def _known() -> list[dict[str, Any]]:
    table = tomllib.loads(files("roadworthy.data").joinpath("service-clients.toml").read_text("utf-8"))
    return list(table["service"])
