"""Agents that are no service: a function to be called, a command that answers once, a framework's own file."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.findings import Place
from roadworthy.init.running import run_file
from roadworthy.init.servers import place_of, screen
from roadworthy.init.starts import ANY_HOST, Port, Start

if TYPE_CHECKING:
    from roadworthy.scan.module import Module
    from roadworthy.scan.project import Project
    from roadworthy.scan.scopes import Function

NAMES = (
    *("agent", "answer", "ask", "run_agent", "ask_agent", "invoke_agent", "call_agent", "answer_question"),
    *("chat", "respond", "reply", "handle", "invoke", "query", "run", "process_query"),
    *("get_response", "generate_response"),
)
"""Names of functions that take a question and give an answer, the likeliest first."""
FILES = ("app", "agent", "main", "agents", "bot", "assistant", "chat", "run")
_QUESTION = re.compile(
    r"query|question|message|prompt|text|input|task|topic|goal|content|instruction|sentence", re.IGNORECASE
)
_TEXT = re.compile(r"^(str|Any|typing\.Any)?$")


def entries(module: Module) -> Iterator[Start]:
    """Functions and classes at the file's top level that can be called with a question."""
    stem = module.path.rpartition("/")[2].removesuffix(".py")
    if screen(module) is not None:
        return
    for name, bound in module.scopes.module.bindings.items():
        node = bound[0] if len(bound) == 1 else None
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if not isinstance(node, ast.ClassDef):
            is_one = (
                name in NAMES and not node.decorator_list and _takes_a_question(node.args, is_method=False, named=name)
            )
        else:
            is_one = name.endswith(("Agent", "Assistant", "Bot")) and _is_called(node)
        if is_one and (stem in FILES or name in NAMES[:6] or stem in name.lower()):
            weight = (FILES.index(stem) if stem in FILES else 10) + (NAMES.index(name) if name in NAMES else 5)
            folder = module.path.rpartition("/")[0]
            yield Start(
                "entry",
                place_of(module, node),
                entry=f"{module.path}:{name}",
                folder=folder,
                weight=weight,
                serves=module.dotted,
            )


def commands(module: Module) -> Iterator[Start]:
    """A script that answers once: its question is its argument, or what stands on its standard input."""
    if not (module.main_blocks or module.path.endswith("__main__.py") or _prints_at_top(module)):
        return
    found = _argument(module)
    if found is None:
        return
    node, how = found
    folder = module.path.rpartition("/")[0]
    is_named = module.path.rpartition("/")[2].removesuffix(".py") in (*FILES, "ask", "cli", "__main__")
    yield Start(
        "once",
        place_of(module, node),
        run_file(module.project.whole, module.path),
        asked="argument" if how == "argument" else "stdin",
        serves=module.dotted,
        folder=folder,
        weight=0 if is_named else 5,
    )


def waits_for_terminal(module: Module) -> Place | None:
    """Where a file asks a person at a terminal."""
    for call in module.calls_to("input", "rich.prompt.Prompt.ask", "typer.prompt", "click.prompt"):
        return place_of(module, call.node)
    return None


def adk(module: Module) -> Iterator[Start]:
    """Google ADK's `root_agent`, which its own server finds by the folder's name."""
    bound = module.scopes.module.bindings.get("root_agent")
    if not bound or not module.imports("google.adk"):
        return
    name = module.path.rpartition("/")[2]
    package, _, _ = module.path.rpartition("/")
    if name not in ("agent.py", "__init__.py") or not package:
        return
    around = package.rpartition("/")[0] or "."
    command = ("adk", "api_server", "--host", ANY_HOST, "--port", "8000", "--auto_create_session", around)
    node = bound[0]
    line = getattr(node, "lineno", None) or getattr(getattr(node, "node", None), "lineno", 1)
    seen = Place(module.path, line)
    serves = package.rpartition("/")[2]
    yield Start("adk", seen, command, port=Port(8000, None, seen), asked="adk", serves=serves, folder=around.strip("."))


