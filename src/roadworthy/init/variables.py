"""Environment variables: read in the source, by a library alone, or only named in `.env.example`."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from roadworthy.findings import Place
from roadworthy.hazards.environment_in_source import OF_EVERY_SYSTEM
from roadworthy.init.guess import Guess, is_writable, places
from roadworthy.init.python_names import names_model
from roadworthy.init.servers import place_of
from roadworthy.init.shapes import type_of
from roadworthy.init.wrapped_variables import wrapped_reads
from roadworthy.manifest.model import Variable
from roadworthy.manifest.values import violations
from roadworthy.scan.moments import Moment, of_path
from roadworthy.scan.values import UNKNOWN
from roadworthy.scan.variables import conversion_of, is_checked, method_of_none, texts_with, uses_of, variables_in

if TYPE_CHECKING:
    from roadworthy.scan.document import Document
    from roadworthy.scan.module import Module
    from roadworthy.scan.variables import VariableRead

Need = Literal["always", "perhaps", "never"]
SIMULATED = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")
"""Keys for which a rehearsal makes up a value that its simulated provider takes."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET = re.compile(
    r"(API_?KEY|ACCESS_KEY(_ID)?|_KEY|SECRET|TOKEN|PASSWORD|PASSWD|_PASS|CREDENTIALS?|_PAT|PRIVATE_KEY)$"
)
_NO_SECRET = re.compile(
    r"(PUBLIC_KEY|PUBLISHABLE_KEY|PRIMARY_KEY|SORT_KEY|PARTITION_KEY|MAX_TOKEN|KEY_PREFIX|CACHE_KEY|HOTKEY)$"
)
_NEEDED = re.compile(r"(API_KEY|_TOKEN|_SECRET|_SECRET_KEY|DATABASE_URL|_CONNECTION_STRING|_ENDPOINT)$")
_ADDRESS = re.compile(r"(URL|URI|DSN|ENDPOINT|CONNECTION_STRING)$")
_PER_ENVIRONMENT = re.compile(r"((URL|URI|DSN|ENDPOINT|CONNECTION_STRING|HOST|HOSTNAME)|(^|_)(ENV|ENVIRONMENT))$")
_QUIET = (
    (re.compile(r"(DISABLE|NO|OPT_?OUT)_?\w*(TELEMETRY|ANALYTICS|TRACKING)|DO_NOT_TRACK"), "true"),
    (re.compile(r"(TELEMETRY|ANALYTICS)(_ENABLED)?$|ENABLE_(TELEMETRY|ANALYTICS)"), "false"),
)
"""Names of switches for usage data, and how each is switched so that none is sent."""
_EVERYWHERE = re.compile(r"0\.0\.0\.0$|https://(?!localhost|127\.)")
"""Defaults that are as good in production: an address to listen at, a public one."""
_IS_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_MODEL = re.compile(r"[a-z_-]+[:/-][\w.:/-]{2,60}")
TYPES = {"int": "integer", "float": "number", "bool": "boolean", "json.loads": "json"}
LOCAL = {
    **dict.fromkeys(("DATABASE", "POSTGRES", "PG", "DB_"), "postgresql://localhost:5432/postgres"),
    "REDIS": "redis://localhost:6379/0",
    "MONGO": "mongodb://localhost:27017",
}
"""Addresses that a service has on a laptop, by a word of its variable's name; any other leads to nothing."""
PORTS = {**dict.fromkeys(("DATABASE", "POSTGRES", "PG", "DB_"), "5432"), "REDIS": "6379", "MONGO": "27017"}
"""The same of ports."""
SWITCHES = {"true", "1", "yes", "on", "t", "y", "false", "0", "no", "off"}
"""What a text is compared with that says yes or no."""
OF_FIELDS = {"integer": "integer", "number": "number", "boolean": "boolean", "mapping": "json", "list": "json"}


