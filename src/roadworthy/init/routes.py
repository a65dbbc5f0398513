"""The routes of a project's web applications: method, path and handler, in FastAPI, Flask, Starlette and aiohttp."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from roadworthy.findings import Place
from roadworthy.init.answers import Answer, answer_of
from roadworthy.init.bodies import Body, body_of
from roadworthy.init.python_names import identity
from roadworthy.init.servers import place_of
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module
    from roadworthy.scan.scopes import Function

VERBS = ("get", "post", "put", "patch", "delete")
ROUTERS = (
    "APIRouter",
    "Blueprint",
    "FastAPI",
    "Flask",
    "Quart",
    "RouteTableDef",
    "Starlette",
    "Router",
    "Sanic",
    "Application",
)
HEALTH = re.compile(
    r"/_?(health\w*|ready|readyz|readiness|livez?|liveness|alive|ping|status|up|ok)(/(live|ready|startup))?/?$",
    re.IGNORECASE,
)
_GOOD = re.compile(
    r"(chat|agent|query|ask|invoke|answer|message|completion|prompt|generate|conversation|assist|run|research|question|task|"
    r"support|summar|translate|bot)",
    re.IGNORECASE,
)
_BAD = re.compile(
    r"(auth|login|logout|register|token|upload|file|image|audio|voice|feedback|delete|reset|clear|history|config|setting|admin|user|"
    r"train|upsert|ingest|index|document|webhook|callback|event|cancel|stop|title|embed|download|export|session|health|metric)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Route:
    """One handler, with what it reads and what it answers."""

    owner: str
    """The dotted name of the application or router that it is of."""
    module: str
    method: str
    path: str
    seen: Place
    body: Body
    answer: Answer
    handler: str = ""
    guard: str = ""
    """What has to be in a header before it answers."""

    @property
    def score(self) -> int:
        """How likely it is where the agent is asked."""
        is_read = self.method in ("POST", "PUT")
        points = 4 * is_read + 3 * bool(_GOOD.search(self.path)) - 5 * bool(_BAD.search(self.path))
        points += 2 * bool(_GOOD.search(self.handler)) + 4 * self.body.asks + 1 * (self.answer.is_known and is_read)
        return (
            points
            - 2 * self.body.is_form
            - 2 * ("{" in self.path or "<" in self.path)
            - 3 * bool(HEALTH.search(self.path))
        )


@dataclass(slots=True)
class Mounts:
    """Where routers are: own prefixes by dotted name, and what includes them."""

    prefixes: dict[str, str] = field(default_factory=dict)
    parents: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Router → (what includes it, with which prefix)."""

    def path_of(self, owner: str, path: str, depth: int = 0) -> str:
        """The whole path of a route."""
        whole = self.prefixes.get(owner, "") + path
        for parent, prefix in self.parents.get(owner, ()) if depth < 6 else ():
            return self.path_of(parent, prefix + whole, depth + 1)
        return re.sub(r"//+", "/", whole if whole.startswith("/") else f"/{whole}")

    def top_of(self, owner: str, depth: int = 0) -> str:
        """The application that a router ends in."""
        parents = self.parents.get(owner)
        return self.top_of(parents[0][0], depth + 1) if parents and depth < 6 else owner


def routes(module: Module) -> Iterator[Route]:
    """Every route of a file."""
    for function in module.functions:
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                yield from _decorated(module, function, module.call(decorator), decorator.func)
    yield from _registered(module)


def mounts(module: Module, found: Mounts) -> None:
    """Take in the prefixes of a file's routers, and what it includes where."""
    for name, bound in module.scopes.module.bindings.items():
        for each in bound:
            if isinstance(each, ast.Call) and module.call(each).name.rpartition(".")[2] in ("APIRouter", "Blueprint"):
                call = module.call(each)
                prefix = _text(module, call.argument(None, "prefix") or call.argument(None, "url_prefix"))
                found.prefixes[f"{module.dotted}.{name}"] = prefix
    for call in module.methods("include_router", "register_blueprint", "mount"):
        function = call.node.func
        if not isinstance(function, ast.Attribute):
            continue
        is_mount = function.attr == "mount"
        child = identity(module, call.argument(1 if is_mount else 0, "app" if is_mount else "router"))
        prefix = _text(
            module,
            call.argument(0, "path")
            if is_mount
            else call.argument(None, "prefix") or call.argument(None, "url_prefix"),
        )
        parent = identity(module, function.value)
        if child and parent and child != parent:
            if function.attr == "register_blueprint" and prefix:
                found.prefixes[child] = ""  # Flask's own prefix is replaced by this one
            found.parents.setdefault(child, []).append((parent, prefix))


