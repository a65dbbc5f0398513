"""From a project's folder to a draft of its manifest: every file is looked at once, then all is put together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.errors import UsageError
from roadworthy.findings import Place
from roadworthy.init import deployed, entries, needs, services, variables
from roadworthy.init.agent import fill_in_agent
from roadworthy.init.guess import Draft, Guess, is_writable, places
from roadworthy.init.in_code import in_code
from roadworthy.init.placing import weight_of
from roadworthy.init.routes import mounts, routes
from roadworthy.init.running import pyproject, reached, run_application, run_file, scripts_of
from roadworthy.init.servers import Served, applications, screen, servers, tool_server
from roadworthy.init.shapes import shapes
from roadworthy.init.sights import Sights
from roadworthy.init.starts import Port, Start, in_order
from roadworthy.scan.moments import of_path
from roadworthy.scan.sources import Sources
from roadworthy.scan.tree import without_collector

if TYPE_CHECKING:
    from roadworthy.scan.document import Document
    from roadworthy.scan.module import Module
    from roadworthy.scan.project import Project


def drafted(root: Path, environment: Mapping[str, str]) -> Draft:
    """A manifest for the project in `root`, from its source alone: nothing of it is imported or run.

    `environment` are the variables that have a value here. Raises UsageError where there is nothing to read.
    """
    with without_collector():
        sources = Sources(root)
        sights = Sights()
        for module in sources.modules():
            _look(module, sights, root)
    unread = tuple(str(problem) for problem in sources.problems)
    if not sources.lines and not (root / "package.json").is_file():
        told = "".join(f"\n  {each}" for each in unread[:20])
        raise UsageError(
            f"{root}: none of its files could be read{told}"
            if unread
            else f"{root}: no source here\n  name the folder that holds the agent's source"
        )
    return _put_together(sources, sights, environment, unread)


def _look(module: Module, sights: Sights, root: Path) -> None:
    if of_path(module.path, samples=False) is not None:
        return  # a test, an example, a developer's own script
    sights.shapes.update(shapes(module))
    mounts(module, sights.mounts)
    sights.routes += routes(module)
    own = list(servers(module))
    sights.served += own
    sights.applications += applications(module)
    if own and not module.imports("fastapi", "flask", "starlette", "aiohttp", "quart", "gradio"):
        sights.in_code[module.path] = in_code(module)
    if (found := tool_server(module)) is not None:
        sights.tool_servers.append((module.path, *found))
    if (told := screen(module)) is not None:
        sights.screens.append((module.path, told))
    if (place := entries.waits_for_terminal(module)) is not None:
        sights.terminals.append(place)
    sights.starts += [*entries.entries(module), *entries.adk(module), *([] if own else entries.commands(module))]
    sights.variables += [*variables.variables(module), *variables.of_libraries(module)]
    sights.reached += services.services(module)
    for name, place in needs.models(module):
        sights.models.setdefault(name, []).append(place)
    for name, place in needs.binaries(module):
        sights.binaries.setdefault(name, []).append(place)
    for kind, path, place in needs.files(module, root):
        sights.files.setdefault((kind, path), []).append(place)


def _put_together(sources: Sources, sights: Sights, environment: Mapping[str, str], unread: tuple[str, ...]) -> Draft:
    project, documents = sources.project, sources.documents
    for document in documents:
        if document.kind in ("tools", "mcp", "shell"):
            for name, place in needs.binaries(document):
                sights.binaries.setdefault(name, []).append(place)
    sights.imports = _imports(project)
    starts = in_order(_starts(project, sights, documents))
    if starts and starts[0].asked == "langgraph":
        _look_at_langgraph(project, starts[0], sights)
    env = variables.guesses([*sights.variables, *variables.of_documents(documents)], environment)
    draft = Draft(name=_name(project.root), unread=unread, env=env, is_python=bool(project.summaries))
    fill_in_agent(draft, starts, sights)
    draft.models = [Guess(name, places(found)) for name, found in sorted(sights.models.items()) if is_writable(name)]
    draft.services = services.guesses(sights.reached, env)
    draft.binaries = {name: Guess("*", places(found)) for name, found in sorted(sights.binaries.items())}
    seen = sorted(sights.files.items())
    draft.read = [Guess(path, places(found)) for (kind, path), found in seen if kind == "read"]
    note = "; has to be writable in production"
    draft.write = [Guess(path, places(found) + note) for (kind, path), found in seen if kind == "write"]
    folders = [(path, found) for (told, path), found in sights.files.items() if told == "workspace"]
    if len(folders) == 1:
        draft.workspace = Guess(folders[0][0], places(folders[0][1]))
    draft.resources = needs.resources(documents, draft.name)
    draft.tools = needs.tools(documents)
    return draft


def _imports(project: Project) -> dict[str, frozenset[str]]:
    """Module → the project's own modules that it imports."""
    known = project.summaries
    found = {}
    for name, summary in known.items():
        targets = {project.resolved(each) for each in (*summary.imported, *summary.exports.values())}
        own = {each if each in known else each.rpartition(".")[0] for each in targets}
        packages = {name.rpartition(".")[0] for name in (*own, name)}  # a package's own file is read first
        found[name] = frozenset((own | packages) & set(known))
    return found


