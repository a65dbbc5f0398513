"""Which calls ask something outside of the process: a database, a network, a model, a queue, another program, a file.

What only works in memory fails for its values' sake; what is asked outside fails on a bad day, and somebody has to see
it. A call is known by its library, by its verb (`execute`, `send_…`), by what it is called on (`client`, `cursor`), or
by being awaited; one of the project's own functions, by what that function does in its turn.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from roadworthy.scan.tree import home, parent

if TYPE_CHECKING:
    from roadworthy.scan.module import Call, Module

HERE = ""
"""Stands, among what a function calls, for something outside that it asks itself."""
UNLESS_OWN = "~"
DEEPEST = 4
"""Calls of the project's own that are followed: further down, something of everything is asked."""
BROAD = ("Exception", "BaseException", "")

_LIBRARIES = re.compile(
    r"^((requests|httpx)\.(\w+\(\)\.)?(get|post|put|patch|delete|head|options|request|stream|send)$"
    r"|urllib\.request\.url(open|retrieve)$|urllib3\.|smtplib\.SMTP|imaplib\.|ftplib\.|paramiko\.|socket\.create_connection$"
    r"|subprocess\.(run|call|check_call|check_output|Popen|getoutput|getstatusoutput)$|os\.(system|popen)$"
    r"|(psycopg2?|asyncpg|sqlite3|pymysql|MySQLdb|aiosqlite)\.connect$|litellm\.|ollama\.|replicate\.run$"
    r"|shutil\.(copy\w*|move|make_archive)$|os\.(replace|rename)$|load_dataset$)"
)
_SDKS = re.compile(
    r"^(wikipedia|feedparser|yfinance|arxiv|googlesearch|duckduckgo_search|ddgs|youtube_transcript_api|tweepy|praw|serpapi"
    r"|tavily|exa_py|firecrawl|newspaper|yt_dlp|gspread|boto3|stripe|twilio|sendgrid|resend|docker|kubernetes|github"
    r"|slack_sdk|notion_client|openai|anthropic|google\.genai|google\.generativeai|groq|cohere|mistralai)\."
    r"(.+\.)?(?!client$|resource$|from_env$|load_)[a-z]\w*$"
)
"""Methods and functions of libraries for one service; not their clients' making."""
_VERBS = frozenset(
    {
        *("execute", "executemany", "executescript", "execute_kw", "fetchrow", "fetchval", "fetchone", "fetchall"),
        *("commit", "bulk_insert", "bulk_write", "insert_one", "insert_many", "find_one", "update_one", "update_many"),
        *("delete_one", "delete_many", "replace_one", "find_one_and_update", "upsert", "put_item", "get_item"),
        *("put_object", "get_object", "head_object", "upload_file", "upload_fileobj", "download_file", "upload_blob"),
        *("urlopen", "sendmail", "publish", "xadd", "hset", "hgetall", "lpush", "rpush", "setex", "zadd"),
        *("apply_async", "send_task", "enqueue", "basic_publish"),
        *("invoke", "ainvoke", "generate_content", "generate_content_async", "completion", "acompletion", "kickoff"),
        *("embed_query", "embed_documents", "aembed_query", "aembed_documents", "similarity_search", "count_tokens"),
        *("asimilarity_search", "add_documents", "aadd_documents", "get_relevant_documents", "write_text"),
        *("write_bytes", "raise_for_status", "getconn", "to_csv", "to_excel", "to_parquet", "to_sql", "savefig"),
    }
)
"""Methods that ask something outside, whatever they are called on."""
_SENDS = re.compile(
    r"^_*a?(fetch|send|upload|download|publish|post|enqueue|upsert|persist|crawl|scrape|transcribe|invoke|dispatch_to)(_|$)"
)
"""How functions begin whose name says that something leaves, or comes from outside."""
_SERVICES = re.compile(
    r"^_*(\w+_)?(clients?|conn|connection|cursor|cur|db|database|redis|mongo|s3|bucket|api|http|server|repo|repository"
    r"|gateway|upstream|smtp|sftp|ssh|broker|producer|llm|jira|confluence|slack|github|gitlab|notion|discord|telegram"
    r"|stripe|twilio|gmail|salesforce|hubspot|zendesk|openai|anthropic|bedrock|dynamodb|firestore|supabase|qdrant|weaviate"
    r"|pinecone|milvus|elasticsearch|opensearch|neo4j|kafka|rabbitmq)$"
)
"""Names of what stands for something outside."""
_HOLDERS = re.compile(
    r"^_*(\w+_)?(service|store|storage|session|model|table|collection|agent|retriever|vectorstore|tool|crew|executor"
    r"|loader|search|wrapper|engine|objects)$"
)
"""Names of what may stand for it, if the method sounds so."""
_ASKS = re.compile(
    r"^_*a?(get|find|create|update|insert|save|put|add|merge|list|search|query|ask|run|call|load|send|fetch|write|post|scalars?|refresh"
    r"|flush|generate|complete|predict|translate|look)(_|$)"
)
_CREATING = (
    *("completions", "messages", "responses", "embeddings", "images", "threads", "runs", "assistants", "speech"),
    "transcriptions",
)
"""What a model's client makes."""
_IN_MEMORY = re.compile(
    r"^_*(is|has|supports|format|build|parse|validate|normali[sz]e|register|with|bind|set|reset|model)_"
    r"|^(get|pop|keys|values|items|append|setdefault|update|copy|split|strip|lower|upper|encode|decode|format|join"
    r"|add_(row|column|field|argument|node|edge|conditional_edges|handler|task|listener|route|middleware)"
    r"|json|dict|model_dump|model_validate|filter|order_by|where|limit|is_connected|cursor|get_bind|bind|tell|seek|add_done_callback)$"
)
"""Methods that only look at what is there, even on what stands for something outside."""
_CONTAINERS = ("dict", "defaultdict", "OrderedDict", "list", "set", "deque", "TTLCache", "LRUCache", "Queue")
_WAITS = re.compile(
    r"^(sleep|wait|acquire|get|put|join|drain|release|cancel|gather|event_result|checkpoint|json|form|body|text)$"
)
"""What is awaited within the process."""
_WRAPPERS = ("wait_for", "shield", "to_thread", "run_in_executor", "run_sync", "ensure_future", "create_task", "run")
"""What runs another call."""
_TELLS = frozenset(
    {
        *("log", "logs", "logger", "logging", "metric", "metrics", "telemetry", "analytics", "posthog", "sentry"),
        *("statsd", "span", "tracer", "tracing", "trace", "langfuse", "laminar", "obs", "observability", "mixpanel"),
        *("datadog", "otel", "opentelemetry", "prometheus", "heartbeat", "console", "warnings", "traceback"),
        *("progress", "spinner", "websocket", "websockets", "ws"),
    }
)
"""Words of names of what only tells how things go, or tells it to who may have gone away."""
_TELLING = re.compile(
    r"^_*(track|bump|observe|trace|log(?!_?(in|out|on)(_|$))|print|report_progress|emit_metric|record_metric|typing"
    r"|capture(?=_(event|exception|message)))(_|$)"
)
CLEANS = re.compile(
    r"(^|\.)(a?close|unlink|remove|rmtree|kill|terminate|shutdown|cancel|disconnect|cleanup|stop|quit|delete|flush"
    r"|release|killpg|rmdir|__exit__|__aexit__|unsubscribe|join|wait|logout|rollback|chmod)$"
)
"""Calls that end, or give up, what was in use."""
POLITE = re.compile(
    r"(^|\.)(trigger_typing|typing|send_typing|send_chat_action|send_action|add_reaction|remove_reaction"
    r"|wait_for_load_state|wait_for_timeout|set_attributes?|add_event|sleep)$"
)
"""Methods for looks and for good manners, without which all else goes on."""
_LOOKS_FOR = ("which", "where", "command", "whereis")
"""Programs that only tell whether another one is there."""