def langgraph_embedding(project: Project, seen: Place) -> Place | None:
    """Where a `langgraph.json` has the store embed texts with OpenAI, which no line of Python shows."""
    try:
        text = (project.root / seen.path).read_text("utf-8", "replace")
    except OSError:
        return None
    found = re.search(r'"embed"\s*:\s*"openai:', text)
    return None if found is None else Place(seen.path, text.count("\n", 0, found.start()) + 1)


def langgraph(project: Project) -> Iterator[Start]:
    """The graphs of a `langgraph.json`, in the project's folder or one below it."""
    folders = {"", *(each.path.split("/")[0] for each in project.summaries.values() if "/" in each.path)}
    for folder in sorted(folders):
        path = f"{folder}/langgraph.json".lstrip("/")
        try:
            text = (project.root / path).read_text("utf-8", "replace")
            table = json.loads(text)
        except (OSError, ValueError, RecursionError):
            continue
        graphs = table.get("graphs") if isinstance(table, dict) else None
        if not isinstance(graphs, dict) or not graphs:
            continue
        name = next(iter(graphs))
        line = next((number for number, each in enumerate(text.splitlines(), 1) if '"graphs"' in each), 1)
        # Named, it is found from any folder that the server is started in.
        command = (
            "langgraph",
            "dev",
            "--config",
            path,
            "--no-browser",
            "--no-reload",
            "--host",
            ANY_HOST,
            "--port",
            "2024",
        )
        seen = Place(path, line)
        others = f"{path} has further graphs: {', '.join(list(graphs)[1:6])}" if len(graphs) > 1 else ""
        yield Start(
            "langgraph",
            seen,
            command,
            port=Port(2024, None, seen),
            asked="langgraph",
            serves=name,
            remark=others,
            folder=folder,
        )


def _takes_a_question(arguments: ast.arguments, *, is_method: bool, named: str) -> bool:
    plain = [*arguments.posonlyargs, *arguments.args][is_method:]
    needed = len(plain) - len(arguments.defaults)
    if len(plain) < 1 or needed > 1 or any(default is None for default in arguments.kw_defaults):
        return False
    first = plain[0]
    written = "" if first.annotation is None else ast.unparse(first.annotation)
    fits = _TEXT.match(written) is not None
    return fits and (_QUESTION.search(first.arg) is not None or (needed == 1 and named in NAMES[:2]))


def _is_called(node: ast.ClassDef) -> bool:
    methods: dict[str, Function] = {
        each.name: each for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    made, called = methods.get("__init__"), methods.get("__call__")
    if called is None or (made is not None and len(made.args.args) - 1 > len(made.args.defaults)):
        return False
    return _takes_a_question(called.args, is_method=True, named=node.name)


def _argument(module: Module) -> tuple[ast.AST, str] | None:
    """Where the one thing that the command needs comes from; None where it needs none, or several."""
    for subscript in module.all(ast.Subscript):
        around = module.parent(subscript)
        is_number = isinstance(around, ast.Call) and module.name(around.func) in ("int", "float")
        if module.name(subscript.value) == "sys.argv" and _is_first(subscript.slice) and not is_number:
            return subscript, "argument"
    needed = [
        call
        for call in module.methods("add_argument")
        if (told := call.text(0)) is not None
        and not told.startswith("-")
        and call.text(None, "nargs") not in ("?", "*")
    ]
    is_click = module.imports("click", "typer")
    needed += [call for call in module.methods("argument", "Argument") if is_click]
    if len(needed) == 1 and _QUESTION.search(needed[0].text(0) or ast.unparse(needed[0].node)):
        return needed[0].node, "argument"
    for call in module.calls_to("sys.stdin.read", "sys.stdin.readline", "sys.stdin.buffer.read"):
        return call.node, "stdin"
    return None


def _is_first(index: ast.expr) -> bool:
    match index:
        case ast.Constant(value=1) | ast.Slice(lower=ast.Constant(value=1)):
            return True
    return False


def _prints_at_top(module: Module) -> bool:
    return any(not call.scope.name for call in module.calls_to("print"))
