"""When a line of code runs: at import, at the start, in a request, in a command-line tool, in a test.

What a hazard costs depends on it. A function's moment is that of what calls it: handlers, tools and agents' entry
points are known by how frameworks register them, and all that they call within the project runs in a request too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from roadworthy.scan.names import UNKNOWN
from roadworthy.scan.scopes import Function

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module


class Moment(StrEnum):
    """When code runs. Where several fit, the first of them stands: it is where a failure costs most."""

    REQUEST = "request"
    START = "start"
    IMPORT = "import"
    COMMAND = "command"
    """In a command-line tool: a person reads its output and can run it again."""
    UNKNOWN = "unknown"
    """In a function that nothing calls here: a library's, or one that a framework finds by itself."""
    EXAMPLE = "example"
    """In a file that shows or tries something, or is a developer's own script."""
    TEST = "test"


_TEST = re.compile(r"(^|/)(tests?|testing|e2e|conftest\.py|test_[^/]*\.py|[^/]*(_tests?|[a-z0-9]Tests?)\.py)(/|$)")
_EXAMPLE = re.compile(
    r"(^|/)(examples?|samples?|docs?|demos?|tutorials?|benchmarks?|bench|evals?|notebooks?|cookbooks?|scripts?|tools/dev|"
    r"migrations|alembic|versions|setup\.py|noxfile\.py|tasks\.py|fabfile\.py|[^/]*\.ipynb|"
    r"[^/]*(benchmark|example|demo)[^/]*\.py|(deploy|migrate)(_[^/]*)?\.py|(local|dev|mock|fake)_?server(\.py)?|"
    r"archived(_[^/]*)?|community\w*|use[-_]?cases?|playgrounds?|[^/]*_(backup|bak|old)\.py)(/|$)"
)
_TEMPLATE = re.compile(r"(^|/)(templates?|scaffold(s|ing)?|cookiecutter[^/]*)/", re.IGNORECASE)
_TERMINAL = re.compile(r"(^|/)(cli|commands?|terminal_\w+)(/|\.py$)")
_ONCE = re.compile(r"(^|/)(convert|create|generate|build|prepare|migrate|seed|populate|plot|download)_[^/]*\.py$")
_LOADED = re.compile(
    r"(^|/)(__init__|__main__|settings|config|configuration|conf|urls|models|admin|apps|wsgi|asgi|celery|signals|agent|"
    r"graph|plugin)\.py$"
)
_ROUTES = {
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "route",
    "websocket",
    "api_route",
    "websocket_route",
}
_TOOLS = {
    *("tool", "function_tool", "tool_plain", "kernel_function", "register_tool", "ai_function", "beta_tool"),
    *("register_function", "register_for_execution", "register_for_llm"),
    *("resource", "prompt", "call_tool", "list_tools", "read_resource", "get_prompt", "list_resources", "list_prompts"),
    *("system_prompt", "instructions", "output_validator", "output_function", "guardrail", "input_guardrail"),
    *("output_guardrail", "on_message", "on_chat_start", "on_chat_resume", "on_settings_update", "action_callback"),
    *("event", "message", "on", "errorhandler", "exception_handler", "middleware", "before_request", "after_request"),
    *("task", "shared_task", "defn", "actor", "job", "entrypoint", "view", "action", "step", "node", "listen"),
}
_STARTS = {"on_startup", "startup", "before_serving", "on_app_startup", "before_first_request"}
_START_NAMES = {"on_ready", "setup_hook", "on_startup"}
_COMMANDS = {"command", "group", "callback"}
_TAKING_COMMANDS = ("add_command", "set_defaults")
"""Calls that take a function for a command line: `cli.add_command(delete)`, `parser.set_defaults(func=delete)`."""
_CHATS = ("discord", "nextcord", "disnake", "slack_bolt", "aiogram", "telebot")
"""What calls its commands when somebody writes them in a chat."""
_REGISTERING = {
    *("add_node", "add_api_route", "add_url_rule", "add_route", "add_handler", "add_websocket_route", "register"),
    *("Route", "WebSocketRoute", "Mount", "Tool", "FunctionTool", "StructuredTool", "from_function", "from_defaults"),
    *("MessageHandler", "CommandHandler", "CallbackQueryHandler", "add_get", "add_post", "add_put", "add_delete"),
    *("add_tool", "add_function", "add_conditional_edges", "add_task", "RunnableLambda", "ChatInterface", "Interface"),
    *("click", "submit", "change", "path", "re_path", "url", "subscribe", "add_done_callback", "start_server", "serve"),
    *(
        "add_message_handler",
        "register_function",
        "create_react_agent",
        "create_agent",
        "Agent",
        "LlmAgent",
        "bind_tools",
    ),
}
"""Calls that take a function which will run in requests."""
_SERVED_CLASSES = re.compile(
    r"(Tool|Agent|Handler|View|ViewSet|Executor|Endpoint|Resource|Servicer|Middleware|Node|Flow|Crew|Workflow)(\[|$)"
)
"""Ends of names of base classes whose methods a framework calls in requests."""
_PLUMBING = {"__init__", "__post_init__", "__new__", "__init_subclass__", "setup", "initialize", "main", "start"}
_OPTIONS = (
    *("argparse", "optparse", "configargparse", "click", "typer", "fire", "docopt", "cyclopts", "absl.flags"),
    *("prompt_toolkit", "questionary", "inquirer", "InquirerPy", "rich.prompt", "readline", "cmd", "textual", "curses"),
)
"""What reads the command line, or talks to a person at a terminal."""
_SERVERS = (
    *("uvicorn", "flask", "fastapi", "starlette", "aiohttp.web", "gradio", "hypercorn", "http.server", "chainlit"),
    *("mcp.server", "fastmcp", "discord", "telegram", "slack_bolt", "websockets.server", "celery"),
    *("quart", "sanic", "litestar", "tornado.web", "bottle", "falcon", "nicegui", "websockets.serve", "aiogram"),
    *("telebot", "nextcord", "disnake", "grpc.aio.server", "livekit.agents", "azure.functions", "functions_framework"),
)
"""What serves requests or messages, whatever its command line says."""
_LAUNCHED = ("server_name", "server_port")
"""What only a page of Gradio's is launched with."""
PAGES = ("streamlit",)
"""What runs a whole file for each visit of its page, in a server of its own."""
_ENTRY_NAMES = {"lambda_handler", "handle_request", "do_GET", "do_POST", "do_PUT", "do_DELETE", "do_PATCH"}


