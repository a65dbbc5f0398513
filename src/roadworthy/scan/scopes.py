"""Which name is bound where, and to what: modules, classes and functions, with all that they assign."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from roadworthy.scan.tree import Tree

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Import:
    """A name that an import binds: `dotted` is what it stands for, `requests.get` or `app.clients`."""

    dotted: str
    node: ast.Import | ast.ImportFrom


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter, with its annotation and its default."""

    node: ast.arg
    default: ast.expr | None


@dataclass(frozen=True, slots=True)
class Entered:
    """`with … as name`: what is entered."""

    value: ast.expr


@dataclass(frozen=True, slots=True)
class Other:
    """Bound by a loop, an unpacking, an exception handler or an augmented assignment: to what is not known."""

    node: ast.AST


Bound: TypeAlias = ast.expr | Import | Parameter | Entered | Other | Function | ast.ClassDef


@dataclass(slots=True)
class Scope:
    """The module, a class or a function. Comprehensions and lambdas count to what is around them."""

    kind: Literal["module", "class", "function"]
    name: str
    """Qualified within the module: `Agent.answer`; empty for the module."""
    node: ast.Module | ast.ClassDef | Function
    outer: Scope | None
    bindings: dict[str, list[Bound]] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    """Names that `global` or `nonlocal` binds further out."""

    @property
    def is_async(self) -> bool:
        """Whether it is an `async def`."""
        return isinstance(self.node, ast.AsyncFunctionDef)

    @property
    def runs_in(self) -> Scope:
        """The scope whose code this runs with: a class's body runs where the class is defined."""
        scope = self
        while scope.kind == "class" and scope.outer is not None:
            scope = scope.outer
        return scope

    @property
    def class_around(self) -> Scope | None:
        """The class of which this is a method, or below a method."""
        scope = self.outer
        while scope is not None and scope.kind != "class":
            scope = scope.outer
        return scope

    def lookup(self, name: str) -> tuple[Scope, list[Bound]] | None:
        """Where a name read in this scope is bound, by Python's rules, and to what."""
        scope: Scope | None = self
        while scope is not None:
            is_visible = scope is self or scope.kind != "class"
            if is_visible and name in scope.bindings and name not in scope.elsewhere:
                return scope, scope.bindings[name]
            scope = scope.outer
        return None


class Scopes:
    """Every scope of a file."""

    def __init__(self, tree: Tree, package: str) -> None:
        """`package` is what a relative import starts from."""
        self.module = Scope("module", "", tree.root, None)
        self._by_node: dict[ast.AST, Scope] = {tree.root: self.module}
        self.package = package
        for node in tree.all(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef):
            self.of(node.body[0])
        for names in tree.all(ast.Global, ast.Nonlocal):
            self.of(names).elsewhere.update(names.names)
        for scope, name, bound in self._bindings(tree):
            target = scope
            while name in target.elsewhere and target.outer is not None:
                target = target.outer if name not in self.module.bindings else self.module
            target.bindings.setdefault(name, []).append(bound)

    def __iter__(self) -> Iterator[Scope]:
        return iter(self._by_node.values())

    def of(self, node: ast.AST) -> Scope:
        """The scope that a node's names are looked up in: a decorator and a default belong to the outer one."""
        around: ast.AST = node.home  # type: ignore[attr-defined]
        found = self._by_node.get(around)
        return self._scope(around) if found is None else found

    def inside(self, node: Function | ast.ClassDef) -> Scope:
        """The scope that a definition opens."""
        return self._scope(node)

    def _scope(self, node: ast.AST) -> Scope:
        found = self._by_node.get(node)
        if found is None:
            assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            outer = self.of(node)
            name = f"{outer.name}.{node.name}" if outer.name else node.name
            kind: Literal["class", "function"] = "class" if isinstance(node, ast.ClassDef) else "function"
            found = self._by_node[node] = Scope(kind, name, node, outer)
        return found

    def _bindings(self, tree: Tree) -> Iterator[tuple[Scope, str, Bound]]:
        for node in tree.all(ast.Import, ast.ImportFrom):
            for name, dotted in imported(node, self.package):
                yield self.of(node), name, Import(dotted, node)
        for definition in tree.all(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef):
            yield self.of(definition), definition.name, definition
        for function in tree.all(ast.FunctionDef, ast.AsyncFunctionDef):
            for each in _parameters(function.args):
                yield self._scope(function), each.node.arg, each
        for assign in tree.all(ast.Assign):
            for target in assign.targets:
                yield from self._assigned(target, assign.value)
        for annotated in tree.all(ast.AnnAssign):
            if annotated.value is not None:
                yield from self._assigned(annotated.target, annotated.value)
        for named in tree.all(ast.NamedExpr):
            yield from self._assigned(named.target, named.value)
        for augmented in tree.all(ast.AugAssign):
            yield from self._assigned(augmented.target, None)
        for loop in tree.all(ast.For, ast.AsyncFor, ast.comprehension):
            yield from self._assigned(loop.target, None)
        for item in tree.all(ast.withitem):
            if item.optional_vars is not None:
                yield from self._entered(item.optional_vars, item.context_expr)
        for handler in tree.all(ast.ExceptHandler):
            if handler.name:
                yield self.of(handler.body[0]), handler.name, Other(handler)

    def _assigned(self, target: ast.expr, value: ast.expr | None) -> Iterator[tuple[Scope, str, Bound]]:
        if isinstance(target, ast.Name):
            yield self.of(target), target.id, Other(target) if value is None else value
        elif isinstance(target, (ast.Tuple, ast.List)):
            values: list[ast.expr | None] = [None] * len(target.elts)
            if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
                values = list(value.elts)
            for each, its in zip(target.elts, values, strict=True):
                yield from self._assigned(each, its)
        elif isinstance(target, ast.Starred):
            yield from self._assigned(target.value, None)

    def _entered(self, target: ast.expr, value: ast.expr) -> Iterator[tuple[Scope, str, Bound]]:
        if isinstance(target, ast.Name):
            yield self.of(target), target.id, Entered(value)
        else:
            yield from self._assigned(target, None)


def imported(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[tuple[str, str]]:
    """The names an import binds, and what they stand for; `from x import *` binds `*`."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        return
    base = node.module or ""
    if node.level:
        parts = package.split(".") if package else []
        kept = parts[: len(parts) - node.level + 1] if node.level > 1 else parts
        base = ".".join([*kept, *([base] if base else [])])
    for alias in node.names:
        yield alias.asname or alias.name, f"{base}.{alias.name}" if base else alias.name


def _parameters(arguments: ast.arguments) -> Iterator[Parameter]:
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults))
    for node, default in zip(plain, [*defaults, *arguments.defaults], strict=True):
        yield Parameter(node, default)
    for node, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield Parameter(node, default)
    for rest in (arguments.vararg, arguments.kwarg):
        if rest is not None:
            yield Parameter(rest, None)