@lru_cache(maxsize=4096)
def is_telling(dotted: str) -> bool:
    """Whether a name is one of a log, of a metric, or of what else only tells how things go."""
    parts = dotted.replace("()", "").split(".")
    return _TELLING.search(parts[-1]) is not None or any(
        word in _TELLS for part in parts for word in part.lower().split("_")
    )


def asks_outside(module: Module, body: Iterable[ast.stmt], *, lets_out: bool = True) -> bool:
    """Whether these statements ask something outside of the process, whose errors come to who runs them.

    Without `lets_out`, whether they ask at all, caught or not.
    """
    nodes = _that_get_out(body) if lets_out else (each for part in body for each in ast.walk(part))
    return any(_asks(module, each) for each in nodes)


def asking_in(module: Module) -> dict[str, tuple[str, ...]]:
    """Function → what it calls whose errors it lets out, `HERE` alone where it surely asks outside itself.

    What asks outside unless the project has a function of this name begins with `UNLESS_OWN`.
    """
    caught = {
        node
        for around in module.all(ast.Try)
        if catches_all(around)
        for part in around.body
        for node in ast.walk(part)
        if isinstance(node, (ast.Call, ast.Await, ast.AsyncFor))
    }
    by_itself = (each for each in module.all(ast.Await, ast.AsyncFor) if _asks_by_itself(each))
    asking = {home(each) for each in by_itself if each not in caught}
    found: dict[ast.AST, set[str]] = defaultdict(set)
    own = f"{module.dotted}."
    for node in module.all(ast.Call):
        function = home(node)
        if function in asking or node in caught or _only_tells(module, node):
            continue
        seems = _seems_to_ask(module, node)
        names = [called for called in _called(module, node) if "." in called]
        if seems and (not names or names[0].startswith("?")) and not any(called.startswith(own) for called in names):
            asking.add(function)
        found[function].update(f"{UNLESS_OWN}{called}" if seems else called for called in names)
    return {
        module.scopes.inside(function).name: (HERE,) if function in asking else tuple(sorted(found[function]))
        for function in module.functions
        if function in asking or found[function]
    }