@lru_cache(maxsize=64)  # one file is asked about again and again
def of_path(path: str, *, samples: bool = True) -> Moment | None:
    """The moment that a file's place alone tells; without `samples`, of a project that has nothing but a template."""
    if _TEST.search(path):
        return Moment.TEST
    return Moment.EXAMPLE if _EXAMPLE.search(path) or (samples and is_sample(path)) else None


def is_sample(path: str) -> bool:
    """Whether a Python file lies in a folder of what others copy: `templates/agent/main.py`."""
    return path.endswith(".py") and is_in_a_template(path)


def is_in_a_template(path: str) -> bool:
    """Whether a file of any kind lies in such a folder: for a page's or a chart's it says nothing."""
    return _TEMPLATE.search(path) is not None


def is_done_once(path: str) -> bool:
    """Whether a file's name says that a developer runs it to make something: `convert_products.py`."""
    return _ONCE.search(path) is not None


def is_loaded_by_name(path: str) -> bool:
    """Whether frameworks and packages load files of this name, and no import shows it: `settings.py`, `graph.py`."""
    return _LOADED.search(path) is not None


def is_for_a_terminal(path: str) -> bool:
    """Whether a file belongs to a program that a person starts at a terminal: `cli/deploy.py`."""
    return _TERMINAL.search(path) is not None


def of_function(module: Module, function: Function) -> Moment | None:
    """The moment that a function's own decorators, class and name tell; None where only its callers can."""
    if function.name in _START_NAMES:
        return Moment.START
    for decorator in function.decorator_list:
        if (moment := _of_decorator(module, decorator)) is not None:
            return moment
    if function.name in _ENTRY_NAMES:
        return Moment.REQUEST
    around = module.parent(function)
    if isinstance(around, ast.ClassDef) and function.name not in _PLUMBING:
        bases = [module.name(base) for base in around.bases if not isinstance(base, ast.Subscript)]
        bases += [module.name(base.value) for base in around.bases if isinstance(base, ast.Subscript)]
        written = [ast.unparse(base) for base in around.bases]
        if any(_SERVED_CLASSES.search(base) for base in (*bases, *written)):
            return Moment.REQUEST
    return None


