"""What a handler reads of a request: models of its parameters, fields of its JSON, words of its query."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from roadworthy.init.shapes import ANY, QUESTIONS, Field, Type, field_default, type_of
from roadworthy.scan.tree import parent

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module
    from roadworthy.scan.scopes import Function

_FRAMEWORKS = ("fastapi.", "starlette.", "sqlalchemy.", "sqlmodel.Session")
"""Whose classes a framework gives to a handler: a request, a session, tasks in the background."""
_JSON = re.compile(r"(^|\.)(request|req|self\.request|flask\.request)\.(json|get_json|json\(\)|get_json\(.*\))$")


@dataclass(frozen=True, slots=True)
class Body:
    """`classes` are those of parameters (name, dotted name), `fields` what else is in the JSON, `query` in the address.

    One class alone is the whole of the JSON; else each is in it by its parameter's name.
    """

    classes: tuple[tuple[str, str], ...] = ()
    fields: tuple[Field, ...] = ()
    query: tuple[Field, ...] = ()
    is_form: bool = False
    parameters: tuple[Field, ...] = ()
    """What stands in the path."""
    is_raw: bool = False
    """It takes the body apart in a way that is not followed here."""

    @property
    def asks(self) -> bool:
        """Whether something of it may hold a question."""
        words = {each.name.lower() for each in (*self.fields, *self.query)}
        named = " ".join(dotted.rpartition(".")[2] for _, dotted in self.classes)
        likely = re.search(r"(request|query|chat|message|input|prompt|question|ask)", named, re.IGNORECASE)
        return bool(likely) or bool(words & {*QUESTIONS, "messages"})


def body_of(module: Module, function: Function, path: str, call: Call) -> Body:
    """What a route's handler reads."""
    is_fastapi = module.imports("fastapi") or "APIRouter" in call.name or "FastAPI" in call.name
    if is_fastapi:
        found = _of_parameters(module, function, path)
        if found is not None:
            return found
    found = read_in(function)
    return found if not found.is_raw else _of_called(module, function)


def _of_called(module: Module, function: Function) -> Body:
    """What is read by functions of the file that a handler calls: it may only choose among them."""
    called = {
        each.func.id for each in ast.walk(function) if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)
    }
    for each in module.functions:
        if each.name in called and each is not function and not (found := read_in(each)).is_raw:
            return found
    return Body(is_raw=True)


def _of_parameters(module: Module, function: Function, path: str) -> Body | None:
    """What FastAPI fills a handler's parameters from; None where the handler takes the request apart itself."""
    classes: list[tuple[str, str]] = []
    fields: list[Field] = []
    query: list[Field] = []
    chosen: list[Field] = []
    is_form = reads_request = False
    for argument, default in _parameters(function):
        name, written = argument.arg, "" if argument.annotation is None else ast.unparse(argument.annotation)
        told = f"{written} {'' if default is None else ast.unparse(default)}"
        of = type_of(module, argument.annotation)
        if f"{{{name}" in path:
            chosen += [Field(name, of)] if of.kind in ("choice", "class") else []
        elif re.search(r"\b(File|Form)\(", told) or "UploadFile" in written:
            is_form = True
        elif re.search(r"\b(Depends|Security|Header|Cookie|Path)\(", told):
            continue
        elif of.kind == "class" and of.name.startswith(_FRAMEWORKS):
            reads_request |= of.name.endswith("Request")
        elif of.kind == "class":
            classes.append((name, of.name))
        else:
            value, is_required = field_default(module, default)
            is_in_body = "Body(" in told or of.kind in ("mapping", "list")
            (fields if is_in_body else query).append(Field(name, of, is_required, value))
    if reads_request and not (classes or fields or query):
        return None
    if len(fields) == 1 and not classes and fields[0].type.kind == "mapping":
        fields = list(read_in(function, {fields[0].name}).fields)
    return Body(
        tuple(classes), tuple(fields), tuple(query), is_form, tuple(chosen), is_raw=reads_request and not fields
    )


def _parameters(function: Function) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    plain = [*function.args.posonlyargs, *function.args.args]
    missing: list[ast.expr | None] = [None] * (len(plain) - len(function.args.defaults))
    for argument, default in zip(plain, [*missing, *function.args.defaults], strict=True):
        if argument.arg not in ("self", "cls"):
            yield argument, default
    yield from zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)


def read_in(around: ast.AST, names: set[str] | None = None) -> Body:
    """The keys that code takes from the JSON of a request, from its form and from its address."""
    held = set(names or ())
    for node in ast.walk(around):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None and _is_json(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            held |= {each.id for each in targets if isinstance(each, ast.Name)}
    fields: dict[str, Field] = {}
    query: dict[str, Field] = {}
    is_form = False
    for node in ast.walk(around):
        for key, is_required, source in _taken(node):
            written = ast.unparse(source)
            if _is_json(source) or (isinstance(source, ast.Name) and source.id in held):
                _keep(fields, Field(key, _type_by_use(node), is_required))
            elif re.search(r"(^|\.)(request|req)\.(args|query_params|query|rel_url\.query|GET)$", written):
                _keep(query, Field(key, ANY, is_required))
            elif re.search(r"(^|\.)(request|req)\.(form|values|POST|files)$", written):
                is_form = True
                _keep(fields, Field(key, ANY, is_required))
    return Body(
        fields=tuple(fields.values()), query=tuple(query.values()), is_form=is_form, is_raw=not fields and not query
    )


def _keep(among: dict[str, Field], field: Field) -> None:
    known = among.get(field.name)
    if known is None or (field.is_required and not known.is_required):
        among[field.name] = field


def _taken(node: ast.AST) -> Iterator[tuple[str, bool, ast.expr]]:
    match node:
        case ast.Subscript(value=value, slice=ast.Constant(value=str() as key)) if isinstance(node.ctx, ast.Load):
            yield key, True, value
        case ast.Call(func=ast.Attribute(value=value, attr="get"), args=[ast.Constant(value=str() as key), *rest]):
            # `.get("query")` without a default is followed by a look whether it is there, as often as not.
            yield key, not rest and not node.keywords and key.lower() in QUESTIONS, value


def _is_json(node: ast.expr) -> bool:
    match node:
        case ast.Await(value=inner) | ast.BoolOp(values=[inner, *_]):
            return _is_json(inner)
        case ast.Call(
            func=ast.Attribute(attr="loads", value=ast.Name(id="json" | "orjson" | "ujson")), args=[inner, *_]
        ):
            written = ast.unparse(inner)
            return re.search(r"\b(rfile|body|data|raw|payload|post_data)\b", written) is not None
        case ast.Call(func=inner) if isinstance(inner, ast.Attribute) and inner.attr in ("json", "get_json"):
            return re.search(r"(^|\.)(request|req)$", ast.unparse(inner.value)) is not None
        case ast.Attribute():
            return _JSON.search(ast.unparse(node)) is not None
    return False


def _type_by_use(node: ast.AST) -> Type:
    around = parent(node)
    if isinstance(around, (ast.For, ast.comprehension)) or (isinstance(around, ast.Subscript) and around.value is node):
        return Type("list")
    return ANY