def _asks(module: Module, node: ast.AST) -> bool:
    if _asks_by_itself(node):
        return True
    if not isinstance(node, ast.Call) or _only_tells(module, node):
        return False
    known = [module.project.asks_outside(called) for called in _called(module, node)]
    return any(known) or (known[0] is None and _seems_to_ask(module, node))


def _asks_by_itself(node: ast.AST) -> bool:
    """`await task`, `async for`: what is waited for has its name elsewhere."""
    if isinstance(node, ast.Await):
        return isinstance(node.value, (ast.Name, ast.Attribute))
    return isinstance(node, ast.AsyncFor)


def _only_tells(module: Module, node: ast.Call) -> bool:
    """Whether it tells how things go, or gives up what was in use."""
    chain = _chain(node.func)
    if CLEANS.search(f".{chain[-1]}") or POLITE.search(f".{chain[-1]}"):
        return True
    return is_telling(".".join(chain)) or is_telling(module.call(node).name)


def _seems_to_ask(module: Module, node: ast.Call) -> bool:
    chain = _chain(node.func)
    call = module.call(node)
    return _is_known(call, chain) or _is_of_service(call, chain) or _is_awaited(node, chain)


def _called(module: Module, node: ast.Call) -> Iterator[str]:
    """What a call runs: its function, and, of one that runs another, that one."""
    yield module.call(node).name
    if _chain(node.func)[-1] in _WRAPPERS:
        yield from (module.name(each) for each in node.args if isinstance(each, (ast.Name, ast.Attribute)))


def _is_known(call: Call, chain: list[str]) -> bool:
    """Whether the library, or the verb, says that something outside is asked."""
    name = call.name
    if _SDKS.match(name):
        return True
    if _LIBRARIES.search(name):
        words = call.node.args[0] if call.node.args else None
        first = words.elts[0] if isinstance(words, ast.List) and words.elts else words
        return not (isinstance(first, ast.Constant) and str(first.value).partition(" ")[0] in _LOOKS_FOR)
    if name == "open" or name.endswith(("?.open", "pathlib.Path().open")):
        mode = call.constant(1 if name == "open" else 0, "mode")
        return isinstance(mode, str) and mode[:1] in ("w", "a", "x")
    *of, word = chain
    if _SENDS.search(word) or (of and word in _VERBS):
        return True
    return word in ("create", "parse", "stream") and bool(of) and of[-1] in _CREATING


def _is_of_service(call: Call, chain: list[str]) -> bool:
    """Whether it is a method of what stands for something outside, and does more than look at it."""
    *of, word = chain
    if not of:
        return word in ("llm", "chain", "qa_chain", "agent_executor")
    seems = any(_SERVICES.search(each) for each in of)
    if word == "get":  # of a server, by its address, or of a cache; not of a mapping, by a key written here
        key = call.constant(0)
        is_address = bool(call.node.args) and (not isinstance(key, (str, int)) or "/" in str(key))
        seems = _SERVICES.search(of[-1]) is not None or (is_address and _HOLDERS.search(of[-1]) is not None)
    elif _IN_MEMORY.search(word):
        return False
    elif not seems:
        seems = _HOLDERS.search(of[-1]) is not None and _ASKS.search(word) is not None
    return seems and not _is_container(call)


def _is_container(call: Call) -> bool:
    """`store = {}`: what is called so lies in the process."""
    function = call.node.func
    made = call.module.names.value(function.value) if isinstance(function, ast.Attribute) else None
    if isinstance(made, ast.Call):
        return isinstance(made.func, (ast.Name, ast.Attribute)) and _chain(made.func)[-1] in _CONTAINERS
    return isinstance(made, (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp))


def _is_awaited(node: ast.Call, chain: list[str]) -> bool:
    """Whether it is awaited, and not for something in the process."""
    around = parent(node)
    while isinstance(around, ast.Call) and _chain(around.func)[-1] in _WRAPPERS:
        around = parent(around)
    if not isinstance(around, ast.Await) or _WAITS.search(chain[-1]):
        return False
    return chain[-1] not in _WRAPPERS or any(isinstance(each, (ast.Name, ast.Attribute)) for each in node.args)


def _chain(node: ast.expr) -> list[str]:
    """The names of `self._client.send(…).get`, from the left: `self`, `_client`, `send`, `get`."""
    found: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            found.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, (ast.Subscript, ast.Await)):
            node = node.value
        else:
            found.append(node.id if isinstance(node, ast.Name) else "?")
            return found[::-1]


def _that_get_out(body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of statements, without those of functions defined there and of what catches its own errors."""
    stack: list[ast.AST] = [*body]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if isinstance(node, ast.Try) and catches_all(node):
            stack += [*node.orelse, *node.finalbody]
            stack += [each for handler in node.handlers for each in handler.body]
            continue
        stack += ast.iter_child_nodes(node)


def catches_all(around: ast.Try) -> bool:
    """Whether no error of any kind gets out of its body."""
    for handler in around.handlers:
        kind = ast.unparse(handler.type) if handler.type is not None else ""
        if kind in BROAD:
            return not any(isinstance(each, ast.Raise) for part in handler.body for each in ast.walk(part))
    return False