@dataclass(frozen=True, slots=True)
class Seen:
    """One place that tells of a variable."""

    name: str
    place: Place
    need: Need
    type: str = "string"
    default: str | None = None
    choices: tuple[str, ...] = ()
    is_secret: bool = False
    rehearse: str | None = None
    """The value that a rehearsal wants, and `why`."""
    why: str = ""


def variables(module: Module) -> Iterator[Seen]:
    """What the file reads itself."""
    for read in variables_in(module):
        if is_declared(read.name):
            yield _seen(module, read)
    for name, node, default in wrapped_reads(module):
        if is_declared(name):
            need: Need = "always" if default is None else "never"
            yield Seen(name, place_of(module, node), need, default=default)


def is_declared(name: str) -> bool:
    """Whether somebody who deploys the agent sets a variable of this name: not what every system sets, nor a proxy."""
    is_proxy = name.lower() in ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
    return name not in OF_EVERY_SYSTEM and not is_proxy and _NAME.fullmatch(name) is not None


def of_libraries(module: Module) -> Iterator[Seen]:
    """What libraries read for what is made of them here."""
    for row in quieted():
        if module.imports(*row["imports"]):
            yield quiet(row, Place(module.path, _line_of_import(module, row["imports"])))
    for row in libraries():
        for call in module.calls_to(*row["calls"]):
            if (
                "variable" in row
                and not call.has(row["argument"], *row.get("others", ()))
                and not (row["calls"][0].startswith("openai") and _is_elsewhere(call.node))
            ):
                need: Need = "always" if row.get("required", True) else "never"
                yield Seen(row["variable"], place_of(module, call.node), need, is_secret=True)
        if "variable" not in row:
            continue
        marks = tuple(each for each in row.get("models", ()) if each[-1] in ":/")
        marks += tuple(mark for package, mark in row.get("within", {}).items() if module.imports(package))
        for constant in module.all(ast.Constant) if marks else ():
            name = constant.value
            if isinstance(name, str) and name.startswith(marks) and _MODEL.fullmatch(name) and names_model(constant):
                yield Seen(row["variable"], place_of(module, constant), "always", is_secret=True)


def quiet(row: Mapping[str, Any], place: Place) -> Seen:
    """The variable that keeps a library from calling home."""
    return Seen(row["variable"], place, "never", rehearse=row["value"], why=row["why"])


def of_documents(documents: Iterable[Document]) -> Iterator[Seen]:
    """What examples of `.env` files name; whoever reads it, it is to be declared."""
    for document in documents:
        if (
            document.kind == "dotenv"
            and of_path(document.path) is None
            and re.search(r"example|sample|template|dist", document.path)
        ):
            for each in document.variables:
                if is_declared(each.name):
                    yield Seen(each.name, Place(document.path, each.at.line), "never")


def guesses(seen: Iterable[Seen], present: Mapping[str, str]) -> dict[str, Guess]:
    """What to declare of each variable. `present` are those that have a value here."""
    by_name: dict[str, list[Seen]] = {}
    for each in seen:
        by_name.setdefault(each.name, []).append(each)
    providers = [name for name in SIMULATED if name in by_name]
    only = providers[0] if len(providers) == 1 else ""
    return {name: _guess(name, found, present, is_provider=name == only) for name, found in sorted(by_name.items())}


