"""Types of fields as a schema has them, and the classes of the project that have fields: pydantic's and dataclasses."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from roadworthy.init.python_names import identity
from roadworthy.scan.values import UNKNOWN

if TYPE_CHECKING:
    from roadworthy.scan.module import Module

DEEPEST = 5
"""Classes in classes: more than a request has, and an end to those that hold themselves."""
QUESTIONS = (
    *("query", "question", "prompt", "message", "input", "text", "user_input", "user_message", "user_query"),
    *("content", "msg", "task", "instruction", "topic", "q", "query_text", "input_text", "request", "goal"),
    *("description", "sentence", "ask"),
)
"""Names of fields that hold what a user asks, the likeliest first."""
_SESSION = re.compile(
    r"(session|thread|conversation|chat|user|run|request|client|message|customer)_?id$", re.IGNORECASE
)
_OTHER = re.compile(
    r"(id|name|title|email|password|token|secret|key|model|language|type|role|status|url|path|file|date|date_?time)$",
    re.IGNORECASE,
)
"""Ends of names of texts that are no question."""
Kind = Literal["text", "integer", "number", "boolean", "list", "mapping", "choice", "class", "any"]


@dataclass(frozen=True, slots=True)
class Type:
    """What a value may be; `inner` of a list's entries, `name` of a class, `choices` where only those will do."""

    kind: Kind
    inner: Type | None = None
    name: str = ""
    choices: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a class, or of a body that a handler takes apart."""

    name: str
    type: Type
    is_required: bool = True
    default: Any = None


@dataclass(frozen=True, slots=True)
class Shape:
    """A class's fields, those of its bases among them."""

    fields: tuple[Field, ...]
    bases: tuple[str, ...] = ()


PLAIN: dict[str, Kind] = {
    "str": "text",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "dict": "mapping",
    "list": "list",
    "tuple": "list",
    "set": "list",
    "uuid.UUID": "text",
    "datetime.datetime": "text",
    "pydantic.SecretStr": "text",
    "pydantic.EmailStr": "text",
}
ANY = Type("any")


def shapes(module: Module) -> Iterator[tuple[str, Shape]]:
    """Every class with annotated fields, by its dotted name."""
    for each in module.all(ast.ClassDef):
        bases = tuple(identity(module, base) or module.name(base) for base in each.bases)
        decorated = any("dataclass" in ast.unparse(decorator) for decorator in each.decorator_list)
        if bases or decorated:
            fields = tuple(
                _field(module, node) for node in each.body if isinstance(node, ast.AnnAssign) and _is_field(node)
            )
            enumerated = tuple(
                value
                for node in each.body
                if isinstance(node, ast.Assign) and isinstance(value := module.constant(node.value), (str, int))
            )
            if any(base.rpartition(".")[2] in ("Enum", "StrEnum", "IntEnum") for base in bases):
                fields = (Field("", Type("choice", choices=enumerated)),)
            yield module.names.of_definition(each), Shape(fields, bases)


def type_of(module: Module, node: ast.expr | None, depth: int = 0) -> Type:
    """The type that an annotation tells."""
    if node is None or depth > 8:
        return ANY
    match node:
        case ast.Constant(value=str() as text):
            try:
                return type_of(module, ast.parse(text, mode="eval").body, 9) if depth < 8 else ANY
            except (SyntaxError, ValueError):
                return ANY
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            is_none = isinstance(left, ast.Constant) and left.value is None
            return type_of(module, right if is_none else left, depth + 1)
        case ast.Subscript(value=value, slice=inside):
            return _of_subscript(module, value, inside, depth)
    name = _written(module, node)
    if name in PLAIN:
        return Type(PLAIN[name])
    word = name.rpartition(".")[2]
    if word in ("Dict", "Mapping", "MutableMapping", "JSON", "Json"):
        return Type("mapping")
    if word in ("List", "Sequence", "Iterable", "Tuple", "Set"):
        return Type("list")
    if not name or word in ("Any", "object", "Optional", "Union"):
        return ANY
    return Type("class", name=identity(module, node) if isinstance(node, (ast.Name, ast.Attribute)) else name)


def _of_subscript(module: Module, value: ast.expr, inside: ast.expr, depth: int) -> Type:
    word = _written(module, value).rpartition(".")[2]
    first = inside.elts[0] if isinstance(inside, ast.Tuple) and inside.elts else inside
    if word == "Literal":
        choices = module.constant(inside if isinstance(inside, ast.Tuple) else ast.List(elts=[inside], ctx=ast.Load()))
        return Type("choice", choices=tuple(choices)) if isinstance(choices, list) and choices else ANY
    if word in ("Optional", "Annotated", "Union", "Required", "NotRequired"):
        return type_of(module, first, depth + 1)
    if word in ("list", "List", "Sequence", "Iterable", "set", "Set", "tuple", "Tuple", "conlist"):
        return Type("list", inner=type_of(module, first, depth + 1))
    if word in ("dict", "Dict", "Mapping"):
        return Type("mapping")
    return ANY


