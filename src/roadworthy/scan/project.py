"""What only the whole project tells: when a function runs, and what a name of another file stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.scan import imports, moments
from roadworthy.scan.call_graph import CallGraph
from roadworthy.scan.declared import Declared
from roadworthy.scan.disk import Disk
from roadworthy.scan.moments import Moment
from roadworthy.scan.own_names import OwnNames
from roadworthy.scan.values import HOLE

if TYPE_CHECKING:
    from roadworthy.manifest.model import Manifest
    from roadworthy.scan.document import Document
    from roadworthy.scan.summary import Summary

_RETRIES = re.compile(r"(with|and|do|run|call|request)_retr(y|ies)|retry_(call|async|with|on)|retrying", re.IGNORECASE)
"""Names of functions that call something again until it answers."""
LEARNED = (
    "_asked_early",
    "_optional",
    "_tried",
    "_put_off",
    "_keeping_methods",
    "_classes",
    "_parts",
    "_scripts",
    "_firsts",
    "_serving",
    "_taken_out",
    "_importers_of_names",
)
"""What follows from all files together, and is found anew when there are others."""


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
        self._names = OwnNames(self.summaries)
        self._calls = CallGraph(self.summaries, self._names, self.declared)

    def learn_documents(self, documents: Iterable[Document]) -> None:
        """Take in every file that is no Python."""
        self.declared = Declared(self.disk, documents)
        self._calls = CallGraph(self.summaries, self._names, self.declared)

    def learn(self, summaries: Iterable[Summary]) -> None:
        """Know these Python files, and no others; asked before, the project answers for none."""
        nearest_last = sorted(summaries, key=lambda each: (each.path.count("/"), each.path), reverse=True)
        self.summaries = {summary.dotted: summary for summary in nearest_last}
        self._made.clear()
        self._names = OwnNames(self.summaries)
        self._calls = CallGraph(self.summaries, self._names, self.declared)
        for learned in LEARNED:
            self.__dict__.pop(learned, None)

    def moment(self, dotted: str, path: str, scope: str, *, in_main: bool = False) -> Moment:
        """When this scope of a file runs; empty: its top level."""
        told = self._calls.of_path(path)
        return self._calls.moment(dotted, scope, in_main=in_main) if told is None else told

    def resolved(self, dotted: str) -> str:
        """A name of the project with re-exports and modules of another root followed to where it is defined."""
        return self._names.resolved(dotted)

    def is_imported(self, dotted: str) -> bool:
        """Whether another file imports this one, or this name of one: else it is a script that somebody starts."""
        return dotted in self._calls.imported

    def is_imported_beside(self, name: str, *words: str) -> bool:
        """Whether a file that imports this name calls something whose last word is one of these."""
        return any(
            called.rpartition(".")[2] in words
            for each in self._importers_of_names.get(name, ())
            for calls in each.functions.values()
            for called in calls.names
        )

    @cached_property
    def _importers_of_names(self) -> dict[str, list[Summary]]:
        found: dict[str, list[Summary]] = {}
        for each in self._calls.in_production():
            home = {self._names.resolved(name) for name in (*each.imported, *each.exports.values())}
            for name in home:
                found.setdefault(name, []).append(each)
        return found

    def owns(self, name: str) -> bool:
        """Whether a dotted name is one of the project's modules, or lies in one."""
        return self._names.split(name)[0] is not None

    def first_to_import(self, package: str) -> str | None:
        """The file, of those that run in production, that imports a package and comes first by its path."""
        return self._firsts.get(package)

    def asks_early_for(self, variable: str) -> bool:
        """Whether some file tells when it is imported or started that this environment variable is missing."""
        return variable in self._asked_early

    def asks_early_beside(self, variable: str, path: str) -> bool:
        """Whether a file that runs beside this one does: of several agents in one repository each asks for its own."""
        home = self.declared.home(path)
        return any(_is_within(each, home) for each in self._asked_early.get(variable, ()))

    def is_trial(self, dotted: str) -> bool:
        """Whether a file's main block is somebody's trial run: production imports the file, or starts another."""
        return self._calls.is_trial(dotted)

    def runs_early(self, dotted: str, scope: str) -> bool:
        """Whether a function runs while its file or another one is imported, in requests too or not."""
        return f"{dotted}.{scope}" in self._calls.early

    def is_put_off(self, dotted: str) -> bool:
        """Whether no start reads this file: it is imported in functions alone, or where a setting asks for it."""
        return dotted in self._put_off

    def in_loop(self, function: str) -> tuple[str, str] | None:
        """The `async def` in whose event loop, which requests share, this function runs, and what that one calls.

        Both are the function itself where it is one.
        """
        return self._calls.in_loop.get(function)

    def asks_outside(self, called: str) -> bool | None:
        """Whether a function of the project's asks a network, a database, a program, and lets its errors out.

        None where it is no function of the project's.
        """
        return self._calls.asks_outside(called)

    def calls(self, word: str) -> bool:
        """Whether some file calls, imports or hands on what has this name, whatever it is of."""
        return word in self._calls.words_called

    def tries_again(self) -> bool:
        """Whether the project calls something of its own, or of a library, that tries again: `call_with_retry`."""
        return any(_RETRIES.search(word) for word in self._calls.words_called)

    def asks_unbounded(self, called: str) -> bool:
        """Whether a function of the project asks a model, a web address or a database, and nothing bounds how often."""
        return self._calls.asks_unbounded(called)

    def is_own(self, name: str) -> bool:
        """Whether it is a module of the project, a class of it, or an object of one: `app.agent`, `app.Agent()`."""
        summary, inner = self._names.split(self._names.resolved(name.removesuffix("()")))
        return summary is not None and (not inner or f"{summary.dotted}.{inner}" in self._classes)

    def kept_by(self, called: str) -> str | None:
        """The conversation of its object that a method adds to: `history`, for `app.agent.Agent().answer`."""
        summary, inner = self._names.split(self._names.resolved(called.replace("()", "")))
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
        summary, inner = self._names.split(function)
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
        beside = (each for each in self._shipped_with(path) if self._calls.of_path(each.path) is not Moment.TEST)
        return any(each.tells_health for each in beside)

    def serves_beside(self, path: str) -> bool:
        """Whether a file that runs beside this one has what waits for requests or messages."""
        return any(each.serves for each in self._shipped_with(path) if self._calls.of_path(each.path) is None)

    def is_of_service(self, dotted: str, path: str) -> bool:
        """Whether other files import this one, beside what waits for requests and is no command-line tool's."""
        return dotted in self._calls.importers and self._serves_at(self.declared.home(path))

    def _serves_at(self, home: str) -> bool:
        if home not in self._serving:
            is_tool = any(self.declared.home(path) == home for path in self._calls.tools)
            own = (each for each in self.summaries.values() if self._calls.of_path(each.path) is None)
            serving = (each for each in own if each.serves or not set(moments.PAGES).isdisjoint(each.imported))
            is_near = (_is_within(self.declared.home(each.path), home) for each in serving)
            self._serving[home] = not is_tool and any(is_near)
        return self._serving[home]

    @cached_property
    def _serving(self) -> dict[str, bool]:
        """A folder of a project → whether something in it waits for requests."""
        return {}

    def _shipped_with(self, path: str) -> Iterator[Summary]:
        """The files that run beside this one, without those of other agents that it does not import."""
        home = self.declared.home(path)
        near = [each for each in self.summaries.values() if _is_within(self.declared.home(each.path), home)]
        seen = {each.dotted for each in near}
        yield from near
        for name in {name for each in near for name in each.imported}:
            summary = self._names.split(name)[0]
            if summary is not None and summary.dotted not in seen:
                seen.add(summary.dotted)
                yield summary

    def made(self, dotted: str) -> str | None:
        """The class of an object of the project's: `app.clients.http`, `app.get_client()`, `app.Agent().client`."""
        if dotted not in self._made:
            name = self._names.expanded(dotted) if self.summaries else dotted
            self._made[dotted] = name[:-2] if name != dotted and name.endswith("()") else None
        return self._made[dotted]

    def path_named(self, dotted: str) -> str | None:
        """The path that a top-level name of the project stands for: `app.constants.DATA_DIR`."""
        home = self._names.home(dotted) if self.summaries else None
        return None if home is None else home[0].paths.get(home[1])

    def is_optional(self, dotted: str) -> bool:
        """Whether a file is imported only where it is caught that it cannot be, or by files of which that is true."""
        return dotted in self._optional

    def is_tried(self, package: str) -> bool:
        """Whether some file catches that this package is missing."""
        return package in self._tried

    @cached_property
    def _tried(self) -> frozenset[str]:
        return frozenset(name.partition(".")[0] for summary in self._calls.in_production() for name in summary.tried)

    @cached_property
    def _optional(self) -> frozenset[str]:
        found: set[str] = set()
        before = -1
        while before < len(found):
            before = len(found)
            for target, sources in self._calls.importers.items():
                if all(is_tried or source in found for source, is_tried in sources.items()):
                    found.add(target)
        return frozenset(found)

    def mutable(self, dotted: str) -> bool | None:
        """Whether its file takes something out of this list or mapping of the project's; None where it is none."""
        home = self._names.home(dotted) if self.summaries else None
        return None if home is None else home[0].mutable.get(home[1])

    def is_taken_out(self, dotted: str) -> bool:
        """Whether another file, that is no test, takes something out of this list or mapping."""
        return bool(self._taken_out) and self.resolved(dotted) in self._taken_out

    @cached_property
    def _taken_out(self) -> frozenset[str]:
        named = (name for each in self._calls.in_production() for name in each.taken_out)
        return frozenset(map(self.resolved, named))

    @cached_property
    def _put_off(self) -> frozenset[str]:
        # What only a test imports is read by something else outside of it.
        shipped = [each for each in self.summaries.values() if self._calls.of_path(each.path) is not Moment.TEST]
        return imports.put_off(shipped, lambda name: self._names.split(name)[0])

    def stdio_server_of(self, name: str) -> str | None:
        """The path of the tool server over standard output that runs this function, or imports this file."""
        return self._calls.run_by_stdio_servers.get(name)

    @cached_property
    def _parts(self) -> frozenset[str]:
        return frozenset(part for dotted in self.summaries for part in dotted.split("."))

    @cached_property
    def _firsts(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for summary in sorted(self.summaries.values(), key=lambda each: each.path):
            if self._calls.of_path(summary.path) is None:
                for name in summary.imported:
                    found.setdefault(name.partition(".")[0], summary.path)
        return found

    @cached_property
    def _scripts(self) -> frozenset[str]:
        return frozenset(name.rpartition("/")[2] for each in self.summaries.values() for name in each.scripts)

    @cached_property
    def _asked_early(self) -> dict[str, set[str]]:
        """Variables that some file asks for early, and the folders of what is shipped with those files."""
        found: dict[str, set[str]] = {}
        for summary in self.summaries.values():
            for name, scopes in summary.variables.items():
                if any(self._runs_at_a_start(summary, scope) for scope in scopes):
                    found.setdefault(name, set()).add(self.declared.home(summary.path))
        return found

    def _runs_at_a_start(self, summary: Summary, scope: str) -> bool:
        inner = scope.removesuffix("__main__")
        moment = self.moment(summary.dotted, summary.path, inner, in_main=scope == "__main__")
        return moment in (Moment.IMPORT, Moment.START)


def _is_within(one: str, other: str) -> bool:
    """Whether one of two folders lies in the other."""
    return f"{one}/".startswith(f"{other}/" if other else "") or f"{other}/".startswith(f"{one}/" if one else "")