def _guess(name: str, found: list[Seen], present: Mapping[str, str], *, is_provider: bool) -> Guess:
    defaults = [each.default for each in found if each.default is not None]
    types = [each.type for each in found if each.type != "string"]
    is_secret = any(each.is_secret for each in found) or (bool(_SECRET.search(name)) and not _NO_SECRET.search(name))
    told: dict[str, Any] = {}
    kind = types[0] if types else "integer" if name == "PORT" or name.endswith("_PORT") else "string"
    if kind == "string" and not is_secret and (_IS_URL.match(defaults[0]) if defaults else _ADDRESS.search(name)):
        kind = "url"
    choices = next((each.choices for each in found if each.choices), ())
    default = defaults[0] if defaults and not is_secret and is_writable(defaults[0]) else None
    shape = Variable(type=kind, choices=choices, default=default)  # type: ignore[arg-type]
    if default is not None and violations(shape, default):
        kind, choices = "string", ()  # the code's own default tells that it is not so
    if kind != "string":
        told["type"] = kind
    if is_secret:
        told["secret"] = True
    if choices:
        told["choices"] = list(choices)
    comment = places(each.place for each in found)
    needs = {each.need for each in found}
    if default is not None:
        told["default"] = default
        if len(set(defaults)) > 1:
            comment += (
                f"; another default too: {', '.join(repr(each) for each in sorted(set(defaults) - {default})[:2])}"
            )
    elif "always" not in needs and not is_provider:
        told["required"] = False
        for each in found:
            if each.rehearse is not None:
                told["rehearse"] = each.rehearse
                comment += f"; {each.why}"
                break
    elif name not in SIMULATED and name not in present:
        told["rehearse"] = _made_up(name, kind, choices)
        comment += "; it has no value here: this one lets rehearsals start"
    if "rehearse" not in told and (quiet := next((value for shape, value in _QUIET if shape.search(name)), None)):
        told["rehearse"] = quiet
        comment += "; a rehearsal lets no usage data out"
    if _PER_ENVIRONMENT.search(name) and not is_secret and not (default and _EVERYWHERE.match(default)):
        told["per_environment"] = True
    return Guess(told, comment)


def _made_up(name: str, kind: str, choices: tuple[str, ...]) -> str:
    if choices:
        return choices[0]
    if name.endswith(("HOST", "HOSTNAME", "SERVER")) and kind == "string":
        return "localhost"
    if name.endswith("PORT"):
        return next((port for word, port in PORTS.items() if word in name), "9")
    words = {"integer": "1", "number": "1", "boolean": "false", "json": "{}", "path": "/tmp/made-up"}  # noqa: S108 - a name
    if kind == "url":
        return next((url for word, url in LOCAL.items() if word in name), "http://localhost:9")
    return words.get(kind, f"made-up-{name.lower().replace('_', '-')}")


def _seen(module: Module, read: VariableRead) -> Seen:
    default, is_open = _default(module, read)
    kind, choices = _type(module, read)
    runs = module.moment(read.node) in (Moment.IMPORT, Moment.START, Moment.REQUEST, Moment.UNKNOWN, Moment.COMMAND)
    need: Need = "never"
    if read.is_required and runs and not is_open:
        if read.how in ("subscript", "library", "settings"):
            need = "never" if _is_handled(module, read) else "always" if _is_early(module, read) else "perhaps"
        elif read.how == "get":
            converted = conversion_of(module, read) is not None or method_of_none(read) is not None
            in_text = bool(list(texts_with(module, read))) or _is_formatted(module, read)
            need = "always" if (converted or in_text) and not is_checked(module, read) else "perhaps"
            if need == "perhaps" and _NEEDED.search(read.name) and not is_checked(module, read):
                need = "always"
    return Seen(read.name, place_of(module, read.node), need, kind, default, choices, kind == "secret")


def _is_formatted(module: Module, read: VariableRead) -> bool:
    """Whether it becomes a part of an address: `"{}://{}".format(driver, host)`."""
    for use in uses_of(module, read):
        around = module.parent(use)
        if isinstance(around, ast.Call) and isinstance(around.func, ast.Attribute) and around.func.attr == "format":
            return "://" in (module.text(around.func.value) or "")
    return False


