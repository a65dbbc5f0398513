"""What an expression stands for: aliases, imports and assignments followed to a dotted name.

`client.get`, after `client = httpx.AsyncClient()`, is `httpx.AsyncClient().get`: the brackets say that it is called
on what a call returned. What comes from nowhere known begins with a question mark: `?.read_text`.
"""

from __future__ import annotations

import ast
import builtins
from functools import cached_property
from typing import TYPE_CHECKING, Any

from roadworthy.scan.scopes import Bound, Entered, Function, Import, Parameter, Scope, Scopes
from roadworthy.scan.tree import Tree, parent

if TYPE_CHECKING:
    from roadworthy.scan.questions import Questions

UNKNOWN = "?"
DEEPEST = 12
"""Steps from alias to alias: more than anybody writes, and an end to circles."""
_BUILTINS = frozenset(dir(builtins))
_MODULES = frozenset(
    {
        *("os", "sys", "re", "json", "time", "random", "socket", "shutil", "subprocess", "asyncio", "urllib"),
        *("smtplib", "sqlite3", "logging", "threading", "requests", "httpx", "aiohttp", "openai", "anthropic"),
        *("litellm", "boto3", "tiktoken", "nltk", "pandas", "numpy"),
    }
)
"""What a name that a file binds nowhere can only be: frameworks put modules beside the functions that they run."""
_GENERIC = ("collections.", "list", "dict", "set")
"""Classes in lower case whose types are given in brackets."""
_BUILDS = frozenset(
    {
        *("eq", "neq", "gt", "gte", "lt", "lte", "in_", "is_", "or_", "like", "ilike", "contains", "match", "filter"),
        *("where", "order", "order_by", "limit", "offset", "range", "join", "options", "group_by", "select"),
        "text_search",
    }
)
"""Methods of queries that return the query with one thing more."""


def _builds_on(bound: Bound, name: str) -> bool:
    """`query = query.eq("a", 1)`: what the name stands for stays the same."""
    return (
        isinstance(bound, ast.Call)
        and isinstance(bound.func, ast.Attribute)
        and bound.func.attr in _BUILDS
        and isinstance(bound.func.value, ast.Name)
        and bound.func.value.id == name
    )


