"""Whether a call asks something outside of the process: a model, a web address, a database; followed into functions."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roadworthy.scan.module import Module
    from roadworthy.scan.scopes import Function

DEEPEST = 4
"""Calls from function to function that are followed."""
BOUNDS = ("Semaphore", "BoundedSemaphore", "CapacityLimiter", "Limiter", "AsyncLimiter", "TaskPool")
"""What bounds how many run at once, by the last word of its name."""
_LIBRARIES = re.compile(
    r"^(requests|httpx|aiohttp|urllib\.request|openai|anthropic|litellm|google\.(genai|generativeai|cloud)|groq|cohere|"
    r"mistralai|ollama|boto3|aioboto3|asyncpg|psycopg|psycopg2|aiomysql|motor|pymongo|redis|elasticsearch|opensearchpy|"
    r"qdrant_client|pinecone|weaviate|chromadb|pymilvus|neo4j|supabase|tavily|exa_py|firecrawl|langchain\w*|langgraph|"
    r"llama_index|crewai|autogen\w*|agents|pydantic_ai|dspy|sqlalchemy|azure)\."
)
"""Libraries whose objects ask something outside."""
_QUIET = re.compile(
    r"\.(\w*Error|\w*Exception|Timeout|Limits|\w*Message|\w*Template|from_messages|from_template|Document|Field|"
    r"\w*Semaphore|\w*Splitter|\w*Parser|text|select|json|aclose|close|raise_for_status)(\(\))?$"
)
"""Ends of names of a library's that ask nothing."""
_MODEL = re.compile(
    r"\.(completions\.create|responses\.create|messages\.create|embeddings\.create|generate_content(_async)?|a?invoke|"
    r"acompletion|agenerate|apredict|arun|acall|kickoff(_async)?|a?embed_(query|documents)|a?query_points|"
    r"similarity_search(_with_score)?|get_relevant_documents|call_tool|tool_call)$"
)
"""Ends of names of calls to a model or a tool server, whatever they are called on."""
_ASKED = re.compile(
    r"client|llm|model|(^|[._])api|http|session|index|store|(^|[._])db|database|collection|agent|crew|chain|retriever|"
    r"search|provider|service|repo|embed|rerank|translat|summar|openai|anthropic|gemini|redis|conn|graph|scrap|crawl|"
    r"fetch|assistant|mcp|server|vector|bucket|blob|storage"
)
"""Words in what is asked, in lower case."""
_HERE = re.compile(
    r"cdp|(^|[._])tab|(^|[._])page|frame(s|_|$)|browser|transport|queue|event_bus|websocket|cache|loop|future|window|(^|[._])lock|"
    r"logger|writer|locator|registry"
)
"""Words in what is in this process, or beside it, in lower case."""
_VERB = re.compile(
    r"^_?a?(ask|search|get|post|put|patch|delete|fetch|request|query|run|generate|complete|completion|create|embed|"
    r"summari[sz]e|insert|upsert|update|execute|send|scrape|crawl|download|upload|look_?up|predict|chat|translate|"
    r"rerank|rank|classify|extract|analy[sz]e|call|find|retrieve|evaluate|add|save|read|write|process|answer|describe|"
    r"score)(_|$)"
)
"""Beginnings of what it is asked, in lower case."""


def asks_by_name(name: str) -> bool:
    """Whether what has this dotted name, a library's or a method, asks something outside."""
    if _QUIET.search(name):
        return False
    is_method = "()." in name or name.count(".") == 1
    return (_LIBRARIES.search(name) is not None and is_method) or _MODEL.search(name) is not None


def asks(module: Module, called: ast.expr, depth: int = 0) -> bool:
    """Whether what is called asks a model, a web address or a database, itself or by functions that it calls.

    Known by a library's name, by the words of what it is called on (`client.search`), or by the project's functions
    that are followed. A file on the way that makes a semaphore bounds what is asked: then it counts as none.
    """
    if isinstance(called, ast.Attribute) and _HERE.search(_receiver(module, called)):
        return False
    name = module.name(called)
    if asks_by_name(name):
        return True
    own = _functions(module).get(name.replace("()", ""))
    if own is not None and not _says_only(own):
        calls = (each for each in ast.walk(own) if isinstance(each, ast.Call))
        return depth < DEEPEST and any(asks(module, each.func, depth + 1) for each in calls)
    if own is None and module.project.owns(name.replace("()", "")):
        return bool(module.project.asks_unbounded(name))
    if not isinstance(called, ast.Attribute):
        return False
    return _VERB.search(called.attr.lower()) is not None and _ASKED.search(_receiver(module, called)) is not None


def _receiver(module: Module, called: ast.Attribute) -> str:
    """What it is called on, in lower case; of `self` the class."""
    around = module.scope(called).class_around
    if isinstance(called.value, ast.Name) and called.value.id == "self" and around is not None:
        return around.name.lower()
    return ast.unparse(called.value).lower()


def _says_only(function: Function) -> bool:
    """Whether it only says what others must do."""
    return all(isinstance(each, (ast.Expr, ast.Pass, ast.Raise)) for each in function.body) and not any(
        isinstance(each, ast.Await) for each in ast.walk(function)
    )


def _functions(module: Module) -> dict[str, Function]:
    found: dict[str, Function] | None = module.remembered.get("functions by name")
    if found is None:
        named = ((module.names.of_definition(each), each) for each in module.functions)
        found = module.remembered["functions by name"] = dict(named)
    return found
