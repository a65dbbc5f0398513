"""What only the whole project tells: when a function runs, and what a name of another file stands for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.scan import moments
from roadworthy.scan.declared import Declared
from roadworthy.scan.moments import Moment

if TYPE_CHECKING:
    from roadworthy.manifest.model import Manifest
    from roadworthy.scan.document import Document
    from roadworthy.scan.summary import Summary

COMMON = frozenset(
    {
        *("get", "set", "run", "call", "invoke", "close", "open", "read", "write", "send", "start", "stop", "update"),
        *("add", "load", "save", "execute", "process", "handle", "search", "query", "create", "delete", "format"),
        *("parse", "connect", "append", "items", "keys", "values", "join", "split"),
    }
)
"""Methods of everything: a call of one on an unknown object leads nowhere."""
RANK = {moment: number for number, moment in enumerate(Moment)}


class Project:
    """All files together. It knows nothing of other files until `learn` has been called."""

    def __init__(self, root: Path, manifest: Manifest | None = None) -> None:
        self.root = root
        self.manifest = manifest
        self.summaries: dict[str, Summary] = {}
        """By dotted name; of two files with one name, in different folders, the one nearer to the root."""
        self._made: dict[str, str | None] = {}
        """What `made` has answered: the same names are asked for again and again."""
        self.declared = Declared(root)
        """What files that are no Python say of all."""
        self.own_names: set[str] = set()
        """Every part of the modules' names, once a rule has asked for them."""

    def learn(self, summaries: Iterable[Summary], documents: Iterable[Document] = ()) -> None:
        """Take in every file; asked before, the project answers for none."""
        for summary in sorted(summaries, key=lambda each: (each.path.count("/"), each.path), reverse=True):
            self.summaries[summary.dotted] = summary
        self._made.clear()
        scripts = (name for each in self.summaries.values() for name in each.scripts)
        self.declared = Declared(self.root, documents, scripts)
        for learned in ("_moments", "_by_tail", "_methods", "_asked_early", "_imported", "run_by_stdio_servers"):
            self.__dict__.pop(learned, None)

    def moment(self, dotted: str, path: str, scope: str, *, in_main: bool = False) -> Moment:
        """When this scope of a file runs; empty: its top level."""
        if (told := moments.of_path(path)) is not None:
            return told
        main = self._moments.get(f"{dotted}.__main__", Moment.START)
        if in_main:
            return main
        while scope:
            if (found := self._moments.get(f"{dotted}.{scope}")) is not None:
                return found
            scope = scope.rpartition(".")[0]
            if not scope:
                return Moment.UNKNOWN
        is_tool = main is Moment.COMMAND and self.summaries[dotted].has_main and not self.is_imported(dotted)
        return Moment.COMMAND if is_tool else Moment.IMPORT

    def is_imported(self, dotted: str) -> bool:
        """Whether another file imports this one, or this name of one: else it is a script that somebody starts."""
        return dotted in self._imported

    def owns(self, name: str) -> bool:
        """Whether a dotted name is one of the project's modules, or lies in one."""
        return self._split(name)[0] is not None

    def asks_early_for(self, variable: str) -> bool:
        """Whether some file tells when it is imported or started that this environment variable is missing."""
        return variable in self._asked_early

    def shipped_with(self, path: str) -> Iterator[Summary]:
        """The files that run beside this one, without those of other agents that it does not import."""
        home = self.declared.home(path)
        near = [each for each in self.summaries.values() if _is_within(self.declared.home(each.path), home)]
        seen = {each.dotted for each in near}
        yield from near
        for name in {name for each in near for name in each.imported}:
            summary = self._split(name)[0]
            if summary is not None and summary.dotted not in seen:
                seen.add(summary.dotted)
                yield summary

    def made(self, dotted: str) -> str | None:
        """The call that made a top-level name of the project: `app.clients.http`."""
        if dotted not in self._made:
            home = self._home(dotted) if self.summaries else None
            self._made[dotted] = None if home is None else home[0].made.get(home[1])
        return self._made[dotted]

    def resolved(self, dotted: str) -> str:
        """A name of the project with re-exports and modules of another root followed to where it is defined."""
        for _ in range(8):
            summary, name = self._split(dotted)
            if summary is None:
                return dotted
            first, dot, rest = name.partition(".")
            if first not in summary.exports:
                return f"{summary.dotted}.{name}" if name else summary.dotted
            dotted = summary.exports[first] + dot + rest
        return dotted

    def _home(self, dotted: str) -> tuple[Summary, str] | None:
        summary, name = self._split(self.resolved(dotted))
        return None if summary is None or not name else (summary, name)

    def _split(self, dotted: str) -> tuple[Summary | None, str]:
        """The file that a name is of, and the rest of the name."""
        parts = dotted.split(".")
        for length in range(len(parts), 0, -1):
            module = ".".join(parts[:length])
            summary = self.summaries.get(module) or self._tail(module)
            if summary is not None:
                return summary, ".".join(parts[length:])
        return None, dotted

    def _tail(self, module: str) -> Summary | None:
        """The only file whose dotted name ends so: its root is a folder below the project's."""
        found = self._by_tail.get(module, [])
        return found[0] if len(found) == 1 else None

    @cached_property
    def _by_tail(self) -> dict[str, list[Summary]]:
        found: dict[str, list[Summary]] = defaultdict(list)
        for summary in self.summaries.values():
            parts = summary.dotted.split(".")
            for start in range(1, len(parts)):
                found[".".join(parts[start:])].append(summary)
        return found

    @cached_property
    def run_by_stdio_servers(self) -> dict[str, str]:
        """Functions, and files that are imported, with the path of the tool server over standard output that runs them.

        A method of an unknown object is not followed: of what is told here nobody should have to guess.
        """
        found: dict[str, str] = {}
        for server in (each for each in self.summaries.values() if each.speaks_stdio):
            stack = [server.dotted, *(f"{server.dotted}.{name}" for name in server.functions)]
            while stack:
                name = stack.pop()
                summary, inner = self._split(name)
                if name in found or summary is None:
                    continue
                found[name] = server.path
                called = summary.functions[inner].names if inner in summary.functions else ()
                stack += [target for each in called if (target := self._target(each, {})) is not None]
                if not inner:
                    homes = [self._split(each)[0] for each in (*summary.imported, *summary.exports.values())]
                    stack += [home.dotted for home in homes if home is not None]
        return found

    @cached_property
    def _imported(self) -> frozenset[str]:
        names = {name for each in self.summaries.values() for name in (*each.imported, *each.exports.values())}
        split = ((summary, name) for summary, name in map(self._split, names) if summary is not None)
        return frozenset(name for home, rest in split for name in (home.dotted, f"{home.dotted}.{rest}"))

    @cached_property
    def _asked_early(self) -> frozenset[str]:
        return frozenset(
            name
            for summary in self.summaries.values()
            for name, scopes in summary.variables.items()
            for scope in scopes
            if self.moment(summary.dotted, summary.path, scope.removesuffix("__main__"), in_main=scope == "__main__")
            in (Moment.IMPORT, Moment.START)
        )

    @cached_property
    def _moments(self) -> dict[str, Moment]:
        """Each function's moment: its own, or the costliest of those that call it."""
        edges: dict[str, set[str]] = defaultdict(set)
        found: dict[str, Moment] = {}
        methods = self._methods
        for summary in self.summaries.values():
            if moments.of_path(summary.path) is Moment.TEST:
                continue
            for name, calls in summary.functions.items():
                caller = f"{summary.dotted}.{name}" if name else summary.dotted
                edges[caller] |= {target for called in calls.names if (target := self._target(called, methods))}
                if calls.moment is not None:
                    found[caller] = calls.moment
            for name, moment in summary.registered.items():
                found.setdefault(self.resolved(name), moment)
            found[summary.dotted] = Moment.IMPORT
        starts = [f"{dotted}.__main__" for dotted in self.summaries]
        starts += [self.resolved(name) for name in self.declared.entries]
        for name in starts:
            found.setdefault(name, self._start(name, edges))
        waiting = sorted(found, key=lambda name: RANK[found[name]])
        for root in waiting:
            self._spread(root, found, edges)
        return found

    def _start(self, root: str, edges: dict[str, set[str]]) -> Moment:
        """A person's tool reads a command line and serves nothing: where the file says neither, what it runs does."""
        home = self._split(root)[0]
        if home is not None and (home.serves or home.reads_command_line):
            return Moment.START if home.serves else Moment.COMMAND
        reached, stack = {root}, [root]
        while stack:
            fresh = edges.get(stack.pop(), set()) - reached
            reached |= fresh
            stack += fresh
        homes = {each.dotted: each for name in reached if (each := self._split(name)[0]) is not None}.values()
        if any(each.serves for each in homes) or not any(each.reads_command_line for each in homes):
            return Moment.START
        return Moment.COMMAND

    def _spread(self, root: str, found: dict[str, Moment], edges: dict[str, set[str]]) -> None:
        stack, moment = [root], found[root]
        while stack:
            for callee in edges.get(stack.pop(), ()):
                if callee not in found or (RANK[moment] < RANK[found[callee]] and callee not in self.summaries):
                    found[callee] = moment
                    stack.append(callee)

    @cached_property
    def _methods(self) -> dict[str, str]:
        """Method → the one function of that name: what a call on an unknown object may mean."""
        places: dict[str, list[str]] = defaultdict(list)
        for summary in self.summaries.values():
            for name in summary.functions:
                head, _, last = name.rpartition(".")
                if head and last not in COMMON:
                    places[last].append(f"{summary.dotted}.{name}")
        return {last: names[0] for last, names in places.items() if len(names) == 1}

    def _target(self, called: str, methods: dict[str, str]) -> str | None:
        """The function of this project that a call runs: of a class, its `__init__`."""
        if called.startswith("?"):
            return methods.get(called.rpartition(".")[2])
        name = self.resolved(called.replace("()", ""))
        summary, inner = self._split(name)
        if summary is None or not inner:
            return None
        if inner in summary.functions:
            return f"{summary.dotted}.{inner}"
        made = f"{inner}.__init__"
        return f"{summary.dotted}.{made}" if made in summary.functions else None


def _is_within(one: str, other: str) -> bool:
    """Whether one of two folders lies in the other."""
    return f"{one}/".startswith(f"{other}/" if other else "") or f"{other}/".startswith(f"{one}/" if one else "")