class Names:
    """Names of one file, `dotted` being the module's own: `app.tools`."""

    def __init__(self, tree: Tree, scopes: Scopes, dotted: str, project: Questions) -> None:
        self.tree = tree
        self.scopes = scopes
        self.dotted = dotted
        self.project = project
        self._known: dict[tuple[int, str], str] = {}
        """What a scope's name stands for, once asked: a name that is bound often would be followed again each time."""
        self._open: list[tuple[int, str]] = []
        """The names that are being followed, each because of the one before."""
        self._circular: set[tuple[int, str]] = set()
        self.constants: dict[ast.expr, Any] = {}
        """What `values` has told of expressions; one that is being looked at is not known."""
        self.texts: dict[ast.expr, str | None] = {}

    def forget(self) -> None:
        """Follow names anew: the project has learned what other files bind."""
        for told in (self._known, self.constants, self.texts):
            told.clear()

    def of(self, node: ast.expr, depth: int = 0) -> str:
        """The dotted name of what an expression stands for; `?` where that cannot be told."""
        if depth > DEEPEST:
            return UNKNOWN
        match node:
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                own = [each for each in self.assigned(node) if each is not node]
                if own and (same := self._same(own, depth + 1)) != UNKNOWN:
                    return same
                name = f"{self.of(node.value, depth + 1)}.{node.attr}"
                made = None if name.startswith(UNKNOWN) else self.project.made(name)  # `clients.http`, after an import
                return f"{made}()" if made is not None else UNKNOWN if own else name
            case ast.Call():
                name = f"{self.of(node.func, depth + 1)}()"
                made = None if name.startswith(UNKNOWN) or "." not in name else self.project.made(name)
                return name if made is None else f"{made}()"
            case ast.Await():
                return self.of(node.value, depth + 1)
            case ast.NamedExpr():
                return self.of(node.value, depth + 1)
            case ast.IfExp():
                return self._same([node.body, node.orelse], depth + 1)
            case ast.Subscript() if is_parametrized(node):
                name = self.of(node.value, depth + 1)  # `Agent[Deps, str](…)` is an `Agent`
                is_class = name.rpartition(".")[2][:1].isupper() or name.startswith(_GENERIC)
                return name if is_class else UNKNOWN
            case _:
                return UNKNOWN

    def value(self, node: ast.expr, depth: int = 0) -> ast.expr:
        """The expression that a name or an attribute of `self` was assigned from, followed to its end.

        Only where there is one assignment: what is assigned twice may be either.
        """
        if depth > DEEPEST:
            return node
        found: ast.expr | None = None
        if isinstance(node, ast.Name):
            bound = self.bound(node)
            if len(bound) == 1 and isinstance(bound[0], ast.expr):
                found = bound[0]
            elif len(bound) == 1 and isinstance(bound[0], Entered):
                found = bound[0].value
        elif isinstance(node, ast.Attribute):
            found = self._of_instance(node)
        elif isinstance(node, (ast.Await, ast.NamedExpr)):
            found = node.value
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "config":
            kept = self._configured.get(ast.unparse(node), [])
            found = kept[0] if len(kept) == 1 else None
        return node if found is None or found is node else self.value(found, depth + 1)

    def assigned(self, node: ast.Attribute) -> list[ast.expr]:
        """All that its class assigns to `self.name`."""
        if not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")):
            return []
        around = self.scopes.of(node).class_around
        return [] if around is None else self.attribute(around.name, node.attr)

    def attribute(self, of: str, name: str) -> list[ast.expr]:
        """All that a class assigns to an attribute, in its body or by `self.name = …`."""
        return self.attributes.get((of, name), [])

    def bound(self, node: ast.Name) -> list[Bound]:
        """All that this name is bound to where it is read; nothing for a builtin and for what a star brings."""
        found = self.scopes.of(node).lookup(node.id)
        return [] if found is None else found[1]

    def binding_scope(self, node: ast.Name) -> Scope | None:
        """The scope whose name this is; None for a builtin."""
        found = self.scopes.of(node).lookup(node.id)
        return None if found is None else found[0]

    def of_definition(self, node: Function | ast.ClassDef) -> str:
        """The dotted name of a function or a class of this file."""
        return f"{self.dotted}.{self.scopes.inside(node).name}"

    def _name(self, node: ast.Name) -> str:
        if node.id in ("self", "cls") and (around := self.scopes.of(node).class_around) is not None:
            return f"{self.dotted}.{around.name}" + ("()" if node.id == "self" else "")
        found = self.scopes.of(node).lookup(node.id)
        if found is None:
            return node.id if node.id in _BUILTINS or node.id in _MODULES else UNKNOWN
        scope, bound = found
        if len(bound) > 1 and scope.kind == "module" and (last := self._imported_last(node, scope, bound)) is not None:
            return self._of_bound(last, 1)
        key = id(scope), node.id
        if (known := self._known.get(key)) is not None:
            return known
        if key in self._open:
            if self._open[-1] != key:  # `value = value.strip()` tells nothing, but is no riddle either
                self._circular.update(self._open[self._open.index(key) :])
            return UNKNOWN
        if len(self._open) >= DEEPEST:
            return UNKNOWN
        self._open.append(key)
        name = self._common([each for each in bound if not _builds_on(each, node.id)])
        self._open.pop()
        self._known[key] = UNKNOWN if key in self._circular else name
        return self._known[key]

    def _imported_last(self, node: ast.Name, scope: Scope, bound: list[Bound]) -> Import | None:
        """The import that a name of the top level stands for there, where nothing but imports, one by one, bind it."""
        if self.scopes.of(node) is not scope:
            return None
        imports = [each for each in bound if isinstance(each, Import) and parent(each.node) is self.tree.root]
        if len(imports) < len(bound):
            return None
        return max((each for each in imports if each.node.lineno < node.lineno), key=_line, default=None)

    def _same(self, values: list[ast.expr], depth: int) -> str:
        """What each of these stands for; `?` where one of them is something else, or not known."""
        names = {self.of(each, depth) for each in values}
        return names.pop() if len(names) == 1 else UNKNOWN

    def _common(self, bound: list[Bound]) -> str:
        """What all that a name is bound to stands for; `?` where they differ."""
        common = UNKNOWN
        for each in bound:
            name = self._of_bound(each, 1)
            if name not in (UNKNOWN, f"{UNKNOWN}()", common):  # `agent = agent()` says nothing new
                if common != UNKNOWN:
                    return UNKNOWN
                common = name
        return common

    def _of_bound(self, bound: Bound, depth: int) -> str:
        match bound:
            case Import():
                made = self.project.made(bound.dotted)
                return bound.dotted if made is None else f"{made}()"
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return self.of_definition(bound)
            case Parameter():
                return UNKNOWN if bound.node.annotation is None else self.instance_of(bound.node.annotation, depth)
            case Entered():
                return self.of(bound.value, depth)
            case ast.Constant() if bound.value is None:
                return UNKNOWN
            case ast.expr():
                return self.of(bound, depth)
            case _:
                return UNKNOWN

    def instance_of(self, annotation: ast.expr, depth: int = 0) -> str:
        """What is annotated as `httpx.AsyncClient`, or that or None, is one."""
        match annotation:
            case ast.Constant(value=str() as text):
                try:
                    inner = ast.parse(text, mode="eval").body
                except (SyntaxError, ValueError):
                    return UNKNOWN
                return UNKNOWN if not isinstance(inner, (ast.Name, ast.Attribute)) else self._written(inner)
            case ast.BinOp(left=left, right=ast.Constant(value=None)):
                return self.instance_of(left, depth)
            case ast.Name() | ast.Attribute():
                name = self.of(annotation, depth)
                return UNKNOWN if name.startswith(UNKNOWN) else f"{name}()"
            case ast.Subscript(value=value, slice=inside) if self.of(value, depth).endswith(("Optional", "Annotated")):
                first = inside.elts[0] if isinstance(inside, ast.Tuple) and inside.elts else inside
                return self.instance_of(first, depth)
            case _:
                return UNKNOWN

    def _written(self, node: ast.expr) -> str:
        """A name of the module's that stands in text and so in no scope."""
        parts = ast.unparse(node).split(".")
        bound = self.scopes.module.bindings.get(parts[0], [])
        if len(bound) == 1 and isinstance(bound[0], Import):
            return ".".join([bound[0].dotted, *parts[1:]]) + "()"
        return UNKNOWN

    def _of_instance(self, node: ast.Attribute) -> ast.expr | None:
        """What `self.name` was assigned, where its class assigns it once."""
        assigned = self.assigned(node)
        return assigned[0] if len(assigned) == 1 and assigned[0] is not node else None

    @cached_property
    def _configured(self) -> dict[str, list[ast.expr]]:
        """`app.config["FOLDER"]` → what is assigned to it at the top level."""
        found: dict[str, list[ast.expr]] = {}
        for assign in self.tree.all(ast.Assign):
            for target in assign.targets:
                if isinstance(target, ast.Subscript) and self.scopes.of(target).kind == "module":
                    found.setdefault(ast.unparse(target), []).append(assign.value)
        return found

    @cached_property
    def attributes(self) -> dict[tuple[str, str], list[ast.expr]]:
        """(class, attribute) → what is assigned to it, in the class's body or by `self.attribute = …`."""
        found: dict[tuple[str, str], list[ast.expr]] = {}
        for assign in self.tree.all(ast.Assign, ast.AnnAssign):
            if assign.value is None or (isinstance(assign.value, ast.Constant) and assign.value.value is None):
                continue
            for target in assign.targets if isinstance(assign, ast.Assign) else [assign.target]:
                if (
                    isinstance(target, ast.Attribute)
                    and isinstance(target.value, ast.Name)
                    and target.value.id in ("self", "cls")
                    and (around := self.scopes.of(target).class_around) is not None
                ):
                    found.setdefault((around.name, target.attr), []).append(assign.value)
                elif isinstance(target, ast.Name) and (scope := self.scopes.of(target)).kind == "class":
                    found.setdefault((scope.name, target.id), []).append(assign.value)
        return found


def is_parametrized(node: ast.Subscript) -> bool:
    """Whether it is called where it stands, as a class is whose types are given."""
    around = parent(node)
    return isinstance(around, ast.Call) and around.func is node


def _line(imported: Import) -> int:
    return imported.node.lineno
