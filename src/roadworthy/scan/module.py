"""The facts of one Python file, and the questions that rules ask of them."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from roadworthy.findings import Edit, Finding, Severity
from roadworthy.scan import values
from roadworthy.scan.call_graph import is_demonstration
from roadworthy.scan.commands import Command
from roadworthy.scan.moments import Moment
from roadworthy.scan.names import UNKNOWN, Names
from roadworthy.scan.python_commands import commands_of_module
from roadworthy.scan.questions import Questions, answers_still
from roadworthy.scan.scopes import Function, Scope, Scopes
from roadworthy.scan.tree import Tree, above, parent
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.scan.project import Project

SEVERITY = {
    Moment.REQUEST: Severity.ERROR,
    Moment.START: Severity.ERROR,
    Moment.IMPORT: Severity.ERROR,
    Moment.UNKNOWN: Severity.WARNING,
    Moment.COMMAND: Severity.NOTE,
    Moment.EXAMPLE: Severity.NOTE,
    Moment.TEST: Severity.NOTE,
}
"""How much a hazard matters, by when its code runs."""

_STARTED = re.compile(
    r"^_?((create|make|build|get|init)_)?(app|application|server|graph|agent|handler|factory|main)$|^lambda_handler$"
)
"""Names of functions that servers and platforms call by their names."""

__all__ = ["HOLE", "UNKNOWN", "Call", "Module"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call, and what is called: `subprocess.run`, `openai.OpenAI().chat.completions.create`, `?.read_text`."""

    node: ast.Call
    name: str
    module: Module

    def argument(self, position: int | None, keyword: str | None = None) -> ast.expr | None:
        """The argument at this position or by this keyword; None where it is not given, or hidden behind a star."""
        if keyword is not None:
            for each in self.node.keywords:
                if each.arg == keyword:
                    return each.value
        arguments = self.node.args
        if position is None or len(arguments) <= position:
            return None
        return None if any(isinstance(each, ast.Starred) for each in arguments[: position + 1]) else arguments[position]

    def constant(self, position: int | None, keyword: str | None = None) -> Any:
        """The argument's constant value, `values.UNKNOWN` where it is none or not given."""
        return self.module.constant(self.argument(position, keyword))

    def text(self, position: int | None, keyword: str | None = None) -> str | None:
        """The argument's text, with holes; None where nothing of it is known."""
        return self.module.text(self.argument(position, keyword))

    def has(self, *keywords: str) -> bool:
        """Whether one of these keywords is given, or may be: `**options` hides what it holds."""
        return any(each.arg is None or each.arg in keywords for each in self.node.keywords)

    @property
    def scope(self) -> Scope:
        """The function, class or module that the call stands in."""
        return self.module.scopes.of(self.node)

    @property
    def made_by(self) -> Call | None:
        """The call that made what this one is called on: `client.get` → `client = httpx.Client()`."""
        function = self.node.func
        while isinstance(function, ast.Attribute):
            value = self.module.names.value(function.value)
            while isinstance(value, (ast.Await, ast.NamedExpr)):
                value = value.value
            if isinstance(value, ast.Call):
                return self.module.call(value)
            function = value
        return None


