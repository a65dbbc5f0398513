"""What only the whole project tells: when a function runs, and what a name of another file stands for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.scan import event_loop, imports, moments
from roadworthy.scan.declared import Declared
from roadworthy.scan.disk import Disk
from roadworthy.scan.moments import Moment
from roadworthy.scan.values import HOLE

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
SOURCES = ("src", "lib")
"""Folders at the root that are no part of a file's dotted name."""
LEARNED = (
    "_moments",
    "_by_tail",
    "_methods",
    "_asked_early",
    "_optional",
    "_edges",
    "_early",
    "_importers",
    "_tried",
    "_put_off",
    "_in_loop",
    "_keeping_methods",
    "_classes",
    "_imported",
    "_starts",
    "_run_by_stdio_servers",
    "_parts",
    "_scripts",
)
"""What follows from all files together, and is found anew when there are others."""
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
        self.disk = Disk(root)
        self.declared = Declared(self.disk)
        """What files that are no Python say of all."""

    def learn_documents(self, documents: Iterable[Document]) -> None:
        """Take in every file that is no Python."""
        self.declared = Declared(self.disk, documents)

    def learn(self, summaries: Iterable[Summary]) -> None:
        """Take in every Python file; asked before, the project answers for none."""
        for summary in sorted(summaries, key=lambda each: (each.path.count("/"), each.path), reverse=True):
            self.summaries[summary.dotted] = summary
        self._made.clear()
        for learned in LEARNED:
            self.__dict__.pop(learned, None)

    def moment(self, dotted: str, path: str, scope: str, *, in_main: bool = False) -> Moment:
        """When this scope of a file runs; empty: its top level."""
        if (told := moments.of_path(path)) is not None:
            return told
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

    def is_imported(self, dotted: str) -> bool:
        """Whether another file imports this one, or this name of one: else it is a script that somebody starts."""
        return dotted in self._imported

    def owns(self, name: str) -> bool:
        """Whether a dotted name is one of the project's modules, or lies in one."""
        return self._split(name)[0] is not None

    def asks_early_for(self, variable: str) -> bool:
        """Whether some file tells when it is imported or started that this environment variable is missing."""
        return variable in self._asked_early

    def runs_early(self, dotted: str, scope: str) -> bool:
        """Whether a function runs while its file or another one is imported, in requests too or not."""
        return f"{dotted}.{scope}" in self._early

    def is_put_off(self, dotted: str) -> bool:
        """Whether no start reads this file: it is imported in functions alone, or where a setting asks for it."""
        return dotted in self._put_off

    def in_loop(self, function: str) -> tuple[str, str] | None:
        """The `async def` in whose event loop, which requests share, this function runs, and what that one calls.

        Both are the function itself where it is one.
        """
        return self._in_loop.get(function)

    def is_own(self, name: str) -> bool:
        """Whether it is a module of the project, a class of it, or an object of one: `app.agent`, `app.Agent()`."""
        summary, inner = self._split(self.resolved(name.removesuffix("()")))
        return summary is not None and (not inner or f"{summary.dotted}.{inner}" in self._classes)

    def kept_by(self, called: str) -> str | None:
        """The conversation of its object that a method adds to: `history`, for `app.agent.Agent().answer`."""
        summary, inner = self._split(self.resolved(called.replace("()", "")))
        return None if summary is None else summary.kept.get(inner)

    @cached_property
    def _classes(self) -> frozenset[str]:
        """Each class with a method, and each function with one inside."""
        return frozenset(
            f"{each.dotted}.{name.rpartition('.')[0]}" for each in self.summaries.values() for name in each.functions
        )

    def keeping_among(self, *words: str) -> tuple[str, ...]:
        """Those of these words that are a method's which adds to a conversation of its object."""
        return tuple(word for word in words if word in self._keeping_methods)

    @cached_property
    def _keeping_methods(self) -> frozenset[str]:
        return frozenset(name.rpartition(".")[2] for each in self.summaries.values() for name in each.kept)

    def is_handler(self, function: str) -> bool:
        """Whether a decorator hands this function to what calls it in requests."""
        summary, inner = self._split(function)
        return summary is not None and inner in summary.threads and summary.threads[inner].is_handler

    def has_part(self, name: str) -> bool:
        """Whether a module, or a package around one, is called so: it may be imported from a root that is not known."""
        return name in self._parts

    def starts(self, path: str) -> bool:
        """Whether something that runs in production starts this script."""
        name = path.rpartition("/")[2]
        return name in self.declared.started or name in self._scripts

    def own_server(self, *words: str) -> tuple[str, ...]:
        """The path of the file that a command starts, `server.py` or `-m package.server`, and the variables it needs.

        An empty path where it is no file of the project, or one that reads its variables from a file of its own.
        """
        own = self._started(words)
        if own is None or any(name.partition(".")[0] == "dotenv" for name in own.imported):
            return ("",)
        return own.path, *own.needs

    def _started(self, words: Iterable[str]) -> Summary | None:
        known, before = self.summaries, ""
        for word in words:
            if before == "-m":
                return known.get(word) or known.get(f"{word}.__main__")
            path = word.rpartition(HOLE)[2].lstrip("./")
            if word.endswith(".py") and path:
                found = [each for each in known.values() if each.path == path or each.path.endswith(f"/{path}")]
                return found[0] if len(found) == 1 else None
            before = word
        return None

    def tells_health(self, path: str) -> bool:
        """Whether a file that runs beside this one names a path by which a service says that it works."""
        beside = (each for each in self._shipped_with(path) if moments.of_path(each.path) is not Moment.TEST)
        return any(each.tells_health for each in beside)

    def serves_beside(self, path: str) -> bool:
        """Whether a file that runs beside this one has what waits for requests or messages."""
        return any(each.serves for each in self._shipped_with(path) if moments.of_path(each.path) is None)

    def _shipped_with(self, path: str) -> Iterator[Summary]:
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

    def path_named(self, dotted: str) -> str | None:
        """The path that a top-level name of the project stands for: `app.constants.DATA_DIR`."""
        home = self._home(dotted) if self.summaries else None
        return None if home is None else home[0].paths.get(home[1])

    def is_optional(self, dotted: str) -> bool:
        """Whether a file is imported only where it is caught that it cannot be, or by files of which that is true."""
        return dotted in self._optional

    def is_tried(self, package: str) -> bool:
        """Whether some file catches that this package is missing."""
        return package in self._tried

    @cached_property
    def _tried(self) -> frozenset[str]:
        return frozenset(name.partition(".")[0] for summary in self._in_production() for name in summary.tried)

    @cached_property
    def _optional(self) -> frozenset[str]:
        found: set[str] = set()
        before = -1
        while before < len(found):
            before = len(found)
            for target, sources in self._importers.items():
                if all(is_tried or source in found for source, is_tried in sources.items()):
                    found.add(target)
        return frozenset(found)

    @cached_property
    def _importers(self) -> dict[str, dict[str, bool]]:
        """File → the files that import it, and whether each catches that it cannot be."""
        found: dict[str, dict[str, bool]] = defaultdict(dict)
        for summary in self._in_production():
            for name in summary.imported:
                target, _ = self._split(name)
                if target is not None and target is not summary:
                    sources = found[target.dotted]
                    sources[summary.dotted] = sources.get(summary.dotted, False) or name in summary.tried
        return found

    def mutable(self, dotted: str) -> bool | None:
        """Whether its file takes something out of this list or mapping of the project's; None where it is none."""
        home = self._home(dotted) if self.summaries else None
        return None if home is None else home[0].mutable.get(home[1])

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
        if parts[0] in SOURCES and len(parts) > 1:  # `from src.log import logger`: the folder is a package as well
            summary, rest = self._split(".".join(parts[1:]))
            return summary, dotted if summary is None else rest
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
    def _put_off(self) -> frozenset[str]:
        # What only a test imports is read by something else outside of it.
        shipped = [each for each in self.summaries.values() if moments.of_path(each.path) is not Moment.TEST]
        return imports.put_off(shipped, lambda name: self._split(name)[0])

    @cached_property
    def _in_loop(self) -> dict[str, tuple[str, str]]:
        threads = {
            name: each.threads for name, each in self.summaries.items() if moments.of_path(each.path) is not Moment.TEST
        }
        registered = {
            self.resolved(name)
            for each in self.summaries.values()
            for name, moment in each.registered.items()
            if moment is Moment.REQUEST
        }
        return event_loop.in_loop(threads, lambda called: self._target(called, {}), self._moments, registered)

    def stdio_server_of(self, name: str) -> str | None:
        """The path of the tool server over standard output that runs this function, or imports this file."""
        return self._run_by_stdio_servers.get(name)

    @cached_property
    def _run_by_stdio_servers(self) -> dict[str, str]:
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
    def _parts(self) -> frozenset[str]:
        return frozenset(part for dotted in self.summaries for part in dotted.split("."))

    @cached_property
    def _scripts(self) -> frozenset[str]:
        return frozenset(name.rpartition("/")[2] for each in self.summaries.values() for name in each.scripts)

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
        found: dict[str, Moment] = {}
        for summary in self._of_agent():
            for name, calls in summary.functions.items():
                if calls.moment is not None:
                    found[f"{summary.dotted}.{name}" if name else summary.dotted] = calls.moment
            for name, moment in summary.registered.items():
                found.setdefault(self.resolved(name), moment)
            found[summary.dotted] = self._of_top(summary)
            if not (self._is_by_hand(summary) and summary.dotted in self._importers):
                found[f"{summary.dotted}.__main__"] = self._of_main(summary)  # else it shows what others make use of
        for name in self.declared.entries:
            found.setdefault(self.resolved(name), self._starts[self.resolved(name)])
        waiting = sorted(found, key=lambda name: RANK[found[name]])
        for root in waiting:
            self._spread(root, found)
        return found

    @cached_property
    def _starts(self) -> dict[str, Moment]:
        """Each main block, and each of the project's own commands."""
        roots = [f"{dotted}.__main__" for dotted in self.summaries]
        return {root: self._start(root) for root in (*roots, *map(self.resolved, self.declared.entries))}

    @cached_property
    def _early(self) -> frozenset[str]:
        """The functions that run while files are imported, whatever else calls them."""
        found = {each.dotted: Moment.IMPORT for each in self._in_production() if self._of_top(each) is Moment.IMPORT}
        for root in list(found):
            self._spread(root, found)
        return frozenset(found)

    @cached_property
    def _edges(self) -> dict[str, set[str]]:
        """Function → the project's functions that it calls; a file's own name stands for its top level."""
        edges: dict[str, set[str]] = defaultdict(set)
        methods = self._methods
        for summary in self._of_agent():
            for name, calls in summary.functions.items():
                caller = f"{summary.dotted}.{name}" if name else summary.dotted
                edges[caller] |= {target for called in calls.names if (target := self._target(called, methods))}
        return edges

    def _in_production(self) -> Iterator[Summary]:
        return (each for each in self.summaries.values() if moments.of_path(each.path) is not Moment.TEST)

    def _of_agent(self) -> Iterator[Summary]:
        """What a test or a developer's script calls may run anywhere else too."""
        return (each for each in self.summaries.values() if moments.of_path(each.path) is None)

    def _of_main(self, summary: Summary) -> Moment:
        """When a main block runs: by hand, where the command line, the file's name or what an image starts says so."""
        return Moment.COMMAND if self._is_by_hand(summary) else self._starts[f"{summary.dotted}.__main__"]

    def _start(self, root: str) -> Moment:
        """A person's tool reads a command line and serves nothing: where the file says neither, what it runs does."""
        home = self._split(root)[0]
        if home is not None and (home.serves or home.reads_command_line):
            return Moment.START if home.serves else Moment.COMMAND
        reached, stack = {root}, [root]
        while stack:
            fresh = self._edges.get(stack.pop(), set()) - reached
            reached |= fresh
            stack += fresh
        homes = {each.dotted: each for name in reached if (each := self._split(name)[0]) is not None}.values()
        if any(each.serves for each in homes) or not any(each.reads_command_line for each in homes):
            return Moment.START
        return Moment.COMMAND

    def _of_top(self, summary: Summary) -> Moment:
        """When a file's top level runs: by hand too, where nothing imports it and it hands nothing to a framework."""
        is_used = (
            summary.dotted in self._importers
            or moments.is_loaded_by_name(summary.path)
            or bool(summary.registered)
            or any(calls.moment is not None for calls in summary.functions.values())
        )
        if not is_used and self._is_by_hand(summary):
            return Moment.COMMAND
        is_tool = summary.has_main and not self.is_imported(summary.dotted) and self._of_main(summary) is Moment.COMMAND
        return Moment.COMMAND if is_tool else Moment.IMPORT

    def _is_by_hand(self, summary: Summary) -> bool:
        if summary.serves or summary.path.rpartition("/")[2].removesuffix(".py") in self.declared.modules_named:
            return False
        is_once = moments.is_done_once(summary.path) and summary.dotted not in self._importers
        return is_once or self.declared.starts_another(summary.path)

    def _spread(self, root: str, found: dict[str, Moment]) -> None:
        stack, moment = [root], found[root]
        while stack:
            for callee in self._edges.get(stack.pop(), ()):
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
        """The function of this project that a call runs: of a class, its `__init__` or `__new__`."""
        if called.startswith(("?", "super()")):
            return methods.get(called.rpartition(".")[2])
        name = self.resolved(called.replace("()", ""))
        summary, inner = self._split(name)
        if summary is None or not inner:
            return None
        # A class is among them for what its own body calls.
        runs = (f"{inner}.__init__", f"{inner}.__new__", inner)
        return next((f"{summary.dotted}.{each}" for each in runs if each in summary.functions), None)


def _is_within(one: str, other: str) -> bool:
    """Whether one of two folders lies in the other."""
    return f"{one}/".startswith(f"{other}/" if other else "") or f"{other}/".startswith(f"{one}/" if one else "")
