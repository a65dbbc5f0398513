"""What other files need to know of a file: small, and stored from one scan to the next."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from roadworthy.scan import moments
from roadworthy.scan.event_loop import Thread, threads_of
from roadworthy.scan.health import tells_health
from roadworthy.scan.imports import files_asked_for
from roadworthy.scan.instances import bases_of, instances_of
from roadworthy.scan.moments import Moment
from roadworthy.scan.openings import paths_named
from roadworthy.scan.optional import imports_of
from roadworthy.scan.outside import asking_in
from roadworthy.scan.scopes import Import
from roadworthy.scan.shared import kept_by_methods
from roadworthy.scan.state import mutable, taken_out
from roadworthy.scan.stdio import speaks_stdio
from roadworthy.scan.variables import tells_if_missing, variables_in

if TYPE_CHECKING:
    from roadworthy.scan.commands import Command
    from roadworthy.scan.module import Module


class Calls(msgspec.Struct, frozen=True, gc=False):
    """A function, when it runs as far as this file tells, and the names that it calls."""

    moment: Moment | None
    names: tuple[str, ...]


class Summary(msgspec.Struct, frozen=True):
    """One Python file as the others see it."""

    path: str
    dotted: str
    functions: dict[str, Calls]
    """By qualified name; the empty one is the top level, `__main__` the main block."""
    exports: dict[str, str]
    """Imported names, and what they stand for."""
    made: dict[str, str]
    """Names at the top level that a call made, and what was called: `client = httpx.Client(timeout=5)`."""
    registered: dict[str, Moment]
    """Dotted names of functions handed to a framework."""
    imported: tuple[str, ...]
    reads_command_line: bool
    serves: bool
    speaks_stdio: bool = False
    """Whether its tool server answers over standard output."""
    imports: tuple[str, ...] = ()
    """What is imported whenever this file is, relative imports too."""
    put_off: tuple[str, ...] = ()
    """What is imported in a function, or where a setting says so."""
    threads: dict[str, Thread] = {}
    """By qualified name: where a function runs, and what it calls there."""
    mutable: dict[str, bool] = {}
    """Names of lists and mappings at the top level that nothing bounds; whether something here is taken out of each."""
    taken_out: tuple[str, ...] = ()
    """Dotted names of lists and mappings of other files that this one takes something out of."""
    instances: dict[str, str] = {}
    """What functions return and attributes are: `get_client()` → `openai.OpenAI`, `Agent().client` → `=app.client`."""
    bases: dict[str, tuple[str, ...]] = {}
    """Classes, and the dotted names of what they inherit from."""
    kept: dict[str, str] = {}
    """Methods, by qualified name, and the conversation of their object that they add to."""
    tells_health: bool = False
    """Whether it names a path, or a library, by which a service says that it works."""
    variables: dict[str, tuple[str, ...]] = {}
    """Environment variables whose absence this file tells, and the scopes that read them so."""
    scripts: tuple[str, ...] = ()
    """The scripts that it starts."""
    tried: tuple[str, ...] = ()
    """Dotted names that are imported only where it is caught that they are missing."""
    paths: dict[str, str] = {}
    """Names at the top level that are paths."""
    asking: dict[str, tuple[str, ...]] = {}
    """Functions, and what they call whose errors they let out; see `outside.asking_in`."""
    needs: tuple[str, ...] = ()
    """Of a tool server: environment variables that it cannot do without, as far as this file tells."""

    @property
    def has_main(self) -> bool:
        """Whether its main block calls something."""
        return bool(self.functions["__main__"].names)


def summary_of(module: Module) -> Summary:
    """What other files need to know of this one."""
    names: dict[str, set[str]] = {"": set(), "__main__": set()}
    for call in module.calls:
        scope = call.scope.runs_in.name
        if not scope and module.is_in_main(call.node):
            scope = "__main__"
        names.setdefault(scope, set()).update(moments.callees(module, call))
    functions = {scope: Calls(None, tuple(sorted(_told(found)))) for scope, found in names.items()}
    for function in module.functions:
        name = module.scopes.inside(function).name
        moment = moments.of_function(module, function)
        functions[name] = Calls(moment, functions[name].names if name in functions else ())
    bindings = module.scopes.module.bindings
    made = {
        name: module.call(bound[0]).name
        for name, bound in bindings.items()
        if len(bound) == 1 and isinstance(bound[0], ast.Call)
    }
    registered: dict[str, Moment] = {}
    for node, moment in moments.registered(module):
        name = module.name(node)
        if not name.startswith("?") and not name.endswith("()"):  # an object that is handed over is no function
            registered.setdefault(name, moment)
    imports, tried = imports_of(module)
    at_import, put_off = files_asked_for(module)
    return Summary(
        path=module.path,
        dotted=module.dotted,
        functions=functions,
        exports={name: bound[0].dotted for name, bound in bindings.items() if isinstance(bound[0], Import)},
        made=made,
        registered=registered,
        imported=tuple(sorted(imports)),
        imports=at_import,
        put_off=put_off,
        threads=threads_of(module),
        instances=instances_of(module),
        bases=bases_of(module),
        mutable=mutable(module),
        taken_out=taken_out(module),
        kept=kept_by_methods(module, names),
        reads_command_line=moments.reads_command_line(module),
        serves=moments.serves(module),
        speaks_stdio=module.imports("mcp", "fastmcp") and speaks_stdio(module),
        variables=_told_variables(module),
        tells_health=tells_health(module.source),
        paths=dict(paths_named(module)),
        tried=tuple(sorted(tried)),
        asking=asking_in(module),
        needs=tuple(sorted(_needs(module))) if module.imports("mcp", "fastmcp") else (),
        scripts=tuple(sorted({word for each in module.commands for word in _scripts(each)})),
    )


def _told_variables(module: Module) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for read in variables_in(module):
        if tells_if_missing(module, read):
            scope = "" if read.how == "settings" else module.scope(read.node).name
            found[read.name] = (*found.get(read.name, ()), "__main__" if module.is_in_main(read.node) else scope)
    return found


def _needs(module: Module) -> Iterator[str]:
    for read in variables_in(module):
        # What `get` leaves at None may be a choice; a key is not.
        if read.is_required and (read.how != "get" or re.search(r"(KEY|TOKEN|SECRET|PASSWORD)$", read.name)):
            yield read.name


def _scripts(command: Command) -> Iterator[str]:
    yield from (word for word in (command.program, *command.arguments) if word.endswith((".sh", ".bash")))
    if "/" in command.program:
        yield command.program


def _told(names: set[str]) -> set[str]:
    """Names that may be of this project: not of a builtin, and with more than a question mark."""
    return {name for name in names if "." in name}