class Module:
    """A Python file. `path` is relative to the project, `dotted` the module's name: `app.tools`."""

    kind = "python"

    def __init__(self, path: str, text: str, project: Project, dotted: str, package: str) -> None:
        self.path = path
        self.source = text
        self.project = Questions(project)
        self.dotted = dotted
        self.package = package
        """What a relative import starts from."""
        self.tree = Tree(text)
        self.scopes = Scopes(self.tree, package)
        self.all = self.tree.all
        self.names = Names(self.tree, self.scopes, dotted, self.project)
        self.unreached: set[int] = set()
        """Lines of findings in functions that nothing calls: what never runs breaks nothing."""
        self.remembered: dict[str, Any] = {}
        """Facts that several rules ask for, each by the name of what finds it out."""

    def forget(self) -> None:
        """Names are looked up again, where the project has learned something about one of them."""
        if answers_still(self.project.whole, self.project.asked):
            return
        for learned in ("_named", "commands"):
            self.__dict__.pop(learned, None)
        self.remembered.clear()
        self.project.asked.clear()
        self.names.forget()

    def release(self) -> None:
        """Free everything; nothing can be asked after this."""
        self.tree.release()
        for held in (self.names, self.scopes, self):  # each call knows its module, and with it all of these
            held.__dict__.clear()

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the source, without their ends."""
        return self.source.splitlines()

    @property
    def calls(self) -> list[Call]:
        """Every call."""
        return [self.call(node) for node in self.tree.all(ast.Call)]

    def call(self, node: ast.Call) -> Call:
        """What there is to ask of a call."""
        found = self._named.get(node)
        if found is None:
            found = self._named[node] = Call(node, self.names.of(node.func), self)
        return found

    def calls_to(self, *names: str) -> Iterator[Call]:
        """The calls of these, in the order of the source; a name that ends in `.*` stands for all below it.

        `?.read_text` stands for a method of whatever it is called on that is no known module or object.
        """
        last, wanted, prefixes = _looked_for(names)
        nodes = self.tree.all(ast.Call) if prefixes else self._calls_named(last)
        for node in nodes:
            call = self.call(node)
            if call.name in wanted or (prefixes and call.name.startswith(prefixes)):
                yield call

    def methods(self, *names: str) -> Iterator[Call]:
        """The calls whose last word is one of these, whatever they are called on."""
        for node in self._calls_named(frozenset(names)):
            yield self.call(node)

    def name(self, node: ast.expr) -> str:
        """The dotted name of what an expression stands for, `?` at its beginning where that is not known."""
        return self.names.of(node)

    def constant(self, node: ast.expr | None) -> Any:
        """The constant an expression stands for, or `values.UNKNOWN`."""
        return values.constant(self.names, node)

    def text(self, node: ast.expr | None) -> str | None:
        """The text an expression stands for, with holes; None where nothing of it is known."""
        return values.text(self.names, node)

    def scope(self, node: ast.AST) -> Scope:
        """The function, class or module that a node stands in."""
        return self.scopes.of(node)

    def imports(self, *packages: str) -> bool:
        """Whether one of these is imported here, itself or something of it."""
        return not self._packages_imported.isdisjoint(packages)

    @cached_property
    def imported(self) -> frozenset[str]:
        """The dotted names that this file imports."""
        found = {alias.name for node in self.tree.all(ast.Import) for alias in node.names}
        for node in self.tree.all(ast.ImportFrom):
            if not node.level:
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
        return frozenset(found)

    @cached_property
    def _packages_imported(self) -> frozenset[str]:
        """What is imported, and what that lies in: `google`, `google.genai`."""
        found = set()
        for name in self.imported:
            while name and name not in found:
                found.add(name)
                name = name.rpartition(".")[0]
        return frozenset(found)

    @cached_property
    def commands(self) -> list[Command]:
        """The programs that the file starts or asks for."""
        return commands_of_module(self)

    @cached_property
    def functions(self) -> list[Function]:
        """Every function and method."""
        return self.tree.all(ast.FunctionDef, ast.AsyncFunctionDef)

    def inside(self, node: ast.AST, *kinds: type[ast.AST], stop_at_function: bool = True) -> ast.AST | None:
        """The nearest node of these types around this one, within the same function."""
        for around in above(node):
            if isinstance(around, kinds):
                return around
            if stop_at_function and isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                return None
        return None

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node around this one."""
        return parent(node)

    def finding(
        self,
        at: ast.AST | Call,
        message: str,
        *,
        why: str | None = None,
        fix: str | None = None,
        severity: Severity | None = None,
        edit: Edit | None = None,
        until: ast.AST | None = None,
    ) -> Finding:
        """What a rule says of this place, or of all from it to `until`.

        Without a `severity` it follows from where the code runs.
        """
        node: Any = at.node if isinstance(at, Call) else at
        around = getattr(node, "parent", None)  # a rule may make a place of its own, which stands in no tree
        if isinstance(node, ast.Constant) and isinstance(around, ast.JoinedStr):
            node = around  # where a part of an f-string begins, only Python 3.12 and newer tell
        line = getattr(node, "lineno", 1)
        if hasattr(node, "parent") and self.moment(node) is Moment.UNKNOWN and not self.is_run(node):
            self.unreached.add(line)
        column = len(self.lines[line - 1].encode()[: node.col_offset].decode(errors="replace")) if self.lines else 0
        return Finding(
            code="",
            message=message,
            severity=severity or SEVERITY[self.moment(node)],
            path=self.path,
            line=line,
            column=column + 1,
            end_line=getattr(until or node, "end_lineno", line),
            text=self.lines[line - 1] if self.lines else None,
            why=why,
            fix=fix,
            edit=edit,
        )

    def moment(self, at: ast.AST | Call) -> Moment:
        """When the code at this place runs."""
        node = at.node if isinstance(at, Call) else at
        scope = self.scopes.of(node).runs_in
        return self.project.moment(self.dotted, self.path, scope.name, in_main=self.is_in_main(node))

    def is_called(self, function: Function) -> bool:
        """Whether something may come to run a function: its name is read here, called elsewhere, or it is decorated.

        What nothing imports may be loaded by its name, with all that it has.
        """
        if not self.project.is_imported(self.dotted) and not self.main_blocks:
            return True
        word = function.name
        if _STARTED.match(word):
            return True  # a server is told its name: `gunicorn "app:create_app()"`, `langgraph.json`
        around = self.parent(function)
        if isinstance(around, ast.ClassDef) and around.bases:
            return True  # a framework calls what its class overrides
        if function.decorator_list or word.startswith("__") or self.project.calls(word):
            return True
        named = (each for each in self.all(ast.Name, ast.Attribute) if isinstance(each.ctx, ast.Load))
        return any(
            (each.id if isinstance(each, ast.Name) else each.attr) == word
            and self.scopes.of(each).node is not function
            and not self.is_in_main(each)
            and not is_demonstration(self.scopes.of(each).name)
            for each in named
        )

    def is_run(self, at: ast.AST | Call) -> bool:
        """Whether the function around a place may come to run: what is only kept, or tried by hand, harms nobody."""
        function = self.scopes.of(at.node if isinstance(at, Call) else at).node
        return not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) or self.is_called(function)

    @cached_property
    def main_blocks(self) -> list[ast.If]:
        """`if __name__ == "__main__":`."""
        return [node for node in self.tree.all(ast.If) if _asks_for_main(node.test)]

    def is_in_main(self, node: ast.AST) -> bool:
        """Whether it stands below `if __name__ == "__main__":`."""
        return bool(self.main_blocks) and any(around in self.main_blocks for around in above(node))

    @cached_property
    def _named(self) -> dict[ast.Call, Call]:
        return {}

    @cached_property
    def _by_last_word(self) -> dict[str, list[ast.Call]]:
        found: dict[str, list[ast.Call]] = defaultdict(list)
        for node in self.tree.all(ast.Call):
            function = node.func
            if isinstance(function, ast.Subscript):
                function = function.value  # `Agent[Deps, str](…)`
            if isinstance(function, ast.Attribute):
                found[function.attr].append(node)
            elif isinstance(function, ast.Name):
                found[function.id].append(node)
                # An alias is called by another word: `from os import getenv as env`.
                for bound in self.names.bound(function):
                    word = _last_word(bound, self.names)
                    if word is not None and word != function.id:
                        found[word].append(node)
        return found

    @property
    def words_called(self) -> list[str]:
        """The last words of all calls, in order."""
        return sorted(self._by_last_word)

    def _calls_named(self, words: frozenset[str]) -> list[ast.Call]:
        known = self._by_last_word
        found = [node for word in known.keys() & words for node in known[word]]
        if len(words) > 1:
            found.sort(key=lambda node: (node.lineno, node.col_offset))
        return found


@lru_cache(maxsize=1024)
def _looked_for(names: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    """The last words of these names, the names, and the beginnings for which `.*` stands."""
    last = frozenset(name.rpartition(".")[2] for name in names)
    return last, frozenset(names), tuple(name[:-1] for name in names if name.endswith(".*"))


def _last_word(bound: object, names: Names) -> str | None:
    from roadworthy.scan.scopes import Import

    if isinstance(bound, Import):
        return bound.dotted.rpartition(".")[2]
    if isinstance(bound, (ast.Name, ast.Attribute)):
        return names.of(bound).rpartition(".")[2]
    return None


def _asks_for_main(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and isinstance(test.comparators[0], ast.Constant)
        and test.comparators[0].value == "__main__"
    )