def _is_early(module: Module, read: VariableRead) -> bool:
    """Whether it is read whatever the agent is used for: at import or start, or in a request; not in a part."""
    if read.how != "settings":
        return module.moment(read.node) in (Moment.IMPORT, Moment.START, Moment.REQUEST)
    around = module.parent(read.node)
    if not isinstance(around, ast.ClassDef):
        return False
    own = {module.names.of_definition(each) for each in _with_descendants(module, around)}
    made = {each for summary in module.project.whole.summaries.values() for each in summary.made.values()}
    return bool(own & made) or any(module.project.whole.resolved(each) in own for each in made)


def _with_descendants(module: Module, around: ast.ClassDef) -> Iterator[ast.ClassDef]:
    """A class, and the classes of its file that take over its fields."""
    found = {around}
    for each in module.all(ast.ClassDef):  # in the order of the source: a base comes before what is made of it
        names = [base for base in each.bases if isinstance(base, ast.Name)]
        if any(bound in found for base in names for bound in module.names.bound(base)):
            found.add(each)
    yield from found


def _is_handled(module: Module, read: VariableRead) -> bool:
    """Whether the code goes on without it: it catches the error, or asks first."""
    if read.how == "settings":
        return False
    if module.inside(read.node, ast.Try) is not None and "KeyError" in ast.unparse(
        module.inside(read.node, ast.Try) or read.node
    ):
        return True
    return is_checked(module, read) and module.inside(read.node, ast.If, ast.IfExp) is not None


def _default(module: Module, read: VariableRead) -> tuple[str | None, bool]:
    """The default as the variable's text, and whether there is one that is not known here."""
    if read.default is None:
        return None, False
    value = module.constant(read.default)
    if value is None:
        return None, read.how == "settings"
    if value is UNKNOWN:
        return None, True
    if isinstance(value, bool):
        return "true" if value else "false", False
    if isinstance(value, str):
        # An empty one stands for none, and is asked for later.
        return (None if value == "" and _SECRET.search(read.name) else value), False
    if isinstance(value, (int, float)):
        return repr(value), False
    try:
        return json.dumps(value), False
    except (TypeError, ValueError):
        return None, True


def _type(module: Module, read: VariableRead) -> tuple[str, tuple[str, ...]]:
    if isinstance(read.node, ast.AnnAssign):
        of = type_of(module, read.node.annotation)
        if "SecretStr" in ast.unparse(read.node.annotation):
            return "string", ()
        if of.kind == "choice" and all(isinstance(each, str) for each in of.choices):
            return "string", of.choices
        return OF_FIELDS.get(of.kind, "string"), ()
    conversion = conversion_of(module, read)
    if conversion is not None and (name := TYPES.get(module.call(conversion).name)) is not None and name != "boolean":
        return name, ()
    for use in uses_of(module, read):
        around = module.parent(use)
        call = (
            module.parent(around)
            if isinstance(around, ast.Attribute) and around.attr in ("lower", "upper", "strip")
            else None
        )
        compared = module.parent(call) if isinstance(call, ast.Call) else around
        if isinstance(compared, ast.Compare):
            words = module.constant(compared.comparators[0])
            words = [words] if isinstance(words, str) else words
            if isinstance(words, list) and words and {str(each).lower() for each in words} <= SWITCHES:
                return "boolean", ()
    return "string", ()


def _is_elsewhere(node: ast.Call) -> bool:
    return any(each.arg is None for each in node.keywords)


def _line_of_import(module: Module, packages: Iterable[str]) -> int | None:
    for node in module.all(ast.Import, ast.ImportFrom):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
        if any(name.partition(".")[0] in packages for name in names):
            return node.lineno
    return None


def libraries() -> list[dict[str, Any]]:
    """What is known of libraries that need more than the code says."""
    return list(_known()["library"])


def quieted(program: str = "") -> list[dict[str, Any]]:
    """What keeps libraries from calling home, or what does so of the program that is started."""
    return [row for row in _known()["quiet"] if row.get("program", "") == program]


@cache
def _known() -> dict[str, Any]:
    return tomllib.loads(files("roadworthy.data").joinpath("sdk-variables.toml").read_text("utf-8"))