def _look_at_langgraph(project: Project, start: Start, sights: Sights) -> None:
    """What LangGraph's own server needs, which no line of the project shows."""
    sights.variables += [variables.quiet(row, start.seen) for row in variables.quieted("langgraph")]
    embedding = entries.langgraph_embedding(project, start.seen)
    if embedding is not None:
        sights.variables.append(variables.Seen("OPENAI_API_KEY", embedding, "always", is_secret=True))
        sights.reached.append(services.tokenizer_tables(embedding))


def _starts(project: Project, sights: Sights, documents: list[Document]) -> list[Start]:
    screens = dict(sights.screens)
    found = [
        replace(each, asked="not", remark=f"{each.seen} starts {screens[each.serves]}, which no HTTP request asks")
        if each.serves in screens and not any(served.path == each.serves for served in sights.served)
        else _completed(project, each, sights)
        for each in deployed.deployed(project, documents)
    ]
    found += [*sights.starts, *entries.langgraph(project)]
    runs = reached(project, scripts_of(project.root))
    for served in sights.served:
        commands = _commands_of(project, served, runs)
        for command in commands[:2]:
            serves = served.application or _dotted(project, served.path)
            folder = served.path.rpartition("/")[0]
            weight = weight_of(served.path)
            found.append(
                Start(
                    "server",
                    served.seen,
                    command,
                    None,
                    served.port,
                    "a2a" if served.speaks else "http",
                    serves,
                    folder=folder,
                    weight=weight,
                )
            )
    started = {each.serves for each in found if each.told in ("server", "image", "procfile", "compose")}
    for application in sights.applications:
        line = run_application(project, application)
        if line is not None and application.dotted not in started:
            port = Port(int(line[-1]), None, application.seen)
            folder = application.path.rpartition("/")[0]
            weight = weight_of(application.path) + 2 * application.is_factory
            found.append(
                Start("app", application.seen, line, port=port, serves=application.dotted, folder=folder, weight=weight)
            )
    for path, place, is_stdio in sights.tool_servers:
        how = (
            "over a pipe (MCP on stdio), which no HTTP request reaches"
            if is_stdio
            else "of MCP, which is asked in its own protocol"
        )
        remark = f"{place} runs a tool server {how}: a rehearsal asks agents, and cannot ask this one"
        found.append(
            Start("other", place, run_file(project, path), asked="not", remark=remark, folder=path.rpartition("/")[0])
        )
    for told, path in {told: path for path, told in reversed(sights.screens)}.items():
        remark = f"{path} is {told}: no HTTP request asks it; a function that takes the question could be the `entry`"
        folder = path.rpartition("/")[0]
        found.append(Start("other", Place(path, 1), run_file(project, path), asked="not", remark=remark, folder=folder))
    for place in sights.terminals[:1]:
        remark = f"{place} asks a person at a terminal: give a function that takes the question as the `entry`"
        found.append(Start("other", place, run_file(project, place.path), asked="not", remark=remark, weight=1))
    return found


def _completed(project: Project, start: Start, sights: Sights) -> Start:
    """A deployment's start with what the source tells of what it runs: the application, and where it listens."""
    if start.asked in ("adk", "langgraph"):
        known = [*sights.starts, *entries.langgraph(project)]
        serves = next((each.serves for each in known if each.asked == start.asked), "")
        return replace(start, serves=serves) if serves else replace(start, asked="http")
    scripts = scripts_of(project.root / start.folder)
    target = scripts.get(start.command[0])
    for served in sights.served:
        dotted = _dotted(project, served.path)
        is_its = start.serves in (served.path, dotted, dotted.removesuffix(".__main__"))
        if is_its or (target is not None and project.resolved(target) == f"{dotted}.{served.function}"):
            return replace(start, serves=served.application or dotted, port=served.port or start.port)
    return start if target is None else replace(start, serves=target)


def _commands_of(project: Project, served: Served, runs: Mapping[str, list[tuple[str, ...]]]) -> list[tuple[str, ...]]:
    """How the server is run: by its own file, or by those whose main block gets to it."""
    if served.in_main or not served.function:
        return [run_file(project, served.path)]
    return runs.get(f"{_dotted(project, served.path)}.{served.function}", [])


def _dotted(project: Project, path: str) -> str:
    return next((each.dotted for each in project.summaries.values() if each.path == path), "")


def _name(root: Path) -> str:
    project = pyproject(root).get("project")
    named = project.get("name") if isinstance(project, dict) else None
    name = named if isinstance(named, str) and named else root.resolve().name
    return re.sub(r"[^\w.-]+", "-", name).strip("-") or "agent"