def _written(module: Module, node: ast.expr) -> str:
    name = module.name(node)
    return (
        name if not name.startswith("?") else ast.unparse(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
    )


def _is_field(node: ast.AnnAssign) -> bool:
    name = node.target.id if isinstance(node.target, ast.Name) else "_"
    return not name.startswith("_") and name != "model_config" and "ClassVar" not in ast.unparse(node.annotation)


def _field(module: Module, node: ast.AnnAssign) -> Field:
    assert isinstance(node.target, ast.Name)
    name, value = node.target.id, node.value
    default, required = field_default(module, value)
    if isinstance(value, ast.Call):
        call = module.call(value)
        name = call.text(None, "alias") or call.text(None, "validation_alias") or name
        example = call.constant(None, "examples")
        if required and isinstance(example, list) and example:
            default = example[0]
    return Field(name, type_of(module, node.annotation), required, default)


def field_default(module: Module, value: ast.expr | None) -> tuple[Any, bool]:
    """A field's default, None where it is not known, and whether the field has to be given."""
    if value is None:
        return None, True
    if isinstance(value, ast.Call) and module.name(value.func).rpartition(".")[2] in (
        "Field",
        "field",
        "Body",
        "Query",
        "Form",
    ):
        call = module.call(value)
        inner = call.argument(0, "default")
        if call.argument(None, "default_factory") is not None:
            return None, False
        return field_default(module, inner)
    if isinstance(value, ast.Constant) and value.value is ...:
        return None, True
    constant = module.constant(value)
    return (None if constant is UNKNOWN else constant), False


def all_fields(name: str, known: Mapping[str, Shape], depth: int = 0) -> list[Field] | None:
    """A class's own fields and those of its bases; None where it is not of the project, or has none."""
    shape = known.get(name)
    if shape is None or depth > DEEPEST:
        return None
    found: dict[str, Field] = {}
    for base in shape.bases:
        found |= {field.name: field for field in all_fields(base, known, depth + 1) or []}
    found |= {field.name: field for field in shape.fields}
    return list(found.values()) or None


def body_of(fields: list[Field], known: Mapping[str, Shape]) -> tuple[dict[str, Any], str | None]:
    """A JSON body with the question in it, and the dotted path of the field that holds it; None: nowhere."""
    asked = _question_of(fields, known)
    body: dict[str, Any] = {}
    for field in fields:
        if field is asked:
            body[field.name] = _question_in(field.type, known, field.name)
        elif field.name == "stream" and field.type.kind == "boolean" and (field.is_required or field.default is True):
            body[field.name] = False
        elif field.is_required:
            body[field.name] = sample(field, known)
    return body, None if asked is None or "{{input}}" not in repr(body) else asked.name


def _question_of(fields: list[Field], known: Mapping[str, Shape]) -> Field | None:
    texts = [each for each in fields if each.type.kind in ("text", "any")]
    for name in QUESTIONS:
        for each in texts:
            if each.name.lower() == name:
                return each
    for each in fields:
        if each.name in ("messages", "input", "history", "conversation", "chat_history") and each.type.kind == "list":
            return each
    for each in fields:
        if each.name == "messages" and each.type.kind == "any":
            return each
    for each in fields:
        if _class_question(each.type, known):
            return each
    for each in texts:
        if each.is_required and any(word in each.name.lower() for word in QUESTIONS[:9]):
            return each
    required = [
        each for each in texts if each.is_required and not (_SESSION.search(each.name) or _OTHER.search(each.name))
    ]
    return required[0] if len(required) == 1 else None


def _class_question(of: Type, known: Mapping[str, Shape]) -> bool:
    inner = of.inner if of.kind == "list" and of.inner is not None else of
    fields = all_fields(inner.name, known) if inner.kind == "class" else None
    names = {each.name.lower() for each in fields or ()}
    return bool(names & set(QUESTIONS[:11]))


def _question_in(of: Type, known: Mapping[str, Shape], named: str) -> Any:
    """`{{input}}`, within the messages or the class that a field is."""
    if of.kind == "list" or named == "messages":
        inner = of.inner or ANY
        if inner.kind == "text":
            return ["{{input}}"]
        if inner.kind == "class" and (fields := all_fields(inner.name, known)) is not None:
            return [_message(fields, known)]
        return [{"role": "user", "content": "{{input}}"}]
    if of.kind == "class" and (fields := all_fields(of.name, known)) is not None:
        return body_of(fields, known)[0]
    return "{{input}}"


def _message(fields: list[Field], known: Mapping[str, Shape]) -> dict[str, Any]:
    body, _ = body_of(fields, known)
    roles = {"role": ("user", "human"), "type": ("human", "user"), "sender": ("user", "human")}
    for field in fields:
        if field.name in roles and field.name in body:
            choices = [str(each) for each in field.type.choices]
            body[field.name] = next((each for each in roles[field.name] if each in choices), roles[field.name][0])
    return body


def sample(field: Field, known: Mapping[str, Shape], depth: int = 0) -> Any:
    """A value that a field will take."""
    if field.default is not None:
        return field.default
    if field.type.kind in ("text", "any") and _SESSION.search(field.name):
        return "{{session}}"
    return _sample(field.type, known, depth)


def _sample(of: Type, known: Mapping[str, Shape], depth: int) -> Any:
    if of.kind == "choice":
        return of.choices[0]
    if of.kind == "class" and depth < DEEPEST:
        fields = all_fields(of.name, known) or []
        if len(fields) == 1 and not fields[0].name:
            return fields[0].type.choices[0] if fields[0].type.choices else "text"
        return {each.name: sample(each, known, depth + 1) for each in fields if each.is_required}
    return {
        "text": "text",
        "integer": 1,
        "number": 1.0,
        "boolean": False,
        "list": [],
        "mapping": {},
        "any": "text",
        "class": {},
    }[of.kind]
