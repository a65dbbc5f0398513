"""Which function of the project calls which, and so when each runs: in requests, at the start, by hand."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from roadworthy.scan import asking, event_loop, moments, outside
from roadworthy.scan.moments import Moment

if TYPE_CHECKING:
    from roadworthy.scan.declared import Declared
    from roadworthy.scan.own_names import OwnNames
    from roadworthy.scan.summary import Summary

COMMON = frozenset(
    {
        *("get", "set", "run", "call", "invoke", "close", "open", "read", "write", "send", "start", "stop", "update"),
        *("add", "load", "save", "execute", "process", "handle", "search", "query", "create", "delete", "format"),
        *("parse", "connect", "append", "items", "keys", "values", "join", "split"),
    }
)
"""Methods of everything: a call of one on an unknown object leads nowhere."""
_DEMONSTRATION = re.compile(r"^__main__$|(^|[._])(example|demo|test|try)(_|$|s_|_usage)")
RANK = {moment: number for number, moment in enumerate(Moment)}


def is_demonstration(scope: str) -> bool:
    """Whether a function shows or tries what its file has: `example_usage`, and a main block."""
    return _DEMONSTRATION.search(scope) is not None


class CallGraph:
    """The calls within these files; `declared` tells what images and packages start."""

    def __init__(self, summaries: dict[str, Summary], names: OwnNames, declared: Declared) -> None:
        self.summaries = summaries
        self.names = names
        self.declared = declared
        self._known_asking: dict[str, bool] = {}
        """What `asks_unbounded` has told."""
        self._known_targets: dict[str, list[str]] = {}
        """What `_targets` has told of names: the same are called all over a project."""

    def moment(self, dotted: str, scope: str, *, in_main: bool) -> Moment:
        """When this scope of a file runs; empty: its top level."""
        summary = self.summaries.get(dotted)
        if in_main:
            return Moment.START if summary is None else self._of_main(summary)
        is_top = not scope
        while scope:
            if (found := self._moments.get(f"{dotted}.{scope}")) is not None:
                return found
            scope = scope.rpartition(".")[0]
        if not is_top:
            return Moment.UNKNOWN
        return Moment.IMPORT if summary is None else self._of_top(summary)

    @cached_property
    def _moments(self) -> dict[str, Moment]:
        """Each function's moment: its own, or the costliest of those that call it."""
        found: dict[str, Moment] = {}
        for summary in self._of_agent():
            for name, calls in summary.functions.items():
                if calls.moment is not None:
                    found[f"{summary.dotted}.{name}" if name else summary.dotted] = calls.moment
            for name, moment in summary.registered.items():
                for function in self._targets(name, {}):
                    found.setdefault(function, moment)
            found[summary.dotted] = self._of_top(summary)
            if not (self._is_by_hand(summary) and summary.dotted in self.importers):
                found[f"{summary.dotted}.__main__"] = self._of_main(summary)  # else it shows what others make use of
        for name in self.declared.entries:
            found.setdefault(self.names.resolved(name), self._starts[self.names.resolved(name)])
        waiting = sorted(found, key=lambda name: RANK[found[name]])
        for root in waiting:
            self._spread(root, found)
        return found

    @cached_property
    def _starts(self) -> dict[str, Moment]:
        """Each main block, and each of the project's own commands."""
        roots = [f"{dotted}.__main__" for dotted in self.summaries]
        return {root: self._start(root) for root in (*roots, *map(self.names.resolved, self.declared.entries))}

    @cached_property
    def tools(self) -> frozenset[str]:
        """The paths of files that hold a command of the project's own which is for a person."""
        names = (self.names.resolved(name) for name in self.declared.entries)
        homes = (self.names.split(name)[0] for name in names if self._starts.get(name) is Moment.COMMAND)
        return frozenset(each.path for each in homes if each is not None)

    @cached_property
    def early(self) -> frozenset[str]:
        """The functions that run while files are imported, whatever else calls them.

        One that is only handed to a framework there, for requests, does not: `graph.add_node("write", write)`.
        """
        roots = {each.dotted: Moment.IMPORT for each in self.in_production() if self._of_top(each) is Moment.IMPORT}
        registered = (name for each in self._of_agent() for name, of in each.registered.items() if of is Moment.REQUEST)
        handed = {function: Moment.REQUEST for name in registered for function in self._targets(name, {})}
        found = roots | handed
        for root in roots:
            self._spread(root, found)
        return frozenset(found.keys() - handed.keys())

    @cached_property
    def _edges(self) -> dict[str, set[str]]:
        """Function → the project's functions that it calls; a file's own name stands for its top level."""
        edges: dict[str, set[str]] = defaultdict(set)
        methods = self._methods
        for summary in self._of_agent():
            for name, calls in summary.functions.items():
                caller = f"{summary.dotted}.{name}" if name else summary.dotted
                edges[caller] |= {target for called in calls.names for target in self._targets(called, methods)}
        return edges

    @cached_property
    def importers(self) -> dict[str, dict[str, bool]]:
        """File → the files that import it, and whether each catches that it cannot be."""
        found: dict[str, dict[str, bool]] = defaultdict(dict)
        for summary in self.in_production():
            for name in summary.imported:
                target, _ = self.names.split(name)
                if target is not None and target is not summary:
                    sources = found[target.dotted]
                    sources[summary.dotted] = sources.get(summary.dotted, False) or name in summary.tried
        return found

    @cached_property
    def imported(self) -> frozenset[str]:
        """The files that another one imports, and the names of theirs that are."""
        named: dict[str, set[str]] = defaultdict(set)
        for each in self.summaries.values():
            for name in (*each.imported, *each.exports.values()):
                named[name].add(each.dotted)
        found: set[str] = set()
        for name, importers in named.items():
            home, rest = self.names.split(name)
            if home is not None and importers != {home.dotted}:
                found |= {home.dotted, f"{home.dotted}.{rest}"}
        return frozenset(found)

    @cached_property
    def in_loop(self) -> dict[str, tuple[str, str]]:
        """Function → the `async def` in whose event loop it runs, and what that one calls."""
        threads = {each.dotted: each.threads for each in self.in_production()}
        registered = {
            function
            for each in self.summaries.values()
            for name, moment in each.registered.items()
            if moment is Moment.REQUEST
            for function in self._targets(name, {})
        }
        return event_loop.in_loop(threads, lambda called: self._targets(called, {}), self._moments, registered)

    @cached_property
    def words_called(self) -> frozenset[str]:
        """The last words of all that is called, or handed on, other than to show how something works."""
        return frozenset(
            name.rpartition(".")[2]
            for each in self.in_production()
            for scope, calls in each.functions.items()
            if not is_demonstration(scope)
            for name in (*calls.names, *each.registered, *each.exports.values())
        )

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
                summary, inner = self.names.split(name)
                if name in found or summary is None:
                    continue
                found[name] = server.path
                called = summary.functions[inner].names if inner in summary.functions else ()
                stack += [target for each in called for target in self._targets(each, {})]
                if not inner:
                    homes = [self.names.split(each)[0] for each in (*summary.imported, *summary.exports.values())]
                    stack += [home.dotted for home in homes if home is not None]
        return found

    def asks_outside(self, called: str) -> bool | None:
        """Whether a function of the project's asks something outside of the process, and lets its errors out.

        None where this names no function of the project's.
        """
        methods = self._methods
        level = self._targets(called, methods)
        if not level:
            return None
        seen = set(level)
        for _ in range(outside.DEEPEST):
            names = {each for function in level for each in self._asking.get(function, ())}
            if outside.HERE in names:
                return True
            deeper: list[str] = []
            for name in names:
                targets = self._targets(name.removeprefix(outside.UNLESS_OWN), methods)
                if not targets and name.startswith(outside.UNLESS_OWN):
                    return True
                deeper += targets
            level = [each for each in deeper if each not in seen]
            seen.update(level)
        return False

    @cached_property
    def _asking(self) -> dict[str, tuple[str, ...]]:
        return {
            f"{each.dotted}.{name}": names for each in self.summaries.values() for name, names in each.asking.items()
        }

    def asks_unbounded(self, called: str) -> bool:
        """Whether what is called asks a model, a web address or a database, by way of few functions of the project.

        Not where a file on the way bounds how many do at once.
        """
        if called not in self._known_asking:
            self._known_asking[called] = self._asks_unbounded(called)
        return self._known_asking[called]

    def _asks_unbounded(self, called: str) -> bool:
        reached, fresh, is_asked = set[str](), {*self._targets(called, {})}, False
        for _ in range(asking.DEEPEST):
            reached |= fresh
            named = [name for function in fresh for name in self._names_in(function)]
            is_asked = is_asked or any(map(asking.asks_by_name, named))
            fresh = {target for name in named for target in self._targets(name, {})} - reached
        homes = {each.dotted: each for name in reached if (each := self.names.split(name)[0]) is not None}.values()
        return is_asked and not any(
            name.endswith(asking.BOUNDS) for each in homes for calls in each.functions.values() for name in calls.names
        )

    def _names_in(self, function: str) -> tuple[str, ...]:
        summary, inner = self.names.split(function)
        return summary.functions[inner].names if summary is not None and inner in summary.functions else ()

    def in_production(self) -> Iterator[Summary]:
        """The files that are no tests."""
        return (each for each in self.summaries.values() if moments.of_path(each.path) is not Moment.TEST)

    def _of_agent(self) -> Iterator[Summary]:
        """What a test or a developer's script calls may run anywhere else too."""
        return (each for each in self.summaries.values() if self.of_path(each.path) is None)

    def of_path(self, path: str) -> Moment | None:
        """The moment that a file's place alone tells."""
        return moments.of_path(path, samples=path in self._samples)

    @cached_property
    def _samples(self) -> frozenset[str]:
        """The files in folders of templates that nothing outside of them imports: where there is no more, none are."""
        own = {each.dotted for each in self.summaries.values() if moments.of_path(each.path) is None}
        if not own:
            return frozenset()
        samples = (each for each in self.summaries.values() if moments.is_sample(each.path))
        return frozenset(each.path for each in samples if own.isdisjoint(self.importers.get(each.dotted, ())))

    def is_trial(self, dotted: str) -> bool:
        """Whether nobody starts a file's main block but to try it: others import the file, or start what it has."""
        summary = self.summaries.get(dotted)
        if summary is None or self.declared.runs_as_program(summary.path):
            return False
        return (
            dotted in self.importers
            or self.declared.starts_another(summary.path)
            or self.declared.is_served(summary.path)
        )

    def _of_main(self, summary: Summary) -> Moment:
        """When a main block runs: by hand, where the command line, the file's name or what an image starts says so."""
        return Moment.COMMAND if self._is_by_hand(summary) else self._starts[f"{summary.dotted}.__main__"]

    def _start(self, root: str) -> Moment:
        """A person's tool reads a command line and serves nothing: where the file says neither, what it runs does."""
        home = self.names.split(root)[0]
        if home is not None and (home.serves or home.reads_command_line):
            return Moment.START if home.serves else Moment.COMMAND
        reached, stack = {root}, [root]
        while stack:
            fresh = self._edges.get(stack.pop(), set()) - reached
            reached |= fresh
            stack += fresh
        homes = {each.dotted: each for name in reached if (each := self.names.split(name)[0]) is not None}.values()
        if any(each.serves for each in homes) or not any(each.reads_command_line for each in homes):
            return Moment.START
        return Moment.COMMAND

    def _of_top(self, summary: Summary) -> Moment:
        """When a file's top level runs: by hand too, where nothing imports it and it hands nothing to a framework."""
        is_used = (
            summary.dotted in self.importers
            or moments.is_loaded_by_name(summary.path)
            or bool(summary.registered)
            or any(calls.moment is not None for calls in summary.functions.values())
        )
        if not is_used and self._is_by_hand(summary):
            return Moment.COMMAND
        is_tool = summary.has_main and summary.dotted not in self.imported and self._of_main(summary) is Moment.COMMAND
        return Moment.COMMAND if is_tool else Moment.IMPORT

    def _is_by_hand(self, summary: Summary) -> bool:
        if summary.serves or summary.path.rpartition("/")[2].removesuffix(".py") in self.declared.modules_named:
            return False
        is_once = moments.is_done_once(summary.path) and summary.dotted not in self.importers
        return is_once or self.declared.starts_another(summary.path)

    @cached_property
    def _of_services(self) -> frozenset[str]:
        """The files that serve, and what they import, but for what reads a command line itself.

        A command may call what is in them: a service does so too, and that nobody sees how does not make it a tool's.
        """
        sources = {
            target: {each for each in found if each in self.summaries} for target, found in self.importers.items()
        }
        found = {each.dotted for each in self._of_agent() if each.serves}
        tools = {
            each.dotted
            for each in self.summaries.values()
            if each.reads_command_line or moments.is_for_a_terminal(each.path)
        }
        before = -1
        while before < len(found):
            before = len(found)
            found |= {target for target, of in sources.items() if target not in tools and not found.isdisjoint(of)}
        return frozenset(found)

    def _spread(self, root: str, found: dict[str, Moment]) -> None:
        stack, moment = [root], found[root]
        while stack:
            for callee in self._edges.get(stack.pop(), ()):
                if moment is Moment.COMMAND and self._home(callee) in self._of_services:
                    continue
                if callee not in found or (RANK[moment] < RANK[found[callee]] and callee not in self.summaries):
                    found[callee] = moment
                    stack.append(callee)

    def _home(self, function: str) -> str:
        home = self.names.split(function)[0]
        return "" if home is None else home.dotted

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

    def _targets(self, called: str, methods: dict[str, str]) -> list[str]:
        """The functions of this project that a call may run: of a class, its `__init__` or `__new__`.

        A method is looked for in the classes that its own inherits from, and in those that override it.
        """
        if called.startswith(("?", "super()")):
            known = methods.get(called.rpartition(".")[2])
            return [] if known is None else [known]
        if called not in self._known_targets:
            self._known_targets[called] = self._found(called)
        return self._known_targets[called]

    def _found(self, called: str) -> list[str]:
        is_method = "()." in called
        summary, inner = self.names.defined((self.names.expanded(called) if is_method else called).replace("()", ""))
        if summary is None or not inner:
            return []
        if not is_method and inner not in summary.functions:  # `client.get`, after `client = Client()` of this project
            summary, inner = self.names.defined(self.names.expanded(called).replace("()", ""))
            if summary is None or not inner:
                return []
        # A class is among them for what its own body calls.
        runs = (f"{inner}.__init__", f"{inner}.__new__", inner)
        own = next((f"{summary.dotted}.{each}" for each in runs if each in summary.functions), None)
        of, _, method = inner.rpartition(".")
        if not of:
            return [] if own is None else [own]
        if own is None:
            inherited = self.names.ancestors(f"{summary.dotted}.{of}")
            found = (
                f"{home.dotted}.{each}.{method}" for home, each in inherited if f"{each}.{method}" in home.functions
            )
            own = next(found, None)
        overriding = (f"{each}.{method}" for each in self.names.descendants.get(f"{summary.dotted}.{of}", ()))
        return [*([] if own is None else [own]), *(each for each in overriding if self._is_function(each))]

    def _is_function(self, dotted: str) -> bool:
        summary, inner = self.names.split(dotted)
        return summary is not None and inner in summary.functions