def registered(module: Module) -> Iterator[tuple[ast.expr, Moment]]:
    """The functions that are handed to a framework, and when it calls them."""
    for call in module.methods(*_REGISTERING):
        for argument in (*call.node.args, *(each.value for each in call.node.keywords)):
            yield from ((each, Moment.REQUEST) for each in _flat(argument))
    for call in module.calls:
        if (own := _of_registering(module, call.node)) is not None:
            for argument in (*call.node.args, *(each.value for each in call.node.keywords)):
                yield from ((each, own) for each in _flat(argument))
    for keyword in module.all(ast.keyword):
        if keyword.arg in ("tools", "functions", "handlers", "func", "coroutine", "fn", "callback"):
            moment = Moment.COMMAND if _is_option(module, keyword) else Moment.REQUEST
            yield from ((each, moment) for each in _flat(keyword.value))
        elif keyword.arg in ("lifespan", "on_startup"):
            yield from ((each, Moment.START) for each in _flat(keyword.value))


def _is_option(module: Module, keyword: ast.keyword) -> bool:
    """`typer.Option(callback=…)`, `parser.set_defaults(func=…)`: called for what the command line says."""
    call = module.parent(keyword)
    if not isinstance(call, ast.Call):
        return False
    if keyword.arg == "func" and _written(call.func) == "set_defaults":
        return not serves(module)
    return keyword.arg == "callback" and module.name(call.func).startswith(("typer.", "click."))


def _of_registering(module: Module, call: ast.Call) -> Moment | None:
    """When what a call is handed runs, where the call only registers it: `app.command(name="delete")(delete_app)`.

    That is a decorator in another form; None for every other call.
    """
    if isinstance(call.func, ast.Call) and call.args:
        return _of_decorator(module, call.func)
    is_command = _written(call.func) in _TAKING_COMMANDS and not serves(module) and takes_options(module)
    return Moment.COMMAND if is_command else None


def _flat(value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(value, (ast.List, ast.Tuple)):
        for each in value.elts:
            yield from _flat(each)
    elif isinstance(value, ast.Dict):
        for each in value.values:
            yield from _flat(each)
    elif isinstance(value, (ast.Name, ast.Attribute)):
        yield value


def _of_decorator(module: Module, decorator: ast.expr) -> Moment | None:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = module.name(called)
    word = name.rpartition(".")[2] if not name.endswith(UNKNOWN) else _written(called)
    if word == "on_event":
        asked = module.call(decorator).text(0) if isinstance(decorator, ast.Call) else None
        return Moment.START if asked == "startup" else None
    if word in _STARTS:
        return Moment.START
    if word in _ROUTES:
        return Moment.REQUEST
    if word in _COMMANDS and (module.imports("click", "typer", "asyncclick", "cyclopts")):
        return Moment.COMMAND
    if word == "command" and module.imports(*_CHATS):
        return Moment.REQUEST
    return Moment.REQUEST if word in _TOOLS else None


def is_handler(module: Module, function: Function) -> bool:
    """Whether a framework calls a function for each request, by its decorator or its class."""
    is_decorated = bool(module.project.is_handler(module.names.of_definition(function)))
    return is_decorated or of_function(module, function) is Moment.REQUEST


def is_route(function: Function) -> bool:
    """Whether a web framework calls this function for a path of its own."""
    called = (each.func if isinstance(each, ast.Call) else each for each in function.decorator_list)
    return any(_written(each) in _ROUTES for each in called)


def _written(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def reads_command_line(module: Module) -> bool:
    """Whether the file takes options, or asks at a terminal."""
    return takes_options(module) or "input" in _called(module)


def takes_options(module: Module) -> bool:
    """Whether whoever starts the file says what it shall do."""
    return module.imports(*_OPTIONS) or "sys.argv" in module.source


def serves(module: Module) -> bool:
    """Whether the file has what waits for requests or messages."""
    return module.imports(*_SERVERS) or any(call.has(*_LAUNCHED) for call in module.methods("launch"))


def _called(module: Module) -> set[str]:
    return {node.func.id for node in module.all(ast.Call) if isinstance(node.func, ast.Name)}


def callees(module: Module, call: Call) -> Iterator[str]:
    """The dotted names that a call may run: what is called, and functions that it is handed."""
    yield call.name
    if _of_registering(module, call.node) is Moment.COMMAND:
        return  # what a command line may ask for is not run where it is named
    for argument in (*call.node.args, *(each.value for each in call.node.keywords)):
        # An object that is handed over is not made again.
        if isinstance(argument, (ast.Name, ast.Attribute)) and not (name := module.name(argument)).endswith("()"):
            yield name