def _decorated(module: Module, function: Function, call: Call, called: ast.Attribute) -> Iterator[Route]:
    if called.attr not in (*VERBS, "route", "api_route"):
        return
    made = module.name(called.value)
    is_router = any(made.endswith((f"{each}()", each)) for each in ROUTERS)
    path = _path(module, call.argument(0, "path") or call.argument(None, "rule"))
    if path is None or not (is_router or (made.startswith("?") and path.startswith("/"))):
        return
    methods = [called.attr.upper()] if called.attr in VERBS else _methods(call)
    owner = identity(module, called.value)
    for method in methods:
        yield _route(module, function, owner, method, path, call)


def _registered(module: Module) -> Iterator[Route]:
    """`add_api_route`, `add_url_rule`, Starlette's `Route` and aiohttp's `add_post`, `web.post`."""
    functions = {module.names.of_definition(each): each for each in module.functions}
    for call in module.methods(
        "add_api_route", "add_url_rule", "Route", "add_route", *(f"add_{each}" for each in VERBS), *VERBS
    ):
        function = call.node.func
        word = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if word in VERBS and not call.name.startswith("aiohttp.web."):
            continue
        path = _path(module, call.argument(0, "path") or call.argument(None, "rule"))
        position = 2 if word == "add_url_rule" else 1
        target = call.argument(position, "endpoint") if word != "add_url_rule" else call.argument(2, "view_func")
        if word == "add_route" and call.name.startswith("aiohttp"):
            path, target = _path(module, call.argument(1, "path")), call.argument(2, "handler")
        handler = functions.get(module.name(target)) if isinstance(target, (ast.Name, ast.Attribute)) else None
        if handler is None and isinstance(target, ast.Attribute):
            named = [each for each in module.functions if each.name == target.attr]
            handler = named[0] if len(named) == 1 else None
        if path is None or handler is None:
            continue
        verb = word.removeprefix("add_")
        methods = [verb.upper()] if verb in VERBS else _methods(call)
        owner = identity(module, function.value) if isinstance(function, ast.Attribute) else ""
        for method in methods:
            yield _route(module, handler, owner, method, path, call)


def _route(module: Module, function: Function, owner: str, method: str, path: str, call: Call) -> Route:
    return Route(
        owner=owner,
        module=module.dotted,
        method=method,
        path=path,
        seen=place_of(module, function),
        body=body_of(module, function, path, call),
        answer=answer_of(module, function, call),
        handler=function.name,
        guard=_guard(function, call),
    )


def _methods(call: Call) -> list[str]:
    methods = call.constant(None, "methods")
    found = [each.upper() for each in methods if isinstance(each, str)] if isinstance(methods, list) else ["GET"]
    return [each for each in found if each.lower() in VERBS]


def _path(module: Module, node: ast.expr | None) -> str | None:
    text = module.text(node)
    if node is not None and text is None and isinstance(node, ast.Constant) and node.value == "":
        return ""
    return None if text is None or HOLE in text or re.search(r"\s", text) else text


def _text(module: Module, node: ast.expr | None) -> str:
    text = module.text(node)
    return "" if text is None or re.search(r"\s", text) or HOLE in text else text.rstrip("/")


def _guard(function: Function, call: Call) -> str:
    """A dependency or a decorator that looks at who asks."""
    told = [ast.unparse(each) for each in (*function.args.defaults, *function.args.kw_defaults) if each is not None]
    told += [
        ast.unparse(each.annotation) for each in (*function.args.args, *function.args.kwonlyargs) if each.annotation
    ]
    told += [ast.unparse(each) for each in function.decorator_list if each is not call.node]
    dependencies = call.argument(None, "dependencies")
    told += [ast.unparse(dependencies)] if dependencies is not None else []
    for each in told:
        found = re.search(
            r"(?:Depends|Security)\((\w*(?:auth|user|token|key|verify|login|credential|session)\w*)\)",
            each,
            re.IGNORECASE,
        )
        if found or re.search(r"^(login_required|requires_auth|jwt_required|auth\w*)", each):
            return found[1] if found else each.partition("(")[0]
    return ""
